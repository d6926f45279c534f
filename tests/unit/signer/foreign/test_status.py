"""Status of foreign certificates: fetched when due, from listed hosts, kept when genuine, acted upon at once."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.ocsp import OCSPCertStatus

from signer.errors import CredentialUnusable, StatusUnavailable
from signer.foreign.addresses import crl_addresses, ocsp_addresses
from signer.foreign.model import KeptStatus, StatusAddress
from signer.foreign.refresh import StatusRefresh
from signer.foreign.status import FetchFailed, ForeignStatus
from signer.status import collect
from tests.support.foreign_ca import CRL, OCSP, certify, rules
from tests.support.pki import Pki, make_pki

ROOT_CRL = "http://pki.example.org/pki/crl/root-g1.crl"
HOUR = timedelta(hours=1)
Chain = tuple[x509.Certificate, ...]


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki()


class Kept:
    """`ForeignStatusStore` in memory."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], KeptStatus] = {}

    def get(self, url: str, about: str = "") -> KeptStatus | None:
        return self.rows.get((url, about))

    def put(self, status: KeptStatus) -> None:
        self.rows[status.url, status.about] = status


class Addresses:
    """`StatusAddresses` in memory, over chains that were accepted."""

    def __init__(self, chains: dict[str, Chain]) -> None:
        self.chains = chains
        self.settled: dict[tuple[str, str], tuple[datetime, str | None]] = {}

    def learn(self, at: datetime) -> None:
        """Nothing is kept apart from the chains."""

    def due(self, at: datetime, *, limit: int) -> tuple[StatusAddress, ...]:
        found: dict[tuple[str, str], StatusAddress] = {}
        for chain in self.chains.values():
            for certificate, issuer in pairwise(chain):
                about = certificate.fingerprint(hashes.SHA256()).hex()
                places = [(url, "") for url in crl_addresses(certificate)]
                for place in [*places, *((url, about) for url in ocsp_addresses(certificate))]:
                    if place not in self.settled or self.settled[place][0] <= at:
                        url, who = place
                        found[place] = StatusAddress(url=url, about=who, certificate=certificate, issuer=issuer)
        return tuple(found.values())[:limit]

    def credentials_of(self, issuer: x509.Certificate) -> Mapping[int, str]:
        return {chain[0].serial_number: each for each, chain in self.chains.items() if chain[1] == issuer}

    def settle(self, address: StatusAddress, *, due_at: datetime, failure: str | None) -> None:
        self.settled[address.url, address.about] = due_at, failure


class World:
    """Another CA's servers, and everything that a refresh touches."""

    def __init__(self, pki: Pki) -> None:
        self.pki, self.at = pki, pki.at
        self.leaf = pki.official.certificate
        self.addresses = Addresses({"credential-1": pki.official.chain})
        self.kept = Kept()
        self.asked: list[str] = []
        self.alarms: list[tuple[str, str]] = []
        self.stopped: list[tuple[str, bool]] = []
        self.answers: dict[str, bytes] = {}
        self.publish()

    def publish(self, *, revoked: bool = False, reason: x509.ReasonFlags = x509.ReasonFlags.key_compromise) -> None:
        serials = {self.leaf.serial_number: self.at} if revoked else {}
        status = OCSPCertStatus.REVOKED if revoked else OCSPCertStatus.GOOD
        self.answers = {
            CRL: self.pki.crl(revoked=serials, at=self.at, reason=reason),
            ROOT_CRL: self.pki.crl(self.pki.root, at=self.at),
            OCSP: self.pki.ocsp(self.leaf, status, self.at, reason=reason if revoked else None),
        }

    def fetch(self, url: str, *, limit: int, body: bytes | None = None) -> bytes:
        self.asked.append(url)
        assert (body is not None) == (url == OCSP)
        if url not in self.answers:
            raise FetchFailed("http-404")
        assert len(self.answers[url]) <= limit
        return self.answers[url]

    def refresh(self) -> int:
        job = StatusRefresh(
            addresses=self.addresses,
            kept=self.kept,
            fetch=self.fetch,
            rules=rules(self.pki),
            stop=lambda credential_id, held: self.stopped.append((credential_id, held)),
            alarm=lambda url, word: self.alarms.append((url, word)),
            now=lambda: self.at,
        )
        return job.refresh()

    def collected(self) -> datetime:
        collect(ForeignStatus(self.kept), (self.pki.official.chain,), now=lambda: self.at)
        return self.at


@pytest.fixture
def world(pki: Pki) -> World:
    return World(pki)


def test_what_was_fetched_is_enough_to_sign_at_level_lt(world: World) -> None:
    with pytest.raises(StatusUnavailable):
        world.collected()
    assert world.refresh() == 3
    assert sorted(world.asked) == sorted([CRL, ROOT_CRL, OCSP])
    world.collected()
    assert world.alarms == []


