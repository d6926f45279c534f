"""Staff get in with two factors and no other way, and are out the moment that they should be."""

import json
import re

import pytest
from structlog.testing import capture_logs

from signer.model import Secret
from signer.people import Role
from store.audit import AuditTrail
from store.clients import SqlClientStore
from store.database import Database
from tests.support.authenticator import SoftAuthenticator
from tests.support.console import PARTY, PASSWORD, ConsoleHouse, Person

NUMBER = "5171" + "0" * 12
_SEED = re.compile(r'seed-text">([A-Z2-7 ]+)<')
_OPTIONS = re.compile(r'data-options="([^"]+)"')


@pytest.fixture
def link(house: ConsoleHouse) -> str:
    made = house.office.people.accounts.add(
        house.office.caller(Role.ADMINISTRATOR), id="baru", name="Ni <b>Baru", role=Role.APPROVER, number=Secret(NUMBER)
    )
    return f"/staff/{made.token}"


def chosen(person: Person, link: str, password: str = PASSWORD) -> None:
    """The link is opened, and a password set."""
    assert person.get(link).status_code == 200
    answer = person.post(link, password=password, again=password)
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/me")
    person.get("/console/me")


def with_authenticator(house: ConsoleHouse, person: Person) -> str:
    """An authenticator added; its key, as the page spelled it."""
    page = person.post("/console/me/authenticator")
    spelled = _SEED.search(page.text)
    assert spelled is not None
    assert person.post("/console/me/authenticator/code", code=house.otp(spelled[1])).status_code == 303
    house.office.forward(seconds=30)  # each code is good once
    return spelled[1]


def options_in(page: str) -> str:
    found = _OPTIONS.search(page)
    assert found is not None
    return found[1].replace("&#34;", '"').replace("&quot;", '"')


def test_looking_at_a_link_uses_nothing_up_and_a_dead_one_tells_nothing(house: ConsoleHouse, link: str) -> None:
    with house.browser() as nobody:
        for _ in range(2):
            page = nobody.get(link)
            assert page.status_code == 200
            assert "Ni &lt;b&gt;Baru" in page.text
            assert "no-store" in page.headers["cache-control"]
        chosen(nobody, link)
        dead = [nobody.get(each) for each in (link, "/staff/" + "A" * 43, "/staff/short")]
    assert {each.status_code for each in dead} == {404}
    assert len({re.sub(r'value="[0-9a-f]{64}"', "", each.text) for each in dead}) == 1


@pytest.mark.parametrize(
    ("password", "again", "said"),
    [
        ("pendek sekali", "pendek sekali", "paling sedikit 15"),
        ("a" * 20, "a" * 20, "mengulang"),
        ("p" * 257, "p" * 257, "terlalu panjang"),
        (PASSWORD, PASSWORD + "!", "tidak sama"),
        ("Ni <b>Baru Ni <b>Baru", "Ni <b>Baru", "tidak sama"),
    ],
)
def test_a_weak_password_is_refused_and_the_link_stays_good(
    house: ConsoleHouse, link: str, password: str, again: str, said: str
) -> None:
    with house.browser() as nobody:
        nobody.get(link)
        answer = nobody.post(link, password=password, again=again)
        assert answer.status_code == 422
        assert said in answer.text
        assert password not in answer.text
        chosen(nobody, link)


def test_with_a_password_alone_nothing_is_shown_but_the_own_account(house: ConsoleHouse, link: str) -> None:
    with house.browser() as person:
        chosen(person, link)
        answer = person.get("/console")
        assert (answer.status_code, answer.headers["location"]) == (303, "/console/me")
        assert "Satu langkah lagi" in person.page
        with_authenticator(house, person)
        assert person.get("/console").status_code == 200
        assert "Ni &lt;b&gt;Baru" in person.page


def test_who_is_sent_to_log_in_is_no_failure_of_ours(house: ConsoleHouse) -> None:
    with house.browser() as person, capture_logs() as lines:
        assert person.get("/console").headers["location"] == "/console/sign-in"
    assert [line for line in lines if line["log_level"] == "error"] == []


