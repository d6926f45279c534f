"""What can be applied for: a leader says so, with what the agency needs to see and how long a permit holds."""

from collections.abc import Mapping

from eoffice.compose import Office
from eoffice.errors import NotFound, NotYours, Refused
from eoffice.features.licensing.model import CERTIFICATE, ENDED, NAME, OFFERED, PERMIT, RECOMMENDATION, SERVICE
from eoffice.model import Person, Record, Role

KINDS = (PERMIT, RECOMMENDATION, CERTIFICATE)
MOST_MONTHS = 240


def services(office: Office, *, agency_id: str | None = None) -> list[Record]:
    """Those on offer, by name."""
    found = office.records.listed(NAME, SERVICE, agency_id=agency_id, state=OFFERED, limit=200)
    return sorted(found, key=lambda each: each.data["title"])


def offer(office: Office, person: Person, sent: Mapping[str, str]) -> Record:
    """One more. Raises `NotYours`, `Refused`."""
    _require_leader(person)
    title, needs = (" ".join(sent.get(each, "").split()) for each in ("title", "needs"))
    months = sent.get("months", "")
    if not 3 <= len(title) <= 100 or not title.isprintable():
        raise Refused("Tulis nama layanan, 3 sampai 100 huruf. · Name it, in 3 to 100 characters.", field="title")
    if not 3 <= len(needs) <= 1_000 or not needs.isprintable():
        raise Refused("Tulis syaratnya, 3 sampai 1000 huruf. · Say what is needed, in 3 to 1000.", field="needs")
    if sent.get("kind") not in KINDS:
        raise Refused("Pilih dari daftar. · Choose from the list.", field="kind")
    if not months.isdecimal() or not 1 <= int(months[:6]) <= MOST_MONTHS:
        raise Refused(f"1 sampai {MOST_MONTHS} bulan. · 1 to {MOST_MONTHS} months.", field="months")
    at = office.now()
    record = Record(
        id=office.new_id(),
        feature=NAME,
        kind=SERVICE,
        key=f"{person.agency_id}/{title.casefold()}",
        agency_id=person.agency_id,
        state=OFFERED,
        data={"title": title, "needs": needs, "kind": sent["kind"], "months": int(months)},
        created_at=at,
        changed_at=at,
    )
    kept, new = office.records.add_once(record)
    if new:
        return kept
    return office.records.change(kept.id, version=kept.version, state=OFFERED, data=record.data, at=at)


def end(office: Office, person: Person, service_id: str) -> None:
    """It can be applied for no longer. Raises `NotFound`, `NotYours`."""
    _require_leader(person)
    service = office.records.get(service_id)
    if (service.feature, service.kind, service.agency_id) != (NAME, SERVICE, person.agency_id):
        raise NotFound("Layanan tidak ditemukan. · There is no such service.", field="service")
    office.records.change(service.id, version=service.version, state=ENDED, at=office.now())


def _require_leader(person: Person) -> None:
    if Role.LEADER not in person.roles:
        raise NotYours("Hanya pimpinan instansi ini. · A leader of this agency does this.", field="role")
