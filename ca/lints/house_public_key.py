"""House rule on ETSI TS 119 312: the subject's key lies on a curve of the profile and is nobody else's."""

from collections.abc import Iterator

from cryptography.hazmat.primitives.asymmetric import ec

from ca.key_policy import is_publicly_known
from ca.lints.model import Candidate, Finding


def house_public_key(candidate: Candidate) -> Iterator[Finding]:
    """EC, on one of the profile's curves, and not a key whose private half stands in a book."""
    public_key = candidate.certificate.public_key()
    if not isinstance(public_key, ec.EllipticCurvePublicKey) or public_key.curve.name not in candidate.profile.curves:
        yield Finding(code="house.public_key", detail=f"{candidate.profile} wants a key on another curve")
    elif is_publicly_known(public_key):
        yield Finding(code="house.public_key", detail="the private half of this key is publicly known")