def test_name_password_and_code_log_in_and_each_wrong_part_looks_alike(house: ConsoleHouse, link: str) -> None:
    with house.browser() as person:
        chosen(person, link)
        seed = with_authenticator(house, person)
    with house.browser() as person:
        assert person.get("/console").headers["location"] == "/console/sign-in"
        said = set()
        for name, password, code in (
            ("baru", PASSWORD, "000000"),
            ("baru", PASSWORD + "x", house.otp(seed)),
            ("siapa", PASSWORD, house.otp(seed)),
            ("approver", PASSWORD, house.otp(seed)),
        ):
            person.get("/console/sign-in")
            answer = person.post("/console/sign-in", name=name, password=password, code=code)
            assert answer.status_code == 422
            assert PASSWORD not in answer.text
            said.add(re.sub(r'value="[^"]*"|data-options="[^"]*"', "", answer.text))
        assert len(said) == 1
        answer = person.post(
            "/console/sign-in", name="baru", password=PASSWORD, code=house.otp(seed), next="/console/me?x=1"
        )
        assert (answer.status_code, answer.headers["location"]) == (303, "/console/me?x=1")
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "samesite=lax" in cookie.lower()
        assert person.get("/console").status_code == 200


def test_wrong_passwords_make_wait_and_a_passkey_goes_on_working(house: ConsoleHouse, link: str) -> None:
    device = SoftAuthenticator(rp_id=PARTY.id, origin=PARTY.origin)
    with house.browser() as person:
        chosen(person, link)
        page = person.post("/console/me/passkey").text
        made = device.create(options_in(page))
        assert person.post("/console/me/passkey/answer", assertion=made, label="Laptop").status_code == 303
        seed = with_authenticator(house, person)
    with house.browser() as person:
        for _ in range(4):
            person.get("/console/sign-in")
            person.post("/console/sign-in", name="baru", password="salah " * 4, code="000000")
        assert person.post("/console/sign-in", name="baru", password=PASSWORD, code=house.otp(seed)).status_code == 422
        person.get("/console/sign-in")
        answer = person.post("/console/sign-in", assertion=device.get(options_in(person.page)))
        assert answer.status_code == 303
        assert person.get("/console").status_code == 200
    house.office.forward(seconds=31)
    with house.browser() as person:
        person.get("/console/sign-in")
        answer = person.post("/console/sign-in", name="baru", password=PASSWORD, code=house.otp(seed))
        assert answer.status_code == 303


def test_a_recovery_code_stands_in_for_the_authenticator_once_and_never_for_the_password(
    house: ConsoleHouse, link: str
) -> None:
    with house.browser() as person:
        chosen(person, link)
        with_authenticator(house, person)
        person.get("/console/me")
        codes = re.findall(r'<li class="code">([A-Z2-7-]+)</li>', person.post("/console/me/recovery-codes").text)
        assert len(codes) == 10
    tries = ((PASSWORD + "!", 422), (PASSWORD, 303), (PASSWORD, 422))
    for password, status in tries:
        with house.browser() as person:
            person.get("/console/sign-in")
            assert person.post("/console/sign-in", name="baru", password=password, code=codes[0]).status_code == status


def test_a_login_ends_by_logging_out_by_idling_and_by_the_day(house: ConsoleHouse) -> None:
    with house.logged_in(Role.REGISTRAR) as person:
        assert person.get("/console").status_code == 200
        assert person.post("/console/sign-out").headers["location"] == "/console/sign-in"
        assert person.get("/console").status_code == 303
    with house.logged_in(Role.REGISTRAR) as person:
        house.office.forward(minutes=14)
        assert person.get("/console").status_code == 200
        house.office.forward(minutes=15, seconds=1)
        assert person.get("/console").status_code == 303
    with house.logged_in(Role.REGISTRAR) as person:
        for _ in range(34):
            house.office.forward(minutes=14)
            assert person.get("/console").status_code == 200
        house.office.forward(minutes=14)
        assert person.get("/console").status_code == 303


