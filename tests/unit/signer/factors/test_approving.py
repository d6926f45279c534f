"""Consent with two factors: what is shown is what is signed, once, by whom it was asked of, and by nobody else."""

import hashlib
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from signer.activation import ActivationState, DocumentWish, challenge_of, transaction_digest
from signer.activation_requests import Asked, WantedDocument
from signer.errors import (
    ActivationRefused,
    CredentialUnusable,
    DocumentRefused,
    FactorRefused,
    Refused,
)
from signer.factors import passkey as passkeys
from signer.factors.model import PasskeyProof, RecoveryProof
from signer.model import (
    CredentialState,
    LetterMetadata,
    OpenKey,
    Secrecy,
    Secret,
    SignatureLevel,
    SignedAs,
    SigningState,
    StampPlacement,
    Urgency,
)
from store.audit import Act, AuditTrail
from store.database import Database
from tests.support.authenticator import SoftAuthenticator
from tests.support.consent import CLIENT, PARTY, WISH, ConsentHouse, consent_house, pdf
from tests.support.databases import execute
from tests.support.letters import encrypted
from tests.support.office import ANOTHER
from tests.support.pki import make_pki
from tests.unit.store.samples import together


@pytest.fixture
def house(tmp_path: Path, database: Database) -> ConsentHouse:
    return consent_house(tmp_path, database, make_pki())


def signed(house: ConsentHouse, asked: Asked) -> list[str | None]:
    """The codes of what was signed, as the client reads them."""
    return [each.code for each in house.asking.read(CLIENT, asked.request.id).documents]


def entries(database: Database, act: Act) -> list[str]:
    return [each.outcome for each in AuditTrail(database).read(act=act, limit=1000)]


@pytest.mark.parametrize("way", ["totp", "passkey"])
def test_two_factors_sign_every_document_of_the_list_and_nothing_else(house: ConsentHouse, way: str) -> None:
    asked = house.asked(pdf(1), pdf(2, pages=3))
    request = house.opened(asked)
    assert [(each.name, each.pages) for each in request.documents] == [("Surat 1", 1), ("Surat 2", 3)]
    done = house.approve(asked, house.totp() if way == "totp" else house.passkey(request))
    assert (done.state, done.factor) == (ActivationState.GRANTED, way)
    for each, original in zip(done.documents, (pdf(1), pdf(2, pages=3)), strict=True):
        record = house.log.find(each.code or "")
        assert record is not None
        assert record.outcome is not None
        assert record.outcome.state is SigningState.SIGNED
        assert record.intent.input_sha256 == hashlib.sha256(original).hexdigest()
        assert house.vault.get(record.outcome.document_sha256 or "") is not None


def test_a_stored_assertion_proves_later_what_was_approved(house: ConsentHouse, database: Database) -> None:
    asked = house.asked()
    request = house.opened(asked)
    house.approve(asked, house.passkey(request))
    entry = AuditTrail(database).newest(Act.ACTIVATION_APPROVE)
    assert entry is not None
    assert transaction_digest(request).hex() in entry.details
    challenge = passkeys.request_options(PARTY, challenge=challenge_of(request))
    assert challenge.split('"challenge": "')[1][:43].encode().hex() in entry.details


def test_the_same_consent_a_second_time_is_refused_and_signs_nothing(house: ConsentHouse) -> None:
    asked = house.asked()
    proof = house.passkey(house.opened(asked))
    house.approve(asked, proof)
    before = signed(house, asked)
    with pytest.raises(ActivationRefused) as refused:
        house.approve(asked, proof)
    assert refused.value.reason == "not-open"
    assert signed(house, asked) == before


def test_of_many_approvals_at_once_exactly_one_wins(house: ConsentHouse, database: Database) -> None:
    asked = house.asked()
    house.opened(asked)
    proof = house.totp()
    outcomes = together(8, lambda _: house.approve(asked, proof))
    assert sum(not isinstance(each, Exception) for each in outcomes) == 1
    assert all(isinstance(each, Refused) for each in outcomes if isinstance(each, Exception))
    assert entries(database, Act.ACTIVATION_GRANT) == ["done"]
    assert entries(database, Act.SIGNATURE_RECORD) == ["done"]


