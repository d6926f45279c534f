"""Deliveries to webhooks: events lined up, claimed by one process, tried until they are taken.

A webhook is claimed, not a delivery, so what goes to one address goes there in order and from one process. A claim ends
by itself; who records under a claim that ended changes the delivery, and leaves the claim to whoever has it now.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, and_, delete, exists, insert, or_, select, update
from sqlalchemy.orm import Session

from signer.events import EventType
from signer.hooks.model import ATTEMPTS, IN_ORDER, Attempt, Claim, DeliveryState, Due, SealedSecret, WebhookState
from store.base import table_of
from store.client_model import ClientState
from store.database import Database
from store.event_tables import EventRow
from store.events import event_of
from store.tables import ClientRow
from store.webhook_tables import WebhookDeliveryRow, WebhookRow, WebhookSecretRow
from store.webhooks import webhook_of

LINED_UP: Final = 200
"""Events that are lined up at once for one webhook."""
_SLICE: Final = 1000

_WEBHOOKS: Final = table_of(WebhookRow)
_DELIVERIES: Final = table_of(WebhookDeliveryRow)
_EVENTS: Final = table_of(EventRow)
_W, _D, _E = _WEBHOOKS.c, _DELIVERIES.c, _EVENTS.c
_WAITING, _ACTIVE = DeliveryState.WAITING.value, WebhookState.ACTIVE.value
_SECRET: Final = tuple(SealedSecret.__dataclass_fields__)


class SqlDeliveries:
    """`signer.hooks.ports.DeliveryQueue`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, *, at: datetime, until: datetime) -> Claim | None:
        """The one that has rested longest; a disabled client gets nothing."""
        free = and_(_W.state == _ACTIVE, _W.next_at <= at, or_(_W.claimed_until.is_(None), _W.claimed_until <= at))
        known = exists().where(ClientRow.id == _W.client_id, ClientRow.state == ClientState.ACTIVE.value)
        new = exists().where(_E.client_id == _W.client_id, _E.sequence > _W.position)
        old = exists().where(_D.webhook_id == _W.id, _D.state == _WAITING, _D.next_at <= at)
        chosen = (
            select(_W.id)
            .where(free, known, or_(new, old))
            .order_by(_W.next_at)
            .limit(1)
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        )
        claimed = update(_WEBHOOKS).where(_W.id == chosen, free).values(claimed_until=until, next_at=at)
        with self._database.transaction() as session:
            row = session.execute(claimed.returning(_WEBHOOKS)).one_or_none()
            if row is None:
                return None
            _line_up(session, row, at)
            return Claim(webhook=webhook_of(row, waiting=0), until=until)

    def due(self, webhook_id: str, *, at: datetime) -> Due | None:
        """The first in line; what stepped aside where nobody is in line."""
        waits = select(_D.number, _D.attempts, _D.next_at, _EVENTS).join(_EVENTS, _E.sequence == _D.event_sequence)
        waits = waits.where(_D.webhook_id == webhook_id, _D.state == _WAITING).order_by(_D.number).limit(1)
        with self._database.transaction() as session:
            row = session.execute(waits.where(_D.attempts < IN_ORDER)).one_or_none()
            if row is None:
                row = session.execute(waits.where(_D.attempts >= IN_ORDER, _D.next_at <= at)).one_or_none()
            if row is None or row.next_at > at:
                return None
            return Due(number=row.number, event=event_of(row), attempts=row.attempts)

    def secrets(self, webhook_id: str, *, at: datetime) -> tuple[SealedSecret, ...]:
        """The newest first."""
        row = WebhookSecretRow
        good = or_(row.ends_at.is_(None), row.ends_at > at)
        query = select(row).where(row.webhook_id == webhook_id, good).order_by(row.number.desc())
        with self._database.transaction() as session:
            return tuple(
                SealedSecret(**{name: getattr(each, name) for name in _SECRET}) for each in session.scalars(query)
            )

    def taken(self, claim: Claim, due: Due, attempt: Attempt, *, until: datetime) -> Claim | None:
        """The claim goes on with the webhook as it is now; not where it was paused or removed meanwhile."""
        values = {**_tried(due, attempt), "state": DeliveryState.DELIVERED.value, "next_at": None}
        ours = and_(_W.id == claim.webhook.id, _W.claimed_until == claim.until, _W.state == _ACTIVE)
        well = {"failures": 0, "failing_since": None, "claimed_until": until}
        with self._database.transaction() as session:
            session.execute(_this(claim, due).values(values))
            row = session.execute(update(_WEBHOOKS).where(ours).values(well).returning(_WEBHOOKS)).one_or_none()
            return None if row is None else Claim(webhook=webhook_of(row, waiting=0), until=until)

    def failed(
        self, claim: Claim, due: Due, attempt: Attempt, *, again_at: datetime, rest_until: datetime
    ) -> WebhookState:
        """After `ATTEMPTS` the delivery is given up; after as many failures in a row the webhook is, and what waits for
        it waits."""
        failures = claim.webhook.failures + 1
        failing = failures >= ATTEMPTS
        over = due.attempts + 1 >= ATTEMPTS and not failing
        state = (DeliveryState.FAILED if over else DeliveryState.WAITING).value
        values = {**_tried(due, attempt), "state": state, "next_at": None if over else again_at}
        since = claim.webhook.failing_since or attempt.at
        resting = {"failures": failures, "failing_since": since, "next_at": rest_until, "claimed_until": None}
        ours = update(_WEBHOOKS).where(_W.id == claim.webhook.id, _W.claimed_until == claim.until)
        with self._database.transaction() as session:
            session.execute(_this(claim, due).values(values))
            session.execute(ours.values(resting))
            if failing:
                ended = update(_WEBHOOKS).where(_W.id == claim.webhook.id, _W.state == _ACTIVE)
                session.execute(ended.values(state=WebhookState.FAILING.value))
        return WebhookState.FAILING if failing else WebhookState.ACTIVE

    def give_back(self, claim: Claim, *, rest_until: datetime) -> None:
        """At once, not at the end of the claim."""
        ours = update(_WEBHOOKS).where(_W.id == claim.webhook.id, _W.claimed_until == claim.until)
        with self._database.transaction() as session:
            session.execute(ours.values(claimed_until=None, next_at=rest_until))

    def purge(self, *, before: datetime) -> int:
        """Forget deliveries that ended before `before`, and those of events that are forgotten; returns how many."""
        ended = and_(_D.state != _WAITING, _D.attempted_at < before)
        orphaned = ~exists().where(_E.sequence == _D.event_sequence)
        old = select(_D.webhook_id, _D.number).where(or_(ended, orphaned)).limit(_SLICE)
        forgotten = 0
        while True:
            with self._database.transaction() as session:
                keys = session.execute(old).all()
                for webhook_id, number in keys:
                    session.execute(delete(_DELIVERIES).where(_D.webhook_id == webhook_id, _D.number == number))
            forgotten += len(keys)
            if len(keys) < _SLICE:
                return forgotten


