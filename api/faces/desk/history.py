"""What the person has signed, with the address at which each is verified; and what was signed together lately."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from litestar import Controller, Response, get

from api.faces.desk.visit import Visit, Visits, to
from api.pages.moments import in_words
from api.pages.tables import csv_answer
from api.pages.text import Text
from signer.history import MOST, Wanted
from signer.model import SignatureRecord, SigningAct
from signer.round_progress import MemberState

PATH: Final = "/desk/history"
EACH_PAGE: Final = 50
_HEADINGS: Final = ("waktu", "hal", "nomor", "jenis", "tindakan", "sebagai", "dari", "kode", "alamat")
_ACTS: Final = {each.value: each for each in SigningAct}
_LONGEST: Final = 200
WORDS: Final = {
    SigningAct.SIGNATURE: Text("Tanda tangan", "Signature"),
    SigningAct.INITIALS: Text("Paraf", "Initials"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """One line."""

    name: str
    number: str | None
    kind: str | None
    act: Text
    acting: str
    client: str
    when: Text
    token: str
    short: str


class HistoryController(Controller):
    """For whoever is logged in."""

    include_in_schema = False

    @get(PATH, sync_to_thread=True)
    def show(self, visit: Visits) -> Response[Any]:
        """The newest first, in parts; `?format=csv` for a spreadsheet."""
        if visit.person is None:
            return to("/desk/sign-in")
        wanted, error = _wanted(visit)
        signatory_id, after = visit.person.signatory_id or "", visit.query.get("after", "")[:_LONGEST]
        if visit.query.get("format") == "csv" and error is None:
            found = visit.doors.history.of(signatory_id, wanted, after="", limit=MOST)
            return csv_answer("riwayat.csv", _HEADINGS, [_row(visit, each) for each in found])
        found = visit.doors.history.of(signatory_id, wanted, after=after, limit=EACH_PAGE + 1)
        asked = {
            "q": wanted.words,
            "act": wanted.act.value if wanted.act else "",
            "since": wanted.since.isoformat() if wanted.since else "",
            "until": wanted.until.isoformat() if wanted.until else "",
        }
        return visit.show(
            "history.html",
            error=error,
            asked=asked,
            narrowed=any(asked.values()),
            after=after,
            lines=[_line(visit, each) for each in found[:EACH_PAGE]],
            next=_address(asked, after=found[EACH_PAGE - 1].intent.code.token) if len(found) > EACH_PAGE else None,
            first=_address(asked),
            table=_address(asked, format="csv"),
            rounds=_rounds(visit, signatory_id),
        )


def _wanted(visit: Visit) -> tuple[Wanted, Text | None]:
    """From the address; a day that is none is told and leaves nothing out."""
    days: dict[str, date | None] = {"since": None, "until": None}
    error = None
    for name in days:
        text = visit.query.get(name, "")
        try:
            days[name] = date.fromisoformat(text) if text else None
        except ValueError:
            error = Text("Tulis tanggal sebagai 2026-11-21.", "Write a date as 2026-11-21.")
    words = visit.query.get("q", "")[:_LONGEST]
    return Wanted(words=words, act=_ACTS.get(visit.query.get("act", "")), **days), error


def _address(asked: dict[str, str], **more: str) -> str:
    query = urlencode({name: value for name, value in (asked | more).items() if value})
    return f"{PATH}?{query}" if query else PATH


def _line(visit: Visit, record: SignatureRecord) -> Signed:
    intent = record.intent
    letter, as_whom = intent.letter, intent.signed_as
    at = record.outcome.at if record.outcome is not None else intent.reserved_at
    return Signed(
        name=letter.subject or letter.number or "Surat",
        number=letter.number if letter.subject else None,
        kind=letter.kind,
        act=WORDS[intent.act],
        acting=f"{as_whom.on_behalf or ''} {as_whom.office or ''}".strip(),
        client=visit.doors.client_name(intent.client_id),
        when=in_words(at, utc_offset_hours=visit.doors.settings.utc_offset_hours),
        token=intent.code.token,
        short=intent.code.short,
    )


def _row(visit: Visit, record: SignatureRecord) -> tuple[str, ...]:
    line = _line(visit, record)
    address = f"{visit.doors.settings.domain}/v/{line.short}"
    return (
        *(line.when.id, line.name, line.number or "", line.kind or "", line.act.id),
        *(line.acting, line.client, line.short, address),
    )


def _rounds(visit: Visit, signatory_id: str) -> list[tuple[str, Text, int, int, bool]]:
    """What was approved together lately: id, when, signed, of how many, and whether it goes on."""
    lately = []
    for each in visit.doors.rounds.recent(signatory_id):
        standing = visit.doors.round_progress(each)
        when = in_words(each.granted_at or each.begun_at, utc_offset_hours=visit.doors.settings.utc_offset_hours)
        signed, total = sum(one.signed for one in standing), sum(one.documents for one in standing)
        lately.append((each.id, when, signed, total, any(one.state is MemberState.UNDER_WAY for one in standing)))
    return lately
