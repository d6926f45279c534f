"""A root kept offline: two tokens, two custodians, and OpenSSL as the judge of what is carried between them (12.1)."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509

from api.first_start import prepare_folder
from tests.support.fresh import in_fresh_process, run_command
from tests.support.service import ROOT, environment, running_service
from tests.support.softhsm import new_token, softhsm_module

pytestmark = [pytest.mark.hsm, pytest.mark.timeout(240)]

A, B = "Ni Made Contoh", "I Ketut Contoh"


@dataclass(frozen=True, kw_only=True)
class Places:
    """The service's folder, the root's machine, two custodians' drawers, and the medium that is carried."""

    base: Path

    @property
    def data(self) -> Path:
        return self.base / "data"

    @property
    def carried(self) -> Path:
        return self.base / "carried"

    def teken(self, *arguments: str | Path, confirmed: int = 0, says: tuple[str, ...] = (A, B)) -> tuple[int, str]:
        """One command in a process of its own, where both custodians confirm `confirmed` steps."""
        stdin = "".join(f"{name}\n" for name in says) * confirmed
        asked = [*map(str, arguments)]
        done = run_command(asked, folder=ROOT, environment=environment(), stdin=stdin, seconds=120)
        return done.returncode, done.stdout + done.stderr

    def ceremony(self, *arguments: str | Path, at_root: bool, says: tuple[str, ...] = (A, B)) -> tuple[int, str]:
        common = ["--data", self.data, "--custodian", A, "--custodian", B, "--out", self.carried]
        drawers = ["--root-token-dir", self.base / "root", "--share", self.base / "a", "--share", self.base / "b"]
        step, *rest = arguments
        return self.teken("ceremony", step, *common, *(drawers if at_root else ()), *rest, confirmed=12, says=says)

    def openssl(self, *arguments: str | Path) -> str:
        done = subprocess.run(
            ["openssl", *map(str, arguments)], cwd=self.carried, capture_output=True, text=True, check=False
        )
        return done.stdout + done.stderr


def prepare(places: Places) -> None:
    """The service's folder with settings, token and database, and no key."""
    settings = prepare_folder(places.data, port=8000, fresh=True)
    assert settings.hsm.module == softhsm_module()
    new_token(places.data / "hsm", "teken")
    places.teken("db", "upgrade", "--data", places.data)


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Places:
    """The whole ceremony, each step by the command line."""
    places = Places(base=tmp_path_factory.mktemp("ceremony"))
    in_fresh_process(prepare, places)
    for arguments, at_root in (
        (("root",), True),
        (("request",), False),
        (("certify", places.carried / "ca-1-g1.csr"), True),
        (("complete", "--from", places.carried), False),
    ):
        code, heard = places.ceremony(*arguments, at_root=at_root)
        assert code == 0, heard
    return places


def test_openssl_verifies_the_chain_the_crl_and_the_request(held: Places) -> None:
    held.openssl("x509", "-inform", "DER", "-in", "root-g1.cer", "-out", "root.pem")
    held.openssl("x509", "-inform", "DER", "-in", "ca-1-g1.cer", "-out", "ca.pem")
    assert "ca.pem: OK" in held.openssl("verify", "-x509_strict", "-CAfile", "root.pem", "ca.pem")
    assert "verify OK" in held.openssl("crl", "-inform", "DER", "-in", "root-g1.crl", "-CAfile", "root.pem", "-noout")
    assert "verify OK" in held.openssl("req", "-in", "ca-1-g1.csr", "-verify", "-noout")


@pytest.mark.parametrize("name", ["root", "request-ca-1-g1", "certify-ca-1-g1", "complete"])
def test_every_transcript_is_signed_and_a_changed_one_is_noticed(held: Places, tmp_path: Path, name: str) -> None:
    verify = ("dgst", "-sha384", "-verify", f"{name}.pub", "-signature", f"{name}.sig")
    assert "Verified OK" in held.openssl(*verify, f"{name}.txt")
    changed = tmp_path / "changed.txt"
    changed.write_text((held.carried / f"{name}.txt").read_text().replace("confirmed", "forgot", 1))
    assert "Verified OK" not in held.openssl(*verify, changed)


