"""What the pages about people show of what the services give. Nothing here asks or changes anything."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from api.faces.console.listing import address
from api.faces.console.office_words import CERTIFICATE_STATUS, KINDS, PURPOSES, REASONS, STAGES, STATUS
from api.office.objects import revoked_for
from api.office.proposals import Proposal
from api.office.registry import Found
from api.pages.moments import day_of, in_words
from api.pages.text import Text
from signer.people import Approval, OfficialCertificate, StatusWord

SOON: Final = timedelta(days=60)
"""When somebody is told for the first time that a certificate ends."""
_URGENT: Final = 7
_SERIAL_SHOWN: Final = 8
OFFICIALS: Final = "/console/officials"
_SUMMARIES: Final = {
    **{f"{each.value}: ": Text(f"{words.id}: {{rest}}", f"{words.en}: {{rest}}") for each, words in PURPOSES.items()},
    "Reset the second factors of ": Text("Atur ulang: {rest}", "Reset: {rest}"),
    "A first second factor for ": Text("Faktor pertama: {rest}", "A first one: {rest}"),
    "Hand over: ": Text("Serahkan: {rest}", "Hand over: {rest}"),
    "Release ": Text("Sertifikat {rest}", "Certificate {rest}"),
}
"""How the summaries of services begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Until:
    """When something ends, and how near that is."""

    day: Text
    left: Text | None
    """What is left of it; `None` where it is over or far away."""
    urgent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficialLine:
    """One official in a list."""

    id: str
    name: str
    where: str
    organisation: str
    by_unit: str
    """The list of everybody there."""
    status: StatusWord
    words: Text
    tone: str
    until: Until | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateLine:
    """One certificate in a list."""

    serial: str
    short: str
    signatory_id: str
    name: str
    where: str
    is_seal: bool
    status: StatusWord
    words: Text
    tone: str
    until: Until


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalLine:
    """One proposal in a list."""

    id: str
    kind: Text
    summary: Text
    words: Text
    tone: str
    proposed_by: str
    proposed_at: Text
    expires_at: Text
    left: Text | None
    """Until it is out of time; `None` where nobody waits."""


def official_line(found: Found, *, at: datetime, utc_offset_hours: int) -> OfficialLine:
    """`at`: aware."""
    official = found.official
    words, tone = STATUS[found.status]
    until = official.not_after
    return OfficialLine(
        id=official.signatory.id,
        name=official.signatory.name,
        where=official.signatory.unit or official.signatory.organisation,
        organisation=official.signatory.organisation,
        by_unit=address(OFFICIALS, unit=official.signatory.unit or ""),
        status=found.status,
        words=words,
        tone=tone,
        until=None if until is None else until_of(until, at=at, utc_offset_hours=utc_offset_hours),
    )


def certificate_line(
    one: OfficialCertificate, status: StatusWord, *, at: datetime, utc_offset_hours: int
) -> CertificateLine:
    """`at`: aware."""
    words, tone = CERTIFICATE_STATUS[status]
    serial = f"{one.serial:x}"
    return CertificateLine(
        serial=serial,
        short=short_serial(serial),
        signatory_id=one.signatory.id,
        name=one.signatory.name,
        where=one.signatory.unit or one.signatory.organisation,
        is_seal=one.signatory.is_seal,
        status=status,
        words=words,
        tone=tone,
        until=until_of(one.not_after, at=at, utc_offset_hours=utc_offset_hours),
    )


def proposal_line(proposal: Proposal, *, at: datetime, utc_offset_hours: int) -> ProposalLine:
    """`at`: aware."""
    one = proposal.approval
    words, tone = STAGES[proposal.stage]
    waits = tone in ("note", "record")
    return ProposalLine(
        id=one.id,
        kind=KINDS[one.kind],
        summary=summary_of(one),
        words=words,
        tone=tone,
        proposed_by=one.proposed_by,
        proposed_at=in_words(one.proposed_at, utc_offset_hours=utc_offset_hours),
        expires_at=in_words(one.expires_at, utc_offset_hours=utc_offset_hours),
        left=left_of(one.expires_at - at) if waits else None,
    )


def summary_of(approval: Approval) -> Text:
    """What the second person reads in a list. Services write it in English; here it is said in both languages."""
    reason = revoked_for(approval) if approval.subjects else None
    if reason is not None:
        count = str(len(approval.subjects))
        return Text("{n} sertifikat: {reason}", "{n} certificates: {reason}").fill(n=count, reason=REASONS[reason])
    for beginning, words in _SUMMARIES.items():
        if approval.summary.startswith(beginning):
            return words.fill(rest=approval.summary.removeprefix(beginning))
    return Text(approval.summary, approval.summary)


def until_of(moment: datetime, *, at: datetime, utc_offset_hours: int) -> Until:
    """When something ends; `at` and `moment` aware."""
    left = moment - at
    near = timedelta(0) < left <= SOON
    return Until(
        day=day_of(moment, utc_offset_hours=utc_offset_hours),
        left=left_of(left) if near else None,
        urgent=near and left.days < _URGENT,
    )


def left_of(time: timedelta) -> Text:
    """How long something still lasts, rounded down; less than an hour is said so."""
    if time >= timedelta(days=2):
        return Text(f"{time.days} hari lagi", f"in {time.days} days")
    hours = int(time.total_seconds() // 3600)
    if hours < 1:
        return Text("kurang dari satu jam lagi", "in less than an hour")
    return Text(f"{hours} jam lagi", f"in {hours} hours" if hours > 1 else "in 1 hour")


def short_serial(serial: str) -> str:
    """The beginning of a serial number, enough for people to tell two apart."""
    return serial if len(serial) <= _SERIAL_SHOWN else f"{serial[:_SERIAL_SHOWN]}…"


def spaced_serial(serial: str) -> str:
    """A serial number by octets, as other programs write it."""
    even = serial if len(serial) % 2 == 0 else f"0{serial}"
    return ":".join(even[place : place + 2] for place in range(0, len(even), 2))


def folded(name: str) -> str:
    """How names are ordered: without case, and with single blanks."""
    return " ".join(name.casefold().split())