def _line_up(session: Session, webhook: Row[Any], at: datetime) -> None:
    """A delivery for each event that came since and that it wants; the row of the webhook is ours."""
    query = (
        select(_E.sequence, _E.type, _E.subject)
        .where(_E.client_id == webhook.client_id, _E.sequence > webhook.position)
        .order_by(_E.sequence)
        .limit(LINED_UP)
    )
    found = session.execute(query).all()
    wanted = [each for each in found if _wants(webhook.types, webhook.id, each)]
    rows = [
        {
            "webhook_id": webhook.id,
            "number": number,
            "event_sequence": event.sequence,
            "state": _WAITING,
            "attempts": 0,
            "next_at": at,
        }
        for number, event in enumerate(wanted, start=webhook.numbered + 1)
    ]
    if rows:
        session.execute(insert(_DELIVERIES), rows)
    if found:
        moved = {"position": found[-1].sequence, "numbered": webhook.numbered + len(rows)}
        session.execute(update(_WEBHOOKS).where(_W.id == webhook.id).values(moved))


def _wants(types: Sequence[str], webhook_id: str, event: Any) -> bool:
    if event.type == EventType.WEBHOOK_TEST.value:
        return bool(event.subject == webhook_id)
    return not types or event.type in types


def _this(claim: Claim, due: Due) -> Any:
    """Its row, unless it was replayed or removed meanwhile."""
    this = and_(_D.webhook_id == claim.webhook.id, _D.number == due.number, _D.attempts == due.attempts)
    return update(_DELIVERIES).where(this, _D.state == _WAITING)


def _tried(due: Due, attempt: Attempt) -> dict[str, Any]:
    return {
        "attempts": due.attempts + 1,
        "attempted_at": attempt.at,
        "status": attempt.status,
        "failure": attempt.failure,
        "milliseconds": attempt.milliseconds,
    }
