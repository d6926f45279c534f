"""Kinds that stay outside of electronic signing: versions of the lists, and for whom they hold."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from signer.kinds import Assignment, KindDefault, KindList
from store.audit import Act, append
from store.database import Database
from store.errors import AlreadyExists, IllegalMove
from store.letter_tables import ClientKindsRow, DefaultKindRow, KindListRow
from store.tables import ClientRow


class SqlKinds:
    """`signer.kinds.KindAssignments`, and what changes them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, lists: Iterable[KindList], *, at: datetime) -> tuple[str, ...]:
        """Remember which versions are in force; returns the names of those that changed, each of them audited.

        Raises `IllegalMove` for a list that changed without a higher version: nobody could tell the two apart.
        """
        return tuple(each.name for each in lists if self._note(each, at))

    def assign(self, client_id: str, lists: Sequence[str], *, actor: str, at: datetime) -> None:
        """Just these lists hold for the client from now on; none of them: every kind is signed.

        Raises `IllegalMove` where there is no such client.
        """
        held = sorted(set(lists))
        with self._database.transaction() as session:
            if session.get(ClientRow, client_id, with_for_update=True) is None:
                raise IllegalMove("kinds can be assigned to a client that exists")
            session.execute(delete(ClientKindsRow).where(ClientKindsRow.client_id == client_id))
            session.execute(insert(ClientKindsRow).values(client_id=client_id, lists=held, actor=actor, changed_at=at))
            append(session, Act.KIND_ASSIGN, f"client:{client_id}", at=at, actor=actor, details={"lists": held})

    def set_default(self, signatory_id: str, default: KindDefault, *, actor: str, at: datetime) -> None:
        """What holds for an official where a request states no kind."""
        row = {"kind": default.kind, "unstated_allowed": default.unstated_allowed, "actor": actor, "changed_at": at}
        with self._database.transaction() as session:
            session.execute(delete(DefaultKindRow).where(DefaultKindRow.signatory_id == signatory_id))
            session.execute(insert(DefaultKindRow).values(signatory_id=signatory_id, **row))
            append(
                session,
                Act.KIND_DEFAULT,
                f"signatory:{signatory_id}",
                at=at,
                actor=actor,
                details={"kind": default.kind, "unstated_allowed": default.unstated_allowed},
            )

    def lists_of(self, client_id: str) -> frozenset[str] | None:
        """Names of the lists that hold for a client; `None` where nobody decided."""
        with self._database.transaction() as session:
            row = session.get(ClientKindsRow, client_id)
            return frozenset(row.lists) if row else None

    def default_of(self, signatory_id: str) -> KindDefault:
        """Of an official; the mildest where nobody decided."""
        with self._database.transaction() as session:
            row = session.get(DefaultKindRow, signatory_id)
            return KindDefault(kind=row.kind, unstated_allowed=row.unstated_allowed) if row else KindDefault()

    def assignments(self) -> tuple[Assignment, ...]:
        """Every decision, by client."""
        query = select(ClientKindsRow).order_by(ClientKindsRow.client_id)
        with self._database.transaction() as session:
            return tuple(
                Assignment(client_id=row.client_id, lists=frozenset(row.lists), actor=row.actor, at=row.changed_at)
                for row in session.scalars(query)
            )

    def _note(self, new: KindList, at: datetime) -> bool:
        row = {"version": new.version, "sha256": new.sha256, "author": new.author, "dated": new.date, "noted_at": at}
        try:
            with self._database.transaction() as session:
                known = session.get(KindListRow, new.name, with_for_update=True)
                if known is not None and known.sha256 == new.sha256:
                    return False
                if known is not None and new.version <= known.version:
                    raise IllegalMove(
                        f"the list {new.name} changed and is still version {new.version}: give it a higher one"
                    )
                if known is None:
                    session.execute(insert(KindListRow).values(name=new.name, **row))
                else:
                    session.execute(update(KindListRow).where(KindListRow.name == new.name).values(**row))
                append(
                    session,
                    Act.KIND_LIST,
                    f"kind-list:{new.name}",
                    at=at,
                    details={
                        "version": new.version,
                        "sha256": new.sha256,
                        "author": new.author,
                        "date": new.date.isoformat(),
                    },
                )
        except AlreadyExists:
            return False  # another process was quicker
        return True
