"""The CRL of somebody else's root: fetched in time, from listed hosts, and only a genuine and newer one."""

from datetime import datetime, timedelta

import pytest

from api.bulk.outside_root import OutsideRootCrl
from ca.ceremony import ROOT_ID
from ca.model import PublishedCrl
from signer.foreign.status import FetchFailed
from tests.support.pki import Pki, make_pki

ADDRESS = "http://pki.example.org/pki/crl/root-g1.crl"
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki()


class Crls:
    """The newest CRL of the root, as `CrlStore` keeps it."""

    def __init__(self) -> None:
        self.kept: PublishedCrl | None = None

    def current(self, issuer_id: str) -> PublishedCrl | None:
        assert issuer_id == ROOT_ID
        return self.kept

    def publish(self, crl: PublishedCrl, *, at: datetime) -> None:
        self.kept = crl


class World:
    """The root's server, and the job whose clock a test moves."""

    def __init__(self, pki: Pki, hosts: frozenset[str] = frozenset({"pki.example.org"})) -> None:
        self.pki, self.at, self.asked, self.crls = pki, pki.at, 0, Crls()
        self.answer = self.crl()
        self.job = OutsideRootCrl(
            issuing_ca=pki.issuing.certificate,
            root=pki.root.certificate,
            crls=self.crls,  # type: ignore[arg-type]  # the two methods that are called
            fetch=self.fetch,
            hosts=hosts,
            now=lambda: self.at,
        )

    def crl(self) -> bytes:
        return self.pki.crl(self.pki.root, at=self.at, lifetime=30 * DAY)

    def fetch(self, url: str, *, limit: int, body: bytes | None = None) -> bytes:
        assert (url, body) == (ADDRESS, None)
        self.asked += 1
        return self.answer


@pytest.fixture
def world(pki: Pki) -> World:
    return World(pki)


def test_it_is_fetched_once_until_four_fifths_of_its_life_are_over(world: World) -> None:
    assert world.job.refresh()
    world.at += 23 * DAY
    assert not world.job.refresh()
    assert world.asked == 1
    world.at += 2 * DAY
    world.answer = world.crl()
    assert world.job.refresh()
    assert world.crls.kept is not None
    assert world.crls.kept.next_update == world.at + 30 * DAY


def test_the_same_one_again_is_nothing_new(world: World) -> None:
    world.job.refresh()
    world.at += 25 * DAY
    assert not world.job.refresh()


def test_what_the_root_did_not_sign_is_not_kept(world: World) -> None:
    stranger = make_pki()
    for answer in (b"", b"<html>", stranger.crl(stranger.root), world.pki.crl(world.pki.issuing)):
        world.answer = answer
        with pytest.raises(FetchFailed, match="not-genuine"):
            world.job.refresh()
    assert world.crls.kept is None


def test_one_that_has_ended_is_not_kept(world: World) -> None:
    world.at += 31 * DAY
    with pytest.raises(FetchFailed, match="out-of-date"):
        world.job.refresh()
    assert world.crls.kept is None


def test_an_older_one_replaces_nothing(world: World) -> None:
    world.answer = world.pki.crl(world.pki.root, at=world.at + DAY, lifetime=30 * DAY)
    world.job.refresh()
    kept = world.crls.kept
    world.at += 26 * DAY
    world.answer = world.pki.crl(world.pki.root, at=world.pki.at, lifetime=40 * DAY)
    with pytest.raises(FetchFailed, match="not-genuine"):
        world.job.refresh()
    assert world.crls.kept is kept


def test_a_host_that_is_not_listed_has_no_address(pki: Pki) -> None:
    assert World(pki, frozenset()).job.addresses == ()