def test_both_custodians_stand_beside_every_step_and_no_pin_stands_anywhere(held: Places) -> None:
    pins = [path.read_text().strip() for path in held.base.rglob("*.pin")]
    assert len(pins) == 6  # SO and user PIN of the service's token, and two shares of both of the root's
    for name in ("root", "certify-ca-1-g1"):
        transcript = (held.carried / f"{name}.txt").read_text()
        assert f"confirmed by {A} and {B}: " in transcript
        page = (held.carried / f"{name}.html").read_text()
        assert A in page
        assert B in page
        assert not any(pin in transcript + page for pin in pins)


def test_the_service_starts_without_the_roots_key_and_is_ready(held: Places) -> None:
    code, heard = held.teken("custody", "make", "--data", held.data, "--custodian", A, "--alone")
    assert code == 0, heard
    with running_service(held.data, arguments=("--no-demo",)) as service:
        assert service.process.poll() is None
    code, heard = held.teken("doctor", "--data", held.data, "--json")
    assert code == 0, heard


def test_the_yearly_crl_is_signed_offline_and_published_by_the_service(held: Places) -> None:
    code, heard = held.ceremony("crl", at_root=True)
    assert code == 0, heard
    crl = x509.load_der_x509_crl((held.carried / "root-g1.crl").read_bytes())
    assert crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number == 2
    code, heard = held.teken("ceremony", "take-crl", "--data", held.data, held.carried / "root-g1.crl")
    assert (code, heard.split(",")[0]) == (0, "CRL 2 of root-g1")


def test_one_share_of_the_pin_does_not_open_the_roots_token(held: Places, tmp_path: Path) -> None:
    (tmp_path / "guessed").mkdir()
    for kind in ("so", "user"):
        share = tmp_path / "guessed" / f"{kind}.pin"
        share.write_text(os.urandom(16).hex())
        share.chmod(0o600)
    common = ["--data", held.data, "--custodian", A, "--custodian", B, "--out", tmp_path / "out"]
    drawers = ["--root-token-dir", held.base / "root", "--share", held.base / "a", "--share", tmp_path / "guessed"]
    code, heard = held.teken("ceremony", "root", *common, *drawers, confirmed=12)
    assert code != 0
    assert "the token refused the PIN" in heard


def test_one_custodian_alone_holds_no_ceremony(held: Places, tmp_path: Path) -> None:
    code, heard = held.ceremony("crl", at_root=True, says=(A, "somebody else"))
    assert code == 1
    assert f"not confirmed by {B}" in heard
    code, heard = held.teken(
        "ceremony", "request", "--data", held.data, "--custodian", A, "--custodian", A, "--out", tmp_path
    )
    assert code == 2
    assert "two different people" in heard


def test_a_second_root_and_a_foreign_crl_are_refused(held: Places, tmp_path: Path) -> None:
    code, heard = held.ceremony("root", at_root=True)
    assert code == 3
    assert "holds a root already" in heard
    foreign = tmp_path / "foreign.crl"
    foreign.write_bytes(b"0\x00")
    code, heard = held.teken("ceremony", "take-crl", "--data", held.data, foreign)
    assert code == 3
    assert "this is no CRL of" in heard


def test_the_next_generation_is_certified_offline_and_issues_after_a_restart(held: Places) -> None:
    label = ("--label", "ca-1-g2")
    code, heard = held.ceremony("complete", *label, "--from", held.carried, at_root=False)
    assert (code, "ca-1-g2.cer cannot be read" in heard) == (3, True), heard
    for arguments, at_root in (
        (("request", *label), False),
        (("certify", *label, held.carried / "ca-1-g2.csr"), True),
        (("complete", *label, "--from", held.carried), False),
    ):
        code, heard = held.ceremony(*arguments, at_root=at_root)
        assert code == 0, heard
    code, heard = held.ceremony("complete", *label, "--from", held.carried, at_root=False)
    assert (code, "exists already" in heard) == (3, True), heard
    for name, pem in (("root-g1.cer", "root.pem"), ("ca-1-g2.cer", "ca2.pem")):
        held.openssl("x509", "-inform", "DER", "-in", name, "-out", pem)
    assert "ca2.pem: OK" in held.openssl("verify", "-x509_strict", "-CAfile", "root.pem", "ca2.pem")
    assert "Teken Issuing CA 1 G2" in held.openssl("x509", "-in", "ca2.pem", "-noout", "-subject")
    with running_service(held.data, arguments=("--no-demo",)) as service:
        for issuer in ("ca-1-g1", "ca-1-g2"):
            assert service.http.get(f"/pki/crl/{issuer}.crl").status_code == 200
