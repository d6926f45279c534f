"""Consent to batches and to steps of flows: what is shown is signed, once, by whom it was asked of, and nothing else.

Where each way of cheating is tried: for documents of a request in `test_approving.py`, for batches and steps here, by
the older door with a passphrase in `tests/integration/test_batches.py` and `test_flows.py`, over HTTP in
`tests/unit/api/faces/test_activations.py`, on the page in `tests/browser/test_consent_pages.py`.

- another's activation: `test_another_person_sees_nothing_behind_the_link`,
  `test_another_client_reads_and_feeds_nothing`; `test_another_person_and_another_client_find_nothing`
- the same consent again: `test_the_same_consent_a_second_time_is_refused_and_signs_nothing`;
  `test_the_same_consent_a_second_time_signs_nothing`, `test_two_requests_for_the_same_batch_sign_it_once`
- one document more: `test_one_document_more_than_authorised_is_not_signed`;
  `test_a_document_that_came_later_is_not_covered`
- a digest that is not listed: `test_a_digest_that_is_not_listed_never_arrives`; `test_what_was_left_out_is_not_signed`,
  `test_a_letter_that_changed_meanwhile_is_not_signed`
- expired: `test_what_has_expired_is_not_signed`; `test_an_expired_request_signs_nothing`
- the credential stopped meanwhile: `test_a_credential_stopped_in_between_signs_nothing`, in both
- a wrong factor ten times: `test_ten_wrong_codes_lock_the_factor_and_the_right_one_is_refused`;
  `test_ten_wrong_codes_lock_the_factor`
- many approvals at once: `test_of_many_approvals_at_once_exactly_one_wins`;
  `test_of_many_approvals_at_once_exactly_one_signs`
- a kind that stays outside: `test_a_kind_on_a_list_signs_nothing`;
  `test_a_kind_on_a_list_never_comes_before_anybody`
"""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api.consent.build import purge
from signer.activation import ActivationKind, ActivationRequest, ActivationState, transaction_digest
from signer.activation_requests import Asked, WantedDocument
from signer.approving import LAST_TRY
from signer.batch_model import Batch, BatchState, ItemState
from signer.batch_signing import STALE
from signer.errors import (
    ActivationRefused,
    BatchRefused,
    BatchUnknown,
    CredentialUnusable,
    FactorRefused,
    FlowRefused,
    KeyUnavailable,
    KindRefused,
    QuotaExceeded,
    Refused,
)
from signer.flow_model import FlowStanding, FlowState, Step
from signer.model import (
    Certify,
    CredentialState,
    FieldLock,
    LetterMetadata,
    LockAction,
    OpenKey,
    SignatureLevel,
    SigningAct,
    SigningOutcome,
    SigningState,
)
from signer.quotas import Limits
from signer.waiting import Waiting, WaitingKind
from store.audit import Act, AuditTrail
from store.database import Database
from tests.support.consent import CLIENT, WISH, ConsentHouse, consent_house, pdf
from tests.support.databases import execute
from tests.support.office import PASSPHRASE
from tests.support.pki import make_pki
from tests.unit.store.samples import together

SESSION = "s" * 64
KINDS = pytest.mark.parametrize("kind", ["batch", "step"])


@pytest.fixture
def house(tmp_path: Path, database: Database) -> ConsentHouse:
    return consent_house(tmp_path, database, make_pki())


def asked_for_batch(house: ConsentHouse, *pdfs: bytes) -> tuple[Asked, Batch]:
    batch = house.batch(*(pdfs or (pdf(1), pdf(2, pages=3), pdf(3))))
    return house.parts.batch_consents.ask(CLIENT, batch.id), batch


def asked_for_step(house: ConsentHouse, **more: object) -> tuple[Asked, FlowStanding]:
    flow = house.flow((house.credential, SigningAct.SIGNATURE), **more)  # type: ignore[arg-type] - by name
    return house.parts.step_consents.ask(CLIENT, flow.flow.id, 1), flow


