"""What a stamp says. How it looks is a template's business (`stamp_painter.py`), where it goes `placement.py`'s.

The issuer is named from the certificate that really signs, and "tersertifikasi" is said only when the chain ends at a
configured anchor.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID

from signer.model import Credential, SignedAs, VerificationCode
from signer.on_behalf import title_lines
from signer.verification_code import in_groups

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


@dataclass(frozen=True, slots=True, kw_only=True)
class StampText:
    """Every text of one stamp."""

    titles: tuple[str, ...]
    """Lines above the name: on whose behalf, and in which office."""
    name: str
    agency: str | None
    rank: str | None
    nip: str | None
    """Only where the caller gave it for print; personal data (UU 27/2022)."""
    time: str
    code: str
    """In groups."""
    issuer: str
    certified: bool
    """Whether the chain ends at an anchor that makes a signature *tersertifikasi*."""
    address: str
    """What the QR says."""

    @property
    def host(self) -> str:
        """Where people go who type the code."""
        return urlsplit(self.address).netloc or self.address


def stamp_text(
    credential: Credential,
    signed_as: SignedAs,
    code: VerificationCode,
    *,
    address: str,
    at: datetime,
    certified_anchors: frozenset[bytes],
    nip: str | None = None,
) -> StampText:
    """The texts for one signing at `at` (aware); `certified_anchors` are SHA-256 fingerprints of root certificates."""
    chain = credential.chain
    names = chain[0].issuer.get_attributes_for_oid(NameOID.COMMON_NAME)
    return StampText(
        titles=title_lines(signed_as),
        name=credential.signatory.name,
        agency=signed_as.agency,
        rank=signed_as.rank,
        nip=nip,
        time=wita(at),
        code=in_groups(code.short),
        issuer=str(names[0].value) if names else chain[0].issuer.rfc4514_string(),
        certified=chain[-1].fingerprint(hashes.SHA256()) in certified_anchors,
        address=address,
    )


def wita(at: datetime) -> str:
    """An aware time as officials in Bali write it: `21 November 2026 10.15 WITA`."""
    local = at.astimezone(_WITA)
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year} {local:%H.%M} WITA"
