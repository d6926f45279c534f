"""The audit trail: what is noted of each act, and how it is read and checked.

Every store method that changes something calls `append` in the same transaction: changed but not recorded cannot be
written. Refusals are recorded too, in transactions of their own that commit before the caller hears of them.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from store import chain
from store.base import table_of
from store.database import Database
from store.errors import AuditRefused
from store.tables import AuditHeadRow, AuditRow

# NIK (16 digits) and NIP (18), also in groups; a digest in hex is no such run, because hex digits stand beside it
_PERSONAL_NUMBER: Final = re.compile(r"(?<![0-9A-Fa-f])(?:\d[ .-]?){15}(?:\d|(?:[ .-]?\d){3})(?![0-9A-Fa-f])")
_COLUMNS: Final = table_of(AuditRow).c
_TIME: Final = "%Y-%m-%dT%H:%M:%S.%fZ"
_BATCH: Final = 1000  # rows in memory while the whole trail is read

Detail = str | int | bool | None | Sequence["Detail"] | Mapping[str, "Detail"]


class Act(Enum):
    """What can be done here. The value is what the trail says, for good: a word once used keeps its meaning."""

    CERTIFICATE_RESERVE = "certificate.reserve"
    CERTIFICATE_PREPARE = "certificate.prepare"
    CERTIFICATE_ISSUE = "certificate.issue"
    CERTIFICATE_ABANDON = "certificate.abandon"
    CERTIFICATE_HOLD = "certificate.hold"
    CERTIFICATE_RELEASE = "certificate.release"
    CERTIFICATE_REVOKE = "certificate.revoke"
    PROFILE_CHOOSE = "profile.choose"
    CRL_PUBLISH = "crl.publish"
    TIMESTAMP = "timestamp"
    CLOCK_PROOF = "clock.proof"
    CREDENTIAL_ENROL = "credential.enrol"
    CREDENTIAL_STATE = "credential.state"
    PASSPHRASE_ATTEMPT = "passphrase.attempt"  # noqa: S105 - a word of the trail
    PASSPHRASE_ACCEPT = "passphrase.accept"  # noqa: S105 - a word of the trail
    ACTIVATION_ASK = "activation.ask"
    ACTIVATION_OPEN = "activation.open"
    ACTIVATION_TRY = "activation.try"
    ACTIVATION_END = "activation.end"
    ACTIVATION_DENY = "activation.deny"
    ACTIVATION_CHOOSE = "activation.choose"
    ACTIVATION_PLACE = "activation.place"
    """The signatory moved a stamp."""
    STAMP_PLACE_KEEP = "stamp-place.keep"
    ACTIVATION_APPROVE = "activation.approve"
    ACTIVATION_GRANT = "activation.grant"
    ACTIVATION_REDEEM = "activation.redeem"
    ACTIVATION_EXCHANGE = "activation.exchange"
    ACTIVATION_CONSUME = "activation.consume"
    ACTIVATION_SIGN = "activation.sign"
    ACTIVATION_EXTEND = "activation.extend"
    ACTIVATION_REVOKE = "activation.revoke"
    ROUND_BEGIN = "round.begin"
    ROUND_CHOOSE = "round.choose"
    ROUND_TRY = "round.try"
    ROUND_END = "round.end"
    ROUND_APPROVE = "round.approve"
    FACTOR_ATTEMPT = "factor.attempt"
    FACTOR_ACCEPT = "factor.accept"
    FACTOR_CHANGE = "factor.change"
    FACTOR_LINK = "factor.link"
    RECOVERY_CODE = "recovery.code"
    SESSION_BEGIN = "session.begin"
    SESSION_CONFIRM = "session.confirm"
    SESSION_END = "session.end"
    SIGNATURE_RESERVE = "signature.reserve"
    SIGNATURE_RECORD = "signature.record"
    DOCUMENT_AUGMENT = "document.augment"
    DOCUMENT_RENEW = "document.renew"
    SEAL_ACTIVATE = "seal.activate"
    SEAL_DEACTIVATE = "seal.deactivate"
    SEAL_USE = "seal.use"
    SEAL_PIN = "seal.pin"
    SEAL_PIN_TRY = "seal.pin-try"
    SEAL_KEEPER = "seal.keeper"
    RECEIPT_SEAL = "receipt.seal"
    JOB_RETRY = "job.retry"
    JOB_CANCEL = "job.cancel"
    BATCH_OPEN = "batch.open"
    BATCH_CLOSE = "batch.close"
    BATCH_COMPLETE = "batch.complete"
    BATCH_RETRY = "batch.retry"
    BATCH_CANCEL = "batch.cancel"
    CLIENT_ADD = "client.add"
    CLIENT_DISABLE = "client.disable"
    CLIENT_SCOPES = "client.scopes"
    CLIENT_CHANGE = "client.change"
    CLIENT_SECRET = "client.secret"  # noqa: S105 - a word of the trail
    API_CREDENTIAL_ADD = "api-credential.add"
    API_CREDENTIAL_CHANGE = "api-credential.change"
    API_CREDENTIAL_STATE = "api-credential.state"
    API_CREDENTIAL_ROTATE = "api-credential.rotate"
    API_CREDENTIAL_REMOVE = "api-credential.remove"
    ACCOUNT_ADD = "account.add"
    ACCOUNT_CHANGE = "account.change"
    ACCOUNT_LOGIN = "account.login"
    ACCOUNT_TRY = "account.try"
    STAFF_LOGIN = "staff.login"
    STAFF_ADD = "staff.add"
    STAFF_PASSWORD = "staff.password"  # noqa: S105 - a word of the trail
    STAFF_SECRET = "staff.secret"  # noqa: S105 - a word of the trail
    STAFF_DISABLE = "staff.disable"
    PASSPHRASE_CHANGE = "passphrase.change"  # noqa: S105 - a word of the trail
    ENROLMENT_ASK = "enrolment-request.add"
    ENROLMENT_CLOSE = "enrolment-request.close"
    FAKE_REPORT = "fake-report.add"
    FAKE_CLOSE = "fake-report.close"
    SEAL_CODE = "seal-code.make"
    SEAL_CODE_USE = "seal-code.use"
    SEAL_CODE_WRONG = "seal-code.wrong"
    SEAL_CODE_END = "seal-code.end"
    CODE_SESSION_OPEN = "code-session.open"
    CODE_SESSION_END = "code-session.end"
    SIGNING_CODE = "signing-code.make"
    SIGNING_CODE_USE = "signing-code.use"
    SIGNING_CODE_WRONG = "signing-code.wrong"
    REGISTRATION_PROPOSE = "registration.propose"
    REGISTRATION_COMPLETE = "registration.complete"
    OFFICIAL_NUMBERS = "official.numbers"
    LINK_ISSUE = "link.issue"
    LINK_USE = "link.use"
    LINK_RETURN = "link.return"
    APPROVAL_PROPOSE = "approval.propose"
    APPROVAL_DECIDE = "approval.decide"
    APPROVAL_USE = "approval.use"
    RIGHT_REFUSE = "right.refuse"
    SETTINGS_CHANGE = "settings.change"
    KEY_CUSTODY = "key.custody"
    TRAIL_READ = "trail.read"
    TRAIL_CHECK = "trail.check"
    TRAIL_EXPORT = "trail.export"
    CHECKPOINT_STAMP = "checkpoint.stamp"
    IMPORT_BEGIN = "import.begin"
    IMPORT_ROW = "import.row"
    APPOINTMENT = "appointment.record"
    CONTACT = "contact.set"
    NOTICE = "notice.send"
    FOREIGN_REQUEST = "foreign.request"
    FOREIGN_EXPORT = "foreign.export"
    FOREIGN_ANSWER = "foreign.answer"
    FOREIGN_DECIDE = "foreign.decide"
    FOREIGN_REVOKE = "foreign.revoke"
    QUOTA_SET = "quota.set"
    FLOW_CREATE = "flow.create"
    FLOW_CANCEL = "flow.cancel"
    FLOW_HAND_OVER = "flow.hand-over"
    WEBHOOK_ADD = "webhook.add"
    WEBHOOK_CHANGE = "webhook.change"
    WEBHOOK_SECRET = "webhook.secret"  # noqa: S105 - a word of the trail
    WEBHOOK_REPLAY = "webhook.replay"
    WEBHOOK_REMOVE = "webhook.remove"
    LETTER_WITHDRAW = "letter.withdraw"
    LETTER_REPLACE = "letter.replace"
    KIND_LIST = "kind.list"
    KIND_ASSIGN = "kind.assign"
    KIND_DEFAULT = "kind.default"
    AUTHORIZATION_ASK = "authorization.ask"
    AUTHORIZATION_APPROVE = "authorization.approve"
    AUTHORIZATION_DENY = "authorization.deny"
    AUTHORIZATION_EXCHANGE = "authorization.exchange"
    TOKEN_ISSUE = "token.issue"  # noqa: S105 - a word of the trail
    TOKEN_REVOKE = "token.revoke"  # noqa: S105 - a word of the trail
    CONSENT_GIVE = "consent.give"
    CONSENT_WITHDRAW = "consent.withdraw"


class Outcome(Enum):
    """How an act ended."""

    DONE = "done"
    REFUSED = "refused"
    UNCHANGED = "unchanged"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """From where an act comes; a door sets it once a request, with `acting()`."""

    actor: str = "service"
    role: str = "service"
    request_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One entry as it was written; texts exactly as they are hashed."""

    sequence: int
    time: str
    """UTC with microseconds, `2026-11-21T04:00:00.000000Z`."""
    actor: str
    role: str
    act: str
    object: str
    """What was acted upon, `kind:id`."""
    outcome: str
    reason: str | None
    request_id: str | None
    software: str
    details: str
    """Deterministic JSON."""
    previous: str
    hash: str

    @property
    def at(self) -> datetime:
        """Its time; aware, UTC. Raises `ValueError` where somebody rewrote it."""
        return datetime.strptime(self.time, _TIME).replace(tzinfo=UTC)


