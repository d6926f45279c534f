"""`signatures/signDoc` (2.0.0.2, 11.11): whole PDF documents, or digests of byte ranges of documents that stay away."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any, Final

from cryptography.hazmat.primitives.serialization import Encoding

from api.faces.csc.algorithms import digest_algorithm, digest_of_signature, read_digests
from api.faces.csc.asked import Asked
from api.faces.csc.errors import bad_value, invalid, missing
from api.faces.csc.fields import Field, Kind, read
from api.faces.csc.signing import require_synchronous
from signer.model import Certify, SignatureLevel, SigningTask, ValidationData
from signer.remote_model import DigestWish

_COMMON: Final = (
    Field(name="signature_format", required=True),
    Field(name="conformance_level"),
    Field(name="signAlgo", required=True),
    Field(name="signAlgoParams"),
    Field(name="signed_props", kind=Kind.OBJECTS),
    Field(name="signed_envelope_property"),
)
DOCUMENT: Final = (Field(name="document", required=True), *_COMMON)
DIGESTS: Final = (Field(name="hashAlgorithmOID"), *_COMMON)
_PROPERTY: Final = (Field(name="attribute_name", required=True), Field(name="attribute_value", required=True))

_LEVELS: Final = {
    "ades-b-b": SignatureLevel.B_B,
    "ades-b-t": SignatureLevel.B_T,
    "ades-b-lt": SignatureLevel.B_LT,
    "ades-b-lta": SignatureLevel.B_LTA,
    "ades-b": SignatureLevel.B_B,
    "ades-t": SignatureLevel.B_T,
    "ades-lt": SignatureLevel.B_LT,
    "ades-lta": SignatureLevel.B_LTA,
}
_ENVELOPES: Final = {"Certification": Certify.FORMS_AND_SIGNATURES, "Revision": None}
_PROPERTIES: Final = {"Reason": "reason", "Location": "location"}
_MOST_DOCUMENTS: Final = 100
_LONGEST_PROPERTY: Final = 200  # characters; they stand in the signature's dictionary


def sign_doc(asked: Asked) -> dict[str, Any]:
    """Signed documents, or signatures over digests; with validation data where it was asked for."""
    require_synchronous(asked)
    documents, digests = asked.values["documents"], asked.values["documentDigests"]
    if documents is not None and digests is not None:
        raise bad_value("documentDigests")
    credential_id = _credential(asked)
    if documents is not None:
        return _sign_documents(asked, credential_id, documents)
    if digests is not None:
        return _sign_digests(asked, credential_id, digests)
    raise missing("array", "documents")


def _credential(asked: Asked) -> str:
    """By its id; by what it is said to be only where the token is one credential's."""
    qualifier, own = asked.values["signatureQualifier"], asked.caller.authorisation
    if qualifier is not None and qualifier not in asked.services.qualifiers:
        raise bad_value("signatureQualifier")
    if asked.values["credentialID"] is not None:
        return asked.text("credentialID")
    if qualifier is None or own is None:
        raise missing("string", "credentialID")
    return own.credential_id


def _sign_documents(asked: Asked, credential_id: str, given: tuple[Mapping[str, Any], ...]) -> dict[str, Any]:
    if not 1 <= len(given) <= _MOST_DOCUMENTS:
        raise bad_value("documents")
    tasks = [_task(asked, credential_id, each) for each in given]
    remote = asked.services.remote
    signed = remote.sign_documents(asked.caller, credential_id, tasks, asked.sad())
    told: dict[str, Any] = {"DocumentWithSignature": [_base64(each.pdf) for each in signed]}
    if asked.values["returnValidationInfo"]:
        told["validationInfo"] = _validation([remote.validation_data(asked.caller, credential_id)])
    return told


def _task(asked: Asked, credential_id: str, given: Mapping[str, Any]) -> SigningTask:
    entry = read(DOCUMENT, given)
    _require_format(entry)
    digest_of_signature(entry["signAlgo"], entry["signAlgoParams"])
    texts = _properties(entry["signed_props"] or ())
    return SigningTask(
        document=_document(entry["document"], asked.services.settings.max_document_mebibytes),
        credential_id=credential_id,
        client_id=asked.caller.client_id,
        level=_level(asked, entry),
        certify=_envelope(entry),
        reason=texts.get("reason"),
        location=texts.get("location"),
    )


