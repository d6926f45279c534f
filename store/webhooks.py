"""Webhooks: their rows, their sealed secrets, their log."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Select, case, delete, func, insert, select, update
from sqlalchemy.orm import Session

from signer.errors import WebhookRefused, WebhookUnknown
from signer.events import EventType
from signer.hooks.model import Delivery, DeliveryState, SealedSecret, Webhook, WebhookHealth, WebhookState
from store.audit import Act, append
from store.base import table_of
from store.database import Database
from store.event_tables import EventRow
from store.events import tell
from store.tables import AuditHeadRow
from store.webhook_tables import WebhookDeliveryRow, WebhookRow, WebhookSecretRow

_WEBHOOKS: Final = table_of(WebhookRow)
_SECRETS: Final = table_of(WebhookSecretRow)
_DELIVERIES: Final = table_of(WebhookDeliveryRow)
_EVENTS: Final = table_of(EventRow)
_W, _S, _D, _E = _WEBHOOKS.c, _SECRETS.c, _DELIVERIES.c, _EVENTS.c
_WAITING: Final = DeliveryState.WAITING.value
_SEALED: Final = tuple(SealedSecret.__dataclass_fields__)
_HEAD: Final = table_of(AuditHeadRow)
_LOCK_HEAD: Final = update(_HEAD).values(events=_HEAD.c.events).returning(_HEAD.c.events)
_COUNT: Final = (
    select(func.count())
    .where(_D.webhook_id == _W.id, _D.state == _WAITING)
    .correlate(_WEBHOOKS)
    .scalar_subquery()
    .label("waiting")
)


class SqlWebhooks:
    """`signer.hooks.ports.WebhookStore`, and what operators see and do."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, webhook: Webhook, secret: SealedSecret, *, most: int, actor: str) -> None:
        """For events from now on."""
        with self._database.transaction() as session:
            newest = session.scalar(_LOCK_HEAD)  # who adds at once waits here
            count = session.scalar(select(func.count()).where(_W.client_id == webhook.client_id)) or 0
            if count >= most:
                raise WebhookRefused(
                    f"You have {most} webhooks, which is the most.", field="url", reason="too-many-webhooks"
                )
            row = {
                "id": webhook.id,
                "client_id": webhook.client_id,
                "url": webhook.url,
                "types": [each.value for each in webhook.types],
                "state": webhook.state.value,
                "position": newest or 0,
                "numbered": 0,
                "failures": 0,
                "next_at": webhook.created_at,
                "created_at": webhook.created_at,
            }
            session.execute(insert(_WEBHOOKS), row)
            session.execute(insert(_SECRETS), {**asdict(secret), "webhook_id": webhook.id, "number": 1})
            _note(session, Act.WEBHOOK_ADD, webhook.id, actor, webhook.created_at, client=webhook.client_id)

    def get(self, webhook_id: str) -> Webhook | None:
        """Whoever's it is."""
        with self._database.transaction() as session:
            row = session.execute(select(_WEBHOOKS, _COUNT).where(_W.id == webhook_id)).one_or_none()
            return None if row is None else webhook_of(row)

    def of_client(self, client_id: str) -> tuple[Webhook, ...]:
        """By id."""
        return self._all(select(_WEBHOOKS, _COUNT).where(_W.client_id == client_id).order_by(_W.id))

    def all(self) -> tuple[Webhook, ...]:
        """For operators, by client."""
        return self._all(select(_WEBHOOKS, _COUNT).order_by(_W.client_id, _W.id))

    def change(
        self,
        webhook_id: str,
        *,
        url: str | None,
        types: tuple[EventType, ...] | None,
        state: WebhookState | None,
        require: Callable[[Webhook], None] = lambda _: None,
        actor: str,
        at: datetime,
    ) -> None:
        """What is not `None` becomes so; `require` sees what is changed, and nobody else changes it meanwhile."""
        values: dict[str, Any] = {}
        if url is not None:
            values["url"] = url
        if types is not None:
            values["types"] = [each.value for each in types]
        if state is not None:
            values |= {"state": state.value}
        if state is WebhookState.ACTIVE:
            values |= {"failures": 0, "failing_since": None, "next_at": at}
        with self._database.transaction() as session:
            _lock(session, webhook_id)
            row = session.execute(select(_WEBHOOKS, _COUNT).where(_W.id == webhook_id)).one_or_none()
            if row is None:
                raise WebhookUnknown("It was removed a moment ago.", field="webhook", reason="unknown")
            require(webhook_of(row))
            if values:
                session.execute(update(_WEBHOOKS).where(_W.id == webhook_id).values(values))
            if state is WebhookState.ACTIVE:
                waits = (_D.webhook_id == webhook_id, _D.state == _WAITING)
                session.execute(update(_DELIVERIES).where(*waits).values(next_at=at, attempts=0))
            changed = sorted(name for name in ("url", "types", "state") if name in values)
            told = {"changed": ",".join(changed), "state": None if state is None else state.value}
            _note(session, Act.WEBHOOK_CHANGE, webhook_id, actor, at, **told)

    def remove(self, webhook_id: str, *, actor: str, at: datetime) -> None:
        """With everything that belongs to it."""
        with self._database.transaction() as session:
            _lock(session, webhook_id)
            session.execute(delete(_DELIVERIES).where(_D.webhook_id == webhook_id))
            session.execute(delete(_SECRETS).where(_S.webhook_id == webhook_id))
            session.execute(delete(_WEBHOOKS).where(_W.id == webhook_id))
            _note(session, Act.WEBHOOK_REMOVE, webhook_id, actor, at)

    def rotate(self, webhook_id: str, secret: SealedSecret, *, ends_at: datetime, actor: str, at: datetime) -> None:
        """The newest two stay."""
        with self._database.transaction() as session:
            _lock(session, webhook_id)
            newest = session.scalar(select(func.max(_S.number)).where(_S.webhook_id == webhook_id)) or 0
            session.execute(delete(_SECRETS).where(_S.webhook_id == webhook_id, _S.number < newest))
            session.execute(update(_SECRETS).where(_S.webhook_id == webhook_id).values(ends_at=ends_at))
            session.execute(insert(_SECRETS), {**asdict(secret), "webhook_id": webhook_id, "number": newest + 1})
            _note(session, Act.WEBHOOK_SECRET, webhook_id, actor, at, old_until=ends_at.isoformat())

    def sealed_otherwise(self, pepper_label: str) -> tuple[tuple[str, SealedSecret], ...]:
        """Of every webhook, in whatever state."""
        query = select(_SECRETS).where(_S.pepper_label != pepper_label).order_by(_S.webhook_id, _S.number)
        with self._database.transaction() as session:
            rows = session.execute(query).all()
        return tuple((row.webhook_id, SealedSecret(**{name: getattr(row, name) for name in _SEALED})) for row in rows)

    def reseal(self, webhook_id: str, *, old: SealedSecret, new: SealedSecret, at: datetime) -> bool:
        """By one conditional update."""
        this = update(_SECRETS).where(_S.webhook_id == webhook_id, _S.sealed == old.sealed).values(**asdict(new))
        with self._database.transaction() as session:
            if session.scalar(this.returning(_S.number)) is None:
                return False
            _note(session, Act.WEBHOOK_SECRET, webhook_id, "service", at, resealed_under=new.pepper_label)
            return True

    def test(self, webhook: Webhook, *, at: datetime) -> None:
        """An event that other webhooks pass over."""
        with self._database.transaction() as session:
            tell(session, EventType.WEBHOOK_TEST, client_id=webhook.client_id, subject=webhook.id, at=at)

    def deliveries(self, webhook_id: str, *, before: int | None, state: str | None, limit: int) -> tuple[Delivery, ...]:
        """The newest first; of an event that is forgotten meanwhile nothing is left."""
        query = _logged(webhook_id).order_by(_D.number.desc()).limit(limit)
        if before is not None:
            query = query.where(_D.number < before)
        if state is not None:
            query = query.where(_D.state == state)
        with self._database.transaction() as session:
            return tuple(_delivery(row) for row in session.execute(query))

    def replay(self, webhook_id: str, number: int, *, actor: str, at: datetime) -> Delivery | None:
        """As if it had never been tried; the webhook does not rest any longer."""
        anew = {"state": _WAITING, "attempts": 0, "next_at": at}
        this = update(_DELIVERIES).where(_D.webhook_id == webhook_id, _D.number == number).values(anew)
        with self._database.transaction() as session:
            if session.scalar(this.returning(_D.number)) is None:
                return None
            session.execute(update(_WEBHOOKS).where(_W.id == webhook_id).values(next_at=at))
            _note(session, Act.WEBHOOK_REPLAY, webhook_id, actor, at, number=number)
            row = session.execute(_logged(webhook_id).where(_D.number == number)).one_or_none()
            return None if row is None else _delivery(row)

    def replay_since(self, webhook_id: str, since: datetime, *, actor: str, at: datetime) -> int:
        """Its place in the list goes back; what waits behind it is lined up anew."""
        with self._database.transaction() as session:
            client_id = _lock(session, webhook_id)
            theirs = select(func.min(_E.sequence)).where(_E.client_id == client_id, _E.at >= since)
            first = session.scalar(theirs)
            if first is None:
                return 0
            count = session.scalar(select(func.count()).where(_E.client_id == client_id, _E.sequence >= first)) or 0
            back = case((_W.position < first, _W.position), else_=first - 1)
            session.execute(update(_WEBHOOKS).where(_W.id == webhook_id).values(position=back, next_at=at))
            lined_up = (_D.webhook_id == webhook_id, _D.state == _WAITING, _D.event_sequence >= first)
            session.execute(delete(_DELIVERIES).where(*lined_up))
            _note(session, Act.WEBHOOK_REPLAY, webhook_id, actor, at, since=since.isoformat(), events=int(count))
            return int(count)

    def health(self) -> WebhookHealth:
        """How delivery goes."""
        with self._database.transaction() as session:
            states = {str(s): int(n) for s, n in session.execute(select(_W.state, func.count()).group_by(_W.state))}
            rows = session.execute(select(_D.state, func.count()).where(_D.state != "delivered").group_by(_D.state))
            deliveries = {str(state): int(number) for state, number in rows}
            oldest = session.scalar(
                select(func.min(_E.at))
                .join(_DELIVERIES, _D.event_sequence == _E.sequence)
                .join(_WEBHOOKS, _W.id == _D.webhook_id)
                .where(_D.state == _WAITING, _W.state == WebhookState.ACTIVE.value)
            )
        counts = {each.value: states.get(each.value, 0) for each in WebhookState}
        waiting, failed = deliveries.get(_WAITING, 0), deliveries.get(DeliveryState.FAILED.value, 0)
        return WebhookHealth(**counts, waiting=waiting, failed=failed, oldest_waiting_at=oldest)

    def _all(self, query: Select[Any]) -> tuple[Webhook, ...]:
        with self._database.transaction() as session:
            return tuple(webhook_of(row) for row in session.execute(query))


