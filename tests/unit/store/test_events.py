"""Events: written with the act or not at all, numbered in the order of commit, read by their own client alone."""

import threading
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from cryptography import x509
from sqlalchemy import text

from signer.activation import ActivationRequest, ActivationState, DocumentWish, RequestedDocument
from signer.after import Withdrawal, WithdrawalReason
from signer.archive import Added, DocumentVersion, Validity, VersionReason
from signer.errors import CursorUnknown
from signer.events import Event, EventType
from signer.model import CredentialState, LetterMetadata, SignatureLevel, SigningOutcome, SigningState
from signer.seal_model import SealPermission
from store import chain
from store.activation_requests import SqlActivationRequests
from store.archive import SqlArchive
from store.certificates import SqlCertificateLog
from store.credentials import SqlCredentialStore
from store.database import Database, open_database
from store.events import SqlEvents, tell
from store.expiries import SqlExpiries
from store.letters import SqlLetters
from store.seals import SqlSeals
from store.signatures import SqlSignatureLog
from tests.support.databases import PostgresDatabases, execute
from tests.support.pki import Pki
from tests.unit.store.samples import MINUTE, NOON, credential, digest, intent, signed

ALL: tuple[EventType, ...] = ()
FAILED = SigningOutcome(state=SigningState.FAILED, at=NOON + MINUTE, failure="TimestampUnavailable")


def noted(database: Database, subject: str, *, client: str = "eoffice", at: datetime = NOON) -> None:
    with database.transaction() as session:
        tell(session, EventType.SIGNATURE_SIGNED, client_id=client, subject=subject, at=at)


def events(database: Database, client: str = "eoffice", after: str | None = None) -> tuple[Event, ...]:
    return SqlEvents(database).page(client, after=after, types=ALL, limit=100)


def told(database: Database, client: str = "eoffice") -> list[tuple[str, str]]:
    return [(each.type.value, each.subject) for each in events(database, client)]


def test_an_act_that_is_taken_back_tells_nothing(database: Database) -> None:
    def fail() -> None:
        with database.transaction() as session:
            tell(session, EventType.SIGNATURE_SIGNED, client_id="eoffice", subject="never", at=NOON)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    noted(database, "now")
    assert [each.subject for each in events(database)] == ["now"]


def test_a_client_reads_its_own_events_alone_and_goes_on_behind_the_last(database: Database) -> None:
    for number in range(5):
        noted(database, f"mine {number}")
        noted(database, f"theirs {number}", client="other")
    page = SqlEvents(database).page("eoffice", after=None, types=ALL, limit=2)
    rest = SqlEvents(database).page("eoffice", after=page[-1].id, types=ALL, limit=100)
    assert [each.subject for each in (*page, *rest)] == [f"mine {number}" for number in range(5)]
    assert SqlEvents(database).page("eoffice", after=rest[-1].id, types=ALL, limit=100) == ()
    assert SqlEvents(database).page("eoffice", after=None, types=(EventType.BATCH_FINISHED,), limit=100) == ()
    with pytest.raises(CursorUnknown):
        SqlEvents(database).page("other", after=page[-1].id, types=ALL, limit=100)


def test_ids_are_uuids_of_their_moment(database: Database) -> None:
    noted(database, "one")
    noted(database, "two")
    first, second = (UUID(each.id) for each in events(database))
    assert (first.version, first.variant) == (7, UUID("00000000-0000-7000-8000-000000000000").variant)
    assert first.int >> 80 == int(NOON.timestamp() * 1000)
    assert first != second


def test_what_is_forgotten_is_no_place_to_go_on_from(database: Database) -> None:
    noted(database, "old", at=NOON - timedelta(days=91))
    noted(database, "new")
    old = events(database)[0]
    assert SqlEvents(database).purge(before=NOON - timedelta(days=90)) == 1
    assert [each.subject for each in events(database)] == ["new"]
    with pytest.raises(CursorUnknown):
        events(database, after=old.id)


@pytest.mark.postgres
def test_no_number_becomes_visible_before_a_lower_one(postgres: PostgresDatabases) -> None:
    """Two transactions that overlap: while the first is numbered and not committed, the second is not even numbered."""
    name = postgres.take()
    with open_database(postgres.url(name), 4) as database:
        numbered, let_go, second_done = threading.Event(), threading.Event(), threading.Event()

        def first() -> None:
            with database.transaction() as session:
                tell(session, EventType.SIGNATURE_SIGNED, client_id="eoffice", subject="first", at=NOON)
                chain.seal(session, software="teken/test")  # numbered, and not committed yet
                numbered.set()
                assert let_go.wait(20)

        def second() -> None:
            noted(database, "second")
            second_done.set()

        slow = threading.Thread(target=first)
        slow.start()
        assert numbered.wait(20)
        quick = threading.Thread(target=second)
        quick.start()
        assert not second_done.wait(0.5), "the second was committed while the first was not"
        assert events(database) == ()
        let_go.set()
        slow.join(20)
        quick.join(20)
        assert [each.subject for each in events(database)] == ["first", "second"]
    postgres.give_back(name)


