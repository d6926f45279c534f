"""What people do with papers: draft, change, release, give up, withdraw. Who may what is decided here alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, Final

from eoffice.errors import NotFound, NotYours
from eoffice.feature import Directory, Feature, PaperKind, Sheet
from eoffice.files import Files
from eoffice.forms import read_draft
from eoffice.model import Agency, Draft, Paper, PaperState, Person, Role
from eoffice.numbering import Series, written
from eoffice.rendering import Printed, Printer
from eoffice.store.papers import Drawn, Papers, Release
from eoffice.store.people import People

HANDED: Final = (PaperState.SIGNING, PaperState.SIGNED, PaperState.WITHDRAWN)
"""The states in which those who sign have it, or had it."""
_UNNUMBERED: Final = "…/KONSEP/…"


class PaperService:
    """Papers of every feature."""

    def __init__(
        self,
        *,
        features: Mapping[str, Feature],
        papers: Papers,
        people: People,
        files: Files,
        printer: Printer,
        government: str,
        place: str,
        utc_offset_hours: int,
        now: Callable[[], datetime],
        new_id: Callable[[], str],
    ) -> None:
        self.features = features
        self._papers = papers
        self._people = people
        self._files = files
        self._printer = printer
        self._government = government
        self._place = place
        self._zone = timezone(timedelta(hours=utc_offset_hours))
        self._now = now
        self._new_id = new_id

    def directory(self) -> Directory:
        """Everybody and every agency of this moment."""
        return Directory(people=self._people.people(), agencies=self._people.agencies())

    def kind(self, feature: str, kind: str) -> PaperKind:
        """Raises `NotFound`."""
        for each in self.features[feature].kinds if feature in self.features else ():
            if each.name == kind:
                return each
        raise NotFound("Jenis naskah tidak dikenal. · There is no such kind of paper.", field="kind")

    def draft(self, person: Person, feature: str, kind: str, sent: Mapping[str, list[str]]) -> Paper:
        """A new draft out of a form. Raises `NotFound`, `NotYours`, `Refused`."""
        paper = self._begun(person, feature, kind, sent, self.directory())
        self._papers.add(paper)
        return paper

    def write(
        self, person: Person, feature: str, kind: str, sent: Mapping[str, list[str]], *, release: bool = True
    ) -> Paper:
        """A paper by a program, in somebody's name: drafted, and released at once. What cannot be released stays as
        that person's draft. Raises as `draft` and `release` do."""
        paper = self.draft(person, feature, kind, sent)
        return self.release(person, paper.id, version=paper.version) if release else paper

    def many(
        self, person: Person, feature: str, kind: str, forms: Sequence[Mapping[str, list[str]]]
    ) -> tuple[Paper, ...]:
        """As `write`, one paper for each form; where one form is wrong, nothing is drafted. Papers that were released
        before one that cannot be stay released."""
        directory = self.directory()
        papers = [self._begun(person, feature, kind, sent, directory) for sent in forms]
        self._papers.add_many(papers)
        return tuple(self.release(person, each.id, version=each.version) for each in papers)

    def _begun(
        self, person: Person, feature: str, kind: str, sent: Mapping[str, list[str]], directory: Directory
    ) -> Paper:
        said = self.kind(feature, kind)
        if not said.roles & person.roles or person.outside:
            raise NotYours("Peran Anda tidak membuat naskah ini. · Your role does not start these.", field="role")
        draft, at = self._read(said, sent, directory), self._now()
        return Paper(
            id=self._new_id(),
            feature=feature,
            kind=kind,
            agency_id=person.agency_id,
            drafter_id=person.id,
            state=PaperState.DRAFT,
            subject=draft.subject,
            secrecy=draft.secrecy,
            urgency=draft.urgency,
            form=draft.form,
            steps=draft.steps,
            created_at=at,
            changed_at=at,
            valid_until=draft.valid_until,
        )

    def change(self, person: Person, paper_id: str, sent: Mapping[str, list[str]], *, version: int) -> Paper:
        """Another text. Raises `NotFound`, `NotYours`, `Outdated`, `Refused`."""
        paper = self._own(person, paper_id)
        draft = self._read(self.kind(paper.feature, paper.kind), sent, self.directory())
        return self._papers.change(paper_id, draft, version=version, by=person.id, at=self._now())

    def release(self, person: Person, paper_id: str, *, version: int) -> Paper:
        """Number it, draw its page, send it to be signed. Raises `NotFound`, `NotYours`, `Outdated`, `Refused`."""
        paper, at = self._own(person, paper_id), self._now()
        kind, agency = self.kind(paper.feature, paper.kind), self.directory().agencies[paper.agency_id]
        dated = at.astimezone(self._zone).date()
        classification = paper.form.get("classification")
        release = Release(
            series=Series(agency_id=agency.id, name=kind.series, year=dated.year),
            written=lambda sequence: written(
                sequence, classification=classification, agency_code=agency.code, dated=dated
            ),
            dated=dated,
            render=self._kept,
            errand=self._new_id(),
        )
        return self._papers.release(paper_id, release, version=version, by=person.id, at=at)

    def cancel(self, person: Person, paper_id: str, *, reason: str) -> Paper:
        """Give it up; its number becomes void. Raises `NotFound`, `NotYours`, `Refused`."""
        self._own(person, paper_id)
        return self._papers.cancel(paper_id, reason=reason, by=person.id, at=self._now())

    def withdraw(self, person: Person, paper_id: str, *, note: str) -> Paper:
        """Have it withdrawn, by its drafter or whoever leads the agency. Raises `NotFound`, `NotYours`, `Refused`."""
        paper = self.read(person, paper_id)
        if paper.drafter_id != person.id and Role.LEADER not in person.roles:
            raise NotYours("Hanya konseptor atau pimpinan. · Its drafter or a leader does this.", field="role")
        return self._papers.withdraw(paper_id, note=note, errand=self._new_id(), by=person.id, at=self._now())

    def replace(self, person: Person, paper_id: str) -> Paper:
        """A draft with the same text that is to take the place of a signed paper of the own agency; once it is signed,
        the earlier one no longer stands. Raises `NotFound`, `NotYours`, `Refused`."""
        earlier, at = self.read(person, paper_id), self._now()
        kind = self.kind(earlier.feature, earlier.kind)
        by_hand = kind.by_hand and kind.changed_by_hand
        if earlier.agency_id != person.agency_id or not kind.roles & person.roles or not by_hand:
            raise NotYours("Peran Anda tidak membuat naskah ini. · Your role does not start these.", field="role")
        paper = Paper(
            id=self._new_id(),
            feature=earlier.feature,
            kind=earlier.kind,
            agency_id=earlier.agency_id,
            drafter_id=person.id,
            state=PaperState.DRAFT,
            subject=earlier.subject,
            secrecy=earlier.secrecy,
            urgency=earlier.urgency,
            form=earlier.form,
            steps=earlier.steps,
            created_at=at,
            changed_at=at,
            valid_until=earlier.valid_until,
            replaces=earlier.id,
        )
        self._papers.add_replacement(paper)
        return paper

    def page(self, person: Person, paper_id: str) -> bytes:
        """Its page: as it was signed, as it was released, or as it would be released now.

        Raises `NotFound`, and `Refused` for a draft that cannot be drawn.
        """
        paper = self.read(person, paper_id)
        if paper.signed is not None:
            return self._files.read(paper.signed)
        if paper.draft is not None and paper.state not in (PaperState.DRAFT, PaperState.RETURNED):
            return self._files.read(paper.draft)
        return self._printed(paper).pdf

    def read(self, person: Person, paper_id: str) -> Paper:
        """A paper that this person may read. Raises `NotFound` for every other."""
        paper = self._papers.get(paper_id)
        if not self.may_read(person, paper):
            raise NotFound("Naskah tidak ditemukan. · There is no such paper.", field="paper")
        return paper

    def draw(
        self,
        template: str,
        content: Mapping[str, Any],
        *,
        agency_id: str,
        subject: str,
        number: str,
        dated: date,
    ) -> Printed:
        """A page that is no paper: what a feature has sealed by itself. The same content gives the same bytes.

        Raises `Refused` where it cannot be drawn.
        """
        head = self._head(self.directory().agencies[agency_id], subject=subject, number=number, dated=dated)
        return self._printer.draw(template, {**head, **content}, at=_noon(dated))

    def may_read(self, person: Person, paper: Paper) -> bool:
        """Whether it is one of the own agency, or one with a step of this person's: a partner's people see what was
        handed to them; a personal one is not for every colleague."""
        signs = person.id in {step.person_id for step in paper.steps}
        if person.outside:
            return signs and paper.state in HANDED
        if signs or paper.drafter_id == person.id:
            return True
        led = Role.LEADER in person.roles or not self._is_personal(paper)
        return led and paper.agency_id == person.agency_id

    def _is_personal(self, paper: Paper) -> bool:
        kinds = self.features[paper.feature].kinds if paper.feature in self.features else ()
        return any(each.personal for each in kinds if each.name == paper.kind)

    def _own(self, person: Person, paper_id: str) -> Paper:
        paper = self.read(person, paper_id)
        if paper.drafter_id != person.id:
            raise NotYours("Hanya konseptornya yang mengubahnya. · Only its drafter changes it.", field="paper")
        return paper

    def _read(self, kind: PaperKind, sent: Mapping[str, list[str]], directory: Directory) -> Draft:
        draft = read_draft(kind, sent, directory)
        kind.check(draft.form, self._files.read)
        return draft

    def _kept(self, paper: Paper) -> Drawn:
        printed = self._printed(paper)
        return Drawn(sha256=self._files.keep(printed.pdf), places=[asdict(each) for each in printed.places])

    def _printed(self, paper: Paper) -> Printed:
        directory, kind = self.directory(), self.kind(paper.feature, paper.kind)
        as_is = kind.as_is(paper.form)
        if as_is is not None:
            return Printed(pdf=self._files.read(as_is.sha256), places=as_is.places)
        dated = paper.dated or self._now().astimezone(self._zone).date()
        drafter = directory.people.get(paper.drafter_id) or self._people.person(paper.drafter_id)
        if drafter is None:
            raise NotFound("Konseptor tidak ditemukan. · Its drafter is gone.", field="drafter")
        sheet = Sheet(
            paper=paper,
            drafter=drafter,
            agency=directory.agencies[paper.agency_id],
            directory=directory,
            number=paper.number or _UNNUMBERED,
            dated=dated,
            place=self._place,
            kept=self._files.read,
        )
        head = self._head(sheet.agency, subject=paper.subject, number=sheet.number, dated=dated)
        data = {**head, **kind.content(sheet)}
        pictures = {each: self._files.read(each) for each in kind.pictures(paper.form)}
        return self._printer.draw(kind.template, data, at=_noon(dated), pictures=pictures)

    def _head(self, agency: Agency, *, subject: str, number: str, dated: date) -> dict[str, Any]:
        """What every template is given."""
        return {
            "government": self._government,
            "agency": {"name": agency.name, "address": agency.address},
            "subject": subject,
            "number": number,
            "year": dated.year,
            "month": dated.month,
            "day": dated.day,
        }


def _noon(day: date) -> datetime:
    """A time of that day for the file's own dates: the same page gives the same bytes."""
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
