"""Rate limits: bursts, refill, a bounded table, and what an answer tells."""

from typing import Any, cast

import pytest
from litestar.types import Scope

from api.limits import TokenBuckets, network_of
from tests.support.api_memory import Clock


def buckets(clock: Clock, *, per_minute: int = 3, max_keys: int = 100) -> TokenBuckets:
    return TokenBuckets(name="test", per_minute=per_minute, now=clock, max_keys=max_keys)


def test_a_burst_is_allowed_and_the_next_request_waits() -> None:
    clock = Clock()
    table = buckets(clock)

    assert [table.take("a").remaining for _ in range(3)] == [2, 1, 0]
    refused = table.take("a")
    assert (refused.allowed, refused.wait) == (False, 20)


def test_who_waits_as_long_as_told_is_let_in() -> None:
    clock = Clock()
    table = buckets(clock)
    for _ in range(3):
        table.take("a")

    clock.forward(table.take("a").wait)

    assert table.take("a").allowed
    assert not table.take("a").allowed


def test_refused_requests_cost_nothing() -> None:
    clock = Clock()
    table = buckets(clock)
    for _ in range(50):
        table.take("a")

    clock.forward(20)

    assert table.take("a").allowed


def test_nobody_uses_up_the_bucket_of_another() -> None:
    table = buckets(Clock())
    for _ in range(4):
        table.take("a")

    assert table.take("b").allowed


def test_looking_uses_nothing_up() -> None:
    table = buckets(Clock(), per_minute=1)

    assert [table.look("a").allowed for _ in range(3)] == [True] * 3
    assert table.take("a").allowed
    assert not table.look("a").allowed


def test_a_clock_that_jumps_back_gives_nothing_away() -> None:
    clock = Clock()
    table = buckets(clock, per_minute=1)
    table.take("a")

    clock.forward(-3600)

    assert not table.take("a").allowed


def test_the_table_never_outgrows_its_size() -> None:
    table = buckets(Clock(), per_minute=1, max_keys=10)
    table.take("first")
    for number in range(10):
        table.take(f"{number}")

    assert len(table._levels) == 10
    assert table.take("first").allowed, "who stayed away longest was forgotten, with a full bucket"
    assert not table.take("9").allowed


def test_an_answer_tells_the_policy_and_what_is_left() -> None:
    table = buckets(Clock())

    assert table.headers(table.take("a")) == {
        "RateLimit-Policy": '"test";q=3;w=60',
        "RateLimit": '"test";r=2;t=20',
    }


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("testclient", "unknown"),
        (None, "unknown"),
    ],
)
def test_a_network_is_an_ipv4_address_or_an_ipv6_subnet(address: str | None, network: str) -> None:
    scope: dict[str, Any] = {"client": (address, 4711) if address else None}

    assert network_of(cast("Scope", scope)) == network
