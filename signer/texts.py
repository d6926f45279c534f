"""Texts that end up in the signed document: the signature dictionary and the stamp."""

import unicodedata
from collections.abc import Iterator
from dataclasses import fields
from typing import Final

from signer.errors import TextRefused
from signer.model import SigningTask

_NEVER: Final = frozenset({"Cc", "Cs"})  # control characters and lone surrogates


def require_printable(request: SigningTask) -> None:
    """No text of `request` that is written into the PDF holds a control character. Raises `TextRefused`.

    PDFDocEncoding (ISO 32000-2, Annex D.2) has no NUL, so a reader would show another text than the one asked for;
    line breaks and the like would let a stamp say more than its lines.
    """
    for name, text in _texts(request):
        if any(unicodedata.category(character) in _NEVER for character in text):
            raise TextRefused("Control characters are not allowed; leave them out.", field=name, reason="control")


def _texts(request: SigningTask) -> Iterator[tuple[str, str]]:
    """Each text with its wire name."""
    if request.stamp is not None:
        yield "stamp.nip", request.stamp.nip or ""
    yield "reason", request.reason or ""
    yield "location", request.location or ""
    for part in fields(request.signed_as):
        yield f"signed_as.{part.name}", getattr(request.signed_as, part.name) or ""
