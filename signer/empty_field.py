"""An empty signature field that somebody made for us: its widget, its page, its lock (ISO 32000-2, 12.7.5.5)."""

from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from pyhanko.pdf_utils import generic

from signer.errors import StampRefused
from signer.intake import Intake, IntakeLimits, fields_of, reading_a_strangers_pdf
from signer.model import SignatureLevel
from signer.pdf_objects import Dictionary, elements, look_up, resolved
from signer.seed_values import require_satisfiable
from signer.sheet import Box, box_of

_INVISIBLE: Final = 1 | 2 | 32  # Invisible, Hidden, NoView (ISO 32000-2, Table 167)
_READ_ONLY: Final = 1
_MAX_ANNOTATIONS: Final = 10_000
_TOLD: Final = 5
_DEPTH: Final = 64  # of the field tree, as at intake


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptyField:
    """Where its signature is shown."""

    name: str
    page_index: int
    rectangle: Box
    """In the page's default user space."""


def find_empty_field(
    intake: Intake, limits: IntakeLimits, name: str, *, reason: str | None, level: SignatureLevel
) -> EmptyField:
    """The field called `name` (fully qualified), which is empty and can be signed with `reason` at `level`.

    Raises `StampRefused`: there is none, it is signed, not visible, or demands what we do not do.
    """
    with reading_a_strangers_pdf():
        fields: dict[str, Dictionary] = {}
        for each, found in fields_of(intake.reader.root, limits):
            fields.setdefault(each, found)  # a widget apart from its field comes after it, and has no name of its own
        field = fields.get(name)
        if field is None or _type_of(field) != "/Sig":
            raise _refused(f"There is no signature field of this name.{_others(fields)}", "no-such-field")
        if look_up(field, "/V") is not None:
            raise _refused("This signature field is signed already.", "field-signed")
        if int(look_up(field, "/Ff") or 0) & _READ_ONLY:
            raise _refused("This signature field is locked.", "field-locked")
        require_satisfiable(field, reason=reason, level=level)
        widget = widget_of(field)
        rectangle = box_of(look_up(widget, "/Rect"))
        hidden = int(look_up(widget, "/F") or 0) & _INVISIBLE
        if hidden or rectangle is None or not (rectangle[0] < rectangle[2] and rectangle[1] < rectangle[3]):
            raise _refused("This signature field shows nothing; sign without a stamp.", "field-not-visible")
        return EmptyField(name=name, page_index=_page_of(intake, widget), rectangle=rectangle)


def widget_of(field: Dictionary) -> Dictionary:
    """The field's one widget, which may be the field itself; `StampRefused` where there are several."""
    kids = elements(field, "/Kids")
    if not kids:
        return field
    if len(kids) > 1:
        raise _refused("This signature field stands in several places.", "field-not-visible")
    widget = resolved(kids[0])
    if not isinstance(widget, generic.DictionaryObject):
        raise ValueError("a kid that is no dictionary")
    return widget


def _page_of(intake: Intake, widget: Dictionary) -> int:
    """The page that lists the widget: /P may be absent, and may lie."""
    for index in range(intake.page_count):
        page = intake.reader.find_page_for_modification(index)[0].get_object()
        for reference in islice(elements(page, "/Annots"), _MAX_ANNOTATIONS):
            if resolved(reference) is widget:
                return index
    raise _refused("This signature field stands on no page.", "field-not-visible")


def _type_of(field: Dictionary) -> Any:
    """/FT, which a field may inherit."""
    node: Any = field
    for _ in range(_DEPTH):
        if (kind := look_up(node, "/FT")) is not None:
            return kind
        node = look_up(node, "/Parent")
    return None


def _others(fields: dict[str, Dictionary]) -> str:
    names = [name for name, field in fields.items() if _type_of(field) == "/Sig" and look_up(field, "/V") is None]
    return f" Empty ones: {', '.join(names[:_TOLD])}." if names else ""


def _refused(message: str, reason: str) -> StampRefused:
    return StampRefused(message, field="stamp.field", reason=reason)
