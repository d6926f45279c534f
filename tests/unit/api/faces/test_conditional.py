"""Conditional requests: what did not change is not sent again, and nobody's change is overwritten unseen."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from signer.people import Role
from tests.support.api_memory import PDF, SIGN_BODY, MemoryService
from tests.support.office_doors import *  # noqa: F403 - its fixtures
from tests.support.office_doors import Door, Http

ADDED = {"clientId": "contoh", "name": "Mesin Contoh", "scopes": ["signature:create"]}
ONE = "/v1/clients/contoh"


@pytest.fixture
def administrator(http: Http, service: MemoryService) -> Door:
    return Door(http, service, Role.ADMINISTRATOR)


def test_what_did_not_change_is_not_sent_again(http: Http, administrator: Door) -> None:
    assert administrator.post("/v1/clients", ADDED).status_code == 201
    first = administrator.get(ONE)
    tag = first.headers["etag"]

    assert (tag[0], tag[-1]) == ('"', '"')
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = http.get(ONE, headers=administrator.headers | {"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert again.headers["cache-control"] == "private, no-store"
    assert http.get(ONE, headers=administrator.headers | {"If-None-Match": '"other"'}).json() == first.json()


def test_a_change_upon_an_older_state_is_refused(http: Http, administrator: Door) -> None:
    administrator.post("/v1/clients", ADDED)
    read = administrator.get(ONE).headers["etag"]
    mine, theirs = {"networks": ["192.0.2.0/24"]}, {"networks": ["198.51.100.0/24"]}

    won = http.patch(ONE, json=theirs, headers=administrator.headers | {"If-Match": read})
    lost = http.patch(ONE, json=mine, headers=administrator.headers | {"If-Match": read})

    assert (won.status_code, lost.status_code) == (200, 412)
    assert (lost.json()["type"], lost.json()["field"]) == ("/problems/changed-meanwhile", "If-Match")
    assert administrator.get(ONE).json()["networks"] == theirs["networks"]
    now = administrator.get(ONE).headers["etag"]
    assert http.patch(ONE, json=mine, headers=administrator.headers | {"If-Match": f'"x", {now}'}).status_code == 200


@pytest.mark.parametrize("meant", ["*", None])
def test_who_names_no_state_changes_that_of_now(http: Http, administrator: Door, meant: str | None) -> None:
    administrator.post("/v1/clients", ADDED)
    named = {} if meant is None else {"If-Match": meant}

    answer = http.patch(ONE, json={"networks": ["192.0.2.0/24"]}, headers=administrator.headers | named)

    assert (answer.status_code, answer.json()["networks"]) == (200, ["192.0.2.0/24"])


def test_a_weak_tag_names_no_state(http: Http, administrator: Door) -> None:
    administrator.post("/v1/clients", ADDED)
    weak = f"W/{administrator.get(ONE).headers['etag']}"

    assert http.patch(ONE, json={}, headers=administrator.headers | {"If-Match": weak}).status_code == 412


def test_octets_under_a_strong_tag_are_never_compressed(http: Http, administrator: Door) -> None:
    administrator.post("/v1/clients", ADDED)

    answer = http.get(ONE, headers=administrator.headers | {"Accept-Encoding": "gzip"})

    assert "content-encoding" not in answer.headers


def test_the_record_of_a_signing_has_its_tag(http: Http, service: MemoryService) -> None:
    headers = service.bearer()
    raw = {"Content-Type": "application/pdf", "Teken-Request": json.dumps(SIGN_BODY)}
    place = http.post("/v1/signatures", content=PDF, headers=headers | raw).headers["location"]
    tag = http.get(place, headers=headers).headers["etag"]

    assert http.get(place, headers=headers | {"If-None-Match": tag}).status_code == 304


CHANGED: dict[str, tuple[str, dict[str, Any], str]] = {
    "/v1/clients": ("contoh", ADDED, "name"),
    "/v1/esign-credentials": ("contoh-utama", {"userName": "contoh-utama", "client": "contoh"}, "description"),
}


@pytest.mark.parametrize("where", CHANGED)
def test_of_many_who_change_the_same_state_at_once_one_does(http: Http, administrator: Door, where: str) -> None:
    """The state is compared in the transaction that changes it, so nobody comes in between."""
    name, _, field = CHANGED[where]
    for path in dict.fromkeys(("/v1/clients", where)):
        assert administrator.post(path, CHANGED[path][1]).status_code == 201
    read = administrator.get(f"{where}/{name}").headers["etag"]

    def patch(number: int) -> int:
        headers = administrator.headers | {"If-Match": read}
        return http.patch(f"{where}/{name}", json={field: f"Lain {number}"}, headers=headers).status_code

    with ThreadPoolExecutor(6) as pool:
        statuses = sorted(pool.map(patch, range(6)))

    assert statuses == [200] + [412] * 5
