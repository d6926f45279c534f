"""What a later revision may do to trailer and catalog (ISO 32000-2, 7.5.5, 7.7.2). Everything else in them stays."""

import re
from typing import Any, Final

from verifier.dss_rule import compare_security_store
from verifier.form_rule import compare_form
from verifier.model import ChangeKind
from verifier.revision_step import TRAILER, Finding, Level, Step, changed_keys
from verifier.values import Path, Ref, Stream, Truth, entries

_VERSION: Final = re.compile(r"/([12])\.(\d)")
_DEVELOPER: Final = frozenset({"/Type", "/BaseVersion", "/ExtensionLevel", "/URL", "/ExtensionRevision"})
_METADATA: Final = "descriptions of the document (metadata) were updated"


def compare_document(step: Step) -> None:
    """Judge trailer and catalog, and by them everything that they alone lead to."""
    before, after = step.old.trailer, step.new.trailer
    root = before.get("/Root")
    if not isinstance(root, Ref) or after.get("/Root") != root:
        step.forbid("the document catalog was replaced by another object")
        return
    if before.get("/Encrypt") != after.get("/Encrypt"):
        step.forbid("the encryption of the file was changed")
    _compare_information(step, before.get("/Info"), after.get("/Info"))
    old, new = step.pair(TRAILER, ("/Root",), root, root)
    if not isinstance(old, dict) or not isinstance(new, dict):
        step.forbid("the document catalog is no dictionary")
        return
    allowed = _KEYS.keys() | {"/AcroForm"}
    for key in sorted(changed_keys(old, new) - allowed):
        step.forbid(f"{key} of the document catalog was changed")
    for holder, path in step.places_of(root.number, step.old):
        if path[-1:] == ("/Data",):  # what a DocMDP is about (table 256)
            step.clear(root.number, holder, path)
    compare_form(step, root.number, old.get("/AcroForm"), new.get("/AcroForm"))
    for key, compare in _KEYS.items():
        if key in old or key in new:
            compare(step, root.number, old.get(key), new.get(key))


def _compare_information(step: Step, before: Any, after: Any) -> None:
    """The document information: nothing that a page shows."""
    old, new = step.pair(TRAILER, ("/Info",), before, after)
    if before is not None and after is None:
        step.forbid("the document information was removed")
    if new is not None and not isinstance(new, dict):
        step.forbid("the document information is no dictionary")
        return
    for key in entries(old).keys() | entries(new).keys():
        holders = [value.number for value in (before, after) if isinstance(value, Ref)]
        for holder in holders or [TRAILER]:
            path: Path = (key,) if holders else ("/Info", key)
            _, value = step.pair(holder, path, entries(old).get(key), entries(new).get(key))
            if isinstance(value, (Stream, dict, list)):
                step.forbid("the document information holds what it should not")
                return
    if old != new:
        _updates(step, _METADATA)


def _compare_metadata(step: Step, holder: int, before: Any, after: Any) -> None:
    """XMP: a stream that says so, and can be no picture (ISO 32000-2, 14.3.2)."""
    old, new = step.pair(holder, ("/Metadata",), before, after)
    if old == new:
        return
    if not isinstance(new, Stream) or new.dictionary.get("/Subtype") != "/XML":
        step.forbid("the metadata were removed, or replaced by something else")
        return
    _updates(step, _METADATA)


def _compare_version(step: Step, _: int, before: Any, after: Any) -> None:
    if before == after:
        return
    newer, older = _VERSION.fullmatch(str(after)), _VERSION.fullmatch(str(before))
    if newer is None or (older is not None and newer.groups() < older.groups()):
        step.forbid("the version of the file format was lowered")
        return
    _updates(step, "the version of the file format was raised")


def _compare_extensions(step: Step, holder: int, before: Any, after: Any) -> None:
    """Developer extensions: levels may be added and raised (ISO 32000-2, 7.12)."""
    old, new = step.pair(holder, ("/Extensions",), before, after)
    if old == new:
        return
    known = {prefix: step.old.resolve(value) for prefix, value in entries(old).items()}
    told = {prefix: step.new.resolve(value) for prefix, value in entries(new).items()}
    if not isinstance(new, dict) or not all(_extends(known.get(each), told.get(each)) for each in known | told):
        step.forbid("the developer extensions were changed")
        return
    _updates(step, "developer extensions were named")


def _extends(old: Any, new: Any) -> bool:
    """Several developer extensions under one prefix are an array of them (ISO 32000-2, 7.12.4)."""
    if old == new or isinstance(new, str):
        return True
    older, newer = (list(value) if isinstance(value, list) else [value] for value in (old, new))
    if not all(isinstance(each, dict) and each.keys() <= _DEVELOPER for each in newer):
        return False
    return old is None or _level(newer) >= _level(older)


def _level(extensions: list[Any]) -> tuple[str, int]:
    return max(
        (str(entries(each).get("/BaseVersion", "")), _whole(entries(each).get("/ExtensionLevel")))
        for each in extensions
    )


def _whole(value: Any) -> int:
    return value if isinstance(value, int) else -1


def _compare_marking(step: Step, holder: int, before: Any, after: Any) -> None:
    """Whether the document calls itself tagged: three truth values (ISO 32000-2, 14.7.1)."""
    old, new = step.pair(holder, ("/MarkInfo",), before, after)
    if old == new:
        return
    if not isinstance(new, dict) or not all(isinstance(each, Truth) for each in new.values()):
        step.forbid("/MarkInfo of the document catalog was changed")
        return
    _updates(step, _METADATA)


def _compare_permissions(step: Step, holder: int, before: Any, after: Any) -> None:
    """A certification that is made now may say so; one that was made stays (ISO 32000-2, 12.8.6)."""
    old, new = step.pair(holder, ("/Perms",), before, after)
    if old == new:
        return
    author = entries(new).get("/DocMDP")
    made_now = isinstance(author, Ref) and author.number in step.signatures and author.number in step.added
    if old is None and isinstance(new, dict) and new.keys() == {"/DocMDP"} and made_now:
        return
    step.forbid("the permissions of the certification were replaced")


def _compare_store(step: Step, holder: int, before: Any, after: Any) -> None:
    if compare_security_store(step, holder, before, after):
        _updates(step, "certificates and their status were added (DSS)")


def _updates(step: Step, detail: str) -> None:
    finding = Finding(kind=ChangeKind.VALIDATION_DATA, level=Level.UPDATES, detail=detail)
    if finding not in step.findings:
        step.findings.append(finding)


_KEYS: Final = {
    "/DSS": _compare_store,
    "/Metadata": _compare_metadata,
    "/Version": _compare_version,
    "/Extensions": _compare_extensions,
    "/MarkInfo": _compare_marking,
    "/Perms": _compare_permissions,
}
