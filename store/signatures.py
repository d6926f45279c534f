"""The signature log: what must never be forgotten about a signing; and the register that a verifier asks."""

import hashlib
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, exists, insert, or_, select, update
from sqlalchemy.orm import Session

from signer.errors import FlowRefused, LetterRefused, RequestBegun
from signer.events import EventType
from signer.model import (
    FlowStep,
    LetterMetadata,
    Secrecy,
    SignatureLevel,
    SignatureRecord,
    SignedAs,
    SigningAct,
    SigningIntent,
    SigningOutcome,
    SigningState,
    Urgency,
    VerificationCode,
)
from store.archive import keep_valid
from store.archive_tables import DocumentVersionRow
from store.audit import Act, Outcome, append
from store.base import table_of
from store.batch_tables import BatchItemRow
from store.database import Database
from store.errors import AlreadyExists, IllegalMove
from store.events import tell
from store.letter_tables import FlowStepRow
from store.tables import SignatureRow
from verifier.model import Relation

_INTENT: Final = (
    "credential_id", "client_id", "signatory_name", "certificate_serial", "input_sha256", "reserved_at",
)  # fmt: skip
_SIGNED_AS: Final = tuple(SignedAs.__dataclass_fields__)
_LETTER: Final = tuple(LetterMetadata.__dataclass_fields__)
_SIGNATURES: Final = table_of(SignatureRow)
_RESERVE: Final = insert(_SIGNATURES)
_END: Final = (
    update(_SIGNATURES)
    .where(_SIGNATURES.c.token == bindparam("code"))
    .where(_SIGNATURES.c.state == SigningState.RESERVED.value, _SIGNATURES.c.ended_at.is_(None))
    .returning(
        *(_SIGNATURES.c[name] for name in ("token", "level", "letter_id", "replaces", "client_id", "external_id")),
        *(_SIGNATURES.c[name] for name in ("credential_id", "flow_id", "flow_step")),
    )
)
_LETTER_OF: Final = (
    select(_SIGNATURES.c.letter_id)
    .where(
        or_(
            _SIGNATURES.c.document_sha256 == bindparam("input"),
            _SIGNATURES.c.token.in_(
                select(DocumentVersionRow.token).where(DocumentVersionRow.sha256 == bindparam("input"))
            ),
        ),
        _SIGNATURES.c.client_id == bindparam("client"),
    )
    .limit(1)
)
_FIND: Final = select(SignatureRow).where(
    or_(SignatureRow.token == bindparam("code"), SignatureRow.short == bindparam("code"))
)
_DONE: Final = exists().where(
    SignatureRow.flow_id == FlowStepRow.flow_id,
    SignatureRow.flow_step == FlowStepRow.number,
    SignatureRow.state == SigningState.SIGNED.value,
)
_WHOSE_STEP: Final = (
    select(FlowStepRow.credential_id)
    .where(FlowStepRow.flow_id == bindparam("flow"), FlowStepRow.number == bindparam("number"))
    .with_for_update(read=True)
)
_AT_ONCE: Final = 500  # digests in one query


