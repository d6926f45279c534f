"""Logins of people and one-time links to their page, both kept as hashes."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, delete, insert, select, update

from signer.factors.model import Session, SignedInBy
from signer.factors.subjects import acting_as, name_in_trail
from store.audit import Act, append
from store.base import table_of
from store.database import Database
from store.factor_tables import FactorLinkRow, PersonSessionRow

_SESSIONS, _LINKS = table_of(PersonSessionRow), table_of(FactorLinkRow)
_ROW, _LINK = _SESSIONS.c, _LINKS.c
_NOBODY: Final = SignedInBy.NOBODY.value


class SqlPersonSessions:
    """`signer.factors.ports.SessionStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, session: Session, *, at: datetime) -> None:
        """A new login; one of nobody yet leaves no entry: the trail would be everybody's to fill."""
        row = {
            "token_sha256": session.id,
            "signatory_id": session.signatory_id,
            "signed_in_by": session.by.value,
            "began_at": at,
            "seen_at": at,
            "expires_at": session.expires_at,
            "confirmed_until": session.confirmed_until,
        }
        with self._database.transaction() as opened:
            opened.execute(insert(_SESSIONS), row)
            if session.signatory_id is not None:
                who, actor = name_in_trail(session.signatory_id), acting_as(session.signatory_id)
                append(opened, Act.SESSION_BEGIN, who, at=at, actor=actor, details={"by": session.by.value})

    def find(self, session_id: str, *, at: datetime, idle_since: datetime) -> Session | None:
        """One that has neither expired nor been unused since `idle_since`; its use is remembered."""
        seen = (
            update(_SESSIONS)
            .where(_ROW.token_sha256 == session_id, _ROW.expires_at > at, _ROW.seen_at > idle_since)
            .values(seen_at=at)
            .returning(*_ROW)
        )
        with self._database.transaction() as opened:
            row = opened.execute(seen).one_or_none()
            return _session(row) if row else None

    def confirm(self, session_id: str, *, until: datetime, at: datetime) -> None:
        """Factors may be changed until then."""
        confirmed = update(_SESSIONS).where(_ROW.token_sha256 == session_id).values(confirmed_until=until)
        with self._database.transaction() as opened:
            whose = opened.scalar(confirmed.returning(_ROW.signatory_id))
            if whose is not None:
                append(opened, Act.SESSION_CONFIRM, name_in_trail(whose), at=at, actor=acting_as(whose))

    def challenge(self, session_id: str, challenge: bytes) -> None:
        """What the next answer of a passkey has to be over."""
        with self._database.transaction() as opened:
            this = update(_SESSIONS).where(_ROW.token_sha256 == session_id)
            opened.execute(this.values(challenge=challenge))

    def take_challenge(self, session_id: str) -> bytes | None:
        """The same, once: the UPDATE that takes it away names it."""
        with self._database.transaction() as opened:
            kept: bytes | None = opened.scalar(select(_ROW.challenge).where(_ROW.token_sha256 == session_id))
            if kept is None:
                return None
            taken = update(_SESSIONS).where(_ROW.token_sha256 == session_id, _ROW.challenge == kept)
            mine = opened.scalar(taken.values(challenge=None).returning(_ROW.token_sha256)) is not None
        return kept if mine else None

    def end(self, session_id: str, *, at: datetime) -> None:
        """Log out."""
        with self._database.transaction() as opened:
            whose = opened.scalar(delete(_SESSIONS).where(_ROW.token_sha256 == session_id).returning(_ROW.signatory_id))
            if whose is not None:
                append(opened, Act.SESSION_END, name_in_trail(whose), at=at, actor=acting_as(whose))

    def purge(self, at: datetime) -> int:
        """Forget what expired."""
        with self._database.transaction() as opened:
            gone = opened.execute(delete(_SESSIONS).where(_ROW.expires_at <= at).returning(_ROW.token_sha256))
            return len(gone.all())


class SqlFactorLinks:
    """`signer.factors.ports.LinkStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def issue(self, signatory_id: str, token_sha256: str, *, expires_at: datetime, actor: str, at: datetime) -> None:
        """In place of every earlier one."""
        link = {"token_sha256": token_sha256, "signatory_id": signatory_id, "expires_at": expires_at}
        with self._database.transaction() as opened:
            earlier = update(_LINKS).where(_LINK.signatory_id == signatory_id, _LINK.used_at.is_(None))
            opened.execute(earlier.values(used_at=at))
            opened.execute(insert(_LINKS), link)
            who, details = f"signatory:{signatory_id}", {"expires": expires_at.isoformat()}
            append(opened, Act.FACTOR_LINK, who, at=at, actor=actor, details=details)

    def find(self, token_sha256: str, *, at: datetime) -> str | None:
        """Whose it is, where it is neither used nor expired."""
        query = select(_LINK.signatory_id).where(
            _LINK.token_sha256 == token_sha256, _LINK.used_at.is_(None), _LINK.expires_at > at
        )
        with self._database.transaction() as opened:
            found: str | None = opened.scalar(query)
            return found

    def claim(self, token_sha256: str, *, at: datetime) -> str | None:
        """Used up by one conditional UPDATE."""
        claimed = (
            update(_LINKS)
            .where(_LINK.token_sha256 == token_sha256, _LINK.used_at.is_(None), _LINK.expires_at > at)
            .values(used_at=at)
            .returning(_LINK.signatory_id)
        )
        with self._database.transaction() as opened:
            whose: str | None = opened.scalar(claimed)
            if whose is not None:
                details = {"what": "used"}
                append(opened, Act.FACTOR_LINK, f"signatory:{whose}", at=at, actor="signatory", details=details)
        return whose


def _session(row: Row[Any]) -> Session:
    return Session(
        id=row.token_sha256,
        signatory_id=row.signatory_id,
        by=SignedInBy(row.signed_in_by),
        began_at=row.began_at,
        expires_at=row.expires_at,
        confirmed_until=row.confirmed_until,
    )
