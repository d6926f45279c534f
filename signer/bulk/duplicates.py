"""The same person twice: inside a file, or in the file and in the register."""

from collections.abc import Callable, Iterator
from typing import Final

from signer.appointments import same_text
from signer.bulk.model import CheckedRow, Finding, RowKind
from signer.bulk.ports import KnownOfficials

_YES: Final = frozenset({"ya", "y", "yes", "true", "1"})


def _identity(row: CheckedRow) -> tuple[str, ...]:
    """What makes two rows the same request."""
    content = row.content
    words = {
        RowKind.OFFICIAL: ("name", "organisation", "unit", "email"),
        RowKind.TRANSFER: ("signatory_id",),
        RowKind.ACTING: ("signatory_id", "form", "office", "starts_on"),
    }[row.kind]
    return (row.kind.value, *(same_text(content.get(word, "")) for word in words))


def duplicates(rows: list[CheckedRow], headings: dict[str, str]) -> Iterator[Finding]:
    """Step 4, inside the file: the same request twice, or one e-mail address for two people."""
    yield from _seen_twice(rows, _identity, None)
    with_email = [row for row in rows if row.kind is RowKind.OFFICIAL and "email" in row.content]
    yield from _seen_twice(with_email, lambda row: (row.content["email"].casefold(),), headings.get("email"))


def _seen_twice(
    rows: list[CheckedRow], identity: Callable[[CheckedRow], tuple[str, ...]], column: str | None
) -> Iterator[Finding]:
    first: dict[tuple[str, ...], int] = {}
    for row in rows:
        earlier = first.setdefault(identity(row), row.number)
        if earlier != row.number:
            yield Finding(
                row=row.number,
                column=column,
                code="duplicate",
                indonesian=f"Sama dengan baris {earlier}; hapus salah satu, atau bedakan surelnya.",
                english=f"The same as row {earlier}; remove one, or give each its own e-mail address.",
            )


def against_register(
    rows: list[CheckedRow], known: KnownOfficials, headings: dict[str, str], organisation: str
) -> Iterator[Finding]:
    """Step 4, against the register."""
    names = {tuple(map(same_text, each)) for each in known.names()}
    ids = known.ids()
    for row in rows:
        content = row.content
        if row.kind is RowKind.OFFICIAL:
            body = content.get("organisation", organisation)
            who = tuple(map(same_text, (content.get("name", ""), body, content.get("unit", ""))))
            if who in names and content.get("same_name_confirmed", "").casefold() not in _YES:
                yield Finding(
                    row=row.number,
                    column=headings.get("name"),
                    code="already-registered",
                    indonesian="Sudah terdaftar; hapus baris, atau isi nama_sama_dipastikan = ya bila orangnya lain.",
                    english="Registered already; remove the row, or set same_name_confirmed = ya for somebody else.",
                )
        elif "signatory_id" in content and content["signatory_id"] not in ids:
            yield Finding(
                row=row.number,
                column=headings.get("signatory_id"),
                code="unknown-signatory",
                indonesian="Penanda tangan tidak ditemukan; periksa id-nya.",
                english="There is no such signatory; check the id.",
            )
