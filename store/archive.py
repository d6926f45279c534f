"""The archive: later versions of signed documents, and the list of what has to be renewed when."""

import hashlib
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, bindparam, func, insert, or_, select, update
from sqlalchemy.orm import Session

from signer.archive import OVERDUE, Added, ArchivedDocument, ArchiveProgress, DocumentVersion, Validity, VersionReason
from signer.events import EventType
from signer.model import SignatureLevel, SigningState
from store.archive_tables import ArchivedRow, DocumentVersionRow
from store.audit import Act, Outcome, append
from store.base import table_of
from store.database import Database
from store.errors import IllegalMove
from store.events import tell
from store.tables import SignatureRow

_ARCHIVED: Final = table_of(ArchivedRow)
_ROW: Final = _ARCHIVED.c
_KEEP: Final = insert(_ARCHIVED)
_ACTS: Final = {
    VersionReason.AUGMENTATION: Act.DOCUMENT_AUGMENT,
    VersionReason.RENEWAL: Act.DOCUMENT_RENEW,
}
_EVENTS: Final = {
    VersionReason.AUGMENTATION: EventType.SIGNATURE_RAISED,
    VersionReason.RENEWAL: EventType.SIGNATURE_RENEWED,
}
_WHOSE: Final = select(SignatureRow.client_id, SignatureRow.external_id).where(SignatureRow.token == bindparam("code"))


def keep_valid(session: Session, token: str, sha256: str, *, at: datetime) -> None:
    """In the transaction in which a signing at B-LT or B-LTA ends: from now on somebody looks after the document."""
    session.execute(_KEEP, {"token": token, "sha256": sha256, "attempts": 0, "next_attempt_at": at})