class SqlSignatureLog:
    """`signer.ports.SignatureLog`. A verification code opens the public page, so the trail has only its hash."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def reserve(self, intent: SigningIntent) -> None:
        """Before any key is used; raises `AlreadyExists` when one of the two codes was ever given out, and
        `LetterRefused` where somebody else replaces the same letter at this moment."""
        try:
            with self._database.transaction() as session:
                reserve(session, intent)
        except AlreadyExists:
            if self.find(intent.code.token) is not None:
                raise
            _refuse_second(intent)
            raise

    def record(self, code: VerificationCode, outcome: SigningOutcome) -> None:
        """`reserved -> signed | failed`; raises `IllegalMove` for a code that is unknown or has ended already."""
        with self._database.transaction() as session:
            if not end(session, code.token, outcome):
                raise IllegalMove("this signing was not reserved, or its outcome is recorded already")

    def find(self, code: str) -> SignatureRecord | None:
        """By long token or by short code, already normalised."""
        with self._database.transaction() as session:
            row = session.scalar(_FIND, {"code": code})
            return record_of(row) if row else None

    def of_letter(self, client_id: str, external_id: str, *, after: str, limit: int) -> tuple[SignatureRecord, ...]:
        """At most `limit` signings of what that client calls so, with a long token above `after`, by token."""
        query = (
            select(SignatureRow)
            .where(
                SignatureRow.client_id == client_id,
                SignatureRow.external_id == external_id,
                SignatureRow.token > after,
            )
            .order_by(SignatureRow.token)
            .limit(limit)
        )
        with self._database.transaction() as session:
            return tuple(record_of(row) for row in session.scalars(query).all())

    def of_request(self, request_key: str) -> SignatureRecord | None:
        """The signing of that request which did not fail; there is at most one."""
        query = select(SignatureRow).where(
            SignatureRow.request_key == request_key, SignatureRow.state != SigningState.FAILED.value
        )
        with self._database.transaction() as session:
            row = session.scalar(query)
            return record_of(row) if row else None

    def settle_abandoned(self, *, before: datetime, at: datetime) -> int:
        """Record as failed (`interrupted`) what was reserved before `before` and never ended; returns how many.

        What belongs to a batch is not abandoned: its jobs go on with it, however late.
        """
        abandoned = select(SignatureRow.token).where(SignatureRow.ended_at.is_(None), SignatureRow.reserved_at < before)
        abandoned = abandoned.where(~exists().where(BatchItemRow.token == SignatureRow.token))
        outcome = SigningOutcome(state=SigningState.FAILED, at=at, failure="interrupted")
        with self._database.transaction() as session:
            tokens = session.scalars(abandoned).all()
            return sum(end(session, token, outcome) for token in tokens)  # some may have ended meanwhile


class SqlRegister:
    """`verifier.ports.Register`: what was signed here, seen from a stranger's file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def relation(self, *, sha256: str, prefix_sha256s: tuple[str, ...]) -> tuple[Relation, str | None]:
        """The same bytes first, of any version; else the newest earlier revision that is a registered document."""
        with self._database.transaction() as session:
            for slice_ in _slices((sha256, *prefix_sha256s)):
                signed = select(SignatureRow.document_sha256, SignatureRow.token).where(
                    SignatureRow.document_sha256.in_(slice_)
                )
                later = select(DocumentVersionRow.sha256, DocumentVersionRow.token).where(
                    DocumentVersionRow.sha256.in_(slice_)
                )
                registered: dict[str, str] = {}
                for query in (signed, later):
                    registered |= {str(row[0]): row[1] for row in session.execute(query)}
                for digest in slice_:
                    if digest in registered:
                        same = digest == sha256
                        return Relation.SAME_BYTES if same else Relation.EXTENDS, registered[digest]
        return Relation.NOT_REGISTERED, None


def _refuse_second(intent: SigningIntent) -> None:
    """Why another signing stands where this one would: the same step, the same request, or the same replaced letter."""
    if intent.flow is not None:
        message = "A step of this document is being signed at this moment, or this one was. Look at the document."
        raise FlowRefused(message, field="step", reason="busy") from None
    if intent.request_key is not None:
        raise RequestBegun(
            "A request with this key is carried out already.", field="Idempotency-Key", reason="in-progress"
        ) from None
    if intent.letter.replaces is not None:
        message = "Another letter takes the place of that one already."
        raise LetterRefused(message, field="letter.replaces", reason="already-replaced") from None


