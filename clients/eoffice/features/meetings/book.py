"""What meetings keep: each comes of its signed invitation."""

from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from eoffice.book import FeatureBook
from eoffice.compose import Office
from eoffice.errors import NotFound, NotYours
from eoffice.feature import TO_AGENCIES
from eoffice.model import Paper, PaperState, Person, Record, Role

FEATURE: Final = "meetings"
SHOWN: Final = timedelta(days=30)
"""How long meetings that were are listed."""
AHEAD: Final = timedelta(days=400)
_PAGE: Final = 1_000


class State(StrEnum):
    """Where a meeting is."""

    PLANNED = "planned"
    OPEN = "open"
    """People say that they are there."""
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class Book(FeatureBook):
    """The records of this feature, by kind: `meeting` (under the invitation's id), `invited` (one agency's), `present`
    (one person in one meeting), `tries` (wrong codes of one person), `list` (one sheet of the list of who was there),
    `minutes`."""

    def __init__(self, office: Office) -> None:
        super().__init__(office, FEATURE)

    def on_paper(self, paper: Paper) -> None:
        """A signed invitation is a meeting; one that is withdrawn is none any more."""
        if "begins" not in paper.form:
            return
        if paper.state is PaperState.SIGNED:
            self._plan(paper)
            return
        found = self.records.by_key(FEATURE, "meeting", paper.id)
        if paper.state is PaperState.WITHDRAWN and found is not None and found.state != State.WITHDRAWN:
            self.records.change(found.id, version=found.version, state=State.WITHDRAWN, at=self.office.now())

    def meeting(self, key: str) -> Record:
        """Raises `NotFound`."""
        found = self.records.by_key(FEATURE, "meeting", key)
        if found is None:
            raise NotFound("Acara tidak ditemukan. · There is no such meeting.", field="meeting")
        return found

    def seen(self, person: Person, key: str) -> Record:
        """A meeting that this person is invited to, or hosts. Raises `NotFound`."""
        found = self.meeting(key)
        if person.agency_id not in self.agencies(found):
            raise NotFound("Acara tidak ditemukan. · There is no such meeting.", field="meeting")
        return found

    def hosted(self, person: Person, key: str) -> Record:
        """A meeting that this person hosts: who drafted its invitation, and who leads that agency or keeps its
        records. Raises `NotFound`, `NotYours`."""
        found = self.seen(person, key)
        if not self.hosts(person, found):
            raise NotYours("Hanya penyelenggara. · Only its hosts do this.", field="role")
        return found

    def hosts(self, person: Person, meeting: Record) -> bool:
        """Whether this person is one of its hosts."""
        leads = person.roles & {Role.LEADER, Role.RECORDS} and person.agency_id == meeting.agency_id
        return person.id == meeting.owner_id or bool(leads)

    def agencies(self, meeting: Record) -> list[str]:
        """Whose people are invited, the host's first."""
        return list(dict.fromkeys([meeting.agency_id, *meeting.data["agencies"]]))

    def invited(self, meeting: Record) -> list[Person]:
        """Everybody of those agencies."""
        people, agencies = self.office.people.people().values(), self.agencies(meeting)
        return [each for agency in agencies for each in people if each.agency_id == agency]

    def of_agency(self, agency_id: str) -> list[Record]:
        """The agency's meetings, the next ones first, then those that were."""
        today = self.today()
        found = self.records.listed(
            FEATURE, "invited", agency_id=agency_id, since=today - SHOWN, until=today + AHEAD, limit=200
        )
        meetings = [self.meeting(each.data["meeting"]) for each in found]
        return sorted(meetings, key=lambda each: (each.day is None or each.day < today, each.day, each.data["begins"]))

    def present(self, meeting: Record) -> dict[str, Record]:
        """Who said so, or was noted, by person."""
        return {each.owner_id: each for each in self._presences(meeting) if each.owner_id is not None}

    def _presences(self, meeting: Record) -> Iterator[Record]:
        """Of that day, in every agency: two meetings of one day are told apart by their key."""
        for agency in self.agencies(meeting):
            after = None
            while found := self.records.listed(
                FEATURE, "present", agency_id=agency, day=meeting.day, after=after, limit=_PAGE
            ):
                yield from (each for each in found if each.data["meeting"] == meeting.key)
                after = found[-1].id

    def _plan(self, paper: Paper) -> None:
        form = paper.form
        day = date.fromisoformat(form["day"])
        data = {name: form[name] for name in ("type", "begins", "ends", "venue")}
        data |= {"title": paper.subject, "agencies": form[TO_AGENCIES], "secret": self.office.new_id(), "guests": []}
        planned = self.fresh(
            "meeting", paper.id, paper.agency_id, data, state=State.PLANNED, owner=paper.drafter_id, day=day
        )
        meeting, _ = self.records.add_once(planned)
        self.records.add_many(
            [
                self.fresh("invited", f"{paper.id} {each}", each, {"meeting": paper.id}, state="invited", day=day)
                for each in self.agencies(meeting)
            ]
        )
