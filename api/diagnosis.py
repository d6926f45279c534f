"""The examinations behind `teken doctor`: one function each, and every bad answer says how to mend it."""

import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Final

from api.alarms import Severity, crl_alarms, message_alarms, responder_alarms, unit_alarms
from api.audit.check import Break
from api.audit.copies import CopyRefused
from api.audit.office import audit_reading
from api.audit.place import place_alarms, require_place
from api.audit.trust import AuditKeyMissing, key_in_use
from api.custody import StoredCanaries, expected_labels, told
from api.given import utc_now
from api.hierarchy import Generation, HierarchyMissing, read_hierarchy
from api.hsm import hsm_settings, open_hsm
from api.office.identity_key import require_identity_key
from api.settings import Settings, SettingsError
from api.stores import Stores, open_stores, require_schema
from api.timekeeping import source_of, unsafe_choice
from ca.ceremony import ISSUING_CA_ID, ROOT_ID
from ca.crl import is_final
from ca.timestamp import usage_period
from hsm_config.errors import HsmError, WrappedKeyRefused
from hsm_config.private_keys import token_key
from hsm_config.token_objects import list_labels, remove_leftovers
from store.errors import StoreError
from store.factor_messages import SqlFactorOutbox
from store.job_watchdog import SILENCE, SqlWatchdog
from store.jobs import SqlJobs

SOON: Final = timedelta(days=30)
ENOUGH_DISK: Final = 1024**3
"""Bytes: about ten thousand letters."""


class Health(Enum):
    """How one examination ended."""

    WELL = "well"
    WARNING = "warning"
    ILL = "ill"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one examination found."""

    name: str
    health: Health
    text: str
    """What was found and, where it is not well, the next step."""


def diagnose(settings: Settings, now: Callable[[], datetime] = utc_now) -> tuple[Finding, ...]:
    """Every examination in order; none of them changes anything, and a failing one does not stop the others."""
    return (
        *_token(settings),
        *_custody(settings),
        *_store(settings, now()),
        *_place(settings),
        *_certificates(settings, now()),
        _clock(settings),
        *_disk(settings),
    )


def _token(settings: Settings) -> Iterator[Finding]:
    """Module, token, PIN, wrapping key and pepper (by a canary), and the keys of the hierarchy."""
    try:
        with open_hsm(settings, secrets.token_bytes) as hsm:
            hsm.vault.canary()
            yield _well("token", f"{settings.hsm.token_label}: PIN accepted, canary key signs")
            labels = list_labels(hsm.gate)
            hierarchy = read_hierarchy(settings.pki.certificates)
            for label, certificate in hierarchy.certificates.items():
                if label not in labels:
                    if label in hierarchy.needed:
                        yield _ill(f"key {label}", "not on this token: mount the right token, or restore its backup")
                elif token_key(hsm.gate, label).public_key() != certificate.public_key():
                    yield _ill(f"key {label}", f"is not the key of {label}.cer: the token belongs to another hierarchy")
            key_in_use(settings.pki.certificates, partial(token_key, hsm.gate))
    except AuditKeyMissing as error:
        yield _ill("audit key", str(error))
    except HsmError as error:
        yield _ill("token", f"{error} ([hsm] in teken.toml)")
    except HierarchyMissing as error:
        yield _ill("hierarchy", str(error))


def _custody(settings: Settings) -> Iterator[Finding]:
    """Stored canaries, leftovers on the token, and versions of KEK and pepper that could go."""
    own = hsm_settings(settings)
    try:
        with open_stores(settings) as stores, open_hsm(settings, secrets.token_bytes) as hsm:
            canaries = stores.custody.canaries()
            StoredCanaries(stores.custody, hsm.vault, now=utc_now).sing()
            yield _well("canary", f"{len(canaries)} stored canary(s) sing")
            expected = expected_labels(own, settings.pki.certificates, stores.custody)
            odd = told(remove_leftovers(hsm.gate, expected, only_look=True))
            for line in odd:
                yield _warning("token objects", line)
            if not odd:
                yield _well("token objects", "nothing was left behind")
            named = stores.custody.named_by()
            for label in sorted({*named, *(each.kek_label for each in canaries)} - {own.keys.kek, own.keys.pepper}):
                yield _warning(f"key {label}", f"{named.get(label, 0)} credential(s) still name this older version")
    except WrappedKeyRefused as error:
        yield _ill("canary", str(error))
    except (HsmError, StoreError) as error:
        yield _warning("custody", f"could not be looked at: {error}")


def _store(settings: Settings, at: datetime) -> Iterator[Finding]:
    """Database, audit trail, vault and CRLs."""
    try:
        with open_stores(settings) as stores:
            stores.database.ping()
            require_schema(stores)
            yield _well("database", f"answers, schema {stores.database.revision()}")
            yield _trail(settings, stores, at)
            yield _identity_key(settings, stores)
            stores.vault.ping()
            yield _well("vault", "answers")
            for issuer in (*_issuers(settings), ROOT_ID):
                crl = stores.crls.current(issuer)
                alarms = tuple(crl_alarms(crl, issuer, is_root=issuer == ROOT_ID, at=at))
                for alarm in alarms:
                    found = _ill if alarm.severity is Severity.CRITICAL else _warning
                    yield found(f"CRL {issuer}", alarm.text)
                if crl is not None and not alarms:
                    yield _well(f"CRL {issuer}", f"number {crl.number}, until {crl.next_update:%Y-%m-%d %H:%M} UTC")
            yield _messages(settings, stores)
            yield _workers(stores, at)
    except StoreError as error:
        yield _ill("store", f"{error} ([store] in teken.toml)")


def _workers(stores: Stores, at: datetime) -> Finding:
    """Whether somebody does the jobs; that nobody runs is no harm while nothing waits."""
    watchdog = SqlWatchdog(stores.database)
    waiting = SqlJobs(stores.database).find(states=("ENQUEUED", "PENDING"), limit=1000)
    alive = sorted(name for name, heard in watchdog.heard().items() if heard >= at - SILENCE)
    if waiting and not alive:
        oldest = min(job.asked_at for job in waiting)
        text = (
            f"{len(waiting)} job(s) wait since {oldest:%Y-%m-%d %H:%M} UTC and no worker was heard for a minute:"
            " start `teken serve` with [jobs] in_process, or `teken work`"
        )
        return _ill("workers", text)
    if given_up := watchdog.given_up():
        return _warning(
            "workers", f"{given_up} job(s) were given up: see `teken jobs list`, then `teken jobs retry KEY`"
        )
    return _well("workers", f"{', '.join(alive) or 'none runs'}; {len(waiting)} job(s) wait")


def _issuers(settings: Settings) -> tuple[str, ...]:
    """The generations of the issuing CA; that there is none is said by the token's examination."""
    try:
        return tuple(each.id for each in read_hierarchy(settings.pki.certificates).generations)
    except HierarchyMissing:
        return (ISSUING_CA_ID,)


