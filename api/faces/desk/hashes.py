"""The page for digests alone: what an application says, what is counted here, and the factors."""

from typing import Any, Final

from litestar import Response

from api.faces.desk.visit import Visit
from api.pages.moments import in_words
from api.pages.text import Text
from signer.activation import ActivationRequest, fingerprint, transaction_digest
from signer.authorisation import ALGORITHMS
from signer.factors.model import FactorKind, Session

_NAMES: Final = {"sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512"}


def hashes_page(
    visit: Visit, asked: ActivationRequest, person: Session, *, path: str, error: Text | None
) -> Response[Any]:
    """Everything that is approved, from what is stored, before any factor is asked for."""
    doors, usable = visit.doors, visit.doors.factors.held(person).usable
    official = doors.official(asked.signatory_id)
    return visit.show(
        "consent_hashes.html",
        error=error,
        path=path,
        asked=asked,
        shown=transaction_digest(asked).hex(),
        client=doors.client_name(asked.client_id),
        who=official.signatory if official else None,
        documents=[(each, fingerprint(each.digest), _NAMES[ALGORITHMS[len(each.digest)]]) for each in asked.documents],
        page=1,
        pages=1,
        until=in_words(asked.expires_at, utc_offset_hours=doors.settings.utc_offset_hours),
        may_sign=doors.may_sign(asked),
        with_code=FactorKind.TOTP in usable,
        options=doors.request_options(asked) if FactorKind.PASSKEY in usable else None,
    )
