"""Sheets whose next move is somebody's: their own to acknowledge, and how many of those whom they appraise."""

from collections import Counter
from typing import Final

from eoffice.compose import Office
from eoffice.feature import Line, Link, Waiting
from eoffice.features.appraisal.desk import Desk
from eoffice.features.appraisal.periods import Period, period_on
from eoffice.features.appraisal.sheet import STAGES, Stage
from eoffice.model import Person
from eoffice.text import Text

_READY: Final = "ready"
_TO_DO: Final = {
    Stage.PROPOSED: Text("Sasaran untuk disepakati", "Goals to be agreed"),
    Stage.REPORTED: Text("Hasil untuk dinilai", "Results to be marked"),
    _READY: Text("Siap dilepas untuk ditandatangani", "Ready to be released and signed"),
}


def waits(office: Office, person: Person) -> list[Waiting]:
    """In the two periods that are open. What is at Teken already, the office shows with its papers."""
    desk, now = Desk(office), period_on(office.today())
    periods = (now, now.before)
    return [
        Waiting(
            name="appraisal-own",
            title=Text("Penilaian Anda menunggu pengakuan", "Your appraisal waits for you"),
            lines=[line for period in periods for line in _own(desk, person, period)],
        ),
        Waiting(
            name="appraisal-team",
            title=Text("Penilaian yang menunggu Anda", "Appraisals that wait for you"),
            lines=[line for period in periods for line in _team(desk, person, period)],
            more=Link(path="/appraisal/team", title=Text("Yang saya nilai", "Whom I appraise")),
        ),
    ]


def _own(desk: Desk, person: Person, period: Period) -> list[Line]:
    record = desk.own(person, period)
    if record is None or record.state != Stage.MARKED:
        return []
    return [Line(path=f"/appraisal/sheets/{record.id}", title=period.title, state=STAGES[Stage.MARKED])]


def _team(desk: Desk, person: Person, period: Period) -> list[Line]:
    """One line for each thing to do, with how many sheets it is about: there may be hundreds."""
    sheets = desk.team(person, period)
    if not sheets:
        return []
    counts = Counter(each.state for each in sheets)
    counts[_READY] = len(desk.ready(sheets))
    return [
        Line(
            path=f"/appraisal/team?period={period.name}",
            title=f"{words.id}: {counts[each]}",
            small=f"{period.title} · {words.en}",
        )
        for each, words in _TO_DO.items()
        if counts[each]
    ]