def test_nothing_is_fetched_again_before_it_is_due(world: World) -> None:
    world.refresh()
    world.asked.clear()
    world.at += 9 * HOUR
    assert world.refresh() == 0
    world.at += HOUR
    world.publish()
    assert world.refresh() == 1, "the OCSP answer lives twelve hours, the CRLs a day"
    assert world.asked == [OCSP]


def test_an_address_is_asked_once_a_round_whoever_shares_it(world: World, pki: Pki) -> None:
    for number in range(2, 7):
        chain = pki.official_with().chain
        world.addresses.chains[f"credential-{number}"] = chain
    world.refresh()
    assert [world.asked.count(url) for url in (CRL, ROOT_CRL, OCSP)] == [1, 1, 6], "OCSP speaks of one certificate"


def test_stale_status_does_not_sign(world: World) -> None:
    world.refresh()
    world.at += timedelta(days=2)
    with pytest.raises(StatusUnavailable):
        world.collected()


def test_hosts_that_are_not_listed_are_never_asked(world: World, pki: Pki) -> None:
    key = pki.official.key.public_key()
    leaf = certify(pki, key, crl="http://evil.example.org/a.crl", ocsp="http://127.0.0.1/")
    world.addresses.chains = {"credential-1": (leaf, *pki.issuing.chain)}
    world.refresh()
    assert world.asked == [ROOT_CRL]
    assert {word for _, word in world.alarms} == {"host-not-listed"}


@pytest.mark.parametrize("garbage", [b"", b"<html>404</html>", b"\x30\x03\x02\x01\x00"])
def test_garbage_is_not_kept_and_somebody_hears_of_it(world: World, garbage: bytes) -> None:
    world.answers[CRL] = world.answers[OCSP] = garbage
    world.refresh()
    assert {url for url, _ in world.alarms} == {CRL, OCSP}
    assert set(world.kept.rows) == {(ROOT_CRL, "")}


def test_what_somebody_else_signed_is_not_kept(world: World) -> None:
    forger = make_pki()
    world.answers[CRL] = forger.crl()
    world.answers[OCSP] = forger.ocsp(world.leaf)
    world.refresh()
    assert sorted(word for _, word in world.alarms) == ["not-genuine", "not-genuine"]


def test_an_answer_about_another_certificate_is_not_kept(world: World, pki: Pki) -> None:
    world.answers[OCSP] = pki.ocsp(pki.tsu.certificate)
    world.refresh()
    assert world.alarms == [(OCSP, "not-genuine")]


def test_an_older_crl_never_replaces_a_younger_one(world: World, pki: Pki) -> None:
    world.refresh()
    world.at += 20 * HOUR
    world.answers[CRL] = pki.crl(at=pki.at - HOUR, lifetime=timedelta(days=2))
    world.refresh()
    assert (CRL, "older-than-kept") in world.alarms


@pytest.mark.parametrize("age", [timedelta(days=2), -timedelta(days=1)])
def test_status_of_another_time_is_not_kept(world: World, pki: Pki, age: timedelta) -> None:
    world.answers[CRL] = pki.crl(at=pki.at - age)
    world.refresh()
    assert (CRL, "out-of-date") in world.alarms


def test_one_dead_server_stops_nobody_else(world: World) -> None:
    del world.answers[OCSP]
    assert world.refresh() == 2
    assert world.alarms == [(OCSP, "http-404")]
    world.collected()


def test_revoked_there_is_revoked_here(world: World) -> None:
    world.publish(revoked=True)
    world.refresh()
    assert set(world.stopped) == {("credential-1", False)}
    with pytest.raises(CredentialUnusable):
        world.collected()


def test_on_hold_there_is_suspended_here(world: World) -> None:
    world.publish(revoked=True, reason=x509.ReasonFlags.certificate_hold)
    world.refresh()
    assert set(world.stopped) == {("credential-1", True)}


def test_what_cannot_be_acted_upon_is_not_kept_and_comes_again(world: World) -> None:
    world.publish(revoked=True)
    refused = StatusRefresh(
        addresses=world.addresses,
        kept=world.kept,
        fetch=world.fetch,
        rules=rules(world.pki),
        stop=lambda *_: (_ for _ in ()).throw(OSError("no database")),
        alarm=lambda *_: None,
        now=lambda: world.at,
    )
    with pytest.raises(OSError, match="no database"):
        refused.refresh()
    assert world.kept.rows == {}
    world.refresh()
    assert set(world.stopped) == {("credential-1", False)}


def test_an_address_that_fails_is_asked_again_in_the_next_round(world: World) -> None:
    good = world.answers.pop(OCSP)
    world.refresh()
    world.asked.clear()
    world.at += timedelta(minutes=10)
    world.answers[OCSP] = good
    assert world.refresh() == 1
    assert world.asked == [OCSP]


def test_a_certificate_that_is_not_ours_concerns_nobody_here(world: World) -> None:
    world.answers[CRL] = world.pki.crl(at=world.at, revoked={4711: world.at})
    world.refresh()
    assert world.stopped == []