def _trail(settings: Settings, stores: Stores, at: datetime) -> Finding:
    """Chain, checkpoints and copies outside; that this was looked at is not noted."""
    reading = audit_reading(settings, stores.audit, stores.checkpoints, now=lambda: at)
    try:
        verdict = reading.judged()
    except (AuditKeyMissing, CopyRefused, HierarchyMissing) as error:
        return _ill("audit", str(error))
    found = verdict.finding
    if found is None:
        return _well("audit", f"whole, proven up to entry {verdict.covered} by {verdict.checkpoints} checkpoints")
    if found.kind is Break.NOT_COVERED:
        return _warning("audit", f"{found.text}: start the service, or run `teken work --once`")
    return _ill("audit", f"{found.kind.value} at entry {found.sequence}: {found.text}; touch nothing, tell the auditor")


def _messages(settings: Settings, stores: Stores) -> Finding:
    """Do people hear what happens to their factors?"""
    undelivered = SqlFactorOutbox(stores.database).undelivered(settings.notices.alarm_after)
    for alarm in message_alarms(undelivered):
        return _warning("factor messages", alarm.text)
    return _well("factor messages", "none keeps failing")


def _place(settings: Settings) -> Iterator[Finding]:
    """Where copies of checkpoints go."""
    try:
        require_place(settings)
    except SettingsError as error:
        yield _ill("audit place", str(error))
        return
    alarms = tuple(place_alarms(settings))
    for alarm in alarms:
        yield _warning("audit place", alarm.text)
    if not alarms:
        yield _well("audit place", f"{settings.audit.checkpoints_to or 'none, in a demonstration'}")