def test_a_reader_behind_many_writers_misses_nothing(database_url: str) -> None:
    """Writers side by side, and one that reads behind its cursor all the while."""
    with open_database(database_url, 10) as database:
        seen: list[str] = []
        done = threading.Event()

        def read() -> None:
            after = None
            while True:
                over = done.is_set()
                page = SqlEvents(database).page("eoffice", after=after, types=ALL, limit=7)
                seen.extend(each.subject for each in page)
                after = page[-1].id if page else after
                if over and not page:
                    return

        def write(writer: int) -> None:
            for number in range(20):
                noted(database, f"{writer}/{number}")

        reader = threading.Thread(target=read)
        writers = [threading.Thread(target=write, args=(each,)) for each in range(4)]
        for thread in (reader, *writers):
            thread.start()
        for thread in writers:
            thread.join()
        done.set()
        reader.join()
        assert sorted(seen) == sorted(f"{writer}/{number}" for writer in range(4) for number in range(20))
        numbers = [row for (row,) in execute(database_url, "SELECT sequence FROM events ORDER BY sequence")]
        assert numbers == list(range(1, 81))


def test_a_signing_tells_how_it_ended(database: Database) -> None:
    log = SqlSignatureLog(database)
    one, two = intent(1), intent(2)
    for each in (one, two):
        log.reserve(each)
    assert events(database) == ()
    log.record(one.code, signed())
    log.record(two.code, FAILED)
    first, second = events(database)
    assert (first.type, first.subject, first.external_id) == (EventType.SIGNATURE_SIGNED, one.code.token, "S-17")
    assert first.data == {"credential": "credential-1", "level": "B-LT", "sha256": digest("signed letter")}
    assert (second.type, second.data["reason"]) == (EventType.SIGNATURE_FAILED, "TimestampUnavailable")


def test_nothing_of_a_person_is_in_an_event(database: Database) -> None:
    log, one = SqlSignatureLog(database), intent(1)
    log.reserve(one)
    log.record(one.code, signed())
    row = str(execute(str(database.engine.url.render_as_string(hide_password=False)), "SELECT * FROM events"))
    assert one.code.token in row
    for secret in (one.signatory_name, "Rapat", "Kepala Dinas", "B.00/1/DINAS"):
        assert secret not in row


def test_a_letter_tells_that_it_was_withdrawn_and_replaced(database: Database) -> None:
    log, old = SqlSignatureLog(database), intent(1)
    new = replace(intent(2), letter=replace(intent(2).letter, replaces=old.code.token, external_id="S-18"))
    log.reserve(old)
    log.record(old.code, signed())
    log.reserve(new)
    log.record(new.code, signed("another letter"))
    why = Withdrawal(reason=WithdrawalReason.DUPLICATE, note="dua kali", actor="eoffice", at=NOON)
    SqlLetters(database).withdraw(old.code.token, why)
    assert told(database)[2:] == [("letter.replaced", old.code.token), ("letter.withdrawn", old.code.token)]
    replaced, withdrawn = events(database)[2:]
    assert (replaced.external_id, replaced.data) == ("S-17", {"code": new.code.token})
    assert withdrawn.data == {"reason": "duplicate"}


def test_a_higher_level_and_a_renewal_are_told(database: Database) -> None:
    log, one = SqlSignatureLog(database), intent(1)
    log.reserve(one)
    log.record(one.code, signed())
    until = Validity(good_until=NOON + timedelta(days=900), due_at=NOON + timedelta(days=700), policy="test/1")
    before = digest("signed letter")
    for number, reason in ((1, VersionReason.AUGMENTATION), (2, VersionReason.RENEWAL)):
        version = DocumentVersion(
            token=one.code.token,
            number=number,
            sha256=digest(f"version {number}"),
            size=1,
            page_count=1,
            level=SignatureLevel.B_LTA,
            made_at=NOON,
        )
        SqlArchive(database).add(Added(version=version, previous=before, reason=reason, validity=until), actor=None)
        before = version.sha256
    assert told(database)[1:] == [("signature.raised", one.code.token), ("signature.renewed", one.code.token)]
    assert events(database)[2].data == {"level": "B-LTA", "sha256": digest("version 2"), "version": 2}


