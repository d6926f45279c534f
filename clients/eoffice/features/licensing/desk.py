"""The pages of staff: applications of their agency, one of them with what can be done about it, and the services."""

from collections.abc import Callable
from typing import Any

from litestar import Controller, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath, FromQuery

from eoffice.errors import NotFound, NotYours, Refused
from eoffice.features.licensing import applications
from eoffice.features.licensing.model import APPLICATION, CERTIFICATE, NAME, STATES, TONES, ApplicationState
from eoffice.features.licensing.services import KINDS, end, offer, services
from eoffice.model import Record
from eoffice.pages.visit import Visit, Visits, to

_ON_A_PAGE = 50


class LicensingController(Controller):
    """For staff."""

    path = "/licensing"

    @get("/", sync_to_thread=True)
    def all(self, visit: Visits, only: FromQuery[str] = "", after: FromQuery[str] = "") -> Response[Any]:
        """Applications of one's own agency, newest first."""
        state = only if only in {each.value for each in ApplicationState} else None
        found = visit.office.records.listed(
            NAME,
            APPLICATION,
            agency_id=visit.person.agency_id,
            state=state,
            after=after or None,
            limit=_ON_A_PAGE,
        )
        more = found[-1].id if len(found) == _ON_A_PAGE else None
        return visit.show(
            f"{NAME}/applications.html", applications=found, states=STATES, tones=TONES, chosen=only, more=more
        )

    @get("/applications/{application_id:str}", sync_to_thread=True)
    def one(self, visit: Visits, application_id: FromPath[str]) -> Response[Any]:
        """One of them."""
        return _one(visit, application_id)

    @get("/applications/{application_id:str}/documents/{number:int}", sync_to_thread=True)
    def document(self, visit: Visits, application_id: FromPath[str], number: FromPath[int]) -> Response[bytes]:
        """What the applicant sent along: saved, never shown inside our own pages."""
        documents = _own(visit, application_id).data["documents"]
        if not 0 <= number < len(documents):
            raise NotFound("Berkas tidak ada. · There is no such file.", field="documents")
        kept = documents[number]
        suffix = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}[kept["type"]]
        headers = {"Content-Disposition": f'attachment; filename="berkas-{number + 1}.{suffix}"'}
        return Response(visit.office.files.read(kept["sha256"]), media_type=kept["type"], headers=headers)

    @post("/applications/{application_id:str}/{act:str}")
    async def act(self, visit: Visits, application_id: FromPath[str], act: FromPath[str]) -> Response[Any]:
        """Take it up, ask for more, refuse it, grant it."""
        person, office = visit.person, visit.office
        sent = {name: "".join(values[:1]) for name, values in (await visit.form()).items()}
        acts: dict[str, Callable[[Record], object]] = {
            "take": lambda found: applications.take_up(office, person, found),
            "ask": lambda found: applications.ask_for_more(office, person, found, sent.get("note", "")),
            "refuse": lambda found: applications.refuse(office, person, found, sent.get("note", "")),
            "grant": lambda found: applications.grant(
                office,
                person,
                found,
                signatory=sent.get("signatory", ""),
                terms=sent.get("terms", ""),
                until=sent.get("valid_until", ""),
            ),
        }
        if act not in acts:
            raise NotFound("Tindakan tidak dikenal. · There is no such act.", field="act")
        try:
            await sync_to_thread(lambda: acts[act](_own(visit, application_id)))
        except (NotFound, NotYours):
            raise
        except Refused as error:
            return await sync_to_thread(_one, visit, application_id, error)
        return to(f"/{NAME}/applications/{application_id}")

    @get("/services", sync_to_thread=True)
    def services(self, visit: Visits) -> Response[Any]:
        """What can be applied for at one's own agency."""
        return _services(visit)

    @post("/services")
    async def offer(self, visit: Visits) -> Response[Any]:
        """One more, or the same with other words."""
        sent = {name: "".join(values[:1]) for name, values in (await visit.form()).items()}
        try:
            await sync_to_thread(offer, visit.office, visit.person, sent)
        except NotYours:
            raise
        except Refused as error:
            return await sync_to_thread(_services, visit, sent, error)
        return to(f"/{NAME}/services")

    @post("/services/{service_id:str}/end")
    async def end(self, visit: Visits, service_id: FromPath[str]) -> Response[Any]:
        """It can be applied for no longer."""
        await sync_to_thread(end, visit.office, visit.person, service_id)
        return to(f"/{NAME}/services")


def _one(visit: Visit, application_id: str, error: Refused | None = None) -> Response[Any]:
    office, application = visit.office, _own(visit, application_id)
    service, state = office.records.get(application.data["service"]), ApplicationState(application.state)
    return visit.show(
        f"{NAME}/application.html",
        error=error,
        application=application,
        service=service,
        sealed=service.data["kind"] == CERTIFICATE,
        until=applications.last_day(office, service),
        said=STATES[state],
        tone=TONES[state],
        paper=office.papers.get(application.paper_id) if application.paper_id else None,
        directory=office.service.directory(),
    )


def _services(visit: Visit, sent: dict[str, str] | None = None, error: Refused | None = None) -> Response[Any]:
    found = services(visit.office, agency_id=visit.person.agency_id)
    titles = {each.name: each.title for each in visit.office.service.features[NAME].kinds}
    return visit.show(f"{NAME}/services.html", error=error, services=found, kinds=KINDS, titles=titles, sent=sent or {})


def _own(visit: Visit, application_id: str) -> Record:
    """An application to one's own agency; every other is as unknown as one that does not exist."""
    person = visit.person
    found = visit.office.records.get(application_id)
    if (found.feature, found.kind, found.agency_id) != (NAME, APPLICATION, person.agency_id) or person.outside:
        raise NotFound("Permohonan tidak ditemukan. · There is no such application.", field="application")
    return found
