"""Receipts, built once from the settings."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from api.faces.public.settings import PublicSettings
from api.receipts.office import REASON, ReceiptOffice
from api.receipts.words import ReceiptWords
from api.services import VerifiedUpload
from api.settings import Settings
from signer.acts import SigningActs
from signer.errors import KeyUnavailable, Refused
from signer.house_seal import HouseCredentials, HouseSeal
from signer.seals import SealService
from store.audit import Act, AuditTrail

_LONGEST_NAME: Final = 64  # characters of a common name (RFC 5280, upper bounds)


def build_receipts(
    settings: Settings,
    pages: PublicSettings,
    *,
    trail: AuditTrail,
    credentials: HouseCredentials,
    seals: SealService,
    acts: SigningActs,
    now: Callable[[], datetime],
) -> ReceiptOffice:
    """Receipts in the words of the public page, sealed by the house, noted in the trail before."""
    names = settings.pki.names
    seal = HouseSeal(
        seals=seals,
        credentials=credentials,
        acts=acts,
        name=seal_name(names.organisation),
        organisation_identifier=names.organisation_identifier,
        now=now,
    )

    def sealed(page: bytes) -> bytes:
        """Who asks cannot act on a seal that is suspended: for them it is away."""
        try:
            return seal.seal(page, reason=REASON)
        except Refused as error:
            raise KeyUnavailable("the house's own seal cannot be used") from error

    def record(sha256: str, upload: VerifiedUpload) -> None:
        details = {"verdict": upload.report.indication.value, "policy": upload.report.policy}
        trail.record(Act.RECEIPT_SEAL, f"receipt:{sha256}", at=now(), details=details)

    return ReceiptOffice(
        words=ReceiptWords(pages, public_url=settings.server.public_url).of,
        record=record,
        seal=sealed,
        per_minute=settings.limits.receipts_per_minute,
        now=now,
    )


def seal_name(organisation: str) -> str:
    """The body that the receipts' certificate names; the operator alone where both together are too long."""
    name = f"Layanan Verifikasi {organisation}"
    return name if len(name) <= _LONGEST_NAME else organisation
