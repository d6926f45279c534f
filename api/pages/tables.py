"""A table as a file for a spreadsheet: CSV (RFC 4180) in UTF-8 with a byte order mark, no cell of it a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

from litestar import Response

from api.pages.rendering import NEITHER_KEPT_NOR_FOUND
from api.pages.scrub import scrub

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would compute (OWASP, CSV injection)."""


def csv_answer(name: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Response[bytes]:
    """A download called `name`, ASCII; every text of a stranger is scrubbed as on a page."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(headings)
    writer.writerows([cell(each) for each in row] for row in rows)
    headers = NEITHER_KEPT_NOR_FOUND | {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(out.getvalue().encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=headers)


def cell(text: str) -> str:
    """One cell, never a formula."""
    plain = scrub(text)
    return f"'{plain}" if plain.startswith(_FORMULA) else plain
