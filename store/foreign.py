"""What was asked of another CA, what it answered, and the status that was fetched from it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import Session

from signer.foreign.model import (
    AnswerState,
    ForeignAnswer,
    ForeignRequest,
    KeptStatus,
    OpenRevocation,
    RevocationRequest,
)
from store.audit import Act, Detail, Outcome, append, without_personal_numbers
from store.bulk_tables import ForeignAnswerRow, ForeignRequestRow, ForeignRevocationRow, ForeignStatusRow
from store.credentials import certificates_of
from store.database import Database
from store.errors import AlreadyExists, IllegalMove

_NEWEST: Final = select(func.max(ForeignStatusRow.number))
_EXCHANGE: Final = "exchange:foreign"


class SqlForeignLog:
    """`signer.foreign.ports.ForeignLog`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_request(self, request: ForeignRequest) -> None:
        """Keep a CSR for its answer."""
        with self._database.transaction() as session:
            session.add(
                ForeignRequestRow(
                    spki_sha256=request.spki_sha256,
                    signatory_id=request.signatory_id,
                    csr=request.csr,
                    requested_at=request.requested_at,
                )
            )
            details: Mapping[str, Detail] = {"key": request.spki_sha256}
            append(
                session,
                Act.FOREIGN_REQUEST,
                f"signatory:{request.signatory_id}",
                at=request.requested_at,
                details=details,
            )

    def find_request(self, spki_sha256: str) -> ForeignRequest | None:
        """The request for a key."""
        with self._database.transaction() as session:
            row = session.get(ForeignRequestRow, spki_sha256)
            return None if row is None else _request(row)

    def open_requests(self) -> tuple[ForeignRequest, ...]:
        """Those without an answer, oldest first."""
        query = (
            select(ForeignRequestRow)
            .where(ForeignRequestRow.answered_at.is_(None))
            .order_by(ForeignRequestRow.requested_at, ForeignRequestRow.spki_sha256)
        )
        with self._database.transaction() as session:
            return tuple(_request(row) for row in session.scalars(query))

    def mark_exported(self, spki_sha256: Iterable[str], *, actor: str, at: datetime) -> None:
        """They were handed out; the first time counts."""
        keys = list(spki_sha256)
        with self._database.transaction() as session:
            for key in keys:
                session.execute(
                    update(ForeignRequestRow)
                    .where(ForeignRequestRow.spki_sha256 == key, ForeignRequestRow.exported_at.is_(None))
                    .values(exported_at=at)
                )
            append(session, Act.FOREIGN_EXPORT, _EXCHANGE, at=at, actor=actor, details={"requests": len(keys)})

    def add_answer(self, answer: ForeignAnswer, *, actor: str) -> None:
        """Keep an answer as received. Raises `AlreadyExists` for a certificate that is here already."""
        leaf_sha256 = _fingerprint(answer.leaf)
        spki = answer.leaf.public_key()
        with self._database.transaction() as session:
            session.add(
                ForeignAnswerRow(
                    leaf_sha256=leaf_sha256,
                    credential_id=answer.credential_id,
                    received=answer.received,
                    chain=b"".join(each.public_bytes(Encoding.DER) for each in answer.chain),
                    state=answer.state.value,
                    differences=list(answer.differences),
                    findings=list(answer.findings),
                    received_at=answer.received_at,
                )
            )
            session.execute(
                update(ForeignRequestRow)
                .where(ForeignRequestRow.spki_sha256 == _spki_sha256(spki))
                .values(answered_at=answer.received_at)
            )
            details: Mapping[str, Detail] = {
                "certificate": leaf_sha256,
                "state": answer.state.value,
                "differences": len(answer.differences),
                "findings": list(answer.findings),
            }
            append(
                session,
                Act.FOREIGN_ANSWER,
                f"credential:{answer.credential_id}",
                at=answer.received_at,
                actor=actor,
                details=details,
            )

    def find_answer(self, leaf_sha256: str) -> ForeignAnswer | None:
        """By the SHA-256 of the signatory's certificate, hex."""
        with self._database.transaction() as session:
            row = session.get(ForeignAnswerRow, leaf_sha256)
            return None if row is None else _answer(row)

    def undecided(
        self, *, after: tuple[datetime, str] | None = None, limit: int | None = None
    ) -> tuple[ForeignAnswer, ...]:
        """Those that wait for an officer, oldest first; all, or so many behind `after`, the time and digest of one."""
        query = (
            select(ForeignAnswerRow)
            .where(ForeignAnswerRow.state == AnswerState.UNDECIDED.value)
            .order_by(ForeignAnswerRow.received_at, ForeignAnswerRow.leaf_sha256)
            .limit(limit)
        )
        if after is not None:
            at, leaf = after
            same_time = and_(ForeignAnswerRow.received_at == at, ForeignAnswerRow.leaf_sha256 > leaf)
            query = query.where(or_(ForeignAnswerRow.received_at > at, same_time))
        with self._database.transaction() as session:
            return tuple(_answer(row) for row in session.scalars(query))

    def decide(self, leaf_sha256: str, state: AnswerState, *, reason: str, actor: str, at: datetime) -> None:
        """Once, and only an undecided one. Raises `IllegalMove`."""
        clean = without_personal_numbers(reason)
        with self._database.transaction() as session:
            decided = session.scalar(
                update(ForeignAnswerRow)
                .where(
                    ForeignAnswerRow.leaf_sha256 == leaf_sha256,
                    ForeignAnswerRow.state == AnswerState.UNDECIDED.value,
                )
                .values(state=state.value, decided_by=actor, decided_at=at, reason=clean)
                .returning(ForeignAnswerRow.credential_id)
            )
            if decided is None:
                raise IllegalMove("this answer waits for no decision")
            if state is AnswerState.REFUSED:
                _ask_again(session, leaf_sha256)
            append(
                session,
                Act.FOREIGN_DECIDE,
                f"credential:{decided}",
                at=at,
                actor=actor,
                reason=clean,
                details={"certificate": leaf_sha256, "state": state.value},
            )

    def note_refusal(self, reason: str, *, actor: str, at: datetime) -> None:
        """An answer that broke a rule."""
        with self._database.transaction() as session:
            append(session, Act.FOREIGN_ANSWER, _EXCHANGE, at=at, actor=actor, outcome=Outcome.REFUSED, reason=reason)

    def request_revocation(self, request: RevocationRequest) -> None:
        """Once a certificate."""
        row = ForeignRevocationRow(
            certificate_sha256=_fingerprint(request.certificate),
            serial=f"{request.certificate.serial_number:x}",
            issuer=request.certificate.issuer.rfc4514_string(),
            reason=request.reason.value,
            actor=request.actor,
            requested_at=request.requested_at,
            invalid_since=request.invalid_since,
        )
        since = None if request.invalid_since is None else request.invalid_since.isoformat()
        details: Mapping[str, Detail] = {"reason": request.reason.value, "invalid_since": since}
        try:
            with self._database.transaction() as session:
                session.add(row)
                append(
                    session,
                    Act.FOREIGN_REVOKE,
                    f"certificate:{_fingerprint(request.certificate)}",
                    at=request.requested_at,
                    actor=request.actor,
                    details=details,
                )
        except AlreadyExists:
            return

    def confirm_revocation(self, certificate: x509.Certificate, *, at: datetime) -> None:
        """Its issuer shows it."""
        with self._database.transaction() as session:
            session.execute(
                update(ForeignRevocationRow)
                .where(
                    ForeignRevocationRow.certificate_sha256 == _fingerprint(certificate),
                    ForeignRevocationRow.confirmed_at.is_(None),
                )
                .values(confirmed_at=at)
            )

    def open_revocations(self) -> tuple[OpenRevocation, ...]:
        """Each that its issuer does not show yet, oldest first."""
        query = (
            select(ForeignRevocationRow)
            .where(ForeignRevocationRow.confirmed_at.is_(None))
            .order_by(ForeignRevocationRow.requested_at)
        )
        with self._database.transaction() as session:
            return tuple(
                OpenRevocation(issuer=row.issuer, serial=row.serial, reason=row.reason, invalid_since=row.invalid_since)
                for row in session.scalars(query)
            )


