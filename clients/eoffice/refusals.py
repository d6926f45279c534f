"""What Teken refuses, said to a clerk: Indonesian first, and beside it what Teken itself says.

The contract speaks English and gives a stable word with each refusal; the sentences here go by that word.
"""

from collections.abc import Mapping
from typing import Final

import teken

from eoffice.text import Text

_BY_SLUG: Final[Mapping[str, str]] = {
    "document-refused": "Teken tidak menerima dokumen ini untuk ditandatangani; perbaiki berkasnya.",
    "stamp-refused": "Cap tanda tangan tidak dapat ditempatkan seperti itu; periksa letak atau penandanya.",
    "text-refused": "Ada tulisan yang memuat karakter terlarang; ketik ulang tulisan itu.",
    "credential-unknown": "Sertifikat penanda tangan tidak dikenal Teken; minta administrator memeriksa datanya.",
    "credential-unusable": "Sertifikat penanda tangan sedang tidak dapat dipakai; hubungi petugas pendaftaran.",
    "appointment-missing": "Tidak ada penugasan Plt. atau Plh. yang berlaku untuk jabatan itu.",
    "kind-refused": "Jenis surat ini tidak ditandatangani secara elektronik; gunakan tanda tangan basah.",
    "flow-refused": "Langkah dokumen ini tidak mengizinkannya sekarang; lihat giliran siapa.",
    "letter-refused": "Keadaan surat ini di Teken tidak mengizinkannya lagi.",
    "batch-refused": "Kumpulan dokumen ini di Teken tidak mengizinkannya lagi.",
    "body-too-large": "Dokumen ini terlalu besar; kirim yang lebih kecil.",
    "scope-missing": "E-office ini belum diberi hak untuk itu di Teken; hubungi administrator.",
    "not-found": "Teken tidak mengenalnya lagi.",
    "invalid-request": "Ada isian yang tidak dapat dibaca Teken; perbaiki isian yang disebut.",
}
_REFUSED: Final = "Teken menolaknya; alasannya di bawah ini."
_BY_WORD: Final[Mapping[str, Text]] = {
    "kind-excluded": Text("jenis surat ini tidak ditandatangani secara elektronik", "this kind is signed by hand"),
    "timestamp-unavailable": Text("stempel waktu belum didapat", "no timestamp was to be had"),
    "status-unavailable": Text("status sertifikat belum didapat", "the certificate's status was not to be had"),
    "key-unavailable": Text("kunci segel belum menjawab", "the seal's key did not answer"),
    "interrupted": Text("terhenti di tengah jalan", "it was interrupted"),
    "quota-minute": Text("kuota menit ini habis", "this minute's quota is used up"),
    "quota-day": Text("kuota hari ini habis", "today's quota is used up"),
    "cancelled": Text("dibatalkan di Teken", "it was cancelled at Teken"),
    "revoked": Text("sertifikat segelnya dicabut", "the seal's certificate is revoked"),
    "suspended": Text("sertifikat segelnya dihentikan sementara", "the seal's certificate is suspended"),
    "expired": Text("masa berlaku sertifikat segelnya habis", "the seal's certificate has expired"),
    "seal-not-active": Text("izin segel belum diaktifkan", "the seal is not activated for this office"),
    "seal-deactivated": Text("izin segel dihentikan", "the seal was deactivated"),
    "seal-expired": Text("izin segel habis waktunya; minta diaktifkan lagi", "the seal's activation has expired"),
    "seal-used-up": Text("jumlah dokumen izin segel habis", "the seal's activation is used up"),
    "seal-network": Text("izin segel tidak berlaku dari jaringan ini", "the seal is not activated for this network"),
}
_INTERNAL: Final = Text("kesalahan di Teken", "something went wrong at Teken")


def said(error: Exception) -> str:
    """Why something could not be carried out and what to do: `Indonesian · English`, without marks for operators.

    What the office itself refuses says both already.
    """
    if not isinstance(error, teken.Refused):
        return str(error)
    english = " ".join(each for each in (f"{error.title.rstrip('.')}.", error.detail, error.next_step) if each)
    return f"{_BY_SLUG.get(error.slug, _REFUSED)} · {english}"


def not_sealed(failures: Mapping[str, int]) -> str:
    """Why documents of a batch were not sealed: `Indonesian · English`. `failures`: how many, by the word of the
    failure."""
    words = [_counted(word, many) for word, many in sorted(failures.items())]
    indonesian, english = (", ".join(each) for each in zip(*words, strict=True))
    return f"Tidak dapat disegel: {indonesian}. · It could not be sealed: {english}."


def _counted(word: str, many: int) -> Text:
    known = _BY_WORD.get(word) or Text(f"{_INTERNAL.id} ({word})", f"{_INTERNAL.en} ({word})")
    return Text(*(f"{each} ({many}×)" for each in known)) if many > 1 else known