class SqlArchive:
    """`signer.archive.Archive`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, sha256: str) -> tuple[DocumentVersion, str] | None:
        """The version with these bytes, and the client that had it signed."""
        signed = select(SignatureRow.token, SignatureRow.client_id).where(SignatureRow.document_sha256 == sha256)
        later = (
            select(SignatureRow.token, SignatureRow.client_id)
            .join(DocumentVersionRow, DocumentVersionRow.token == SignatureRow.token)
            .where(DocumentVersionRow.sha256 == sha256)
        )
        with self._database.transaction() as session:
            found = session.execute(signed).first() or session.execute(later).first()
            if found is None:
                return None
            version = next(each for each in _versions(session, found.token) if each.sha256 == sha256)
            return version, found.client_id

    def versions(self, token: str) -> tuple[DocumentVersion, ...]:
        """All of one signing, the signed one first; empty where nothing was signed."""
        with self._database.transaction() as session:
            return _versions(session, token)

    def add(self, added: Added, *, actor: str | None) -> None:
        """Raises `IllegalMove` where `previous` is not the newest version any more."""
        new, token = added.version, added.version.token
        with self._database.transaction() as session:
            # the row of the signing is the lock: of two who add at once, the second one sees the first one's version
            session.execute(select(SignatureRow.token).where(SignatureRow.token == token).with_for_update())
            versions = _versions(session, token)
            if not versions or versions[-1].sha256 != added.previous or versions[-1].number + 1 != new.number:
                raise IllegalMove("somebody else added a version meanwhile, or there is none to add to")
            session.add(
                DocumentVersionRow(
                    token=token,
                    number=new.number,
                    sha256=new.sha256,
                    previous=added.previous,
                    level=new.level.value,
                    size=new.size,
                    page_count=new.page_count,
                    reason=added.reason.value,
                    made_at=new.made_at,
                )
            )
            if new.level.needs_validation_data:
                _archive(session, token, new.sha256, added.validity, at=new.made_at)
            signed = session.execute(_WHOSE, {"code": token}).one()
            tell(
                session,
                _EVENTS[added.reason],
                client_id=signed.client_id,
                subject=token,
                at=new.made_at,
                external_id=signed.external_id,
                data={"level": new.level.value, "sha256": new.sha256, "version": new.number},
            )
            append(
                session,
                _ACTS[added.reason],
                _named(token),
                at=new.made_at,
                actor=actor,
                details={
                    "previous": added.previous,
                    "document_sha256": new.sha256,
                    "level": new.level.value,
                    "version": new.number,
                },
            )

    def note_passing(self, *, input_sha256: str, result_sha256: str, level: SignatureLevel, at: datetime) -> None:
        """A document that is not in the register was raised and given back."""
        with self._database.transaction() as session:
            details = {"result_sha256": result_sha256, "level": level.value}
            append(session, Act.DOCUMENT_AUGMENT, f"document:{input_sha256}", at=at, details=details)

    def examined(self, document: ArchivedDocument, validity: Validity) -> None:
        """How long its newest version holds; what was found of an older one counts no more."""
        with self._database.transaction() as session:
            session.execute(
                update(_ARCHIVED)
                .where(_ROW.token == document.token, _ROW.sha256 == document.sha256)
                .values(**_held(validity), next_attempt_at=validity.due_at)
            )

    def claim_due(self, *, at: datetime, until: datetime) -> ArchivedDocument | None:
        """The one that has been due longest."""
        return self._claim(
            select(_ROW.token).where(_ROW.due_at <= at, _ROW.next_attempt_at <= at).order_by(_ROW.due_at), at, until
        )

    def claim_unexamined(self, *, policy: str, at: datetime, until: datetime) -> ArchivedDocument | None:
        """One that nobody has looked at by `policy`."""
        other = or_(_ROW.policy.is_(None), _ROW.policy < policy, _ROW.policy > policy)  # ranges, which an index serves
        return self._claim(select(_ROW.token).where(other, _ROW.next_attempt_at <= at), at, until)

    def failed(self, document: ArchivedDocument, *, reason: str, again_at: datetime, at: datetime) -> None:
        """An attempt ended with `reason`; not before `again_at` again."""
        with self._database.transaction() as session:
            session.execute(
                update(_ARCHIVED)
                .where(_ROW.token == document.token)
                .values(attempts=_ROW.attempts + 1, failure=reason, next_attempt_at=again_at)
            )
            append(
                session,
                Act.DOCUMENT_RENEW,
                _named(document.token),
                at=at,
                outcome=Outcome.FAILED,
                reason=reason,
                details={"document_sha256": document.sha256},
            )

    def progress(self, *, at: datetime) -> ArchiveProgress:
        """Where the archive stands."""
        late = or_(_ROW.due_at <= at - OVERDUE, _ROW.good_until <= at)
        with self._database.transaction() as session:

            def count(*where: ColumnElement[bool]) -> int:
                return session.scalar(select(func.count()).select_from(_ARCHIVED).where(*where)) or 0

            return ArchiveProgress(
                documents=count(),
                unexamined=count(_ROW.policy.is_(None)),
                due=count(_ROW.due_at <= at),
                overdue=count(late),
                failing=count(_ROW.attempts > 0),
                next_due_at=session.scalar(select(func.min(_ROW.due_at)).where(_ROW.due_at > at)),
            )

    def _claim(self, which: Select[Any], at: datetime, until: datetime) -> ArchivedDocument | None:
        chosen = which.limit(1).with_for_update(skip_locked=True).scalar_subquery()
        claim = (
            update(_ARCHIVED)
            .where(_ROW.token == chosen, _ROW.next_attempt_at <= at)
            .values(next_attempt_at=until)
            .returning(_ROW.token, _ROW.sha256, _ROW.attempts)
        )
        with self._database.transaction() as session:
            row = session.execute(claim).first()
        return None if row is None else ArchivedDocument(token=row.token, sha256=row.sha256, attempts=row.attempts)


def _archive(session: Session, token: str, sha256: str, validity: Validity, *, at: datetime) -> None:
    """Its newest version, in place of the one before."""
    values = {"sha256": sha256, **_held(validity), "next_attempt_at": validity.due_at}
    known = session.execute(update(_ARCHIVED).where(_ROW.token == token).values(**values).returning(_ROW.token))
    if known.first() is None:
        keep_valid(session, token, sha256, at=at)
        session.execute(update(_ARCHIVED).where(_ROW.token == token).values(**values))


def _held(validity: Validity) -> dict[str, object]:
    return {
        "good_until": validity.good_until,
        "due_at": validity.due_at,
        "policy": validity.policy,
        "attempts": 0,
        "failure": None,
    }


def _versions(session: Session, token: str) -> tuple[DocumentVersion, ...]:
    row = session.get(SignatureRow, token)
    if row is None or row.state != SigningState.SIGNED.value or row.document_sha256 is None or row.ended_at is None:
        return ()
    signed = DocumentVersion(
        token=token,
        number=0,
        sha256=row.document_sha256,
        size=row.document_size or 0,
        page_count=row.page_count,
        level=SignatureLevel(row.level),
        made_at=row.ended_at,
    )
    query = select(DocumentVersionRow).where(DocumentVersionRow.token == token).order_by(DocumentVersionRow.number)
    return (signed, *map(_version, session.scalars(query)))


def _version(row: DocumentVersionRow) -> DocumentVersion:
    return DocumentVersion(
        token=row.token,
        number=row.number,
        sha256=row.sha256,
        size=row.size,
        page_count=row.page_count,
        level=SignatureLevel(row.level),
        made_at=row.made_at,
    )


def _named(token: str) -> str:
    return f"signature:{hashlib.sha256(token.encode()).hexdigest()}"
