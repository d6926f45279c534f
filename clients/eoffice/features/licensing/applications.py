"""An application's way: sent, checked, completed, granted or refused; its paper; and what became of that."""

import json
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from datetime import date, timedelta
from typing import Any, Final

from eoffice.attachments import attached, type_of
from eoffice.compose import Office
from eoffice.errors import NotFound, NotYours, Refused
from eoffice.feature import JPEG, PDF, PNG, Field
from eoffice.features.licensing.model import (
    APPLICATION,
    NAME,
    OFFERED,
    SERVICE,
    ApplicationState,
    code_of,
    key_of,
    months_later,
)
from eoffice.limits import Limit, too_often
from eoffice.model import Paper, PaperState, Person, Record, Role
from eoffice.text import Text

MOST_FILES: Final = 3
LARGEST_FILE: Final = 3 * 1024 * 1024
"""Bytes."""
MOST_A_DAY: Final = 300
"""Applications from everybody together."""
OF_A_NETWORK: Final = Limit(
    name="licensing-applications",
    says=Text("Terlalu banyak permohonan dari jaringan ini", "Too many applications from this network"),
    most=MOST_A_DAY // 10,
    within=timedelta(days=1),
    field="service",
)
"""Of which everybody in one network has so many: no stranger uses up the day of all others."""
_DOCUMENTS: Final = Field(name="documents", label=Text("Berkas", "Documents"), accepts=(PDF, JPEG, PNG))
_ASKED: Final = (("holder", 120), ("address", 300), ("contact", 120), ("activity", 200), ("location", 200))
"""Of the applicant; and how many characters at most."""
_NOTHING: Final = {"note": None, "answer": None, "checker": None}
Upload = tuple[str, bytes]
"""A file's name and content."""


def apply(
    office: Office, once: str, sent: Mapping[str, str], files: Sequence[Upload], *, network: str | None
) -> tuple[Record, str]:
    """A citizen's application, and the code by which they follow it. The same form twice is one application.

    `network`: where they are; none for who is logged in, and helps somebody at the counter. Only what is taken counts.
    Raises `Refused`, which names the field, and `TooOften`.
    """
    if len(once) != 32 or not set(once) <= set("0123456789abcdef"):
        raise Refused("Muat ulang formulir ini. · Load this form again.", field="service")
    code = code_of(once)
    before = office.records.by_key(NAME, APPLICATION, key_of(code))
    if before is not None:
        return before, code
    service = offered(office, sent.get("service", ""))
    said = {name: _text(name, sent.get(name, ""), most) for name, most in _ASKED}
    _require_documents(files)
    with nullcontext() if network is None else office.limits.counted(OF_A_NETWORK, network):
        _require_room(office)
        return _added(office, service, code, said, files), code


def _added(office: Office, service: Record, code: str, said: Mapping[str, str], files: Sequence[Upload]) -> Record:
    at = office.now()
    record = Record(
        id=office.new_id(),
        feature=NAME,
        kind=APPLICATION,
        key=key_of(code),
        agency_id=service.agency_id,
        state=ApplicationState.SUBMITTED.value,
        data={
            "service": service.id,
            "title": service.data["title"],
            **said,
            "documents": _kept(office, files),
            **_NOTHING,
        },
        day=office.today(),
        created_at=at,
        changed_at=at,
    )
    return office.records.add_once(record)[0]


def followed(office: Office, code: str) -> Record:
    """The application of this code. Raises `NotFound`."""
    found = office.records.by_key(NAME, APPLICATION, key_of(code))
    if found is None:
        raise NotFound("Kode ini tidak dikenal. · There is no application of this code.", field="code")
    return found


def complete(office: Office, application: Record, answer: str, files: Sequence[Upload]) -> Record:
    """What the applicant was asked for. Raises `Outdated`, `Refused`."""
    _require(application, ApplicationState.INCOMPLETE)
    said = _text("answer", answer, 1_000)
    _require_documents(files)
    documents = [*application.data["documents"], *_kept(office, files)]
    data = {**application.data, "answer": said, "documents": documents}
    return _moved(office, application, ApplicationState.SUBMITTED, data)


def take_up(office: Office, person: Person, application: Record) -> Record:
    """Somebody checks it. Raises `NotYours`, `Outdated`, `Refused`."""
    _require(application, ApplicationState.SUBMITTED, person=person)
    return _moved(office, application, ApplicationState.CHECKING, {**application.data, "checker": person.id})


