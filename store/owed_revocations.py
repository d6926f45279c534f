"""Credentials that ended as revoked whose certificate was never revoked: somebody died between the two."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from cryptography import x509
from sqlalchemy import Select, and_, select

from ca.model import CertificateState
from signer.foreign.model import AnswerState
from signer.model import Credential, CredentialState
from signer.people import Purpose
from signer.revoking import REPLACED
from store.base import table_of
from store.bulk_tables import ForeignAnswerRow, ForeignRevocationRow
from store.credentials import SqlCredentialStore
from store.database import Database
from store.people_tables import CredentialCertificateRow, RegistrationRow
from store.tables import CertificateRow, CredentialRow

MOST: Final = 100
"""In one look; whoever owes more has them in the next."""
_CREDENTIAL: Final = table_of(CredentialRow).c
_CERTIFICATE: Final = table_of(CertificateRow).c
_INDEX: Final = table_of(CredentialCertificateRow).c
_REGISTRATION: Final = table_of(RegistrationRow).c
_STANDS: Final = (CertificateState.ISSUED.value, CertificateState.HELD.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedRevocation:
    """One that is still to be made."""

    credential: Credential
    reason: x509.ReasonFlags | None
    """Why it was replaced; `None` where it was revoked by somebody whose reason died with them."""


def owed_revocations(database: Database, *, issuer_ids: Sequence[str]) -> tuple[OwedRevocation, ...]:
    """Of our `issuer_ids`: every certificate that stands though its credential is revoked. Of others: those that were
    replaced and whose revocation nobody asked for."""
    with database.transaction() as session:
        ids = tuple(dict.fromkeys((*session.scalars(_ours(issuer_ids)), *session.scalars(_others()))))
        asked = select(_REGISTRATION.replaces, _REGISTRATION.purpose).where(
            _REGISTRATION.replaces.in_(ids), _REGISTRATION.credential_id.is_not(None)
        )
        reasons = {row.replaces: REPLACED.get(Purpose(row.purpose)) for row in session.execute(asked)}
    found = (SqlCredentialStore(database).get(each) for each in ids)
    return tuple(
        OwedRevocation(credential=each, reason=reasons.get(each.id))
        for each in found
        if each is not None and each.chain
    )


def _ours(issuer_ids: Sequence[str]) -> Select[Any]:
    stands = and_(
        _CERTIFICATE.serial == _INDEX.serial, _CERTIFICATE.issuer_id.in_(issuer_ids), _CERTIFICATE.state.in_(_STANDS)
    )
    return (
        select(_CREDENTIAL.id)
        .join(CredentialCertificateRow, _INDEX.credential_id == _CREDENTIAL.id)
        .join(CertificateRow, stands)
        .where(_CREDENTIAL.state == CredentialState.REVOKED.value)
        .order_by(_CREDENTIAL.id)
        .limit(MOST)
    )


def _others() -> Select[Any]:
    return (
        select(_CREDENTIAL.id)
        .join(RegistrationRow, _REGISTRATION.replaces == _CREDENTIAL.id)
        .join(ForeignAnswerRow, ForeignAnswerRow.credential_id == _CREDENTIAL.id)
        .outerjoin(ForeignRevocationRow, ForeignRevocationRow.certificate_sha256 == ForeignAnswerRow.leaf_sha256)
        .where(
            _CREDENTIAL.state == CredentialState.REVOKED.value,
            _REGISTRATION.purpose.in_([each.value for each in REPLACED]),
            _REGISTRATION.credential_id.is_not(None),
            ForeignAnswerRow.state == AnswerState.ACCEPTED.value,
            ForeignRevocationRow.certificate_sha256.is_(None),
        )
        .order_by(_CREDENTIAL.id)
        .limit(MOST)
    )
