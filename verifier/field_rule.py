"""What a later revision may do to a form field that existed: sign it while it is empty, or fill it in.

A signed field stays as it is, and so do place, flags and actions of every other one (ISO 32000-2, 12.7.4, 12.5.6.19).
"""

from typing import Any, Final

from verifier.appearance import shows_only
from verifier.form_rule import compare_field_list, full_name, is_plain_widget, signed_now
from verifier.model import ChangeKind
from verifier.revision_step import Finding, Level, Step, changed_keys, items
from verifier.values import ITEM, Path, Ref, Stream, Truth, entries

_SIGNED: Final = frozenset(
    {"/V", "/AP", "/AS", "/F", "/Ff", "/DA", "/Q", "/M", "/MK", "/Type", "/P", "/StructParent", "/DR"}
)
_FILLED: Final = frozenset({"/V", "/AP", "/AS", "/I", "/F", "/Ff", "/DA", "/Q", "/M", "/Type", "/RV"})
_FIELD_FLAGS: Final = 0b111  # ReadOnly, Required, NoExport: none of them shows (table 227)
_VISIBILITY: Final = 0b100011  # Invisible, Hidden, NoView (table 167)
_HOLDING: Final = frozenset({"/Annots", "/Kids", "/Fields", "/Parent", "/Obj", "/T", "/Data", "/CO"})
_DEPTH: Final = 32


def compare_field(step: Step, number: int) -> bool:
    """Judge object `number`, if it is a field or a widget of the form; whether it is one."""
    old, new = step.old.object(number), step.new.object(number)
    lineage = _lineage(step, number)
    if lineage is None or not isinstance(old, dict) or not isinstance(new, dict):
        return False
    for holder, path in step.places_of(number, step.old):
        above = [path] if path != (ITEM,) else [outer for _, outer in step.places_of(holder, step.old)]
        if all(_holds_fields(each) for each in above):
            step.clear(number, holder, path)
    name = _name(step, lineage)
    kind = next((entry["/FT"] for each in lineage if "/FT" in (entry := entries(step.old.object(each)))), None)
    if "/Kids" in old or "/Kids" in new:
        before, after = step.pair(number, ("/Kids",), old.get("/Kids"), new.get("/Kids"))
        compare_field_list(step, before, after, parent=name)
    if not changed_keys(old, new) - {"/Kids"}:
        return True
    if kind == "/Sig":
        _compare_signature_field(step, number, name, lineage)
    else:
        _compare_filled(step, number, name, kind, lineage)
    return True


def _holds_fields(path: Path) -> bool:
    """Whether a field or widget may stand there: anywhere else it might be drawn as something that it is not."""
    return bool({*path[-1:], *(path[-2:-1] if path[-1:] == (ITEM,) else ())} & _HOLDING)


def _lineage(step: Step, number: int) -> list[int] | None:
    """The field and its ancestors up to /Fields of the form, each named by the next one; else `None`."""
    form = step.old.resolve(entries(step.old.resolve(step.old.trailer.get("/Root"))).get("/AcroForm"))
    listed = items(step.old.resolve(entries(form).get("/Fields")))
    lineage = [number]
    for _ in range(_DEPTH):
        current = entries(step.old.object(lineage[-1]))
        parent = current.get("/Parent")
        if not isinstance(parent, Ref):
            break
        if Ref(lineage[-1]) not in items(step.old.resolve(entries(step.old.object(parent.number)).get("/Kids"))):
            return None
        lineage.append(parent.number)
    return lineage if Ref(lineage[-1]) in listed else None


def _name(step: Step, lineage: list[int]) -> str:
    name = ""
    for each in reversed(lineage):
        name = full_name(name, entries(step.old.object(each)))
    return name


