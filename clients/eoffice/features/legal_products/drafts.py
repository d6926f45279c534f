"""Draft regulations of regencies and cities on their way through the legal bureau.

A draft is a record: handed in, sent back with remarks and handed in anew, until its result sheet and its letter are
signed. Both papers are records too, so that their news find the draft.
"""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from eoffice.attachments import Attachment, attached
from eoffice.errors import NotFound, NotYours, Refused
from eoffice.feature import DOCX, PDF, Field, Input
from eoffice.features.legal_products.kinds import LETTER, PRODUCTS, SHEET
from eoffice.model import Paper, PaperState, Person, Record
from eoffice.text import Text

if TYPE_CHECKING:
    from eoffice.compose import Office

FEATURE: Final = "legal-products"
DRAFT: Final = "draft"
PART: Final = "part"
HANDED_IN: Final = "handed-in"
SENT_BACK: Final = "sent-back"
REVIEWED: Final = "reviewed"
DONE: Final = "done"
FILE: Final = Field(name="draft", label=Text("Rancangan", "The draft"), input=Input.FILE, accepts=(PDF, DOCX))
MOST_VERSIONS: Final = 20
MOST_LISTED: Final = 1_000
_LINE: Final = 200
_REMARKS: Final = 5_000


def hand_in(office: "Office", person: Person, sent: Mapping[str, Sequence[str]], file: tuple[str, bytes]) -> Record:
    """A new draft, by anybody of the agency whose draft it is. Raises `Refused`, which names the field."""
    directory = office.service.directory()
    bureau = directory.agencies.get(_one(sent, "bureau"))
    if bureau is None or bureau.outside or bureau.id == person.agency_id:
        raise Refused("Pilih biro yang menelaah. · Choose the bureau that reviews it.", field="bureau")
    product = _one(sent, "product")
    if product not in dict(PRODUCTS):
        raise Refused("Pilih jenis rancangan. · Choose the kind of draft.", field="product")
    data = {
        "product": product,
        "title": _text(sent, "title", _LINE),
        "from": person.agency_id,
        "versions": [_version(office, person, file)],
        "remarks": [],
    }
    at = office.now()
    return office.records.add_once(
        Record(
            id=(made := office.new_id()),
            feature=FEATURE,
            kind=DRAFT,
            key=made,
            agency_id=bureau.id,
            owner_id=person.id,
            state=HANDED_IN,
            data=data,
            created_at=at,
            changed_at=at,
        )
    )[0]


def seen_by(office: "Office", person: Person) -> list[Record]:
    """The drafts of the own agency, and those that it reviews; newest first."""
    drafts = office.records.listed(FEATURE, DRAFT, limit=MOST_LISTED)
    return [each for each in drafts if person.agency_id in (each.agency_id, each.data["from"])]


def read(office: "Office", person: Person, draft_id: str) -> Record:
    """Raises `NotFound` for a draft that is nothing to this person's agency."""
    record = office.records.get(draft_id)
    concerned = (record.agency_id, record.data.get("from"))
    if (record.feature, record.kind) != (FEATURE, DRAFT) or person.agency_id not in concerned:
        raise NotFound("Rancangan tidak ditemukan. · There is no such draft.", field="draft")
    return record


def hand_in_again(office: "Office", person: Person, draft_id: str, file: tuple[str, bytes]) -> Record:
    """Another version of one that was sent back. Raises `NotFound`, `NotYours`, `Outdated`, `Refused`."""
    record = read(office, person, draft_id)
    if record.data["from"] != person.agency_id:
        raise NotYours("Pemrakarsa yang mengirim versi baru. · Whose draft it is sends it.", field="draft")
    if record.state != SENT_BACK or len(record.data["versions"]) >= MOST_VERSIONS:
        raise Refused("Rancangan ini tidak menunggu versi baru. · No other version is awaited.", field="draft")
    data = {**record.data, "versions": [*record.data["versions"], _version(office, person, file)]}
    return office.records.change(record.id, version=record.version, state=HANDED_IN, data=data, at=office.now())


def send_back(office: "Office", person: Person, draft_id: str, sent: Mapping[str, Sequence[str]]) -> Record:
    """With remarks, by the bureau. Raises `NotFound`, `NotYours`, `Outdated`, `Refused`."""
    record = _reviewed_by(office, person, draft_id)
    remark = {"at": office.now().isoformat(), "by": person.name, "text": _text(sent, "remarks", _REMARKS)}
    data = {**record.data, "remarks": [*record.data["remarks"], remark]}
    return office.records.change(record.id, version=record.version, state=SENT_BACK, data=data, at=office.now())


