"""The client package against a running service: every group of operations, blocking and in an event loop."""

import asyncio
import hashlib
import io
import json
import os
import time
import tracemalloc
from collections import Counter
from pathlib import Path

import msgspec
import pytest
import teken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from joserfc.jwk import ECKey
from teken.types import (
    BatchBody,
    BatchStatusBody,
    DocumentRequest,
    EventType,
    Indication,
    ItemState,
    LetterBody,
    Relation,
    SignatureLevel,
    SignBody,
    StampBody,
    StandingWord,
    StepRequest,
    StepSignature,
    WebhookChange,
    WithdrawalReason,
)

from tests.support.letters import blank, letter, saved
from tests.support.local_servers import local_http
from tests.support.service import RunningService
from tests.support.service import teken as teken_command

pytestmark = [pytest.mark.hsm, pytest.mark.timeout(180)]

ASKED = 5
LARGE = 24 * 1024 * 1024


def with_letter(body: SignBody, **letter_: object) -> SignBody:
    return msgspec.structs.replace(body, letter=LetterBody(**letter_))


def test_a_letter_is_signed_and_found_and_judged(client: teken.Teken, request_body: SignBody, tmp_path: Path) -> None:
    (tmp_path / "letter.pdf").write_bytes(letter())
    to = tmp_path / "signed.pdf"
    body = msgspec.structs.replace(with_letter(request_body, external_id="surat-1"), stamp=StampBody(page=-1))

    signed = client.signatures.sign(tmp_path / "letter.pdf", body, to)

    pdf = to.read_bytes()
    record = client.signatures.get(signed.code)
    assert (signed.size, signed.sha256) == (len(pdf), hashlib.sha256(pdf).hexdigest())
    assert (record.state, record.external_id, record.document_sha256) == ("signed", "surat-1", signed.sha256)
    assert client.signatures.get(record.short_code) == record
    assert [each.code for each in client.signatures.find("surat-1")] == [signed.code]
    assert client.signatures.document(signed.code) == pdf
    assert client.verifications.upload(to).indication is Indication.TOTAL_PASSED
    assert client.verifications.by_digest(signed.sha256).register.relation is Relation.SAME_BYTES
    assert client.verifications.by_code(signed.code).indication is Indication.TOTAL_PASSED
    assert client.verifications.etsi_report(pdf).startswith(b"<?xml")
    assert client.verifications.receipt(pdf, tmp_path / "receipt.pdf").size > 1000
    assert sorted(each.name for each in tmp_path.iterdir()) == ["letter.pdf", "receipt.pdf", "signed.pdf"]


def test_a_large_document_passes_through_in_pieces(client: teken.Teken, request_body: SignBody, tmp_path: Path) -> None:
    large, to = tmp_path / "large.pdf", tmp_path / "signed.pdf"
    pdf = blank()
    pdf.make_stream(os.urandom(LARGE))
    pdf.Root.Padding = pdf.objects[-1]
    large.write_bytes(saved(pdf, compress_streams=False))
    pdf.close()
    tracemalloc.start()
    try:
        signed = client.signatures.sign(large, request_body, to)
        again = client.signatures.save(signed.code, tmp_path / "again.pdf")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert (again.sha256, again.size) == (signed.sha256, to.stat().st_size)
    assert signed.size > LARGE
    assert peak < LARGE / 8


def test_a_changed_byte_is_an_answer_and_no_error(client: teken.Teken, request_body: SignBody) -> None:
    file = io.BytesIO()
    client.signatures.sign(letter(), request_body, file)
    forged = bytearray(file.getvalue())
    forged[100] ^= 1

    assert client.verifications.upload(bytes(forged)).indication is not Indication.TOTAL_PASSED


def test_a_level_is_raised_as_a_new_version(client: teken.Teken, request_body: SignBody) -> None:
    first, second, third = io.BytesIO(), io.BytesIO(), io.BytesIO()
    body = msgspec.structs.replace(request_body, level=SignatureLevel.B_B)
    signed = client.signatures.sign(letter(), body, first)
    raised = client.signatures.raise_level(signed.code, SignatureLevel.B_LT, second)
    client.signatures.raise_file(second.getvalue(), SignatureLevel.B_LTA, third)

    assert client.signatures.document(signed.code, version=0) == first.getvalue()
    assert client.signatures.document(signed.code, version=1) == second.getvalue()
    assert client.signatures.document(signed.code) == third.getvalue()  # its bytes were known
    assert raised.sha256 == hashlib.sha256(second.getvalue()).hexdigest()
    assert client.verifications.upload(third.getvalue()).signatures[0].level == "PAdES-B-LTA"


