"""Services as a newcomer starts them: own process, SoftHSM, SQLite. Each worker of pytest-xdist starts each once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509

from tests.conformance.signer.judges import Anchors
from tests.support.service import RunningService, enrolled, running_service, write_settings

PATIENT = {"verifications_per_minute": 100_000, "codes_per_minute": 100_000, "tokens_per_minute": 100_000}
"""Limits that no test run reaches; the limits themselves have tests of their own."""


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """The running service with its demonstration official and client."""
    directory = tmp_path_factory.mktemp("service") / "data"
    write_settings(directory, limits=PATIENT, events={"networks": ["127.0.0.0/8"]})
    with running_service(directory) as running:
        yield running


@pytest.fixture(scope="session")
def second_official(service: RunningService) -> dict[str, str]:
    """Credential and passphrase of another official, enrolled on the command line while the service runs."""
    return enrolled(service.directory, "Ni Luh Contoh Lestari")


@pytest.fixture(scope="session")
def anchors(service: RunningService, tmp_path_factory: pytest.TempPathFactory) -> Anchors:
    """The service's root before the judges, fetched from where its certificates are published."""
    root, issuing = (
        x509.load_der_x509_certificate(service.http.get(f"/pki/certificates/{name}.cer").raise_for_status().content)
        for name in ("root-g1", "ca-1-g1")
    )
    return Anchors.make(tmp_path_factory.mktemp("judges"), root, issuing)


@pytest.fixture(scope="session")
def born(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a service that was started once and stopped; copy it, never use it."""
    directory = tmp_path_factory.mktemp("born") / "data"
    a_day = {"refuse_after_minutes": 24 * 60}  # its last entries have no checkpoint, and it is copied for long
    write_settings(directory, limits=PATIENT, jobs={"interrupted_after_seconds": 1}, audit=a_day)
    with running_service(directory):
        pass
    return directory
