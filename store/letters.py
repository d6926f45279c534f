"""Letters after they were signed: withdrawals, and which one took the place of which. Rows are added, never changed."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import func, insert, or_, select
from sqlalchemy.orm import Session

from signer.after import Progress, Standing, Withdrawal, WithdrawalReason
from signer.errors import LetterRefused
from signer.events import EventType
from signer.model import SignatureRecord, SigningAct, SigningState
from signer.verification_code import parse
from store.audit import Act, append
from store.database import Database
from store.errors import AlreadyExists
from store.events import tell
from store.letter_tables import FlowRow, FlowStepRow, WithdrawalRow
from store.signatures import named, record_of
from store.tables import SignatureRow

_LONGEST: Final = 64  # signings of one file; our verifier judges no more
_SIGNED: Final = SigningState.SIGNED.value
_INITIALS: Final = SigningAct.INITIALS.value
_OPEN: Final = (SigningState.SIGNED.value, SigningState.RESERVED.value)


class SqlLetters:
    """`signer.after.LetterLog`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def standing(self, code: str) -> Standing:
        """Of the letter with this long code; what befell a letter that it extends counts as well."""
        with self._database.transaction() as session:
            row = session.get(SignatureRow, code)
            if row is None:
                return Standing()
            lineage = _lineage(session, row)
            letters = list(dict.fromkeys(each.letter_id for each in lineage))
            return Standing(
                withdrawn=_first_withdrawal(session, letters),
                replaced_by=_newest(session, SignatureRow.replaces.in_(letters)),
                replaces=_replaced_by(session, row.letter_id),
                valid_until=next((each.valid_until for each in lineage if each.valid_until), None),
                initials=frozenset(
                    each.field_name for each in lineage if each.act == _INITIALS and each.field_name is not None
                ),
                unfinished=_progress(session, row.flow_id) if row.flow_id else None,
                newest=_later(session, row),
            )

    def withdraw(self, code: str, withdrawal: Withdrawal) -> None:
        """Once for each letter; of several at the same moment exactly one. Raises `LetterRefused`."""
        try:
            with self._database.transaction() as session:
                row = session.get(SignatureRow, code)
                if row is None or row.state != _SIGNED:
                    raise _refused("No signed letter has this code.", "code", "unknown-code")
                session.execute(
                    insert(WithdrawalRow).values(
                        letter_id=row.letter_id,
                        token=row.token,
                        reason=withdrawal.reason.value,
                        note=withdrawal.note,
                        actor=withdrawal.actor,
                        at=withdrawal.at,
                    )
                )
                append(
                    session,
                    Act.LETTER_WITHDRAW,
                    named(row.letter_id),
                    at=withdrawal.at,
                    actor=withdrawal.actor,
                    reason=withdrawal.reason.value,
                    details={"code": named(row.token), "client": row.client_id},
                )
                tell(
                    session,
                    EventType.LETTER_WITHDRAWN,
                    client_id=row.client_id,
                    subject=row.token,
                    at=withdrawal.at,
                    external_id=row.external_id,
                    data={"reason": withdrawal.reason.value},
                )
        except AlreadyExists:
            raise _refused("The letter is withdrawn already.", "code", "already-withdrawn") from None

    def require_signable(self, *, input_sha256: str, replaces: str | None, client_id: str) -> str | None:
        """The id of the letter that is to be replaced; raises `LetterRefused`."""
        with self._database.transaction() as session:
            extended = session.scalar(select(SignatureRow).where(SignatureRow.document_sha256 == input_sha256).limit(1))
            if extended is not None:
                letters = list(dict.fromkeys(each.letter_id for each in _lineage(session, extended)))
                if _first_withdrawal(session, letters) is not None:
                    raise _refused("The letter is withdrawn; nobody signs it any more.", "document", "withdrawn")
            if replaces is None:
                return None
            own = extended.letter_id if extended is not None and extended.client_id == client_id else None
            return _replaceable(session, replaces, client_id=client_id, own=own)