def _lock(session: Session, webhook_id: str) -> str | None:
    """Its row, by a write, so that SQLite lets nobody in between either; whose it is."""
    locked = update(_WEBHOOKS).where(_W.id == webhook_id).values(numbered=_W.numbered)
    client_id: str | None = session.scalar(locked.returning(_W.client_id))
    return client_id


def webhook_of(row: Row[Any], waiting: int | None = None) -> Webhook:
    """A row, with its count of waiting deliveries where it has one, as the noun."""
    return Webhook(
        id=row.id,
        client_id=row.client_id,
        url=row.url,
        types=tuple(map(EventType, row.types)),
        state=WebhookState(row.state),
        failures=row.failures,
        failing_since=row.failing_since,
        created_at=row.created_at,
        waiting=row.waiting if waiting is None else waiting,
    )


def _logged(webhook_id: str) -> Select[Any]:
    joined = select(_DELIVERIES, _E.id.label("event_id"), _E.type.label("event_type"))
    return joined.join(_EVENTS, _E.sequence == _D.event_sequence).where(_D.webhook_id == webhook_id)


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        number=row.number,
        event_id=row.event_id,
        event_type=EventType(row.event_type),
        state=DeliveryState(row.state),
        attempts=row.attempts,
        attempted_at=row.attempted_at,
        status=row.status,
        failure=row.failure,
        milliseconds=row.milliseconds,
        next_at=row.next_at,
    )


def _note(session: Session, act: Act, webhook_id: str, actor: str, at: datetime, **details: str | int | None) -> None:
    """The address is not in the trail: some have a secret in it."""
    append(session, act, f"webhook:{webhook_id}", at=at, actor=actor, details=details)
