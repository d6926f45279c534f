"""A whole journey through a running service: approved in a browser, exchanged, signed with the token alone."""

import base64
import hashlib
import html
import json
import re
import secrets
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from tests.integration.test_consent_live import Person
from tests.support.service import RunningService, running_service, teken

pytestmark = pytest.mark.hsm

BACK = "https://sikd.contoh.go.id/kembali"
DIGEST = hashlib.sha256(b"surat").digest()
_ECDSA_SHA256 = "1.2.840.10045.4.3.2"


class Application:
    """A stranger's code: it knows the metadata and nothing else of us."""

    def __init__(self, service: RunningService) -> None:
        done = teken(service.directory, "client", "add", "SIKD Dinas Contoh", "--redirect-uri", BACK, "--json")
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        self.auth = (told["client_id"], told["client_secret"])
        self.http = service.http
        self.server = self.http.get("/.well-known/oauth-authorization-server").raise_for_status().json()
        assert self.server["issuer"] == service.url
        self.verifier = secrets.token_urlsafe(32)

    def asks(self, **asked: str) -> str:
        challenge = hashlib.sha256(self.verifier.encode()).digest()
        told = {
            "response_type": "code",
            "client_id": self.auth[0],
            "redirect_uri": BACK,
            "code_challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        return f"/oauth2/authorize?{urlencode(told | asked)}"

    def exchange(self, address: str) -> dict[str, str]:
        told = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert told["iss"] == self.server["issuer"]
        form = {
            "grant_type": "authorization_code",
            "code": told["code"],
            "code_verifier": self.verifier,
            "redirect_uri": BACK,
        }
        answer = self.http.post(urlsplit(self.server["token_endpoint"]).path, data=form, auth=self.auth)
        assert answer.status_code == 200, answer.text
        found: dict[str, str] = answer.json()
        return found

    def call(self, method: str, token: str, **body: object) -> httpx.Response:
        return self.http.post(f"/csc/v2/{method}", json=body, headers={"Authorization": f"Bearer {token}"})


def back_from(page: str) -> str:
    """Where a page of ours leads on to."""
    found = re.search(r'http-equiv="refresh" content="0; url=([^"]*)"', page)
    assert found is not None, page[-2000:]
    return html.unescape(found[1])


def test_approved_in_a_browser_exchanged_and_signed_with_the_token_alone(tmp_path: Path) -> None:
    with running_service(tmp_path / "data") as service:
        request = service.sign_request
        person = Person(service, request["credential"], request["passphrase"])
        application = Application(service)

        page = person.see(application.asks(scope="service"))
        action = re.search(r'action="(/desk/o/[^"]+/approve)"', page)
        assert action is not None
        reading = application.exchange(back_from(person.send(action[1], csrf=person.field(page, "csrf"))))
        listed = application.call("credentials/list", reading["access_token"])
        assert listed.json()["credentialIDs"] == [request["credential"]]

        asked = {
            "scope": "credential",
            "credentialID": request["credential"],
            "numSignatures": "1",
            "hashes": base64.urlsafe_b64encode(DIGEST).decode(),
            "hashAlgorithmOID": "2.16.840.1.101.3.4.2.1",
        }
        page = person.see(application.asks(**asked))
        proof = person.device.get(person.options(page))
        form = {name: person.field(page, name) for name in ("csrf", "shown")}
        action = re.search(r'action="(/desk/o/[^"]+/approve)"', page)
        assert action is not None
        approved = person.send(action[1], **form, passphrase=person.passphrase, assertion=proof)
        signing = application.exchange(back_from(approved))

        body = {
            "credentialID": request["credential"],
            "hashes": [base64.b64encode(DIGEST).decode()],
            "hashAlgorithmOID": "2.16.840.1.101.3.4.2.1",
            "signAlgo": _ECDSA_SHA256,
        }
        signed = application.call("signatures/signHash", signing["access_token"], **body)
        assert signed.status_code == 200, signed.text
        again = application.call("signatures/signHash", signing["access_token"], **body)
        assert again.status_code in (400, 401)
        info = application.call("credentials/info", reading["access_token"], credentialID=request["credential"])
        person.http.close()
        log = service.log.read_text()

    leaf = x509.load_der_x509_certificate(base64.b64decode(info.json()["cert"]["certificates"][0]))
    key = leaf.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    value = base64.b64decode(signed.json()["signatures"][0])
    key.verify(value, DIGEST, ec.ECDSA(Prehashed(hashes.SHA256())))
    for secret in (signing["access_token"], reading["access_token"], application.auth[1], request["passphrase"]):
        assert secret not in log
