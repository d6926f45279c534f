"""Which systems may push feeds: each has a token of one agency, kept as its digest alone."""

import hashlib

from eoffice.compose import Office
from eoffice.errors import NotFound, NotYours, Refused
from eoffice.features.vehicle_tax.model import NAME, SENDER
from eoffice.model import Person, Record, Role

ACTIVE = "active"
ENDED = "ended"
_MARK = "pkb_"
"""How tokens begin, so that one that leaked is recognised."""


def new_token(office: Office, person: Person, title: str) -> str:
    """A token of 256 bits for the system called `title`. Raises `NotYours`, `Refused`."""
    _require_leader(person)
    if not 3 <= len(title) <= 100 or not title.isprintable():
        raise Refused("Tulis nama sistemnya, 3 sampai 100 huruf. · Name it, in 3 to 100 characters.", field="title")
    at, token = office.now(), f"{_MARK}{office.new_id()}{office.new_id()}"
    record = Record(
        id=office.new_id(),
        feature=NAME,
        kind=SENDER,
        key=_digest(token),
        agency_id=person.agency_id,
        owner_id=person.id,
        state=ACTIVE,
        data={"title": title},
        created_at=at,
        changed_at=at,
    )
    office.records.add_once(record)
    return token


def tokens_of(office: Office, person: Person) -> list[Record]:
    """Those of the person's agency. Raises `NotYours`."""
    _require_leader(person)
    return office.records.listed(NAME, SENDER, agency_id=person.agency_id, limit=100)


def end_token(office: Office, person: Person, record_id: str) -> None:
    """From now on it opens nothing. Raises `NotFound`, `NotYours`."""
    _require_leader(person)
    record = office.records.get(record_id)
    if (record.feature, record.kind, record.agency_id) != (NAME, SENDER, person.agency_id):
        raise NotFound("Pengirim tidak ditemukan. · There is no such sender.", field="sender")
    office.records.change(record.id, version=record.version, state=ENDED, at=office.now())


def sender_of(office: Office, header: str | None) -> Record | None:
    """Whose token an `Authorization` header carries; none where it is nobody's, or no longer."""
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not token.startswith(_MARK):
        return None
    record = office.records.by_key(NAME, SENDER, _digest(token))
    return record if record is not None and record.state == ACTIVE else None


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _require_leader(person: Person) -> None:
    if Role.LEADER not in person.roles:
        raise NotYours("Hanya pimpinan instansi ini. · A leader of this agency does this.", field="role")
