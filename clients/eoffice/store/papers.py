"""Papers: each change is one transaction, with its line in the history, its number and its errand where it has one."""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, select, update

from eoffice.errors import NotFound, Outdated, Refused
from eoffice.model import Draft, Paper, PaperState
from eoffice.numbering import Series
from eoffice.store import tables as t
from eoffice.store.database import Database
from eoffice.store.errands import ErrandKind, add_errand
from eoffice.store.numbers import draw
from eoffice.store.paper_lists import PaperLists, replacement
from eoffice.store.paper_rows import paper_of, row_of, step_row

_IN_HAND: Final = (PaperState.DRAFT, PaperState.RETURNED)
_ENDS: Final = (PaperState.SIGNED, PaperState.RETURNED, PaperState.CANCELLED, PaperState.WITHDRAWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A page that is kept."""

    sha256: str
    places: list[dict[str, Any]]
    """Of its stamps: `Place`, as plain data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What a paper gets on its release."""

    series: Series
    written: Callable[[int], str]
    """The number in words, out of its place in the row."""
    dated: date
    """The day on the page, as the office's clocks show it."""
    render: Callable[[Paper], Drawn]
    """Makes and keeps the page of a paper that has its number."""
    errand: str
    """The id of the errand to Teken."""


class Papers(PaperLists):
    """All papers of the office: looked up, and moved on their way."""

    def __init__(self, database: Database, *, told: Collection[str] = ()) -> None:
        """`told`: the features that want to know what became of their papers."""
        super().__init__(database)
        self._told = frozenset(told)

    def add(self, paper: Paper) -> None:
        """A new draft."""
        with self._database.transaction() as connection:
            _add(connection, paper)

    def add_many(self, papers: Sequence[Paper]) -> None:
        """New drafts: all of them, or none."""
        with self._database.transaction() as connection:
            for each in papers:
                _add(connection, each)

    def add_replacement(self, paper: Paper) -> None:
        """A new draft that is to take the place of the signed paper `paper.replaces`.

        Raises `NotFound`, and `Refused` for one that does not stand or that another one is to replace already.
        """
        with self._database.transaction() as connection:
            _held(connection, paper.replaces or "", (PaperState.SIGNED,))
            if replacement(connection, paper.replaces or "") is not None:
                raise Refused("Penggantinya sudah ada. · It has a replacement already.", field="paper")
            _add(connection, paper)

    def change(self, paper_id: str, draft: Draft, *, version: int, by: str, at: datetime) -> Paper:
        """Another text for a paper that its drafter has in hand.

        Raises `NotFound`, `Outdated`, and `Refused` for one that is on its way.
        """
        values = {
            "subject": draft.subject,
            "form": dict(draft.form),
            "steps": [step_row(each) for each in draft.steps],
            "secrecy": draft.secrecy.value,
            "urgency": draft.urgency.value,
            "valid_until": draft.valid_until,
            "problem": None,
        }
        with self._database.transaction() as connection:
            paper = _held(connection, paper_id, _IN_HAND, version=version)
            _note(connection, paper_id, by, "changed", at=at)
            changed = _changed(connection, paper, values, at=at)
            connection.execute(delete(t.signers).where(t.signers.c.paper_id == paper_id))
            _add_signers(connection, changed)
            return changed

    def release(self, paper_id: str, release: Release, *, version: int, by: str, at: datetime) -> Paper:
        """Give the paper its number and its page, and send it on its errand: all of it, or nothing.

        Raises `NotFound`, `Outdated`, and `Refused` for one that is on its way already.
        """
        with self._database.transaction() as connection:
            paper = _held(connection, paper_id, _IN_HAND, version=version)
            number = paper.number or draw(connection, paper_id, release.series, written=release.written, at=at)
            numbered = _changed(connection, paper, {"number": number, "dated": release.dated}, at=at)
            drawn = release.render(numbered)
            values = {"state": PaperState.QUEUED.value, "draft": drawn.sha256, "places": drawn.places, "progress": 0}
            released = _changed(connection, numbered, {**values, "problem": None, "reference": None}, at=at)
            add_errand(connection, release.errand, ErrandKind.SUBMIT, paper_id, at=at)
            _note(connection, paper_id, by, "released", at=at, note=number)
            return released

    def cancel(self, paper_id: str, *, reason: str, by: str, at: datetime) -> Paper:
        """Give up a paper that nobody has yet; its number becomes void. Raises `NotFound`, `Refused`."""
        with self._database.transaction() as connection:
            paper = _held(connection, paper_id, _IN_HAND)
            connection.execute(update(t.numbers).where(t.numbers.c.paper_id == paper_id).values(void=reason))
            _note(connection, paper_id, by, "cancelled", at=at, note=reason)
            cancelled = _changed(connection, paper, {"state": PaperState.CANCELLED.value, "problem": reason}, at=at)
            return self._tell(connection, cancelled, at=at)

    def submitted(self, paper_id: str, *, reference: str, at: datetime) -> Paper:
        """Teken has it, and calls it `reference`."""
        values = {"state": PaperState.SIGNING.value, "reference": reference}
        return self._moved(paper_id, (PaperState.QUEUED,), values, by=None, at=at, what="submitted")

    def progressed(self, paper_id: str, *, done: int, at: datetime) -> Paper:
        """So many steps are done."""
        return self._moved(paper_id, (PaperState.SIGNING,), {"progress": done}, by=None, at=at, what="step")

    def signed(
        self, paper_id: str, *, code: str, page: str, signed: str, done: int, dispatch: str | None, at: datetime
    ) -> Paper:
        """Everybody has signed; `signed`: SHA-256 of the bytes, kept already; `dispatch`: the id of the errand that
        takes it to other agencies, where it names any."""
        values = {"state": PaperState.SIGNED.value, "code": code, "page": page, "signed": signed, "progress": done}
        with self._database.transaction() as connection:
            paper = _held(connection, paper_id, (PaperState.SIGNING,))
            if dispatch is not None:
                add_errand(connection, dispatch, ErrandKind.DISPATCH, paper_id, at=at)
            _note(connection, paper_id, None, "signed", at=at)
            if paper.replaces is not None:
                self._replaced(connection, paper.replaces, paper, at=at)
            return self._tell(connection, _changed(connection, paper, values, at=at), at=at)

    def returned(self, paper_id: str, *, problem: str, at: datetime) -> Paper:
        """It came back; `problem`: why, for people."""
        values = {"state": PaperState.RETURNED.value, "problem": problem, "reference": None}
        held = (PaperState.QUEUED, PaperState.SIGNING)
        return self._moved(paper_id, held, values, by=None, at=at, what="returned", note=problem)

    def withdraw(self, paper_id: str, *, note: str, errand: str, by: str, at: datetime) -> Paper:
        """Send for its withdrawal: it is withdrawn once Teken has carried that out."""
        with self._database.transaction() as connection:
            paper = _held(connection, paper_id, (PaperState.SIGNED,))
            add_errand(connection, errand, ErrandKind.WITHDRAW, paper_id, at=at, note=note)
            _note(connection, paper_id, by, "withdrawal", at=at, note=note)
            return paper

    def withdrawn(self, paper_id: str, *, note: str, at: datetime) -> Paper:
        """It is signed, and no longer stands."""
        values = {"state": PaperState.WITHDRAWN.value, "problem": note}
        return self._moved(paper_id, (PaperState.SIGNED,), values, by=None, at=at, what="withdrawn", note=note)

    def _moved(
        self,
        paper_id: str,
        held: tuple[PaperState, ...],
        values: Mapping[str, Any],
        *,
        by: str | None,
        at: datetime,
        what: str,
        note: str | None = None,
    ) -> Paper:
        with self._database.transaction() as connection:
            paper = _held(connection, paper_id, held)
            _note(connection, paper_id, by, what, at=at, note=note)
            return self._tell(connection, _changed(connection, paper, values, at=at), at=at)

    def _replaced(self, connection: Connection, paper_id: str, by: Paper, *, at: datetime) -> None:
        """The earlier paper no longer stands, unless it was withdrawn meanwhile."""
        earlier = paper_of(
            connection.execute(select(t.papers).where(t.papers.c.id == paper_id).with_for_update()).one()
        )
        if earlier.state is PaperState.SIGNED:
            note = f"Diganti dengan {by.number}. · Replaced by {by.number}."
            _note(connection, paper_id, None, "replaced", at=at, note=note)
            values = {"state": PaperState.WITHDRAWN.value, "problem": note}
            self._tell(connection, _changed(connection, earlier, values, at=at), at=at)

    def _tell(self, connection: Connection, paper: Paper, *, at: datetime) -> Paper:
        """Have its feature told, where it wants to be and this is the end of a way."""
        if paper.feature in self._told and paper.state in _ENDS:
            errand = hashlib.sha256(f"{paper.id} {paper.version}".encode()).hexdigest()[:32]
            add_errand(connection, errand, ErrandKind.TELL, paper.id, at=at)
        return paper


def _add(connection: Connection, paper: Paper) -> None:
    connection.execute(insert(t.papers).values(row_of(paper)))
    _add_signers(connection, paper)
    _note(connection, paper.id, paper.drafter_id, "drafted", at=paper.created_at)


def _add_signers(connection: Connection, paper: Paper) -> None:
    people = {step.person_id for step in paper.steps if step.person_id is not None}
    if people:
        rows = [{"paper_id": paper.id, "person_id": each} for each in sorted(people)]
        connection.execute(insert(t.signers), rows)


def _held(
    connection: Connection, paper_id: str, states: tuple[PaperState, ...], *, version: int | None = None
) -> Paper:
    """The paper, where it is in one of these states and as it was read."""
    query = select(t.papers).where(t.papers.c.id == paper_id).with_for_update()
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound("Naskah tidak ditemukan. · There is no such paper.", field="paper")
    paper = paper_of(row)
    if paper.state not in states:
        raise Refused(
            "Naskah ini sudah berjalan. Muat ulang halamannya. · This paper has moved on. Reload the page.",
            field="paper",
        )
    if version is not None and version != paper.version:
        raise Outdated(
            "Naskah ini sudah diubah orang lain. Muat ulang halamannya. · Somebody changed this paper. Reload.",
            field="version",
        )
    return paper


def _changed(connection: Connection, paper: Paper, values: Mapping[str, Any], *, at: datetime) -> Paper:
    row = connection.execute(
        update(t.papers)
        .where(t.papers.c.id == paper.id)
        .values({**values, "changed_at": at, "version": t.papers.c.version + 1})
        .returning(t.papers)
    ).one()
    return paper_of(row)


def _note(
    connection: Connection, paper_id: str, who: str | None, what: str, *, at: datetime, note: str | None = None
) -> None:
    connection.execute(insert(t.history).values(paper_id=paper_id, at=at, who=who, what=what, note=note))
