"""Files that come with a form: told by their first bytes, counted, and kept under their digests."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Final

from eoffice.errors import Refused
from eoffice.feature import DOCX, JPEG, PDF, PNG, Field
from eoffice.files import Files

MOST_BYTES: Final = 16 * 1024 * 1024
"""Of one file."""
MOST_LETTERS: Final = 100
"""Characters of a file's name."""
_TOLD_BY: Final[Mapping[str, Callable[[bytes], bool]]] = {
    PDF: lambda content: content.startswith(b"%PDF-"),
    JPEG: lambda content: content.startswith(b"\xff\xd8\xff"),
    PNG: lambda content: content.startswith(b"\x89PNG\r\n\x1a\n"),
    DOCX: lambda content: content.startswith(b"PK\x03\x04") and b"word/document.xml" in content,
}
_CALLED: Final = {PDF: "PDF", JPEG: "JPEG", PNG: "PNG", DOCX: "DOCX"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that is kept."""

    sha256: str
    name: str
    """As its owner called it."""
    type: str
    """Its media type."""
    bytes: int


def type_of(field: Field, content: bytes) -> str:
    """The media type of a file that the field takes. Raises `Refused` for one that is too large, or of another type."""
    kind = next((each for each in field.accepts if _TOLD_BY[each](content)), None)
    if kind is None or len(content) > MOST_BYTES:
        types = ", ".join(_CALLED[each] for each in field.accepts)
        raise Refused(
            f"Pilih berkas {types}, paling besar 16 MB. · Choose a file ({types}), 16 MB at most.", field=field.name
        )
    return kind


def attached(files: Files, field: Field, content: bytes, name: str) -> str:
    """Keep a file, and say what stands for it in a form that is handed to the service.

    Raises as `type_of`.
    """
    kind = type_of(field, content)
    printable = "".join(each for each in name.rpartition("/")[2].rpartition("\\")[2] if each.isprintable())
    kept = Attachment(
        sha256=files.keep(content), name=printable[-MOST_LETTERS:] or "berkas", type=kind, bytes=len(content)
    )
    return json.dumps(asdict(kept))
