"""The only code in which a CA key signs a certificate.

The way to the key leads through a token, and a token opens the door once:

    token = issuer.prepare(draft, lints)   # signed by a throw-away key, linted, nothing else happened
    ...                                    # the caller stores token.tbs
    certificate = issuer.issue(token)      # signed by the CA key, compared with what was linted
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from ca.drafts import Draft, IssuerIdentity, draft_of, validity_of
from ca.errors import (
    IssuedOtherThanPrepared,
    Misconfigured,
    TokenAlreadyRedeemed,
    TokenOfAnotherIssuer,
)
from ca.lints import Candidate, CertificateLint, check
from ca.model import PkiNames
from ca.profiles import Profile
from ca.signing import hash_for, holds, key_in_use

MINIMUM_LIFE: Final = timedelta(days=30)
"""A CA whose certificate ends sooner is not set up for issuing any more."""

ThrowAwayKeys = Callable[[ec.EllipticCurve], ec.EllipticCurvePrivateKey]


class IssuanceToken:
    """Proof that `issuer` prepared this draft and no lint objected. Good for one certificate."""

    def __init__(self, issuer: "CertificateSigner", draft: Draft, tbs: bytes) -> None:
        self._issuer, self._drafts = issuer, [draft]
        self.serial = draft.serial
        self.tbs = tbs
        """The to-be-signed bytes that were linted."""

    def redeem(self, issuer: "CertificateSigner") -> Draft:
        """The draft, once. Raises `TokenOfAnotherIssuer`, `TokenAlreadyRedeemed`."""
        if issuer is not self._issuer:
            raise TokenOfAnotherIssuer(f"this token was prepared by {self._issuer.identity.id}")
        try:
            return self._drafts.pop()  # one atomic step: two threads cannot both win
        except IndexError:
            raise TokenAlreadyRedeemed(f"the token for serial {self.serial:x} was redeemed before") from None


class CertificateSigner:
    """A key that may sign certificates in the name of `identity`."""

    def __init__(
        self,
        *,
        identity: IssuerIdentity,
        key: ec.EllipticCurvePrivateKey,
        names: PkiNames,
        throw_away_key: ThrowAwayKeys = ec.generate_private_key,
    ) -> None:
        self.identity = identity
        self._key = key
        self._names = names
        self._throw_away_key = throw_away_key
        hash_for(key.curve)

    @property
    def names(self) -> PkiNames:
        """Whose hierarchy this is and where it publishes."""
        return self._names

    def check(self, profile: Profile, at: datetime) -> None:
        """Whether a certificate of `profile` can be issued at `at`. Raises `Misconfigured`."""
        validity_of(profile, self.identity, at)

    def draft(
        self, profile: Profile, *, serial: int, subject: x509.Name, public_key: ec.EllipticCurvePublicKey, at: datetime
    ) -> Draft:
        """Everything that the certificate will say; `at` is aware, UTC, in whole seconds. Raises `Misconfigured`."""
        return draft_of(
            issuer=self.identity,
            profile=profile,
            names=self._names,
            serial=serial,
            subject=subject,
            public_key=public_key,
            at=at,
        )

    def prepare(self, draft: Draft, *, lints: Sequence[CertificateLint], at: datetime) -> IssuanceToken:
        """Sign `draft` with a throw-away key of the CA key's curve and lint it. The CA key is not touched.

        Raises `LintObjected` with the codes of all findings; `Misconfigured` where there is no lint at all.
        """
        if not lints:
            raise Misconfigured("no lints: nothing would be checked; pass ca.lints.CERTIFICATE_LINTS")
        certificate = draft.signed_by(self._throw_away_key(self._key.curve))
        candidate = Candidate(
            certificate=certificate, profile=draft.profile, issuer=self.identity, names=self._names, at=at
        )
        check(candidate, lints, field="certificate")
        return IssuanceToken(self, draft, certificate.tbs_certificate_bytes)

    def issue(self, token: IssuanceToken) -> x509.Certificate:
        """Redeem `token`: sign its draft with the CA key, and compare the result with what was linted.

        Raises `SigningKeyUnavailable` or `IssuedOtherThanPrepared`. After either, a signature may exist somewhere, so
        the caller abandons the serial number and never asks for it again.
        """
        draft = token.redeem(self)
        with key_in_use(f"certificate {draft.serial:x} of {self.identity.id}"):
            certificate = draft.signed_by(self._key)
        if certificate.tbs_certificate_bytes != token.tbs:
            raise IssuedOtherThanPrepared(f"serial {draft.serial:x}: the to-be-signed bytes differ")
        if not holds(self._key.public_key(), certificate.signature, token.tbs):
            raise IssuedOtherThanPrepared(f"serial {draft.serial:x}: the signature does not verify")
        _compare(certificate, draft)
        return certificate


class Issuer(CertificateSigner):
    """A certification authority with its certificate: the root, or an issuing CA."""

    def __init__(
        self,
        *,
        id: str,
        certificate: x509.Certificate,
        key: ec.EllipticCurvePrivateKey,
        chain: tuple[x509.Certificate, ...],
        names: PkiNames,
        now: Callable[[], datetime],
        throw_away_key: ThrowAwayKeys = ec.generate_private_key,
        minimum_life: timedelta = MINIMUM_LIFE,
    ) -> None:
        """`chain` holds the issuers of `certificate`, its own issuer first, the root last; empty for a root.
        `minimum_life`: how long it has to be valid still; nothing where it issues its last responders alone.

        Raises `Misconfigured` where certificate, key and chain do not make a certification authority.
        """
        check_authority(certificate, chain)
        if certificate.public_key() != key.public_key():
            raise Misconfigured(f"{id}: the key is not the certificate's; look at the key label in the settings")
        if certificate.not_valid_after_utc - now() < minimum_life:
            raise Misconfigured(f"{id}: ends on {certificate.not_valid_after_utc:%Y-%m-%d}; set up its successor")
        self.certificate = certificate
        self.chain = chain
        identity = IssuerIdentity(
            id=id,
            name=certificate.subject,
            key_identifier=key_identifier(certificate),
            not_after=certificate.not_valid_after_utc,
        )
        super().__init__(identity=identity, key=key, names=names, throw_away_key=throw_away_key)

    def check(self, profile: Profile, at: datetime) -> None:
        """A root issues CAs and nothing else; an issuing CA issues everything but CAs."""
        may_issue_authorities = _path_length(self.certificate) != 0
        if profile.is_authority != may_issue_authorities:
            raise Misconfigured(f"{self.identity.id} does not issue {profile}: ask the CA one level up or down")
        super().check(profile, at)


class NewRoot(CertificateSigner):
    """A root that has no certificate yet and makes its own. Used once, in the ceremony."""

    def __init__(self, *, id: str, name: x509.Name, key: ec.EllipticCurvePrivateKey, names: PkiNames) -> None:
        identity = IssuerIdentity(id=id, name=name, key_identifier=None, not_after=None)
        super().__init__(identity=identity, key=key, names=names)


def check_authority(certificate: x509.Certificate, chain: tuple[x509.Certificate, ...]) -> None:
    """Raise `Misconfigured` unless this is a CA certificate with a verified chain to a self-signed root."""
    subject = certificate.subject.rfc4514_string()
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        path_length = _path_length(certificate)
    except x509.ExtensionNotFound:
        raise Misconfigured(f"{subject} is no CA: it has no key usage or basic constraints") from None
    if not usage.key_cert_sign or not usage.crl_sign:
        raise Misconfigured(f"{subject}: key usage must have keyCertSign and cRLSign")
    if chain and path_length != 0:
        raise Misconfigured(f"{subject}: the path length of an issuing CA must be 0")
    issuers = (*chain, chain[-1] if chain else certificate)
    for issued, by in zip((certificate, *chain), issuers, strict=True):
        try:
            issued.verify_directly_issued_by(by)
        except Exception as failure:
            raise Misconfigured(f"{subject}: the chain is broken or out of order; its issuer first") from failure


def key_identifier(certificate: x509.Certificate) -> bytes:
    """The subject key identifier. Raises `Misconfigured` where there is none."""
    try:
        return certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    except x509.ExtensionNotFound:
        raise Misconfigured(f"{certificate.subject.rfc4514_string()} has no subject key identifier") from None


def _path_length(certificate: x509.Certificate) -> int | None:
    constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    if not constraints.ca:
        raise Misconfigured(f"{certificate.subject.rfc4514_string()} is no CA")
    return constraints.path_length


def _compare(certificate: x509.Certificate, draft: Draft) -> None:
    """Step 7: read the certificate again and compare it with the template."""
    said = (certificate.serial_number, certificate.subject, certificate.issuer, certificate.public_key())
    if said != (draft.serial, draft.subject, draft.issuer.name, draft.public_key):
        raise IssuedOtherThanPrepared(f"serial {draft.serial:x}: it does not say what the draft says")
