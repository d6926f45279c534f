"""What the author of an empty signature field demands of whoever signs it (seed values, ISO 32000-2, 12.7.5.5).

Each entry is a wish, or a demand where its bit in /Ff is set. A demand that we meet passes; every other one is refused
by name, because a signature that breaks it would be shown as broken.
"""

from typing import Any, Final

from signer.errors import StampRefused
from signer.model import SignatureLevel
from signer.pdf_objects import elements, look_up, resolved

_FILTER: Final = 1
_SUBFILTER: Final = 1 << 1
_VERSION: Final = 1 << 2
_REASONS: Final = 1 << 3
_ATTESTATION: Final = 1 << 4
_REV_INFO: Final = 1 << 5
_DIGEST: Final = 1 << 6
_LOCK: Final = 1 << 7
_APPEARANCE: Final = 1 << 8
_NEWEST: Final = 3  # of seed value dictionaries: PDF 2.0


def require_satisfiable(field: Any, *, reason: str | None, level: SignatureLevel) -> None:
    """Raises `StampRefused` where the field's seed values demand what our signature will not have."""
    seeds = look_up(field, "/SV")
    if seeds is None:
        return
    flags = int(look_up(seeds, "/Ff") or 0)
    reasons = [str(resolved(each)) for each in elements(seeds, "/Reasons")]
    demands = (
        (_FILTER, look_up(seeds, "/Filter") in (None, "/Adobe.PPKLite"), "/Filter", "another signature handler"),
        (_SUBFILTER, _allows(seeds, "/SubFilter", "/ETSI.CAdES.detached"), "/SubFilter", "another format than PAdES"),
        (_VERSION, float(look_up(seeds, "/V") or 1) <= _NEWEST, "/V", "a newer version of PDF"),
        (_REASONS, not reasons or reasons == ["."] or reason in reasons, "/Reasons", "a reason of a list of its own"),
        (_ATTESTATION, not elements(seeds, "/LegalAttestation"), "/LegalAttestation", "an attestation"),
        (_REV_INFO, look_up(seeds, "/AddRevInfo") in (None, False), "/AddRevInfo", "revocation data inside the CMS"),
        (_DIGEST, _allows(seeds, "/DigestMethod", "SHA256"), "/DigestMethod", "another digest than SHA-256"),
        (_LOCK, look_up(seeds, "/LockDocument") in (None, "/false", "/auto"), "/LockDocument", "to lock the document"),
        (_APPEARANCE, look_up(seeds, "/AppearanceFilter") is None, "/AppearanceFilter", "an appearance of its own"),
    )
    for bit, met, entry, what in demands:
        if flags & bit and not met:
            raise _refused(entry, what)
    if _forbids_reason(flags, reasons) and reason:
        raise _refused("/Reasons", "no reason at all")
    timestamp = look_up(seeds, "/TimeStamp")
    if int(look_up(timestamp, "/Ff") or 0) & 1 and not level.needs_timestamp:
        raise _refused("/TimeStamp", "a timestamp: ask for level B-T or higher")
    if int(look_up(look_up(seeds, "/Cert"), "/Ff") or 0):
        raise _refused("/Cert", "a certain certificate")
    if int(look_up(look_up(seeds, "/MDP"), "/P") or 0):
        raise _refused("/MDP", "a certifying signature")


def _allows(seeds: Any, key: str, ours: str) -> bool:
    """Whether a list of what is allowed is absent, or has ours."""
    allowed = elements(seeds, key)
    return not allowed or ours in (str(resolved(each)) for each in allowed)


def _forbids_reason(flags: int, reasons: list[str]) -> bool:
    """A required list that is empty, or a single full stop: no reason shall be given."""
    return bool(flags & _REASONS) and (not reasons or reasons == ["."])


def _refused(entry: str, what: str) -> StampRefused:
    return StampRefused(
        f"The signature field demands {what} ({entry}). Take another field, or ask its author.",
        field="stamp.field",
        reason="seed-value",
    )
