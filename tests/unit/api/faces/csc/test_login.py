"""Checklist of csc.md, 14: `auth/login` where it is switched on; and the Java client that needs it (11.4)."""

import base64
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from api.csc.build import build_accounts
from api.csc.login import PasswordLogins
from api.failed_logins import FailedLogins
from api.oauth.bearers import Bearers
from api.oauth.granting import Lifetimes
from api.oauth.revoking import Revoking
from api.settings import Settings
from signer.accounts import Accounts
from signer.errors import ClientRefused, ClientUnknown
from signer.factors.counters import LOCK_AT, WAIT_FROM
from signer.model import Credential
from store.audit import Act
from store.authorisations import SqlAuthorisations
from store.clients import Client, ClientState, SqlClientStore
from store.database import Database
from store.oauth_tokens import SqlOAuthTokens
from tests.support.api_memory import settings_in
from tests.support.csc import CLIENT, ECDSA, OTHER_CLIENT, PERSON, Clock, Court, digest
from tests.support.csc_doors import http_of
from tests.support.pki import Pki, make_pki
from tests.unit.api.faces.csc.conftest import a_database
from tests.unit.api.faces.csc.test_consumption import b64, refused
from tests.unit.api.faces.csc.test_transport import shape

FACES = ("v1", "v2")
NAME = "meja-uji"
FAILED = "An error occurred during authentication process"
PER_MINUTE = 5


@dataclass(slots=True)
class House:
    """A service that lets accounts log in, one account, and a seal that it keeps."""

    court: Court
    http: TestClient[Litestar]
    accounts: Accounts
    name: str
    password: str
    seal: Credential

    def log_in(
        self, face: str = "v1", name: str | None = None, password: str | None = None, body: Any = None
    ) -> httpx.Response:
        known = self.name if name is None else name, self.password if password is None else password
        told = base64.b64encode(":".join(known).encode()).decode()
        return self.http.post(f"/csc/{face}/auth/login", json=body, headers={"Authorization": f"Basic {told}"})

    def call(self, token: str, address: str, body: Any) -> httpx.Response:
        return self.http.post(f"/csc/{address}", json=body, headers={"Authorization": f"Bearer {token}"})


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki()


@contextmanager
def a_house(database: Database, settings: Settings, pki: Pki, **client: Any) -> Iterator[House]:
    clock, clients, tokens = Clock(pki.at), SqlClientStore(database), SqlOAuthTokens(database)
    for name in (CLIENT, OTHER_CLIENT):
        terms = {"scopes": frozenset({"service"}), "state": ClientState.ACTIVE, "created_at": clock(), **client}
        clients.add(Client(id=name, name=name, **terms), "00" * 32)
    accounts = build_accounts(database, now=clock, random_bytes=secrets.token_bytes)
    authorisations = SqlAuthorisations(database)
    revoking = Revoking(access=clients, refresh=tokens, authorisations=authorisations, now=clock)
    court = Court(
        database,
        pki=pki,
        clock=clock,
        bearers=Bearers(tokens=tokens, authorisations=authorisations, active=clients.active, now=clock),
        revoke=lambda text, client_id: revoking.revoke(text, client_id=client_id),
        logins=PasswordLogins(
            accounts=accounts,
            tokens=tokens,
            active=clients.active,
            failed=FailedLogins(per_minute=PER_MINUTE, now=clock),
            lifetimes=Lifetimes(),
            now=clock,
            random_bytes=secrets.token_bytes,
        ),
    )
    court.enrol("cred-official", PERSON, holder=court.pki.official)
    seal = court.enrol("cred-seal", "seal-DINASCONTOH")
    with http_of(court, settings) as http:
        yield furnished(House(court, http, accounts, "", "", seal), NAME)


def furnished(house: House, name: str) -> House:
    """With an account of this name, which keeps the seal that is lent."""
    house.court.lend(house.seal.id)
    made = house.accounts.add(name, CLIENT, actor="operator")
    house.court.keepers.name(house.seal.signatory.id, made.account.id, at=house.court.clock())
    return replace(house, name=name, password=made.password.reveal())


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, pki: Pki) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("logins")
    with a_database(folder, sqlite_template) as database, a_house(database, settings_in(folder), pki) as made:
        yield made