def ask_for_more(office: Office, person: Person, application: Record, note: str) -> Record:
    """What is missing. Raises as `take_up`."""
    _require(application, ApplicationState.CHECKING, person=person)
    data = {**application.data, "note": _text("note", note, 1_000)}
    return _moved(office, application, ApplicationState.INCOMPLETE, data)


def refuse(office: Office, person: Person, application: Record, note: str) -> Record:
    """With the reason. Raises as `take_up`."""
    _require(application, ApplicationState.CHECKING, person=person)
    data = {**application.data, "note": _text("note", note, 1_000)}
    return _moved(office, application, ApplicationState.REFUSED, data)


def grant(office: Office, person: Person, application: Record, *, signatory: str, terms: str, until: str) -> Paper:
    """Its paper is written in the checker's name and released at once. Raises as `take_up`, and what a form raises."""
    _require(application, ApplicationState.CHECKING, person=person)
    service, said = office.records.get(application.data["service"]), application.data
    form = {
        "subject": [f"{said['title']}: {said['activity']}"[:200]],
        "application": [application.id],
        **{name: [said[name]] for name in ("holder", "address", "activity", "location")},
        "terms": [terms],
        "signatory": [signatory],
        "valid_until": [until],
    }
    paper = office.service.draft(person, NAME, service.data["kind"], form)
    office.records.change(  # first: two who grant at once write one paper that anybody follows
        application.id,
        version=application.version,
        state=ApplicationState.GRANTED.value,
        data={**said, "note": None},
        paper_id=paper.id,
        at=office.now(),
    )
    released = office.service.release(person, paper.id, version=paper.version)
    office.wake.set()
    return released


def told(office: Office, paper: Paper) -> None:
    """What became of a paper; the application follows."""
    state = {
        PaperState.SIGNED: ApplicationState.ISSUED,
        PaperState.WITHDRAWN: ApplicationState.WITHDRAWN,
        PaperState.CANCELLED: ApplicationState.CHECKING,
    }.get(paper.state)
    for application in office.records.of_paper(paper.id):
        if state is not None and application.kind == APPLICATION and application.state != state:
            _moved(office, application, state, application.data)


def offered(office: Office, service_id: str) -> Record:
    """Something that can be applied for now. Raises `Refused`."""
    try:
        service = office.records.get(service_id)
    except NotFound:
        service = None
    if service is None or (service.feature, service.kind, service.state) != (NAME, SERVICE, OFFERED):
        raise Refused("Pilih layanan dari daftar. · Choose a service from the list.", field="service")
    return service


def last_day(office: Office, service: Record) -> date:
    """Until when a permit that is granted today holds, unless the checker says otherwise."""
    return months_later(office.today(), service.data["months"])


def _require_room(office: Office) -> None:
    if office.records.count(NAME, APPLICATION, day=office.today()) >= MOST_A_DAY:
        says = Text("Hari ini sudah terlalu banyak permohonan", "Too many applications today")
        raise too_often(says, office.rest_of_the_day(), field="service")


def _require_documents(files: Sequence[Upload]) -> None:
    """All of them, before the first is kept."""
    if len(files) > MOST_FILES or any(len(content) > LARGEST_FILE for _, content in files):
        raise Refused(
            f"Paling banyak {MOST_FILES} berkas, masing-masing {LARGEST_FILE // 1024**2} MB. · At most {MOST_FILES} "
            f"files, {LARGEST_FILE // 1024**2} MB each.",
            field="documents",
        )
    for _, content in files:
        type_of(_DOCUMENTS, content)


def _kept(office: Office, files: Sequence[Upload]) -> list[Any]:
    return [json.loads(attached(office.files, _DOCUMENTS, content, name)) for name, content in files]


def _text(field: str, text: str, most: int) -> str:
    clean = " ".join(text.split())
    if not 3 <= len(clean) <= most or not clean.isprintable():
        raise Refused(f"Isi, 3 sampai {most} huruf. · Fill in, 3 to {most} characters.", field=field)
    return clean


def _require(application: Record, state: ApplicationState, *, person: Person | None = None) -> None:
    if person is not None and (Role.STAFF not in person.roles or person.agency_id != application.agency_id):
        raise NotYours("Hanya petugas instansi ini. · Only staff of this agency does this.", field="role")
    if application.state != state:
        raise Refused(
            "Permohonan ini sudah berjalan. Muat ulang halamannya. · This application has moved on. Reload the page.",
            field="application",
        )


def _moved(office: Office, application: Record, state: ApplicationState, data: Mapping[str, Any]) -> Record:
    return office.records.change(
        application.id, version=application.version, state=state.value, data=data, at=office.now()
    )