def asked(house: ConsentHouse, kind: str) -> Asked:
    return (asked_for_batch(house) if kind == "batch" else asked_for_step(house))[0]


def signatures(house: ConsentHouse, database_url: str) -> int:
    """Signings in the log that did not fail."""
    [(count,)] = execute(database_url, "SELECT count(*) FROM signatures WHERE state != 'failed'")
    return int(count)  # type: ignore[call-overload] - a count


def deny(house: ConsentHouse, asked: Asked, reason: str | None = None) -> ActivationRequest:
    return house.approving.deny(asked.link, session=SESSION, signatory_id=house.who, reason=reason)


def leave_out(house: ConsentHouse, asked: Asked, position: int, *, left_out: bool = True) -> ActivationRequest:
    return house.approving.choose(asked.link, position, left_out=left_out, session=SESSION, signatory_id=house.who)


@pytest.mark.parametrize("way", ["totp", "passkey"])
def test_one_proof_signs_every_document_of_a_batch(house: ConsentHouse, way: str, database: Database) -> None:
    asked, batch = asked_for_batch(house)
    request = house.opened(asked)
    assert request.kind is ActivationKind.BATCH
    assert [(each.name, each.pages) for each in request.documents] == [("Surat 1", 1), ("Surat 2", 3), ("Surat 3", 1)]
    found = house.approving.document(request, 2)
    assert found is not None
    assert found[1] == pdf(2, pages=3)
    done = house.approve(asked, house.totp() if way == "totp" else house.passkey(request))
    assert (done.state, done.factor) == (ActivationState.GRANTED, way)
    assert house.counts(batch) == {"signed": 3}
    progress = house.parts.batch.progress(done)
    assert (progress.finished, progress.under_way, progress.unsigned) == (0, 3, 0)
    house.finish(batch)
    assert house.parts.batch.progress(done).finished == 3
    assert house.batches.get(batch.id, CLIENT).state is BatchState.COMPLETED
    entry = AuditTrail(database).newest(Act.ACTIVATION_APPROVE)
    assert entry is not None
    assert transaction_digest(request).hex() in entry.details


@pytest.mark.parametrize("act", [SigningAct.SIGNATURE, SigningAct.INITIALS])
def test_a_step_is_signed_with_the_flows_certification(house: ConsentHouse, act: SigningAct) -> None:
    other = house.office.enrolled()
    steps = ((house.credential, act), (other, SigningAct.SIGNATURE))
    flow = house.flow(*steps, certify=Certify.FORMS_AND_SIGNATURES if act is SigningAct.SIGNATURE else None)
    asked = house.parts.step_consents.ask(CLIENT, flow.flow.id, 1)
    request = house.opened(asked)
    assert (request.kind, request.documents[0].wish.act) == (ActivationKind.STEP, act)
    done = house.approve(asked, house.totp())
    record = house.log.find(done.documents[0].code or "")
    assert record is not None
    assert (record.intent.act, record.intent.flow) == (act, request.flow)
    standing = house.standing(flow)
    assert list(standing.done) == [1]
    assert (b"/DocMDP" in house.flows.document(standing)) is (act is SigningAct.SIGNATURE)
    with pytest.raises(FlowRefused) as refused:
        house.parts.step_consents.ask(CLIENT, flow.flow.id, 1)
    assert refused.value.reason == "already-signed"


def test_the_first_signature_of_a_flow_brings_the_footer_and_the_second_does_not(house: ConsentHouse) -> None:
    other = house.office.enrolled()
    flow = house.flow((house.credential, SigningAct.SIGNATURE), (other, SigningAct.SIGNATURE), footer="footer")
    asked = house.parts.step_consents.ask(CLIENT, flow.flow.id, 1)
    assert house.opened(asked).documents[0].wish.footer == "footer"
    assert house.approve(asked, house.totp()).state is ActivationState.GRANTED
    assert house.flows.task(house.standing(flow), 2).footer is None


