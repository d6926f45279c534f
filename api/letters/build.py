"""What surrounds a signature, built once from the settings."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from api.letters.once import Once
from api.settings import Settings, SettingsError
from signer.after import Aftermath
from signer.kinds import KindListUnusable, KindRules, load_lists
from signer.ports import DocumentVault
from signer.quotas import Limits, Quotas
from signer.service import SigningService
from signer.workflow import Flows, Signing
from store.database import Database
from store.errors import IllegalMove
from store.flows import SqlFlows
from store.idempotency import SqlRequests
from store.kinds import SqlKinds
from store.letters import SqlLetters
from store.quotas import SqlQuotas


@dataclass(frozen=True, slots=True, kw_only=True)
class Letters:
    """Everything around a signature that a door may ask for."""

    kinds: KindRules
    after: Aftermath
    once: Once


def build_letters(settings: Settings, database: Database, *, now: Callable[[], datetime]) -> Letters:
    """Connects to nothing yet. Raises `SettingsError` for lists that cannot be read."""
    once = Once(
        SqlRequests(database),
        life=timedelta(hours=settings.limits.idempotency_hours),
        lost_after=timedelta(seconds=settings.jobs.interrupted_after_seconds),
        now=now,
    )
    return Letters(kinds=kind_rules(settings, database), after=Aftermath(SqlLetters(database), now=now), once=once)


def quotas_of(settings: Settings, database: Database, *, now: Callable[[], datetime]) -> Quotas:
    """What clients and credentials may sign, by the settings and by what was decided for one of them."""
    limits = settings.limits
    return Quotas(
        SqlQuotas(database),
        client=Limits(per_minute=limits.client_per_minute, per_day=limits.client_per_day),
        credential=Limits(per_minute=limits.credential_per_minute, per_day=limits.credential_per_day),
        now=now,
    )


def forget_old(database: Database, at: datetime) -> int:
    """Keys that expired, and counts that bound nobody any more; returns how many rows."""
    return SqlRequests(database).purge(at) + SqlQuotas(database).purge(at - timedelta(days=2))


def build_flows(
    settings: Settings,
    database: Database,
    vault: DocumentVault,
    service: SigningService,
    signing: Signing,
    *,
    now: Callable[[], datetime],
    random_bytes: Callable[[int], bytes],
) -> Flows:
    """Documents of several signatories, each step signed through `signing`, which is `service` with its origin told."""

    return Flows(
        store=SqlFlows(database),
        vault=vault,
        signing=signing,
        check=service.acts.rehearse,
        most_initials=settings.signing.most_initials,
        now=now,
        random_bytes=random_bytes,
    )


def kind_rules(settings: Settings, database: Database) -> KindRules:
    """Which kinds stay outside of electronic signing; raises `SettingsError`."""
    try:
        return KindRules(load_lists(settings.signing.kind_lists), SqlKinds(database))
    except KindListUnusable as error:
        raise SettingsError(f"signing.kind_lists: {error}") from None


def note_kinds(settings: Settings, database: Database, *, now: Callable[[], datetime]) -> tuple[str, ...]:
    """At start: new versions of the lists enter the trail. Raises `SettingsError` for one that changed secretly."""
    try:
        return SqlKinds(database).note(load_lists(settings.signing.kind_lists), at=now())
    except (KindListUnusable, IllegalMove) as error:
        raise SettingsError(f"signing.kind_lists: {error}") from None
