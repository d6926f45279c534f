"""An issuer with a path of its own: the metadata in the places that path gives, everything else beneath it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from api.settings import SettingsError
from api.settings_file import load_settings
from tests.support.api_memory import SECRET, memory_service, settings_in

Http = TestClient[Litestar]
ISSUER = "http://127.0.0.1:8000/tte"


@pytest.fixture
def http(tmp_path: Path) -> Iterator[Http]:
    settings = settings_in(tmp_path)
    service = memory_service(replace(settings, oauth=replace(settings.oauth, issuer=ISSUER)))
    with TestClient(service.app()) as client:
        yield client


@pytest.mark.parametrize(
    "path",
    [
        "/.well-known/oauth-authorization-server",
        "/.well-known/oauth-authorization-server/tte",
        "/tte/.well-known/oauth-authorization-server",
    ],
)
def test_prefix_form_served_in_both_places(http: Http, path: str) -> None:
    document = http.get(path).json()

    assert document["issuer"] == ISSUER
    assert document["token_endpoint"] == f"{ISSUER}/oauth2/token"


def test_what_comes_beneath_the_issuer_is_what_comes_without_it(http: Http) -> None:
    form = {"grant_type": "client_credentials", "scope": "signature:read"}

    for path in ("/tte/oauth2/token", "/oauth2/token"):
        assert http.post(path, data=form, auth=("sikd", SECRET)).status_code == 200
    for path in ("/tte", "/tteoauth2/token", "/tte/tte/oauth2/token", "/tte/.well-known/openid-configuration"):
        assert http.get(path).status_code == 404


def test_an_issuer_of_another_host_is_refused_at_the_start(tmp_path: Path) -> None:
    settings_in(tmp_path)
    file = tmp_path / "teken.toml"
    file.write_text(file.read_text() + '\n[oauth]\nissuer = "https://lain.contoh.go.id"\n')

    with pytest.raises(SettingsError, match=r"oauth\.issuer"):
        load_settings(file)
