"""Imports and another CA in the real service: kill -9 and go on; a letter signed with a foreign certificate at B-LT."""

import json
import os
import secrets
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from api.compose import Service, compose, utc_now
from api.first_start import initialise, prepare_folder, settings_in
from api.settings import Settings
from signer.foreign.model import KeptStatus
from signer.model import CredentialState, Secret, Signatory, SignatureLevel, SignRequest
from store.foreign import SqlForeignStatus
from tests.support.foreign_ca import certify, pem
from tests.support.letters import letter
from tests.support.local_servers import LocalHttp, local_http
from tests.support.pki import ORGANISATION, POLICY, Pki, make_pki
from tests.support.service import ROOT
from tests.support.signing import PASSPHRASE

pytestmark = [
    pytest.mark.hsm,
    pytest.mark.timeout(240),
]

ROWS = 150


@dataclass(frozen=True, kw_only=True)
class Office:
    """A folder with accounts, and the secret of a registrar."""

    folder: Path
    secret: Path

    def teken(self, *arguments: str) -> subprocess.Popen[str]:
        login = ("--data", str(self.folder), "--as", "ra-1", "--secret-file", str(self.secret))
        return subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "api", *arguments, *login],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str) -> tuple[int, str]:
        process = self.teken(*arguments)
        out, err = process.communicate(timeout=120)
        return process.returncode, out + err

    def count(self, query: str) -> int:
        with sqlite3.connect(self.folder / "teken.sqlite3") as database:
            return int(database.execute(query).fetchone()[0])


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    base = tmp_path_factory.mktemp("bulk")
    settings = prepare_folder(base / "data", port=8000, fresh=True)
    initialise(settings, say=lambda _: None, now=utc_now, random_bytes=secrets.token_bytes)
    made = Office(folder=base / "data", secret=base / "ra-1.secret")
    for account, role, number, more in (
        ("adm", "administrator", "111111111111111111", ()),
        ("ra-1", "registrar", "222222222222222222", ("--as", "adm", "--secret-file", str(base / "adm.secret"))),
    ):
        (base / "number").write_text(number)
        told = subprocess.run(
            [
                sys.executable,
                "-W",
                "ignore",
                "-m",
                "api",
                "staff",
                "add",
                account,
                "--name",
                account,
                "--role",
                role,
                "--number-file",
                str(base / "number"),
                "--data",
                str(base / "data"),
                "--json",
                *more,
            ],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        )
        (base / f"{account}.secret").write_text(json.loads(told.stdout)["secret"])
    return made


def _names(count: int) -> list[str]:
    letters = "abcdefghijklmnopqrstuvwxyz"
    return [f"Pejabat {letters[number // 26]}{letters[number % 26]}" for number in range(count)]


