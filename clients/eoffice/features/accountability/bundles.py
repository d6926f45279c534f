"""Bundles of vouchers: gathered through the month, then one paper, signed by the three who answer for it.

A bundle is a record of the feature. Each photograph is a record too, under its own digest: the same one is claimed
once in an agency, in whichever bundle.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from eoffice.errors import NotFound, NotYours, Outdated, Refused
from eoffice.features.accountability.kinds import SIGNERS, SPJ
from eoffice.features.accountability.vouchers import Sent, Voucher, text
from eoffice.model import Paper, PaperState, Person, Record, Role
from eoffice.pictures import plain_picture

if TYPE_CHECKING:
    from eoffice.compose import Office

FEATURE: Final = "accountability"
BUNDLE: Final = "bundle"
PHOTO: Final = "photo"
OPEN: Final = "open"
SENT: Final = "sent"
SIGNED: Final = "signed"
USED: Final = "used"
FREE: Final = "free"
MOST_VOUCHERS: Final = 100
_TRIES: Final = 5


def begin(office: "Office", person: Person, sent: Sent) -> Record:
    """A new bundle for one activity. Raises `Refused`."""
    if Role.STAFF not in person.roles:
        raise NotYours("Peran Anda tidak membuat SPJ. · Your role does not make these.", field="role")
    year = text(sent, "year")
    if not (year.isdecimal() and len(year) == 4):
        raise Refused("Tulis tahun anggaran. · Write the budget year.", field="year")
    data = {"activity": text(sent, "activity"), "account": text(sent, "account"), "year": int(year), "vouchers": []}
    return office.records.add_once(_record(office, person, BUNDLE, office.new_id(), data))[0]


def read(office: "Office", person: Person, bundle_id: str) -> Record:
    """A bundle of the own agency. Raises `NotFound` for every other."""
    record = office.records.get(bundle_id)
    if (record.feature, record.kind, record.agency_id) != (FEATURE, BUNDLE, person.agency_id):
        raise NotFound("SPJ tidak ditemukan. · There is no such file.", field="bundle")
    return record


def add(office: "Office", person: Person, bundle_id: str, voucher: Voucher, picture: bytes) -> Record:
    """One more voucher; `picture`: a photograph of it, or nothing. Raises `NotFound`, `NotYours`, `Refused`."""
    _own(office, person, bundle_id)
    sha256 = _claimed(office, person, bundle_id, picture) if picture else None
    line = {
        "id": office.new_id(),
        "day": voucher.day.isoformat(),
        "purpose": voucher.purpose,
        "payee": voucher.payee,
        "amount": voucher.amount,
        "picture": sha256,
    }

    def more(vouchers: list[Any]) -> list[Any]:
        if len(vouchers) >= MOST_VOUCHERS:
            raise Refused(f"Paling banyak {MOST_VOUCHERS} bukti. · {MOST_VOUCHERS} vouchers at most.", field="bundle")
        return [*vouchers, line]

    try:
        return _changed(office, person, bundle_id, more)
    except Refused:
        if sha256 is not None:
            _free(office, person, sha256)
        raise


def remove(office: "Office", person: Person, bundle_id: str, voucher_id: str) -> Record:
    """Take a voucher out; its photograph may be claimed again. Raises `NotFound`, `NotYours`, `Refused`."""
    before = _own(office, person, bundle_id).data["vouchers"]
    changed = _changed(office, person, bundle_id, lambda all_: [each for each in all_ if each["id"] != voucher_id])
    for each in before:
        if each["id"] == voucher_id and each["picture"]:
            _free(office, person, each["picture"])
    return changed


def send(office: "Office", person: Person, bundle_id: str, sent: Sent) -> Paper:
    """Make the paper out of it and release it to its signers; one that came back is written anew.

    Raises `NotFound`, `NotYours`, `Outdated`, `Refused`.
    """
    bundle = _own(office, person, bundle_id)
    if not bundle.data["vouchers"]:
        raise Refused("Tambahkan bukti lebih dahulu. · Add vouchers first.", field="bundle")
    form = _form(bundle, sent)
    before = None if bundle.paper_id is None else office.papers.get(bundle.paper_id)
    if before is None or before.state in (PaperState.CANCELLED, PaperState.WITHDRAWN):
        paper = office.service.write(person, FEATURE, SPJ, form, release=False)
    else:
        paper = office.service.change(person, before.id, form, version=before.version)
    sent_off = office.records.change(bundle.id, version=bundle.version, state=SENT, paper_id=paper.id, at=office.now())
    try:
        return office.service.release(person, paper.id, version=paper.version)
    except Refused:  # the page could not be drawn: its gatherer has it in hand again
        office.records.change(sent_off.id, version=sent_off.version, state=OPEN, at=office.now())
        raise


def on_paper(office: "Office", paper: Paper) -> None:
    """What became of the paper becomes of its bundle. May come twice for the same."""
    state = {
        PaperState.SIGNED: SIGNED,
        PaperState.RETURNED: OPEN,
        PaperState.CANCELLED: OPEN,
        PaperState.WITHDRAWN: OPEN,
    }.get(paper.state)
    for record in office.records.of_paper(paper.id):
        if state is not None and record.kind == BUNDLE and record.state != state:
            known = record.data
            if state == SIGNED:  # what people type from the print
                known = {**known, "short_code": office.teken.signatures.get(paper.code or "").short_code}
            office.records.change(record.id, version=record.version, state=state, data=known, at=office.now())


def _form(bundle: Record, sent: Sent) -> dict[str, list[str]]:
    said = bundle.data
    signers = {name: sent.get(name, [])[:1] for name, _ in SIGNERS}
    secrecy = {"secrecy": sent.get("secrecy", [])[:1]}
    head = {"subject": [said["activity"]], "account": [said["account"]], "year": [str(said["year"])]}
    columns = {
        f"vouchers.{name}": ["" if each[name] is None else str(each[name]) for each in said["vouchers"]]
        for name in ("day", "purpose", "payee", "amount", "picture")
    }
    return {**head, **signers, **secrecy, **columns}


def _own(office: "Office", person: Person, bundle_id: str) -> Record:
    """A bundle that this person gathers, and that is not on its way."""
    bundle = read(office, person, bundle_id)
    if bundle.owner_id != person.id:
        raise NotYours("Hanya penyusunnya yang mengubahnya. · Only who gathers it changes it.", field="bundle")
    if bundle.state != OPEN:
        raise Refused("SPJ ini sudah berjalan. · This file has moved on.", field="bundle")
    return bundle


def _changed(office: "Office", person: Person, bundle_id: str, how: Callable[[list[Any]], list[Any]]) -> Record:
    """Its vouchers, changed; two phones may add at once."""
    for turn in range(_TRIES):
        bundle = _own(office, person, bundle_id)
        data = {**bundle.data, "vouchers": how(bundle.data["vouchers"])}
        try:
            return office.records.change(bundle.id, version=bundle.version, data=data, at=office.now())
        except Outdated:
            if turn == _TRIES - 1:
                raise
    raise AssertionError("every turn returns or raises")


def _claimed(office: "Office", person: Person, bundle_id: str, picture: bytes) -> str:
    sha256 = office.files.keep(plain_picture(picture, field="picture"))
    key = f"{person.agency_id}:{sha256}"
    photo, new = office.records.add_once(_record(office, person, PHOTO, key, {"bundle": bundle_id}))
    if not new and photo.state == USED:
        raise Refused(
            "Foto ini sudah menjadi bukti lain. · This photograph is the evidence of another voucher already.",
            field="picture",
        )
    if not new:
        data = {"bundle": bundle_id}
        office.records.change(photo.id, version=photo.version, state=USED, data=data, at=office.now())
    return sha256


def _free(office: "Office", person: Person, sha256: str) -> None:
    photo = office.records.by_key(FEATURE, PHOTO, f"{person.agency_id}:{sha256}")
    if photo is not None:
        office.records.change(photo.id, version=photo.version, state=FREE, at=office.now())


def _record(office: "Office", person: Person, kind: str, key: str, data: Mapping[str, Any]) -> Record:
    return Record(
        id=office.new_id(),
        feature=FEATURE,
        kind=kind,
        key=key,
        agency_id=person.agency_id,
        owner_id=person.id,
        state=OPEN if kind == BUNDLE else USED,
        data=data,
        created_at=office.now(),
        changed_at=office.now(),
    )
