"""`credentials/authorize` and `credentials/extendTransaction`: for seals; a person approves on our own page."""

from typing import Any, Final

from api.faces.csc.algorithms import digest_algorithm, read_digests
from api.faces.csc.asked import Asked
from api.faces.csc.errors import bad_value, invalid, missing
from api.faces.csc.fields import Face
from signer.authorisation import AuthorisedDigest

_FACTORS: Final = ("PIN", "OTP")


def authorize(asked: Asked) -> dict[str, Any]:
    """A new SAD of a seal that is lent to the client."""
    count: int = asked.values["numSignatures"]
    if count < 1:
        raise invalid("Invalid value for parameter numSignatures")
    digests = asked_digests(asked)
    if (digests and len({each.value for each in digests}) != count) or len(digests) not in (0, count):
        raise invalid("numSignatures does not match the number of hashes")
    _require_no_factor(asked)
    granted = asked.services.remote.authorise_seal(
        asked.caller, asked.text("credentialID"), count, digests, origin=f"csc/{asked.face}"
    )
    return {"SAD": granted.sad.reveal(), "expiresIn": granted.seconds}


def extend_transaction(asked: Asked) -> dict[str, Any]:
    """Another SAD in place of the one before."""
    digests = asked_digests(asked)
    granted = asked.services.remote.extend(asked.caller, asked.text("credentialID"), asked.sad(), digests)
    return {"SAD": granted.sad.reveal(), "expiresIn": granted.seconds}


def asked_digests(asked: Asked) -> tuple[AuthorisedDigest, ...]:
    """The digests of the request; none where it names none. Their purpose stays open."""
    if asked.face is Face.V1:
        texts, algorithm = asked.values["hash"], None
    else:
        texts, oid = asked.values["hashes"], asked.values["hashAlgorithmOID"]
        if texts is not None and oid is None:
            raise missing("string", "hashAlgorithmOID")
        algorithm = None if oid is None else digest_algorithm(oid, "hashAlgorithmOID")
    return () if texts is None else read_digests(texts, algorithm)


def _require_no_factor(asked: Asked) -> None:
    """No seal of this house has a PIN: one that is sent would be believed to have been checked."""
    names = _FACTORS if asked.face is Face.V1 else ("authData",)
    for name in names:
        if asked.values[name]:
            raise bad_value(name)
