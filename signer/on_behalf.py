"""Signing for somebody else: a.n., u.b., Plt., Plh., Pj., Pjs. as lines above the name (Permendagri 1/2023).

The form arrives as one text, its lines parted by semicolons, which no title holds; capitals stay as typed:

    a.n. GUBERNUR BALI                                    a.n. GUBERNUR BALI
    office: SEKRETARIS DAERAH                             SEKRETARIS DAERAH,

    a.n. GUBERNUR BALI; SEKRETARIS DAERAH; u.b.           a.n. GUBERNUR BALI
    office: KEPALA BIRO CONTOH                            SEKRETARIS DAERAH
                                                          u.b.
                                                          KEPALA BIRO CONTOH,

    Plt.
    office: KEPALA DINAS CONTOH                           Plt. KEPALA DINAS CONTOH,
"""

import re
from typing import Final

from signer.errors import TextRefused
from signer.model import SignedAs

_ACTING: Final = ("plt", "plh", "pj", "pjs")  # printed before the title, on its line
_ON_BEHALF: Final = re.compile(r"a\.\s?n\.|an\.?\s", re.IGNORECASE)
_MOST_LINES: Final = 5


def require_well_formed(signed_as: SignedAs) -> None:
    """*u.b.* stands only after an *a.n.*, and there are few lines. Raises `TextRefused`."""
    lines = _lines(signed_as.on_behalf)
    if len(lines) > _MOST_LINES:
        raise _refused(f"More than {_MOST_LINES} lines cannot be printed.", "too-many-lines")
    for position, line in enumerate(lines):
        if _word(line) == "ub" and not any(map(_ON_BEHALF.match, lines[:position])):
            raise _refused('"u.b." is two levels down and follows an "a.n.": name both.', "ub-without-an")


def title_lines(signed_as: SignedAs) -> tuple[str, ...]:
    """What is printed above the name, one line each; the last one ends with a comma. Empty where nothing is known."""
    lines, office = _lines(signed_as.on_behalf), (signed_as.office or "").strip()
    if office and lines and _word(lines[-1]) in _ACTING:
        lines, office = lines[:-1], f"{lines[-1]} {office}"
    titles = [*lines, *filter(None, [office])]
    if titles:
        titles[-1] = f"{titles[-1].rstrip(',')},"
    return tuple(titles)


def last_line(text: str | None) -> str:
    """The line of a form that stands next to the office."""
    lines = _lines(text)
    return lines[-1] if lines else ""


def _lines(text: str | None) -> list[str]:
    return [line for part in (text or "").split(";") if (line := part.strip())]


def _word(line: str) -> str:
    """`u.b.` as `ub`: forms are recognised whatever their dots and case."""
    return line.replace(".", "").casefold().strip()


def _refused(message: str, reason: str) -> TextRefused:
    return TextRefused(message, field="signed_as.on_behalf", reason=reason)