_origin: ContextVar[Origin | None] = ContextVar("store.audit.origin", default=None)


@contextmanager
def acting(origin: Origin) -> Iterator[None]:
    """Everything that is appended inside the block, in this thread or task, comes from `origin`."""
    token = _origin.set(origin)
    try:
        yield
    finally:
        _origin.reset(token)


def append(
    session: Session,
    act: Act,
    object: str,
    *,
    at: datetime,
    actor: str | None = None,
    outcome: Outcome = Outcome.DONE,
    reason: str | None = None,
    details: Mapping[str, Detail] | None = None,
) -> None:
    """Note one entry; it is written when the transaction ends, or the whole transaction fails.

    `object`: what was acted upon, `kind:id`, never a secret; numbers in it in hex, of 20 digits at least. `actor`
    defaults to the origin's. Raises `AuditRefused` for a NIK or NIP in `actor`, `object`, `reason` or `details`, for a
    float, and for a time without a zone.
    """
    origin = _origin.get() or Origin()
    chain.note(
        session,
        {
            "time": _written(at),
            "actor": _harmless(actor if actor is not None else origin.actor),
            "role": origin.role,
            "act": act.value,
            "object": _harmless(object),
            "outcome": outcome.value,
            "reason": reason and _harmless(reason),
            "request_id": origin.request_id,
            "details": chain.canonical(_checked(dict(details or {}))),
        },
    )