@pytest.fixture
def house(shared: House) -> House:
    """The house with another account, a minute after whatever was guessed before."""
    shared.court.clock.forward(60)
    return furnished(shared, f"uji-{secrets.token_hex(4)}")


@pytest.fixture
def own_house(database: Database, settings: Settings, pki: Pki) -> Iterator[House]:
    with a_house(database, settings, pki) as made:
        yield made


@pytest.mark.parametrize("face", FACES)
def test_basic_remember_me_and_refresh(house: House, face: str) -> None:
    info = house.http.post(f"/csc/{face}/info").json()
    assert "basic" in info["authType"]
    assert "auth/login" in info["methods"]
    short = house.log_in(face).json()
    assert set(short) == {"access_token", "expires_in"}
    long = house.log_in(face, body={"rememberMe": True}).json()
    assert set(long) == {"access_token", "expires_in", "refresh_token"}
    assert long["expires_in"] == 1800

    answer = house.http.post(f"/csc/{face}/auth/login", json={"refresh_token": long["refresh_token"]})

    again = answer.json()
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert set(again) == {"access_token", "expires_in", "refresh_token"}
    for each in (short, long, again):
        listed = house.call(each["access_token"], f"{face}/credentials/list", {})
        assert listed.json()["credentialIDs"] == [house.seal.id]


def test_a_refresh_token_is_good_once_and_a_second_use_ends_everything(house: House) -> None:
    first = house.log_in(body={"rememberMe": True}).json()
    body = {"refresh_token": first["refresh_token"]}
    second = house.http.post("/csc/v1/auth/login", json=body).json()

    refused(house.http.post("/csc/v1/auth/login", json=body), "Invalid string parameter refresh_token")
    answer = house.http.post("/csc/v1/auth/login", json={"refresh_token": second["refresh_token"]})
    refused(answer, "Invalid string parameter refresh_token")
    assert house.call(second["access_token"], "v1/credentials/list", {}).status_code == 401
    for nonsense in ("rt_nobody", first["access_token"], "x" * 9000):
        answer = house.http.post("/csc/v1/auth/login", json={"refresh_token": nonsense})
        refused(answer, "Invalid string parameter refresh_token")