def test_a_disabled_account_is_out_at_once(house: ConsoleHouse) -> None:
    with house.logged_in(Role.REGISTRAR) as person:
        house.office.people.accounts.disable(house.office.caller(Role.ADMINISTRATOR), "registrar")
        assert person.get("/console").headers["location"] == "/console/sign-in"


def test_a_signatorys_login_is_none_here(house: ConsoleHouse) -> None:
    with house.logged_in(Role.REGISTRAR) as person:
        token = person.http.cookies["teken-console"]
    assert house.entrance.logins.find(token) is not None
    with house.browser() as person:
        person.http.cookies.set("teken", token)
        assert person.get("/console").status_code == 303


def test_a_form_of_another_page_is_refused(house: ConsoleHouse, link: str) -> None:
    with house.logged_in(Role.REGISTRAR, confirmed=True) as person:
        for csrf in ("", "0" * 64):
            assert person.post("/console/me/recovery-codes", csrf=csrf).status_code == 403
        other = person.http.post(
            "/console/me/recovery-codes", data={"csrf": person.csrf}, headers={"sec-fetch-site": "cross-site"}
        )
        assert other.status_code == 403


def test_before_what_cannot_be_undone_the_person_shows_it_again(house: ConsoleHouse, link: str) -> None:
    with house.browser() as person:
        chosen(person, link)
        seed = with_authenticator(house, person)
        house.office.forward(minutes=14)
        person.get("/console/me")
        house.office.forward(minutes=14)
        answer = person.post("/console/me/recovery-codes")
        assert (answer.status_code, answer.headers["location"]) == (303, "/console/confirm?next=/console/me")
        person.get(answer.headers["location"])
        assert person.post("/console/confirm", password="salah " * 4, code=house.otp(seed)).status_code == 422
        answer = person.post("/console/confirm", password=PASSWORD, code=house.otp(seed), next="/console/me")
        assert (answer.status_code, answer.headers["location"]) == (303, "/console/me")
        assert len(person.post("/console/me/recovery-codes").text) > 0
        house.office.forward(minutes=5)
        assert person.post("/console/me/recovery-codes").status_code == 303


@pytest.mark.parametrize(
    "given", ["https://jahat.example/", "//jahat.example", "/console.jahat", "/console/\\x", "/v/1"]
)
def test_nobody_is_sent_to_another_house(house: ConsoleHouse, given: str) -> None:
    with house.logged_in(Role.REGISTRAR) as person:
        assert person.get("/console/sign-in", next=given).headers["location"] == "/console"


def test_a_new_link_ends_password_factors_logins_and_secret_of_before(
    house: ConsoleHouse, link: str, database: Database
) -> None:
    with house.browser() as before:
        chosen(before, link)
        with_authenticator(house, before)
        before.get("/console/me")
        secret = re.search(r'<code id="secret">([A-Za-z0-9_-]{43})</code>', before.post("/console/me/secret").text)
        assert secret is not None
        assert SqlClientStore(database).authenticate("baru", secret[1]) is not None
        again = house.office.people.accounts.link(house.office.caller(Role.ADMINISTRATOR), "baru")
        with house.browser() as person:
            chosen(person, f"/staff/{again.token}", "gamelan di tepi sawah")
            assert "Satu langkah lagi" in person.page
        assert before.get("/console").headers["location"] == "/console/sign-in"
        assert SqlClientStore(database).authenticate("baru", secret[1]) is None


def test_neither_password_nor_code_nor_link_is_in_the_trail(house: ConsoleHouse, link: str, database: Database) -> None:
    with house.browser() as person:
        chosen(person, link)
        seed = with_authenticator(house, person)
        person.post("/console/sign-out")
        person.get("/console/sign-in")
        person.post("/console/sign-in", name="baru", password=PASSWORD, code=house.otp(seed))
    entries = list(AuditTrail(database).entries(10_000))
    written = json.dumps([[each.object, each.reason, each.details, each.actor] for each in entries])
    assert "staff:baru" in written
    for hidden in (PASSWORD, seed.replace(" ", ""), link.rpartition("/")[2], "signatory:staff"):
        assert hidden not in written
