"""The first page: what needs somebody, and what can be begun."""

from typing import Any, Final

from litestar import Controller, Response, get
from litestar.params import FromPath, FromQuery

from eoffice.compose import Office
from eoffice.errors import NotFound
from eoffice.feature import MOST_LETTERS, Feature, Link, Waiting
from eoffice.model import PaperState, Person
from eoffice.pages.visit import Visits
from eoffice.service import HANDED
from eoffice.store.paper_lists import MOST_ON_A_PAGE

_MINE = (PaperState.RETURNED, PaperState.DRAFT, PaperState.QUEUED, PaperState.SIGNING)
SHOWN: Final = 10
"""Lines of one section; all of them are where it leads."""


class StartController(Controller):
    """Lists."""

    @get("/", sync_to_thread=True)
    def start(self, visit: Visits) -> Response[Any]:
        """One's own papers that are under way, and the features."""
        office = visit.office
        if visit.anyone.outside:
            links = [each for feature in office.service.features.values() for each in feature.links if each.partners]
            papers = office.papers.with_step_of(visit.anyone.id, HANDED)
            return visit.show("outside.html", papers=papers, links=links)
        person = visit.person
        mine = office.papers.page(agency_id=person.agency_id, drafter_id=person.id, states=_MINE)
        ordered = sorted(mine, key=lambda paper: _MINE.index(paper.state))
        return visit.show(
            "start.html",
            papers=ordered,
            to_sign=office.papers.with_step_of(person.id, (PaperState.SIGNING,)),
            features=office.service.features.values(),
            waiting=_waiting(office, person),
            shown=SHOWN,
            tasks=office.letters.mine(person.id),
            links_of=_links,
        )

    @get("/f/{name:str}", sync_to_thread=True)
    def feature(
        self,
        visit: Visits,
        name: FromPath[str],
        only: FromQuery[str] = "",
        q: FromQuery[str] = "",
        before: FromQuery[str] = "",
    ) -> Response[Any]:
        """The papers of one feature in one's own agency, newest first: those with `q` in subject or number, behind the
        paper `before`."""
        person, office = visit.person, visit.office
        feature = office.service.features.get(name)
        if feature is None:
            raise NotFound("Fitur tidak ada. · There is no such feature.", field="feature")
        states = tuple(each for each in PaperState if each.value == only)
        last = office.papers.get(before) if before else None
        if last is not None and last.agency_id != person.agency_id:
            raise NotFound("Naskah tidak ditemukan. · There is no such paper.", field="before")
        papers = office.papers.page(
            agency_id=person.agency_id,
            feature=name,
            states=states,
            words=q.strip()[:MOST_LETTERS],
            before=(last.changed_at, last.id) if last else None,
        )
        return visit.show(
            "feature.html",
            feature=feature,
            kinds=[each for each in feature.kinds if each.by_hand and each.roles & person.roles],
            links=_links(feature, person),
            papers=[each for each in papers if office.service.may_read(person, each)],
            chosen=only,
            words_sought=q.strip()[:MOST_LETTERS],
            older=papers[-1].id if len(papers) == MOST_ON_A_PAGE else "",
            states=list(PaperState),
        )


def _waiting(office: Office, person: Person) -> list[Waiting]:
    asked = [each.waits for each in office.service.features.values() if each.waits is not None]
    return [found for waits in asked for found in waits(office, person) if found.lines]


def _links(feature: Feature, person: Person) -> list[Link]:
    return [each for each in feature.links if each.roles & person.roles]