def test_a_digest_that_is_not_listed_never_arrives(house: ConsentHouse) -> None:
    asked = house.asking.ask(CLIENT, house.credential.id, [wanted(pdf(1))])
    with pytest.raises(ActivationRefused, match="not the one of the list"):
        house.asking.receive(CLIENT, asked.request.id, 1, pdf(2))
    with pytest.raises(ActivationRefused, match="no such document"):
        house.asking.receive(CLIENT, asked.request.id, 2, pdf(1))
    with pytest.raises(ActivationRefused) as refused:
        house.opened(asked)
    assert refused.value.reason == "incomplete"


def test_one_document_more_than_authorised_is_not_signed(house: ConsentHouse) -> None:
    asked = house.asked(pdf(1))
    house.opened(asked)
    with pytest.raises(ActivationRefused, match="no such document"):
        house.asking.receive(CLIENT, asked.request.id, 2, pdf(2))
    with pytest.raises(ActivationRefused, match="here already"):
        house.asking.receive(CLIENT, asked.request.id, 1, pdf(1))
    assert len(house.approve(asked, house.totp()).documents) == 1


def wanted(content: bytes, **differences: object) -> WantedDocument:
    good = WantedDocument(digest=hashlib.sha256(content).hexdigest(), name="Surat", wish=WISH)
    return replace(good, **differences)  # type: ignore[arg-type] - fields by name


@pytest.mark.parametrize(
    ("documents", "reason"),
    [
        ([], "count"),
        ([wanted(bytes([number])) for number in range(101)], "count"),
        ([wanted(b"x"), wanted(b"x")], "doubled"),
        ([wanted(b"x", digest="0" * 63)], "not-a-digest"),
        ([wanted(b"x", digest="A" * 64)], "not-a-digest"),
        ([wanted(b"x", name="")], "unprintable"),
        ([wanted(b"x", name="   ")], "unprintable"),
        ([wanted(b"x", name="Surat\nlain")], "unprintable"),
        ([wanted(b"x", name="fdp.\u202eTARUS")], "unprintable"),
        ([wanted(b"x", name="x" * 201)], "unprintable"),
        ([wanted(b"x", wish=replace(WISH, stamp=StampPlacement(nip="1" * 18)))], "not-kept"),
    ],
)
def test_a_list_that_nobody_could_judge_is_refused(
    house: ConsentHouse, documents: list[WantedDocument], reason: str
) -> None:
    with pytest.raises(ActivationRefused) as refused:
        house.asking.ask(CLIENT, house.credential.id, documents)
    assert refused.value.reason == reason


def test_what_a_client_wished_comes_back_as_it_was(house: ConsentHouse) -> None:
    wish = DocumentWish(
        level=SignatureLevel.B_LTA,
        stamp=StampPlacement(page=2, x=1.5, y=2.5, width=100.0, height=50.0, template="surat"),
        reason="Uji",
        location="Kota Contoh",
        signed_as=SignedAs(office="Kepala", agency="Dinas", rank="Pembina", on_behalf="Plt."),
        letter=LetterMetadata(
            external_id="1",
            kind="Surat Dinas",
            number="2",
            subject="Hal",
            secrecy=Secrecy.RAHASIA,
            urgency=Urgency.SEGERA,
            classification="000.1.2",
            copies_to=("Arsip", "Sekretaris"),
            valid_until=date(2031, 12, 31),
            replaces="23456",
            preview=False,
        ),
    )
    asked = house.asking.ask(CLIENT, house.credential.id, [wanted(pdf(1), wish=wish)])
    assert house.asking.read(CLIENT, asked.request.id).documents[0].wish == wish


def test_a_document_that_may_not_be_signed_is_refused_on_arrival(house: ConsentHouse) -> None:
    asked = house.asking.ask(CLIENT, house.credential.id, [wanted(encrypted())])
    with pytest.raises((DocumentRefused, ActivationRefused)):
        house.asking.receive(CLIENT, asked.request.id, 1, encrypted())


