"""Another CA certifies an official: its status is fetched over HTTP, signs at B-LT, and reaches the verifier."""

import json
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from api.bulk.foreign import build_foreign
from api.compose import Service, compose
from api.first_start import initialise, prepare_folder, settings_in
from api.given import utc_now
from api.settings import Settings
from signer.errors import CredentialUnusable, ForeignRefused
from signer.foreign.model import AnswerState
from signer.model import CredentialState, Secret, Signatory, SignatureLevel, SignRequest
from tests.support.foreign_ca import certify, pem
from tests.support.letters import letter
from tests.support.local_servers import LocalHttp, local_http
from tests.support.pki import ORGANISATION, POLICY, Pki, make_pki
from tests.support.signing import PASSPHRASE
from verifier.model import Indication, SignatureReport, SubIndication

pytestmark = [pytest.mark.hsm, pytest.mark.timeout(240)]

WHO = Signatory(
    id="K5QXA2LBONUWC3TB",
    name="I Wayan Contoh",
    organisation=ORGANISATION,
    organisation_identifier="NTRID-0000000000",
)


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@dataclass(kw_only=True)
class World:
    """Our service, and another CA with its servers."""

    folder: Path
    ca: Pki
    http: LocalHttp

    @property
    def settings(self) -> Settings:
        settings = settings_in(self.folder)
        return replace(settings, jobs=replace(settings.jobs, in_process=False))

    def publish(self, revoked: dict[int, datetime] | None = None) -> None:
        """CRLs of root and issuing CA, as of now."""
        self.http.say("/pki/crl/root-g1.crl", self.ca.crl(self.ca.root, at=now()))
        self.http.say("/leaf.crl", self.ca.crl(at=now(), revoked=revoked))

    def certified(self, service: Service, *, crl: bool = True, responder: bool = False) -> tuple[str, x509.Certificate]:
        """A new credential with a certificate of the other CA: its id, and the certificate."""
        credential = service.credentials.enrol(WHO, Secret(PASSPHRASE), "ra-1")
        assert credential.state is CredentialState.AWAITING_CERTIFICATE
        exchange = build_foreign(self.settings, service.stores.database, now=utc_now)
        request = exchange.export(actor="ra-1")[-1]
        key = x509.load_der_x509_csr(request.csr).public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        leaf = certify(
            self.ca,
            key,
            crl=self.http.url("/leaf.crl") if crl else None,
            ocsp=self.http.url("/ocsp") if responder else None,
        )
        answer = exchange.receive(pem(leaf, self.ca.issuing.certificate), actor="ra-1")
        assert answer.state is AnswerState.ACCEPTED
        with pytest.raises(ForeignRefused, match="imported before"):
            exchange.receive(pem(leaf), actor="ra-1")
        return credential.id, leaf

    def fetch(self, service: Service) -> int:
        """A round of the job in which everything is due."""
        with sqlite3.connect(self.folder / "teken.sqlite3") as database:
            database.execute("UPDATE foreign_addresses SET due_at = '2026-01-01 00:00:00.000000'")
        done = run(service, "foreign-status")
        assert isinstance(done, int)
        return done


def run(service: Service, name: str) -> object:
    (job,) = [each for each in service.jobs if each.name == name]
    return job.run()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    settings = prepare_folder(tmp_path / "data", port=8000, fresh=True)
    initialise(settings, say=lambda _: None, now=utc_now, random_bytes=secrets.token_bytes)
    with local_http() as server:
        ca = make_pki(now() - timedelta(minutes=10), label="Luar", base_url=server.url(""))
        made = World(folder=tmp_path / "data", ca=ca, http=server)
        _believe(made)
        made.publish()
        yield made


def _believe(world: World) -> None:
    """Settings of an office that this CA serves."""
    anchors = world.folder / "anchors"
    anchors.mkdir()
    (anchors / "luar.cer").write_bytes(world.ca.root.certificate.public_bytes(Encoding.DER))
    (anchors / "luar.toml").write_text('name = "Contoh Root CA Luar"\ncertified = true\npurposes = ["signature"]\n')
    file = world.folder / "teken.toml"
    toml = file.read_text().replace('certificates = "pki"\n', 'certificates = "pki"\nanchors = "anchors"\n')
    hosts = json.dumps([world.http.host])
    file.write_text(f'{toml}\n[foreign]\nofficials = true\npolicies = ["{POLICY}.1.1"]\nhosts = {hosts}\n')


