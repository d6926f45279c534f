"""Who sets goals, reports, marks and acknowledges: each sheet in its turn, over the office's records."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from eoffice.compose import Office
from eoffice.errors import NotFound, Outdated, Refused
from eoffice.features.appraisal.periods import Period
from eoffice.features.appraisal.sheet import (
    Goal,
    Move,
    Sheet,
    Stage,
    next_stage,
    sheet_of,
    sheet_row,
    with_marks,
    with_results,
)
from eoffice.model import Person, Record

FEATURE: Final = "appraisal"
MOST_OF_TEAM: Final = 1_000
MOST_REMARK: Final = 500
"""Characters of a remark or an objection."""


class Desk:
    """Sheets of goals.

    Records of this feature, by kind: `sheet` (an employee's period) and `team` (by whom a sheet is appraised, so that
    an appraiser's are found at once).
    """

    def __init__(self, office: Office) -> None:
        self._office = office
        self._records = office.records

    def own(self, person: Person, period: Period) -> Record | None:
        """The person's sheet of that period."""
        return self._records.by_key(FEATURE, "sheet", _key(person.id, period))

    def team(self, appraiser: Person, period: Period) -> list[Record]:
        """The sheets that this person appraises, by the employee's name."""
        found = self._records.listed(FEATURE, "team", owner_id=appraiser.id, day=period.first, limit=MOST_OF_TEAM)
        if not found:
            return []
        sheets = self._records.by_keys(FEATURE, "sheet", [each.data["sheet"] for each in found])
        names = {each.id: each.name for each in self._office.people.people().values()}
        mine = [each for each in sheets.values() if each.data["appraiser"] == appraiser.id]
        return sorted(mine, key=lambda each: names.get(each.data["employee"], ""))

    def read(self, person: Person, record_id: str) -> Record:
        """A sheet, for its employee and its appraiser. Raises `NotFound` for everybody else."""
        record = self._records.get(record_id)
        ours = (record.feature, record.kind) == (FEATURE, "sheet")
        if not ours or person.id not in (record.data["employee"], record.data["appraiser"]):
            raise NotFound("Lembar tidak ditemukan. · There is no such sheet.", field="sheet")
        return record

    def set_goals(self, person: Person, period: Period, appraiser_id: str, goals: tuple[Goal, ...]) -> Record:
        """Write one's goals, and who appraises them; as often as one likes until they are proposed.

        Raises `Refused`.
        """
        appraiser = self._office.people.people().get(appraiser_id)
        if appraiser is None or appraiser.credential is None or appraiser.id == person.id:
            raise Refused(
                "Pilih atasan yang dapat menandatangani. · Choose a superior who can sign.", field="appraiser"
            )
        sheet = Sheet(employee=person.id, appraiser=appraiser.id, period=period.name, goals=goals)
        record, new = self._records.add_once(
            self._fresh("sheet", _key(person.id, period), person, period, sheet_row(sheet))
        )
        if not new:
            if record.state != Stage.GOALS:
                raise Refused("Sasaran sudah disampaikan. · The goals are proposed already.", field="goal")
            data, at = sheet_row(sheet), self._office.now()
            record = self._records.change(record.id, version=record.version, data=data, at=at)
        self._records.add_once(
            self._fresh("team", f"{appraiser.id} {record.key}", appraiser, period, {"sheet": record.key})
        )
        return record

    def move(self, person: Person, record_id: str, move: Move, *, version: int, said: dict[str, list[str]]) -> Record:
        """Bring a sheet on by what its form says. Raises `NotFound`, `NotYours`, `Outdated`, `Refused`."""
        record = self.read(person, record_id)
        sheet, stage = sheet_of(record.data), Stage(record.state)
        after = next_stage(stage, move, sheet, person.id)
        data, at = sheet_row(self._with(sheet, move, said)), self._office.now()
        return self._records.change(record.id, version=version, state=after, data=data, at=at)

    def ready(self, sheets: Sequence[Record]) -> list[Record]:
        """Those that may be released: their employee has acknowledged them, or will initial them at Teken before the
        signature."""
        initial = {each.id for each in self._office.people.people().values() if each.credential is not None}
        return [
            each
            for each in sheets
            if each.state == Stage.ACKNOWLEDGED or (each.state == Stage.MARKED and each.data["employee"] in initial)
        ]

    def release(self, appraiser: Person, period: Period) -> int:
        """Have papers made of everything that is ready; how many there are."""
        queued = sum(map(self._queued, self.ready(self.team(appraiser, period))))
        self._office.wake.set()
        return queued

    def _queued(self, record: Record) -> bool:
        try:
            self._records.change(record.id, version=record.version, state=Stage.QUEUED, at=self._office.now())
        except Outdated:  # its employee objected just now
            return False
        return True

    def _with(self, sheet: Sheet, move: Move, said: dict[str, list[str]]) -> Sheet:
        if move is Move.REPORT:
            return replace(sheet, goals=with_results(sheet.goals, said.get("result", [])))
        if move is Move.MARK:
            return replace(
                sheet, goals=with_marks(sheet.goals, said.get("mark", [])), remark=_text(said, "remark", least=0)
            )
        if move is Move.OBJECT:
            return replace(sheet, objection=_text(said, "objection", least=3))
        if move is Move.SEND_BACK:
            return replace(sheet, remark=_text(said, "remark", least=3))
        if move is Move.ACKNOWLEDGE:
            return replace(sheet, acknowledged_at=self._office.now().isoformat())
        return sheet

    def _fresh(self, kind: str, key: str, owner: Person, period: Period, data: Mapping[str, Any]) -> Record:
        at = self._office.now()
        return Record(
            id=self._office.new_id(),
            feature=FEATURE,
            kind=kind,
            key=key,
            agency_id=owner.agency_id,
            owner_id=owner.id,
            day=period.first,
            state=Stage.GOALS,
            data=data,
            created_at=at,
            changed_at=at,
        )


def _key(employee_id: str, period: Period) -> str:
    return f"{employee_id} {period.name}"


def _text(said: dict[str, list[str]], name: str, *, least: int) -> str:
    text = " ".join("".join(said.get(name, [])[:1]).split())
    if not least <= len(text) <= MOST_REMARK:
        raise Refused(
            f"Isi, {least} sampai {MOST_REMARK} huruf. · Fill in, {least} to {MOST_REMARK} characters.", field=name
        )
    return text