def test_another_client_reads_and_feeds_nothing(house: ConsentHouse) -> None:
    asked = house.asking.ask(CLIENT, house.credential.id, [wanted(pdf(1))])
    for act in (
        lambda: house.asking.read("another", asked.request.id),
        lambda: house.asking.receive("another", asked.request.id, 1, pdf(1)),
        lambda: house.asking.read(CLIENT, "0" * 32),
    ):
        with pytest.raises(ActivationRefused) as refused:
            act()
        assert refused.value.reason == "unknown"


def test_another_person_sees_nothing_behind_the_link(house: ConsentHouse) -> None:
    asked = house.asked()
    with pytest.raises(ActivationRefused) as refused:
        house.approving.open(asked.link, session="t" * 64, signatory_id="K5QXA2LBONUWC3TC")
    assert refused.value.reason == "unknown"
    with pytest.raises(ActivationRefused) as refused:
        house.approving.open("A" * 43, session="t" * 64, signatory_id=house.who)
    assert refused.value.reason == "unknown"


def test_only_the_browser_that_opened_it_approves(house: ConsentHouse) -> None:
    asked = house.asked()
    house.opened(asked)
    with pytest.raises(ActivationRefused) as refused:
        house.approve(asked, house.totp(), session="t" * 64)
    assert refused.value.reason == "other-session"
    assert house.approve(asked, house.totp()).state is ActivationState.GRANTED


@pytest.mark.parametrize("opened", [True, False])
def test_what_has_expired_is_not_signed(house: ConsentHouse, opened: bool) -> None:
    asked = house.asked()
    if opened:
        house.opened(asked)
    house.forward(seconds=301 if opened else 901)
    with pytest.raises(ActivationRefused) as refused:
        house.approve(asked, house.totp())
    assert refused.value.reason == "not-open"
    assert signed(house, asked) == [None]


def test_opening_begins_three_hundred_seconds_and_no_more(house: ConsentHouse) -> None:
    asked = house.asked()
    at = house.office.at
    assert house.opened(asked).expires_at == at + timedelta(seconds=300)
    house.forward(seconds=200)
    assert house.opened(asked).expires_at == at + timedelta(seconds=300)


@pytest.mark.parametrize("state", [CredentialState.SUSPENDED, CredentialState.REVOKED])
def test_a_credential_stopped_in_between_signs_nothing(house: ConsentHouse, state: CredentialState) -> None:
    asked = house.asked()
    house.opened(asked)
    house.office.kept.set_state(house.credential.id, state, actor="registrar", at=house.office.at)
    with pytest.raises(CredentialUnusable):
        house.approve(asked, house.totp())
    assert signed(house, asked) == [None]


def test_passphrase_and_second_factor_are_refused_alike(house: ConsentHouse) -> None:
    told = []
    for proof, passphrase in ((house.wrong_code(), None), (house.totp(), ANOTHER), (house.wrong_code(), ANOTHER)):
        asked = house.asked()
        house.opened(asked)
        with pytest.raises(FactorRefused) as refused:
            house.approve(asked, proof, **({} if passphrase is None else {"passphrase": passphrase}))
        told.append((str(refused.value), refused.value.field, refused.value.reason))
        assert signed(house, asked) == [None]
    assert len(set(told)) == 1


def test_the_third_wrong_try_ends_the_request_for_good(house: ConsentHouse) -> None:
    asked = house.asked()
    house.opened(asked)
    reasons = []
    for _ in range(3):
        with pytest.raises(FactorRefused) as refused:
            house.approve(asked, house.wrong_code())
        reasons.append(refused.value.reason)
    assert reasons == ["not-proven", "not-proven", "ended"]
    with pytest.raises(ActivationRefused):
        house.approve(asked, house.totp())
    assert house.asking.read(CLIENT, asked.request.id).state is ActivationState.ENDED


