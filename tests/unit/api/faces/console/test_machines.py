"""Pages about machines and figures: each is its role's alone, says what is so, and does what its buttons say."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from api.alarms import Alarm, Severity
from api.endings import Ending, EndingKind, Successor
from api.faces.console.machine_words import (
    DELIVERY_STATES,
    ENDINGS,
    FACES,
    JOB_STATES,
    METHODS,
    OUTCOMES,
    SCOPES,
    SUCCESSORS,
    WEBHOOK_STATES,
)
from api.health import HealthCheck
from api.oauth.methods import AuthMethod
from api.office.health import HealthOffice
from api.office.jobs import JobState
from api.office.stamps import StampOffice
from api.permissions import APPLICATION_PERMISSIONS
from api.verification_counts import Face, Outcome
from signer.events import EventType
from signer.hooks.model import DeliveryState, SealedSecret, Webhook, WebhookState
from signer.model import LetterMetadata, SignedAs
from signer.people import Role
from signer.stamp_catalogue import StampCatalogue
from store.archive_calendar import SqlArchiveCalendar
from store.audit import Act, AuditTrail
from store.database import Database
from store.deliveries import SqlDeliveries
from store.events import tell
from store.jobs import SqlJobs
from store.signatures import SqlSignatureLog
from store.verification_counts import SqlVerificationCounts, Verified
from store.webhooks import SqlWebhooks
from tests.support.console import ConsoleHouse, console_house
from tests.support.office import TestOffice
from tests.support.pki import NOON
from tests.unit.store.samples import intent, signed

ADMINISTRATOR, AUDITOR, REGISTRAR = Role.ADMINISTRATOR, Role.AUDITOR, Role.REGISTRAR
TODAY = NOON.date()
PAGES = {
    "/console/reports": {Role.ADMINISTRATOR, Role.REGISTRAR, Role.APPROVER},
    "/console/health": {ADMINISTRATOR},
    "/console/renewals": {ADMINISTRATOR},
    "/console/jobs": {ADMINISTRATOR},
    "/console/audit": {AUDITOR},
    "/console/clients": {ADMINISTRATOR},
    "/console/clients/new": {ADMINISTRATOR},
    "/console/gateway": {ADMINISTRATOR},
    "/console/gateway/new": {ADMINISTRATOR},
    "/console/webhooks": {ADMINISTRATOR},
    "/console/kinds": {ADMINISTRATOR},
    "/console/stamps": {ADMINISTRATOR},
    "/console/settings": {ADMINISTRATOR},
}
"""Every page of these rooms, and whose it is."""


@pytest.fixture
def house(office: TestOffice, database: Database) -> ConsoleHouse:
    """With health and stamps behind the console as well."""
    ending = Ending(
        kind=EndingKind.CRL,
        name="ca-1-g1",
        begins=NOON - timedelta(hours=47),
        ends=NOON + timedelta(hours=1),
        successor=Successor.JOB,
    )
    health = HealthOffice(
        desk=office.people.office.desk,
        checks=[HealthCheck(name="database", ask=lambda: None)],
        alarms=lambda: [Alarm(name="crl-ca-1-g1-1-hour", severity=Severity.CRITICAL, text="the CRL ends <soon>")],
        endings=lambda: (ending,),
        timestamping=tuple,
        gate=lambda: {"calls": 12345.0},
        calendar=SqlArchiveCalendar(database),
        progress=lambda: None,
        now=lambda: office.at,
    )
    stamps = StampOffice(
        desk=office.people.office.desk,
        catalogue=StampCatalogue(),
        picture=lambda pdf: b"RIFF" + pdf[:4],
        public_url="https://tte.contoh.go.id",
        issuer="Contoh Issuing CA 1 G1",
        now=lambda: office.at,
    )
    return console_house(office, database, adjust=lambda same: replace(same, health=health, stamps=stamps))


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.REGISTRAR, Role.APPROVER, Role.AUDITOR])
def test_each_page_is_shown_to_whom_it_belongs_and_listed_in_their_menu_alone(house: ConsoleHouse, role: Role) -> None:
    with house.logged_in(role) as person:
        menu = person.get("/console").text
        for path, roles in PAGES.items():
            answer = person.get(path)
            assert answer.status_code == (200 if role in roles else 403), path
            if not path.endswith("/new"):
                assert (f'href="{path}"' in menu) == (role in roles), path


def test_every_scope_of_an_application_and_every_state_has_its_words() -> None:
    assert SCOPES.keys() == APPLICATION_PERMISSIONS
    assert JOB_STATES.keys() == set(JobState)
    assert ENDINGS.keys() == set(EndingKind)
    assert SUCCESSORS.keys() == set(Successor)
    assert WEBHOOK_STATES.keys() == set(WebhookState)
    assert DELIVERY_STATES.keys() == set(DeliveryState)
    assert {value for value, _ in METHODS} == {*AuthMethod} - {AuthMethod.POST}
    assert OUTCOMES.keys() == set(Outcome)
    assert FACES.keys() == set(Face)


def test_who_is_refused_stands_in_the_trail(house: ConsoleHouse, database: Database) -> None:
    with house.logged_in(REGISTRAR) as person:
        person.get("/console/audit")
        person.get("/console/jobs")
    trail = AuditTrail(database)
    assert [each.actor for each in trail.read(act=Act.TRAIL_READ)] == ["registrar"]
    assert [each.actor for each in trail.read(act=Act.RIGHT_REFUSE)] == ["registrar"]


def test_a_report_has_its_figures_its_method_and_its_files(house: ConsoleHouse, database: Database) -> None:
    log = SqlSignatureLog(database)
    letter = LetterMetadata(kind="=nota dinas", copies_to=("Arsip",))
    wanted = intent(1, letter=letter, signed_as=SignedAs(agency="Dinas <b>Contoh"))
    log.reserve(wanted)
    log.record(wanted.code, signed(page_count=1200))
    SqlVerificationCounts(database).add({Verified(day=TODAY, face="page", outcome="not-found"): 7})
    with house.logged_in(REGISTRAR) as person:
        page = person.get("/console/reports").text
        assert "Dinas &lt;b&gt;Contoh" in page
        assert "1.200 halaman × 2 cetakan + 1.200 halaman tembusan = <b>3.600 halaman</b>" in page
        assert "Rp900.000" in page
        assert page.count("<svg viewBox") >= 3
        assert re.search(r"<title>21 November 2026: 1</title>", page)
        letters = person.get("/console/reports", format="csv", table="letters")
        assert letters.content.startswith(b"\xef\xbb\xbfinstansi,jenis_naskah")
        assert "'=nota dinas,1,1200,1200,3600" in letters.text
        checks = person.get("/console/reports", format="csv", table="checks")
        assert checks.text.splitlines()[1:] == ["2026-11-21,page,not-found,7"]
        empty = person.get("/console/reports", first="2025-01-01", last="2025-12-31")
        assert "Belum ada surat pada kurun ini" in empty.text


@pytest.mark.parametrize(
    "query",
    [
        {"first": "2026-11-22", "last": "2026-11-21"},
        {"first": "1900-01-01"},
        {"first": "kemarin"},
        {"last": "2026-02-31"},
        {"first": "0001-01-01", "last": "0001-01-02"},
        {"first": "9999-12-30", "last": "9999-12-31"},
    ],
)
def test_a_stretch_that_is_none_is_said_and_breaks_nothing(house: ConsoleHouse, query: dict[str, str]) -> None:
    with house.logged_in(REGISTRAR) as person:
        answer = person.get("/console/reports", **query)
        assert answer.status_code in (200, 422)
        assert ('role="alert"' in answer.text) == (answer.status_code == 422)


def test_health_counts_down_and_names_alarms(house: ConsoleHouse) -> None:
    with house.logged_in(ADMINISTRATOR) as person:
        page = person.get("/console/health").text
        assert "1 jam 0 menit lagi" in page
        assert "the CRL ends &lt;soon&gt;" in page
        assert "12.345" in page
        assert "ca-1-g1" in person.get("/console/health", format="csv").text
        assert person.get("/console/renewals", format="csv").text.splitlines()[1] == "2026-11,0"
        assert person.get("/console/renewals", format="failing").status_code == 200


def test_a_job_is_ended_and_begun_anew_by_its_buttons(house: ConsoleHouse, database: Database) -> None:
    with database.transaction() as session:
        SqlJobs(database).enqueue(session, "letters", "sign-chunk", "batch/1", 7)
    with house.logged_in(ADMINISTRATOR) as person:
        assert "batch/1" in person.get("/console/jobs").text
        answer = person.post("/console/jobs", key="batch/1", act="cancel")
        assert (answer.status_code, answer.headers["location"]) == (303, "/console/jobs")
        again = person.post("/console/jobs", key="batch/1", act="cancel")
        assert (again.status_code, 'role="alert"' in again.text) == (422, True)
        assert "batch/1" in person.get("/console/jobs", which="cancelled").text
        assert "batch/1" not in person.get("/console/jobs", which="done").text
        assert person.post("/console/jobs", key="batch/1", act="retry").status_code == 303
        assert person.post("/console/jobs", key="none", act="retry").status_code == 422
        assert person.post("/console/jobs", key="batch/1", act="delete").status_code == 404
        assert person.post("/console/jobs", csrf="0" * 64, key="batch/1", act="cancel").status_code == 403
        assert person.get("/console/jobs", which="nothing").status_code == 404
        assert "batch/1,sign-chunk," in person.get("/console/jobs", format="csv").text
    assert house.office.people.jobs.counts(house.office.caller(ADMINISTRATOR))[JobState.QUEUED] == 1


def test_an_auditor_searches_checks_and_takes_the_trail_away(house: ConsoleHouse, database: Database) -> None:
    house.office.proposed()
    with house.logged_in(AUDITOR) as person:
        page = person.get("/console/audit", act="registration.propose").text
        assert "registration.propose" in page
        assert "right.refuse" not in page.split("<tbody>")[1]
        assert "Tidak ada yang cocok" in person.get("/console/audit", actor="nobody").text
        assert "Tidak ada yang cocok" in person.get("/console/audit", until="2020-01-01").text
        assert person.get("/console/audit", since="besok").status_code == 422
        assert person.get("/console/audit", act="no.such").status_code == 422
        assert person.get("/console/audit", before="x").status_code == 404
        assert person.get("/console/audit", format="csv").text.startswith("\ufeffurutan,")
        person.get("/console/audit")
        assert person.post("/console/audit/export").headers["location"].startswith("/console/confirm")
    with house.logged_in(AUDITOR, confirmed=True) as person:
        person.get("/console/audit")
        token = person.csrf
        assert person.post("/console/audit/check", csrf=token).status_code == 503, "there is no audit key here"
        assert person.post("/console/audit/export", csrf=token).status_code == 503
    assert AuditTrail(database).newest(Act.TRAIL_EXPORT) is None


def test_a_secret_of_an_application_is_on_one_page_and_never_again(house: ConsoleHouse) -> None:
    with house.logged_in(ADMINISTRATOR, confirmed=True) as person:
        person.get("/console/clients/new")
        form = {"client_id": "sikd-contoh", "name": "SIKD <i>", "scopes": "signature:read", "networks": "10.20.0.0/16"}
        told = person.post("/console/clients", **form)
        assert told.status_code == 200
        secret = re.search(r'id="secret">([^<]+)<', told.text)
        assert secret is not None
        assert "no-store" in told.headers["cache-control"]
        person.get("/console/clients/new")
        assert person.post("/console/clients", **form).status_code == 422
        page = person.get("/console/clients/sikd-contoh").text
        assert secret[1] not in page
        assert "SIKD &lt;i&gt;" in page
        changed = person.post("/console/clients/sikd-contoh", **{**form, "networks": "not a network"})
        assert changed.status_code == 422
        person.get("/console/clients/sikd-contoh")
        changed = person.post("/console/clients/sikd-contoh", **{**form, "networks": ""})
        assert changed.status_code == 303
        another = person.post("/console/clients/sikd-contoh/secret")
        assert another.status_code == 200
        assert secret[1] not in another.text
        person.get("/console/clients/sikd-contoh")
        assert person.post("/console/clients/sikd-contoh/disable").status_code == 303
        assert "Dinonaktifkan" in person.get("/console/clients").text
        assert "sikd-contoh" in person.get("/console/clients", format="csv").text
        assert person.get("/console/clients/none").status_code == 404
    with house.logged_in(ADMINISTRATOR) as person:  # who has not shown their factors a moment ago
        person.get("/console/clients/new")
        assert person.post("/console/clients/sikd-contoh/disable").headers["location"].startswith("/console/confirm")


def test_a_credential_of_the_gateway_is_made_switched_and_removed(house: ConsoleHouse) -> None:
    with house.logged_in(ADMINISTRATOR, confirmed=True) as person:
        person.get("/console/clients/new")
        person.post("/console/clients", client_id="sikd", name="SIKD", scopes="signature:create")
        person.get("/console/gateway/new")
        told = person.post("/console/gateway", user_name="sikd-api", client_id="sikd", unstated_kinds="1")
        password = re.search(r'id="secret">([^<]+)<', told.text)
        assert (told.status_code, password is not None) == (200, True)
        person.get("/console/gateway/new")
        assert person.post("/console/gateway", user_name="123", client_id="sikd").status_code == 422
        assert person.post("/console/gateway", user_name="x", client_id="sikd", geometry="round").status_code == 422
        person.get("/console/gateway/sikd-api")
        assert person.post("/console/gateway/sikd-api/off").status_code == 303
        assert not house.office.people.esign.get(house.office.caller(ADMINISTRATOR), "sikd-api").enabled
        person.get("/console/gateway/sikd-api")
        assert person.post("/console/gateway/sikd-api", description="Naskah dinas", kind="").status_code == 303
        assert not house.office.people.esign.get(house.office.caller(ADMINISTRATOR), "sikd-api").codes
        person.get("/console/gateway/sikd-api")
        assert person.post("/console/gateway/sikd-api", codes="1").status_code == 303
        assert re.search(r'name="codes" value="1" checked', person.get("/console/gateway/sikd-api").text)
        assert house.office.people.esign.get(house.office.caller(ADMINISTRATOR), "sikd-api").codes
        again = person.post("/console/gateway/sikd-api/password")
        assert again.status_code == 200
        assert "sikd-api" in person.get("/console/gateway", format="csv").text
        person.get("/console/gateway/sikd-api")
        assert person.post("/console/gateway/sikd-api/remove").status_code == 303
        assert person.get("/console/gateway/sikd-api").status_code == 404


def test_deliveries_are_replayed_and_a_webhook_rests(house: ConsoleHouse, database: Database) -> None:
    one = Webhook(
        id="cd" * 16,
        client_id="registrar",  # any client of the database
        url="https://sikd.contoh.go.id/kait/rahasia",
        types=(),
        state=WebhookState.ACTIVE,
        failures=0,
        failing_since=None,
        created_at=NOON,
    )
    sealed = SealedSecret(sealed=b"s", nonce=b"n" * 12, salt=b"t" * 16, pepper_label="pepper-1")
    SqlWebhooks(database).add(one, sealed, most=5, actor="test")
    with database.transaction() as session:
        tell(session, EventType.WEBHOOK_TEST, client_id=one.client_id, subject=one.id, at=NOON)
    SqlDeliveries(database).claim(at=NOON, until=NOON)
    path = f"/console/webhooks/{one.id}"
    with house.logged_in(ADMINISTRATOR) as person:
        page = person.get(path).text
        assert "sikd.contoh.go.id" in page
        assert "rahasia" not in page
        assert person.post(f"{path}/replay", number="1").status_code == 303
        assert person.post(f"{path}/replay", since=TODAY.isoformat()).status_code == 303
        assert person.post(f"{path}/replay", since="kemarin").status_code == 422
        assert person.post(f"{path}/replay", number="99").status_code == 422
        assert person.post(f"{path}/replay", number="x").status_code == 404
        person.get(path)
        assert person.post(f"{path}/pause").status_code == 303
        assert "Dijeda" in person.get("/console/webhooks").text
        person.get(path)
        assert person.post(f"{path}/resume").status_code == 303
        assert person.get(path, format="csv").text.startswith("\ufeffnomor,peristiwa")
        assert person.get(path, which="none").status_code == 404
        assert person.get("/console/webhooks/none").status_code == 404
        assert "rahasia" not in person.get("/console/webhooks", format="csv").text


def test_lists_of_kinds_are_decided_for_an_application(house: ConsoleHouse) -> None:
    people, caller = house.office.people, house.office.caller(ADMINISTRATOR)
    names = [each.name for each in people.kinds.lists(caller)]
    with house.logged_in(ADMINISTRATOR) as person:
        person.get("/console/kinds")
        assert person.post("/console/kinds", client_id="registrar", lists=names[0]).status_code == 303
        assert people.kinds.assignments(caller)[0].lists == {names[0]}
        assert names[0] in person.get("/console/kinds").text
        assert person.post("/console/kinds", client_id="nobody", lists=names[0]).status_code == 422
        assert person.post("/console/kinds", client_id="registrar", lists="none").status_code == 422
        assert names[0] in person.get("/console/kinds", format="csv").text


def test_a_stamp_is_drawn_with_what_is_typed(house: ConsoleHouse) -> None:
    with house.logged_in(ADMINISTRATOR) as person:
        assert "data:image/webp;base64," in person.get("/console/stamps").text
        drawn = person.post("/console/stamps", template="paraf", titles="KEPALA,\r\nu.b.", name="Ni <b>Contoh")
        assert (drawn.status_code, "Ni &lt;b&gt;Contoh" in drawn.text) == (200, True)
        assert person.post("/console/stamps", template="official", name="x" * 201).status_code == 422
        assert person.get("/console/stamps", template="none").status_code == 404


def test_settings_show_no_secret(house: ConsoleHouse) -> None:
    with house.logged_in(ADMINISTRATOR) as person:
        page, file = person.get("/console/settings").text, person.get("/console/settings", format="csv").text
    for text in (page, file):
        assert str(house.office.settings.hsm.pin_file) not in text
        assert str(house.office.settings.people.identity_key_file) not in text
        assert "verification.workers" in text
