"""Checklist of csc.md, 14: "Transport and shape"."""

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from api.faces.csc.fields import Face, Field, Kind
from api.faces.csc.methods import METHODS, Method
from api.settings import Settings
from store.database import Database
from tests.support.csc import CLIENT, PERSON, Court, digest
from tests.support.csc_doors import http_of
from tests.unit.api.faces.csc.conftest import Scene

HASH = "sTOgwOm+474gFj0q0x1iSNspKqbcse4IeiqlDg/HWuI="
GOOD: dict[str, Any] = {
    "token": "tk_nobody",
    "credentialID": "cred-seal",
    "numSignatures": 1,
    "SAD": "nobody",
    "hash": [HASH],
    "hashes": [HASH],
    "hashAlgorithmOID": "2.16.840.1.101.3.4.2.1",
    "hashAlgo": "2.16.840.1.101.3.4.2.1",
    "signAlgo": "1.2.840.10045.4.3.2",
}
WRONG: dict[Kind, Any] = {
    Kind.STRING: 7,
    Kind.STRINGS: "no list",
    Kind.OBJECTS: ["no object"],
    Kind.INTEGER: 1.5,
    Kind.BOOLEAN: "true",
}


def shape(answer: Any) -> dict[str, str]:
    """The body of an error, which has these two members and no others."""
    assert answer.headers["content-type"].split(";")[0] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    told: dict[str, str] = answer.json()
    assert set(told) == {"error", "error_description"}
    return told


def offered() -> Iterator[tuple[Face, Method]]:
    for method in METHODS:
        for face in method.faces:
            if method.act is not None and method.name != "auth/login":  # which is off by default; test_login.py
                yield face, method


def body_for(face: Face, method: Method) -> dict[str, Any]:
    body = {each.name: GOOD[each.name] for each in method.fields(face) if each.required and each.name in GOOD}
    if method.name == "signatures/timestamp":
        body["hash"] = HASH
    return body


def word(field: Field) -> str:
    return "array" if field.kind is Kind.OBJECTS else field.kind.value


def test_every_method_answers_200_and_revoke_204(scene: Scene) -> None:
    service, court = scene.court.token(CLIENT), scene.court
    for face in ("v1", "v2"):
        names = ("hash", "hashAlgo") if face == "v1" else ("hashes", "hashAlgorithmOID")
        algo = {"signAlgo": GOOD["signAlgo"], "credentialID": scene.seal.id}
        sad = court.sealed(scene.seal.id, [digest(face)])
        statuses = {
            "info": scene.post(f"{face}/info").status_code,
            "list": scene.post(f"{face}/credentials/list", {}, **service).status_code,
            "one": scene.post(f"{face}/credentials/info", {"credentialID": scene.seal.id}, **service).status_code,
            "authorize": scene.post(
                f"{face}/credentials/authorize", {"credentialID": scene.seal.id, "numSignatures": 1}, **service
            ).status_code,
            "extend": scene.post(
                f"{face}/credentials/extendTransaction",
                {"credentialID": scene.seal.id, "SAD": court.sealed(scene.seal.id, [], count=2)},
                **service,
            ).status_code,
            "sign": scene.post(
                f"{face}/signatures/signHash",
                algo | {"SAD": sad, names[0]: [_b64(digest(face))]},
                **service,
            ).status_code,
            "stamp": scene.post(
                f"{face}/signatures/timestamp", {"hash": HASH, "hashAlgo": GOOD["hashAlgo"]}, **service
            ).status_code,
        }
        assert set(statuses.values()) == {200}, statuses
        gone = scene.court.token(CLIENT)
        answer = scene.post(f"{face}/auth/revoke", {"token": gone["Authorization"].split()[1]}, **service)
        assert (answer.status_code, answer.content) == (204, b"")


def _b64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


@pytest.mark.parametrize("content", [None, b"", b"{}", b"null", b"  "])
def test_info_with_no_body_with_an_empty_object_and_with_null(scene: Scene, content: bytes | None) -> None:
    for face in ("v1", "v2"):
        assert scene.http.post(f"/csc/{face}/info", content=content).status_code == 200


def test_list_with_no_body_and_no_content_type(scene: Scene) -> None:
    request = scene.http.build_request("POST", "/csc/v1/credentials/list", headers=scene.court.token())
    assert "content-type" not in request.headers

    assert scene.http.send(request).json() == {"credentialIDs": [scene.seal.id]}


