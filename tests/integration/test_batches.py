"""Batches over real stores: each document signed exactly once, whatever runs twice, dies or does not answer."""

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import make_url

from signer.batch_model import CHUNK, BatchLimits, BatchState
from signer.batch_signing import STALE
from signer.cms_check import ID_DATA, check_signed_data
from signer.errors import (
    ActivationRefused,
    BatchRefused,
    BatchUnknown,
    KeyUnavailable,
    PassphraseWrong,
    QuotaExceeded,
    StampRefused,
)
from signer.model import (
    CredentialState,
    LetterMetadata,
    SignatureLevel,
    SigningOutcome,
    SigningState,
    StampPlacement,
)
from signer.quotas import Limits
from store.database import Database
from tests.support.batches import CLIENT, BatchOffice, letters
from tests.support.databases import execute
from tests.support.letters import letter, page_contents
from tests.support.signing import CREDENTIAL, PASSPHRASE
from tests.unit.store.samples import together


@pytest.fixture
def office(database: Database, tmp_path: Path) -> BatchOffice:
    return BatchOffice(database, tmp_path)


def documents_in(office: BatchOffice) -> list[bytes]:
    """Every finished document of the vault."""
    return [path.read_bytes() for path in (office.folder / "vault").glob("??/??/*")]


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    return execute(url, query)


def test_every_document_of_a_batch_is_signed_once_and_has_its_own_record(
    office: BatchOffice, database_url: str
) -> None:
    sent = letters(CHUNK + 3)
    batch = office.filled(sent, stamp=StampPlacement(), level=SignatureLevel.B_LT)
    office.prepare(batch)
    assert office.counts(batch) == {"prepared": CHUNK + 3}
    assert office.consent(batch) == CHUNK + 3
    assert office.counts(batch) == {"signed": CHUNK + 3}
    office.finish(batch)
    assert office.counts(batch) == {"finished": CHUNK + 3}
    signed = documents_in(office)
    assert len(signed) == CHUNK + 3
    assert all(sum(pdf.startswith(document) for pdf in signed) == 1 for document in sent)
    assert rows(database_url, "SELECT state, count(*) FROM signatures GROUP BY state") == [("signed", CHUNK + 3)]
    assert rows(database_url, "SELECT count(*) FROM batch_contents") == [(0,)]
    assert office.trail.verify() is None


def test_every_page_of_a_batch_gets_its_footer_and_one_that_nobody_has_is_refused_at_once(office: BatchOffice) -> None:
    with pytest.raises(StampRefused) as refused:
        office.filled(letters(1), footer="surat")
    assert (refused.value.field, refused.value.reason) == ("footer", "no-such-template")
    batch = office.filled(letters(2), footer="*")
    office.prepare(batch)
    office.consent(batch)
    office.finish(batch)
    drawn = [each.count(b"/Subtype /Footer") for pdf in documents_in(office) for each in page_contents(pdf)]
    assert drawn
    assert set(drawn) == {1}


def test_what_runs_twice_changes_nothing(office: BatchOffice, database_url: str) -> None:
    batch = office.filled(letters(3))
    for _ in range(2):
        office.prepare(batch)
    before = rows(database_url, "SELECT token FROM batch_items ORDER BY position")
    office.consent(batch)
    for _ in range(2):
        office.finish(batch)
    office.prepare(batch)
    assert rows(database_url, "SELECT token FROM batch_items ORDER BY position") == before
    assert office.counts(batch) == {"finished": 3}
    assert len(documents_in(office)) == 3


def test_one_bad_document_fails_alone_and_alone_is_tried_again(office: BatchOffice) -> None:
    good = letters(2)
    batch = office.filled([good[0], b"no pdf at all", good[1]])
    office.prepare(batch)
    assert [(state.value, failure) for _, state, failure in office.items(batch)] == [
        ("prepared", None),
        ("failed", "not-a-pdf"),
        ("prepared", None),
    ]
    office.consent(batch)
    office.finish(batch)
    office.service.retry(batch.id, CLIENT)
    assert office.counts(batch) == {"finished": 2, "received": 1}
    office.prepare(batch)
    assert office.counts(batch) == {"finished": 2, "failed": 1}
    assert len(documents_in(office)) == 2


