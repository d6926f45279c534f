"""Texts that end up in the signed document: the signature dictionary and the stamp."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import fields
from typing import Final

from signer.errors import TextRefused
from signer.model import SigningTask

_NIP: Final = re.compile("[0-9]( ?[0-9]){17}")
_NEVER: Final = frozenset({"Cc", "Cs"})  # control characters and lone surrogates


def require_printable(request: SigningTask) -> None:
    """No text that is written into the PDF holds a control character, and a NIP is one; `TextRefused` otherwise.

    PDFDocEncoding (ISO 32000-2, Annex D.2) has no NUL, so a reader would show another text than the one asked for;
    line breaks and the like would let a stamp say more than its lines.
    """
    nip = request.stamp.nip if request.stamp is not None else None
    if nip is not None and _NIP.fullmatch(nip) is None:
        raise TextRefused("A NIP has 18 digits.", field="stamp.nip", reason="not-a-nip")
    for name, text in _texts(request):
        printable_text(text, name)


def printable_text(text: str, field: str) -> str:
    """`text`, where it holds nothing that no stamp may say; raises `TextRefused`."""
    if any(unicodedata.category(character) in _NEVER for character in text):
        raise TextRefused("Control characters are not allowed; leave them out.", field=field, reason="control")
    return text


def _texts(request: SigningTask) -> Iterator[tuple[str, str]]:
    """Each text with its wire name."""
    yield "reason", request.reason or ""
    yield "location", request.location or ""
    yield "stamp.mark", (request.stamp.mark.text or "" if request.stamp and request.stamp.mark else "")
    for name in request.lock.fields if request.lock is not None else ():
        yield "lock.fields", name
    for part in fields(request.signed_as):
        yield f"signed_as.{part.name}", getattr(request.signed_as, part.name) or ""
