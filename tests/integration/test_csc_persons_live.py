"""An official's credential through the CSC API of a real service: pyHanko, and what two wallet libraries send.

Checklist of csc.md, 14: "Clients". The replays are our own code, in the order and spelling of
`eudi-lib-jvm-rqes-csc-kt` and `eudi-lib-ios-rqes-csc-swift` (contract, 11.3)."""

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from tests.integration.conftest import PATIENT
from tests.integration.test_csc_live import ECDSA, SHA256, b64, pyhanko_passes
from tests.support.csc_person import BACK, VERIFIER, Journey
from tests.support.csc_pyhanko import PyHankoClient
from tests.support.letters import letter
from tests.support.person import Person
from tests.support.service import RunningService, running_service, teken, write_settings

pytestmark = [pytest.mark.hsm, pytest.mark.timeout(300)]

NEW = "https://cloudsignatureconsortium.org/2025/credential"


@dataclass(kw_only=True)
class Wallet:
    """An application, its official, and the token under which it may call for that person."""

    service: RunningService
    journey: Journey
    credential_id: str
    token: str

    def post(self, address: str, body: Any, token: str | None = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token or self.token}"}
        return self.service.http.post(f"/csc/{address}", json=body, headers=headers)

    def approve(self, hash_b64s: list[str]) -> str:
        """The person approves these digests, in version 1's names; the credential token."""
        urls = [each.replace("+", "-").replace("/", "_").rstrip("=") for each in hash_b64s]
        back = self.journey.back(
            self.journey.asked(
                scope="credential",
                credentialID=self.credential_id,
                numSignatures=str(len(urls)),
                hash=",".join(urls),
            )
        )
        told = self.journey.exchanged(back["code"])
        assert told["token_type"] == "SAD"
        return str(told["access_token"])

    def verifies(self, imprint: bytes, value: str) -> None:
        told = self.post("v2/credentials/info", {"credentialID": self.credential_id}).json()
        leaf = x509.load_der_x509_certificate(base64.b64decode(told["cert"]["certificates"][0]))
        public = leaf.public_key()
        assert isinstance(public, ec.EllipticCurvePublicKey)
        public.verify(base64.b64decode(value), imprint, ec.ECDSA(Prehashed(hashes.SHA256())))


@pytest.fixture(scope="module")
def wallet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wallet]:
    folder = tmp_path_factory.mktemp("csc-persons") / "data"
    write_settings(folder, limits=PATIENT, server={"public_url": "http://localhost:8000"})
    with running_service(folder) as service:
        added = teken(
            folder,
            *("client", "add", "E-Office", "--id", "eoffice", "--redirect-uri", BACK),
            *("--scope", "service", "--scope", "credential", "--json"),
        )
        assert added.returncode == 0, added.stderr
        told = json.loads(added.stdout)
        asked = service.sign_request
        person = Person(service, str(asked["credential"]), str(asked["passphrase"]))
        journey = Journey(service=service, person=person, client=(told["client_id"], told["client_secret"]))
        granted = journey.exchanged(journey.back(journey.asked(scope="service"))["code"])
        yield Wallet(
            service=service,
            journey=journey,
            credential_id=str(asked["credential"]),
            token=str(granted["access_token"]),
        )
        person.http.close()


def test_pyhanko_signs_for_a_person_through_the_authorization_endpoint(wallet: Wallet) -> None:
    client = PyHankoClient(
        url=wallet.service.url, credential_id=wallet.credential_id, token=wallet.token, approve=wallet.approve
    )
    (made,) = client.sign(letter())

    pyhanko_passes(wallet.service, made)
    report = wallet.service.verify(made).json()
    assert report["indication"] == "TOTAL-PASSED", report


def test_pyhanko_signs_a_batch_under_one_approval(wallet: Wallet) -> None:
    client = PyHankoClient(
        url=wallet.service.url,
        credential_id=wallet.credential_id,
        token=wallet.token,
        approve=wallet.approve,
        batch_size=3,
    )
    made = client.sign(*(letter() + f"% {each}\n".encode() for each in range(3)))

    for each in made:
        pyhanko_passes(wallet.service, each)


