"""Events and webhooks, built once from the settings: what doors ask, what runs by the clock, what is watched."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from api.alarms import Alarm, Severity, Watch
from api.events.sending import CheckedPost, trusting
from api.given import Now, RandomBytes
from api.hsm import Hsm
from api.jobs import Job
from api.kept import Kept
from api.settings import Settings
from hsm_config.errors import HsmError
from hsm_config.small_secrets import SmallSecret, SmallSecrets
from signer.appointments import OFFICE_CLOCK
from signer.errors import KeyUnavailable
from signer.hooks.addresses import AddressRules
from signer.hooks.delivering import Delivering
from signer.hooks.model import SealedSecret, WebhookHealth
from signer.hooks.service import WebhookService
from store.database import Database
from store.deliveries import SqlDeliveries
from store.events import SqlEvents
from store.expiries import LOOK_BACK, SqlExpiries
from store.webhooks import SqlWebhooks

AT_ONCE: Final = 4
"""Webhooks that one process delivers to side by side."""
CLAIMS: Final = 20
"""Of one thread in one run of the job, so that a run ends."""
EVERY: Final = timedelta(seconds=1)
LATE: Final = timedelta(hours=1)
_LANE: Final = "webhooks"

_log = structlog.get_logger("teken.webhooks")


class HsmSecrets:
    """`signer.hooks.ports.SecretVault` over the HSM."""

    def __init__(self, secrets: SmallSecrets) -> None:
        self._secrets = secrets

    def seal(self, secret: bytes, *, owner: str) -> SealedSecret:
        """Under today's pepper; raises `KeyUnavailable`."""
        with _hsm_errors_as_ours():
            return SealedSecret(**asdict(self._secrets.seal(secret, owner=owner)))

    def open(self, sealed: SealedSecret, *, owner: str) -> bytes:
        """The secret; raises `KeyUnavailable`."""
        with _hsm_errors_as_ours():
            return self._secrets.open(SmallSecret(**asdict(sealed)), owner=owner)


@contextmanager
def _hsm_errors_as_ours() -> Any:
    try:
        yield
    except HsmError as error:
        raise KeyUnavailable(str(error)) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhooks:
    """Events and webhooks in this process."""

    service: WebhookService
    health: Callable[[], WebhookHealth]
    jobs: tuple[Job, ...]
    watch: Watch


def build_webhooks(
    settings: Settings, database: Database, hsm: Hsm, *, now: Now, random_bytes: RandomBytes
) -> Webhooks:
    """Raises `SettingsError` for authorities that cannot be read."""
    own = settings.events
    rules, store, queue = AddressRules(own.networks), SqlWebhooks(database), SqlDeliveries(database)
    vault = HsmSecrets(SmallSecrets(hsm.gate, settings.hsm.pepper, random_bytes))
    delivering = Delivering(
        queue=queue,
        vault=vault,
        rules=rules,
        post=CheckedPost(rules, trusting(own.ca_file)),
        failing=lambda webhook_id: _log.warning("webhook failing", webhook=webhook_id),
        now=now,
        clock=time.monotonic,
        random_bytes=random_bytes,
    )
    service = WebhookService(
        store=store, vault=vault, rules=rules, most=own.webhooks, now=now, random_bytes=random_bytes
    )
    health = Kept(look=lambda _: store.health(), now=now)
    return Webhooks(
        service=service,
        health=health,
        jobs=(
            Job(name="webhooks", every=EVERY, run=lambda: deliver_all(delivering), lane=_LANE),
            Job(name="webhook-secrets", every=timedelta(hours=1), run=lambda: service.reseal(settings.hsm.pepper)),
            *_timed(settings, database, queue, now),
        ),
        watch=Watch(name="webhooks", look=lambda: webhook_alarms(health(), now())),
    )


def deliver_all(delivering: Delivering) -> int:
    """What is due now, to several webhooks side by side; how many deliveries were taken. One that answers slowly holds
    up nobody but itself, and the end of this run."""

    def deliver() -> int:
        taken = 0
        for _ in range(CLAIMS):
            done = delivering.deliver_to_one()
            if done is None:
                break
            taken += done
        return taken

    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhooks") as threads:
        return sum(each.result() for each in [threads.submit(deliver) for _ in range(AT_ONCE)])


def webhook_alarms(health: WebhookHealth, at: datetime) -> Iterator[Alarm]:
    """Applications that are not told what they asked to be told."""
    if health.failing:
        yield Alarm(
            name="webhooks-failing",
            severity=Severity.WARNING,
            text=f"{health.failing} webhooks took nothing for more than a day: see `teken webhooks list`, tell whose",
        )
    if health.oldest_waiting_at is not None and at - health.oldest_waiting_at > LATE:
        yield Alarm(
            name="webhooks-late",
            severity=Severity.WARNING,
            text="an event waits for more than an hour to be delivered: see `teken webhooks list`, and the log",
        )


def _timed(settings: Settings, database: Database, queue: SqlDeliveries, now: Now) -> tuple[Job, ...]:
    """What time alone has ended is told; old events and deliveries are forgotten."""
    events, expiries, own = SqlEvents(database), SqlExpiries(database), settings.events

    def tell() -> int:
        at = now()
        return expiries.tell(today=at.astimezone(OFFICE_CLOCK).date(), at=at)

    def forget() -> int:
        at = now()
        old = events.purge(before=at - timedelta(days=own.keep_days))
        return old + queue.purge(before=at - timedelta(days=own.log_days)) + expiries.purge(before=at - 2 * LOOK_BACK)

    return (
        Job(name="ended-by-time", every=timedelta(minutes=1), run=tell),
        Job(name="old-events", every=timedelta(hours=1), run=forget),
    )
