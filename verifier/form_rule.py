"""What a later revision may do to the form as a whole: signature fields come, nothing goes (ISO 32000-2, 12.7.3).

What happens to fields that existed is `field_rule`'s.
"""

from collections import Counter
from typing import Any, Final

from verifier.model import ChangeKind, SignatureKind
from verifier.revision_step import Finding, Level, Step, View, changed_keys, items
from verifier.values import Path, Ref, Stream, Truth, entries, has_area, text

_MAX_FIELDS: Final = 256  # new ones in one revision, their widgets counted
_DEPTH: Final = 8
_ONLY_WHEN_ABSENT: Final = frozenset({"/DA", "/Q"})
_SIGNATURES_AND_APPEND_ONLY: Final = 3  # the two bits of /SigFlags (table 225)
_DANGEROUS: Final = frozenset({"/A", "/AA", "/OC", "/Popup", "/IRT", "/RC", "/AF", "/Next", "/JS"})
_KNOWN: Final = frozenset(
    {"/Type", "/Subtype", "/FT", "/T", "/TU", "/TM", "/V", "/DV", "/F", "/Ff", "/Rect", "/P", "/AP", "/AS", "/MK"}
    | {"/Parent", "/Kids", "/DA", "/DR", "/Q", "/Lock", "/SV", "/Border", "/BS", "/H", "/StructParent", "/C"}
)


def compare_form(step: Step, holder: int, before: Any, after: Any) -> None:
    """Judge /AcroForm of the catalog."""
    old, new = step.pair(holder, ("/AcroForm",), before, after)
    if old is None and new is None:
        return
    if not isinstance(new, dict) or not isinstance(old, (dict, type(None))):
        step.forbid("the form with its signatures was removed")
        return
    old = old or {}
    for view, value, form in ((step.old, before, old), (step.new, after, new)):
        at, path = (value.number, ()) if isinstance(value, Ref) else (holder, ("/AcroForm",))
        if isinstance(fields := form.get("/Fields"), Ref):
            step.clear(fields.number, at, (*path, "/Fields"))
        _clear_resources(step, view, at, (*path, "/DR"), form.get("/DR"))
    for key in sorted(changed_keys(old, new) - {"/Fields"}):
        if not _may_become(step, key, old.get(key), new.get(key), has_fields=bool(old)):
            step.forbid(f"{key} of the form was changed")
    _compare_resources(step, old.get("/DR"), new.get("/DR"))
    compare_field_list(step, step.old.resolve(old.get("/Fields")), step.new.resolve(new.get("/Fields")), parent="")


def _may_become(step: Step, key: str, old: Any, new: Any, *, has_fields: bool) -> bool:
    if key == "/SigFlags":
        flags = step.old.resolve(old) or 0, step.new.resolve(new)
        return (
            all(isinstance(each, int) for each in flags)
            and flags[1] | flags[0] == flags[1] <= _SIGNATURES_AND_APPEND_ONLY
        )
    if key == "/NeedAppearances":  # true would have readers draw every field anew
        return new in (None, Truth.FALSE) or not has_fields
    return key == "/DR" or (key in _ONLY_WHEN_ABSENT and old is None)


def _clear_resources(step: Step, view: View, holder: int, path: Path, value: Any) -> None:
    """The resources and each of their categories may be objects of their own."""
    if isinstance(value, Ref):
        step.clear(value.number, holder, path)
        holder, path, value = value.number, (), view.object(value.number)
    for key, part in entries(value).items():
        if isinstance(part, Ref):
            step.clear(part.number, holder, (*path, key))


def _compare_resources(step: Step, before: Any, after: Any) -> None:
    """Default resources may grow: an appearance of a signature may need a font. What was there stays."""
    old, new = entries(step.old.resolve(before)), entries(step.new.resolve(after))
    for category in old.keys() | new.keys():
        older, newer = step.old.resolve(old.get(category)), step.new.resolve(new.get(category))
        if isinstance(older, dict):
            if not isinstance(newer, dict) or any(newer.get(name) != value for name, value in older.items()):
                step.forbid(f"{category} of the form's default resources was changed")
        elif older is not None and older != newer:
            step.forbid(f"{category} of the form's default resources was changed")