def _identity_key(settings: Settings, stores: Stores) -> Finding:
    """Is the key there under which numbers were hashed, for the service's eyes alone?"""
    file = settings.people.identity_key_file
    try:
        require_identity_key(file, stores.database)
    except SettingsError as error:
        return _ill("identity key", str(error))
    if not file.exists():
        return _warning("identity key", f"{file} is not there, and nobody is registered: `teken start` makes it")
    if file.stat().st_mode & 0o077:
        return _ill("identity key", f"{file} can be read by others: chmod 600 {file}")
    return _well("identity key", "is the one under which numbers are hashed")


def _certificates(settings: Settings, at: datetime) -> Iterator[Finding]:
    try:
        hierarchy = read_hierarchy(settings.pki.certificates)
    except HierarchyMissing:
        return  # said by the token's examination
    *older, newest = hierarchy.generations
    over = _over(settings, older, at)
    serving = [*(each for each in older if each not in over), newest]
    for each in over:
        yield _well(each.id, f"has ended; {newest.id} issues")
    succeeded = {label for each in serving for label in (each.responder_label, each.id if each in older else "")}
    responders = [each.responder_label for each in serving]
    for label in (ROOT_ID, *(each.id for each in serving), hierarchy.tsu_label, *responders):
        ends = hierarchy.certificates[label].not_valid_after_utc
        if ends <= at:
            yield _ill(label, f"ended on {ends:%Y-%m-%d}: issue its successor")
        elif ends - at < SOON and label not in succeeded:
            yield _warning(label, f"ends on {ends:%Y-%m-%d}: plan its successor")
        else:
            yield _well(label, f"until {ends:%Y-%m-%d}")
    stamps_until = usage_period(hierarchy.tsu, timedelta(days=settings.tsa.minimum_life_days))[1]
    prepared_before = timedelta(days=settings.tsa.prepare_days)
    for alarm in (
        *(
            alarm
            for each in serving
            for alarm in responder_alarms(each.responder, ca_ends=each.certificate.not_valid_after_utc, at=at)
        ),
        *unit_alarms(stamps_until, at=at, prepared_before=prepared_before),
    ):
        found = _ill if alarm.severity is Severity.CRITICAL else _warning
        yield found(alarm.name, alarm.text)


def _over(settings: Settings, older: Sequence[Generation], at: datetime) -> list[Generation]:
    """Older generations that said their last word, or whose certificate ended: nothing of theirs is renewed."""
    try:
        with open_stores(settings) as stores:
            final = {each.id for each in older if is_final(stores.crls.current(each.id))}
    except StoreError:
        final = set()  # what ails the database is said elsewhere
    return [each for each in older if each.id in final or each.certificate.not_valid_after_utc <= at]


def _clock(settings: Settings) -> Finding:
    """What the source of time in the settings says; without a good answer no timestamp is made."""
    unsafe = unsafe_choice(settings.tsa)
    if unsafe is not None:
        return _warning("clock", unsafe)
    reading = source_of(settings.tsa)()
    limit = timedelta(milliseconds=settings.tsa.clock_offset_milliseconds)
    if not reading.is_synchronised:
        return _ill(
            "clock", f"{reading.source} does not vouch for it, so no timestamp is made: look at [tsa], run chrony"
        )
    if abs(reading.offset) > limit:
        return _ill("clock", f"off by up to {abs(reading.offset).total_seconds():.3f} s: no timestamp is made")
    return _well("clock", f"{reading.source} vouches for it, within {abs(reading.offset).total_seconds():.3f} s")


def _disk(settings: Settings) -> Iterator[Finding]:
    if "://" in settings.store.vault:
        return
    folder = Path(settings.store.vault)
    if not folder.is_dir():
        return  # said already
    free = shutil.disk_usage(folder).free
    text = f"{free / 1024**3:.1f} GiB free for documents"
    yield _well("disk", text) if free >= ENOUGH_DISK else _ill("disk", f"{text}: make room")


def _well(name: str, text: str) -> Finding:
    return Finding(name=name, health=Health.WELL, text=text)


def _warning(name: str, text: str) -> Finding:
    return Finding(name=name, health=Health.WARNING, text=text)


def _ill(name: str, text: str) -> Finding:
    return Finding(name=name, health=Health.ILL, text=text)
