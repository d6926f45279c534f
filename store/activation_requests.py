"""Requests for consent: each move is one conditional UPDATE, so of two that come at once exactly one moves it."""

from dataclasses import asdict
from datetime import date, datetime
from enum import Enum
from typing import Any, Final

from sqlalchemy import Row, Update, delete, insert, select, update
from sqlalchemy.orm import Session

from signer.activation import ActivationRequest, ActivationState, DocumentWish, RequestedDocument
from signer.events import EventType
from signer.factors.model import Evidence
from signer.model import Activation, LetterMetadata, Secrecy, SignatureLevel, SignedAs, StampPlacement, Urgency
from store.activations import grant_in
from store.audit import Act, Detail, Outcome, append
from store.base import table_of
from store.database import Database
from store.events import tell
from store.factor_tables import ActivationDocumentRow, ActivationRequestRow

PENDING, GRANTED, DENIED, ENDED = ActivationState

_REQUESTS: Final = table_of(ActivationRequestRow)
_DOCUMENTS: Final = table_of(ActivationDocumentRow)
_ROW, _LINE = _REQUESTS.c, _DOCUMENTS.c


class SqlActivationRequests:
    """`signer.activation_requests.RequestStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, request: ActivationRequest, link_sha256: str) -> None:
        """A new request with its list."""
        row = {
            "id": request.id,
            "link_sha256": link_sha256,
            "client_id": request.client_id,
            "credential_id": request.credential_id,
            "signatory_id": request.signatory_id,
            "state": request.state.value,
            "nonce": request.nonce,
            "tries": 0,
            "asked_at": request.asked_at,
            "expires_at": request.expires_at,
        }
        lines = [
            {
                "request_id": request.id,
                "position": each.position,
                "digest": each.digest,
                "name": each.name,
                "wish": _written(each.wish),
            }
            for each in request.documents
        ]
        with self._database.transaction() as session:
            session.execute(insert(_REQUESTS), row)
            session.execute(insert(_DOCUMENTS), lines)
            _note(
                session,
                Act.ACTIVATION_ASK,
                request.id,
                at=request.asked_at,
                client=request.client_id,
                credential=request.credential_id,
                documents=[each.digest for each in request.documents],
            )

    def get(self, request_id: str, client_id: str) -> ActivationRequest | None:
        """A request of that client."""
        return self._one(_ROW.id == request_id, _ROW.client_id == client_id)

    def behind(self, link_sha256: str) -> ActivationRequest | None:
        """The request of a link, in whatever state."""
        return self._one(_ROW.link_sha256 == link_sha256)

    def arrived(self, request_id: str, position: int, *, pages: int, at: datetime) -> bool:
        """The document is in the vault; once, and only while nobody has opened the request."""
        open_still = select(_ROW.id).where(
            _ROW.id == request_id, _ROW.state == PENDING.value, _ROW.expires_at > at, _ROW.opened_at.is_(None)
        )
        came = (
            update(_DOCUMENTS)
            .where(_LINE.request_id.in_(open_still), _LINE.position == position, _LINE.arrived_at.is_(None))
            .values(pages=pages, arrived_at=at)
            .returning(_LINE.position)
        )
        with self._database.transaction() as session:
            return session.scalar(came) is not None

    def open(self, request_id: str, session: str, *, expires_at: datetime, at: datetime) -> bool:
        """Bound to the session that came first; its time begins."""
        opened = _pending(request_id, at).where(_ROW.opened_at.is_(None))
        values = {"session_sha256": session, "opened_at": at, "expires_at": expires_at}
        return self._move(opened.values(values), Act.ACTIVATION_OPEN, request_id, at=at)

    def count_try(self, request_id: str, session: str, *, seen: int, most: int, at: datetime) -> bool:
        """Counted before it is made; `seen`: how many there were when the page was drawn."""
        counted = _pending(request_id, at).where(_ROW.session_sha256 == session, _ROW.tries == seen, _ROW.tries < most)
        return self._move(counted.values(tries=_ROW.tries + 1), Act.ACTIVATION_TRY, request_id, at=at)

    def end(self, request_id: str, *, at: datetime) -> None:
        """Too many tries."""
        ended = update(_REQUESTS).where(_ROW.id == request_id, _ROW.state == PENDING.value)
        values = {"state": ENDED.value, "ended_at": at}
        self._move(ended.values(values), Act.ACTIVATION_END, request_id, at=at, tells=EventType.ACTIVATION_ENDED)

    def deny(self, request_id: str, session: str, *, at: datetime) -> bool:
        """The signatory said no."""
        denied = _pending(request_id, at).where(_ROW.session_sha256 == session)
        values = {"state": DENIED.value, "ended_at": at}
        return self._move(
            denied.values(values), Act.ACTIVATION_DENY, request_id, at=at, tells=EventType.ACTIVATION_DENIED
        )

    def grant(
        self,
        request: ActivationRequest,
        activation: Activation,
        *,
        session: str,
        evidence: Evidence,
        transaction: bytes,
        at: datetime,
    ) -> bool:
        """`pending -> granted` and the consent itself, in one transaction. The trail keeps what was proven, so that a
        passkey's assertion can be verified again over the very transaction."""
        granted = (
            _pending(request.id, at)
            .where(_ROW.session_sha256 == session)
            .values(state=GRANTED.value, factor=evidence.kind.value, ended_at=at)
            .returning(_ROW.id)
        )
        with self._database.transaction() as opened:
            moved = opened.scalar(granted) is not None
            if moved:
                grant_in(opened, activation)
                told = EventType.ACTIVATION_APPROVED
                whose = {"client_id": request.client_id, "subject": request.id}
                tell(opened, told, **whose, at=at, data={"credential": request.credential_id})
            _note(
                opened,
                Act.ACTIVATION_APPROVE,
                request.id,
                at=at,
                done=moved,
                nonce=request.nonce.hex(),
                tries=request.tries,
                transaction=transaction.hex(),
                **proven(evidence),
            )
        return moved

    def signed(self, request_id: str, position: int, *, code: str | None, failure: str | None) -> None:
        """How one signing ended; the signature log has its own entry in the trail."""
        this = update(_DOCUMENTS).where(_LINE.request_id == request_id, _LINE.position == position)
        with self._database.transaction() as session:
            session.execute(this.values(code=code, failure=failure))

    def purge(self, *, before: datetime) -> int:
        """Forget what expired before `before` and never was granted; the trail goes on telling of it."""
        gone = select(_ROW.id).where(_ROW.expires_at < before, _ROW.state != GRANTED.value)
        with self._database.transaction() as session:
            ids = list(session.scalars(gone.limit(1000)))
            session.execute(delete(_DOCUMENTS).where(_LINE.request_id.in_(ids)))
            session.execute(delete(_REQUESTS).where(_ROW.id.in_(ids)))
        return len(ids)

    def _one(self, *conditions: Any) -> ActivationRequest | None:
        with self._database.transaction() as session:
            row = session.execute(select(_REQUESTS).where(*conditions)).one_or_none()
            if row is None:
                return None
            lines = session.execute(select(_DOCUMENTS).where(_LINE.request_id == row.id).order_by(_LINE.position)).all()
            return _request(row, lines)

    def _move(self, move: Update, act: Act, request_id: str, *, at: datetime, tells: EventType | None = None) -> bool:
        with self._database.transaction() as session:
            row = session.execute(move.returning(_ROW.client_id, _ROW.credential_id)).one_or_none()
            _note(session, act, request_id, at=at, done=row is not None)
            if row is not None and tells is not None:
                whose = {"client_id": row.client_id, "subject": request_id}
                tell(session, tells, **whose, at=at, data={"credential": row.credential_id})
        return row is not None


