"""Numbers of letters: one row of numbers per agency, series and year, without gaps and without doubles.

A number is drawn in the same transaction in which its paper is released, so neither exists without the other. A paper
that is given up keeps its number: the register says that it is void.
"""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One row of numbers."""

    agency_id: str
    name: str
    year: int


def written(sequence: int, *, classification: str | None, agency_code: str, dated: date) -> str:
    """As it stands on the page: `000.1.2/0123/CONTOH/2026`; without a classification it begins with the number."""
    parts = [classification, f"{sequence:04d}", agency_code, str(dated.year)]
    return "/".join(each for each in parts if each)