def test_a_letter_is_superseded_and_another_one_withdrawn(client: teken.Teken, request_body: SignBody) -> None:
    old = client.signatures.sign(letter(), request_body, io.BytesIO())
    new = client.letters.supersede(old.code, letter(), request_body, io.BytesIO())

    replaced = client.letters.standing(old.code)
    assert replaced.state is StandingWord.REPLACED
    assert replaced.replaced_by is not None
    assert replaced.replaced_by.code == new.code
    withdrawn = client.letters.withdraw(new.code, WithdrawalReason.WRONG_CONTENT, "Tanggal keliru.")
    assert withdrawn.state is StandingWord.WITHDRAWN
    assert {each.name for each in client.letters.kinds().lists}


def test_a_batch_gives_its_outcomes_as_they_come(client: teken.Teken, request_body: SignBody) -> None:
    batch = client.batches.open(BatchBody(credential=request_body.credential)).id
    for number in range(4):
        client.batches.add(batch, letter() + b"\n%% %d\n" % number, LetterBody(external_id=f"b-{number}"))
    client.batches.add(batch, b"no PDF at all")
    assert client.batches.close(batch) == client.batches.close(batch)  # an answer may be lost
    assert client.batches.wait_until_prepared(batch, every=0.1).counts.prepared == 4
    client.batches.consent(batch, request_body.passphrase)

    outcomes = list(client.batches.outcomes(batch, every=0.1))

    assert Counter(each.state for each in outcomes) == {ItemState.FINISHED: 4, ItemState.FAILED: 1}
    assert {each.position for each in outcomes} == set(range(5))
    assert [each.position for each in client.batches.documents(batch, only=ItemState.FAILED)] == [4]
    assert client.verifications.upload(client.batches.document(batch, 2)).indication is Indication.TOTAL_PASSED


def test_several_officials_sign_one_document(client: teken.Teken, request_body: SignBody) -> None:
    steps = DocumentRequest(
        steps=[StepRequest(credential=request_body.credential)], letter=LetterBody(external_id="flow-1")
    )
    made = client.documents.create(letter(), steps)
    proof = StepSignature(credential=request_body.credential, passphrase=request_body.passphrase)
    done = client.documents.sign_step(made.id, 1, proof)

    assert (made.state, done.state, client.documents.get(made.id).state) == ("open", "completed", "completed")
    assert [each.id for each in client.documents.list("flow-1")] == [made.id]
    assert client.verifications.upload(client.documents.file(made.id)).indication is Indication.TOTAL_PASSED


def test_events_are_read_from_where_one_stopped(client: teken.Teken, request_body: SignBody) -> None:
    known = [each.id for each in client.events.read()]
    signed = client.signatures.sign(letter(), request_body, io.BytesIO())

    (new,) = client.events.read(known[-1] if known else None, types=[EventType.SIGNATURE_SIGNED])
    followed = next(client.events.follow(known[-1] if known else None, types=[EventType.SIGNATURE_SIGNED]))

    assert (new.type, new.subject) == (EventType.SIGNATURE_SIGNED, signed.code)
    assert followed == new
    with pytest.raises(teken.NotFound):
        list(client.events.read("00000000-0000-7000-8000-000000000000"))


def test_a_webhook_delivers_what_its_reader_lets_in(client: teken.Teken) -> None:
    with local_http() as receiver:
        receiver.say("/hook", status=204)
        made = client.webhooks.add(receiver.url("/hook"), [EventType.WEBHOOK_TEST])
        client.webhooks.test(made.webhook.id)
        deadline = time.monotonic() + 60
        while not receiver.asked:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        _, _, headers, body = receiver.asked[0]

    event = teken.verify_webhook(headers, body, made.secret)
    assert (event.type, event.subject) == (EventType.WEBHOOK_TEST, made.webhook.id)
    with pytest.raises(teken.WebhookRefused):
        teken.verify_webhook(headers, body, made.secret, now=time.time() + 301)
    newer = client.webhooks.rotate_secret(made.webhook.id)
    assert newer.secret != made.secret
    assert next(client.webhooks.deliveries(made.webhook.id)).event_id == event.id
    assert client.webhooks.change(made.webhook.id, WebhookChange(state="paused")).state == "paused"
    assert [each.id for each in client.webhooks.list()] == [made.webhook.id]
    client.webhooks.remove(made.webhook.id)
    assert client.webhooks.list() == []


