"""The table of problems: no error without its row, no row without its words, no secret in an answer."""

import ast
from datetime import timedelta
from pathlib import Path

import pytest

import api
from api.answers import API_PREFIXES, answer_of, is_api_path
from api.problems import PROBLEMS, UNEXPECTED, RequestRefused, every_problem, problem_of
from ca.errors import CaError, LintObjected, Misconfigured
from hsm_config.errors import HsmError, HsmUnavailable
from signer.errors import DocumentRefused, KeyUnavailable, PassphraseLocked, SignerError, Unavailable
from store.errors import StoreError
from tests.support.api_memory import NOON, Clock
from verifier.errors import TooLarge, VerifierError, WorkerBusy


def family(base: type[Exception]) -> set[type[Exception]]:
    return {base} | {each for child in base.__subclasses__() for each in family(child)}


def leaves(base: type[Exception]) -> set[type[Exception]]:
    ours = {each for each in family(base) if not issubclass(each, StoreError)}
    return {each for each in ours if not ours & set(each.__subclasses__())}


def test_every_error_of_the_domains_has_its_row() -> None:
    without = (leaves(SignerError) | leaves(CaError) | leaves(VerifierError) | leaves(HsmError)) - PROBLEMS.keys()

    assert not without


def test_what_the_store_raises_is_a_failure_on_our_side() -> None:
    assert {
        problem_of(each("a row")).status
        for each in leaves(SignerError) | family(StoreError)
        if issubclass(each, StoreError)
    } == {503}


def test_an_error_that_nobody_foresaw_is_unexpected() -> None:
    assert problem_of(KeyError("x")) is UNEXPECTED


def test_a_slug_names_one_problem_only() -> None:
    by_slug: dict[str, set[object]] = {}
    for problem in (*PROBLEMS.values(), *every_problem().values()):
        by_slug.setdefault(problem.slug, set()).add(problem)

    assert not {slug for slug, problems in by_slug.items() if len(problems) > 1}


def test_what_the_caller_can_act_on_is_told_with_field_reason_and_next_step() -> None:
    error = DocumentRefused("The document is encrypted.", field="document", reason="encrypted")

    assert answer_of(error, Clock()).body("id") == {
        "type": "/problems/document-refused",
        "title": "This document is not accepted",
        "status": 422,
        "detail": "The document is encrypted.",
        "field": "document",
        "reason": "encrypted",
        "nextStep": "Send a document without the fault named here.",
        "requestId": "id",
    }


@pytest.mark.parametrize(
    "error",
    [KeyUnavailable("label kek-1"), HsmUnavailable("label"), Misconfigured("x"), KeyError("x"), Unavailable("x")],
)
def test_what_is_our_fault_is_told_with_a_request_id_and_not_one_word_of_the_error(error: Exception) -> None:
    body = answer_of(error, Clock()).body("id")

    assert body["status"] in (500, 503)
    assert body.keys() == {"type", "title", "status", "nextStep", "requestId"}
    assert str(error.args[0]) not in {word for text in body.values() for word in str(text).split()}


def test_a_locked_passphrase_says_how_long_to_wait() -> None:
    def locked(until: timedelta | None) -> PassphraseLocked:
        at = None if until is None else NOON + until
        return PassphraseLocked("Wait.", field="passphrase", reason="locked", until=at)

    assert answer_of(locked(timedelta(seconds=59.2)), Clock()).headers == {"Retry-After": "60"}
    assert answer_of(locked(timedelta(seconds=-5)), Clock()).headers == {"Retry-After": "1"}
    assert answer_of(locked(None), Clock()).headers == {}


def test_a_busy_verifier_says_when_to_come_back() -> None:
    assert answer_of(WorkerBusy("full", retry_after=7), Clock()).headers == {"Retry-After": "7"}
    assert answer_of(TooLarge("big", field="document", reason="too-large"), Clock()).headers == {}
    assert answer_of(LintObjected("no", field="csr", reason="lint"), Clock()).headers == {}


def test_a_refusal_of_a_face_keeps_its_header_fields() -> None:
    error = RequestRefused(UNEXPECTED, "x", headers={"Retry-After": "3"})

    assert answer_of(error, Clock()).headers == {"Retry-After": "3"}


@pytest.mark.parametrize("path", [*API_PREFIXES, "/v1/signatures/x", "/pki/ocsp/x", "/oauth2/nope"])
def test_machines_are_answered_on_the_paths_of_the_interfaces(path: str) -> None:
    assert is_api_path(path)


@pytest.mark.parametrize("path", ["/", "/v/ABC", "/v1x", "/c", "/docs", "/favicon.ico", "/static/x"])
def test_people_are_answered_everywhere_else(path: str) -> None:
    assert not is_api_path(path)


def test_only_one_place_knows_which_paths_are_for_machines() -> None:
    files = sorted(Path(api.__file__).parent.rglob("*.py"))
    asking = {
        path.relative_to(Path(api.__file__).parent).as_posix()
        for path in files
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "startswith" and "path" in ast.unparse(node.value)
    }

    of_one_face = {  # how its own addresses are spelt, and nothing else
        "faces/console/navigation.py",
        "faces/console/visit.py",
        "faces/esign/paths.py",
        "issuer_path.py",
    }
    assert asking - of_one_face == {"answers.py"}