def test_an_import_killed_again_and_again_ends_with_every_official_once(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "pejabat.csv"
    file.write_text("nama;unit_kerja\n" + "".join(f"{name};Biro Contoh\n" for name in _names(ROWS)))
    for target in (20, 60, 100):
        process = office.teken("import", "officials", str(file))
        deadline = time.monotonic() + 60
        while office.count("SELECT count(*) FROM registrations") < target and time.monotonic() < deadline:
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert target <= office.count("SELECT count(*) FROM registrations") < ROWS
    code, out = office.run("import", "officials", str(file), "--json")
    assert code == 0, out
    assert json.loads(out)["states"] == {"registered": ROWS}
    assert office.count("SELECT count(*) FROM registrations") == ROWS
    assert office.count("SELECT count(DISTINCT name) FROM officials") == ROWS
    assert office.count("SELECT count(*) FROM approvals WHERE state = 'proposed'") == ROWS


def test_a_bad_file_names_its_rows_and_takes_nothing_in(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "salah.csv"
    file.write_text("nama;unit_kerja\nNi Luh Baik;Biro\n5171010101700001;Biro\n")
    before = office.count("SELECT count(*) FROM imports")
    code, out = office.run("import", "officials", str(file))
    assert code == 1
    assert "baris 3, kolom nama" in out
    assert "5171" not in out
    assert office.count("SELECT count(*) FROM imports") == before


@pytest.fixture(scope="module")
def other_ca() -> Pki:
    return make_pki(datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=10), label="Luar")


@pytest.fixture
def world() -> Iterator[LocalHttp]:
    with local_http() as server:
        yield server


def _believe(office: Office, other_ca: Pki, world: LocalHttp) -> None:
    """The settings of an office that another CA serves; the test CA's own pointers go to the same host."""
    anchors = office.folder / "anchors"
    anchors.mkdir(exist_ok=True)
    (anchors / "luar.cer").write_bytes(other_ca.root.certificate.public_bytes(Encoding.DER))
    (anchors / "luar.toml").write_text('name = "Contoh Root CA Luar"\ncertified = true\npurposes = ["signature"]\n')
    toml = (office.folder / "teken.toml").read_text().split("\n[foreign]")[0]
    toml = (
        toml.replace('certificates = "pki"\n', 'certificates = "pki"\nanchors = "anchors"\n')
        if "anchors" not in toml
        else toml
    )
    hosts = json.dumps([world.host, "pki.example.org"])
    (office.folder / "teken.toml").write_text(
        f'{toml}\n[foreign]\nofficials = true\npolicies = ["{POLICY}.1.1"]\nhosts = {hosts}\n'
    )


def test_a_foreign_credential_signs_at_lt_and_stops_when_its_issuer_revokes(
    office: Office, other_ca: Pki, world: LocalHttp, tmp_path: Path
) -> None:
    _believe(office, other_ca, world)
    who = Signatory(
        id="K5QXA2LBONUWC3TB",
        name="I Wayan Contoh",
        organisation=ORGANISATION,
        organisation_identifier="NTRID-0000000000",
    )
    with compose(_quiet(office)) as service:
        credential = service.credentials.enrol(who, Secret(PASSPHRASE), "ra-1")
    assert credential.state is CredentialState.AWAITING_CERTIFICATE

    code, out = office.run("foreign", "export", str(tmp_path / "out"))
    assert code == 0, out
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    (request,) = manifest["requests"]
    csr = x509.load_pem_x509_csr((tmp_path / "out" / request["file"]).read_bytes())
    key = csr.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    leaf = certify(other_ca, key, crl=world.url("/leaf.crl"), ocsp=None)
    answer = tmp_path / "answer.pem"
    answer.write_bytes(pem(leaf, other_ca.issuing.certificate))
    code, out = office.run("foreign", "import", str(answer), "--json")
    assert code == 0, out
    (row,) = json.loads(out)
    assert (row["state"], row["class"]) == ("accepted", "tersertifikasi")
    code, out = office.run("foreign", "import", str(answer))
    assert (code, "already-imported" in out) == (1, True)

    now = datetime.now(UTC).replace(microsecond=0)
    world.say("/leaf.crl", other_ca.crl(at=now))
    with compose(_quiet(office)) as service:
        _keep_issuer_status(service, other_ca, now)
        _run(service, "foreign-status")
        signed = service.services.signing.sign(_request(credential.id))
        assert b"/DSS" in signed.pdf
        world.say("/leaf.crl", other_ca.crl(at=now + timedelta(seconds=1), revoked={leaf.serial_number: now}))
        _forget(office)
        _run(service, "foreign-status")
        found = service.stores.credentials.get(credential.id)
        assert found is not None
        assert found.state is CredentialState.REVOKED


def _quiet(office: Office) -> Settings:
    settings = settings_in(office.folder)
    return replace(settings, jobs=replace(settings.jobs, in_process=False))


def _request(credential_id: str) -> SignRequest:
    return SignRequest(
        document=letter(),
        credential_id=credential_id,
        passphrase=Secret(PASSPHRASE),
        client_id="e-office",
        level=SignatureLevel.B_LT,
    )


def _run(service: Service, name: str) -> None:
    (job,) = [each for each in service.jobs if each.name == name]
    job.run()


def _keep_issuer_status(service: Service, other_ca: Pki, now: datetime) -> None:
    """The issuing CA's pointers name a host that no test may ask, so its status is put where the job keeps it."""
    SqlForeignStatus(service.stores.database).put(
        KeptStatus(
            url="http://pki.example.org/pki/crl/root-g1.crl",
            about="",
            der=other_ca.crl(other_ca.root, at=now),
            this_update=now,
            next_update=now + timedelta(hours=24),
            fetched_at=now,
        )
    )


def _forget(office: Office) -> None:
    """The CRL is due now."""
    with sqlite3.connect(office.folder / "teken.sqlite3") as database:
        database.execute("DELETE FROM foreign_status WHERE url LIKE '%leaf.crl'")