def test_a_step_out_of_turn_is_put_before_nobody(house: ConsentHouse) -> None:
    flow = house.flow((house.office.enrolled(), SigningAct.INITIALS), (house.credential, SigningAct.SIGNATURE))
    with pytest.raises(FlowRefused) as refused:
        house.parts.step_consents.ask(CLIENT, flow.flow.id, 2)
    assert refused.value.reason == "not-yet"


def test_a_step_that_is_returned_with_a_reason_stops_the_letter(house: ConsentHouse, database: Database) -> None:
    asked, flow = asked_for_step(house)
    house.opened(asked)
    for reason in (None, "   ", "salah\u202e", "x" * 501):
        with pytest.raises(ActivationRefused) as refused:
            deny(house, asked, reason)
        assert refused.value.reason == "no-reason"
    done = deny(house, asked, "Lampirannya belum ada.")
    assert (done.state, done.reason) == (ActivationState.DENIED, "Lampirannya belum ada.")
    standing = house.standing(flow)
    assert standing.state is FlowState.CANCELLED
    assert standing.flow.returned is not None
    assert (standing.flow.returned.step, standing.flow.returned.reason) == (1, "Lampirannya belum ada.")
    trail = AuditTrail(database).newest(Act.FLOW_CANCEL)
    assert trail is not None
    assert trail.actor == house.who
    assert "Lampirannya" not in trail.details


def test_a_batch_that_is_refused_stays_as_it_is(house: ConsentHouse) -> None:
    asked, batch = asked_for_batch(house)
    house.opened(asked)
    assert deny(house, asked).state is ActivationState.DENIED
    assert house.counts(batch) == {"prepared": 3}
    again = house.parts.batch_consents.ask(CLIENT, batch.id)
    house.opened(again)
    house.approve(again, house.totp())
    assert house.counts(batch) == {"signed": 3}


@pytest.mark.parametrize("certify", [Certify.NO_CHANGES, Certify.FORMS_AND_SIGNATURES])
def test_a_document_of_a_request_can_certify(house: ConsentHouse, certify: Certify) -> None:
    wish = replace(WISH, certify=certify)
    document = pdf(5)
    wanted = WantedDocument(digest=hashlib.sha256(document).hexdigest(), name="Surat", wish=wish)
    asked = house.asking.ask(CLIENT, house.credential.id, [wanted])
    house.asking.receive(CLIENT, asked.request.id, 1, document)
    house.opened(asked)
    done = house.approve(asked, house.totp())
    record = house.log.find(done.documents[0].code or "")
    assert record is not None
    assert record.outcome is not None
    signed = house.vault.get(record.outcome.document_sha256 or "") or b""
    assert b"/DocMDP" in signed


def test_a_lock_of_fields_that_do_not_exist_is_refused_on_arrival(house: ConsentHouse) -> None:
    wish = replace(WISH, lock=FieldLock(action=LockAction.INCLUDE, fields=("Tidak ada",)))
    document = pdf(5)
    wanted = WantedDocument(digest=hashlib.sha256(document).hexdigest(), name="Surat", wish=wish)
    asked = house.asking.ask(CLIENT, house.credential.id, [wanted])
    assert house.asking.read(CLIENT, asked.request.id).documents[0].wish == wish
    with pytest.raises(Refused):
        house.asking.receive(CLIENT, asked.request.id, 1, document)


def test_what_was_left_out_is_not_signed(house: ConsentHouse) -> None:
    asked, batch = asked_for_batch(house)
    first = house.opened(asked)
    second = leave_out(house, asked, 2)
    with pytest.raises(ActivationRefused) as refused:
        house.approve(asked, house.totp(), shown=first)  # a tab that shows the longer list
    assert refused.value.reason == "changed"
    house.approve(asked, house.totp(), shown=second)
    assert house.counts(batch) == {"signed": 2, "prepared": 1}
    left = house.items.item(batch.id, 1)
    assert left is not None
    assert left.state is ItemState.PREPARED
    assert [each.left_out for each in house.asking.read(CLIENT, asked.request.id).documents] == [False, True, False]