def test_a_certificate_tells_those_whose_letters_it_signed(database: Database, pki: Pki) -> None:
    store, log, one = SqlCredentialStore(database), SqlSignatureLog(database), intent(1)
    own = credential(pki.official)
    store.add(own, actor="test", at=NOON)
    assert told(database) == []
    log.reserve(one)
    log.record(one.code, signed())
    store.set_state(own.id, CredentialState.SUSPENDED, actor="test", at=NOON)
    store.set_state(own.id, CredentialState.SUSPENDED, actor="test", at=NOON)  # nothing new
    store.set_state(own.id, CredentialState.ACTIVE, actor="test", at=NOON)
    store.set_state(own.id, CredentialState.REVOKED, actor="test", at=NOON)
    assert told(database)[1:] == [
        ("certificate.suspended", own.id),
        ("certificate.resumed", own.id),
        ("certificate.revoked", own.id),
    ]
    assert events(database)[1].data == {"serial": f"{own.certificate.serial_number:040x}"}
    assert told(database, "other") == []


def test_a_new_certificate_of_a_known_official_tells_its_new_id(database: Database, pki: Pki) -> None:
    store, log, one = SqlCredentialStore(database), SqlSignatureLog(database), intent(1)
    store.add(credential(pki.official, chain=(), state=CredentialState.AWAITING_CERTIFICATE), actor="test", at=NOON)
    log.reserve(one)
    store.install_chain("credential-1", pki.official.chain, actor="test", at=NOON)
    ((issued),) = events(database)
    assert (issued.type, issued.subject) == (EventType.CERTIFICATE_ISSUED, "credential-1")
    assert set(issued.data) == {"serial", "notAfter"}


def test_guessing_suspends_and_the_right_passphrase_resumes(database: Database, pki: Pki) -> None:
    store, log = SqlCredentialStore(database), SqlSignatureLog(database)
    store.add(credential(pki.official, failed_attempts=9), actor="test", at=NOON)
    log.reserve(intent(1))
    store.begin_attempt("credential-1", at=NOON)
    store.clear_attempts("credential-1", at=NOON)
    store.begin_attempt("credential-1", at=NOON)
    store.clear_attempts("credential-1", at=NOON)
    assert [kind for kind, _ in told(database)] == ["certificate.suspended", "certificate.resumed"]


def test_a_certificate_of_our_own_is_told_revoked_when_its_status_is(database: Database, pki: Pki) -> None:
    store, log = SqlCredentialStore(database), SqlCertificateLog(database)
    leaf = pki.official.chain[0]
    serial = leaf.serial_number
    log.reserve(serial=serial, issuer_id="ca-1-g1", profile="test", subject="", actor="test", at=NOON)
    log.record_intent(serial=serial, issuer_id="ca-1-g1", tbs=b"tbs", linters="", at=NOON)
    log.record_issued(serial=serial, issuer_id="ca-1-g1", certificate=leaf, at=NOON)
    store.add(credential(pki.official), actor="test", at=NOON)
    SqlSignatureLog(database).reserve(intent(1))
    store.set_state("credential-1", CredentialState.REVOKED, actor="test", at=NOON)
    assert told(database) == []
    for _ in range(2):
        log.revoke(
            serial=serial,
            issuer_id="ca-1-g1",
            reason=x509.ReasonFlags.superseded,
            invalidity_date=None,
            actor="test",
            at=NOON,
        )
    assert told(database) == [("certificate.revoked", "credential-1")]


def permission(pki: Pki, database: Database) -> SealPermission:
    SqlCredentialStore(database).add(credential(pki.official), actor="test", at=NOON)
    given = SealPermission(
        id="permission-1",
        credential_id="credential-1",
        client_id="eoffice",
        networks=("192.0.2.0/24",),
        documents=3,
        used=0,
        ended_at=None,
        granted_at=NOON,
        expires_at=NOON + timedelta(hours=8),
    )
    SqlSeals(database).grant(given)
    return given