def test_unknown_fields_are_ignored_and_null_and_empty_texts_are_absent(scene: Scene) -> None:
    plain = scene.post("v2/credentials/info", {"credentialID": scene.seal.id}).json()
    told = {"credentialID": scene.seal.id, "lang": "", "certificates": None, "certInfo": None, "nobody": {"a": [1]}}

    assert scene.post("v2/credentials/info", told).json() == plain


@pytest.mark.parametrize("path", ["//csc//v1///info", "/csc/v1/info/", "/csc/v1/info//", "///csc/v2/info///"])
def test_repeated_and_trailing_slashes_reach_the_method_without_a_redirect(scene: Scene, path: str) -> None:
    answer = scene.http.request("POST", f"http://testserver.local{path}", follow_redirects=False)

    assert answer.status_code == 200
    assert answer.json()["name"]


def test_429_carries_retry_after_and_the_shape(database: Database, settings: Settings) -> None:
    few, court = replace(settings, limits=replace(settings.limits, signatures_per_minute=2)), Court(database)
    with http_of(court, few) as http:
        token = court.token()
        body = {"hash": HASH, "hashAlgo": GOOD["hashAlgo"]}
        answers = [http.post("/csc/v1/signatures/timestamp", json=body, headers=token) for _ in range(3)]

    assert [each.status_code for each in answers] == [200, 200, 429]
    assert shape(answers[2])["error"] == "temporarily_unavailable"
    assert int(answers[2].headers["retry-after"]) >= 1


def test_429_of_the_whole_service_has_the_shape_as_well(database: Database, settings: Settings) -> None:
    few, court = replace(settings, limits=replace(settings.limits, requests_per_minute=1)), Court(database)
    with http_of(court, few) as http:
        answers = [http.post("/csc/v1/info") for _ in range(2)]

    assert answers[1].status_code == 429
    assert shape(answers[1])["error"] == "temporarily_unavailable"
    assert "retry-after" in answers[1].headers


@pytest.mark.parametrize("face", ["v1", "v2"])
def test_an_unannounced_method_answers_501_on_both_faces(scene: Scene, face: str) -> None:
    known = {each.name for each in METHODS}
    listed = set(scene.post(f"{face}/info").json()["methods"])
    for name in known - listed:
        answer = scene.post(f"{face}/{name}", {})
        assert answer.status_code == 501, name
        assert shape(answer)["error"] == "not_implemented"


@pytest.mark.parametrize("name", ["signatures/signDoc", "signatures/signPolling", "credentials/getChallenge"])
def test_a_method_of_version_2_alone_answers_501_on_version_1(scene: Scene, name: str) -> None:
    answer = scene.post(f"v1/{name}", {})

    assert answer.status_code == 501
    assert shape(answer)["error"] == "not_implemented"


@pytest.mark.parametrize("path", ["v1/credentials/authorise", "v2/credentials/authorise", "v2/x", "v3/info", "v1", ""])
def test_an_unknown_method_answers_404_in_the_shape(scene: Scene, path: str) -> None:
    answer = scene.http.post(f"/csc/{path}", headers=scene.court.token())

    assert answer.status_code == 404
    assert shape(answer) == {"error": "invalid_request", "error_description": "Unknown method"}


@pytest.mark.parametrize("verb", ["GET", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("name", ["info", "credentials/list", "signatures/signPolling"])
def test_another_verb_answers_405_in_the_shape(scene: Scene, name: str, verb: str) -> None:
    answer = scene.http.request(verb, f"/csc/v2/{name}")

    assert answer.status_code == 405
    assert "POST" in answer.headers["allow"]
    assert shape(answer) == {"error": "invalid_request", "error_description": "Method not allowed"}


@pytest.mark.parametrize("content", [b"{", b"[1]", b'"text"', b"\xff\xfe", b'{"a": 1', b"{'a': 1}", b"[" * 5000])
def test_malformed_json_answers_400_in_the_shape(scene: Scene, content: bytes) -> None:
    answer = scene.http.post("/csc/v2/credentials/list", content=content, headers=scene.court.token())

    assert answer.status_code == 400
    assert shape(answer)["error"] == "invalid_request"


def test_an_internal_error_says_a_request_id_and_no_more(database: Database, settings: Settings) -> None:
    def broken(_: bytes, __: str, ___: int | None) -> bytes:
        raise RuntimeError("SELECT secret FROM credentials")

    court = Court(database, timestamp=broken)
    with http_of(court, settings) as http:
        body = {"hash": HASH, "hashAlgo": GOOD["hashAlgo"]}
        answer = http.post("/csc/v1/signatures/timestamp", json=body, headers=court.token())

    told = shape(answer)
    assert answer.status_code == 500
    assert told["error"] == "server_error"
    assert answer.headers["x-request-id"] in told["error_description"]
    assert "SELECT" not in answer.text
    assert "Runtime" not in answer.text


def test_a_body_over_the_limit_answers_413_in_the_shape(scene: Scene) -> None:
    answer = scene.post("v2/credentials/list", {"clientData": "x" * 300_000})

    assert answer.status_code == 413
    assert shape(answer) == {"error": "invalid_request", "error_description": "Request body too large"}


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "foo"}, {"Authorization": "Bearer"}, {"Authorization": "Bearer  "}]
)
def test_no_authorization_answers_400(scene: Scene, headers: dict[str, str]) -> None:
    answer = scene.http.post("/csc/v1/credentials/list", headers=headers)

    assert answer.status_code == 400
    assert shape(answer) == {"error": "invalid_request", "error_description": "Malformed authorization header"}