def test_no_passphrase_and_no_readable_key_is_anywhere_in_the_database(
    office: BatchOffice, database_url: str, tmp_path: Path
) -> None:
    batch = office.filled(letters(2))
    office.prepare(batch)
    key = office.key()
    office.service.consent(batch.id, key, CLIENT)
    office.finish(batch)
    assert isinstance(key.key, ec.EllipticCurvePrivateKey)
    number = key.key.private_numbers().private_value
    secrets = [PASSPHRASE.encode(), number.to_bytes(32, "big"), f"{number:064x}".encode()]
    everything = dump(database_url, tmp_path)
    assert batch.id.encode() in everything, "the dump holds the jobs and the batches"
    for secret in secrets:
        assert secret not in everything
        assert secret.hex().encode() not in everything


def dump(url: str, folder: Path) -> bytes:
    """Every row of every table, the engine's too, as somebody with the database's password reads it."""
    if url.startswith("sqlite"):
        name = Path(str(make_url(url).database))
        return b"".join(path.read_bytes() for path in name.parent.glob(f"{name.name}*"))
    tables = execute(
        url,
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('public', 'dbos')",
    )
    return b"\n".join(
        str(row).encode()
        for (table,) in tables
        for row in execute(url, f"SELECT to_jsonb(t)::text FROM {table} AS t")  # noqa: S608 - names from the catalogue
    )


