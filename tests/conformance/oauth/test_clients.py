"""OAuth clients of others, unmodified, against a running service: an official approves, a letter is signed, it is good.

oauth4webapi, openid-client and arctic run as programs in Node.js; Authlib runs here.
"""

import asyncio
import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc.jwk import ECKey

from tests.support.oauth_clients import Traveller, journey, require_packages
from tests.support.service import (
    RunningService,
    free_port,
    launch,
    log_of,
    teken,
    wait_until_ready,
    write_settings,
)
from tests.support.signed_elsewhere import Letter

pytestmark = [pytest.mark.hsm, pytest.mark.timeout(300)]

REDIRECT = "http://127.0.0.1:9/kembali"
"""Nobody listens there: the test plays the browser."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A service whose issuer is the address that it answers on, and an official with a passkey."""

    service: RunningService
    issuer: str
    person: Traveller

    def client(self, *words: str) -> dict[str, str]:
        """A new application with a redirect address; what the command said of it."""
        done = teken(self.service.directory, "client", "add", "E-office", "--redirect-uri", REDIRECT, "--json", *words)
        assert done.returncode == 0, done.stderr
        told: dict[str, str] = json.loads(done.stdout)
        return told

    def setup(self, client: dict[str, str], **more: Any) -> dict[str, Any]:
        """What a program is told."""
        return {
            "issuer": self.issuer,
            "clientId": client["client_id"],
            "secret": client.get("client_secret"),
            "redirect": REDIRECT,
            **more,
        }


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder, port = tmp_path_factory.mktemp("oauth") / "data", free_port()
    issuer = f"http://localhost:{port}"
    limits = {"failed_logins_per_minute": 100, "tokens_per_minute": 1000}
    write_settings(folder, server={"public_url": issuer}, limits=limits)
    process = launch(folder, "start", "--port", str(port))
    wait_until_ready(port, process, log_of(folder))
    http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False)
    service = RunningService(folder, port, process, http)
    try:
        asked = service.sign_request
        person = Traveller(service, str(asked["credential"]), str(asked["passphrase"]))
        yield Stage(service=service, issuer=issuer, person=person)
        person.http.close()
    finally:
        service.stop()


def judge(stage: Stage, letter: Letter, signed: dict[str, Any]) -> None:
    """The value that came back makes a letter that the service itself finds good, and one signature only."""
    assert signed["status"] == 200, signed
    (value,) = signed["body"]["signatures"]
    report = stage.service.verify(letter.finish(base64.b64decode(value))).json()
    assert (report["indication"], len(report["signatures"])) == ("TOTAL-PASSED", 1), report


def test_arctic_signs_as_version_one_has_it(stage: Stage) -> None:
    require_packages()
    letter = Letter()
    done = journey("arctic.mjs", stage.setup(stage.client()), stage.person, letter.prepare)
    judge(stage, letter, done["signed"])
    assert done["tokenTypes"] == ["Bearer", "SAD"]
    assert 0 < done["seconds"] <= 300
    assert done["again"]["status"] == 400
    assert done["again"]["body"]["error"] == "invalid_request"
    assert done["refreshed"]
    assert done["errors"] == [[True, "invalid_grant"], [True, "invalid_client"]]
    assert done["after"][0] == 401


@pytest.mark.parametrize("way", ["client_secret_basic", "client_secret_post", "none", "private_key_jwt"])
def test_oauth4webapi_finds_nothing_to_complain_about(stage: Stage, tmp_path: Path, way: str) -> None:
    require_packages()
    key, letter, words = ECKey.generate_key("P-256"), Letter(), ()
    keys = tmp_path / "jwks.json"
    keys.write_text(json.dumps({"keys": [key.as_dict(private=False)]}))
    if way == "none":
        words = ("--public",)
    if way == "private_key_jwt":
        words = ("--keys", str(keys))
    told = stage.setup(stage.client(*words), way=way, key=key.as_dict(private=True))
    done = journey("oauth4webapi.mjs", told, stage.person, letter.prepare)
    judge(stage, letter, done["signed"])
    assert done["scope"] == ["service", "credential"]
    assert done["details"] == done["expected"]
    assert done["denied"] == [True, "access_denied"]
    assert done["errors"] == [[True, "invalid_grant"], [True, "invalid_grant"], [True, "invalid_scope"]]
    assert done["after"] == 401
    assert done["own"] == (None if way == "none" else ["bearer", "service"])


