"""`authorization_details` (RFC 9396) of the two types that CSC knows: read, compared by what they mean, given back."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from api.oauth.digests import ALGORITHM_OF_OID, LENGTHS, read_digest, write_digest
from api.oauth.refusals import OAuthRefused
from signer.authorisation import AuthorisedDigest, Purpose

CREDENTIAL: Final = "credential"
CREDENTIAL_2025: Final = "https://cloudsignatureconsortium.org/2025/credential"
TYPES: Final = (CREDENTIAL, CREDENTIAL_2025)
_PURPOSES: Final = {"sdr": Purpose.SDR, "dtbsr": Purpose.DTBSR}


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialDetails:
    """One object: a credential and the digests that it shall sign."""

    type: str
    credential_id: str | None
    qualifier: str | None
    algorithm: str
    digests: tuple[AuthorisedDigest, ...]
    count: int | None
    """As the client said it."""
    spelled: tuple[str | None, ...]
    """Each `hashType` as the client spelled it."""

    def echo(self, credential_id: str) -> dict[str, Any]:
        """What the token endpoint gives back (RFC 9396, 7), with everything that was resolved."""
        return {
            "type": self.type,
            "credentialID": credential_id,
            "numSignatures": len(self.digests),
            "hashAlgorithmOID": next(oid for oid, name in ALGORITHM_OF_OID.items() if name == self.algorithm),
            "documentDigests": [
                {
                    "hash": write_digest(bytes.fromhex(each.value)),
                    **({} if each.label is None else {"label": each.label}),
                    **({} if spelled is None else {"hashType": spelled}),
                }
                for each, spelled in zip(self.digests, self.spelled, strict=True)
            ],
        }

    def means(self, granted: "CredentialDetails", credential_id: str) -> bool:
        """Whether this says the same as what was granted for that credential: the digests as a set of octets."""
        named = self.credential_id in (None, credential_id)
        return named and self.type == granted.type and _set(self) == _set(granted)


def read_details(text: str) -> CredentialDetails:
    """The one object of a JSON array; raises `OAuthRefused` `invalid_authorization_details`."""
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        _refuse("authorization_details is not JSON")
    if not isinstance(given, list) or len(given) != 1 or not isinstance(given[0], dict):
        _refuse("authorization_details must be an array of exactly one object")
    return _credential(given[0])


def _credential(given: Mapping[str, Any]) -> CredentialDetails:
    kind = given.get("type")
    if kind not in TYPES:
        _refuse("Unknown type of authorization_details")
    credential_id, qualifier = _text(given, "credentialID"), _text(given, "signatureQualifier")
    if credential_id is None and qualifier is None:
        _refuse("Missing (or invalid type) string parameter credentialID")
    algorithm = ALGORITHM_OF_OID.get(_text(given, "hashAlgorithmOID") or "")
    if algorithm is None:
        _refuse("Invalid parameter hashAlgorithmOID")
    listed = given.get("documentDigests")
    if not isinstance(listed, list) or not listed:
        _refuse("Missing (or invalid type) array parameter documentDigests")
    read = [_digest(each, kind, algorithm) for each in listed]
    return CredentialDetails(
        type=kind,
        credential_id=credential_id,
        qualifier=qualifier,
        algorithm=algorithm,
        digests=tuple(digest for digest, _ in read),
        count=_count(given, kind),
        spelled=tuple(spelled for _, spelled in read),
    )


def _digest(given: Any, kind: str, algorithm: str) -> tuple[AuthorisedDigest, str | None]:
    if not isinstance(given, dict):
        _refuse("Missing (or invalid type) array parameter documentDigests")
    octets = read_digest(_text(given, "hash") or "")
    if octets is None:
        _refuse("Invalid Base64 hash string parameter")
    if len(octets) != LENGTHS[algorithm]:
        _refuse("Invalid digest value length")
    label, spelled = _text(given, "label"), _text(given, "hashType")
    if label is None and kind == CREDENTIAL:
        _refuse("Missing (or invalid type) string parameter label")
    purpose = _PURPOSES.get(spelled.lower()) if spelled is not None else None
    if spelled is not None and purpose is None:
        _refuse("Invalid parameter hashType")
    if spelled is None and kind == CREDENTIAL_2025:
        purpose = Purpose.DTBSR  # the type's default; for the older type it is open
    return AuthorisedDigest(value=octets.hex(), purpose=purpose, label=label), spelled


def _count(given: Mapping[str, Any], kind: str) -> int | None:
    """`numSignatures` of the newer type; the older one has none: it is the number of digests."""
    if kind == CREDENTIAL:
        return None
    count = given.get("numSignatures")
    if isinstance(count, str) and count.isascii() and count.isdigit() and len(count) <= len("100"):
        return int(count)
    if not isinstance(count, int) or isinstance(count, bool):
        _refuse("Missing (or invalid type) integer parameter numSignatures")
    return count


def _text(given: Mapping[str, Any], name: str) -> str | None:
    """A text; null and "" are the same as absent."""
    value = given.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or any(ord(each) < ord(" ") or 0xD800 <= ord(each) < 0xE000 for each in value):
        _refuse(f"Missing (or invalid type) string parameter {name}")
    return value


def _set(details: CredentialDetails) -> Sequence[Any]:
    return [details.algorithm, *sorted(each.value for each in details.digests)]


def _refuse(description: str) -> NoReturn:
    raise OAuthRefused("invalid_authorization_details", description)