def test_a_version_1_application_from_list_to_signature(wallet: Wallet) -> None:
    """Sequence A: service token as bearer, credential token as SAD."""
    (credential,) = wallet.post("v1/credentials/list", {}).json()["credentialIDs"]
    told = wallet.post(
        "v1/credentials/info", {"credentialID": credential, "certificates": "chain", "certInfo": True}
    ).json()
    imprint = hashlib.sha256(b"sequence A").digest()
    sad = wallet.approve([b64(imprint)])
    body = {
        "credentialID": credential,
        "SAD": sad,
        "hash": [b64(imprint)],
        "signAlgo": told["key"]["algo"][0],
        "hashAlgo": SHA256,
    }
    answer = wallet.post("v1/signatures/signHash", body)

    assert answer.status_code == 200, answer.text
    wallet.verifies(imprint, answer.json()["signatures"][0])
    assert wallet.post("v1/signatures/signHash", body).status_code == 400


def test_what_the_kotlin_library_sends(wallet: Wallet) -> None:
    """PAR; scope and details together; details again at the token; the credential token as bearer, and no SAD."""
    info = wallet.service.http.post("/csc/v2/info", json={}).json()
    assert info["specs"] == "2.2.0.0"
    assert info["supportsRar"] is True
    listing = {"credentialInfo": True, "certificates": "chain", "certInfo": True, "authInfo": True}
    (entry,) = wallet.post("v2/credentials/list", listing).json()["credentialInfos"]
    assert {"status", "algo", "len"} <= set(entry["key"])
    assert entry["cert"]["issuerDN"]
    assert entry["auth"] == {"mode": "oauth2code", "objects": None}
    imprint = hashlib.sha256(b"kotlin").digest()
    details = [
        {
            "type": NEW,
            "credentialID": entry["credentialID"],
            "numSignatures": 1,
            "hashAlgorithmOID": SHA256,
            "locations": [],
            "documentDigests": [{"hash": b64(imprint), "label": "Surat", "hashType": "DTBSR"}],
        }
    ]
    journey = wallet.journey
    text = json.dumps(details)
    pushed = journey.pushed(journey.asked(scope="credential", authorization_details=text, prompt="login"))
    back = journey.back({"client_id": journey.client[0], "state": "keadaan-2", "request_uri": pushed})
    told = journey.exchanged(back["code"], authorization_details=text)

    assert told["expires_in"] > 0
    (echo,) = told["authorization_details"]
    assert echo["numSignatures"] == 1
    assert echo["hashAlgorithmOID"] == SHA256
    assert echo["documentDigests"][0]["hashType"] == "DTBSR"
    token = str(told["access_token"])
    one = {"credentialID": entry["credentialID"], "certificates": "chain", "certInfo": True, "authInfo": True}
    assert wallet.post("v2/credentials/info", one, token).json()["multisign"] >= 1
    body = {
        "credentialID": entry["credentialID"],
        "hashes": [b64(imprint)],
        "hashAlgorithmOID": SHA256,
        "signAlgo": ECDSA,
        "signAlgoParams": None,
        "operationMode": "S",
    }
    answer = wallet.post("v2/signatures/signHash", body, token)
    assert answer.status_code == 200, answer.text
    wallet.verifies(imprint, answer.json()["signatures"][0])
    again = wallet.post("v2/signatures/signHash", body, token)
    assert (again.status_code, again.json()["error"]) == (401, "expired_token")