def _sign_digests(asked: Asked, credential_id: str, given: tuple[Mapping[str, Any], ...]) -> dict[str, Any]:
    wishes = [wish for each in given for wish in _wishes(asked, each)]
    if not 1 <= len(wishes) <= _MOST_DOCUMENTS:
        raise bad_value("documentDigests")
    signed = asked.services.remote.sign_digests(
        asked.caller,
        credential_id,
        wishes,
        asked.sad(),
        validation=bool(asked.values["returnValidationInfo"]),
    )
    told: dict[str, Any] = {"SignatureObject": [_base64(each.cms) for each in signed]}
    known = [each.validation for each in signed if each.validation is not None]
    return told | {"validationInfo": _validation(known)} if known else told


def _wishes(asked: Asked, given: Mapping[str, Any]) -> list[DigestWish]:
    entry = read(DIGESTS, given)
    _require_format(entry)
    fixed = digest_of_signature(entry["signAlgo"], entry["signAlgoParams"])
    if (
        entry["hashAlgorithmOID"] is not None
        and digest_algorithm(entry["hashAlgorithmOID"], "hashAlgorithmOID") != fixed
    ):
        raise bad_value("hashAlgorithmOID")
    if entry["signed_props"]:
        raise bad_value("signed_props")  # they live in the document, which is not here
    level = _level(asked, entry)
    if level is SignatureLevel.B_LTA:
        raise bad_value("conformance_level")
    _envelope(entry)
    texts = given.get("hashes")
    listed = [texts] if isinstance(texts, str) and texts else texts
    if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
        raise missing("array", "hashes")
    return [DigestWish(digest=bytes.fromhex(each.value), level=level) for each in read_digests(listed, fixed)]


def _require_format(entry: Mapping[str, Any]) -> None:
    if entry["signature_format"] != "P":
        raise bad_value("signature_format")


def _level(asked: Asked, entry: Mapping[str, Any]) -> SignatureLevel:
    level = _LEVELS.get((entry["conformance_level"] or "Ades-B-B").lower())
    if level is None or (level.needs_timestamp and not asked.services.stamps_signatures):
        raise bad_value("conformance_level")
    return level


def _envelope(entry: Mapping[str, Any]) -> Certify | None:
    name = entry["signed_envelope_property"] or "Certification"
    if name not in _ENVELOPES:
        raise bad_value("signed_envelope_property")
    return _ENVELOPES[name]


def _properties(given: tuple[Mapping[str, Any], ...]) -> dict[str, str]:
    """Texts for the signature's dictionary, by what signing calls them."""
    texts: dict[str, str] = {}
    for each in given:
        entry = read(_PROPERTY, each)
        name = _PROPERTIES.get(entry["attribute_name"])
        if name is None or name in texts:
            raise invalid(f"Invalid parameter signed_props: use each of {', '.join(_PROPERTIES)} at most once")
        texts[name] = _text(entry["attribute_value"])
    return texts


def _text(encoded: str) -> str:
    try:
        text = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, ValueError):
        raise bad_value("attribute_value") from None
    if not text or len(text) > _LONGEST_PROPERTY:
        raise bad_value("attribute_value")
    return text


def _document(encoded: str, mebibytes: int) -> bytes:
    try:
        octets = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise bad_value("document") from None
    if not 0 < len(octets) <= mebibytes * 1024 * 1024:
        raise bad_value("document")
    return octets


def _validation(parts: list[ValidationData]) -> dict[str, Any]:
    """Each thing once."""
    return {
        "ocsp": _once(each for part in parts for each in part.ocsp_responses),
        "crl": _once(each for part in parts for each in part.crls),
        "certificates": _once(each.public_bytes(Encoding.DER) for part in parts for each in part.certificates),
    }


def _once(items: Any) -> list[str]:
    return [_base64(each) for each in dict.fromkeys(items)]


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()
