"""The nouns of remote signing: who calls, what is seen of a credential, and the words for why nothing is signed."""

from dataclasses import dataclass
from enum import StrEnum

from signer.authorisation import Authorisation
from signer.model import Credential, SignatureLevel, ValidationData


class RemoteRefusal(StrEnum):
    """Why nothing is signed, as `reason` of an error; stable words."""

    SAD = "sad"
    """Unknown, spent, revoked, of another caller or credential: one word for all of them."""
    SAD_EXPIRED = "sad-expired"
    DIGEST = "digest"
    """Not covered, or used up."""
    PERSONAL = "personal"
    """A person authorises this on our page."""
    TOO_MANY = "too-many"
    ASSIGNED = "not-assigned"
    """The seal is not, or not any more, lent to this client, or not from there."""
    CERTIFIED = "certification"
    """The document bears a signature, and a certification is only ever the first."""


class CertificateStanding(StrEnum):
    """How a certificate stands at this moment."""

    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"
    SUSPENDED = "suspended"
    """On hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls, after the access token was believed."""

    client_id: str
    user_id: str | None
    """The signatory whose login stands behind it; `None` where the client speaks for itself."""
    address: str | None
    """From where, as the socket or a trusted proxy says."""
    authorisation: Authorisation | None = None
    """Behind the token itself, where it is of the scope `credential`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteCredential:
    """A credential as its callers see it."""

    credential: Credential
    standing: CertificateStanding
    enabled: bool
    """Whether its key signs now."""
    most: int
    """Signatures of one authorisation."""
    pin: bool = False
    """Whether it is a seal that is used with a PIN."""

    @property
    def scal(self) -> int:
        """2 where every digest is approved with two factors: a person's."""
        return 1 if self.credential.is_seal else 2


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedDigest:
    """A detached signature over a digest."""

    cms: bytes
    """ContentInfo, DER."""
    validation: ValidationData | None
    """What a document security store has to hold; present from B-LT on, and where asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestWish:
    """One digest of a byte range that is to be signed."""

    digest: bytes
    level: SignatureLevel
