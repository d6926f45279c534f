"""Requests for consent: each move is one conditional UPDATE, so of two that come at once exactly one moves it."""

from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Update, delete, insert, select, update
from sqlalchemy.orm import Session

from signer.activation import ActivationRequest, ActivationState
from signer.authorisation import LaterUse
from signer.events import EventType
from signer.factors.model import Evidence
from signer.model import Activation, StampPlacement
from store.activation_rows import request_of, written
from store.activations import grant_in
from store.audit import Act, Detail, Outcome, append
from store.base import table_of
from store.database import Database
from store.events import tell
from store.factor_tables import ActivationContentRow, ActivationDocumentRow, ActivationRequestRow

PENDING, GRANTED, DENIED, ENDED = ActivationState

_REQUESTS: Final = table_of(ActivationRequestRow)
_DOCUMENTS: Final = table_of(ActivationDocumentRow)
_CONTENTS: Final = table_of(ActivationContentRow)
_ROW, _LINE, _CONTENT = _REQUESTS.c, _DOCUMENTS.c, _CONTENTS.c


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
            "failed": 0,
            "asked_at": request.asked_at,
            "expires_at": request.expires_at,
            "batch_id": request.batch_id,
            "flow_id": request.flow.flow_id if request.flow else None,
            "flow_step": request.flow.number if request.flow else None,
            "flow_revision": request.flow.revision if request.flow else None,
            "changes": 0,
            "origin": request.origin,
            "description": request.description,
        }
        lines = [
            {
                "request_id": request.id,
                "position": each.position,
                "digest": each.digest,
                "name": each.name,
                "wish": written(each.wish),
                "pages": each.pages,
                "arrived_at": None if each.pages is None else request.asked_at,
                "left_out": False,
                "purpose": None if each.purpose is None else each.purpose.value,
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
                **_about(request),
            )

    def get(self, request_id: str, client_id: str) -> ActivationRequest | None:
        """A request of that client."""
        return self._one(_ROW.id == request_id, _ROW.client_id == client_id)

    def find(self, request_id: str) -> ActivationRequest | None:
        """Whosever it is."""
        return self._one(_ROW.id == request_id)

    def behind(self, link_sha256: str) -> ActivationRequest | None:
        """The request of a link, in whatever state."""
        return self._one(_ROW.link_sha256 == link_sha256)

    def renew_link(self, request_id: str, link_sha256: str, *, at: datetime) -> bool:
        """The link before it ends; not once somebody has opened the request."""
        renewed = _pending(request_id, at).where(_ROW.opened_at.is_(None)).values(link_sha256=link_sha256)
        with self._database.transaction() as session:
            return session.scalar(renewed.returning(_ROW.id)) is not None

    def arrived(self, request_id: str, position: int, document: bytes, *, pages: int, at: datetime) -> bool:
        """Kept, once, and only while nobody has opened the request."""
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
            if session.scalar(came) is None:
                return False
            row = {"request_id": request_id, "position": position, "document": document}
            session.execute(insert(_CONTENTS), row)
        return True

    def content(self, request_id: str, position: int) -> bytes | None:
        """A document as it came in, while it is needed."""
        this = select(_CONTENT.document).where(_CONTENT.request_id == request_id, _CONTENT.position == position)
        with self._database.transaction() as session:
            return session.scalar(this)

    def choose(self, request: ActivationRequest, position: int, *, left_out: bool, session: str, at: datetime) -> bool:
        """Left out or taken in; the request's row first, so that a grant has seen it or finds it changed."""
        mine = _pending(request.id, at).where(_ROW.session_sha256 == session, _ROW.changes == request.changes)
        this = update(_DOCUMENTS).where(_LINE.request_id == request.id, _LINE.position == position)
        with self._database.transaction() as opened:
            moved = opened.scalar(mine.values(changes=_ROW.changes + 1).returning(_ROW.id)) is not None
            if moved:
                opened.execute(this.values(left_out=left_out))
            _note(opened, Act.ACTIVATION_CHOOSE, request.id, at=at, done=moved, position=position, left_out=left_out)
        return moved

    def place(
        self,
        request: ActivationRequest,
        position: int,
        placed: StampPlacement | None,
        *,
        session: str,
        at: datetime,
    ) -> bool:
        """The stamp of a document is moved; the request's row first, as `choose`."""
        mine = _pending(request.id, at).where(_ROW.session_sha256 == session, _ROW.changes == request.changes)
        this = update(_DOCUMENTS).where(_LINE.request_id == request.id, _LINE.position == position)
        with self._database.transaction() as opened:
            moved = opened.scalar(mine.values(changes=_ROW.changes + 1).returning(_ROW.id)) is not None
            if moved:
                opened.execute(this.values(placed=None if placed is None else asdict(placed)))
            where = None if placed is None else place_told(placed)
            _note(opened, Act.ACTIVATION_PLACE, request.id, at=at, done=moved, position=position, placed=where)
        return moved

    def open(self, request_id: str, session: str, *, expires_at: datetime, at: datetime) -> bool:
        """Bound to the session that came first; its time begins."""
        opened = _pending(request_id, at).where(_ROW.opened_at.is_(None))
        values = {"session_sha256": session, "opened_at": at, "expires_at": expires_at}
        return self._move(opened.values(values), Act.ACTIVATION_OPEN, request_id, at=at)

    def count_try(self, request_id: str, session: str, *, seen: int, expires_at: datetime, at: datetime) -> bool:
        """Counted before it is made; `seen`: how many there were when the page was drawn."""
        counted = _pending(request_id, at).where(_ROW.session_sha256 == session, _ROW.tries == seen)
        values = {"tries": _ROW.tries + 1, "expires_at": expires_at}
        return self._move(counted.values(values), Act.ACTIVATION_TRY, request_id, at=at)

    def count_failure(self, request_id: str, *, most: int, at: datetime) -> bool:
        """Counted first, and ended where that was the last: of two that are wrong at once, one ends it."""
        pending = update(_REQUESTS).where(_ROW.id == request_id, _ROW.state == PENDING.value)
        with self._database.transaction() as session:
            failed = session.scalar(pending.values(failed=_ROW.failed + 1).returning(_ROW.failed))
        if failed is None or failed < most:
            return False
        ended = pending.values(state=ENDED.value, ended_at=at)
        return self._move(ended, Act.ACTIVATION_END, request_id, at=at, tells=EventType.ACTIVATION_ENDED)

    def deny(self, request_id: str, session: str, *, reason: str | None, at: datetime) -> bool:
        """The signatory said no."""
        denied = _pending(request_id, at).where(_ROW.session_sha256 == session)
        values = {"state": DENIED.value, "ended_at": at, "reason": reason}
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
        later: LaterUse | None = None,
        round_id: str | None = None,
    ) -> bool:
        """`pending -> granted` and the consent itself, in one transaction. The trail keeps what was proven, so that a
        passkey's assertion can be verified again over the very transaction."""
        granted = (
            _pending(request.id, at)
            .where(_ROW.session_sha256 == session, _ROW.changes == request.changes)
            .values(state=GRANTED.value, factor=evidence.kind.value, ended_at=at)
            .returning(_ROW.id)
        )
        with self._database.transaction() as opened:
            moved = opened.scalar(granted) is not None
            if moved:
                grant_in(opened, activation, later)
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
                **({} if round_id is None else {"round": round_id}),
                **proven(evidence),
            )
        return moved

    def signed(self, request_id: str, position: int, *, code: str | None, failure: str | None) -> None:
        """How one signing ended; the signature log has its own entry in the trail. What came in is forgotten."""
        this = update(_DOCUMENTS).where(_LINE.request_id == request_id, _LINE.position == position)
        with self._database.transaction() as session:
            session.execute(this.values(code=code, failure=failure))
            session.execute(delete(_CONTENTS).where(_CONTENT.request_id == request_id, _CONTENT.position == position))

    def forget_contents(self, *, before: datetime) -> int:
        """Documents of requests that expired before `before`: nobody can consent to them any more. How many."""
        over = select(_ROW.id).where(_ROW.expires_at < before)
        kept = delete(_CONTENTS).where(_CONTENT.request_id.in_(over)).returning(_CONTENT.position)
        with self._database.transaction() as session:
            return len(session.scalars(kept).all())

    def purge(self, *, before: datetime) -> int:
        """Forget what expired before `before` and never was granted; the trail goes on telling of it."""
        gone = select(_ROW.id).where(_ROW.expires_at < before, _ROW.state != GRANTED.value)
        with self._database.transaction() as session:
            ids = list(session.scalars(gone.limit(1000)))
            session.execute(delete(_CONTENTS).where(_CONTENT.request_id.in_(ids)))
            session.execute(delete(_DOCUMENTS).where(_LINE.request_id.in_(ids)))
            session.execute(delete(_REQUESTS).where(_ROW.id.in_(ids)))
        return len(ids)

    def _one(self, *conditions: Any) -> ActivationRequest | None:
        with self._database.transaction() as session:
            row = session.execute(select(_REQUESTS).where(*conditions)).one_or_none()
            if row is None:
                return None
            lines = session.execute(select(_DOCUMENTS).where(_LINE.request_id == row.id).order_by(_LINE.position)).all()
            return request_of(row, lines)

    def _move(self, move: Update, act: Act, request_id: str, *, at: datetime, tells: EventType | None = None) -> bool:
        """`tells`: nothing follows, so the client hears of it and the documents are forgotten."""
        with self._database.transaction() as session:
            row = session.execute(move.returning(_ROW.client_id, _ROW.credential_id)).one_or_none()
            _note(session, act, request_id, at=at, done=row is not None)
            if row is not None and tells is not None:
                session.execute(delete(_CONTENTS).where(_CONTENT.request_id == request_id))
                whose = {"client_id": row.client_id, "subject": request_id}
                tell(session, tells, **whose, at=at, data={"credential": row.credential_id})
        return row is not None