def _compare_signature_field(step: Step, number: int, name: str, lineage: list[int]) -> None:
    """A field that was empty is signed now, or only looks different because it is."""
    old, new = step.rewritten[number]
    before = next((each for each in lineage if "/V" in entries(step.old.object(each))), None)
    if before is not None:
        if changed_keys(old, new) <= {"/Ff"} and _flags_allowed(old, new, "/Ff", ~_FIELD_FLAGS):
            return
        step.forbid(f"the signed field {name} was changed", page=_page_of(step, new))
        return
    value = next((entry["/V"] for each in lineage if "/V" in (entry := entries(step.new.object(each)))), None)
    if value is None:
        if not changed_keys(old, new) <= {"/Ff"} or not _flags_allowed(old, new, "/Ff", ~_FIELD_FLAGS):
            step.forbid(f"the empty signature field {name} was changed", page=_page_of(step, new))
        return
    changed = changed_keys(old, new)
    if not changed <= _SIGNED or not is_plain_widget(step, {key: new[key] for key in changed if key in new}):
        step.forbid(f"more than its signature was put into the field {name}", page=_page_of(step, new))
        return
    _clear_appearance(step, number, old, new)
    if "/V" in new:
        kids = [each.number for each in items(step.new.resolve(new.get("/Kids"))) if isinstance(each, Ref)]
        signed_now(step, new, name, kids or [number], is_new=False)


def _clear_appearance(step: Step, number: int, old: dict[str, Any], new: dict[str, Any]) -> None:
    """The appearance of what is signed or filled in now may be written over in place, if nobody else shows it."""
    for view, value in ((step.old, old.get("/AP")), (step.new, new.get("/AP"))):
        holder = number
        path: Path = ("/AP",)
        if isinstance(value, Ref):
            step.clear(value.number, holder, path)
            holder, path = value.number, ()
        for key, stream in entries(view.resolve(value)).items():
            if isinstance(stream, Ref):
                step.clear(stream.number, holder, (*path, key))


def _compare_filled(step: Step, number: int, name: str, kind: Any, lineage: list[int]) -> None:
    """A field was filled in: its value, and an appearance that shows the value and nothing else."""
    old, new = step.rewritten[number]
    page = _page_of(step, new)
    changed = changed_keys(old, new)
    fixed = changed - _FILLED or not _flags_allowed(old, new, "/Ff", ~_FIELD_FLAGS)
    if fixed or not _flags_allowed(old, new, "/F", _VISIBILITY):
        step.forbid(f"the form field {name} was changed, not only filled in", page=page)
        return
    value = next((entry["/V"] for each in lineage if "/V" in (entry := entries(step.new.object(each)))), None)
    value = step.new.resolve(value)
    if isinstance(value, (Stream, dict)):
        step.forbid(f"the form field {name} has a value that is no text", page=page)
        return
    redrawn = bool(changed & {"/AP", "/RV", "/DA", "/Q"}) or _appearance_rewritten(step, old, new)
    if redrawn:
        _clear_appearance(step, number, old, new)
    if (redrawn and kind not in ("/Tx", "/Ch")) or (kind in ("/Tx", "/Ch") and not _shows(step, new, value, redrawn)):
        step.forbid(f"the form field {name} shows something else than its value", page=page)
        return
    step.findings.append(
        Finding(
            kind=ChangeKind.FORM_FILLING,
            level=Level.FORM_FILLING,
            detail="a form field was filled in",
            page=page,
            field=name,
            locks=True,
        )
    )


def _shows(step: Step, field: dict[str, Any], value: Any, redrawn: bool) -> bool:
    """Whether each widget of a text field shows its value; one without appearance is drawn by the reader."""
    form = step.old.resolve(entries(step.old.resolve(step.old.trailer.get("/Root"))).get("/AcroForm"))
    if not redrawn and entries(form).get("/NeedAppearances") is Truth.TRUE:
        return True
    kids = [entries(step.new.resolve(each)) for each in items(step.new.resolve(field.get("/Kids")))]
    widgets = [field, *(each for each in kids if "/T" not in each)]
    return all(shows_only(step, each["/AP"], value) for each in widgets if "/AP" in each)


def _appearance_rewritten(step: Step, old: dict[str, Any], new: dict[str, Any]) -> bool:
    appearance = step.new.resolve(new.get("/AP"))
    held = [each.number for each in entries(appearance).values() if isinstance(each, Ref)]
    if isinstance(new.get("/AP"), Ref):
        held.append(new["/AP"].number)
    return "/AP" in old and any(each in step.rewritten for each in held)


def _flags_allowed(old: dict[str, Any], new: dict[str, Any], key: str, fixed: int) -> bool:
    before, after = old.get(key, 0), new.get(key, 0)
    return isinstance(before, int) and isinstance(after, int) and (before ^ after) & fixed == 0


def _page_of(step: Step, widget: dict[str, Any]) -> int | None:
    page = widget.get("/P")
    return step.page_of(page.number) if isinstance(page, Ref) else None
