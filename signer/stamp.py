"""The visible stamp: drawn by typst from data, with a QR by segno. Where it goes is `placement.py`'s business.

The QR carries the address of the verification page and is never called the signature. The footer names the issuer from
the certificate that really signs, and says "tersertifikasi" only when the chain ends at a configured anchor.
"""

import io
import json
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import segno
import typst
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID

from signer.model import Credential, SignedAs, VerificationCode
from signer.verification_code import in_groups

WIDTH: Final = 210.0
HEIGHT: Final = 72.0
"""Size of the drawing in points; a widget of another size scales it."""

_HERE: Final = Path(__file__).parent
_WITA: Final = timezone(timedelta(hours=8), "WITA")  # Waktu Indonesia Tengah; no daylight saving time
_MONTHS: Final = (
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
)
_BEFORE_THE_TITLE: Final = ("plt.", "plh.", "pj.", "pjs.")  # acting: same line as the office; the others stand above it
_QUIET_ZONE: Final = 4  # modules (ISO/IEC 18004)


@dataclass(frozen=True, slots=True, kw_only=True)
class StampText:
    """Every text of one stamp."""

    titles: tuple[str, ...]
    name: str
    rank: str | None
    time: str
    code: str
    legal: str
    check: str
    address: str
    """What the QR says."""


def stamp_text(
    credential: Credential,
    signed_as: SignedAs,
    code: VerificationCode,
    *,
    address: str,
    at: datetime,
    certified_anchors: frozenset[bytes],
) -> StampText:
    """The texts for one signing at `at` (aware); `certified_anchors` are SHA-256 fingerprints of root certificates."""
    return StampText(
        titles=_titles(signed_as),
        name=credential.signatory.name,
        rank=signed_as.rank,
        time=wita(at),
        code=in_groups(code.short),
        legal=_legal_sentence(credential.chain, certified_anchors),
        check=f"Pindai QR atau masukkan kode di {_host(address)}, lalu cocokkan dengan lembar ini.",
        address=address,
    )


class StampPainter:
    """Draws stamps. Keeps the compiler with its template and fonts; one drawing at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._compiler = typst.Compiler(
            input=_HERE / "stamps" / "official.typ",
            root=_HERE / "stamps",
            font_paths=[_HERE / "fonts"],
            ignore_system_fonts=True,
        )

    def paint(self, text: StampText, at: datetime) -> bytes:
        """A PDF of one page of `WIDTH` by `HEIGHT` points, fonts embedded; the same input gives the same bytes."""
        data = {
            "titles": text.titles,
            "name": text.name,
            "rank": text.rank,
            "time": text.time,
            "code": text.code,
            "legal": text.legal,
            "check": text.check,
            "qr": qr_svg(text.address),
        }
        with self._lock:
            pdf = self._compiler.compile(
                format="pdf", sys_inputs={"data": json.dumps(data)}, timestamp=int(at.timestamp()), pdf_tags=False
            )
        if not isinstance(pdf, bytes):
            raise TypeError("typst gave no single page")
        return pdf


def qr_svg(address: str) -> str:
    """A QR code as SVG: error correction M, quiet zone of four modules, opaque white behind it."""
    drawn = io.BytesIO()
    code = segno.make_qr(address, error="m", boost_error=False)
    code.save(drawn, kind="svg", border=_QUIET_ZONE, dark="#000", light="#fff", xmldecl=False, omitsize=True)
    return drawn.getvalue().decode("ascii")


def wita(at: datetime) -> str:
    """An aware time as officials in Bali write it: `21 November 2026 10.15 WITA`."""
    local = at.astimezone(_WITA)
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year} {local:%H.%M} WITA"


def _titles(signed_as: SignedAs) -> tuple[str, ...]:
    form, office = (signed_as.on_behalf or "").strip(), (signed_as.office or "").strip()
    if office and form.lower() in _BEFORE_THE_TITLE:
        form, office = "", f"{form} {office}"
    return tuple(part for part in (form, office, signed_as.agency) if part)


def _legal_sentence(chain: tuple[x509.Certificate, ...], certified_anchors: frozenset[bytes]) -> str:
    names = chain[0].issuer.get_attributes_for_oid(NameOID.COMMON_NAME)
    issuer = str(names[0].value) if names else chain[0].issuer.rfc4514_string()
    if chain[-1].fingerprint(hashes.SHA256()) in certified_anchors:
        return f"Dokumen ini memuat tanda tangan elektronik tersertifikasi dengan sertifikat dari {issuer}."
    return f"Dokumen ini memuat tanda tangan elektronik dengan sertifikat internal {issuer} (tidak tersertifikasi)."


def _host(address: str) -> str:
    return urlsplit(address).netloc or address
