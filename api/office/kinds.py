"""Kinds that stay outside of electronic signing at the desk: the lists, and for which applications they hold."""

from collections.abc import Callable, Collection
from datetime import datetime

from api.office.desk import Caller, Desk
from api.permissions import Permission
from signer.errors import Refused
from signer.kinds import Assignment, KindList
from store.errors import IllegalMove
from store.kinds import SqlKinds


class KindOffice:
    """Every act names its caller. `now` gives aware UTC."""

    def __init__(
        self, *, desk: Desk, lists: Callable[[], tuple[KindList, ...]], kept: SqlKinds, now: Callable[[], datetime]
    ) -> None:
        """`lists`: those that are installed."""
        self._desk = desk
        self._lists = lists
        self._kept = kept
        self._now = now

    def lists(self, caller: Caller) -> tuple[KindList, ...]:
        """Every installed list with its kinds."""
        with self._desk.acting(caller, Permission.KIND_MANAGE):
            return self._lists()

    def assignments(self, caller: Caller) -> tuple[Assignment, ...]:
        """The applications for which something was decided, by client; for every other one all lists hold."""
        with self._desk.acting(caller, Permission.KIND_MANAGE):
            return self._kept.assignments()

    def assign(self, caller: Caller, client_id: str, names: Collection[str]) -> None:
        """Just these lists hold for the application from now on; none of them: every kind is signed. Raises
        `Refused` for a list that is not installed and for an application that does not exist."""
        with self._desk.acting(caller, Permission.KIND_MANAGE) as member:
            if strangers := sorted(set(names) - {each.name for each in self._lists()}):
                message = f"No list is called {strangers[0][:64]}."
                raise Refused(message, field="lists", reason="unknown")
            try:
                self._kept.assign(client_id, sorted(names), actor=member.id, at=self._now())
            except IllegalMove:
                raise Refused("There is no such application.", field="client", reason="unknown") from None