def test_wrong_tries_do_not_end_what_a_right_one_is_about_to_grant(
    house: ConsentHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = house.asked()
    house.opened(asked)
    right, reasons, open_key = house.totp(), [], house.signing.open

    def while_others_try(*given: Any) -> OpenKey:
        monkeypatch.setattr(house.signing, "open", open_key)
        for _ in range(2):  # somebody tapped three times: the code is used up
            with pytest.raises(FactorRefused) as refused:
                house.approve(asked, right)
            reasons.append(refused.value.reason)
        return open_key(*given)

    monkeypatch.setattr(house.signing, "open", while_others_try)
    assert house.approve(asked, right).state is ActivationState.GRANTED
    assert reasons == ["not-proven", "not-proven"]


def test_a_code_is_good_once_also_where_the_passphrase_was_wrong(house: ConsentHouse) -> None:
    first, second = house.asked(), house.asked(pdf(2))
    house.opened(first)
    house.opened(second)
    with pytest.raises(FactorRefused):
        house.approve(first, house.totp(), passphrase=ANOTHER)
    with pytest.raises(FactorRefused):
        house.approve(first, house.totp())
    house.forward(seconds=30)
    house.approve(first, house.totp())
    with pytest.raises(FactorRefused):
        house.approve(second, house.totp())


def test_the_code_of_the_step_before_is_refused(house: ConsentHouse) -> None:
    asked = house.asked()
    house.opened(asked)
    old = house.totp()
    house.forward(seconds=30)
    with pytest.raises(FactorRefused):
        house.approve(asked, old)


def test_ten_wrong_codes_lock_the_factor_and_the_right_one_is_refused(
    house: ConsentHouse, database: Database, database_url: str
) -> None:
    for number in range(10):
        asked = house.asked(pdf(number + 1))
        house.opened(asked)
        with pytest.raises(FactorRefused):
            house.approve(asked, house.wrong_code())
        house.forward(hours=1)
    assert not house.store.held(house.who).usable >= {"totp"}
    asked = house.asked(pdf(99))
    house.opened(asked)
    with pytest.raises(FactorRefused):
        house.approve(asked, house.totp())
    told = [event for (event,) in execute(database_url, "SELECT event FROM factor_notices ORDER BY at")]
    assert told.count("factor-locked") == 1
    assert entries(database, Act.FACTOR_ATTEMPT)[-1] == "refused"
    proof = house.passkey(house.opened(asked))
    assert house.approve(asked, proof).state is ActivationState.GRANTED  # the other factor has a counter of its own


def test_from_the_fourth_failure_on_even_the_right_code_waits(house: ConsentHouse) -> None:
    for number in range(2):
        asked = house.asked(pdf(number + 1))
        house.opened(asked)
        for _ in range(2):
            with pytest.raises(FactorRefused):
                house.approve(asked, house.wrong_code())
    asked = house.asked(pdf(7))
    house.opened(asked)
    with pytest.raises(FactorRefused):
        house.approve(asked, house.totp())
    house.forward(seconds=31)
    assert house.approve(asked, house.totp()).state is ActivationState.GRANTED


def test_parallel_guesses_are_all_counted(house: ConsentHouse, database_url: str) -> None:
    def guess(_: int) -> None:
        house.factors.check(house.who, house.wrong_code(), challenge=b"")

    together(8, guess)
    [(failures,)] = execute(database_url, "SELECT failures FROM factor_counters WHERE kind = 'totp'")
    assert failures == 4  # then it waits, and nothing more is tried


def wrong_device(house: ConsentHouse, **differences: object) -> SoftAuthenticator:
    """The official's own device, wrong in one respect."""
    good = house.device
    same = SoftAuthenticator(credential_id=good.credential_id, key=good.key, count=good.count)
    return replace(same, **differences)  # type: ignore[arg-type] - fields by name


@pytest.mark.parametrize(
    "differences",
    [
        {"origin": "https://tte-contoh.go.id"},
        {"origin": "http://tte.contoh.go.id"},
        {"rp_id": "contoh.go.id"},
        {"verified": False},
        {"key": SoftAuthenticator().key},
        {"credential_id": b"another passkey"},
        {"count": 0},
        {"counts": False},
    ],
)
def test_a_passkey_that_is_wrong_in_one_respect_signs_nothing(
    house: ConsentHouse, differences: dict[str, object]
) -> None:
    before = house.asked(pdf(5))
    house.approve(before, house.passkey(house.opened(before)))
    asked = house.asked()
    options = passkeys.request_options(PARTY, challenge=challenge_of(house.opened(asked)))
    wrong = wrong_device(house, **differences)
    if differences.get("counts") is False:
        wrong.count = house.device.count  # a clone that shows what was shown before
    with pytest.raises(FactorRefused):
        house.approve(asked, PasskeyProof(assertion=wrong.get(options)))
    assert signed(house, asked) == [None]


def test_a_cloned_counter_is_told_to_the_person(house: ConsentHouse, database_url: str) -> None:
    clone = wrong_device(house, count=0)
    asked = house.asked(pdf(5))
    house.approve(asked, house.passkey(house.opened(asked)))
    asked = house.asked()
    options = passkeys.request_options(PARTY, challenge=challenge_of(house.opened(asked)))
    with pytest.raises(FactorRefused):
        house.approve(asked, PasskeyProof(assertion=clone.get(options)))
    assert ("passkey-cloned",) in execute(database_url, "SELECT event FROM factor_notices")


def test_an_assertion_is_good_for_its_request_and_its_try_alone(house: ConsentHouse) -> None:
    one, other = house.asked(pdf(1)), house.asked(pdf(2))
    house.opened(other)
    proof = house.passkey(house.opened(one))
    with pytest.raises(FactorRefused):
        house.approve(other, proof)
    with pytest.raises(FactorRefused):
        house.approve(one, proof, passphrase=ANOTHER)
    with pytest.raises(FactorRefused):
        house.approve(one, proof)


@pytest.mark.parametrize(
    "assertion", ["", "{}", "[]", "null", "x" * 20_000, "[" * 5000, '{"id": 1}', '{"rawId": "\ud800"}']
)
def test_garbage_for_an_assertion_is_a_wrong_factor(house: ConsentHouse, assertion: str) -> None:
    asked = house.asked()
    house.opened(asked)
    with pytest.raises(FactorRefused):
        house.approve(asked, PasskeyProof(assertion=assertion))


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "000000\x00", "9" * 5000])
def test_garbage_for_a_code_is_a_wrong_factor(house: ConsentHouse, code: str) -> None:
    asked = house.asked()
    house.opened(asked)
    proof = replace(house.totp(), code=Secret(code))
    with pytest.raises(FactorRefused):
        house.approve(asked, proof)