def facilitate(office: "Office", person: Person, draft_id: str, sent: Mapping[str, list[str]]) -> Paper:
    """Begin result sheet and letter as this person's drafts; the result sheet is given back, to be filled in.

    Raises `NotFound`, `NotYours`, `Outdated`, `Refused`.
    """
    record, directory = _reviewed_by(office, person, draft_id), office.service.directory()
    partner = directory.people.get(_one(sent, "partner"))
    if partner is None or partner.agency_id != record.data["from"]:
        raise Refused("Pilih pejabat pemrakarsa. · Choose an official of whose draft it is.", field="partner")
    draft = {name: value for name, value in record.data["versions"][-1].items() if name in Attachment.__slots__}
    said, region = record.data, directory.agencies[record.data["from"]].name
    common = {
        "product": [said["product"]],
        "title": [said["title"]],
        "region": [region],
        "draft": [json.dumps(draft)],
        "signatory": sent.get("signatory", [])[:1],
        "initials": sent.get("initials", []),
    }
    title = f"{dict(PRODUCTS)[said['product']].id} tentang {said['title']}"
    forms = {
        SHEET: {
            "subject": [f"Hasil fasilitasi {title}"[:200]],
            "partner": [partner.id],
            "opinion": [_one(sent, "opinion")],
        },
        LETTER: {
            "subject": [f"Fasilitasi {title}"[:200]],
            "body": [f"Bersama ini disampaikan hasil fasilitasi {title} dari {region}, sebagaimana lembar terlampir."],
        },
    }
    held = office.records.change(record.id, version=record.version, state=REVIEWED, at=office.now())
    try:
        papers = {
            kind: office.service.write(person, FEATURE, kind, {**common, **form}, release=False)
            for kind, form in forms.items()
        }
    except Refused:
        office.records.change(held.id, version=held.version, state=HANDED_IN, at=office.now())
        raise
    office.records.add_many([_part(office, person, record, paper) for paper in papers.values()])
    return papers[SHEET]


def parts_of(office: "Office", record: Record) -> dict[str, Paper]:
    """The papers that came of a draft, by kind: the newest of each."""
    parts = office.records.listed(FEATURE, PART, agency_id=record.agency_id, limit=MOST_LISTED)
    own = [each for each in reversed(parts) if each.data["draft"] == record.id]
    return {each.data["kind"]: office.papers.get(each.paper_id or "") for each in own}


def on_paper(office: "Office", paper: Paper) -> None:
    """A draft is done once both of its papers are signed, or what took their place. May come twice for the same."""
    if paper.state is PaperState.SIGNED and paper.replaces is not None:
        for part in office.records.of_paper(paper.replaces):
            office.records.change(part.id, version=part.version, paper_id=paper.id, at=office.now())
    for part in office.records.of_paper(paper.id):
        draft = office.records.get(part.data["draft"])
        states = {each.state for each in parts_of(office, draft).values()}
        state = HANDED_IN if PaperState.CANCELLED in states else DONE if states == {PaperState.SIGNED} else REVIEWED
        if draft.state != state:
            office.records.change(draft.id, version=draft.version, state=state, at=office.now())


def _reviewed_by(office: "Office", person: Person, draft_id: str) -> Record:
    record = read(office, person, draft_id)
    if record.agency_id != person.agency_id or person.outside:
        raise NotYours("Biro penelaah yang melakukannya. · The bureau that reviews it does this.", field="draft")
    if record.state != HANDED_IN:
        raise Refused("Rancangan ini tidak menunggu telaah. · This draft is not waiting for review.", field="draft")
    return record


def _part(office: "Office", person: Person, draft: Record, paper: Paper) -> Record:
    return Record(
        id=office.new_id(),
        feature=FEATURE,
        kind=PART,
        key=paper.id,
        agency_id=draft.agency_id,
        owner_id=person.id,
        state="begun",
        paper_id=paper.id,
        data={"draft": draft.id, "kind": paper.kind},
        created_at=office.now(),
        changed_at=office.now(),
    )


def _version(office: "Office", person: Person, file: tuple[str, bytes]) -> Mapping[str, Any]:
    name, content = file
    kept = json.loads(attached(office.files, FILE, content, name))
    return {**kept, "at": office.now().isoformat(), "by": person.name}


def _one(sent: Mapping[str, Sequence[str]], name: str) -> str:
    return "".join(sent.get(name, [])[:1])


def _text(sent: Mapping[str, Sequence[str]], name: str, most: int) -> str:
    text = _one(sent, name).replace("\r\n", "\n").strip()
    if not 1 <= len(text) <= most or not all(each.isprintable() or each == "\n" for each in text):
        raise Refused(f"Isi, paling banyak {most} huruf. · Fill in, {most} characters at most.", field=name)
    return " ".join(text.split()) if most == _LINE else text