def proven(evidence: Evidence) -> dict[str, Detail]:
    """What the trail keeps of a proof: hex, in which no number of a person can stand by chance."""
    parts = {
        "client_data": evidence.client_data,
        "authenticator_data": evidence.authenticator_data,
        "signature": evidence.signature,
    }
    told: dict[str, Detail] = {"factor": evidence.kind.value, "factor_id": evidence.factor_id}
    return told | {name: part.hex() for name, part in parts.items() if part is not None}


def _pending(request_id: str, at: datetime) -> Update:
    return update(_REQUESTS).where(_ROW.id == request_id, _ROW.state == PENDING.value, _ROW.expires_at > at)


def _note(session: Session, act: Act, request_id: str, *, at: datetime, done: bool = True, **details: Detail) -> None:
    outcome = Outcome.DONE if done else Outcome.REFUSED
    append(session, act, f"activation-request:{request_id}", at=at, outcome=outcome, details=details)


def _request(row: Row[Any], lines: Any) -> ActivationRequest:
    return ActivationRequest(
        id=row.id,
        client_id=row.client_id,
        credential_id=row.credential_id,
        signatory_id=row.signatory_id,
        documents=tuple(
            RequestedDocument(
                position=line.position,
                digest=line.digest,
                name=line.name,
                wish=_read(line.wish),
                pages=line.pages,
                code=line.code,
                failure=line.failure,
            )
            for line in lines
        ),
        state=ActivationState(row.state),
        nonce=row.nonce,
        tries=row.tries,
        asked_at=row.asked_at,
        expires_at=row.expires_at,
        opened_at=row.opened_at,
        session=row.session_sha256,
        factor=row.factor,
    )


def _written(wish: DocumentWish) -> dict[str, Any]:
    written: dict[str, Any] = _plain(asdict(wish))
    return written


def _plain(value: Any) -> Any:
    """As JSON has it."""
    match value:
        case Enum():
            return value.value
        case date():
            return value.isoformat()
        case dict():
            return {name: _plain(each) for name, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
        case _:
            return value


def _read(written: dict[str, Any]) -> DocumentWish:
    letter, stamp = written["letter"], written["stamp"]
    until = letter["valid_until"]
    kept = {
        "secrecy": Secrecy(letter["secrecy"]),
        "urgency": Urgency(letter["urgency"]),
        "copies_to": tuple(letter["copies_to"]),
        "valid_until": None if until is None else date.fromisoformat(until),
    }
    return DocumentWish(
        level=SignatureLevel(written["level"]),
        stamp=None if stamp is None else StampPlacement(**stamp),
        reason=written["reason"],
        location=written["location"],
        signed_as=SignedAs(**written["signed_as"]),
        letter=LetterMetadata(**letter | kept),
    )