@pytest.mark.parametrize("header", [None, "Bearer tk_x", "Digest x", "Basic", "Basic ???"])
def test_a_malformed_header(house: House, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = house.http.post("/csc/v1/auth/login", json={}, headers=headers)
    assert (answer.status_code, shape(answer)["error"]) == (401, "invalid_request")
    assert shape(answer)["error_description"] == "Malformed authentication parameter."
    assert answer.headers["www-authenticate"].startswith("Basic ")


def test_no_colon(house: House) -> None:
    told = base64.b64encode(b"meja-uji").decode()
    answer = house.http.post("/csc/v2/auth/login", headers={"Authorization": f"Basic {told}"})
    refused(answer, "Malformed username-password.")


def test_a_wrong_password_is_counted_and_the_lock_is_reached(house: House) -> None:
    for number in range(1, LOCK_AT + 1):
        answer = house.log_in(FACES[number % 2], password="salah")
        assert (answer.status_code, shape(answer)["error"]) == (400, "authentication_error")
        assert shape(answer)["error_description"] == FAILED
        tries = [each for each in house.court.entries(Act.ACCOUNT_TRY) if each.object == f"account:{house.name}"]
        assert len(tries) == number + (number > WAIT_FROM)
        if number == WAIT_FROM:  # an early retry is refused, also the right one
            assert house.log_in().status_code == 400
        house.court.clock.forward(3600)
        assert house.accounts.get(house.name).locked is (number == LOCK_AT)
    for _ in range(2):
        house.court.clock.forward(24 * 3600)
        assert shape(house.log_in())["error"] == "authentication_error"  # right, and locked
    house.accounts.unlock(house.name, actor="operator")
    house.court.clock.forward(60)

    assert house.log_in().status_code == 200


def test_unknown_wrong_waiting_and_disabled_say_the_same(house: House) -> None:
    texts = {
        house.log_in(name=name, password="salah").text for name in (house.name, "tidak-ada", "", "x" * 5000, "a\0b")
    }
    house.accounts.enable(house.name, False, actor="operator")
    texts.add(house.log_in().text)
    assert len(texts) == 1


def test_many_guesses_at_names_are_slowed_down(house: House) -> None:
    statuses = [house.log_in(name="tidak-ada", password=str(each)).status_code for each in range(PER_MINUTE + 1)]
    assert statuses == [400] * PER_MINUTE + [429]
    answer = house.log_in(name="tidak-ada", password="lagi")
    assert (answer.headers["retry-after"].isdigit(), shape(answer)["error"]) == (True, "temporarily_unavailable")


def test_an_account_that_is_switched_off_or_has_another_password_has_no_tokens(house: House) -> None:
    for end in (
        lambda: house.accounts.enable(house.name, False, actor="operator"),
        lambda: house.accounts.rotate(house.name, actor="operator"),
    ):
        told = house.log_in(body={"rememberMe": True}).json()
        end()
        assert house.call(told["access_token"], "v1/credentials/list", {}).status_code == 401
        answer = house.http.post("/csc/v1/auth/login", json={"refresh_token": told["refresh_token"]})
        refused(answer, "Invalid string parameter refresh_token")
        house.accounts.enable(house.name, True, actor="operator")
    assert house.log_in().status_code == 400  # the password of before


def test_the_application_of_an_account_rules_over_it(database: Database, settings: Settings, pki: Pki) -> None:
    with a_house(database, settings, pki, networks=("198.51.100.0/24",)) as elsewhere:
        assert elsewhere.log_in().status_code == 400
        SqlClientStore(database).disable(CLIENT, actor="operator", at=elsewhere.court.clock())
        assert elsewhere.log_in().status_code == 400


def test_names_that_are_taken_wrong_or_of_no_application(house: House) -> None:
    taken, number, nobodys = (
        (house.name, CLIENT, "name"),
        ("3171234567890123", CLIENT, "name"),
        ("baru", "nobody", "client"),
    )
    for name, client, field in (taken, number, nobodys):
        with pytest.raises(ClientRefused) as refused_:
            house.accounts.add(name, client, actor="operator")
        assert refused_.value.field == field
    with pytest.raises(ClientUnknown):
        house.accounts.get("tidak-ada")


def test_revoking_its_own_token(house: House) -> None:
    token = house.log_in().json()["access_token"]
    assert house.call(token, "v1/auth/revoke", {"token": token}).status_code == 204
    assert house.call(token, "v1/credentials/list", {}).status_code == 401


def test_the_sequence_of_the_java_client(house: House) -> None:
    """Laverca: a login that is remembered and refreshed, a list of 20, one, authorize without a PIN, sign; an error."""
    assert "auth/login" in house.http.post("/csc/v1/info", json={}).json()["methods"]
    told = house.log_in("v1", body={"remeberMe": True}).json()  # its spelling
    body = {"remeberMe": True, "refresh_token": told["refresh_token"]}
    token = house.http.post("/csc/v1/auth/login", json=body).json()["access_token"]
    first = house.call(token, "v1/credentials/list", {"maxResults": 20}).json()["credentialIDs"][0]
    wanted = {"credentialID": first, "certificates": "chain", "certInfo": True}
    told = house.call(token, "v1/credentials/info", wanted).json()
    assert (told["authMode"], told["key"]["status"]) == ("implicit", "enabled")
    imprint = b64(digest("a report of a workbench"))
    wish = {"credentialID": first, "numSignatures": 1, "hash": [imprint]}
    sad = house.call(token, "v1/credentials/authorize", wish).json()["SAD"]
    sign = {"credentialID": first, "SAD": sad, "hash": [imprint], "signAlgo": ECDSA}

    made = house.call(token, "v1/signatures/signHash", sign)

    assert len(made.json()["signatures"]) == 1
    refused(house.call(token, "v1/signatures/signHash", sign), "Invalid parameter SAD")


def test_no_secret_of_a_run_is_in_the_database(own_house: House, tmp_path: Path) -> None:
    told = own_house.log_in(body={"rememberMe": True}).json()
    kept = b"".join(each.read_bytes() for each in tmp_path.glob("csc.db*"))
    assert len(kept) > 0
    for secret in (own_house.password, told["access_token"], told["refresh_token"]):
        assert secret.encode() not in kept
