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

A form that is typed into another text would be printed just the same and checked by nobody, so there it is refused.
"""

import re
import unicodedata
from dataclasses import replace
from typing import Final

from signer.errors import TextRefused
from signer.model import SignedAs

_ACTING: Final = ("plt", "plh", "pj", "pjs")  # printed before the title, on its line
_ON_BEHALF: Final = re.compile(r"a\.\s?n\.|an\.?\s", re.IGNORECASE)
_MOST_LINES: Final = 5
_DOT: Final = r"[.\s]*"
_ACTING_TYPED: Final = re.compile(
    rf"(?<!\w)(?:p{_DOT}l{_DOT}[th]|p{_DOT}j{_DOT}s|p{_DOT}j)(?!\w)"
    r"|^(?:pelaksana\s+(?:tugas|harian)|penjabat)(?!\w)"
)
_ON_BEHALF_TYPED: Final = re.compile(
    r"(?<!\w)(?:a\.\s*n|u\.\s*b)(?!\w)|^(?:an|ub)[.\s]|^(?:atas\s+nama|untuk\s+beliau)(?!\w)"
)


def require_well_formed(signed_as: SignedAs) -> None:
    """*u.b.* stands only after an *a.n.*, an acting form alone and last, no form in another text, and there are few
    lines. Raises `TextRefused`."""
    _require_plain_titles(signed_as)
    lines = _lines(signed_as.on_behalf)
    if len(lines) > _MOST_LINES:
        raise _refused(f"More than {_MOST_LINES} lines cannot be printed.", "too-many-lines")
    for position, line in enumerate(lines):
        if _word(line) == "ub" and not any(map(_ON_BEHALF.match, lines[:position])):
            raise _refused('"u.b." is two levels down and follows an "a.n.": name both.', "ub-without-an")
        _require_acting_last(lines, position)


def title_lines(signed_as: SignedAs) -> tuple[str, ...]:
    """What is printed above the name, one line each; the last one ends with a comma. Empty where nothing is known."""
    lines, office = _lines(signed_as.on_behalf), (signed_as.office or "").strip()
    if office and lines and _word(lines[-1]) in _ACTING:
        lines, office = lines[:-1], f"{lines[-1]} {office}"
    titles = [*lines, *filter(None, [office])]
    if titles:
        titles[-1] = f"{titles[-1].rstrip(',')},"
    return tuple(titles)


def acting_word(text: str | None) -> str:
    """The line of a form that stands next to the office, as a word: `plt` for `P.l.t.`"""
    lines = _lines(text)
    return _word(lines[-1]) if lines else ""


def acting_as(signed_as: SignedAs, word: str) -> SignedAs:
    """The same office, in which somebody acts now: `word` as `plh`, next to the office, in the place of another acting
    form. The rank was another person's."""
    lines = _lines(signed_as.on_behalf)
    above = lines[:-1] if lines and _word(lines[-1]) in _ACTING else lines
    return replace(signed_as, on_behalf="; ".join([*above, f"{word.capitalize()}."]), rank=None)


def _require_plain_titles(signed_as: SignedAs) -> None:
    for name in ("office", "agency", "rank"):
        seen = _seen(getattr(signed_as, name) or "")
        if _ACTING_TYPED.search(seen) or _ON_BEHALF_TYPED.search(seen):
            raise TextRefused(
                "Tulis Plt., Plh., Pj., Pjs., a.n. atau u.b. di onBehalf, bukan di sini. / Write the form in onBehalf,"
                " and the title without it here.",
                field=f"signed_as.{name}",
                reason="form-in-title",
            )


def _require_acting_last(lines: list[str], position: int) -> None:
    """Whoever acts says so in a line of its own, next to the office; above a *u.b.* it is somebody else who acts."""
    line, following = lines[position], lines[position + 1 : position + 2]
    last, above_ub = not following, bool(following) and _word(following[0]) == "ub"
    alone = _word(line) in _ACTING
    if (alone and not last) or (not alone and not above_ub and _ACTING_TYPED.search(_seen(line))):
        raise _refused(
            "Tulis Plt., Plh., Pj. atau Pjs. sendiri di baris terakhir, jabatannya di office. / Write the acting form"
            " alone as the last line, and its title in office.",
            "form-not-alone",
        )


def _seen(text: str) -> str:
    """A text as a reader takes it: width, case, spaces, and what has no shape of its own."""
    shown = (each for each in unicodedata.normalize("NFKC", text) if unicodedata.category(each) != "Cf")
    return " ".join("".join(shown).casefold().split())


def _lines(text: str | None) -> list[str]:
    return [line for part in (text or "").split(";") if (line := part.strip())]


def _word(line: str) -> str:
    """`u.b.` as `ub`: forms are recognised whatever their dots and case."""
    return "".join(_seen(line).replace(".", "").split())


def _refused(message: str, reason: str) -> TextRefused:
    return TextRefused(message, field="signed_as.on_behalf", reason=reason)