def _slices(digests: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for start in range(0, len(digests), _AT_ONCE):
        yield digests[start : start + _AT_ONCE]


def reserve(session: Session, intent: SigningIntent) -> None:
    """The intent's row and its entry, in the caller's transaction."""
    row: dict[str, Any] = {name: getattr(intent, name) for name in _INTENT}
    row |= asdict(intent.signed_as) | asdict(intent.letter) | plain(intent.letter)
    row |= {"token": intent.code.token, "short": intent.code.short, "level": intent.level.value}
    row |= {"act": intent.act.value, "request_key": intent.request_key}
    place = intent.flow
    row |= {
        "flow_id": place and place.flow_id,
        "flow_step": place and place.number,
        "flow_revision": place and place.revision,
    }
    extended = {"input": intent.input_sha256, "client": intent.client_id}
    row["letter_id"] = session.scalar(_LETTER_OF, extended) or intent.code.token
    row["state"] = SigningState.RESERVED.value
    session.execute(_RESERVE, row)
    if place is not None:
        _require_still_theirs(session, place, intent.credential_id)
    append(
        session,
        Act.SIGNATURE_RESERVE,
        named(intent.code.token),
        at=intent.reserved_at,
        details={
            "credential": intent.credential_id,
            "client": intent.client_id,
            "input_sha256": intent.input_sha256,
            "level": intent.level.value,
        },
    )


def _require_still_theirs(session: Session, place: FlowStep, credential_id: str) -> None:
    """A step that is handed over at this moment is another official's; the write lock, or the row's, is held here."""
    whose = session.scalar(_WHOSE_STEP, {"flow": place.flow_id, "number": place.number})
    if whose not in (None, credential_id):
        raise FlowRefused("The step was handed over.", field="credential", reason="wrong-signer")


def end(session: Session, token: str, outcome: SigningOutcome) -> bool:
    """The outcome of a reserved signing, in the caller's transaction; whether there was one without."""
    values = {
        "code": token,
        "state": outcome.state.value,
        "ended_at": outcome.at,
        "document_sha256": outcome.document_sha256,
        "document_size": outcome.document_size,
        "page_count": outcome.page_count,
        "field_name": outcome.field_name,
        "failure": outcome.failure,
    }
    ended = session.execute(_END, values).one_or_none()
    if ended is None:
        return False
    if outcome.document_sha256 is not None and SignatureLevel(ended.level).needs_validation_data:
        keep_valid(session, token, outcome.document_sha256, at=outcome.at)
    append(
        session,
        Act.SIGNATURE_RECORD,
        named(token),
        at=outcome.at,
        outcome=Outcome.DONE if outcome.state is SigningState.SIGNED else Outcome.FAILED,
        reason=outcome.failure,
        details={"document_sha256": outcome.document_sha256},
    )
    _tell(session, ended, outcome)
    if ended.replaces is not None and outcome.state is SigningState.SIGNED:
        by = {"by": named(ended.letter_id)}
        append(session, Act.LETTER_REPLACE, named(ended.replaces), at=outcome.at, details=by)
    return True


def _tell(session: Session, ended: Row[Any], outcome: SigningOutcome) -> None:
    """The events of a signing that ended: its own, that of its flow, and that of the letter whose place it took."""
    whose: dict[str, Any] = {"client_id": ended.client_id, "at": outcome.at}
    own, credential = {**whose, "subject": ended.token, "external_id": ended.external_id}, ended.credential_id
    if outcome.state is not SigningState.SIGNED:
        failed = {"credential": credential, "reason": outcome.failure}
        tell(session, EventType.SIGNATURE_FAILED, **own, data=failed)
        return
    signed = {"credential": credential, "level": ended.level, "sha256": outcome.document_sha256}
    tell(session, EventType.SIGNATURE_SIGNED, **own, data=signed)
    if ended.flow_id is not None:
        flow = {**whose, "subject": ended.flow_id, "external_id": ended.external_id}
        tell(session, EventType.FLOW_STEP_DONE, **flow, data={"step": ended.flow_step, "code": ended.token})
        left = select(FlowStepRow.number).where(FlowStepRow.flow_id == ended.flow_id, ~_DONE).limit(1)
        if session.scalar(left) is None:
            tell(session, EventType.FLOW_FINISHED, **flow, data={"code": ended.token})
    if ended.replaces is not None:
        replaced = session.scalar(select(SignatureRow.external_id).where(SignatureRow.token == ended.replaces))
        old = {**whose, "subject": ended.replaces, "external_id": replaced}
        tell(session, EventType.LETTER_REPLACED, **old, data={"code": ended.token})


def named(token: str) -> str:
    """A signing in the trail: a hash of its code, which opens its page."""
    return f"signature:{hashlib.sha256(token.encode()).hexdigest()}"


def plain(letter: LetterMetadata) -> dict[str, Any]:
    """What a row says in another way than the noun."""
    return {"secrecy": letter.secrecy.value, "urgency": letter.urgency.value, "copies_to": list(letter.copies_to)}


def record_of(row: SignatureRow) -> SignatureRecord:
    """A row as the noun of signing."""
    letter = {name: getattr(row, name) for name in _LETTER}
    letter |= {"secrecy": Secrecy(row.secrecy), "urgency": Urgency(row.urgency), "copies_to": tuple(row.copies_to)}
    intent = SigningIntent(
        code=VerificationCode(token=row.token, short=row.short),
        level=SignatureLevel(row.level),
        act=SigningAct(row.act),
        flow=None
        if row.flow_id is None or row.flow_step is None or row.flow_revision is None
        else FlowStep(flow_id=row.flow_id, number=row.flow_step, revision=row.flow_revision),
        request_key=row.request_key,
        signed_as=SignedAs(**{name: getattr(row, name) for name in _SIGNED_AS}),
        letter=LetterMetadata(**letter),
        **{name: getattr(row, name) for name in _INTENT},
    )
    if row.ended_at is None:
        return SignatureRecord(intent=intent, outcome=None)
    outcome = SigningOutcome(
        state=SigningState(row.state),
        at=row.ended_at,
        document_sha256=row.document_sha256,
        document_size=row.document_size,
        page_count=row.page_count,
        field_name=row.field_name,
        failure=row.failure,
    )
    return SignatureRecord(intent=intent, outcome=outcome)
