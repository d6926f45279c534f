"""What surrounds a signature, built once from the settings."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from api.settings import Settings, SettingsError
from signer.after import Aftermath
from signer.kinds import KindListUnusable, KindRules, load_lists
from signer.model import SigningTask
from signer.ports import DocumentVault
from signer.service import SigningService
from signer.workflow import Flows, Signing
from store.database import Database
from store.errors import IllegalMove
from store.flows import SqlFlows
from store.kinds import SqlKinds
from store.letters import SqlLetters


@dataclass(frozen=True, slots=True, kw_only=True)
class Letters:
    """Everything around a signature that a door may ask for."""

    kinds: KindRules
    after: Aftermath


def build_letters(settings: Settings, database: Database, *, now: Callable[[], datetime]) -> Letters:
    """Connects to nothing yet. Raises `SettingsError` for lists that cannot be read."""
    return Letters(kinds=kind_rules(settings, database), after=Aftermath(SqlLetters(database), now=now))


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

    def check(task: SigningTask) -> None:
        service.acts.examine(task)
        service.acts.credential(task)

    return Flows(
        store=SqlFlows(database),
        vault=vault,
        signing=signing,
        check=check,
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
