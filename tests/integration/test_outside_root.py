"""A national root (RSA, as Indonesia's) certifies our issuing CA: request, import, completion, a signed letter."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from api.compose import compose
from api.first_start import make_service_keys, prepare_folder, settings_in
from api.given import utc_now
from api.hsm import hsm_settings
from api.settings import Settings
from api.stores import open_stores
from hsm_config.gate import open_gate
from hsm_config.ownership import owning
from signer.model import Secret, Signatory, SignatureLevel, SignRequest
from tests.support.fresh import in_fresh_process, run_command
from tests.support.letters import letter
from tests.support.local_servers import local_http
from tests.support.service import ROOT, environment
from tests.support.signing import PASSPHRASE
from tests.support.softhsm import new_token

pytestmark = [
    pytest.mark.hsm,
    pytest.mark.slow,  # its steps have quick tests of their own: tests/unit/ca/test_outside.py
    pytest.mark.timeout(240),
]

PEOPLE = ("Ni Made Contoh", "I Ketut Contoh")
NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Root CA Contoh Nasional")])


class NationalRoot:
    """Somebody else's root, on somebody else's machine."""

    def __init__(self, crl: str) -> None:
        self.key = rsa.generate_private_key(65537, 3072)
        self.at = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
        self.crl_address = crl
        ca = x509.BasicConstraints(ca=True, path_length=None)
        builder = self._builder(NAME, self.key.public_key(), 20).add_extension(ca, critical=True)
        self.certificate = self._signed(builder)

    def certify(self, request: x509.CertificateSigningRequest, *, path_length: int = 0) -> x509.Certificate:
        point = x509.DistributionPoint([x509.UniformResourceIdentifier(self.crl_address)], None, None, None)
        policy = x509.PolicyInformation(x509.ObjectIdentifier("2.5.29.32.0"), None)
        builder = (
            self._builder(request.subject, request.public_key(), 10)
            .add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
            .add_extension(x509.CertificatePolicies([policy]), critical=False)
            .add_extension(x509.CRLDistributionPoints([point]), critical=False)
        )
        return self._signed(builder)

    def crl(self, number: int = 1) -> bytes:
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(NAME)
            .last_update(self.at)
            .next_update(self.at + timedelta(days=30))
            .add_extension(x509.CRLNumber(number), critical=False)
        )
        return builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.DER)

    def _builder(self, name: x509.Name, key: object, years: int) -> x509.CertificateBuilder:
        usage = dict.fromkeys(
            ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"), False
        )
        own = x509.KeyUsage(**usage, encipher_only=False, decipher_only=False, key_cert_sign=True, crl_sign=True)
        identifier = x509.SubjectKeyIdentifier.from_public_key(key)  # type: ignore[arg-type]  # any public key
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(NAME)
            .public_key(key)  # type: ignore[arg-type]  # any public key
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.at)
            .not_valid_after(self.at + timedelta(days=365 * years))
            .add_extension(own, critical=True)
            .add_extension(identifier, critical=False)
        )

    def _signed(self, builder: x509.CertificateBuilder) -> x509.Certificate:
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        return builder.add_extension(authority, critical=False).sign(self.key, hashes.SHA256())


def prepare(folder: Path) -> None:
    """Settings, token and database, and no key."""
    prepare_folder(folder, port=8000, fresh=True)
    new_token(folder / "hsm", "teken")


def teken(*arguments: str | Path, confirmed: int = 0) -> tuple[int, str]:
    stdin = "".join(f"{name}\n" for name in PEOPLE) * confirmed
    asked = [*map(str, arguments)]
    done = run_command(asked, folder=ROOT, environment=environment(), stdin=stdin, seconds=120)
    return done.returncode, done.stdout + done.stderr


def test_our_issuing_ca_works_under_a_national_root(tmp_path: Path) -> None:
    data, carried = tmp_path / "data", tmp_path / "carried"
    in_fresh_process(prepare, data)
    assert teken("db", "upgrade", "--data", data)[0] == 0
    with local_http() as world:
        root = NationalRoot(world.url("/root.crl"))
        _configure(data, root, world.host)
        code, out = teken("ca", "csr", tmp_path / "ca.csr", "--data", data)
        assert code == 0, out
        request = x509.load_pem_x509_csr((tmp_path / "ca.csr").read_bytes())
        assert request.is_signature_valid

        answer, crl = tmp_path / "answer.pem", tmp_path / "root.crl"
        crl.write_bytes(root.crl())
        answer.write_bytes(root.certify(request, path_length=1).public_bytes(Encoding.PEM))
        code, out = teken("ca", "import", answer, crl, carried, "--data", data)
        assert (code, "path-length" in out, carried.exists()) == (1, True, False)

        stranger = NationalRoot(world.url("/root.crl"))
        answer.write_bytes(stranger.certify(request).public_bytes(Encoding.PEM))
        code, out = teken("ca", "import", answer, crl, carried, "--data", data)
        assert (code, carried.exists()) == (1, False), out

        answer.write_bytes(root.certify(request).public_bytes(Encoding.PEM))
        code, out = teken("ca", "import", answer, crl, carried, "--data", data)
        assert code == 0, out
        people = [part for name in PEOPLE for part in ("--custodian", name)]
        code, out = teken(
            "ceremony", "complete", "--data", data, *people, "--out", tmp_path / "out", "--from", carried, confirmed=12
        )
        assert code == 0, out
        _succeed(tmp_path, data, root, people)
        (data / "checkpoints").mkdir(exist_ok=True)
        in_fresh_process(_sign_a_letter, data)


def _succeed(folder: Path, data: Path, root: "NationalRoot", people: list[str]) -> None:
    """The next generation of our issuing CA under the same root, which then issues."""
    label = ("--label", "ca-1-g2")
    asked, answer, carried = folder / "ca-2.csr", folder / "answer-2.pem", folder / "carried-2"
    code, out = teken("ca", "csr", asked, "--data", data, *label)
    assert code == 0, out
    request = x509.load_pem_x509_csr(asked.read_bytes())
    assert request.subject.rfc4514_string().startswith("CN=Teken Issuing CA 1 G2")
    answer.write_bytes(root.certify(request).public_bytes(Encoding.PEM))
    wrong, _ = teken("ca", "import", answer, folder / "root.crl", carried, "--data", data)
    assert (wrong, carried.exists()) == (1, False)  # it is no answer to the first generation's request
    code, out = teken("ca", "import", answer, folder / "root.crl", carried, "--data", data, *label)
    assert code == 0, out
    complete = ("ceremony", "complete", "--data", data, *people, "--out", folder / "out-2", "--from", carried, *label)
    code, out = teken(*complete, confirmed=12)
    assert code == 0, out
    assert (data / "pki" / "ca-1-g2.cer").exists()


def _sign_a_letter(data: Path) -> None:
    settings = settings_in(data)
    quiet = replace(settings, jobs=replace(settings.jobs, in_process=False))
    _make_service_keys(quiet)
    with compose(quiet) as service:
        assert "outside-root-crl" in {job.name for job in service.jobs}
        for job in service.jobs:
            if job.name in ("crl", "outside-root-crl"):
                job.run()
        who = Signatory(
            id="K5QXA2LBONUWC3TB",
            name="I Wayan Contoh",
            organisation=settings.pki.organisation,
            organisation_identifier=settings.pki.organisation_identifier,
        )
        credential = service.credentials.enrol(who, Secret(PASSPHRASE), "ra-1")
        assert credential.chain[-1].subject == NAME
        signed = service.services.signing.sign(
            SignRequest(
                document=letter(),
                credential_id=credential.id,
                passphrase=Secret(PASSPHRASE),
                client_id="e-office",
                level=SignatureLevel.B_LT,
            )
        )
        report = service.services.verification.by_upload(signed.pdf)
        assert "TOTAL_PASSED" in repr(report)


def _make_service_keys(settings: Settings) -> None:
    own = hsm_settings(settings)
    with open_stores(settings) as stores, owning(own) as ownership, open_gate(own) as gate:
        make_service_keys(settings, stores, gate, tidy=ownership.alone, say=lambda _: None, now=utc_now)


def _configure(data: Path, root: NationalRoot, host: str) -> None:
    anchors = data / "anchors"
    anchors.mkdir()
    (anchors / "nasional.cer").write_bytes(root.certificate.public_bytes(Encoding.DER))
    says = 'name = "Root CA Contoh Nasional"\ncertified = true\npurposes = ["signature", "timestamp"]\n'
    (anchors / "nasional.toml").write_text(says)
    toml = (data / "teken.toml").read_text()
    toml = toml.replace('certificates = "pki"\n', 'certificates = "pki"\nanchors = "anchors"\n')
    (data / "teken.toml").write_text(f'{toml}\n[foreign]\nhosts = ["{host}"]\n')
