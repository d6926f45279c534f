"""`Idempotency-Key` over HTTP: a signing, and every other act, is carried out once."""

import pytest

from tests.support.api_memory import PASSPHRASE, PDF, SIGN_BODY, MemoryService
from tests.unit.api.faces.test_augmentations import SIGNED as SIGNED_ELSEWHERE
from tests.unit.api.faces.test_augmentations import send
from tests.unit.api.faces.test_documents import SIGNED, STEPS, create
from tests.unit.api.faces.test_signatures import send_form

KEY = {"Idempotency-Key": '"8e03978e-40d5-43dd-bc93-6894a57f9324"'}


def test_the_same_signing_under_a_key_is_made_once(kept: MemoryService) -> None:
    with kept.http() as http:
        first = send_form(http, kept, SIGN_BODY, **KEY)
        again = send_form(http, kept, SIGN_BODY, **KEY)
        pdf = send_form(http, kept, SIGN_BODY, **KEY, Accept="application/pdf")
    assert (first.status_code, again.status_code, pdf.status_code) == (201, 201, 201)
    assert first.json() == again.json()
    assert pdf.content.startswith(b"%PDF-")
    assert len(kept.signing.requests) == 1


def test_a_wrong_passphrase_frees_the_key_and_the_right_one_may_follow(kept: MemoryService) -> None:
    with kept.http() as http:
        wrong = send_form(http, kept, SIGN_BODY | {"passphrase": "tebakan yang salah"}, **KEY)
        assert wrong.status_code == 403
        assert send_form(http, kept, SIGN_BODY | {"passphrase": PASSPHRASE}, **KEY).status_code == 201


def test_another_request_under_the_key_is_422(kept: MemoryService) -> None:
    with kept.http() as http:
        send_form(http, kept, SIGN_BODY, **KEY)
        other = send_form(http, kept, SIGN_BODY | {"reason": "Lain"}, **KEY)
    assert (other.status_code, other.json()["type"]) == (422, "/problems/key-reused")
    assert len(kept.signing.requests) == 1


def test_what_was_signed_before_a_crash_is_answered_and_not_signed_again(kept: MemoryService) -> None:
    """The signature was recorded and the answer was not: as if the process had died in between."""
    with kept.http() as http:
        first = send_form(http, kept, SIGN_BODY, **KEY).json()
        kept.clock.forward(25 * 3600)  # what was kept of the key has expired, what was signed has not
        again = send_form(http, kept, SIGN_BODY, **KEY)
    assert again.json()["code"] == first["code"]
    assert len(kept.signing.requests) == 1


@pytest.mark.parametrize("bad", ["", '""', "a b", "x" * 256])
def test_a_key_that_is_none_is_refused(kept: MemoryService, bad: str) -> None:
    with kept.http() as http:
        answer = send_form(http, kept, SIGN_BODY, **{"Idempotency-Key": bad})
    assert (answer.status_code, answer.json()["reason"]) == (400, "bad-key")
    assert kept.signing.requests == []


def test_other_acts_are_carried_out_once_as_well(kept: MemoryService) -> None:
    with kept.http() as http:
        address = create(http, kept, STEPS).headers["location"]
        headers = kept.bearer() | KEY
        first = http.post(f"{address}/steps/1", json=SIGNED, headers=headers)
        again = http.post(f"{address}/steps/1", json=SIGNED, headers=headers)
        assert (first.status_code, again.status_code) == (200, 200)
        assert first.json() == again.json()
        assert http.post(f"{address}/cancellation", headers=headers).json()["reason"] == "reused"
    assert len(kept.signing.requests) == 1


def test_a_step_that_was_signed_before_a_crash_is_answered_and_not_signed_again(kept: MemoryService) -> None:
    with kept.http() as http:
        address = create(http, kept, STEPS).headers["location"]
        http.post(f"{address}/steps/1", json=SIGNED, headers=kept.bearer() | KEY)
        kept.clock.forward(25 * 3600)
        again = http.post(f"{address}/steps/1", json=SIGNED, headers=kept.bearer() | KEY)
        other = create(http, kept, STEPS).headers["location"]
        kept.clock.forward(25 * 3600)
        elsewhere = http.post(f"{other}/steps/1", json=SIGNED, headers=kept.bearer() | KEY)
    assert again.status_code == 200
    assert (elsewhere.status_code, elsewhere.json()["reason"]) == (422, "reused")
    assert len(kept.signing.requests) == 1


def test_a_document_of_several_signatories_is_made_once(kept: MemoryService) -> None:
    with kept.http() as http:
        first = create(http, kept, STEPS, **KEY)
        again = create(http, kept, STEPS, **KEY)
        other = create(http, kept, STEPS | {"level": "B-T"}, **KEY)
        theirs = create(http, kept, STEPS, client="other", **KEY)
        listed = http.get("/v1/documents", headers=kept.bearer()).json()["items"]
    assert (first.status_code, again.status_code, theirs.status_code) == (201, 201, 201)
    assert first.json() == again.json()
    assert again.headers["location"] == first.headers["location"] != theirs.headers["location"]
    assert (other.status_code, other.json()["reason"]) == (422, "reused")
    assert [each["id"] for each in listed] == [first.json()["id"]]


def test_a_document_that_was_made_before_a_crash_is_answered_and_no_second_one_made(kept: MemoryService) -> None:
    with kept.http() as http:
        first = create(http, kept, STEPS, **KEY)
        kept.clock.forward(25 * 3600)  # nothing of the key is kept any more, as if its answer had never been written
        again = create(http, kept, STEPS, **KEY)
        kept.clock.forward(25 * 3600)
        other = create(http, kept, STEPS, pdf=PDF + b"%", **KEY)
    assert again.json() == first.json()
    assert (other.status_code, other.json()["reason"]) == (422, "reused")


def test_a_refused_document_frees_the_key(kept: MemoryService) -> None:
    with kept.http() as http:
        assert create(http, kept, {"steps": []}, **KEY).status_code == 400
        assert create(http, kept, STEPS, **KEY).status_code == 201


def test_a_signing_is_raised_once_under_a_key(kept: MemoryService) -> None:
    with kept.http() as http:
        code = send_form(http, kept, SIGN_BODY).json()["code"]
        path, headers = f"/v1/signatures/{code}/augmentations", kept.bearer() | KEY
        first = http.post(path, json={"level": "B-LTA"}, headers=headers)
        again = http.post(path, json={"level": "B-LTA"}, headers=headers)
        other = http.post(path, json={"level": "B-T"}, headers=headers)
    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert again.content == first.content
    for name in ("Location", "ETag", "Teken-Level", "Teken-Good-Until", "Teken-Verification-Code"):
        assert again.headers[name] == first.headers[name]
    assert len(kept.archive.asked) == 1


def test_a_document_that_nobody_keeps_is_raised_anew(kept: MemoryService) -> None:
    with kept.http() as http:
        first = send(http, kept, SIGNED_ELSEWHERE, {"level": "B-LTA"}, **KEY)
        again = send(http, kept, SIGNED_ELSEWHERE, {"level": "B-LTA"}, **KEY)
        other = send(http, kept, SIGNED_ELSEWHERE + b"%", {"level": "B-LTA"}, **KEY)
    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert again.content == first.content
    assert len(kept.archive.asked) == 2