def without_personal_numbers(text: str) -> str:
    """`text` with every NIK and NIP blotted out: for reasons that quote what somebody else wrote."""
    return _PERSONAL_NUMBER.sub("[number]", text)


class AuditTrail:
    """The trail for auditors, and for acts that change no row of ours (a login, a ceremony, an export)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(
        self,
        act: Act,
        object: str,
        *,
        at: datetime,
        actor: str | None = None,
        outcome: Outcome = Outcome.DONE,
        reason: str | None = None,
        details: Mapping[str, Detail] | None = None,
    ) -> None:
        """One entry in a transaction of its own; arguments and errors as for `append`."""
        with self._database.transaction() as session:
            append(session, act, object, at=at, actor=actor, outcome=outcome, reason=reason, details=details)

    def read(
        self,
        *,
        after: int = 0,
        limit: int = 100,
        actor: str | None = None,
        object: str | None = None,
        act: Act | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        before: int | None = None,
        newest_first: bool = False,
    ) -> tuple[AuditEntry, ...]:
        """At most `limit` entries with a sequence above `after` and below `before`, oldest first unless
        `newest_first`; `since` <= time < `until`."""
        order = AuditRow.sequence.desc() if newest_first else AuditRow.sequence
        query = select(AuditRow).where(AuditRow.sequence > after).order_by(order).limit(limit)
        if before is not None:
            query = query.where(AuditRow.sequence < before)
        if actor is not None:
            query = query.where(AuditRow.actor == actor)
        if object is not None:
            query = query.where(AuditRow.object == object)
        if act is not None:
            query = query.where(AuditRow.act == act.value)
        if since is not None:
            query = query.where(AuditRow.time >= _written(since))
        if until is not None:
            query = query.where(AuditRow.time < _written(until))
        with self._database.transaction() as session:
            return tuple(_entry(row) for row in session.scalars(query))

    def entries(self, last: int) -> Iterator[AuditEntry]:
        """Every entry up to the sequence `last`, oldest first, without holding a transaction open."""
        after = -(2**63)  # whatever somebody slipped in below 1 is shown as well
        while page := self._page(after, last):
            yield from page
            after = page[-1].sequence

    def head(self) -> tuple[int, str]:
        """Sequence and hash of the newest entry as the head of the chain remembers them; (0, zeros) before the first,
        (0, nothing) where somebody took the head away."""
        with self._database.transaction() as session:
            head = session.execute(select(AuditHeadRow.sequence, AuditHeadRow.hash)).one_or_none()
            return (0, "") if head is None else (head.sequence, head.hash)

    def newest(self, act: Act) -> AuditEntry | None:
        """The last entry about `act`."""
        query = select(AuditRow).where(AuditRow.act == act.value).order_by(AuditRow.sequence.desc()).limit(1)
        with self._database.transaction() as session:
            row = session.scalar(query)
            return None if row is None else _entry(row)

    def _page(self, after: int, last: int) -> list[AuditEntry]:
        rows = select(*_COLUMNS).where(_COLUMNS.sequence > after, _COLUMNS.sequence <= last)
        with self._database.transaction() as session:
            page = session.execute(rows.order_by(_COLUMNS.sequence).limit(_BATCH))
            return [AuditEntry(**row) for row in page.mappings()]

    def verify(self) -> int | None:
        """The first sequence at which the chain does not hold, or `None`: recomputes every hash.

        An entry that was edited, moved, inserted or cut out breaks the chain at its place; one cut off at the end
        breaks it at the head's. What was appended by others while this runs is not judged.
        """
        with self._database.transaction() as session:
            last, head = session.execute(select(AuditHeadRow.sequence, AuditHeadRow.hash)).one()
            rows = select(*AuditRow.__table__.columns).where(AuditRow.sequence <= last).order_by(AuditRow.sequence)
            expected, previous = 1, chain.GENESIS
            with session.execute(rows, execution_options={"yield_per": _BATCH}) as result:
                for row in result.mappings():
                    if row["sequence"] != expected or row["previous"] != previous or not _whole(dict(row)):
                        return min(expected, int(row["sequence"]))
                    expected, previous = expected + 1, row["hash"]
        return None if (last, head) == (expected - 1, previous) else expected


def _whole(row: dict[Any, Any]) -> bool:
    """Whether a row's hash is that of its own content; content of a wrong type is never whole."""
    try:
        return bool(chain.chained(row["previous"], row) == row["hash"])
    except (TypeError, ValueError):
        return False


def _entry(row: AuditRow) -> AuditEntry:
    return AuditEntry(**{field.name: getattr(row, field.name) for field in fields(AuditEntry)})


def _written(at: datetime) -> str:
    if at.tzinfo is None:
        raise AuditRefused("a time without a zone")
    return at.astimezone(UTC).strftime(_TIME)


def _checked(value: Any) -> Any:
    match value:
        case None | bool():
            return value
        case str() | int():
            _harmless(str(value))
            return value
        case list() | tuple():
            return [_checked(each) for each in value]
        case dict():
            return {_harmless(key): _checked(each) for key, each in value.items()}
        case _:
            raise AuditRefused(f"details hold text, whole numbers, lists and mappings, not {type(value).__name__}")


def _harmless(text: str) -> str:
    if _PERSONAL_NUMBER.search(text):
        raise AuditRefused("a text for the audit trail holds a number of 16 or 18 digits: no NIK and no NIP here")
    return text
