"""Applications beside a running service: registered at the command line, known by key, certificate or secret."""

import base64
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from joserfc import jwt
from joserfc.jwk import ECKey

from api.oauth.offers import ASSERTION_TYPE
from tests.support.api_memory import a_certificate
from tests.support.service import RunningService, running_service, teken, teken_in_turn

pytestmark = pytest.mark.hsm

GRANT = {"grant_type": "client_credentials"}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """One behind a proxy on loopback, which passes certificates on."""
    folder = tmp_path_factory.mktemp("clients") / "data"
    with running_service(folder, arguments=("--no-demo",)):
        pass
    toml = folder / "teken.toml"
    proxies = '[server]\ntrusted_proxies = ["127.0.0.1"]\n'
    header = '\n[oauth]\ncertificate_header = "Client-Cert"\n'
    toml.write_text(toml.read_text().replace("[server]\n", proxies, 1) + header)
    with running_service(folder, command="serve") as running:
        yield running


def added(service: RunningService, *words: str) -> dict[str, str]:
    done = teken(service.directory, "client", "add", "Aplikasi Contoh", "--json", *words)
    assert done.returncode == 0, done.stderr
    told: dict[str, str] = json.loads(done.stdout)
    return told


def test_an_application_asks_with_its_own_key(service: RunningService, tmp_path: Path) -> None:
    key, next_key = ECKey.generate_key("P-256"), ECKey.generate_key("P-256")
    keys = tmp_path / "jwks.json"
    keys.write_text(json.dumps({"keys": [key.as_dict(private=False)]}))
    client = added(service, "--scope", "signature:read", "--keys", str(keys))
    assert client.keys() == {"client_id"}
    now = int(time.time())

    def ask(by: ECKey, identifier: str) -> int:
        claims = {"iss": client["client_id"], "sub": client["client_id"], "aud": service.url, "exp": now + 120}
        signed = jwt.encode({"alg": "ES256"}, claims | {"jti": identifier}, by, algorithms=["ES256"])
        form = GRANT | {"client_assertion_type": ASSERTION_TYPE, "client_assertion": signed}
        return service.http.post("/oauth2/token", data=form).status_code

    assert [ask(key, "a"), ask(key, "a"), ask(key, "b"), ask(next_key, "c")] == [200, 401, 200, 401]
    keys.write_text(json.dumps({"keys": [next_key.as_dict(private=False)]}))
    changed = teken(service.directory, "client", "keys", client["client_id"], str(keys), "--json")
    assert json.loads(changed.stdout)["jwks"]["keys"][0]["x"] == next_key.as_dict(private=False)["x"]
    assert [ask(key, "d"), ask(next_key, "e")] == [401, 200]


def test_an_application_asks_with_the_certificate_that_the_proxy_saw(service: RunningService) -> None:
    certificate = a_certificate(until=datetime.now(UTC) + timedelta(days=1))
    thumbprint = certificate.fingerprint(hashes.SHA256()).hex()
    client = added(service, "--scope", "signature:read", "--tls-thumbprint", thumbprint)
    shown = f":{base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()}:"
    form = GRANT | client
    assert service.http.post("/oauth2/token", data=form, headers={"Client-Cert": shown}).status_code == 200
    assert service.http.post("/oauth2/token", data=form).status_code == 401
    forwarded = {"Client-Cert": shown, "X-Forwarded-For": "198.51.100.9"}
    assert service.http.post("/oauth2/token", data=form, headers=forwarded).status_code == 200


def test_an_application_of_one_network_is_nobody_elsewhere(service: RunningService) -> None:
    client = added(service, "--scope", "signature:read", "--network", "198.51.100.0/24")
    pair = (client["client_id"], client["client_secret"])
    here, there = {"X-Forwarded-For": "198.51.100.9"}, {"X-Forwarded-For": "203.0.113.9"}
    assert service.http.post("/oauth2/token", data=GRANT, auth=pair, headers=there).status_code == 401
    answer = service.http.post("/oauth2/token", data=GRANT, auth=pair, headers=here)
    bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    assert service.http.get("/v1/signatures/x", headers=bearer | here).status_code == 404
    assert service.http.get("/v1/signatures/x", headers=bearer | there).status_code == 401


def test_the_commands_of_applications(service: RunningService) -> None:
    back = "https://e-office.example/kembali"
    client = added(service, "--redirect-uri", back)
    client_id, folder = client["client_id"], service.directory
    bad, rotated, changed, shown, listed, public, both = teken_in_turn(
        (folder, ("client", "change", client_id, "--redirect-uri", "http://e-office.example/")),
        (folder, ("client", "rotate", client_id, "--json")),
        (folder, ("client", "change", client_id, "--name", "Lain", "--network", "192.0.2.0/24", "--json")),
        (folder, ("client", "show", client_id)),
        (folder, ("client", "list", "--json")),
        (folder, ("client", "add", "Dompet", "--public", "--redirect-uri", "id.example:/x", "--json")),
        (folder, ("client", "add", "Dompet", "--public", "--tls-subject", "CN=x")),
    )
    assert (bad.returncode, "https" in bad.stderr) == (2, True)
    secret = json.loads(rotated.stdout)["client_secret"]
    assert secret != client["client_secret"]
    now = json.loads(changed.stdout)
    assert (now["name"], now["networks"], now["redirect_uris"]) == ("Lain", ["192.0.2.0/24"], [back])
    assert now["scopes"] == ["credential", "service"]
    assert back in shown.stdout
    assert secret not in shown.stdout + listed.stdout
    assert client_id in {each["client_id"] for each in json.loads(listed.stdout)}
    assert json.loads(public.stdout).keys() == {"client_id"}
    assert both.returncode == 2
