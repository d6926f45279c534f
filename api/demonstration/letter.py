"""The letter that a first start signs in front of the newcomer's eyes: drawn by typst, PDF/A-2a and PDF/UA-1."""

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Final

import typst
from babel.dates import format_date

WITA: Final = timezone(timedelta(hours=8), "WITA")
TEMPLATE: Final = Path(__file__).with_name("letter.typ")

AGENCY: Final = "Dinas Contoh"
GOVERNMENT: Final = "Pemerintah Provinsi Contoh"
OFFICE: Final = "Kepala Dinas Contoh"
OFFICIAL: Final = "I Wayan Contoh Wijaya"
NUMBER: Final = "000.1.2/001/CONTOH/2026"
SUBJECT: Final = "Uji Coba Tanda Tangan Elektronik"
BODY: Final = (
    (
        "Surat ini adalah contoh. Surat ini dibuat, ditandatangani secara elektronik, diberi stempel waktu, dan "
        "diperiksa oleh layanan Teken pada saat pertama kali dijalankan, dengan kunci yang tersimpan di dalam HSM."
    ),
    (
        "Silakan pindai kode QR di bawah, atau ketik kode sepuluh huruf di sampingnya pada halaman pemeriksaan, lalu "
        "cocokkan isi lembar ini dengan tampilan dokumen aslinya."
    ),
    "Nama pejabat, instansi, dan nomor surat ini rekaan; sertifikatnya hanya untuk uji coba.",
)


def demonstration_letter(at: datetime) -> bytes:
    """A one-page A4 letter (PDF), dated `at` (aware) as Bali's clocks show it; the same `at` gives the same bytes."""
    here = at.astimezone(WITA)
    data = {
        "agency": AGENCY,
        "address": "Jalan Contoh Nomor 1, Kota Contoh — alamat rekaan",
        "number": NUMBER,
        "subject": SUBJECT,
        "date": format_date(here, "d MMMM y", locale="id"),
        "year": here.year,
        "month": here.month,
        "day": here.day,
        "body": BODY,
        "office": OFFICE,
        "name": OFFICIAL,
    }
    return bytes(
        typst.compile(
            str(TEMPLATE),
            format="pdf",
            pdf_standards=["a-2a", "ua-1"],
            ignore_system_fonts=True,
            sys_inputs={"data": json.dumps(data)},
            timestamp=int(at.timestamp()),
        )
    )