@contextmanager
def running(world: World) -> Iterator[Service]:
    with compose(world.settings) as service:
        run(service, "crl")  # what speaks for our own time-stamping unit
        yield service


def signed(service: Service, credential_id: str, level: SignatureLevel) -> bytes:
    request = SignRequest(
        document=letter(),
        credential_id=credential_id,
        passphrase=Secret(PASSPHRASE),
        client_id="e-office",
        level=level,
    )
    return service.services.signing.sign(request).pdf


def judged(service: Service, pdf: bytes) -> SignatureReport:
    (report,) = service.services.verification.by_upload(pdf).report.signatures
    return report


def test_the_verifier_judges_a_signature_whose_status_only_the_job_has(world: World) -> None:
    with running(world) as service:
        credential, _ = world.certified(service)
        letter_b = signed(service, credential, SignatureLevel.B_B)
        letter_t = signed(service, credential, SignatureLevel.B_T)
        before = judged(service, letter_t)
        assert (before.indication, before.reason) == (Indication.INDETERMINATE, SubIndication.TRY_LATER)
        assert world.fetch(service) == 2
        asked = len(world.http.asked)
        assert judged(service, letter_t).indication is Indication.TOTAL_PASSED
        assert judged(service, letter_b).indication is Indication.TOTAL_PASSED
        assert len(world.http.asked) == asked, "the verifier fetches nothing"


def test_what_the_other_ca_revokes_is_revoked_here_and_said_by_the_verifier(world: World) -> None:
    with running(world) as service:
        credential, leaf = world.certified(service)
        before = signed(service, credential, SignatureLevel.B_B)
        during = signed(service, credential, SignatureLevel.B_T)
        world.fetch(service)
        assert judged(service, during).indication is Indication.TOTAL_PASSED
        world.publish({leaf.serial_number: now() - timedelta(minutes=1)})  # stolen a minute before it signed
        world.fetch(service)
        found = service.stores.credentials.get(credential)
        assert found is not None
        assert found.state is CredentialState.REVOKED
        told = judged(service, during)
        assert (told.indication, told.reason) == (Indication.TOTAL_FAILED, SubIndication.REVOKED)
        told = judged(service, before)
        assert (told.indication, told.reason) == (Indication.INDETERMINATE, SubIndication.REVOKED_NO_POE)
        with pytest.raises(CredentialUnusable):
            signed(service, credential, SignatureLevel.B_T)


def test_a_timestamp_before_the_revocation_keeps_the_signature_good(world: World) -> None:
    with running(world) as service:
        credential, leaf = world.certified(service)
        pdf = signed(service, credential, SignatureLevel.B_T)
        world.publish({leaf.serial_number: now() + timedelta(seconds=2)})
        world.fetch(service)
        assert judged(service, pdf).indication is Indication.TOTAL_PASSED


def test_an_ocsp_answer_alone_is_enough(world: World) -> None:
    with running(world) as service:
        credential, leaf = world.certified(service, crl=False, responder=True)
        pdf = signed(service, credential, SignatureLevel.B_T)
        world.http.say("/ocsp", world.ca.ocsp(leaf, at=now()))
        assert world.fetch(service) == 2
        assert judged(service, pdf).indication is Indication.TOTAL_PASSED
        stolen = now() - timedelta(minutes=1)
        revoked = world.ca.ocsp(leaf, ocsp.OCSPCertStatus.REVOKED, now(), revoked_at=stolen)
        world.http.say("/ocsp", revoked)
        world.fetch(service)
        assert judged(service, pdf).reason is SubIndication.REVOKED


def test_a_letter_at_lt_carries_the_other_cas_status(world: World) -> None:
    with running(world) as service:
        credential, _ = world.certified(service)
        world.fetch(service)
        pdf = signed(service, credential, SignatureLevel.B_LT)
        assert b"/DSS" in pdf
        assert judged(service, pdf).indication is Indication.TOTAL_PASSED


def test_an_address_that_gives_nothing_is_an_alarm_until_it_does(world: World) -> None:
    with running(world) as service:
        world.certified(service)
        world.http.say("/leaf.crl", b"", status=503)
        assert world.fetch(service) == 1
        texts = [each.text for each in service.services.alarms() if each.name == "foreign-status"]
        assert [("/leaf.crl" in text, "http-503" in text) for text in texts] == [(True, True)]
        world.publish()
        assert world.fetch(service) == 2
        assert [each for each in service.services.alarms() if each.name == "foreign-status"] == []
