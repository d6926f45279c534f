"""Sheets become papers, hundreds at the end of a period: each one once, whatever stops in between."""

from datetime import datetime
from typing import Final

from eoffice.compose import Office
from eoffice.errors import Outdated, Refused
from eoffice.features.appraisal.desk import FEATURE
from eoffice.features.appraisal.periods import period_named
from eoffice.features.appraisal.sheet import Stage, final_mark, rating, sheet_of
from eoffice.model import Paper, PaperState, Person, Record
from eoffice.once import released_once
from eoffice.words import at_time

KIND: Final = "penilaian kinerja"
AT_ONCE: Final = 20
"""Papers made in one turn: pages take time to draw, and letters wait behind them."""


class Papers:
    """What the clock does with queued sheets."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._records = office.records

    def make_due(self) -> int:
        """The next ones; how many."""
        queued = self._records.listed(FEATURE, "sheet", state=Stage.QUEUED, limit=AT_ONCE)
        for record in queued:
            try:
                self._make(record)
            except Outdated:  # another process made it
                continue
            except Refused as error:  # its appraiser left, say: the others go on
                self._give_back(record, str(error))
        return len(queued)

    def on_paper(self, paper: Paper) -> None:
        """Signed, or given up and to be marked again."""
        for record in self._records.of_paper(paper.id):
            state = Stage(record.state)
            if paper.state is PaperState.SIGNED and state in (Stage.QUEUED, Stage.RELEASED):
                self._change(record, Stage.SIGNED)
            elif paper.state in (PaperState.CANCELLED, PaperState.WITHDRAWN) and state in (
                Stage.QUEUED,
                Stage.RELEASED,
                Stage.SIGNED,
            ):
                self._change(record, Stage.REPORTED)

    def _make(self, record: Record) -> None:
        people = self._office.people.people()
        appraiser = people.get(record.data["appraiser"])
        if appraiser is None:
            raise Refused("Penilai tidak lagi terdaftar. · The appraiser is gone.", field="appraiser")
        made, _ = released_once(self._office, record, appraiser, KIND, lambda: self._sent(record, people))
        self._change(made, Stage.RELEASED)

    def _sent(self, record: Record, people: dict[str, Person]) -> dict[str, list[str]]:
        sheet = sheet_of(record.data)
        employee = people.get(sheet.employee)
        if employee is None:
            raise Refused("Pegawai tidak lagi terdaftar. · The employee is gone.", field="employee")
        mark = final_mark(sheet.goals)
        goals = ["\t".join((each.text, each.target, each.result, str(each.mark))) for each in sheet.goals]
        period = period_named(sheet.period).title
        return {
            "subject": [f"Penilaian kinerja {period}: {employee.name}"[:200]],
            "period": [period],
            "employee_name": [employee.name],
            "employee_office": [employee.office],
            "employee": [employee.id] if employee.credential else [],
            "appraiser": [sheet.appraiser],
            "goals.pasted": ["\n".join(goals)],
            "mark": [str(mark).replace(".", ",")],
            "rating": [rating(mark)],
            "remark": [sheet.remark],
            "acknowledged": [self._time(sheet.acknowledged_at)],
        }

    def _time(self, at: str | None) -> str:
        if at is None:
            return ""
        offset = self._office.settings.utc_offset_hours
        return at_time(datetime.fromisoformat(at), utc_offset_hours=offset)

    def _give_back(self, record: Record, problem: str) -> None:
        data = {**record.data, "objection": problem}
        at = self._office.now()
        self._records.change(record.id, version=record.version, state=Stage.REPORTED, data=data, at=at)

    def _change(self, record: Record, stage: Stage) -> None:
        self._records.change(record.id, version=record.version, state=stage, at=self._office.now())