def _lineage(session: Session, row: SignatureRow) -> Sequence[SignatureRow]:
    """A signing and those whose document it signed, newest first."""
    lineage = [row]
    while len(lineage) < _LONGEST:
        query = select(SignatureRow).where(SignatureRow.document_sha256 == lineage[-1].input_sha256).limit(1)
        before = session.scalar(query)
        if before is None:
            break
        lineage.append(before)
    return lineage


def _first_withdrawal(session: Session, letters: Sequence[str]) -> Withdrawal | None:
    query = select(WithdrawalRow).where(WithdrawalRow.letter_id.in_(letters)).order_by(WithdrawalRow.at).limit(1)
    row = session.scalar(query)
    if row is None:
        return None
    return Withdrawal(reason=WithdrawalReason(row.reason), note=row.note, actor=row.actor, at=row.at)


def _newest(session: Session, condition: object) -> SignatureRecord | None:
    """The newest signing of the letter to which the condition leads."""
    found = session.scalar(select(SignatureRow.letter_id).where(condition, SignatureRow.state == _SIGNED).limit(1))  # type: ignore[arg-type]  # a column expression
    if found is None:
        return None
    query = select(SignatureRow).where(SignatureRow.letter_id == found, SignatureRow.state == _SIGNED)
    in_its_flow = func.coalesce(SignatureRow.flow_revision, 0)
    row = session.scalar(query.order_by(SignatureRow.ended_at.desc(), in_its_flow.desc()).limit(1))
    return record_of(row) if row else None


def _progress(session: Session, flow_id: str) -> Progress | None:
    """Of a flow some of whose signatures are missing; `None` of a complete one."""
    signature = SigningAct.SIGNATURE.value
    wanted = select(func.count()).where(FlowStepRow.flow_id == flow_id, FlowStepRow.act == signature)
    there = select(func.count()).where(
        SignatureRow.flow_id == flow_id, SignatureRow.act == signature, SignatureRow.state == _SIGNED
    )
    of, signed = session.scalar(wanted) or 0, session.scalar(there) or 0
    stopped = session.scalar(select(FlowRow.cancelled_at).where(FlowRow.id == flow_id)) is not None
    return Progress(signed=signed, of=of, stopped=stopped) if signed < of else None


def _later(session: Session, row: SignatureRow) -> SignatureRecord | None:
    """The newest signing of the letter, unless it is this one."""
    newest = _newest(session, SignatureRow.letter_id == row.letter_id)
    return newest if newest is not None and newest.intent.code.token != row.token else None


def _replaced_by(session: Session, letter_id: str) -> SignatureRecord | None:
    """The letter whose place `letter_id` took."""
    query = select(SignatureRow.replaces).where(
        SignatureRow.letter_id == letter_id, SignatureRow.replaces.is_not(None), SignatureRow.state == _SIGNED
    )
    replaced = session.scalar(query.limit(1))
    return _newest(session, SignatureRow.letter_id == replaced) if replaced else None


def _replaceable(session: Session, code: str, *, client_id: str, own: str | None) -> str | None:
    known = parse(code)
    row = session.scalar(select(SignatureRow).where(or_(SignatureRow.token == known, SignatureRow.short == known)))
    if known is None or row is None or row.client_id != client_id or row.state != _SIGNED:
        raise _refused("No signed letter of yours has this code.", "letter.replaces", "unknown-code")
    if row.letter_id == own:
        raise _refused("A letter cannot take its own place.", "letter.replaces", "itself")
    query = select(SignatureRow.letter_id).where(SignatureRow.replaces == row.letter_id, SignatureRow.state.in_(_OPEN))
    taken = session.scalar(query.limit(1))
    if taken is None:
        return row.letter_id
    if taken == own:
        return None  # a further signature of the letter that took its place
    raise _refused("Another letter takes the place of that one already.", "letter.replaces", "already-replaced")


def _refused(message: str, field: str, reason: str) -> LetterRefused:
    return LetterRefused(message, field=field, reason=reason)
