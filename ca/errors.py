"""What can go wrong when certificates, status or time are asked for.

CaError
    CaRefused                    the caller can act; safe to show
        RequestRefused           CSR not signed by its key, weak or known key, names that do not fit
        LintObjected             a rule of ours or of pkilint speaks against the draft; nothing was signed
        RevocationRefused        unknown serial, reason not allowed, already final
    CaUnavailable                our side; for the log only
        ClockNotProven           nobody vouches for the clock now: no timestamp is made
        TokenOfAnotherIssuer     an issuance token came to the wrong issuer
        TokenAlreadyRedeemed     an issuance token came twice
        IssuedOtherThanPrepared  what the CA key signed is not what was linted; the intent is abandoned
        SigningKeyUnavailable    the CA, OCSP or TSU key does not answer
        LogRefused               the certificate log refuses: a serial twice, or a move that the states forbid
        Misconfigured            a certificate does not fit its role or its key
"""

__all__ = [
    "CaError",
    "CaRefused",
    "CaUnavailable",
    "ClockNotProven",
    "IssuedOtherThanPrepared",
    "LintObjected",
    "LogRefused",
    "Misconfigured",
    "RequestRefused",
    "RevocationRefused",
    "SigningKeyUnavailable",
    "TokenAlreadyRedeemed",
    "TokenOfAnotherIssuer",
]


class CaError(Exception):
    """Base of everything that this package raises on purpose."""


class CaRefused(CaError):
    """The caller can act. `str(error)` is safe to show."""

    def __init__(self, message: str, *, field: str, reason: str) -> None:
        super().__init__(message)
        self.field = field
        self.reason = reason


class RequestRefused(CaRefused):
    """The request for a certificate cannot be granted as it is."""


class LintObjected(CaRefused):
    """At least one lint found an error or a warning in the draft."""


class RevocationRefused(CaRefused):
    """This certificate cannot be revoked so."""


class CaUnavailable(CaError):
    """Our side failed."""


class ClockNotProven(CaUnavailable):
    """Nobody vouches for the clock at this moment, so no timestamp is made; the text says why."""


class TokenOfAnotherIssuer(CaUnavailable):
    """An issuance token is good at the issuer that prepared it, and nowhere else."""


class TokenAlreadyRedeemed(CaUnavailable):
    """An issuance token is good for one certificate."""


class IssuedOtherThanPrepared(CaUnavailable):
    """The to-be-signed bytes of draft and certificate differ, or the signature does not verify."""


class SigningKeyUnavailable(CaUnavailable):
    """A CA, OCSP or TSU key does not answer."""


class LogRefused(CaUnavailable):
    """The certificate log refuses: a serial number for the second time, or a move that the states forbid."""


class Misconfigured(CaUnavailable):
    """A certificate or key does not fit the role that the settings give it; the text names the fix."""