def test_what_the_swift_library_sends(wallet: Wallet) -> None:
    """No PAR; base64url in the request and standard Base64 in the answer; optional fields in snake case."""
    info = wallet.service.http.post("/csc/v2/info").json()
    assert info["signAlgorithms"]["algoParams"] == []
    listing = {"credentialInfo": True, "certificates": "chain", "certInfo": True, "auth_info": True, "only_valid": True}
    told = wallet.post("v2/credentials/list", listing).json()
    assert told["onlyValid"] is True
    (entry,) = told["credentialInfos"]
    cert = {"status", "certificates", "issuerDN", "serialNumber", "subjectDN", "validFrom", "validTo"}
    assert cert <= set(entry["cert"])
    imprint = b"\xfb\xff\xfe" + hashlib.sha256(b"swift").digest()[3:]
    spelled = base64.urlsafe_b64encode(imprint).decode()
    details = [
        {
            "type": "credential",
            "credentialID": entry["credentialID"],
            "hashAlgorithmOID": SHA256,
            "documentDigests": [{"hash": spelled, "label": "Surat"}],
        }
    ]
    journey = wallet.journey
    back = journey.back(journey.asked(scope="credential", authorization_details=json.dumps(details)))
    granted = journey.exchanged(back["code"], state=back["state"])
    assert granted["token_type"] == "Bearer"
    assert granted["authorization_details"][0]["documentDigests"][0]["hash"] == b64(imprint)
    body = {
        "credentialID": entry["credentialID"],
        "hashes": [b64(imprint)],
        "hashAlgorithmOID": SHA256,
        "signAlgo": ECDSA,
        "sign_algo_params": None,
        "client_data": "12345678",
        "operationMode": "S",
    }
    answer = wallet.post("v2/signatures/signHash", body, str(granted["access_token"]))

    assert answer.status_code == 200, answer.text
    wallet.verifies(imprint, answer.json()["signatures"][0])


def test_a_document_of_a_person_under_its_own_digest(wallet: Wallet) -> None:
    """Sequence D."""
    pdf = letter() + b"% sequence D\n"
    details = [
        {
            "type": NEW,
            "credentialID": wallet.credential_id,
            "numSignatures": 1,
            "hashAlgorithmOID": SHA256,
            "documentDigests": [{"hash": b64(hashlib.sha256(pdf).digest()), "label": "Surat", "hashType": "sdr"}],
        }
    ]
    journey = wallet.journey
    granted = journey.exchanged(journey.back(journey.asked(authorization_details=json.dumps(details)))["code"])
    entry = {
        "document": b64(pdf),
        "signature_format": "P",
        "conformance_level": "Ades-B-LT",
        "signed_envelope_property": "Revision",
        "signAlgo": ECDSA,
    }
    body = {"credentialID": wallet.credential_id, "documents": [entry]}
    answer = wallet.post("v2/signatures/signDoc", body, str(granted["access_token"]))

    assert answer.status_code == 200, answer.text
    made = base64.b64decode(answer.json()["DocumentWithSignature"][0])
    pyhanko_passes(wallet.service, made)
    assert wallet.service.verify(made).json()["indication"] == "TOTAL-PASSED"


def test_a_revoked_credential_token_signs_nothing(wallet: Wallet) -> None:
    imprint = hashlib.sha256(b"revoked").digest()
    sad = wallet.approve([b64(imprint)])
    assert wallet.post("v2/auth/revoke", {"token": sad}).status_code == 204
    body = {"credentialID": wallet.credential_id, "hash": [b64(imprint)], "signAlgo": ECDSA, "SAD": sad}

    answer = wallet.post("v1/signatures/signHash", body)

    assert (answer.status_code, answer.json()["error_description"]) == (400, "Invalid parameter SAD")
    as_bearer = wallet.post("v1/signatures/signHash", {**body, "SAD": None}, sad)
    assert (as_bearer.status_code, as_bearer.json()["error"]) == (401, "expired_token")


def test_no_secret_of_these_runs_is_in_the_log_or_the_database(wallet: Wallet) -> None:
    journey = wallet.journey
    pushed = journey.pushed(journey.asked(scope="service"))
    journey.exchanged(journey.back({"client_id": journey.client[0], "request_uri": pushed})["code"])
    assert len(journey.secrets) >= 4

    log = wallet.service.log.read_text(errors="replace")
    dump = b"".join(each.read_bytes() for each in wallet.service.directory.rglob("*.db*"))

    assert "/oauth2/token" in log
    for secret in (*journey.secrets, journey.person.passphrase, journey.client[1], VERIFIER):
        assert secret not in log
        assert secret.encode() not in dump