def compare_field_list(step: Step, old: Any, new: Any, *, parent: str) -> None:
    """Fields or kids of a field: all old ones are still there, new ones are signature fields."""
    known = [each for each in items(old) if each is not None]
    listed = [each for each in items(new) if each is not None]
    for gone in known:
        if gone not in listed:
            step.forbid("a form field was removed")
    if not all(isinstance(each, Ref) for each in listed):
        if known != listed:
            step.forbid("a form field is no object of its own")
        return
    before = {each.number for each in known if isinstance(each, Ref)}
    added = [each.number for each in listed if each.number not in before]
    if not added:
        return
    names = Counter(text(entries(step.new.object(each.number)).get("/T")) for each in listed)
    for number in added:
        if names[text(entries(step.new.object(number)).get("/T"))] > 1:
            step.forbid("a second form field of the same name was added")
        _new_field(step, number, parent=parent, depth=0)


def _new_field(step: Step, number: int, *, parent: str, depth: int) -> None:
    field = step.new.object(number)
    if number not in step.added or depth > _DEPTH or len(step.widgets) > _MAX_FIELDS:
        step.forbid("an object that was signed along became a form field")
        return
    if not isinstance(field, dict) or not is_plain_widget(step, field):
        step.forbid("a form field was added that may act")
        return
    name = full_name(parent, field)
    kids = [each for each in items(step.new.resolve(field.get("/Kids"))) if isinstance(each, Ref)]
    if "/FT" not in field and any("/T" in entries(step.new.object(each.number)) for each in kids):
        for each in kids:
            _new_field(step, each.number, parent=name, depth=depth + 1)
        return
    if field.get("/FT") != "/Sig":
        step.forbid("a form field was added")
        return
    widgets = [number] if not kids else [each.number for each in kids]
    for shown in widgets:
        widget = step.new.object(shown)
        if shown not in step.added or not isinstance(widget, dict) or not is_plain_widget(step, widget):
            step.forbid("a form field was added that may act")
            return
    signed_now(step, field, name, widgets, is_new=True)


def signed_now(step: Step, field: dict[str, Any], name: str, widgets: list[int], *, is_new: bool) -> None:
    """Record a signature field that was signed, or only prepared, in this revision."""
    seen = [each for each in widgets if has_area(step.new.resolve(entries(step.new.object(each)).get("/Rect")))]
    visible = bool(seen)
    page = next((page for each in (seen or widgets) if (page := _page(step, each)) is not None), None)
    value = field.get("/V")
    if value is None:
        if visible:
            step.forbid("a visible form field that nobody signed was added", page=page)
        step.widgets |= dict.fromkeys(widgets, name)
        detail = f"an empty, invisible signature field was added: {name}"
        step.findings.append(
            Finding(kind=ChangeKind.SIGNATURE, level=Level.FORM_FILLING, detail=detail, page=page, field=name)
        )
        return
    signature = step.signatures.get(value.number) if isinstance(value, Ref) else None
    if signature is None or value.number not in step.added or signature.revision < step.new.revision:
        step.forbid("a signature field has a value that is no signature made in this revision", page=page)
        return
    step.widgets |= dict.fromkeys(widgets, name)
    quiet = signature.kind is SignatureKind.DOCUMENT_TIMESTAMP and not visible
    is_timestamp = signature.kind is SignatureKind.DOCUMENT_TIMESTAMP
    step.findings.append(
        Finding(
            kind=ChangeKind.DOCUMENT_TIMESTAMP if is_timestamp else ChangeKind.SIGNATURE,
            level=Level.UPDATES if quiet else Level.FORM_FILLING,
            detail="a document timestamp was added" if is_timestamp else "another signature was added",
            page=page,
            field=name,
            locks=not quiet,
            new_stamp=is_new and visible,
        )
    )


def is_plain_widget(step: Step, widget: dict[str, Any]) -> bool:
    """Whether a field or widget only shows itself: no action, no layer, nothing unknown that leads on."""
    if widget.keys() & _DANGEROUS or entries(widget.get("/MK")).keys() & _DANGEROUS:
        return False
    if widget.get("/Subtype") not in (None, "/Widget"):
        return False
    return all(key in _KNOWN or not isinstance(step.new.resolve(widget[key]), (dict, list, Stream)) for key in widget)


def full_name(parent: str, field: dict[str, Any]) -> str:
    """The field's name below `parent`'s (12.7.4.2)."""
    own = text(field.get("/T"))
    return f"{parent}.{own}" if parent and own else parent or own


def _page(step: Step, widget: int) -> int | None:
    page = entries(step.new.object(widget)).get("/P")
    return step.page_of(page.number) if isinstance(page, Ref) else None