def test_one_document_stays_and_after_a_try_nothing_is_taken_in(house: ConsentHouse) -> None:
    asked, _ = asked_for_batch(house, pdf(1), pdf(2))
    house.opened(asked)
    leave_out(house, asked, 1)
    for position in (2, 3, 0, -1):
        with pytest.raises(ActivationRefused) as refused:
            leave_out(house, asked, position)
        assert refused.value.reason == "choice"
    assert not leave_out(house, asked, 1, left_out=False).documents[0].left_out
    leave_out(house, asked, 1)
    with pytest.raises(FactorRefused):
        house.approve(asked, house.wrong_code())
    with pytest.raises(ActivationRefused):
        leave_out(house, asked, 1, left_out=False)


@KINDS
def test_another_person_and_another_client_find_nothing(house: ConsentHouse, kind: str) -> None:
    made = asked(house, kind)
    stranger = "K5QXA2LBONUWC3TC"
    for key in (made.link, made.request.id):
        with pytest.raises(ActivationRefused) as refused:
            house.approving.open(key, session=SESSION, signatory_id=stranger)
        assert refused.value.reason == "unknown"
    with pytest.raises(ActivationRefused):
        house.asking.read("another", made.request.id)
    consents, inbox = house.parts, house.parts.inbox
    flow_id = made.request.flow.flow_id if made.request.flow else ""
    asks: dict[str, tuple[Callable[[], object], ...]] = {
        "batch": (
            lambda: consents.batch_consents.ask("another", made.request.batch_id or ""),
            lambda: inbox.ask_batch(stranger, made.request.batch_id or ""),
            lambda: inbox.retry(stranger, made.request.batch_id or ""),
        ),
        "step": (
            lambda: consents.step_consents.ask("another", flow_id, 1),
            lambda: inbox.ask_step(stranger, flow_id, 1),
        ),
    }
    for ask in asks[kind]:
        with pytest.raises((BatchUnknown, FlowRefused)):
            ask()


@KINDS
def test_only_the_browser_that_opened_it_approves(house: ConsentHouse, kind: str, database_url: str) -> None:
    made = asked(house, kind)
    house.opened(made)
    with pytest.raises(ActivationRefused) as refused:
        house.approve(made, house.totp(), session="t" * 64)
    assert refused.value.reason == "other-session"
    assert signatures(house, database_url) == 0


@KINDS
def test_the_same_consent_a_second_time_signs_nothing(house: ConsentHouse, kind: str, database_url: str) -> None:
    made = asked(house, kind)
    request = house.opened(made)
    proof = house.passkey(request)
    house.approve(made, proof)
    before = signatures(house, database_url)
    for again in (proof, house.totp()):
        with pytest.raises(ActivationRefused) as refused:
            house.approve(made, again, shown=request)
        assert refused.value.reason == "not-open"
    assert signatures(house, database_url) == before


@KINDS
def test_of_many_approvals_at_once_exactly_one_signs(
    house: ConsentHouse, kind: str, database: Database, database_url: str
) -> None:
    made = asked(house, kind)
    house.opened(made)
    proof = house.totp()
    outcomes = together(8, lambda _: house.approve(made, proof))
    assert sum(not isinstance(each, Exception) for each in outcomes) == 1
    assert all(isinstance(each, Refused) for each in outcomes if isinstance(each, Exception))
    assert [each.outcome for each in AuditTrail(database).read(act=Act.ACTIVATION_GRANT, limit=100)] == ["done"]
    assert signatures(house, database_url) == (3 if kind == "batch" else 1)


def test_two_requests_for_the_same_batch_sign_it_once(house: ConsentHouse, database_url: str) -> None:
    first, batch = asked_for_batch(house)
    second = house.parts.batch_consents.ask(CLIENT, batch.id)
    house.opened(first)
    house.opened(second)
    house.approve(first, house.totp())
    house.forward(seconds=30)
    with pytest.raises(BatchRefused):
        house.approve(second, house.totp())
    assert house.approving.behind(second.link).tries == 0  # type: ignore[union-attr] - and it cost no try
    assert signatures(house, database_url) == 3