def test_openid_client_goes_the_whole_way(stage: Stage) -> None:
    require_packages()
    letter = Letter()
    done = journey("openid-client.mjs", stage.setup(stage.client()), stage.person, letter.prepare)
    judge(stage, letter, done["signed"])
    assert done["issuer"] == stage.issuer
    assert done["types"] == ["bearer", "bearer", "bearer"]
    assert done["after"] == 401
    assert done["error"] == [True, "invalid_grant"]


def test_authlib_goes_the_whole_way(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")  # the test's service is on loopback
    letter = Letter()
    signed = asyncio.run(_with_authlib(stage, letter))
    judge(stage, letter, signed)


async def _with_authlib(stage: Stage, letter: Letter) -> dict[str, Any]:
    registered, verifier = stage.client(), "v" * 64
    known = {"client_id": registered["client_id"], "client_secret": registered["client_secret"]}
    found = (await _called(stage, "GET", "/.well-known/oauth-authorization-server")).json()
    settings = {**known, "redirect_uri": REDIRECT, "code_challenge_method": "S256", "trust_env": False}

    async def tokens(client: AsyncOAuth2Client, **asked: str) -> dict[str, Any]:
        url, state = client.create_authorization_url(found["authorization_endpoint"], code_verifier=verifier, **asked)
        back = await asyncio.to_thread(stage.person.travel, url)
        token = await client.fetch_token(
            found["token_endpoint"], authorization_response=back, state=state, code_verifier=verifier
        )
        return dict(token)

    async with AsyncOAuth2Client(**settings, scope="service") as client:
        service = await tokens(client)
        assert (service["token_type"], service["scope"]) == ("Bearer", "service")
        listed = (await client.post(f"{stage.issuer}/csc/v1/credentials/list", json={})).json()
        credential_id = listed["credentialIDs"][0]
        asked = {"credentialID": credential_id, "certificates": "chain"}
        credential = (await client.post(f"{stage.issuer}/csc/v1/credentials/info", json=asked)).json()
        digest = await asyncio.to_thread(
            letter.prepare, [base64.b64decode(each) for each in credential["cert"]["certificates"]]
        )
        async with AsyncOAuth2Client(**settings, scope="credential") as second:
            encoded = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            granted = await tokens(second, credentialID=credential_id, numSignatures="1", hash=encoded)
        assert granted["token_type"] == "SAD"
        body = {
            "credentialID": credential_id,
            "SAD": granted["access_token"],
            "hash": [base64.b64encode(digest).decode()],
            "hashAlgo": "2.16.840.1.101.3.4.2.1",
            "signAlgo": credential["key"]["algo"][0],
        }
        answer = await client.post(f"{stage.issuer}/csc/v1/signatures/signHash", json=body)
        renewed = await client.refresh_token(found["token_endpoint"], refresh_token=service["refresh_token"])
        assert renewed["access_token"] != service["access_token"]
        assert (
            await client.revoke_token(found["revocation_endpoint"], token=renewed["access_token"])
        ).status_code == 200
        with pytest.raises(OAuthError) as refused:
            await client.refresh_token(found["token_endpoint"], refresh_token="wrong")
        assert refused.value.error == "invalid_grant"
    async with AsyncOAuth2Client(**known, trust_env=False) as own:
        token = await own.fetch_token(found["token_endpoint"], grant_type="client_credentials", scope="service")
        assert (token["token_type"], token["scope"], "refresh_token" in token) == ("Bearer", "service", False)
    return {"status": answer.status_code, "body": answer.json()}


async def _called(stage: Stage, method: str, path: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as http:
        return await http.request(method, f"{stage.issuer}{path}")