def place_told(place: StampPlacement) -> list[int]:
    """For the trail, which has no fractions: page, then left and lower edge, width and height in hundredths of a point.
    One text of all of them could look like a person's number."""
    lengths = (place.x, place.y, place.width, place.height)
    return [place.page or 0, *(round((each or 0.0) * 100) for each in lengths)]


def proven(evidence: Evidence) -> dict[str, Detail]:
    """What the trail keeps of a proof: hex, in which no number of a person can stand by chance."""
    parts = {
        "client_data": evidence.client_data,
        "authenticator_data": evidence.authenticator_data,
        "signature": evidence.signature,
    }
    told: dict[str, Detail] = {"factor": evidence.kind.value, "factor_id": evidence.factor_id}
    return told | {name: part.hex() for name, part in parts.items() if part is not None}


def _about(request: ActivationRequest) -> dict[str, Any]:
    """What the trail says of a request that is not about documents of its own."""
    if request.origin is not None:
        return {"origin": request.origin}
    if request.batch_id is not None:
        return {"batch": request.batch_id}
    return {} if request.flow is None else {"flow": request.flow.flow_id, "step": request.flow.number}


def _pending(request_id: str, at: datetime) -> Update:
    return update(_REQUESTS).where(_ROW.id == request_id, _ROW.state == PENDING.value, _ROW.expires_at > at)


def _note(session: Session, act: Act, request_id: str, *, at: datetime, done: bool = True, **details: Detail) -> None:
    outcome = Outcome.DONE if done else Outcome.REFUSED
    append(session, act, f"activation-request:{request_id}", at=at, outcome=outcome, details=details)
