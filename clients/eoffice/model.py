"""The nouns of the office. Frozen; times are aware and in UTC."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any


class Role(StrEnum):
    """What a person may do here; nobody signs here, whatever the role: that is done on Teken's own page."""

    STAFF = "staff"
    """Drafts papers of the own agency."""
    RECORDS = "records"
    """Takes in what arrives, and sends what is signed (tata usaha)."""
    LEADER = "leader"
    """Reads everything of the own agency, and writes dispositions."""
    ADMINISTRATOR = "administrator"
    """Keeps agencies, people and kinds."""


class Act(StrEnum):
    """What somebody does with a paper."""

    INITIALS = "initials"
    """Paraf: before every signature, and never called one."""
    SIGNATURE = "signature"
    SEAL = "seal"
    """Of the agency: no person."""


class Secrecy(StrEnum):
    """Sifat. It rules what the public sees."""

    BIASA = "biasa"
    TERBATAS = "terbatas"
    RAHASIA = "rahasia"
    SANGAT_RAHASIA = "sangat-rahasia"


class Urgency(StrEnum):
    """Derajat."""

    BIASA = "biasa"
    SEGERA = "segera"
    SANGAT_SEGERA = "sangat-segera"


class PaperState(StrEnum):
    """Where a paper is on its way."""

    DRAFT = "draft"
    """Its drafter may change it."""
    QUEUED = "queued"
    """Released: it has its number and its page, and goes to Teken as soon as Teken answers."""
    SIGNING = "signing"
    """With Teken: the officials, or the seal, have it."""
    SIGNED = "signed"
    """Everybody has signed; the signed bytes are kept here too."""
    RETURNED = "returned"
    """An official gave it back, or Teken refused it: the drafter reads why, changes it and releases it again."""
    CANCELLED = "cancelled"
    """Given up. Its number stays in the register, marked void."""
    WITHDRAWN = "withdrawn"
    """Signed, and no longer to be relied on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """One *perangkat daerah*, or a partner outside of the province."""

    id: str
    name: str
    code: str
    """As it stands in numbers of letters."""
    address: str
    seal: str | None = None
    """The credential of its seal at Teken."""
    outside: bool = False
    """A partner: its people see what they are asked to sign, and nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who works here."""

    id: str
    name: str
    """With degrees, as typed; never split."""
    office: str
    """Jabatan."""
    agency_id: str
    rank: str | None = None
    """Pangkat."""
    credential: str | None = None
    """At Teken; absent for who never signs."""
    roles: frozenset[Role] = frozenset({Role.STAFF})
    active: bool = True
    outside: bool = False
    """Of a partner's; said by the agency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one official, or the agency's seal, is asked to do."""

    order: int
    """From 1; steps of one order go side by side."""
    act: Act
    person_id: str | None
    """None for the seal."""
    on_behalf: str | None = None
    """a.n., u.b., Plt., Plh. …: the lines above the office, parted by semicolons."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where on the pages a stamp goes: a box in PDF points, origin at the lower left; or over a tag; or, where neither
    is said, where Teken puts it: on the last page."""

    step: int
    """Whose stamp: the place of its step among the steps, from 1."""
    page: int | None = None
    """From 1."""
    x: float | None = None
    y: float | None = None
    width: float | None = None
    height: float | None = None
    tag: str | None = None
    """A text of the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One paper, from its first word to the archive."""

    id: str
    feature: str
    kind: str
    agency_id: str
    drafter_id: str
    state: PaperState
    subject: str
    secrecy: Secrecy
    urgency: Urgency
    form: Mapping[str, Any]
    """The fields of its kind, as they were typed; the machine that fills forms keeps them as JSON."""
    steps: tuple[Step, ...]
    created_at: datetime
    changed_at: datetime
    number: str | None = None
    """Nomor surat; drawn on release."""
    dated: date | None = None
    """The day on the page."""
    draft: str | None = None
    """SHA-256 of the page that was released."""
    places: tuple[Place, ...] = ()
    """Of the stamps; a step without one signs invisibly."""
    reference: str | None = None
    """What Teken calls it: a document of several signatories, or a place in a batch."""
    progress: int = 0
    """How many steps are done."""
    code: str | None = None
    """Teken's verification code of the newest signature."""
    page: str | None = None
    """Teken's public page of it."""
    signed: str | None = None
    """SHA-256 of the signed bytes."""
    problem: str | None = None
    """Why it came back, in words for people."""
    valid_until: date | None = None
    replaces: str | None = None
    """The paper whose place it takes."""
    version: int = 0
    """Counts changes: who saves names the version that was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What a feature keeps beside its papers: a voucher, a check-in, an application, a line of a list."""

    id: str
    feature: str
    kind: str
    """What the feature calls such a thing."""
    key: str
    """Unique among the records of one feature and kind: what arrives twice is there once."""
    agency_id: str
    state: str
    """A word of the feature's own."""
    data: Mapping[str, Any]
    """JSON."""
    created_at: datetime
    changed_at: datetime
    owner_id: str | None = None
    """The person of the office whose it is."""
    day: date | None = None
    paper_id: str | None = None
    """The paper that came of it."""
    version: int = 0
    """Counts changes: who saves names the version that was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordChange:
    """What becomes of one record among several that change together."""

    id: str
    version: int
    """That was read."""
    state: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What Teken says of a file that came in, at that time."""

    state: str
    """A stable word: valid, changed, unknown-issuer …"""
    headline_id: str
    headline_en: str
    passed: bool
    """Every signature is good."""
    signers: tuple[str, ...]
    relation: str
    """Whether the file is the one that Teken has on record."""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A letter that came in: from another agency of the office, or from outside by upload."""

    id: str
    agency_id: str
    agenda: int
    """Its place in the agency's register of this year's incoming letters."""
    sender: str
    subject: str
    number: str | None
    dated: date | None
    sha256: str
    verdict: Verdict
    arrived_at: datetime
    paper_id: str | None = None
    """The paper of another agency of this office, where it came straight."""
    read_at: datetime | None = None
    read_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposition:
    """What a chief wants done about an incoming letter: to whom, what, until when. It points at the letter and is
    never written into it."""

    id: str
    incoming_id: str
    parent_id: str | None
    """The disposition that this one passes on."""
    from_person: str
    to_person: str
    instruction: str
    until: date | None
    given_at: datetime
    report: str | None = None
    """What was done."""
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a drafter typed."""

    subject: str
    form: Mapping[str, Any]
    secrecy: Secrecy
    urgency: Urgency = Urgency.BIASA
    steps: tuple[Step, ...] = field(default=())
    valid_until: date | None = None
