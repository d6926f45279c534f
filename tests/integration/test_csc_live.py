"""The CSC API of a real service with its HSM: pyHanko as its client, unmodified; documents; what the log says.

Checklist of csc.md, 14: "Clients", and the last line of "Transport and shape"."""

import base64
import hashlib
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from asn1crypto import x509 as asn1
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import SigningError
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from api.authority import build_authority
from api.batches.build import build_seals
from api.first_start import settings_in
from api.given import utc_now
from api.hsm import open_hsm
from api.stores import open_stores
from tests.integration.conftest import PATIENT
from tests.support.csc_pyhanko import NamesOfVersion2, PyHankoClient, SealAuthorizationsOfVersion2
from tests.support.fresh import in_fresh_process
from tests.support.letters import letter
from tests.support.service import RunningService, running_service, teken, write_settings

pytestmark = [pytest.mark.hsm, pytest.mark.timeout(300)]

TITLE = "Segel Dinas Contoh"
ECDSA = "1.2.840.10045.4.3.2"
SHA256 = "2.16.840.1.101.3.4.2.1"


def seal_lent(folder: Path, client_id: str) -> str:
    """A new seal, lent to a client on this machine; its credential's id."""
    settings = settings_in(folder)
    with open_stores(settings) as stores, open_hsm(settings, secrets.token_bytes) as hsm:
        authority = build_authority(settings, stores, hsm, now=utc_now, random_bytes=secrets.token_bytes)
        seals = build_seals(stores, hsm, authority, now=utc_now, random_bytes=secrets.token_bytes)
        made = seals.enrol(TITLE, "Pemerintah Contoh", "NTRID-0000000000", actor="kepala")
        seals.activate(made.id, client_id, ["127.0.0.0/8"], documents=10_000, life=timedelta(hours=2))
        return made.id


@dataclass(kw_only=True)
class Application:
    """An application with a token of the scope `service`, and the seal that it was lent."""

    service: RunningService
    client: tuple[str, str]
    credential_id: str
    token: str

    def post(self, address: str, body: Any = None) -> httpx.Response:
        return self.service.http.post(f"/csc/{address}", json=body, headers={"Authorization": f"Bearer {self.token}"})

    def pyhanko(self, **more: Any) -> PyHankoClient:
        return PyHankoClient(url=self.service.url, credential_id=self.credential_id, token=self.token, **more)

    def sad(self, *digests: bytes) -> str:
        body = {
            "credentialID": self.credential_id,
            "numSignatures": len(digests),
            "hashes": [b64(each) for each in digests],
            "hashAlgorithmOID": SHA256,
        }
        answer = self.post("v2/credentials/authorize", body)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["SAD"])


def b64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    folder = tmp_path_factory.mktemp("csc") / "data"
    write_settings(folder, limits=PATIENT)
    with running_service(folder) as service:
        added = teken(folder, "client", "add", "E-Office", "--id", "eoffice", "--scope", "service", "--json")
        assert added.returncode == 0, added.stderr
        told = json.loads(added.stdout)
        client = told["client_id"], told["client_secret"]
        credential_id = in_fresh_process(seal_lent, folder, client[0])
        yield Application(service=service, client=client, credential_id=credential_id, token=service.token(client))


def pyhanko_passes(service: RunningService, pdf: bytes, *, signatures: int = 1) -> None:
    """pyHanko's own validator, with nothing trusted but our root."""
    root, issuing = (
        asn1.Certificate.load(service.http.get(f"/pki/certificates/{name}.cer").raise_for_status().content)
        for name in ("root-g1", "ca-1-g1")
    )
    found = PdfFileReader(BytesIO(pdf)).embedded_regular_signatures
    assert len(found) == signatures
    for embedded in found:
        context = ValidationContext(trust_roots=[root], other_certs=[issuing])
        status = validate_pdf_signature(embedded, signer_validation_context=context)
        assert status.bottom_line, status.pretty_print_details()


def both_pass(service: RunningService, pdf: bytes, *, signatures: int = 1) -> None:
    """Its validator and ours."""
    pyhanko_passes(service, pdf, signatures=signatures)
    report = service.verify(pdf).json()
    assert report["indication"] == "TOTAL-PASSED", report
    assert TITLE in json.dumps(report)


def test_the_logo_can_be_fetched(application: Application) -> None:
    logo = urlsplit(application.post("v2/info").json()["logo"])
    answer = application.service.http.get(f"{logo.path}?{logo.query}")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")


def test_two_authorizations_in_one_request_are_refused(application: Application) -> None:
    url = f"{application.service.url}/csc/v1/credentials/list"
    headers = [("Authorization", f"Bearer {application.token}")] * 2
    answer = application.service.http.send(httpx.Request("POST", url, headers=headers))

    assert (answer.status_code, answer.json()["error_description"]) == (400, "Malformed authorization header")


def test_pyhanko_signs_one_pdf_with_a_seal(application: Application) -> None:
    (made,) = application.pyhanko().sign(letter())

    both_pass(application.service, made)


