"""What administrators look after besides jobs: webhooks, kinds, settings, health; nobody else does."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.alarms import Alarm, Severity
from api.endings import Ending, EndingKind, Successor
from api.health import HealthCheck
from api.office.desk import Caller
from api.office.health import MONTHS, HealthOffice
from api.office.settings_view import HIDDEN, SettingsOffice
from api.office.stamps import StampOffice, TriedTexts
from api.settings import EventSettings, NoticeSettings
from signer.archive import Validity
from signer.errors import NotPermitted, Refused, WebhookRefused, WebhookUnknown
from signer.events import EventType
from signer.hooks.model import DeliveryState, SealedSecret, Webhook, WebhookState
from signer.people import Role
from signer.stamp_catalogue import StampCatalogue
from store.archive import SqlArchive
from store.archive_calendar import SqlArchiveCalendar
from store.audit import Act, AuditTrail
from store.database import Database
from store.deliveries import SqlDeliveries
from store.events import tell
from store.signatures import SqlSignatureLog
from store.webhooks import SqlWebhooks
from tests.support.office import TestOffice, office_in
from tests.support.pki import NOON, make_pki
from tests.unit.store.samples import intent, signed

SOON = NOON + timedelta(minutes=10)


@pytest.fixture
def office(tmp_path: Path, database: Database) -> TestOffice:
    return office_in(tmp_path, database, make_pki())


@pytest.fixture
def administrator(office: TestOffice) -> Caller:
    return office.caller(Role.ADMINISTRATOR)


@pytest.fixture
def webhook(office: TestOffice, database: Database) -> Webhook:
    """Of an application, with one event lined up for it."""
    made = Webhook(
        id="ab" * 16,
        client_id="registrar",  # any client of the database
        url="https://sikd.contoh.go.id/kait/rahasia-di-alamat",
        types=(),
        state=WebhookState.ACTIVE,
        failures=0,
        failing_since=None,
        created_at=NOON,
    )
    secret = SealedSecret(sealed=b"s", nonce=b"n" * 12, salt=b"t" * 16, pepper_label="pepper-1")
    SqlWebhooks(database).add(made, secret, most=5, actor="test")
    with database.transaction() as session:
        tell(session, EventType.WEBHOOK_TEST, client_id=made.client_id, subject=made.id, at=NOON)
    assert SqlDeliveries(database).claim(at=NOON, until=NOON) is not None
    return made


def test_a_webhook_is_paused_and_works_again_and_its_address_stays_out_of_sight(
    office: TestOffice, administrator: Caller, webhook: Webhook, database: Database
) -> None:
    webhooks = office.people.webhooks
    (seen,) = webhooks.all(administrator)
    assert seen.host == "sikd.contoh.go.id"
    assert webhooks.set_state(administrator, webhook.id, WebhookState.PAUSED).webhook.state is WebhookState.PAUSED
    assert webhooks.health(administrator).paused == 1
    with pytest.raises(WebhookRefused):
        webhooks.set_state(administrator, webhook.id, WebhookState.FAILING)
    assert webhooks.set_state(administrator, webhook.id, WebhookState.ACTIVE).webhook.state is WebhookState.ACTIVE
    changed = AuditTrail(database).read(act=Act.WEBHOOK_CHANGE)
    assert {each.actor for each in changed} == {"administrator"}
    assert "rahasia-di-alamat" not in "".join(each.details for each in changed)


def test_deliveries_are_made_anew_one_or_all_since_a_day(
    office: TestOffice, administrator: Caller, webhook: Webhook
) -> None:
    webhooks = office.people.webhooks
    (delivery,) = webhooks.deliveries(administrator, webhook.id)
    assert webhooks.replay(administrator, webhook.id, delivery.number).state is DeliveryState.WAITING
    assert webhooks.replay_since(administrator, webhook.id, NOON - timedelta(days=1)) == 1
    assert webhooks.replay_since(administrator, webhook.id, datetime.min.replace(tzinfo=UTC)) == 1
    for number in (0, -1, 2, 2**70):
        with pytest.raises(WebhookUnknown):
            webhooks.replay(administrator, webhook.id, number)
    for unknown in ("none", "", "x" * 100_000):
        with pytest.raises(WebhookUnknown):
            webhooks.get(administrator, unknown)


def test_lists_hold_for_an_application_as_it_was_decided(
    office: TestOffice, administrator: Caller, database: Database
) -> None:
    kinds = office.people.kinds
    names = [each.name for each in kinds.lists(administrator)]
    assert names
    kinds.assign(administrator, "registrar", names[:1])
    (assigned,) = kinds.assignments(administrator)
    assert (assigned.client_id, assigned.lists, assigned.actor) == ("registrar", frozenset(names[:1]), "administrator")
    for client, lists in (("registrar", ["no-such-list"]), ("nobody", names)):
        with pytest.raises(Refused):
            kinds.assign(administrator, client, lists)
    assert [each.actor for each in AuditTrail(database).read(act=Act.KIND_ASSIGN)] == ["administrator"]


def test_settings_are_shown_without_what_leads_to_a_secret(office: TestOffice, administrator: Caller) -> None:
    settings = replace(
        office.settings,
        store=replace(office.settings.store, database_url="postgresql+psycopg://teken:sandi-@rahasia@db/teken"),
        notices=replace(NoticeSettings(), webhook="https://chat.contoh.go.id/kait/rahasia"),
        events=replace(EventSettings(), keep_days=30),
    )
    shown = {
        each.key: each for each in SettingsOffice(desk=office.people.office.desk, settings=settings).all(administrator)
    }
    text = " ".join(each.value for each in shown.values())
    files = (str(settings.hsm.pin_file), str(settings.people.identity_key_file))
    for secret in ("sandi-", "rahasia@", "kait/rahasia", *files):
        assert secret not in text
    assert shown["store.database_url"].value == "postgresql+psycopg://teken:•••@db/teken"
    assert shown["hsm.pin_file"].value == HIDDEN
    assert (shown["events.keep_days"].value, shown["events.keep_days"].changed) == ("30", True)
    assert not shown["events.log_days"].changed


def broken() -> None:
    raise OSError("no disk")


def health_office(office: TestOffice, database: Database, **differences: object) -> HealthOffice:
    alarm = Alarm(name="crl-ca-1-g1-1-hour", severity=Severity.CRITICAL, text="ends")
    ending = Ending(
        kind=EndingKind.CRL,
        name="ca-1-g1",
        begins=NOON - timedelta(hours=12),
        ends=NOON + timedelta(hours=36),
        successor=Successor.JOB,
    )
    return HealthOffice(
        desk=office.people.office.desk,
        checks=[
            HealthCheck(name="database", ask=lambda: None),
            HealthCheck(name="crl", ask=lambda: (alarm,)),
            HealthCheck(name="vault", ask=broken),
        ],
        alarms=lambda: [alarm],
        endings=lambda: (ending,),
        timestamping=tuple,
        gate=dict,
        calendar=SqlArchiveCalendar(database),
        progress=lambda: None,
        now=lambda: office.at,
    )


def test_health_says_how_each_check_ended_and_how_much_of_a_life_is_left(
    office: TestOffice, administrator: Caller, database: Database
) -> None:
    report = health_office(office, database).look(administrator)
    assert report.checks == {"database": "ok", "crl": "warning", "vault": "failed"}
    assert [each.name for each in report.alarms] == ["crl-ca-1-g1-1-hour"]
    (ending,) = report.endings
    assert ending.left(report.at) == 0.75
    assert ending.left(NOON + timedelta(days=9)) == 0.0
    assert replace(ending, begins=ending.ends).left(NOON) == 0.0


def test_the_calendar_counts_what_is_due_by_month_and_names_what_fails(
    office: TestOffice, administrator: Caller, database: Database
) -> None:
    archive, log = SqlArchive(database), SqlSignatureLog(database)
    for number, due in enumerate((-40, 0, 20, 36 * 31 + 60), start=1):
        log.reserve(intent(number))
        log.record(intent(number).code, signed(f"document {number}"))
        until = NOON + timedelta(days=due)
        document = archive.claim_unexamined(policy="teken-1", at=SOON, until=SOON)
        assert document is not None
        archive.examined(document, Validity(good_until=until + timedelta(days=180), due_at=until, policy="teken-1"))
    failing = archive.claim_due(at=SOON, until=SOON)
    assert failing is not None
    archive.failed(failing, reason="timestamp-unavailable", again_at=NOON + timedelta(hours=1), at=NOON)
    calendar = health_office(office, database).calendar(administrator)
    assert len(calendar.months) == MONTHS
    assert [(each.month.isoformat(), each.due) for each in calendar.months[:3]] == [
        ("2026-11-01", 1),
        ("2026-12-01", 1),
        ("2027-01-01", 0),
    ]
    assert (calendar.due_now, calendar.later) == (1, 1)
    assert [(each.sha256, each.failure, each.attempts) for each in calendar.failing] == [
        (failing.sha256, "timestamp-unavailable", 1)
    ]


ACTS: dict[str, Callable[[TestOffice, Caller], object]] = {
    "webhooks": lambda o, c: o.people.webhooks.all(c),
    "webhook": lambda o, c: o.people.webhooks.get(c, "x"),
    "deliveries": lambda o, c: o.people.webhooks.deliveries(c, "x"),
    "replay": lambda o, c: o.people.webhooks.replay(c, "x", 1),
    "replay since": lambda o, c: o.people.webhooks.replay_since(c, "x", NOON),
    "state": lambda o, c: o.people.webhooks.set_state(c, "x", WebhookState.PAUSED),
    "kinds": lambda o, c: o.people.kinds.lists(c),
    "assignments": lambda o, c: o.people.kinds.assignments(c),
    "assign": lambda o, c: o.people.kinds.assign(c, "registrar", []),
    "settings": lambda o, c: o.people.settings.all(c),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("role", [each for each in Role if each is not Role.ADMINISTRATOR])
def test_nobody_else_looks_after_it(office: TestOffice, role: Role, act: str) -> None:
    with pytest.raises(NotPermitted):
        ACTS[act](office, office.caller(role))


@pytest.mark.parametrize("role", [Role.REGISTRAR, Role.AUDITOR])
def test_nobody_else_looks_at_the_health(office: TestOffice, database: Database, role: Role) -> None:
    health = health_office(office, database)
    for look in (health.look, health.calendar):
        with pytest.raises(NotPermitted):
            look(office.caller(role))


def test_a_stamp_is_drawn_with_what_somebody_tries(office: TestOffice, administrator: Caller) -> None:
    stamps = StampOffice(
        desk=office.people.office.desk,
        catalogue=StampCatalogue(),
        picture=lambda pdf: pdf,
        public_url="https://tte.contoh.go.id",
        issuer="Contoh Issuing CA 1 G1",
        now=lambda: office.at,
    )
    templates = {each.name: each.kind for each in stamps.all(administrator)}
    assert {"official", "paraf", "footer"} <= templates.keys()
    for name in templates:
        assert stamps.preview(administrator, name, TriedTexts(name="Ni Made Contoh")).startswith(b"%PDF-")
    for name, texts in (
        ("none", TriedTexts()),
        ("official", TriedTexts(name="x" * 201)),
        ("official", TriedTexts(name="a\nb")),
    ):
        with pytest.raises(Refused):
            stamps.preview(administrator, name, texts)
    with pytest.raises(NotPermitted):
        stamps.all(office.caller(Role.APPROVER))
    with pytest.raises(NotPermitted):
        stamps.preview(office.caller(Role.APPROVER), "official", TriedTexts())