def test_a_document_that_came_later_is_not_covered(house: ConsentHouse) -> None:
    asked, batch = asked_for_batch(house, pdf(1), b"no pdf at all")
    assert len(house.opened(asked).documents) == 1  # what failed is not asked for
    house.batches.retry(batch.id, CLIENT)
    with pytest.raises(BatchRefused, match="no more documents"):
        house.batches.receive(batch.id, CLIENT, pdf(9), LetterMetadata())
    house.approve(asked, house.totp())
    assert house.counts(batch) == {"signed": 1, "received": 1}


def test_a_letter_that_changed_meanwhile_is_not_signed(house: ConsentHouse, database_url: str) -> None:
    other = house.office.enrolled()
    flow = house.flow((house.credential, SigningAct.SIGNATURE), (other, SigningAct.SIGNATURE))
    asked = house.parts.step_consents.ask(CLIENT, flow.flow.id, 1)
    house.opened(asked)
    by_api = house.signing.open(house.credential.id, PASSPHRASE)
    house.flows.sign_opened(house.standing(flow), 1, by_api, lambda _: None)
    with pytest.raises(FlowRefused) as refused:
        house.approve(asked, house.totp())
    assert refused.value.reason == "already-signed"
    assert signatures(house, database_url) == 1


def test_who_was_overtaken_by_a_colleague_finds_the_letter_again(house: ConsentHouse, database_url: str) -> None:
    other = house.office.enrolled()
    flow = house.flow((house.credential, SigningAct.SIGNATURE), (other, SigningAct.SIGNATURE), side_by_side=True)
    asked = house.parts.step_consents.ask(CLIENT, flow.flow.id, 1)
    house.opened(asked)
    assert kinds(house.parts.inbox.waiting(house.who)) == ["r"]
    by_api = house.signing.open(other.id, PASSPHRASE)
    house.flows.sign_opened(house.standing(flow), 2, by_api, lambda _: None)
    with pytest.raises(ActivationRefused) as refused:
        house.approve(asked, house.totp())
    assert refused.value.reason == "changed"
    assert kinds(house.parts.inbox.waiting(house.who)) == ["s"], "not the request, which nobody can approve any more"
    again = house.parts.inbox.ask_step(house.who, flow.flow.id, 1)
    house.opened(again)
    house.forward(seconds=30)
    house.approve(again, house.totp())
    assert signatures(house, database_url) == 2


@KINDS
@pytest.mark.parametrize("opened", [True, False])
def test_an_expired_request_signs_nothing(house: ConsentHouse, kind: str, opened: bool, database_url: str) -> None:
    made = asked(house, kind)
    if opened:
        house.opened(made)
    house.forward(seconds=(301 if opened else 901) + 10)  # and five for each further document
    with pytest.raises(ActivationRefused) as refused:
        house.approve(made, house.totp())
    assert refused.value.reason == "not-open"
    assert signatures(house, database_url) == 0


@KINDS
@pytest.mark.parametrize("state", [CredentialState.SUSPENDED, CredentialState.REVOKED])
def test_a_credential_stopped_in_between_signs_nothing(
    house: ConsentHouse, kind: str, state: CredentialState, database_url: str
) -> None:
    made = asked(house, kind)
    house.opened(made)
    house.office.kept.set_state(house.credential.id, state, actor="registrar", at=house.office.at)
    with pytest.raises(CredentialUnusable):
        house.approve(made, house.totp())
    assert signatures(house, database_url) == 0


@KINDS
def test_ten_wrong_codes_lock_the_factor(house: ConsentHouse, kind: str, database_url: str) -> None:
    batch = house.batch(pdf(1), pdf(2)) if kind == "batch" else None
    flow = house.flow((house.credential, SigningAct.SIGNATURE))

    def anew() -> Asked:
        if batch is not None:
            return house.parts.batch_consents.ask(CLIENT, batch.id)
        return house.parts.step_consents.ask(CLIENT, flow.flow.id, 1)

    for _ in range(10):
        made = anew()
        house.opened(made)
        with pytest.raises(FactorRefused):
            house.approve(made, house.wrong_code())
        house.forward(hours=1)
    made = anew()
    house.opened(made)
    with pytest.raises(FactorRefused):
        house.approve(made, house.totp())
    assert "totp" not in house.store.held(house.who).usable
    assert signatures(house, database_url) == 0