@pytest.mark.parametrize("count", [3, 6])
def test_pyhanko_signs_batches_under_one_authorisation_each(application: Application, count: int) -> None:
    client = application.pyhanko(batch_size=3)
    made = client.sign(*(letter() + f"% {each}\n".encode() for each in range(count)))

    assert client.asked == [3] * (count // 3)
    assert len(set(made)) == count
    for each in made:
        both_pass(application.service, each)


def test_pyhanko_that_changes_only_the_address_to_version_2_is_refused_cleanly(application: Application) -> None:
    with pytest.raises(SigningError):  # it does not show the body of a refusal
        application.pyhanko(version="v2", seals=SealAuthorizationsOfVersion2).sign(letter())
    sad = application.sad(hashlib.sha256(b"x").digest())
    body = {
        "credentialID": application.credential_id,
        "SAD": sad,
        "hash": [b64(hashlib.sha256(b"x").digest())],
        "hashAlgo": SHA256,
        "signAlgo": ECDSA,
    }
    answer = application.post("v2/signatures/signHash", body)
    assert answer.status_code == 400
    assert answer.json()["error_description"] == "Missing (or invalid type) array parameter hashes"


def test_pyhanko_with_two_keys_renamed_signs_on_version_2(application: Application) -> None:
    client = application.pyhanko(version="v2", signer=NamesOfVersion2, seals=SealAuthorizationsOfVersion2)
    (made,) = client.sign(letter())

    both_pass(application.service, made)


@pytest.mark.parametrize("level", ["Ades-B-B", "Ades-B-T", "Ades-B-LT", "Ades-B-LTA"])
def test_documents_at_every_level_pass(application: Application, level: str) -> None:
    pdf = letter() + f"% {level}\n".encode()
    body = {
        "credentialID": application.credential_id,
        "SAD": application.sad(hashlib.sha256(pdf).digest()),
        "documents": [{"document": b64(pdf), "signature_format": "P", "conformance_level": level, "signAlgo": ECDSA}],
    }
    answer = application.post("v2/signatures/signDoc", body)

    assert answer.status_code == 200, answer.text
    (made,) = (base64.b64decode(each) for each in answer.json()["DocumentWithSignature"])
    both_pass(application.service, made)
    again = application.post("v2/signatures/signDoc", body)
    assert again.status_code == 400


def test_serial_signatures_in_one_document_by_extending(application: Application) -> None:
    """Each next digest exists only after the signature before."""
    body = {"credentialID": application.credential_id, "numSignatures": 3}
    sad, pdf = application.post("v2/credentials/authorize", body).json()["SAD"], letter()
    for number in range(3):
        if number:
            more = {
                "credentialID": application.credential_id,
                "SAD": sad,
                "hashes": [b64(hashlib.sha256(pdf).digest())],
                "hashAlgorithmOID": SHA256,
            }
            sad = application.post("v2/credentials/extendTransaction", more).json()["SAD"]
        entry = {
            "document": b64(pdf),
            "signature_format": "P",
            "signAlgo": ECDSA,
            "signed_envelope_property": "Revision",
        }
        told = {"credentialID": application.credential_id, "SAD": sad, "documents": [entry]}
        answer = application.post("v2/signatures/signDoc", told)
        assert answer.status_code == 200, answer.text
        pdf = base64.b64decode(answer.json()["DocumentWithSignature"][0])

    both_pass(application.service, pdf, signatures=3)


def test_a_timestamp_of_the_real_authority_has_the_nonce(application: Application) -> None:
    for name, last in (("sha256", "1"), ("sha384", "2"), ("sha512", "3")):
        body = {"hash": b64(hashlib.new(name, b"x").digest()), "hashAlgo": SHA256[:-1] + last, "nonce": "1234abcd"}
        answer = application.post("v1/signatures/timestamp", body)
        assert answer.status_code == 200, answer.text
        assert bytes.fromhex("1234abcd") in base64.b64decode(answer.json()["timestamp"])


def test_no_secret_is_in_any_line_of_the_log(application: Application) -> None:
    """A complete run, its mistakes included."""
    imprint = hashlib.sha256(b"redacted").digest()
    sad, other = application.sad(imprint), application.sad(hashlib.sha256(b"other").digest())
    told = {"SAD": sad, "credentialID": application.credential_id, "signAlgo": ECDSA, "clientData": "client-data-4711"}
    wrong = {**told, "hashes": ["not Base64 !"], "PIN": "pin-271828", "OTP": "otp-314159"}
    assert application.post("v2/signatures/signHash", wrong).status_code == 400
    factor = {"credentialID": application.credential_id, "numSignatures": 1, "PIN": "pin-271828"}
    assert application.post("v1/credentials/authorize", factor).status_code == 400
    good = {**told, "hashes": [b64(imprint)]}
    assert application.post("v2/signatures/signHash", good).status_code == 200
    assert application.post("v2/signatures/signHash", good).status_code == 400
    document = b64(letter() + b"% secret words of a letter\n")
    entry = {"document": document, "signature_format": "P", "signAlgo": ECDSA}
    body = {"credentialID": application.credential_id, "SAD": other, "documents": [entry]}
    assert application.post("v2/signatures/signDoc", body).status_code == 403
    token = application.service.token(application.client)
    assert application.post("v1/auth/revoke", {"token": token}).status_code == 204

    log = application.service.log.read_text(errors="replace")

    assert "/csc/v2/signatures/signHash" in log
    secret = application.client[1]
    for each in (sad, other, token, application.token, secret, "pin-271828", "otp-314159", "client-data-4711"):
        assert each not in log
    assert document[:64] not in log
    assert "secret words" not in log
    dump = b"".join(each.read_bytes() for each in application.service.directory.rglob("*.db*"))
    for each in (sad, other, token, secret):
        assert each.encode() not in dump
