"""A whole signing over the SQL stores: one row, one document, an explained trail; also when a disk fails or somebody
guesses."""

import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from signer.errors import CredentialUnusable, PassphraseWrong, Unavailable
from signer.model import CredentialState, Secret, SigningState
from signer.service import SigningService
from signer.timestamping import TimestampAuthorities
from store.activations import SqlActivationStore
from store.audit import AuditTrail
from store.credentials import SqlCredentialStore
from store.database import Database
from store.documents import open_vault
from store.signatures import SqlRegister, SqlSignatureLog
from tests.support.databases import execute
from tests.support.letters import letter
from tests.support.signer_memory import PkiStatusSource, PkiTimestamper
from tests.support.signing import CREDENTIAL, Desk, counted_bytes, request
from verifier.model import Relation


@dataclass
class Office:
    """The service of `tests.support.signing` with everything remembered for real."""

    service: SigningService
    desk: Desk
    credentials: SqlCredentialStore
    log: SqlSignatureLog
    trail: AuditTrail

    def later(self, minutes: int) -> None:
        self.desk.clock += timedelta(minutes=minutes)


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    desk = Desk()
    credentials, log = SqlCredentialStore(database), SqlSignatureLog(database)
    known = desk.credentials.get(CREDENTIAL)
    assert known is not None
    credentials.add(known, actor="registrar", at=desk.clock)
    service = SigningService(
        credentials=credentials,
        keys=desk.software,
        activations=SqlActivationStore(database),
        log=log,
        vault=open_vault(tmp_path / "vault"),
        authorities=TimestampAuthorities([PkiTimestamper(pki=desk.pki)], now=lambda: desk.clock),
        status=PkiStatusSource(pki=desk.pki),
        verify_url=lambda code: f"https://tte.contoh.go.id/v/{code.token}",
        now=lambda: desk.clock,
        random_bytes=counted_bytes(),
    )
    return Office(service, desk, credentials, log, AuditTrail(database))


def acts(office: Office) -> list[tuple[str, str]]:
    return [(entry.act, entry.outcome) for entry in office.trail.read()]


def test_a_signed_letter_is_in_the_log_the_vault_the_register_and_the_trail(
    office: Office, database: Database, tmp_path: Path
) -> None:
    done = office.service.sign(request())
    record = office.log.find(done.record.intent.code.short)
    assert record == done.record
    assert open_vault(tmp_path / "vault").get(record.outcome.document_sha256) == done.pdf
    relation = SqlRegister(database).relation(sha256=record.outcome.document_sha256, prefix_sha256s=())
    assert relation == (Relation.SAME_BYTES, record.intent.code.token)
    assert office.credentials.get(CREDENTIAL).failed_attempts == 0
    assert office.trail.verify() is None
    assert [act for act, _ in acts(office)][-1] == "signature.record"
    assert {outcome for _, outcome in acts(office)} == {"done"}


def test_a_disk_that_fails_leaves_an_explained_failure_and_nothing_reserved(
    office: Office, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unavailable):
        office.service.sign(request())
    assert execute(database_url, "SELECT state FROM signatures") == [(SigningState.FAILED.value,)]
    assert acts(office)[-1] == ("signature.record", "failed")
    assert office.trail.verify() is None


def test_whoever_guesses_ten_times_suspends_the_credential_and_signs_nothing(office: Office, database_url: str) -> None:
    wrong = request(passphrase=Secret("tebakan yang salah"))
    for _ in range(10):
        office.later(60)
        with pytest.raises(PassphraseWrong):
            office.service.sign(wrong)
    assert office.credentials.get(CREDENTIAL).state is CredentialState.SUSPENDED
    office.later(60)
    with pytest.raises(CredentialUnusable):
        office.service.sign(request())
    assert execute(database_url, "SELECT count(*) FROM signatures WHERE state = 'signed'") == [(0,)]
    assert "salah" not in repr(execute(database_url, "SELECT * FROM audit_entries"))


def test_a_second_signature_extends_the_first_document(office: Office, database: Database) -> None:
    first = office.service.sign(request(document=letter()))
    second = office.service.sign(request(document=first.pdf))
    code = first.record.intent.code.token
    register = SqlRegister(database)
    tampered = register.relation(sha256="00" * 32, prefix_sha256s=(first.record.outcome.document_sha256,))
    assert tampered == (Relation.EXTENDS, code)
    assert second.record.intent.input_sha256 == first.record.outcome.document_sha256
