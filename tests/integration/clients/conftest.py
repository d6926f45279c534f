"""A client of the running service, and what signs there."""

from collections.abc import Iterator

import pytest
import teken
from teken.types import SignBody

from tests.support.service import RunningService


@pytest.fixture
def client(service: RunningService) -> Iterator[teken.Teken]:
    with teken.Teken(service.url, teken.ClientSecret(*service.client)) as made:
        yield made


@pytest.fixture(scope="module")
def request_body(service: RunningService) -> SignBody:
    """Signs in the name of the demonstration official."""
    said = service.sign_request
    return SignBody(credential=said["credential"], passphrase=said["passphrase"])
