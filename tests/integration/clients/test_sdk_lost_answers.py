"""Answers are lost and services are killed; no letter is ever signed twice for one call."""

import asyncio
import io
import random
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest
import teken
from teken.types import BatchBody, LetterBody, SignBody

from tests.support.cutting import Cutting, cutting
from tests.support.letters import letter
from tests.support.service import (
    RunningService,
    copied,
    free_port,
    launch,
    log_of,
    start_service,
    wait_until_ready,
)

pytestmark = [pytest.mark.hsm, pytest.mark.timeout(240)]

QUICK = teken.Retries(seconds=90, first=0.2, longest=2)
KILLS = 2


@pytest.fixture
def between(service: RunningService) -> Iterator[Cutting]:
    with cutting(lambda: service.port) as made:
        yield made


@pytest.fixture
def far_client(between: Cutting, service: RunningService) -> Iterator[teken.Teken]:
    with teken.Teken(between.url, teken.ClientSecret(*service.client), retries=QUICK) as made:
        yield made


def named(body: SignBody, external_id: str) -> SignBody:
    return msgspec.structs.replace(body, letter=LetterBody(external_id=external_id))


@pytest.mark.parametrize("cuts", [[0], [0, 0], [300], [20_000, 0, 30_000]], ids=str)
def test_a_lost_answer_to_a_signature_is_answered_again(
    far_client: teken.Teken, between: Cutting, request_body: SignBody, cuts: list[int], tmp_path: Path
) -> None:
    name, to = f"lost-{cuts}", tmp_path / "signed.pdf"
    between.matching, between.cuts = b"POST /v1/signatures ", list(cuts)

    signed = far_client.signatures.sign(letter(), named(request_body, name), to)

    assert between.done == len(cuts)
    (only,) = far_client.signatures.find(name)
    assert (only.code, only.state, only.document_sha256) == (signed.code, "signed", signed.sha256)
    assert far_client.signatures.document(signed.code) == to.read_bytes()


def test_a_lost_answer_is_answered_again_in_an_event_loop(
    between: Cutting, service: RunningService, client: teken.Teken, request_body: SignBody
) -> None:
    between.matching, between.cuts = b"POST ", [0, 0, 500]

    async def signed() -> teken.Signed:
        async with teken.AsyncTeken(between.url, teken.ClientSecret(*service.client), retries=QUICK) as far_client:
            return await far_client.signatures.sign(letter(), named(request_body, "lost-awaited"), io.BytesIO())

    once = asyncio.run(signed())

    assert between.done == 3
    assert [each.code for each in client.signatures.find("lost-awaited")] == [once.code]


def test_a_download_goes_on_where_it_was_cut(far_client: teken.Teken, between: Cutting, request_body: SignBody) -> None:
    whole = io.BytesIO()
    signed = far_client.signatures.sign(letter(), request_body, whole)
    between.matching, between.cuts = b"GET /v1/signatures/", [10_000, 15_000, 0]

    assert far_client.signatures.document(signed.code) == whole.getvalue()
    assert between.done == 3


def test_lost_answers_leave_a_batch_as_it_was_meant(
    far_client: teken.Teken, between: Cutting, request_body: SignBody
) -> None:
    between.matching, between.cuts = b"POST /v1/batches", [0] * 5
    batch = far_client.batches.open(BatchBody(credential=request_body.credential)).id
    for number in range(2):
        far_client.batches.add(batch, letter() + b"\n%% lost %d\n" % number)
    far_client.batches.close(batch)
    far_client.batches.wait_until_prepared(batch, every=0.1)
    between.cuts.append(0)
    far_client.batches.consent(batch, request_body.passphrase)

    outcomes = list(far_client.batches.outcomes(batch, every=0.1))

    assert not between.cuts
    assert [(each.state, each.position) for each in outcomes] == [("finished", 0), ("finished", 1)]


def test_what_tells_a_secret_is_made_once_and_its_secret_is_lost(far_client: teken.Teken, between: Cutting) -> None:
    between.matching, between.cuts = b"POST /v1/webhooks", [0]

    known = {each.id for each in far_client.webhooks.list()}
    with pytest.raises(teken.Conflict) as lost:
        far_client.webhooks.add("http://127.0.0.1:8123/hook")
    assert lost.value.reason == "told-once"
    (one,) = {each.id for each in far_client.webhooks.list()} - known
    assert far_client.webhooks.rotate_secret(one).secret
    far_client.webhooks.remove(one)


def test_a_service_that_is_killed_signs_once_when_it_is_back(born: Path, tmp_path: Path) -> None:
    folder, draw = copied(born, tmp_path / "data"), random.Random(11)  # noqa: S311 - moments, not secrets
    running = start_service(folder, command="serve")
    port, said, who = running.port, running.sign_request, running.client
    body = SignBody(credential=said["credential"], passphrase=said["passphrase"])
    try:
        with (
            teken.Teken(running.url, teken.ClientSecret(*who), retries=QUICK) as client,
            ThreadPoolExecutor(1) as threads,
        ):
            for number in range(KILLS):
                calling = threads.submit(sign, client, body, number)
                time.sleep(draw.uniform(0.02, 0.4))
                running.process.send_signal(signal.SIGKILL)
                running.process.wait()
                running.process = launch(folder, "serve", "--port", str(port))
                wait_until_ready(port, running.process, log_of(folder))
                signed = calling.result()
                ended = list(client.signatures.find(f"killed-{number}"))
                assert [each.code for each in ended if each.state == "signed"] == [signed.code]
                assert {each.state for each in ended} <= {"signed", "failed"}
    finally:
        running.stop()


def sign(client: teken.Teken, body: SignBody, number: int) -> teken.Signed:
    return client.signatures.sign(letter(), named(body, f"killed-{number}"), io.BytesIO())


def test_who_is_not_there_is_told_after_patience() -> None:
    nobody = teken.Teken(f"http://127.0.0.1:{free_port()}", retries=teken.Retries(seconds=1, first=0.1))
    with nobody, pytest.raises(teken.Unavailable):
        nobody.service.index()
