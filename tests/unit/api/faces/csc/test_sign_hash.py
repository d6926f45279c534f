"""Checklist of csc.md, 14: "signHash". Keys are P-256: every other algorithm is one that is not in `key.algo`."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.settings import Settings
from signer.authorisation import AuthorisationState
from signer.quotas import Limits, Quotas
from store.database import Database
from store.quotas import SqlQuotas
from tests.support.api_memory import settings_in
from tests.support.csc import PERSON, SHA256, digest
from tests.support.pki import make_pki
from tests.unit.api.faces.csc.conftest import Scene, a_database, a_scene
from tests.unit.api.faces.csc.test_consumption import FRESH, is_good, refused, sign, values
from tests.unit.api.faces.csc.test_transport import shape

PSS = "1.2.840.113549.1.1.10"


@pytest.mark.parametrize("parameters", [None, "", "BQA="])
def test_ecdsa_is_der_and_verifies(scene: Scene, parameters: str | None) -> None:
    imprint = digest(f"der {parameters!r}")
    sad = scene.court.approved(scene.official, [imprint])

    (value,) = values(sign(scene, scene.official, [imprint], sad=sad, face="v2", signAlgoParams=parameters))

    assert value[0] == 0x30
    is_good(scene.official, imprint, value)


@pytest.mark.parametrize(
    "algorithm",
    [
        "1.2.840.113549.1.1.1",
        "1.2.840.113549.1.1.11",
        "1.2.840.113549.1.1.12",
        "1.2.840.113549.1.1.13",
        PSS,
        "1.2.840.10045.2.1",
        "1.2.840.10045.4.1",
        "1.2.840.10045.4.3.3",
        "1.2.840.10045.4.3.4",
        "nonsense",
        "1.2.840.10045.4.3.2 ",
    ],
)
def test_an_algorithm_that_is_not_in_key_algo_is_refused(scene: Scene, algorithm: str) -> None:
    imprint = digest(algorithm)
    sad = scene.court.approved(scene.official, [imprint])
    for more in ({}, {"hashAlgo": SHA256, "hashAlgorithmOID": SHA256, "signAlgoParams": "MAA="}):
        for face in ("v1", "v2"):
            answer = sign(scene, scene.official, [imprint], sad=sad, face=face, signAlgo=algorithm, **more)
            refused(answer, "Invalid parameter signAlgo")
    assert scene.court.state(sad) == FRESH


@pytest.mark.parametrize("other", ["2.16.840.1.101.3.4.2.3", "1.3.14.3.2.26", "nonsense"])
def test_the_digest_algorithm_is_ignored_where_the_signatures_fixes_it(scene: Scene, other: str) -> None:
    imprint = digest(f"ignored {other}")
    sad = scene.court.approved(scene.official, [imprint])

    (value,) = values(sign(scene, scene.official, [imprint], sad=sad, hashAlgo=other))

    is_good(scene.official, imprint, value)


@pytest.mark.parametrize("parameters", ["MAA=", "!!", "BQAA", "MDSgDzANBglghkgBZQMEAgEFAKEcMBoGCSqGSIb3DQEBCDAN"])
def test_parameters_of_another_algorithm_are_refused(scene: Scene, parameters: str) -> None:
    imprint = digest(parameters)
    sad = scene.court.approved(scene.official, [imprint])
    for face in ("v1", "v2"):
        answer = sign(scene, scene.official, [imprint], sad=sad, face=face, signAlgoParams=parameters)
        refused(answer, "Invalid parameter signAlgoParams")
    assert scene.court.state(sad) == FRESH


@pytest.mark.parametrize(
    ("digests", "described"),
    [
        ([], "Empty hash array"),
        ([""], "Invalid Base64 hash string parameter"),
        (["%%"], "Invalid Base64 hash string parameter"),
        (["A" * 44], "Invalid digest value length"),
        (["AA=="], "Invalid digest value length"),
    ],
)
def test_an_empty_list_bad_base64_and_a_wrong_length(scene: Scene, digests: list[str], described: str) -> None:
    imprint = digest(described + str(digests))
    sad = scene.court.approved(scene.official, [imprint])
    for listed in (digests, [*digests, "!"] if digests else digests):
        answer = sign(scene, scene.official, listed, sad=sad, face="v2")
        assert answer.status_code == 400
        assert shape(answer)["error"] == "invalid_request"
    refused(sign(scene, scene.official, digests, sad=sad), described)
    assert scene.court.state(sad) == FRESH


def test_asynchronous_mode_is_not_offered_and_another_word_is_wrong(scene: Scene) -> None:
    imprint = digest("modes")
    sad = scene.court.approved(scene.official, [imprint])
    answer = sign(scene, scene.official, [imprint], sad=sad, face="v2", operationMode="A")

    assert answer.status_code == 501
    assert shape(answer)["error"] == "not_implemented"
    refused(
        sign(scene, scene.official, [imprint], sad=sad, face="v2", operationMode="X"), "Invalid parameter operationMode"
    )
    assert scene.court.state(sad) == FRESH


def test_response_uri_is_never_contacted(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *given, **_: asked.append(given))
    monkeypatch.setattr(socket.socket, "connect", lambda *given: asked.append(given))
    imprint = digest("nobody is called")
    sad = scene.court.approved(scene.official, [imprint])

    made = sign(
        scene,
        scene.official,
        [imprint],
        sad=sad,
        face="v2",
        operationMode="S",
        response_uri="http://127.0.0.1:9/answer",
        validity_period=60,
    )

    assert values(made)
    assert asked == []


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("large")
    with (
        a_database(folder, sqlite_template) as database,
        a_scene(database, settings_in(folder), most_personal=100) as made,
    ):
        yield made


def test_a_hundred_digests_cost_less_than_15_seconds(large: Scene) -> None:
    imprints = [digest(f"of a hundred {each}") for each in range(100)]
    sad = large.court.approved(large.official, imprints)
    assert (
        large.post("v1/credentials/info", {"credentialID": large.official.id}, user=PERSON).json()["multisign"] == 100
    )

    started = time.process_time()  # which others on this machine do not lengthen
    made = values(sign(large, large.official, imprints, sad=sad))

    assert time.process_time() - started < 15
    for imprint, value in zip(imprints, made, strict=True):
        is_good(large.official, imprint, value)
    assert large.court.state(sad) == (AuthorisationState.SPENT, 100)


def test_a_full_quota_answers_429_and_uses_nothing_up(database: Database, settings: Settings) -> None:
    one = Limits(per_minute=1)
    at = make_pki().at
    quotas = Quotas(SqlQuotas(database), client=one, credential=Limits(), now=lambda: at)
    with a_scene(database, settings, quotas=quotas) as scene:
        first, second = digest("within"), digest("beyond")
        sad = scene.court.approved(scene.official, [first, second])
        values(sign(scene, scene.official, [first], sad=sad))

        answer = sign(scene, scene.official, [second], sad=sad)

    assert answer.status_code == 429
    assert shape(answer)["error"] == "temporarily_unavailable"
    assert int(answer.headers["retry-after"]) >= 1
    assert scene.court.state(sad) == (AuthorisationState.ACTIVE, 1)