def test_unknown_expired_and_revoked_tokens_answer_401(scene: Scene) -> None:
    token = scene.court.token()
    scene.court.bearers.over.add(token["Authorization"].split()[1])
    unknown = scene.post("v1/credentials/list", {}, Authorization="Bearer nobody")
    over = scene.post("v1/credentials/list", {}, **token)

    assert (unknown.status_code, shape(unknown)["error"]) == (401, "invalid_token")
    assert (over.status_code, shape(over)["error"]) == (401, "expired_token")
    assert unknown.headers["www-authenticate"] == over.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(("face", "method"), list(offered()), ids=lambda each: getattr(each, "name", str(each)))
def test_each_missing_or_wrong_field_is_named_in_the_words_of_the_specification(
    scene: Scene, face: Face, method: Method
) -> None:
    good = body_for(face, method)
    for field in method.fields(face):
        if field.kind is Kind.ANY:
            continue
        wrong: list[Any] = [WRONG[field.kind], {}, [7]]
        bodies = [good | {field.name: value} for value in ([*wrong, None, ""] if field.required else wrong)]
        if field.required:
            bodies.append({name: value for name, value in good.items() if name != field.name})
        for body in bodies:
            answer = scene.post(f"{face}/{method.name}", body)
            assert answer.status_code == 400, (body, answer.text)
            assert shape(answer) == {
                "error": "invalid_request",
                "error_description": f"Missing (or invalid type) {word(field)} parameter {field.name}",
            }


def test_names_of_version_1_are_missing_on_version_2_and_the_reverse(scene: Scene) -> None:
    base = {"credentialID": scene.seal.id, "SAD": "x", "signAlgo": GOOD["signAlgo"]}
    on_2 = scene.post("v2/signatures/signHash", base | {"hash": [HASH]})
    on_1 = scene.post("v1/signatures/signHash", base | {"hashes": [HASH]})

    assert shape(on_2)["error_description"] == "Missing (or invalid type) array parameter hashes"
    assert shape(on_1)["error_description"] == "Missing (or invalid type) array parameter hash"


@pytest.mark.parametrize("value", [True, False])
def test_a_boolean_is_no_number_of_signatures(scene: Scene, value: bool) -> None:
    answer = scene.post("v1/credentials/authorize", {"credentialID": scene.seal.id, "numSignatures": value})

    assert shape(answer)["error_description"] == "Missing (or invalid type) integer parameter numSignatures"


def test_a_string_of_digits_is_a_number_of_signatures(scene: Scene) -> None:
    answer = scene.post("v1/credentials/authorize", {"credentialID": scene.seal.id, "numSignatures": "1"})

    assert answer.status_code == 200
    assert answer.json()["SAD"]


def test_another_spelling_of_a_field_is_taken_on_version_2_and_not_beside_the_first(scene: Scene) -> None:
    one = scene.post("v2/credentials/list", {"only_valid": True}).json()
    both = scene.post("v2/credentials/list", {"only_valid": True, "onlyValid": True})
    on_1 = scene.post("v1/credentials/list", {"user_id": "somebody"})

    assert one["onlyValid"] is True
    assert shape(both)["error_description"] == "Invalid parameter onlyValid"
    assert on_1.status_code == 200


@pytest.mark.parametrize("text", [" " * 1025, "x" * 1025])
def test_client_data_has_an_end(scene: Scene, text: str) -> None:
    answer = scene.post("v1/credentials/list", {"clientData": text}, user=PERSON)

    assert shape(answer)["error_description"] == "Invalid parameter clientData"
    assert text not in json.dumps(answer.json())
