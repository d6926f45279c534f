"""`credentials/authorize` and `credentials/extendTransaction`: for seals; a person approves on our own page."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from api.faces.csc.algorithms import digest_algorithm, read_digests
from api.faces.csc.asked import Asked
from api.faces.csc.credentials import PIN
from api.faces.csc.errors import CscError, bad_value, invalid, missing
from api.faces.csc.fields import Face
from signer.authorisation import AuthorisedDigest
from signer.errors import ActivationRefused
from signer.model import Secret
from signer.seal_model import Refusal

_WRONG: Final = {
    Face.V1: ("invalid_pin", "The PIN is invalid"),
    Face.V2: ("invalid_authentication_data", "The authentication data is invalid"),
}
_LOCKED: Final = {Face.V1: "PIN locked", Face.V2: "Credential locked"}
_FIELD: Final = {Face.V1: ("string", PIN), Face.V2: ("array", "authData")}


def authorize(asked: Asked) -> dict[str, Any]:
    """A new SAD of a seal that is lent to the client."""
    count: int = asked.values["numSignatures"]
    if count < 1:
        raise invalid("Invalid value for parameter numSignatures")
    digests = asked_digests(asked)
    if (digests and len({each.value for each in digests}) != count) or len(digests) not in (0, count):
        raise invalid("numSignatures does not match the number of hashes")
    with _about_the_pin(asked.face):
        granted = asked.services.remote.authorise_seal(
            asked.caller, asked.text("credentialID"), count, digests, origin=f"csc/{asked.face}", pin=_pin(asked)
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


def _pin(asked: Asked) -> Secret | None:
    """What was entered; `None` where nothing was. Only a PIN ever is: what else comes would be believed to have been
    checked."""
    if asked.face is Face.V1:
        if asked.values["OTP"] is not None:
            raise bad_value("OTP")
        given = asked.values[PIN]
    else:
        entered = asked.values["authData"] or ()
        if not entered:
            return None
        given = entered[0].get("value")
        if len(entered) != 1 or entered[0].get("id") != PIN or not isinstance(given, str) or not given:
            raise bad_value("authData")
    return None if given is None else Secret(given)


@contextmanager
def _about_the_pin(face: Face) -> Iterator[None]:
    """What the core says of a PIN, in the words of either version."""
    try:
        yield
    except ActivationRefused as refused:
        match refused.reason:
            case Refusal.PIN_WRONG:
                raise CscError(*_WRONG[face]) from None
            case Refusal.PIN_LOCKED:
                raise invalid(_LOCKED[face]) from None
            case Refusal.PIN_NEEDED:
                raise missing(*_FIELD[face]) from None
            case Refusal.PIN_NONE:
                raise bad_value(_FIELD[face][1]) from None
        raise
