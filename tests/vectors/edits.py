"""One more revision of a letter, written by name: how the attacks of `later` and `later_fields` are told."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Final

from pyhanko.pdf_utils import generic
from pyhanko.sign.fields import MDPPerm

from tests.vectors.furnished import FALSE, Letter, QuietWriter, stream

_REFERENCE: Final = re.compile(rb"@(\w+)")
FORM: Final = b"/Type /XObject /Subtype /Form /BBox [0 0 240 60] /Resources << /Font << /F1 @font >> >>"
OVERLAY: Final = stream(FORM, b"1 g 0 0 240 60 re f 0 g BT /F1 24 Tf 4 20 Td (%s) Tj ET" % FALSE.encode())
SHOWN: Final = stream(b"", b"BT /F1 24 Tf 72 720 Td (%s) Tj ET" % FALSE.encode())
SCRIPT: Final = b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>"


class Edit:
    """One more revision, written by name."""

    def __init__(self, letter: Letter) -> None:
        self._writer = QuietWriter(letter.pdf)
        self._numbers = dict(letter.numbers)

    def put(self, name: str, body: bytes) -> None:
        """Overwrite an object, or define a new one."""
        known = self._numbers.get(name)
        if known is None:
            known = self._numbers[name] = self._writer.allocate_placeholder().idnum
        self._writer.objects[(0, known)] = self._parsed(body, known)

    def set(self, name: str, key: str, value: bytes) -> None:
        """Change one entry of a dictionary."""
        reference = generic.Reference(self._numbers[name], 0, self._writer)
        self._writer.get_object(reference)[generic.pdf_name(key)] = self._parsed(value, reference.idnum)
        self._writer.mark_update(reference)

    def drop(self, name: str, key: str) -> None:
        """Remove one entry of a dictionary."""
        reference = generic.Reference(self._numbers[name], 0, self._writer)
        del self._writer.get_object(reference)[key]
        self._writer.mark_update(reference)

    def append(self, name: str, key: str, value: bytes) -> None:
        """Put something at the end of an array."""
        reference = generic.Reference(self._numbers[name], 0, self._writer)
        array = self._writer.get_object(reference)[key]
        array.append(self._parsed(value, reference.idnum))
        self._writer.update_container(array)

    def finished(self) -> bytes:
        """The whole file."""
        out = BytesIO()
        self._writer.write(out)
        return out.getvalue()

    def _parsed(self, body: bytes, number: int) -> Any:
        text = _REFERENCE.sub(lambda match: b"%d 0 R" % self._numbers[match[1].decode()], body)
        return generic.read_object(BytesIO(text + b" "), generic.Reference(number, 0, self._writer))


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """One attack: what is planted before signing, and what is done afterwards."""

    name: str
    does: Callable[[Edit], None]
    planted: dict[str, bytes] = field(default_factory=dict)
    certify: MDPPerm | None = None
    page: int | None = None
    why: str = ""
    """Words that the report must use."""


def put(**bodies: bytes) -> Callable[[Edit], None]:
    def act(edit: Edit) -> None:
        for name, body in bodies.items():
            edit.put(name, body)

    return act


def change(name: str, key: str, value: bytes, **others: bytes) -> Callable[[Edit], None]:
    def act(edit: Edit) -> None:
        for other, body in others.items():
            edit.put(other, body)
        edit.set(name, key, value)

    return act


def annotate(body: bytes) -> Callable[[Edit], None]:
    def act(edit: Edit) -> None:
        edit.put("overlay", OVERLAY)
        edit.put("note", body)
        edit.append("page1", "/Annots", b"@note")

    return act


def add_field(body: bytes) -> Callable[[Edit], None]:
    def act(edit: Edit) -> None:
        edit.put("overlay", OVERLAY)
        edit.put("trap", body)
        edit.append("page1", "/Annots", b"@trap")
        edit.append("form", "/Fields", b"@trap")

    return act


def several(*acts: Callable[[Edit], None]) -> Callable[[Edit], None]:
    def act(edit: Edit) -> None:
        for each in acts:
            each(edit)

    return act
