"""Papers: each change is one transaction, with its line in the history, its number and its errand where it has one."""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from eoffice.errors import NotFound, Outdated, Refused
from eoffice.model import Act, Draft, Paper, PaperState, Place, Secrecy, Step, Urgency
from eoffice.numbering import Series
from eoffice.store import tables as t
from eoffice.store.database import Database
from eoffice.store.errands import ErrandKind, add_errand
from eoffice.store.numbers import draw

MOST_ON_A_PAGE: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a paper's history."""

    at: datetime
    who: str | None
    """A person of the office; none: Teken, or the clock."""
    what: str
    note: str | None


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


class Papers:
    """All papers of the office."""

    def __init__(self, database: Database, *, told: Collection[str] = ()) -> None:
        """`told`: the features that want to know what became of their papers."""
        self._database = database
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
            if _replacement(connection, paper.replaces or "") is not None:
                raise Refused("Penggantinya sudah ada. · It has a replacement already.", field="paper")
            _add(connection, paper)

    def replacement_of(self, paper_id: str) -> Paper | None:
        """The paper that is to take its place, or has taken it."""
        with self._database.reading() as connection:
            return _replacement(connection, paper_id)

    def under_way(self, *, before: datetime, after: str, limit: int) -> tuple[Paper, ...]:
        """Papers at Teken of which nothing was heard since `before`; by id, those behind `after`."""
        p = t.papers.c
        query = select(t.papers).where(p.state == PaperState.SIGNING.value, p.changed_at < before, p.id > after)
        with self._database.reading() as connection:
            return tuple(_paper(row) for row in connection.execute(query.order_by(p.id).limit(limit)))

    def get(self, paper_id: str) -> Paper:
        """Raises `NotFound`."""
        with self._database.reading() as connection:
            return _one(connection, paper_id)

    def by_reference(self, reference: str) -> Paper | None:
        """The paper that Teken calls so."""
        with self._database.reading() as connection:
            row = connection.execute(select(t.papers).where(t.papers.c.reference == reference)).one_or_none()
            return _paper(row) if row else None

    def by_code(self, code: str) -> Paper | None:
        """The paper whose newest signature has this verification code."""
        with self._database.reading() as connection:
            row = connection.execute(select(t.papers).where(t.papers.c.code == code)).one_or_none()
            return _paper(row) if row else None

    def page(
        self,
        *,
        agency_id: str,
        feature: str | None = None,
        states: tuple[PaperState, ...] = (),
        drafter_id: str | None = None,
        words: str = "",
        before: tuple[datetime, str] | None = None,
    ) -> tuple[Paper, ...]:
        """Newest first, at most `MOST_ON_A_PAGE`; `words`: part of a subject or a number; `before`: time and id of the
        last one that was shown."""
        query = select(t.papers).where(t.papers.c.agency_id == agency_id)
        if feature is not None:
            query = query.where(t.papers.c.feature == feature)
        if states:
            query = query.where(t.papers.c.state.in_([each.value for each in states]))
        if drafter_id is not None:
            query = query.where(t.papers.c.drafter_id == drafter_id)
        if words:
            said = [each.icontains(words, autoescape=True) for each in (t.papers.c.subject, t.papers.c.number)]
            query = query.where(or_(*said))
        if before is not None:
            at, last = before
            query = query.where((t.papers.c.changed_at < at) | ((t.papers.c.changed_at == at) & (t.papers.c.id < last)))
        query = query.order_by(t.papers.c.changed_at.desc(), t.papers.c.id.desc()).limit(MOST_ON_A_PAGE)
        with self._database.reading() as connection:
            return tuple(_paper(row) for row in connection.execute(query))

    def with_step_of(self, person_id: str, states: Sequence[PaperState]) -> tuple[Paper, ...]:
        """Those in which somebody has a step, of whatever agency; newest first, at most `MOST_ON_A_PAGE`."""
        p = t.papers.c
        query = (
            select(t.papers)
            .join(t.signers, t.signers.c.paper_id == p.id)
            .where(t.signers.c.person_id == person_id, p.state.in_([each.value for each in states]))
            .order_by(p.changed_at.desc(), p.id.desc())
            .limit(MOST_ON_A_PAGE)
        )
        with self._database.reading() as connection:
            return tuple(_paper(row) for row in connection.execute(query))

    def change(self, paper_id: str, draft: Draft, *, version: int, by: str, at: datetime) -> Paper:
        """Another text for a paper that its drafter has in hand.

        Raises `NotFound`, `Outdated`, and `Refused` for one that is on its way.
        """
        values = {
            "subject": draft.subject,
            "form": dict(draft.form),
            "steps": [_step_row(each) for each in draft.steps],
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

    def history(self, paper_id: str) -> tuple[Line, ...]:
        """What happened to it, oldest first."""
        query = select(t.history).where(t.history.c.paper_id == paper_id).order_by(t.history.c.id)
        with self._database.reading() as connection:
            return tuple(
                Line(at=row.at, who=row.who, what=row.what, note=row.note) for row in connection.execute(query)
            )

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
        earlier = _paper(connection.execute(select(t.papers).where(t.papers.c.id == paper_id).with_for_update()).one())
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
    connection.execute(insert(t.papers).values(_row(paper)))
    _add_signers(connection, paper)
    _note(connection, paper.id, paper.drafter_id, "drafted", at=paper.created_at)


def _replacement(connection: Connection, paper_id: str) -> Paper | None:
    p = t.papers.c
    query = select(t.papers).where(p.replaces == paper_id, p.state != PaperState.CANCELLED.value)
    row = connection.execute(query).one_or_none()
    return _paper(row) if row else None


def _add_signers(connection: Connection, paper: Paper) -> None:
    people = {step.person_id for step in paper.steps if step.person_id is not None}
    if people:
        rows = [{"paper_id": paper.id, "person_id": each} for each in sorted(people)]
        connection.execute(insert(t.signers), rows)


_IN_HAND: Final = (PaperState.DRAFT, PaperState.RETURNED)
_ENDS: Final = (PaperState.SIGNED, PaperState.RETURNED, PaperState.CANCELLED, PaperState.WITHDRAWN)


def _one(connection: Connection, paper_id: str) -> Paper:
    row = connection.execute(select(t.papers).where(t.papers.c.id == paper_id)).one_or_none()
    if row is None:
        raise NotFound("Naskah tidak ditemukan. · There is no such paper.", field="paper")
    return _paper(row)


def _held(
    connection: Connection, paper_id: str, states: tuple[PaperState, ...], *, version: int | None = None
) -> Paper:
    """The paper, where it is in one of these states and as it was read."""
    query = select(t.papers).where(t.papers.c.id == paper_id).with_for_update()
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound("Naskah tidak ditemukan. · There is no such paper.", field="paper")
    paper = _paper(row)
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
    return _paper(row)


def _note(
    connection: Connection, paper_id: str, who: str | None, what: str, *, at: datetime, note: str | None = None
) -> None:
    connection.execute(insert(t.history).values(paper_id=paper_id, at=at, who=who, what=what, note=note))


def _row(paper: Paper) -> dict[str, Any]:
    return {
        "id": paper.id,
        "feature": paper.feature,
        "kind": paper.kind,
        "agency_id": paper.agency_id,
        "drafter_id": paper.drafter_id,
        "state": paper.state.value,
        "subject": paper.subject,
        "secrecy": paper.secrecy.value,
        "urgency": paper.urgency.value,
        "form": json.loads(json.dumps(dict(paper.form))),
        "steps": [_step_row(each) for each in paper.steps],
        "places": [],
        "created_at": paper.created_at,
        "changed_at": paper.changed_at,
        "valid_until": paper.valid_until,
        "replaces": paper.replaces,
    }


def _step_row(step: Step) -> dict[str, Any]:
    return {
        "order": step.order,
        "act": step.act.value,
        "person": step.person_id,
        "on_behalf": step.on_behalf,
    }


def _paper(row: Row[Any]) -> Paper:
    values = dict(row._mapping)
    steps = tuple(
        Step(
            order=each["order"],
            act=Act(each["act"]),
            person_id=each["person"],
            on_behalf=each["on_behalf"],
        )
        for each in values.pop("steps")
    )
    return Paper(
        **{
            **values,
            "steps": steps,
            "places": tuple(Place(**each) for each in values["places"]),
            "state": PaperState(values["state"]),
            "secrecy": Secrecy(values["secrecy"]),
            "urgency": Urgency(values["urgency"]),
        }
    )
