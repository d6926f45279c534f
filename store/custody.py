"""Custody of keys: the stored canaries, and which version of KEK and pepper is still named by whom (10.3, 10.6)."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, insert, or_, select

from signer.model import CredentialState, SealedKey
from store.audit import Act, append
from store.base import table_of
from store.code_tables import CodeSessionKeyRow
from store.custody_tables import CanaryRow
from store.database import Database
from store.factor_tables import FactorRow
from store.tables import CredentialRow
from store.webhook_tables import WebhookSecretRow

_ENDED: Final = (CredentialState.REVOKED.value, CredentialState.RETIRED.value)
_CANARIES: Final = table_of(CanaryRow)
_OF_SESSIONS: Final = (
    CodeSessionKeyRow.kek_label,
    CodeSessionKeyRow.pepper_label,
    CodeSessionKeyRow.secret_pepper_label,
)
"""A session ends within a day, and its row with it."""
_FIELDS: Final = tuple(SealedKey.__dataclass_fields__)


class SqlCustodyStore:
    """What the custody of keys remembers. Changes and audit entries are one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def canaries(self) -> tuple[SealedKey, ...]:
        """Every stored canary, by the labels of its KEK and pepper."""
        query = select(_CANARIES).order_by(_CANARIES.c.kek_label, _CANARIES.c.pepper_label)
        with self._database.transaction() as session:
            rows = session.execute(query).all()
            return tuple(SealedKey(**{name: getattr(row, name) for name in _FIELDS}) for row in rows)

    def add_canary(self, canary: SealedKey, *, actor: str, at: datetime) -> None:
        """Keep the canary of its KEK and pepper; raises `AlreadyExists` where there is one, which is never replaced."""
        row = {name: getattr(canary, name) for name in _FIELDS}
        with self._database.transaction() as session:
            session.execute(insert(_CANARIES), {**row, "created_at": at})
            details = {"what": "canary stored", "pepper": canary.pepper_label}
            append(session, Act.KEY_CUSTODY, _named(canary.kek_label), at=at, actor=actor, details=details)

    def named_by(self) -> Mapping[str, int]:
        """How many credentials that may still sign, authenticators, secrets of webhooks and open code sessions name
        each KEK and each pepper, by label."""
        named: Counter[str] = Counter()
        with self._database.transaction() as session:
            for column in (CredentialRow.kek_label, CredentialRow.pepper_label):
                query = select(column, func.count()).where(CredentialRow.state.not_in(_ENDED)).group_by(column)
                for label, count in session.execute(query):
                    named[label] += count
            seeds = select(FactorRow.pepper_label, func.count()).where(FactorRow.pepper_label.is_not(None))
            for pepper, count in session.execute(seeds.group_by(FactorRow.pepper_label)):
                named[str(pepper)] += count
            secrets = select(WebhookSecretRow.pepper_label, func.count()).group_by(WebhookSecretRow.pepper_label)
            for pepper, count in session.execute(secrets):
                named[str(pepper)] += count
            for column in _OF_SESSIONS:
                for label, count in session.execute(select(column, func.count()).group_by(column)):
                    named[str(label)] += count
        return named

    def retire(self, label: str, *, actor: str, at: datetime) -> int:
        """Forget the canaries under `label` and note that its key is about to be destroyed, unless a credential or an
        authenticator names it; returns how many do, and changes nothing unless that is 0.

        The entry comes before the key goes: no log, no act.
        """
        with self._database.transaction() as session:
            query = (
                select(func.count())
                .where(CredentialRow.state.not_in(_ENDED))
                .where(or_(CredentialRow.kek_label == label, CredentialRow.pepper_label == label))
            )
            seeds = select(func.count()).where(FactorRow.pepper_label == label)
            secrets = select(func.count()).where(WebhookSecretRow.pepper_label == label)
            sessions = select(func.count()).where(or_(*(column == label for column in _OF_SESSIONS)))
            named = sum(int(session.scalar(each) or 0) for each in (query, seeds, secrets, sessions))
            if named == 0:
                session.execute(
                    delete(_CANARIES).where(or_(_CANARIES.c.kek_label == label, _CANARIES.c.pepper_label == label))
                )
                append(session, Act.KEY_CUSTODY, _named(label), at=at, actor=actor, details={"what": "destroyed"})
        return named


def _named(label: str) -> str:
    return f"key:{label}"
