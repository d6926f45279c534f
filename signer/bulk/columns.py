"""The columns of a file of officials: Indonesian headings first, English ones beside them, and those never taken."""

import re
import unicodedata
from typing import Final

from signer.bulk.model import RowKind
from signer.errors import ImportRefused

COLUMNS: Final = {
    "kind": ("jenis", "kind"),
    "signatory_id": ("id_penanda_tangan", "signatory_id"),
    "name": ("nama", "nama_lengkap", "name"),
    "surname": ("nama_keluarga", "surname"),
    "organisation": ("instansi", "organisation"),
    "organisation_identifier": ("pengenal_instansi", "organisation_identifier"),
    "unit": ("unit_kerja", "unit"),
    "office": ("jabatan", "office"),
    "email": ("surel", "email"),
    "form": ("bentuk", "form"),
    "starts_on": ("mulai", "from"),
    "ends_on": ("sampai", "until"),
    "same_name_confirmed": ("nama_sama_dipastikan", "same_name_confirmed"),
}
"""Our word, and the headings that mean it."""

REQUIRED: Final = {
    RowKind.OFFICIAL: ("name",),
    RowKind.TRANSFER: ("signatory_id",),
    RowKind.ACTING: ("signatory_id", "form", "office", "starts_on", "ends_on"),
}
KINDS: Final = {
    "": RowKind.OFFICIAL,
    "pejabat": RowKind.OFFICIAL,
    "official": RowKind.OFFICIAL,
    "mutasi": RowKind.TRANSFER,
    "transfer": RowKind.TRANSFER,
    "penugasan": RowKind.ACTING,
    "acting": RowKind.ACTING,
}
_MEANING: Final = {heading: word for word, headings in COLUMNS.items() for heading in headings}
_FORBIDDEN: Final = re.compile(r"(?:no(?:mor)?_?)?(?:nik|nip|ktp|nomor_induk.*|citizen_number|employee_number)\Z")


def columns_of(heading: tuple[str, ...]) -> dict[int, str]:
    """Which position holds what; columns of no meaning to us are an error, so that a typing error is never silent.

    Raises `ImportRefused`; a column of NIKs or NIPs is refused before a single cell of it is looked at.
    """
    found: dict[int, str] = {}
    for position, text in enumerate(heading):
        name = normalised(text)
        if not name:
            continue
        if _FORBIDDEN.match(name):
            raise _refused(
                "personal-number",
                text,
                "berisi NIK atau NIP; hapus kolom itu, nomor itu tidak boleh ada dalam impor",
                "holds NIKs or NIPs; remove it, these numbers have no place in an import",
            )
        word = _MEANING.get(name)
        if word is None:
            known = ", ".join(headings[0] for headings in COLUMNS.values())
            raise _refused(
                "unknown-column", text, f"tidak dikenal; yang dikenal: {known}", f"is unknown; known are: {known}"
            )
        if word in found.values():
            raise _refused("column-twice", text, "ada dua kali; hapus salah satu", "stands there twice; remove one")
        found[position] = word
    if "name" not in found.values() and "signatory_id" not in found.values():
        raise _refused(
            "no-heading",
            "nama",
            "tidak ada; baris pertama harus berisi judul kolom",
            "is missing; the first row must hold the headings",
        )
    return found


def normalised(heading: str) -> str:
    """`Unit Kerja `, `unit-kerja` and `UNIT_KERJA` are one heading."""
    text = unicodedata.normalize("NFKC", heading).strip().strip("\ufeff").casefold()
    return re.sub(r"[\s\-./]+", "_", text).strip("_")


def heading_of(word: str) -> str:
    """How people call a column."""
    return COLUMNS[word][0]


def _refused(reason: str, column: str, indonesian: str, english: str) -> ImportRefused:
    shown = re.sub(r"\d", "#", column.strip())[:40]
    return ImportRefused(
        f'Kolom "{shown}" {indonesian}. / Column "{shown}" {english}.', field=f"column:{shown}", reason=reason
    )
