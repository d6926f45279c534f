"""Two generations of the issuing CA: the newer one issues, each answers for its own, and OpenSSL is the judge."""

import subprocess
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from api.compose import compose
from api.diagnosis import Finding, Health, _certificates
from api.first_start import settings_in
from api.hierarchy import read_hierarchy
from api.stores import open_stores
from ca.crl import NEVER
from store.credentials import SqlCredentialStore
from store.database import open_database
from tests.support.fresh import in_fresh_process
from tests.support.letters import letter
from tests.support.service import RunningService, copied, enrolled, running_service, teken

pytestmark = [pytest.mark.hsm, pytest.mark.timeout(300)]

SUCCESSION = ("ceremony", "successor", "--operator", "Ni Made Contoh", "--yes", "--generation")
GENERATIONS = ("ca-1-g1", "ca-1-g2")


@dataclass(kw_only=True)
class Story:
    """A folder whose CA has a successor: an official and a letter under each generation, by the issuer's id."""

    data: Path
    papers: Path
    officials: dict[str, dict[str, str]] = field(default_factory=dict)
    letters: dict[str, bytes] = field(default_factory=dict)

    def openssl(self, *arguments: str) -> str:
        done = subprocess.run(
            ["openssl", *arguments], cwd=self.papers, capture_output=True, text=True, check=False, timeout=60
        )
        return done.stdout + done.stderr

    def keep_certificates(self) -> None:
        """Each official's certificate in a file."""
        with open_database(f"sqlite+pysqlite:///{self.data}/teken.sqlite3", 1) as database:
            for issuer, official in self.officials.items():
                credential = SqlCredentialStore(database).get(official["credential"])
                assert credential is not None
                path = self.papers / f"official-{issuer}.pem"
                path.write_bytes(credential.certificate.public_bytes(Encoding.PEM))

    def fetch(self, service: RunningService) -> None:
        """Root, CAs and CRLs from where certificates point."""
        for kind, end in (("certificates", "cer"), ("crl", "crl")):
            for issuer in ("root-g1", *GENERATIONS):
                der = service.http.get(f"/pki/{kind}/{issuer}.{end}").raise_for_status().content
                loaded = x509.load_der_x509_crl(der) if end == "crl" else x509.load_der_x509_certificate(der)
                (self.papers / f"{issuer}.{end}.pem").write_bytes(loaded.public_bytes(Encoding.PEM))

    def ocsp(self, service: RunningService, issuer: str, *, asks: str | None = None) -> str:
        """What OpenSSL reads about the official of `issuer`, where `asks` is named as the issuer."""
        ca = f"{asks or issuer}.cer.pem"
        asked = ("-issuer", ca, "-cert", f"official-{issuer}.pem")
        trust = ("-CAfile", "root-g1.cer.pem", "-verify_other", ca)
        return self.openssl("ocsp", "-url", f"{service.url}/pki/ocsp", *asked, *trust)

    def path(self, issuer: str) -> str:
        """What OpenSSL says of the path of the official of `issuer`, by the CRLs of root and issuer."""
        crls = ("-crl_check_all", "-CRLfile", f"{issuer}.crl.pem", "-CRLfile", "root-g1.crl.pem")
        ca = ("-CAfile", "root-g1.cer.pem", "-untrusted", f"{issuer}.cer.pem")
        return self.openssl("verify", "-x509_strict", *crls, *ca, f"official-{issuer}.pem")


