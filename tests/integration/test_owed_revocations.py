"""`kill -9` between the end of a credential and the revocation of its certificate: the next start makes up for it."""

import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509

from api.compose import Service, compose
from api.first_start import initialise, prepare_folder, settings_in
from api.given import utc_now
from api.settings import Settings
from ca.ceremony import ISSUING_CA_ID
from ca.model import CertificateState, IssuedCertificate
from signer.model import CredentialState, Secret, Signatory
from store.audit import Act
from tests.support.service import ROOT, environment
from tests.support.signing import PASSPHRASE

pytestmark = [pytest.mark.hsm, pytest.mark.timeout(180)]

DIES = """
import os, secrets, signal, sys
from pathlib import Path
from cryptography import x509
from api.bulk.issuers import ChosenIssuer
from api.compose import compose
from signer.model import Secret, Signatory
from signer.people import Purpose
from tests.integration.test_owed_revocations import WHO, quiet
from tests.support.signing import PASSPHRASE

folder, act, credential = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
ChosenIssuer.revoke = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)  # the moment after the first step
with compose(quiet(folder)) as service:
    if act == "replace":
        service.credentials.install(
            WHO, Secret(PASSPHRASE), purpose=Purpose.LOST_PASSPHRASE, replaces=credential, registration_id=None,
            actor="ra-1",
        )
    else:
        service.credentials.revoke(credential, x509.ReasonFlags.key_compromise, "ra-1")
"""
WHO = Signatory(
    id="K5QXA2LBONUWC3TB",
    name="I Wayan Contoh",
    organisation="Pemerintah Provinsi Contoh",
    organisation_identifier="NTRID-0000000000",
)


def quiet(folder: Path) -> Settings:
    """Without jobs of their own: the test runs them."""
    settings = settings_in(folder)
    return replace(settings, jobs=replace(settings.jobs, in_process=False))


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    settings = prepare_folder(tmp_path / "data", port=8000, fresh=True)
    initialise(settings, say=lambda _: None, now=utc_now, random_bytes=secrets.token_bytes)
    return tmp_path / "data"


def enrolled(folder: Path) -> tuple[str, int]:
    """A credential, and the serial number of its certificate."""
    with compose(quiet(folder)) as service:
        made = service.credentials.enrol(WHO, Secret(PASSPHRASE), "ra-1")
        return made.id, made.certificate.serial_number


def killed(folder: Path, act: str, credential: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", DIES, str(folder), act, credential],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


def run(service: Service) -> object:
    (job,) = [each for each in service.jobs if each.name == "owed-revocations"]
    return job.run()


def certificate(service: Service, serial: int) -> IssuedCertificate:
    found = service.stores.certificates.find(serial=serial, issuer_id=ISSUING_CA_ID)
    assert found is not None
    return found


def test_a_replaced_certificate_is_revoked_at_the_next_start(folder: Path) -> None:
    old, serial = enrolled(folder)
    killed(folder, "replace", old)
    with compose(quiet(folder)) as service:
        ended = service.stores.credentials.get(old)
        assert ended is not None
        assert (ended.state, certificate(service, serial).state) == (CredentialState.REVOKED, CertificateState.ISSUED)
        made = [run(service), run(service), run(service)]
        assert sum(made) == 1, "once, within two looks"
        assert certificate(service, serial).state is CertificateState.REVOKED
        entries = service.stores.audit.read(act=Act.CERTIFICATE_REVOKE)
        assert [entry.actor for entry in entries if f"{serial:x}" in entry.object] == ["reconciliation"]
        standing = [
            each
            for each in service.stores.credentials.list(signatory_id=WHO.id)
            if each.state is CredentialState.ACTIVE
        ]
        assert len(standing) == 1
        state = certificate(service, standing[0].certificate.serial_number).state
        assert state is CertificateState.ISSUED, "the new one stands"


def test_who_may_still_come_back_with_a_reason_is_waited_for(folder: Path) -> None:
    credential, serial = enrolled(folder)
    killed(folder, "revoke", credential)
    with compose(quiet(folder)) as service:
        assert run(service) == 0
        service.credentials.revoke(credential, x509.ReasonFlags.key_compromise, "ra-1")
        assert run(service) == 0
        assert certificate(service, serial).reason is x509.ReasonFlags.key_compromise


def test_who_does_not_come_back_is_not_waited_for_long(folder: Path) -> None:
    credential, serial = enrolled(folder)
    killed(folder, "revoke", credential)
    with compose(quiet(folder)) as service:
        assert [run(service), run(service)] == [0, 1]
        assert certificate(service, serial).state is CertificateState.REVOKED


def test_what_was_revoked_whole_owes_nothing(folder: Path) -> None:
    credential, serial = enrolled(folder)
    with compose(quiet(folder)) as service:
        service.credentials.revoke(credential, x509.ReasonFlags.superseded, "ra-1")
        assert [run(service), run(service)] == [0, 0]
        assert certificate(service, serial).reason is x509.ReasonFlags.superseded
