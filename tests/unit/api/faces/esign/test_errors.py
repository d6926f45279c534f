"""Every refusal is JSON with a sentence and an integer, and says nothing that a caller or an engine said."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from litestar import Litestar
from litestar.exceptions import NotFoundException
from litestar.testing import TestClient

from api.faces.esign.errors import EsignRefused, told_of
from api.faces.esign.paths import normalised
from api.problems import PROBLEMS
from hsm_config.errors import HsmUnavailable
from signer.errors import (
    CredentialUnknown,
    KeyUnavailable,
    KindRefused,
    PassphraseLocked,
    PassphraseWrong,
    QuotaExceeded,
    Refused,
    ResultUnsound,
    TimestampUnavailable,
    TooSoon,
)

NOW = datetime(2026, 5, 4, 1, 15, tzinfo=UTC)


def told(error: Exception) -> tuple[int, int]:
    answer = told_of(error, lambda: NOW)
    return answer.status, answer.code


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (PassphraseWrong("4 attempts left", field="passphrase", reason="wrong"), (400, 2031)),
        (CredentialUnknown("x", field="credential", reason="unknown"), (400, 2011)),
        (KeyUnavailable("slot 3 says CKR_DEVICE_ERROR"), (503, 503)),
        (TimestampUnavailable("nobody"), (503, 503)),
        (HsmUnavailable("gone"), (503, 503)),
        (ResultUnsound("x"), (500, 500)),
        (ZeroDivisionError("division by zero"), (500, 500)),
        (NotFoundException(), (404, 404)),
        (EsignRefused("Ya.", code=4044, status=404), (404, 4044)),
    ],
)
def test_the_table(error: Exception, expected: tuple[int, int]) -> None:
    assert told(error) == expected


def test_l9_429_and_503_say_when_to_come_back() -> None:
    later = NOW + timedelta(seconds=90)
    for error in (
        PassphraseLocked("wait", field="passphrase", reason="wait", until=later),
        QuotaExceeded("full", field="client", reason="quota-minute", policy='"client-minute"', until=later),
    ):
        answer = told_of(error, lambda: NOW)
        assert (answer.status, answer.headers["Retry-After"]) == (429, "90")
    locked = told_of(PassphraseLocked("see", field="passphrase", reason="locked", until=None), lambda: NOW)
    assert int(locked.headers["Retry-After"]) > 0
    assert int(told_of(KeyUnavailable("x"), lambda: NOW).headers["Retry-After"]) > 0


def test_k8_a_refused_kind_names_the_list() -> None:
    refused = KindRefused("x", field="letter.kind", reason="kind-excluded", kind="SK", lists=("bali-2020",))
    answer = told_of(refused, lambda: NOW)
    assert answer.status == 403
    assert "bali-2020" in answer.text


def test_k7_nothing_of_the_engine_is_told() -> None:
    for error in (*_one_of_each(), RuntimeError("Traceback: pyhanko.pdf_utils at 0x7f")):
        text = told_of(error, lambda: NOW).text
        assert "English" not in text
        assert "Traceback" not in text
        assert text.endswith((".", ").")), text


def _one_of_each() -> list[Refused]:
    made: list[Refused] = []
    for kind in PROBLEMS:
        if issubclass(kind, Refused):
            more: dict[str, Any] = {}
            if issubclass(kind, PassphraseLocked):
                more = {"until": None}
            if issubclass(kind, TooSoon):
                more = {"until": NOW}
            if issubclass(kind, QuotaExceeded):
                more = {"until": NOW, "policy": '"x"'}
            made.append(kind("An English sentence.", field="f", reason="r", **more))
    return made


def test_an_unknown_path_and_a_foreign_method_answer_as_this_face_does(http: TestClient[Litestar]) -> None:
    for path in ("/api", "/api/", "/api/nothing", "/api/user/profile/5171010101010001"):
        answer = http.get(path)
        assert (answer.status_code, answer.json()) == (
            404,
            {"error": "Layanan ini tidak tersedia.", "status_code": 404},
        )
        assert answer.headers["Content-Type"].startswith("application/json")


@pytest.mark.parametrize(
    ("came", "meant"),
    [
        ("/v1//signatures/", "/v1//signatures/"),
        ("/apikey/", "/apikey/"),
        ("/api/api", "/api/api"),
        ("/api/apis/x", "/api/apis/x"),
        ("/api/api/api/x", "/api/api/x"),
    ],
)
def test_only_this_faces_paths_are_touched_and_only_one_double(came: str, meant: str) -> None:
    assert normalised(came) == meant