def test_refusals_name_field_reason_and_next_step(client: teken.Teken, request_body: SignBody) -> None:
    with pytest.raises(teken.Refused) as refused:
        client.signatures.sign(b"no PDF", request_body, io.BytesIO())
    assert (refused.value.status, refused.value.slug, refused.value.field) == (422, "document-refused", "document")
    assert refused.value.reason == "not-a-pdf"
    assert refused.value.next_step
    assert refused.value.request_id
    wrong = msgspec.structs.replace(request_body, passphrase="salah sama sekali")
    with pytest.raises(teken.Forbidden) as denied:
        client.signatures.sign(letter(), wrong, io.BytesIO())
    assert denied.value.slug == "passphrase-wrong"
    assert "salah" not in repr(denied.value)


def test_who_is_not_known_learns_that_and_no_more(service: RunningService) -> None:
    with (
        teken.Teken(service.url, teken.ClientSecret(service.client[0], "rahasia-salah")) as stranger,
        pytest.raises(teken.Unauthorised) as refused,
    ):
        stranger.signatures.get("23456789AB")
    assert "rahasia-salah" not in repr(refused.value)


def test_a_key_takes_the_place_of_a_secret(service: RunningService, tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    known = {**ECKey.import_key(key.public_key()).as_dict(private=False), "kid": "k1", "alg": "ES256", "use": "sig"}
    (tmp_path / "keys.json").write_text(json.dumps({"keys": [known]}))
    words = ("client", "add", "Aplikasi dengan kunci", "--id", "dengan-kunci", "--keys", str(tmp_path / "keys.json"))
    added = teken_command(service.directory, *words)
    assert added.returncode == 0, added.stderr

    def sign(octets: bytes) -> bytes:
        r, s = decode_dss_signature(key.sign(octets, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    with teken.Teken(service.url, teken.PrivateKeyJwt("dengan-kunci", sign, key_id="k1")) as client:
        assert client.letters.kinds().lists
    another = teken.PrivateKeyJwt("dengan-kunci", lambda octets: sign(octets + b"?"), key_id="k1")
    with teken.Teken(service.url, another) as stranger, pytest.raises(teken.Unauthorised):
        stranger.letters.kinds()


def test_the_service_is_well_and_needs_no_login_for_that(service: RunningService) -> None:
    with teken.Teken(service.url) as anybody:
        assert anybody.service.health().ready
        assert anybody.service.index().service == "Teken"
        assert anybody.verifications.upload(letter()).indication is Indication.NO_SIGNATURE
        with pytest.raises(teken.Unauthorised):
            anybody.letters.kinds()


def test_the_same_in_an_event_loop(service: RunningService, request_body: SignBody, tmp_path: Path) -> None:
    async def everything() -> tuple[list[teken.Signed], BatchStatusBody, Counter[ItemState], list[str]]:
        async with teken.AsyncTeken(service.url, teken.ClientSecret(*service.client)) as client:
            signed = await asyncio.gather(
                *(client.signatures.sign(letter(), request_body, tmp_path / f"{n}.pdf") for n in range(ASKED))
            )
            assert (await client.verifications.upload(tmp_path / "0.pdf")).indication is Indication.TOTAL_PASSED
            batch = (await client.batches.open(BatchBody(credential=request_body.credential))).id
            for number in range(2):
                await client.batches.add(batch, letter() + b"\n%% async %d\n" % number)
            await client.batches.close(batch)
            await client.batches.wait_until_prepared(batch, every=0.1)
            await client.batches.consent(batch, request_body.passphrase)
            outcomes = Counter([each.state async for each in client.batches.outcomes(batch, every=0.1)])
            events = [each.subject async for each in client.events.read()]
            return signed, await client.batches.get(batch), outcomes, events

    signed, batch, outcomes, events = asyncio.run(everything())

    assert {each.code for each in signed} <= set(events)
    assert len({each.code for each in signed}) == ASKED
    assert outcomes == {ItemState.FINISHED: 2}
    assert batch.state == "completed"


def test_a_secret_is_neither_in_what_is_shown_nor_in_the_log(
    service: RunningService, client: teken.Teken, request_body: SignBody, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    client.signatures.sign(letter(), request_body, io.BytesIO())
    shown = caplog.text + repr(client) + repr(vars(client)) + repr(request_body)

    assert all(secret not in shown for secret in (service.client[1], request_body.passphrase))
    assert "tk_" not in shown
