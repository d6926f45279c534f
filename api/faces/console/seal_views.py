"""What the pages about seals show. Nothing here asks or changes anything."""

from dataclasses import dataclass
from datetime import datetime

from api.faces.console.office_views import Until, spaced_serial, until_of
from api.faces.console.office_words import CERTIFICATE_STATUS, SEAL_OVER
from api.office.seals import KnownSeal
from api.pages.moments import in_words
from api.pages.text import Text
from signer.model import CredentialState
from signer.people import StatusWord
from signer.seal_model import SealPermission
from signer.seals import HOUSE_SEAL


@dataclass(frozen=True, slots=True, kw_only=True)
class SealLine:
    """One seal."""

    id: str
    name: str
    organisation: str
    serial: str
    words: Text
    tone: str
    until: Until
    is_house: bool
    is_active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionLine:
    """What one application may do with it."""

    id: str
    client: str
    networks: tuple[str, ...]
    used: int
    documents: int
    granted_at: Text
    expires_at: Text
    words: Text
    tone: str
    stands: bool


def seal_line(known: KnownSeal, *, at: datetime, utc_offset_hours: int) -> SealLine:
    """`at`: aware."""
    one = known.credential
    words, tone = CERTIFICATE_STATUS[known.status]
    return SealLine(
        id=one.id,
        name=one.signatory.name,
        organisation=one.signatory.organisation,
        serial=f"{one.certificate.serial_number:x}",
        words=words,
        tone=tone,
        until=until_of(one.certificate.not_valid_after_utc, at=at, utc_offset_hours=utc_offset_hours),
        is_house=one.signatory.id == HOUSE_SEAL,
        is_active=one.state is CredentialState.ACTIVE and known.status is StatusWord.ISSUE,
    )


def permission_line(one: SealPermission, *, at: datetime, utc_offset_hours: int) -> PermissionLine:
    """`at`: aware."""
    over = one.over(at=at)
    words, tone = SEAL_OVER[over]
    return PermissionLine(
        id=one.id,
        client=one.client_id,
        networks=one.networks,
        used=one.used,
        documents=one.documents,
        granted_at=in_words(one.granted_at, utc_offset_hours=utc_offset_hours),
        expires_at=in_words(one.expires_at, utc_offset_hours=utc_offset_hours),
        words=words,
        tone=tone,
        stands=over is None,
    )


def seal_cells(known: KnownSeal) -> tuple[str, ...]:
    """One line of a file."""
    one = known.credential
    return (
        one.id,
        one.signatory.name,
        one.signatory.organisation,
        known.status.value,
        spaced_serial(f"{one.certificate.serial_number:x}"),
        one.certificate.not_valid_after_utc.date().isoformat(),
    )
