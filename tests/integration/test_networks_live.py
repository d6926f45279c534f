"""Whom a limit counts: the network at the other end, and what a proxy says of it only where it is configured."""

from pathlib import Path

import httpx

from tests.support.service import RunningService, change_settings, copied, running_service

MOST = 3


def ask(service: RunningService, forwarded: str | None) -> httpx.Response:
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    return service.http.post("/v1/verifications/by-digest", json={"sha256": "0" * 64}, headers=headers)


def test_an_address_that_a_caller_claims_is_not_believed(born: Path, tmp_path: Path) -> None:
    directory = copied(born, tmp_path / "data")
    change_settings(directory, limits={"verifications_per_minute": MOST})
    with running_service(directory) as service:
        answers = [ask(service, f"198.51.100.{number}") for number in range(MOST + 2)]
        assert [each.status_code for each in answers] == [200] * MOST + [429] * 2
        assert int(answers[-1].headers["retry-after"]) > 0
        page = service.http.post("/digest", data={"sha256": "0" * 64})
        assert page.status_code == 429, "the page draws from the same bucket"
        assert int(page.headers["retry-after"]) > 0


def test_behind_a_configured_proxy_each_caller_counts_alone(born: Path, tmp_path: Path) -> None:
    directory = copied(born, tmp_path / "data")
    change_settings(directory, server={"trusted_proxies": ["127.0.0.1"]}, limits={"verifications_per_minute": MOST})
    with running_service(directory) as service:
        assert {ask(service, f"198.51.100.{number}").status_code for number in range(2 * MOST)} == {200}
        claimed = [ask(service, f"203.0.113.{number}, 198.51.100.200") for number in range(MOST + 1)]
        assert [each.status_code for each in claimed] == [200] * MOST + [429], "only what our proxy added is believed"
        neighbours = [ask(service, f"2001:db8:1:1::{number}") for number in range(MOST + 1)]
        assert [each.status_code for each in neighbours] == [200] * MOST + [429], "a /64 is one network"
