"""`credentials/list` and `credentials/info` (1.0.4.0, 11.4 and 11.5; 2.0.0.2, 11.4 and 11.5)."""

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from api.faces.csc.algorithms import key_algorithms, key_shape
from api.faces.csc.asked import Asked
from api.faces.csc.errors import bad_value, invalid
from api.faces.csc.fields import Face
from signer.remote_model import Caller, RemoteCredential

PAGE: Final = 100
"""Most credentials of one page."""

PIN: Final = "PIN"
"""How version 2 names the one thing to be entered for a seal that has it."""
_PIN_TOLD: Final = {"id": "PIN segel elektronik ini", "en": "The PIN of this electronic seal"}
_KINDS: Final = ("none", "single", "chain")
_CALLER_OCTETS: Final = 12
_DESCRIPTION: Final = {
    ("id", False): "Tanda tangan elektronik {name}",
    ("en", False): "Electronic signature of {name}",
    ("id", True): "Segel elektronik {name}",
    ("en", True): "Electronic seal of {name}",
}


def list_credentials(asked: Asked) -> dict[str, Any]:
    """What the caller sees, and nothing else whatever the request says."""
    _require_no_user(asked)
    seen = asked.services.remote.listed(asked.caller)
    if asked.face is Face.V1:
        return _page(asked, seen)
    if asked.values["onlyValid"]:
        seen = tuple(each for each in seen if each.enabled)
    told: dict[str, Any] = {"credentialIDs": [each.credential.id for each in seen]}
    if asked.values["credentialInfo"]:
        told["credentialInfos"] = [{"credentialID": each.credential.id, **render(asked, each)} for each in seen]
    if asked.values["onlyValid"] is not None:
        told["onlyValid"] = asked.values["onlyValid"]
    return told


def credential_info(asked: Asked) -> dict[str, Any]:
    """One credential, with what was asked for of it."""
    return render(asked, asked.services.remote.get(asked.caller, asked.text("credentialID")))


def render(asked: Asked, seen: RemoteCredential) -> dict[str, Any]:
    """A credential as the face writes it."""
    credential = seen.credential
    bits, curve = key_shape(credential.certificate)
    text = _DESCRIPTION[asked.language, credential.is_seal].format(name=credential.signatory.name)
    return {
        "description": text[:255],
        "key": {
            "status": "enabled" if seen.enabled else "disabled",
            "algo": list(key_algorithms(credential.certificate)),
            "len": bits,
            **({} if curve is None else {"curve": curve}),
        },
        "cert": _certificate(asked, seen),
        **(_mode_v1(asked, seen) if asked.face is Face.V1 else _mode_v2(asked, seen)),
        "SCAL": str(seen.scal),
        "multisign": seen.most,
        "lang": asked.language,
    }


def _mode_v1(asked: Asked, seen: RemoteCredential) -> dict[str, Any]:
    if not seen.credential.is_seal:
        return {"authMode": "oauth2code"}
    if not seen.pin:
        return {"authMode": "implicit"}
    told: dict[str, Any] = {"authMode": "explicit"}
    if asked.values["authInfo"]:
        told |= {"PIN": {"presence": "true", **_pin(asked)}, "OTP": {"presence": "false"}}
    return told


def _mode_v2(asked: Asked, seen: RemoteCredential) -> dict[str, Any]:
    """Version 2 has no implicit mode: it is explicit, with nothing to enter."""
    if seen.pin:
        entered = {"type": "Password", "id": PIN, **_pin(asked)}
        return {"auth": {"mode": "explicit", "expression": PIN, "objects": [entered]}}
    if seen.credential.is_seal:
        return {"auth": {"mode": "explicit", "objects": []}}
    told: dict[str, Any] = {"auth": {"mode": "oauth2code", "objects": None}}
    said = asked.services.qualifiers
    return told | {"signatureQualifier": said[0]} if said else told


def _pin(asked: Asked) -> dict[str, str]:
    return {"format": "A", "label": PIN, "description": _PIN_TOLD[asked.language]}


def _certificate(asked: Asked, seen: RemoteCredential) -> dict[str, Any]:
    """Names, number and dates always: clients break where they are missing."""
    chain = seen.credential.chain
    own, wanted = chain[0], asked.values["certificates"] or "single"
    if wanted not in _KINDS:
        raise bad_value("certificates")
    sent = {"none": (), "single": chain[:1], "chain": chain}[wanted]
    number = f"{own.serial_number:x}"
    told: dict[str, Any] = {
        "status": seen.standing.value,
        **({} if wanted == "none" else {"certificates": [_base64(each) for each in sent]}),
        "issuerDN": own.issuer.rfc4514_string(),
        "subjectDN": own.subject.rfc4514_string(),
        "serialNumber": number.zfill(len(number) + len(number) % 2),
        "validFrom": _time(own.not_valid_before_utc),
        "validTo": _time(own.not_valid_after_utc),
    }
    return told if asked.face is Face.V1 else told | {"policy": _policies(own)}


def _page(asked: Asked, seen: Sequence[RemoteCredential]) -> dict[str, Any]:
    """Version 1 walks by pages; a token names the last one that was told, and for whom."""
    ids = [each.credential.id for each in seen]
    first, token = 0, asked.values["pageToken"]
    if token is not None:
        after = next((each for each in ids if _page_token(asked.caller, each) == token), None)
        if after is None:
            raise bad_value("pageToken")
        first = ids.index(after) + 1
    wanted = asked.values["maxResults"]
    size = wanted if isinstance(wanted, int) and not isinstance(wanted, bool) and 1 <= wanted <= PAGE else PAGE
    page = ids[first : first + size]
    told: dict[str, Any] = {"credentialIDs": page}
    if first + size < len(ids):
        told["nextPageToken"] = _page_token(asked.caller, page[-1])
    return told


def _page_token(caller: Caller, credential_id: str) -> str:
    """Bound to its caller. Whoever makes one up gets a page of their own list, so it needs no secret."""
    whose = "\0".join((caller.client_id, caller.user_id or "", credential_id))
    return base64.urlsafe_b64encode(hashlib.sha256(whose.encode()).digest()[:_CALLER_OCTETS]).decode()


def _require_no_user(asked: Asked) -> None:
    if asked.values["userID"] is None:
        return
    if asked.caller.user_id is not None:
        raise invalid("userID parameter MUST be null")
    raise bad_value("userID")  # nobody's users but our own are known here


def _base64(certificate: x509.Certificate) -> str:
    return base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()


def _time(at: datetime) -> str:
    return f"{at:%Y%m%d%H%M%SZ}"


def _policies(certificate: x509.Certificate) -> list[str]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.CertificatePolicies).value
    except x509.ExtensionNotFound:
        return []
    return [each.policy_identifier.dotted_string for each in found]
