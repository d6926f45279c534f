"""Certificates of officials as a list: by their end, then by serial number."""

from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, false, or_, select

from signer.model import CredentialState, Signatory
from signer.people import CertificateQuery, OfficialCertificate, StatusWord
from store.base import table_of
from store.database import Database
from store.officials import of_kind
from store.people_tables import CredentialCertificateRow
from store.tables import CredentialRow

_C, _CREDENTIAL = table_of(CredentialCertificateRow).c, table_of(CredentialRow).c
_WHO: Final = ("organisation", "organisation_identifier", "unit", "surname")


class SqlOfficialCertificates:
    """Every certificate that a credential has or had; what waits for one is not here."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def search(self, query: CertificateQuery, *, at: datetime) -> tuple[OfficialCertificate, ...]:
        """At most `query.limit`, those that end first at the beginning."""
        statement = (
            select(_C.serial, _C.not_after, _C.credential_id, _C.signatory_id, _CREDENTIAL.state)
            .add_columns(_CREDENTIAL.signatory_name, *(_CREDENTIAL[name] for name in _WHO))
            .join(CredentialRow, _CREDENTIAL.id == _C.credential_id)
            .order_by(_C.not_after, _C.serial)
            .limit(query.limit)
        )
        for condition in _conditions(query, at):
            statement = statement.where(condition)
        with self._database.transaction() as session:
            return tuple(
                OfficialCertificate(
                    signatory=Signatory(
                        id=row.signatory_id,
                        name=row.signatory_name,
                        **{name: getattr(row, name) for name in _WHO},
                    ),
                    serial=row.serial,
                    not_after=row.not_after,
                    credential_id=row.credential_id,
                    credential_state=CredentialState(row.state),
                )
                for row in session.execute(statement)
            )


def _conditions(query: CertificateQuery, at: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if query.serial is not None:
        found.append(_C.serial == query.serial)
    if query.signatory_id is not None:
        found.append(_C.signatory_id == query.signatory_id)
    if query.expiring_before is not None:
        found.append(_C.not_after < query.expiring_before)
    if query.kind is not None:
        found.append(of_kind(_C.signatory_id, query.kind))
    if query.status is not None:
        found.append(_has_word(query.status, at))
    if query.after is not None:
        end, serial = query.after
        found.append(or_(_C.not_after > end, and_(_C.not_after == end, _C.serial > serial)))
    return found


def _has_word(word: StatusWord, at: datetime) -> ColumnElement[bool]:
    """`signer.people.certificate_word` as SQL; a test holds the two together."""
    valid = _C.not_after >= at
    conditions: dict[StatusWord, ColumnElement[bool]] = {
        StatusWord.ISSUE: and_(_CREDENTIAL.state == CredentialState.ACTIVE.value, valid),
        StatusWord.SUSPEND: and_(_CREDENTIAL.state == CredentialState.SUSPENDED.value, valid),
        StatusWord.RENEW: and_(_CREDENTIAL.state == CredentialState.RETIRED.value, valid),
        StatusWord.REVOKE: _CREDENTIAL.state == CredentialState.REVOKED.value,
        StatusWord.EXPIRED: and_(_CREDENTIAL.state != CredentialState.REVOKED.value, ~valid),
    }
    return conditions.get(word, false())
