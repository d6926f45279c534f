"""What the core refuses, in the words of the specification (1.0.4.0, 10.1; 2.0.0.2, 10.1)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from api.faces.csc.errors import CscError, bad_value, invalid
from signer.errors import (
    ActivationRefused,
    CredentialUnknown,
    CredentialUnusable,
    DocumentRefused,
    QuotaExceeded,
    Refused,
    TextRefused,
)
from signer.remote_model import CertificateStanding, RemoteRefusal
from signer.seal_model import Refusal

_SIGN_DOC: Final = "signatures/signDoc"
_EXTEND: Final = "credentials/extendTransaction"
_SAD: Final = "Invalid parameter SAD"
_TOO_MANY: Final = "Numbers of signatures is too high"
_NOT_FIRST: Final = (
    "Certification has to be the first signature of a document, and this one bears a signature already:"
    " send signed_envelope_property Revision"
)
_DESCRIBED: Final[dict[str, str]] = {
    RemoteRefusal.SAD: _SAD,
    RemoteRefusal.SAD_EXPIRED: "SAD expired",
    RemoteRefusal.DIGEST: "Hash is not authorized by the SAD",
    RemoteRefusal.PERSONAL: "credential is authorized through oauth2/authorize",
    RemoteRefusal.TOO_MANY: _TOO_MANY,
    Refusal.USED_UP: _TOO_MANY,
}
_NOT_LENT: Final[tuple[str, ...]] = (
    RemoteRefusal.ASSIGNED,
    Refusal.NOT_ACTIVE,
    Refusal.DEACTIVATED,
    Refusal.EXPIRED,
    Refusal.NETWORK,
)


@contextmanager
def in_their_words(method: str) -> Iterator[None]:
    """Refusals of the core leave as `CscError`; what is our fault passes through."""
    try:
        yield
    except QuotaExceeded:
        raise
    except Refused as error:
        raise _told(error, method) from error


def _told(error: Refused, method: str) -> CscError:
    match error:
        case ActivationRefused():
            return _of_authorisation(error, method)
        case CredentialUnknown():
            return bad_value("credentialID")
        case CredentialUnusable() if error.reason != CertificateStanding.EXPIRED:
            return invalid("The credential identified by credentialID is disabled")
        case DocumentRefused(reason="not-first"):
            return invalid(_NOT_FIRST)
        case TextRefused():
            return bad_value("signed_props")
    return invalid(str(error))


def _of_authorisation(error: ActivationRefused, method: str) -> CscError:
    if error.reason == RemoteRefusal.DIGEST and method == _SIGN_DOC:
        return CscError("invalid_hash", "Document or documentDigest does not match authorized hash", status=403)
    if error.reason == RemoteRefusal.PERSONAL and method == _EXTEND:
        return invalid("extendTransaction is not available for this credential")
    if error.reason in _NOT_LENT:
        return CscError("unauthorized_client", "The client may not use this credential from here, or not any more")
    return invalid(_DESCRIBED.get(error.reason, _SAD))