class SqlForeignStatus:
    """`signer.foreign.ports.ForeignStatusStore`. A copy of what others publish: no act of ours, so not in the trail."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, url: str, about: str = "") -> KeptStatus | None:
        """The youngest of an address."""
        with self._database.transaction() as session:
            row = session.get(ForeignStatusRow, (url, about))
            if row is None:
                return None
            return KeptStatus(
                url=row.url,
                about=row.about,
                der=row.der,
                this_update=row.this_update,
                next_update=row.next_update,
                fetched_at=row.fetched_at,
            )

    def put(self, status: KeptStatus) -> None:
        """In the place of an older one; raises `AlreadyExists` where somebody else kept one at this very moment."""
        with self._database.transaction() as session:
            session.merge(
                ForeignStatusRow(
                    url=status.url,
                    about=status.about,
                    der=status.der,
                    this_update=status.this_update,
                    next_update=status.next_update,
                    fetched_at=status.fetched_at,
                    number=1 + (session.scalar(_NEWEST) or 0),
                )
            )

    def version(self) -> int:
        """Another number whenever something was kept; cheap."""
        with self._database.transaction() as session:
            return session.scalar(_NEWEST) or 0

    def published(self, *, answers: int) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
        """Every kept CRL and the newest OCSP answers, DER; at most that many of the latter."""
        newest = select(ForeignStatusRow.der).order_by(ForeignStatusRow.number.desc())
        with self._database.transaction() as session:
            crls = tuple(session.scalars(newest.where(ForeignStatusRow.about == "")))
            return crls, tuple(session.scalars(newest.where(ForeignStatusRow.about != "").limit(answers)))


def _ask_again(session: Session, leaf_sha256: str) -> None:
    """A refused answer is none: its request waits for another one."""
    row = session.get_one(ForeignAnswerRow, leaf_sha256)
    leaf = next(iter(certificates_of(row.chain)))
    session.execute(
        update(ForeignRequestRow)
        .where(ForeignRequestRow.spki_sha256 == _spki_sha256(leaf.public_key()))
        .values(answered_at=None)
    )


def _request(row: ForeignRequestRow) -> ForeignRequest:
    return ForeignRequest(
        spki_sha256=row.spki_sha256,
        signatory_id=row.signatory_id,
        csr=row.csr,
        requested_at=row.requested_at,
        exported_at=row.exported_at,
    )


def _answer(row: ForeignAnswerRow) -> ForeignAnswer:
    return ForeignAnswer(
        credential_id=row.credential_id,
        received=row.received,
        chain=tuple(certificates_of(row.chain)),
        state=AnswerState(row.state),
        differences=tuple(row.differences),
        findings=tuple(row.findings),
        received_at=row.received_at,
    )


def _fingerprint(certificate: x509.Certificate) -> str:
    return certificate.fingerprint(hashes.SHA256()).hex()


def _spki_sha256(key: PublicKeyTypes) -> str:
    digest = hashes.Hash(hashes.SHA256())
    digest.update(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    return digest.finalize().hex()
