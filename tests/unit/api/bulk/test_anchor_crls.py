"""The lists that anchors name: fetched in time, from listed hosts alone, and only genuine and newer ones are kept."""

from datetime import timedelta

import pytest

from api.bulk.anchor_crls import AnchorCrls, AnchorLists
from signer.foreign.model import KeptStatus
from signer.foreign.status import FetchFailed
from tests.support.pki import Pki, make_pki

ADDRESS = "http://pki.example.org/root.crl"
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki()


class Kept:
    """The youngest of each address."""

    def __init__(self) -> None:
        self.rows: dict[str, KeptStatus] = {}

    def get(self, url: str, about: str = "") -> KeptStatus | None:
        return self.rows.get(url)

    def put(self, status: KeptStatus) -> None:
        self.rows[status.url] = status


class World:
    """Servers of others, and the job whose clock a test moves."""

    def __init__(self, pki: Pki, *, hosts: frozenset[str] = frozenset({"pki.example.org"})) -> None:
        self.at, self.asked, self.kept = pki.at, 0, Kept()
        self.answer: bytes | None = pki.crl(pki.root, at=pki.at)
        self.job = AnchorCrls(
            AnchorLists(addresses=(ADDRESS,), anchors=(pki.root.certificate,)),
            kept=self.kept,  # type: ignore[arg-type]  # the two methods that are called
            fetch=self.fetch,
            hosts=hosts,
            now=lambda: self.at,
        )

    def fetch(self, url: str, *, limit: int, body: bytes | None = None) -> bytes:
        self.asked += 1
        if self.answer is None:
            raise FetchFailed("unreachable")
        return self.answer


def test_a_list_is_fetched_once_until_its_life_is_nearly_over(pki: Pki) -> None:
    world = World(pki)
    assert world.job.refresh() == 1
    assert world.kept.rows[ADDRESS].der == world.answer
    world.at += 2 * HOUR
    assert (world.job.refresh(), world.asked) == (0, 1)
    world.at += 18 * HOUR
    world.answer = pki.crl(pki.root, at=world.at)
    assert (world.job.refresh(), world.asked) == (1, 2)
    assert world.kept.rows[ADDRESS].der == world.answer


def test_a_host_that_is_not_listed_is_never_asked(pki: Pki) -> None:
    world = World(pki, hosts=frozenset())
    assert (world.job.refresh(), world.asked) == (0, 0)
    assert tuple(world.job.failing()) == ((ADDRESS, "host-not-listed"),)


@pytest.mark.parametrize("what", ["absent", "no list", "forged", "out of date", "of the future"])
def test_what_is_not_good_is_not_kept_and_is_told(what: str, pki: Pki) -> None:
    world, stranger = World(pki), make_pki()
    world.answer = {
        "absent": None,
        "no list": b"<html>",
        "forged": stranger.crl(stranger.root, at=pki.at),
        "out of date": pki.crl(pki.root, at=pki.at - timedelta(days=9)),
        "of the future": pki.crl(pki.root, at=pki.at + timedelta(days=9)),
    }[what]
    assert world.job.refresh() == 0
    assert not world.kept.rows
    assert dict(world.job.failing())[ADDRESS]
    assert (world.job.refresh(), world.asked) == (0, 1), "it waits before it asks again"


def test_an_older_list_never_takes_the_place_of_a_younger(pki: Pki) -> None:
    world = World(pki)
    world.job.refresh()
    world.at += 20 * HOUR
    young, world.answer = world.kept.rows[ADDRESS].der, pki.crl(pki.root, at=pki.at - HOUR, lifetime=timedelta(days=9))
    assert world.job.refresh() == 0
    assert world.kept.rows[ADDRESS].der == young