@KINDS
def test_the_third_wrong_try_ends_the_request(house: ConsentHouse, kind: str) -> None:
    made = asked(house, kind)
    house.opened(made)
    for _ in range(3):
        with pytest.raises(FactorRefused):
            house.approve(made, house.wrong_code())
    with pytest.raises(ActivationRefused):
        house.approve(made, house.totp())
    assert house.asking.read(CLIENT, made.request.id).state is ActivationState.ENDED


@KINDS
def test_a_last_try_that_was_cut_off_holds_nothing_up(
    house: ConsentHouse, kind: str, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    made = asked(house, kind)
    house.opened(made)

    def die(*_: object) -> None:
        raise SystemExit  # the process ends over the factors: the try is counted, and nobody learns how it would end

    with monkeypatch.context() as patched:
        patched.setattr(house.signing, "open", die)
        for _ in range(3):
            with pytest.raises(SystemExit):
                house.approve(made, house.totp())
            house.forward(seconds=30)
    house.forward(seconds=-30)
    with pytest.raises(ActivationRefused) as refused:
        house.approve(made, house.totp())
    assert refused.value.reason == "last-try"
    house.forward(seconds=LAST_TRY.total_seconds())
    with pytest.raises(ActivationRefused) as refused:
        house.opened(made)
    assert refused.value.reason == "not-open"
    assert signatures(house, database_url) == 0
    (item,) = house.parts.inbox.waiting(house.who).items
    if kind == "batch":
        assert item.key.kind is WaitingKind.BATCH
        again = house.parts.inbox.ask_batch(house.who, item.key.id)
    else:
        assert item.key.kind is WaitingKind.STEP
        again = house.parts.inbox.ask_step(house.who, item.key.id, item.key.number)
    house.opened(again)
    assert house.approve(again, house.totp()).state is ActivationState.GRANTED


@pytest.mark.parametrize("seconds", [LAST_TRY.total_seconds() - 1, LAST_TRY.total_seconds()])
def test_a_last_try_is_granted_within_its_time(
    house: ConsentHouse, seconds: float, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    made, batch = asked_for_batch(house)
    house.opened(made)
    for _ in range(2):
        with pytest.raises(FactorRefused):
            house.approve(made, house.wrong_code())
    open_key = house.signing.open

    def slowly(*given: Any) -> OpenKey:
        house.forward(seconds=seconds)
        return open_key(*given)

    monkeypatch.setattr(house.signing, "open", slowly)
    if seconds < LAST_TRY.total_seconds():
        assert house.approve(made, house.totp()).state is ActivationState.GRANTED
    else:
        with pytest.raises(ActivationRefused):
            house.approve(made, house.totp())
    assert signatures(house, database_url) == (batch.documents if seconds < LAST_TRY.total_seconds() else 0)


def test_a_kind_on_a_list_signs_nothing(house: ConsentHouse, database_url: str) -> None:
    made = WantedDocument(
        digest=hashlib.sha256(pdf(1)).hexdigest(),
        name="Surat",
        wish=replace(WISH, letter=LetterMetadata(kind="Pergub")),
    )
    with pytest.raises(KindRefused):
        house.asking.ask(CLIENT, house.credential.id, [made])
    assert signatures(house, database_url) == 0


@KINDS
def test_a_kind_on_a_list_never_comes_before_anybody(house: ConsentHouse, kind: str, database_url: str) -> None:
    letter = LetterMetadata(kind="Pergub")
    if kind == "batch":
        batch = house.batch(pdf(1), letter_1=letter)
        assert house.counts(batch) == {"failed": 1}
        with pytest.raises(BatchRefused):
            house.parts.batch_consents.ask(CLIENT, batch.id)
    else:
        step = Step(number=1, order=1, act=SigningAct.SIGNATURE, credential_id=house.credential.id)
        with pytest.raises(KindRefused):
            house.flows.create(pdf(1), [step], client_id=CLIENT, letter=letter, level=SignatureLevel.B_B, certify=None)
    assert signatures(house, database_url) == 0


def test_a_batch_that_is_open_or_still_being_prepared_is_put_before_nobody(house: ConsentHouse) -> None:
    batch = house.batch(pdf(1), pdf(2), prepared=False)
    with pytest.raises(BatchRefused) as refused:
        house.parts.batch_consents.ask(CLIENT, batch.id)
    assert refused.value.reason == "not-closed"
    house.batches.close(batch.id, CLIENT)
    with pytest.raises(BatchRefused):
        house.parts.batch_consents.ask(CLIENT, batch.id)


def test_what_a_killed_process_left_unsigned_is_asked_for_again_and_nothing_else(
    house: ConsentHouse, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    asked, batch = asked_for_batch(house, *(pdf(number) for number in range(1, 24)))
    house.opened(asked)
    keep = house.items.signed

    def die(batch_id: str, values: dict[int, bytes], **more: object) -> None:
        if 20 in values:
            raise SystemExit  # the process ends between the key's work and the keeping of its values
        keep(batch_id, values, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(house.items, "signed", die)
    with pytest.raises(SystemExit):
        house.approve(asked, house.totp())
    monkeypatch.setattr(house.items, "signed", keep)
    done = house.approving.open(asked.link, session="t" * 64, signatory_id=house.who)  # in another browser, later
    progress = house.parts.batch.progress(done)
    assert (progress.under_way, progress.unsigned, progress.askable) == (20, 3, True)
    house.forward(seconds=STALE.total_seconds())
    again = house.parts.inbox.ask_batch(house.who, batch.id)
    assert len(house.opened(again).documents) == 3
    house.approve(again, house.totp())
    house.finish(batch)
    assert house.counts(batch) == {"finished": 23}
    assert signatures(house, database_url) == 23


def test_a_key_that_does_not_answer_leaves_the_rest_for_another_consent(
    house: ConsentHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, batch = asked_for_batch(house)
    house.opened(asked)
    sign = house.office.vault.sign_all

    def away(*_: object) -> None:
        raise KeyUnavailable("the token is away")

    monkeypatch.setattr(house.office.vault, "sign_all", away)
    done = house.approve(asked, house.totp())
    assert (done.state, house.parts.batch.progress(done).unsigned) == (ActivationState.GRANTED, 3)
    monkeypatch.setattr(house.office.vault, "sign_all", sign)
    house.forward(seconds=30)
    again = house.parts.inbox.ask_batch(house.who, batch.id)
    house.opened(again)
    house.approve(again, house.totp())
    assert house.counts(batch) == {"signed": 3}


def test_what_failed_is_prepared_anew_and_waits_for_a_new_consent(house: ConsentHouse) -> None:
    asked, batch = asked_for_batch(house)
    house.opened(asked)
    done = house.approve(asked, house.totp())
    item = house.items.item(batch.id, 1)
    assert item is not None
    lost = house.items.to_finish(batch.id, 1)
    assert lost is not None
    failed = SigningOutcome(state=SigningState.FAILED, at=house.office.at, failure="result-unsound")
    house.items.ended(batch.id, 1, failed)
    house.finish(batch)
    progress = house.parts.batch.progress(done)
    assert [(each.name, why) for each, why in progress.failed] == [("Surat 2", "result-unsound")]
    house.parts.inbox.retry(house.who, batch.id)
    assert not house.parts.batch.progress(done).askable
    house.prepare(batch)
    assert house.parts.batch.progress(done).askable
    house.forward(seconds=30)
    again = house.parts.inbox.ask_batch(house.who, batch.id)
    house.opened(again)
    house.approve(again, house.totp())
    house.finish(batch)
    assert house.counts(batch) == {"finished": 3}


@pytest.mark.parametrize("kind", ["documents", "batch", "step"])
def test_a_full_quota_costs_neither_a_try_nor_a_code(tmp_path: Path, database: Database, kind: str) -> None:
    house = consent_house(tmp_path, database, make_pki(), most=Limits(per_minute=0 if kind == "step" else 2))
    made = house.asked(pdf(1), pdf(2), pdf(3)) if kind == "documents" else asked(house, kind)
    house.opened(made)
    with pytest.raises(QuotaExceeded):
        house.approve(made, house.totp())
    request = house.approving.behind(made.link)
    assert request is not None
    assert (request.state, request.tries) == (ActivationState.PENDING, 0)
    if kind != "step":
        seen = leave_out(house, made, 3)
        assert house.approve(made, house.totp(), shown=seen).state is ActivationState.GRANTED


def test_the_inbox_has_requests_batches_and_steps(house: ConsentHouse) -> None:
    assert house.parts.inbox.waiting(house.who).count == 0
    documents = house.asked(pdf(40), pdf(41))
    batch = house.batch(pdf(1), pdf(2))
    flow = house.flow((house.credential, SigningAct.INITIALS), (house.office.enrolled(), SigningAct.SIGNATURE))
    waiting = house.parts.inbox.waiting(house.who)
    assert [(each.key.text, each.documents) for each in waiting.items] == [
        (f"r.{documents.request.id}", 2),
        (f"b.{batch.id}", 2),
        (f"s.{flow.flow.id}.1", 1),
    ]
    for opened in (
        house.parts.inbox.ask_batch(house.who, batch.id),
        house.parts.inbox.ask_step(house.who, flow.flow.id, 1),
    ):
        house.approving.open(opened.request.id, session=SESSION, signatory_id=house.who)  # by its id, when logged in
    assert kinds(house.parts.inbox.waiting(house.who)) == ["r", "r", "r"]
    assert house.parts.inbox.waiting("K5QXA2LBONUWC3TC").count == 0
    house.forward(days=1)
    assert kinds(house.parts.inbox.waiting(house.who)) == ["b", "s"]


def kinds(waiting: Waiting) -> list[str]:
    """Of everything that waits, sorted."""
    return sorted(each.key.kind.value for each in waiting.items)


def test_steps_whose_turn_is_far_do_not_hide_those_whose_turn_it_is(
    house: ConsentHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = house.office.enrolled()
    for _ in range(2):
        house.flow((other, SigningAct.INITIALS), (house.credential, SigningAct.SIGNATURE))
    house.forward(seconds=1)
    mine = house.flow((house.credential, SigningAct.INITIALS), (other, SigningAct.SIGNATURE))
    monkeypatch.setattr("store.waiting.MOST", 1)
    assert [each.key.id for each in house.parts.inbox.waiting(house.who).items] == [mine.flow.id]


def test_what_came_with_a_request_is_forgotten_when_it_is_not_needed(house: ConsentHouse, database_url: str) -> None:
    def kept() -> int:
        [(count,)] = execute(database_url, "SELECT count(*) FROM activation_contents")
        return int(count)  # type: ignore[call-overload] - a count

    signed, denied, expired = house.asked(pdf(1)), house.asked(pdf(2)), house.asked(pdf(2))
    assert kept() == 3  # the same bytes twice: one request's end is not the other's
    house.opened(signed)
    house.approve(signed, house.totp())
    house.opened(denied)
    deny(house, denied)
    assert kept() == 1
    assert house.requests.content(expired.request.id, 1) == pdf(2)
    house.forward(minutes=30)
    purge(house.requests, house.office.at)
    assert kept() == 1  # within the hour
    house.forward(hours=1)
    purge(house.requests, house.office.at)
    assert kept() == 0
    assert house.asking.read(CLIENT, expired.request.id).state is ActivationState.PENDING
    house.forward(days=1)
    purge(house.requests, house.office.at)
    with pytest.raises(ActivationRefused):
        house.asking.read(CLIENT, expired.request.id)
    assert house.asking.read(CLIENT, signed.request.id).state is ActivationState.GRANTED