def test_a_recovery_code_signs_nothing(house: ConsentHouse) -> None:
    asked = house.asked()
    house.opened(asked)
    with pytest.raises(ValueError, match="signs nothing"):
        house.approve(asked, RecoveryProof(code=Secret("AAAA")))


def test_saying_no_ends_the_request(house: ConsentHouse) -> None:
    asked = house.asked()
    house.opened(asked)
    denied = house.approving.deny(asked.link, session="s" * 64, signatory_id=house.who)
    assert denied.state is ActivationState.DENIED
    with pytest.raises(ActivationRefused):
        house.approve(asked, house.totp())
    with pytest.raises(ActivationRefused):
        house.approving.deny(asked.link, session="s" * 64, signatory_id=house.who)


def test_wrong_passphrases_count_with_the_credential_and_a_locked_one_costs_as_much(house: ConsentHouse) -> None:
    for number in range(5):
        asked = house.asked(pdf(number + 1))
        house.opened(asked)
        with pytest.raises(FactorRefused):
            house.approve(asked, house.totp(), passphrase=ANOTHER)
        house.forward(seconds=30)
    kept = house.office.kept.get(house.credential.id)
    assert kept is not None
    assert kept.failed_attempts == 5
    tried = house.office.vault.opened
    asked = house.asked(pdf(9))
    house.opened(asked)
    with pytest.raises(FactorRefused):
        house.approve(asked, house.totp())
    assert house.office.vault.opened == tried + 1  # nothing was tried, but as much work was done


def test_no_secret_is_in_the_database(house: ConsentHouse, database_url: str) -> None:
    asked = house.asked()
    house.opened(asked)
    house.approve(asked, house.totp())
    code = house.code()
    tables = ("activation_requests", "factors", "factor_links", "person_sessions", "audit_entries", "activations")
    rows = repr([execute(database_url, f"SELECT * FROM {table}") for table in tables])  # noqa: S608 - our own names
    assert asked.link not in rows
    assert repr(house.seed)[2:-1] not in rows
    assert f"'{code}'" not in rows
