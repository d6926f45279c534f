"""The same sealing call again: what it was let through with is asked again before anything more is sealed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from signer.model import CredentialState
from tests.support.real_gateway import RealGateway
from tests.unit.api.faces.esign.test_gateway_v2 import (
    PDF,
    pki,
    real,
    refused,
    sealing,
    sealing_code,
)

__all__ = ["pki", "real"]


def test_a_seal_that_was_taken_back_seals_nothing_more_in_a_repeated_call(real: RealGateway) -> None:
    seal = real.seal().signatory.id
    body = sealing(seal, sealing_code(real, seal))
    real.timestamper.broken = True
    refused(real.post("/api/v2/seal/pdf", body), 503)
    real.timestamper.broken = False
    (permission,) = real.seals.permissions(real.credential_of(seal))
    real.seals.deactivate(permission.id)
    refused(real.post("/api/v2/seal/pdf", body), 403)


def test_a_seal_whose_day_is_over_seals_nothing_more_in_a_repeated_call(real: RealGateway) -> None:
    seal = real.seal(hours=1).signatory.id
    real.office.forward(minutes=57)
    body = sealing(seal, sealing_code(real, seal))
    real.timestamper.broken = True
    refused(real.post("/api/v2/seal/pdf", body), 503)
    real.timestamper.broken = False
    real.office.at += timedelta(minutes=4)
    refused(real.post("/api/v2/seal/pdf", body), 403)


def test_the_last_document_of_a_permission_is_answered_again(real: RealGateway) -> None:
    seal = real.seal(documents=1).signatory.id
    body = sealing(seal, sealing_code(real, seal))
    first, again = real.post("/api/v2/seal/pdf", body), real.post("/api/v2/seal/pdf", body)
    assert (first.status_code, again.status_code) == (200, 200), again.text
    assert first.json()["file"] == again.json()["file"]


def test_a_suspended_seal_seals_nothing_at_the_gateway(real: RealGateway) -> None:
    made = real.seal()
    body = sealing(made.signatory.id, sealing_code(real, made.signatory.id))
    real.office.kept.set_state(made.id, CredentialState.SUSPENDED, actor="registrar", at=real.office.at)
    refused(real.post("/api/v2/seal/pdf", body), 400)


def test_wrong_codes_for_a_repeated_call_are_counted_and_the_fifth_ends_it(real: RealGateway) -> None:
    seal = real.seal().signatory.id
    right = sealing_code(real, seal)
    wrong = sealing(seal, f"{(int(right) + 1) % 10**6:06}")
    assert real.post("/api/v2/seal/pdf", sealing(seal, right)).status_code == 200
    for _ in range(5):
        refused(real.post("/api/v2/seal/pdf", wrong), 400)
    refused(real.post("/api/v2/seal/pdf", sealing(seal, right)), 400)
    assert real.trail().count("seal-code.wrong") == 5


def test_of_twenty_different_calls_with_one_code_at_once_exactly_one_seals(real: RealGateway) -> None:
    made = real.seal()
    seal = made.signatory.id
    code = sealing_code(real, seal)
    answers = at_once(real, [sealing(seal, code, PDF + f"\n% {place}".encode()) for place in range(20)])
    assert sorted(answer.status_code for answer in answers) == [200, *[400] * 19]
    (permission,) = real.seals.permissions(made.id)
    assert permission.used == 1


def test_the_same_call_twenty_times_at_once_is_one_document(real: RealGateway) -> None:
    made = real.seal()
    seal = made.signatory.id
    answers = at_once(real, [sealing(seal, sealing_code(real, seal))] * 20)
    assert {answer.status_code for answer in answers} == {200}, [each.text[:90] for each in answers]
    assert len({answer.text.partition('"file"')[2] for answer in answers}) == 1
    (permission,) = real.seals.permissions(made.id)
    assert permission.used == 1


def at_once(real: RealGateway, bodies: list[dict[str, Any]]) -> list[Any]:
    with ThreadPoolExecutor(len(bodies)) as pool:
        return list(pool.map(lambda body: real.post("/api/v2/seal/pdf", body), bodies))