def test_a_seal_tells_from_when_on_it_may_be_used_and_when_no_more(database: Database, pki: Pki) -> None:
    given = permission(pki, database)
    assert SqlSeals(database).end(given.id, credential_id=None, at=NOON)
    assert not SqlSeals(database).end(given.id, credential_id=None, at=NOON)
    begun, ended = events(database)
    assert (begun.type, begun.subject) == (EventType.SEAL_ACTIVATED, "credential-1")
    assert begun.data == {"permission": given.id, "documents": 3, "until": given.expires_at.isoformat()}
    assert (ended.type, ended.data) == (EventType.SEAL_ENDED, {"permission": given.id, "reason": "deactivated"})
    assert SqlExpiries(database).tell(today=date(2026, 11, 23), at=NOON + timedelta(days=1)) == 0


def asked(number: str) -> ActivationRequest:
    wish = RequestedDocument(
        position=1, digest=digest(number), name="surat.pdf", wish=DocumentWish(level=SignatureLevel.B_LT)
    )
    return ActivationRequest(
        id=number,
        client_id="eoffice",
        credential_id="credential-1",
        signatory_id="K5QXA2LBONUWC3TB",
        documents=(wish,),
        state=ActivationState.PENDING,
        nonce=b"n" * 16,
        tries=0,
        asked_at=NOON,
        expires_at=NOON + 5 * MINUTE,
    )


def test_a_request_for_consent_tells_that_it_was_denied_or_ended(database: Database) -> None:
    requests = SqlActivationRequests(database)
    for number in ("denied", "ended"):
        requests.add(asked(number), digest(number))
    assert requests.open("denied", "session", expires_at=NOON + 9 * MINUTE, at=NOON)
    assert requests.deny("denied", "session", reason=None, at=NOON)
    assert not requests.deny("denied", "session", reason=None, at=NOON)
    assert requests.open("ended", "session", expires_at=NOON + 9 * MINUTE, at=NOON)
    for seen, last in enumerate((False, True)):
        assert requests.count_try("ended", "session", seen=seen, expires_at=NOON + 9 * MINUTE, at=NOON)
        assert requests.count_failure("ended", most=2, at=NOON) is last
    assert not requests.count_failure("ended", most=2, at=NOON)
    assert told(database) == [("activation.denied", "denied"), ("activation.ended", "ended")]
    assert SqlExpiries(database).tell(today=NOON.date(), at=NOON + timedelta(hours=1)) == 0


def test_what_ends_by_time_is_told_once(database: Database, pki: Pki) -> None:
    given = permission(pki, database)
    SqlActivationRequests(database).add(asked("waits"), digest("waits"))
    log, letter = SqlSignatureLog(database), LetterMetadata(valid_until=date(2026, 11, 21), external_id="S-17")
    for number in (1, 2):
        one = intent(number, letter=letter)
        log.reserve(one)
        log.record(one.code, signed(f"letter {number}"))
    why = Withdrawal(reason=WithdrawalReason.DUPLICATE, note=None, actor="eoffice", at=NOON)
    SqlLetters(database).withdraw(intent(2).code.token, why)
    expiries, before = SqlExpiries(database), len(events(database))
    assert expiries.tell(today=date(2026, 11, 21), at=NOON + MINUTE) == 0
    assert expiries.tell(today=date(2026, 11, 22), at=NOON + timedelta(days=1)) == 3
    assert expiries.tell(today=date(2026, 11, 22), at=NOON + timedelta(days=1)) == 0
    assert told(database)[before:] == [
        ("letter.expired", intent(1).code.token),
        ("activation.expired", "waits"),
        ("seal.ended", "credential-1"),
    ]
    letter_, _, seal = events(database)[before:]
    assert (letter_.external_id, letter_.data) == ("S-17", {"validUntil": "2026-11-21"})
    assert seal.data == {"permission": given.id, "reason": "expired"}
    assert expiries.purge(before=NOON) == 0


def test_a_letter_that_a_later_signature_prolonged_has_not_ended(database: Database) -> None:
    log = SqlSignatureLog(database)
    one = intent(1, letter=LetterMetadata(valid_until=date(2026, 11, 21)))
    log.reserve(one)
    log.record(one.code, signed("signed once"))
    two = intent(2, letter=LetterMetadata(valid_until=date(2026, 12, 31)), input_sha256=digest("signed once"))
    log.reserve(two)
    log.record(two.code, signed("signed twice"))
    assert SqlExpiries(database).tell(today=date(2026, 11, 22), at=NOON + timedelta(days=1)) == 0
    assert SqlExpiries(database).tell(today=date(2027, 1, 1), at=NOON + timedelta(days=41)) == 1


def test_the_table_has_no_column_for_secrets(database: Database) -> None:
    with database.transaction() as session:
        columns = set(session.execute(text("SELECT * FROM events")).keys())
    assert columns == {"sequence", "id", "client_id", "type", "at", "subject", "external_id", "data"}
