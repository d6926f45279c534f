"""Checklist of csc.md, 14: "info"."""

from dataclasses import replace
from typing import Any

import pytest

from api.faces.csc.methods import METHODS
from api.settings import Settings
from store.database import Database
from tests.support.csc import Court
from tests.support.csc_doors import http_of
from tests.unit.api.faces.csc.conftest import Scene

OAUTH = {"oauth2/authorize", "oauth2/token", "oauth2/revoke"}
KOTLIN = {
    "name": str,
    "logo": str,
    "region": str,
    "lang": str,
    "description": str,
    "authType": list,
    "methods": list,
    "conformance_levels": list,
    "supportedHashTypes": list,
}
"""What one published library has to find, and how it decodes it."""


def info(scene: Scene, face: str, body: Any = None, **headers: str) -> dict[str, Any]:
    answer = scene.http.post(f"/csc/{face}/info", json=body, headers=headers)
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    return told


def test_each_version_says_its_number(scene: Scene) -> None:
    assert info(scene, "v1")["specs"] == "1.0.4.0"
    assert info(scene, "v2")["specs"] == "2.2.0.0"


@pytest.mark.parametrize("seal", [True, False])
@pytest.mark.parametrize("stamps", [True, False])
def test_methods_are_exactly_what_does_not_answer_501_in_every_configuration(
    database: Database, settings: Settings, seal: bool, stamps: bool
) -> None:
    court = Court(database, **({} if stamps else {"timestamp": None, "stamps_signatures": False}))
    if seal:
        court.enrol("cred-seal", "seal-DINAS")
    with http_of(court, settings) as http:
        for face in ("v1", "v2"):
            listed = set(http.post(f"/csc/{face}/info").json()["methods"])
            token = court.token()
            answered = {
                each.name
                for each in METHODS
                if http.post(f"/csc/{face}/{each.name}", json={}, headers=token).status_code != 501
            }
            assert listed - OAUTH - {"oauth2/pushed_authorize"} == answered
            assert ("credentials/authorize" in listed) == seal
            assert ("signatures/timestamp" in listed) == stamps


def test_basic_and_login_only_when_switched_on(scene: Scene) -> None:
    for face in ("v1", "v2"):
        told = info(scene, face)
        assert told["authType"] == ["oauth2code", "oauth2client"]
        assert "auth/login" not in told["methods"]
        answer = scene.http.post(f"/csc/{face}/auth/login", json={}, headers={"Authorization": "Basic YTpi"})
        assert answer.status_code == 501


def test_exactly_one_address_of_the_authorization_server_without_a_slash_at_the_end(scene: Scene) -> None:
    for face in ("v1", "v2"):
        told = info(scene, face)
        assert {"oauth2", "oauth2Issuer", "oauth2Servers"} & set(told) == {"oauth2"}
        assert told["oauth2"] == "https://sign.example.org"


def test_parameters_of_algorithms_are_an_empty_list_and_envelopes_as_many_as_formats(scene: Scene) -> None:
    told = info(scene, "v2")

    assert told["signAlgorithms"] == {"algos": ["1.2.840.10045.4.3.2"], "algoParams": []}
    formats = told["signature_formats"]
    assert len(formats["envelope_properties"]) == len(formats["formats"]) == 1


def test_no_timestamp_authority_no_timestamp_and_no_level_above_b_b(database: Database, settings: Settings) -> None:
    court = Court(database, timestamp=None, stamps_signatures=False)
    with http_of(court, settings) as http:
        told = http.post("/csc/v2/info").json()

    assert "signatures/timestamp" not in told["methods"]
    assert told["conformance_levels"] == ["Ades-B-B"]


def test_with_one_every_level(scene: Scene) -> None:
    assert info(scene, "v2")["conformance_levels"] == ["Ades-B-B", "Ades-B-T", "Ades-B-LT", "Ades-B-LTA"]


@pytest.mark.parametrize(
    ("body", "header", "used"),
    [
        (None, None, "id"),
        ({"lang": "en"}, None, "en"),
        ({"lang": "en-US"}, "id", "en"),
        ({"lang": "EN"}, None, "en"),
        ({"lang": "fr-FR"}, "en;q=0.5", "en"),
        ({"lang": "fr"}, "de, en;q=0.1, id;q=0.9", "id"),
        ({"lang": "fr"}, "de;q=x, ;;;, *", "id"),
        (None, "en-GB,en;q=0.9", "en"),
    ],
)
def test_lang_is_honoured_told_and_falls_back(scene: Scene, body: Any, header: str | None, used: str) -> None:
    headers = {} if header is None else {"Accept-Language": header}
    told = info(scene, "v2", body, **headers)

    assert told["lang"] == used
    assert ("Remote signatures" in told["description"]) == (used == "en")


def test_the_operators_words(scene: Scene, settings: Settings, database: Database) -> None:
    own = replace(settings, csc=replace(settings.csc, name="Tanda Tangan Contoh", logo="https://a.example/l.png"))
    with http_of(Court(database), own) as http:
        told = http.post("/csc/v1/info").json()

    assert (told["name"], told["logo"]) == ("Tanda Tangan Contoh", "https://a.example/l.png")
    assert info(scene, "v1")["logo"].startswith("https://sign.example.org/static/mark.png")


def test_decodes_under_the_rules_of_the_kotlin_library(scene: Scene) -> None:
    told = info(scene, "v2")

    assert told["specs"] == "2.2.0.0"
    assert {name: type(told[name]) for name in KOTLIN} == KOTLIN
    assert told["signAlgorithms"]["algos"]
    assert told["signature_formats"]["formats"]
    assert not ("oauth2" in told and "oauth2Issuer" in told)
    assert told["oauth2"].startswith("https://")
    assert told["supportsRar"] is True


def test_decodes_under_the_rules_of_the_swift_library(scene: Scene) -> None:
    told = info(scene, "v2")

    assert isinstance(told["oauth2"], str)
    assert all(isinstance(each, str) for each in told["signAlgorithms"]["algoParams"])
    lists = told["signature_formats"]["envelope_properties"]
    assert all(isinstance(each, str) for inner in lists for each in inner)
    assert isinstance(told["asynchronousOperationMode"], bool)


def test_certificates_of_clients_are_named_where_they_are_configured(database: Database, settings: Settings) -> None:
    with http_of(Court(database, tls=True), settings) as http:
        assert http.post("/csc/v1/info").json()["authType"] == ["oauth2code", "oauth2client", "TLS"]