def test_documents_without_a_value_ask_for_consent_again_and_no_others(
    office: BatchOffice, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    batch = office.filled(letters(CHUNK + 2))
    office.prepare(batch)
    keep = office.store.signed

    def die(batch_id: str, values: dict[int, bytes], **more: object) -> None:
        if CHUNK in values:
            raise SystemExit  # the process ends between the key's work and the keeping of its values
        keep(batch_id, values, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(office.store, "signed", die)
    with pytest.raises(SystemExit):
        office.consent(batch)
    assert office.counts(batch) == {"signed": CHUNK, "reserved": 2}
    monkeypatch.setattr(office.store, "signed", keep)
    with pytest.raises(BatchRefused, match="prepared"):
        office.consent(batch)
    office.desk.clock += STALE
    assert office.consent(batch) == 2
    office.finish(batch)
    assert office.counts(batch) == {"finished": CHUNK + 2}
    assert rows(database_url, "SELECT count(*) FROM signatures") == [(CHUNK + 2,)]
    assert len(documents_in(office)) == CHUNK + 2


def test_a_key_that_does_not_answer_leaves_the_documents_prepared(
    office: BatchOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = office.filled(letters(2))
    office.prepare(batch)
    sign = office.desk.software.sign_all

    def away(*_: object) -> None:
        raise KeyUnavailable("the token is away")

    monkeypatch.setattr(office.desk.software, "sign_all", away)
    with pytest.raises(KeyUnavailable):
        office.consent(batch)
    assert office.counts(batch) == {"prepared": 2}
    monkeypatch.setattr(office.desk.software, "sign_all", sign)
    assert office.consent(batch) == 2


def test_a_timestamp_that_is_away_leaves_the_value_and_a_retry_needs_no_consent(
    office: BatchOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = office.filled(letters(1))
    office.prepare(batch)
    office.consent(batch)
    stamp = office.timestamper.timestamp

    def away(*_: object) -> bytes:
        raise OSError("no route")

    monkeypatch.setattr(office.timestamper, "timestamp", away)
    office.finish(batch)
    assert [(state.value, failure) for _, state, failure in office.items(batch)] == [
        ("signed", "timestamp-unavailable")
    ]
    monkeypatch.setattr(office.timestamper, "timestamp", stamp)
    office.desk.clock += timedelta(minutes=1)
    office.service.retry(batch.id, CLIENT)
    office.finish(batch)
    assert office.counts(batch) == {"finished": 1}


def test_what_waits_for_its_jobs_is_not_taken_for_abandoned(office: BatchOffice) -> None:
    batch = office.filled(letters(1))
    office.prepare(batch)
    office.consent(batch)
    later = office.desk.clock + timedelta(days=1)
    assert office.log.settle_abandoned(before=later, at=later) == 0
    office.finish(batch)
    assert office.counts(batch) == {"finished": 1}


@pytest.mark.parametrize("stranger", ["other-office", ""])
def test_another_clients_batch_is_unknown(office: BatchOffice, stranger: str) -> None:
    batch = office.filled(letters(1))
    office.prepare(batch)
    for ask in (
        lambda: office.service.get(batch.id, stranger),
        lambda: office.service.item(batch.id, stranger, 0),
        lambda: office.service.receive(batch.id, stranger, letter(), LetterMetadata()),
        lambda: office.service.close(batch.id, stranger),
        lambda: office.service.consent(batch.id, office.key(), stranger),
        lambda: office.service.retry(batch.id, stranger),
        lambda: office.service.cancel(batch.id, stranger),
    ):
        with pytest.raises(BatchUnknown):
            ask()


def test_a_wrong_passphrase_is_counted_and_signs_nothing(office: BatchOffice) -> None:
    batch = office.filled(letters(1))
    office.prepare(batch)
    with pytest.raises(PassphraseWrong):
        office.key("tebakan yang salah")
    assert office.credentials.get(CREDENTIAL).failed_attempts == 1  # type: ignore[union-attr] - it is there
    assert office.counts(batch) == {"prepared": 1}


def test_consent_to_some_signs_these_and_to_strangers_none(office: BatchOffice) -> None:
    batch = office.filled(letters(3))
    office.prepare(batch)
    first = office.store.items(batch.id, state=None, after=-1, limit=1)[0].sha256
    with pytest.raises(BatchRefused, match="not prepared"):
        office.consent(batch, frozenset({first, "00" * 32}))
    assert office.consent(batch, frozenset({first})) == 1
    assert office.counts(batch) == {"prepared": 2, "signed": 1}


def test_what_consent_does_not_cover_is_not_signed_and_the_trail_tells(
    office: BatchOffice, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    batch = office.filled(letters(2))
    office.prepare(batch)
    grant = office.service._activations.grant

    def narrower(activation: object) -> None:
        from dataclasses import replace

        grant(replace(activation, digests=frozenset()))  # type: ignore[type-var]

    monkeypatch.setattr(office.service._activations, "grant", narrower)
    with pytest.raises(ActivationRefused):
        office.consent(batch)
    assert office.counts(batch) == {"prepared": 2}
    assert rows(database_url, "SELECT count(*) FROM signatures") == [(0,)]
    assert rows(
        database_url, "SELECT outcome, count(*) FROM audit_entries WHERE act = 'activation.redeem' GROUP BY outcome"
    ) == [("refused", 1)]


def test_a_suspended_credential_signs_nothing_more(office: BatchOffice) -> None:
    batch = office.filled(letters(1))
    office.prepare(batch)
    key = office.key()
    office.credentials.set_state(CREDENTIAL, CredentialState.SUSPENDED, actor="registrar", at=office.desk.clock)
    with pytest.raises(Exception, match="suspended"):
        office.service.consent(batch.id, key, CLIENT)
    assert office.counts(batch) == {"prepared": 1}


def test_a_nip_for_print_and_a_letter_in_the_place_of_another_are_not_for_batches(office: BatchOffice) -> None:
    batch = office.service.open(office.filled(letters(1)).terms)
    with pytest.raises(BatchRefused) as nip:
        office.filled(letters(1), stamp=StampPlacement(nip="0" * 18))
    with pytest.raises(BatchRefused) as other:
        office.service.receive(batch.id, CLIENT, letter(), LetterMetadata(replaces="2345678901"))
    assert (nip.value.field, other.value.field) == ("stamp.nip", "letter.replaces")


def test_limits_doubles_and_states_are_refused(database: Database, tmp_path: Path) -> None:
    office = BatchOffice(database, tmp_path, limits=BatchLimits(documents=2, bytes=10_000_000))
    first, second, third = letters(3)
    batch = office.service.open(office.filled([first]).terms)
    with pytest.raises(BatchRefused, match="no document"):
        office.service.close(batch.id, CLIENT)
    office.service.receive(batch.id, CLIENT, first, LetterMetadata())
    with pytest.raises(BatchRefused, match="already"):
        office.service.receive(batch.id, CLIENT, first, LetterMetadata())
    with pytest.raises(BatchRefused, match="Close the batch"):
        office.consent(batch)
    office.service.receive(batch.id, CLIENT, second, LetterMetadata())
    with pytest.raises(BatchRefused, match="full"):
        office.service.receive(batch.id, CLIENT, third, LetterMetadata())
    office.service.close(batch.id, CLIENT)
    with pytest.raises(BatchRefused, match="no more documents"):
        office.service.receive(batch.id, CLIENT, third, LetterMetadata())
    with pytest.raises(BatchRefused, match="open batch"):
        office.service.close(batch.id, CLIENT)


def test_a_cancelled_batch_signs_nothing_more_and_finishes_what_was_signed(
    office: BatchOffice, database_url: str
) -> None:
    batch = office.filled(letters(3))
    office.prepare(batch)
    some = {item.sha256 for item in office.store.items(batch.id, state=None, after=-1, limit=2)}
    office.consent(batch, frozenset(some))
    assert office.service.cancel(batch.id, CLIENT).state is BatchState.CANCELLED
    office.prepare(batch)
    with pytest.raises(BatchRefused):
        office.consent(batch)
    office.finish(batch)
    assert office.counts(batch) == {"finished": 2, "cancelled": 1}
    assert rows(database_url, "SELECT count(*) FROM batch_contents") == [(0,)]


def test_the_signature_is_the_credentials_over_exactly_this_document(office: BatchOffice) -> None:
    batch = office.filled(letters(1), level=SignatureLevel.B_T)
    office.prepare(batch)
    office.consent(batch)
    office.finish(batch)
    (pdf,) = documents_in(office)
    start = pdf.index(b"/Contents <") + len(b"/Contents <")
    cms = bytes.fromhex(pdf[start : pdf.index(b">", start)].decode())
    import hashlib

    covered = hashlib.sha256(pdf[: start - 1] + pdf[pdf.index(b">", start) + 1 :]).digest()
    checked = check_signed_data(cms, office.desk.pki.official.chain[0], content_type=ID_DATA, detached_digest=covered)
    assert checked.timestamp_token is not None


def test_a_batch_is_complete_when_every_document_has_its_outcome(office: BatchOffice) -> None:
    good = letters(2)
    batch = office.filled([good[0], b"no pdf at all", good[1]])
    office.prepare(batch)
    office.consent(batch)
    assert office.service.get(batch.id, CLIENT).state is BatchState.CLOSED
    office.finish(batch)
    assert office.service.get(batch.id, CLIENT).state is BatchState.COMPLETED
    assert office.service.retry(batch.id, CLIENT).state is BatchState.CLOSED  # what failed is under way again
    office.prepare(batch)
    assert office.service.get(batch.id, CLIENT).state is BatchState.COMPLETED
    assert office.service.cancel(batch.id, CLIENT).state is BatchState.COMPLETED
    assert office.counts(batch) == {"finished": 2, "cancelled": 1}
    with pytest.raises(BatchRefused) as refused:
        office.service.cancel(batch.id, CLIENT)
    assert refused.value.reason == "completed"
    acts = [entry.act for entry in office.trail.read(limit=1000)]
    assert acts.count("batch.complete") == 2


def test_a_batch_in_which_nothing_could_be_prepared_is_complete_too(office: BatchOffice) -> None:
    batch = office.filled([b"one that is none", b"and another"])
    office.prepare(batch)
    assert office.service.get(batch.id, CLIENT).state is BatchState.COMPLETED
    with pytest.raises(BatchRefused):
        office.consent(batch)


def test_the_last_documents_of_a_batch_end_at_once_and_one_of_them_completes_it(office: BatchOffice) -> None:
    batch = office.filled(letters(8))
    outcome = SigningOutcome(state=SigningState.FAILED, at=office.now(), failure="not-a-pdf")
    together(8, lambda position: office.store.ended(batch.id, position, outcome))
    assert office.service.get(batch.id, CLIENT).state is BatchState.COMPLETED


def test_a_quota_without_room_for_the_whole_batch_costs_no_attempt(database: Database, tmp_path: Path) -> None:
    office = BatchOffice(database, tmp_path, most=Limits(per_minute=4))
    batch = office.filled(letters(3))
    office.prepare(batch)
    some = {item.sha256 for item in office.store.items(batch.id, state=None, after=-1, limit=2)}
    assert office.consent(batch, frozenset(some)) == 2
    other = office.filled([*letters(5)[3:], letter() + b"\n% another\n"])
    office.prepare(other)
    with pytest.raises(QuotaExceeded):
        office.consent(other)
    assert office.credentials.get(CREDENTIAL).failed_attempts == 0  # type: ignore[union-attr] - it is there
    assert office.consent(batch) == 1  # one is left in this minute, and was not eaten by what was refused
    office.desk.clock += timedelta(minutes=1)
    assert office.consent(other) == 3