@pytest.fixture(scope="module")
def story(born: Path, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """The succession, with a running service before it and another one after it."""
    base = tmp_path_factory.mktemp("generations")
    story = Story(data=copied(born, base / "data"), papers=base / "papers")
    story.papers.mkdir()
    with running_service(story.data) as service:
        story.officials["ca-1-g1"] = {name: service.sign_request[name] for name in ("credential", "passphrase")}
        story.letters["ca-1-g1"] = service.sign(letter()).raise_for_status().content
        refused = teken(story.data, *SUCCESSION, "2")
        assert (refused.returncode, "the token is in use" in refused.stderr) == (2, True), refused.stderr
    published = sorted((story.data / "pki").glob("*.cer"))
    asked = [word for word in SUCCESSION if word != "--yes"]
    interrupted = teken(
        story.data, *asked, "2", stdin="y\ny\n"
    )  # its key and certificate are made, its responder is not
    assert interrupted.returncode != 0
    assert sorted((story.data / "pki").glob("*.cer")) == published
    held = teken(story.data, *SUCCESSION, "2")
    assert held.returncode == 0, held.stderr
    story.officials["ca-1-g2"] = enrolled(story.data, "Ni Luh Contoh Penerus")
    story.keep_certificates()
    with running_service(story.data) as service:
        story.letters["ca-1-g2"] = service.sign(letter(), **story.officials["ca-1-g2"]).raise_for_status().content
        story.fetch(service)
    return story


def revoke(folder: Path, credentials: list[str]) -> None:
    """An officer's revocations, and the CRLs after them, in a process of their own."""
    with ExitStack() as closing:
        service = closing.enter_context(compose(settings_in(folder)))
        for each in credentials:
            service.credentials.revoke(each, x509.ReasonFlags.cessation_of_operation, "officer")
        for generation in service.authority.generations:
            generation.publisher.publish_if_due()


def test_an_interrupted_succession_is_taken_up_again_and_the_root_signs_its_transcript(story: Story) -> None:
    pki = story.data / "pki"
    assert "kept, issued before the interruption: issuing-ca/" in (pki / "succession-g2.txt").read_text()
    key = story.openssl("x509", "-in", "root-g1.cer.pem", "-noout", "-pubkey")
    (story.papers / "root.pub").write_text(key)
    signed = ("-signature", str(pki / "succession-g2.sig"), str(pki / "succession-g2.txt"))
    assert "Verified OK" in story.openssl("dgst", "-sha384", "-verify", "root.pub", *signed)


@pytest.mark.parametrize("generation", ["1", "2", "4"])
def test_only_the_next_generation_can_be_made(story: Story, generation: str) -> None:
    before = sorted((story.data / "pki").iterdir())
    refused = teken(story.data, *SUCCESSION, generation)
    assert refused.returncode in (2, 3)
    assert any(said in refused.stderr for said in ("exists already", "does not follow", "not in the range"))
    assert sorted((story.data / "pki").iterdir()) == before


def test_the_doctor_finds_both_generations_well(story: Story) -> None:
    done = teken(story.data, "doctor", "--json")
    assert done.returncode == 0, done.stdout
    for label in GENERATIONS:
        assert f'"CRL {label}"' in done.stdout


def looked_at(data: Path, at: datetime) -> dict[str, Finding]:
    settings = settings_in(data)
    return {each.name: each for each in _certificates(settings, at)}


def test_the_doctor_calls_an_older_generation_that_ended_well(story: Story) -> None:
    older = read_hierarchy(story.data / "pki").generations[0]
    found = looked_at(story.data, older.certificate.not_valid_after_utc + timedelta(seconds=1))
    assert (found["ca-1-g1"].health, found["ca-1-g1"].text) == (Health.WELL, "has ended; ca-1-g2 issues")
    assert older.responder_label not in found
    soon = looked_at(story.data, older.certificate.not_valid_after_utc - timedelta(days=20))
    assert (soon["ca-1-g1"].health, soon["ca-1-g2"].health) == (Health.WELL, Health.WARNING)


def test_the_doctor_looks_for_no_responder_after_the_last_crl(story: Story, tmp_path: Path) -> None:
    data = copied(story.data, tmp_path / "data")
    older = read_hierarchy(data / "pki").generations[0]
    at = datetime.now(UTC)
    settings = settings_in(data)
    with open_stores(settings) as stores:
        now = stores.crls.current(older.id)
        assert now is not None
        last = replace(
            now, number=now.number + 1, next_update=NEVER, this_update=at, der=now.der + b"", sha256="0" * 64
        )
        stores.crls.publish(last, at=at)
    found = looked_at(data, older.responder.not_valid_after_utc + timedelta(days=1))
    assert (found["ca-1-g1"].health, found["ca-1-g1"].text) == (Health.WELL, "has ended; ca-1-g2 issues")
    assert older.responder_label not in found


def test_each_generation_answers_for_its_own_before_and_after_a_revocation(story: Story) -> None:
    addresses = {
        issuer: x509.load_pem_x509_certificate((story.papers / f"official-{issuer}.pem").read_bytes())
        for issuer in GENERATIONS
    }
    for issuer, certificate in addresses.items():
        point = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value[0]
        assert point.full_name is not None
        assert point.full_name[0].value.endswith(f"/pki/crl/{issuer}.crl")
        assert story.path(issuer) == f"official-{issuer}.pem: OK\n"
    with running_service(story.data) as service:
        for issuer in GENERATIONS:
            assert service.verify(story.letters[issuer]).json()["indication"] == "TOTAL-PASSED"
            told = story.ocsp(service, issuer)
            assert "Response verify OK" in told
            assert f"official-{issuer}.pem: good" in told
        # the older one's CA never vouches for what the newer one issued
        assert "unauthorized" in story.ocsp(service, GENERATIONS[1], asks=GENERATIONS[0])
    in_fresh_process(revoke, story.data, [each["credential"] for each in story.officials.values()])
    with running_service(story.data) as service:
        story.fetch(service)
        for issuer in GENERATIONS:
            told = story.ocsp(service, issuer)
            assert "Response verify OK" in told
            assert f"official-{issuer}.pem: revoked" in told
            assert "certificate revoked" in story.path(issuer)
            listed = x509.load_pem_x509_crl((story.papers / f"{issuer}.crl.pem").read_bytes())
            assert [each.serial_number for each in listed] == [addresses[issuer].serial_number]
            assert service.verify(story.letters[issuer]).json()["indication"] == "TOTAL-PASSED"
