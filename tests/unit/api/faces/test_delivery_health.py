"""How delivery goes, for administrators: counts, and nothing of any application."""

from dataclasses import replace

import pytest

from signer.hooks.model import WebhookHealth
from signer.people import Role
from tests.support.api_memory import NOON, MemoryService
from tests.support.office_doors import *  # noqa: F403 - its fixtures
from tests.support.office_doors import Door, Http


@pytest.mark.parametrize("role", [each for each in Role if each is not Role.ADMINISTRATOR])
def test_only_administrators_see_it(http: Http, service: MemoryService, role: Role) -> None:
    assert Door(http, service, role).get("/v1/delivery-health").status_code == 403


def test_an_application_does_not(http: Http, service: MemoryService) -> None:
    assert http.get("/v1/delivery-health", headers=service.bearer()).status_code == 403


def test_a_process_that_delivers_nothing_says_so(http: Http, service: MemoryService) -> None:
    assert Door(http, service, Role.ADMINISTRATOR).get("/v1/delivery-health").status_code == 404


def test_it_is_counts() -> None:
    from api.faces.rest.events.webhook_body import HealthBody

    health = WebhookHealth(active=3, paused=1, failing=0, waiting=2, failed=0, oldest_waiting_at=NOON)
    assert HealthBody.of(health) == HealthBody(
        active=3, paused=1, failing=0, waiting=2, failed=0, oldest_waiting_at=NOON
    )
    assert HealthBody.of(replace(health, oldest_waiting_at=None)).oldest_waiting_at is None
