"""Logging in: wrong passwords are counted, and nobody keeps others out by typing them."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from eoffice import limits, logins, passwords
from eoffice.errors import Misconfigured, Refused, TooOften
from eoffice.limits import Limits
from eoffice.logins import Logins
from eoffice.networks import network_of
from eoffice.passwords import hash_of
from eoffice.settings import load_settings
from eoffice.store import people as store
from eoffice.store.database import Database
from eoffice.store.people import People

from tests.unit.eoffice.conftest import DRAFTER, NOON
from tests.unit.eoffice.whole import Clock

PASSWORD = "kata sandi contoh"
WRONG = "salah salah salah"
HOME, ELSEWHERE = "203.0.113.7", "198.51.100.1"


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture
def made(office_database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Logins:
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_HASHER", cheap)
    people, turns = People(office_database), iter(range(1_000))
    people.put_person(DRAFTER, password_hash=hash_of(PASSWORD))
    return Logins(
        people=people,
        limits=Limits(now=clock),
        life=timedelta(hours=8),
        idle=timedelta(hours=1),
        now=clock,
        new_token=lambda: f"a token of this test, number {next(turns)}",
    )


def test_wrong_passwords_of_one_network_keep_nobody_else_out(made: Logins, clock: Clock) -> None:
    def tried(person: str, network: str, password: str = WRONG) -> type[Refused] | None:
        try:
            made.log_in(person, password, network)
        except Refused as error:
            return type(error)
        return None

    for person in ("gede", "nobody"):
        assert [tried(person, ELSEWHERE) for _ in range(6)] == [Refused] * 5 + [TooOften], "known or not"
    assert tried("gede", ELSEWHERE, PASSWORD) is TooOften
    assert [tried("gede", HOME, PASSWORD) for _ in range(7)] == [None] * 7, "right ones are not counted"
    clock.moves(minutes=15)
    assert tried("gede", ELSEWHERE, PASSWORD) is None
    with ThreadPoolExecutor(8) as many:
        said = list(many.map(lambda _: tried("gede", ELSEWHERE), range(16)))
    assert said.count(Refused) == 5


def test_wrong_passwords_from_everywhere_keep_somebody_waiting(
    made: Logins, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "TRIES", 3)
    for number in range(3):
        with pytest.raises(Refused):
            made.log_in("gede", WRONG, f"198.51.100.{number}")
    with pytest.raises(Refused):
        made.log_in("gede", PASSWORD, HOME)
    clock.moves(minutes=15)
    assert made.who(made.log_in("gede", PASSWORD, HOME)) is not None


def test_a_network_is_stopped_whatever_names_it_tries(
    made: Logins, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logins, "OF_A_NETWORK", replace(logins.OF_A_NETWORK, most=3))
    for number in range(3):
        with pytest.raises(Refused, match="wrong"):
            made.log_in(f"name-{number}", PASSWORD, HOME)
    with pytest.raises(TooOften, match="15 minutes") as stopped:
        made.log_in("gede", PASSWORD, HOME)
    assert stopped.value.seconds == 900
    assert made.log_in("gede", PASSWORD, ELSEWHERE)


def test_what_is_remembered_is_bounded(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_REMEMBERED", 2)
    counted, once = Limits(now=clock), replace(logins.OF_A_NAME, most=1)
    for key in "abc":
        counted.take(once, key)
    counted.take(once, "a")
    with pytest.raises(TooOften), counted.counted(once, "c"):
        raise AssertionError("never begun")
    with pytest.raises(ZeroDivisionError), counted.counted(once, "d"):
        raise ZeroDivisionError
    counted.take(once, "d")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48"),
        ("somewhere", "unknown"),
    ],
)
def test_a_network_is_an_address_or_a_site(address: str, network: str) -> None:
    assert network_of({"client": (address, 1)}) == network  # type: ignore[typeddict-item]
    assert network_of({"client": None}) == "unknown"  # type: ignore[typeddict-item]


def test_proxies_are_named_by_their_networks(tmp_path: Path) -> None:
    path = tmp_path / "eoffice.toml"
    path.write_text('[eoffice]\ntrusted_proxies = ["10.0.0.5", "10.1.0.0/24"]')
    assert load_settings(path).trusted_proxies == ("10.0.0.5/32", "10.1.0.0/24")
    for wrong in ('"*"', '["nginx"]', "7", '["10.1.0.1/24"]'):
        path.write_text(f"[eoffice]\ntrusted_proxies = {wrong}")
        with pytest.raises(Misconfigured, match="trusted_proxies"):
            load_settings(path)
