"""One employee's goals of one period, and what becomes of them: pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any, Final

from eoffice.errors import NotYours, Refused
from eoffice.text import Text

MOST_GOALS: Final = 12
MOST_LETTERS: Final = 200
BEST_MARK: Final = 120
RATINGS: Final = (
    (110, "Sangat Baik"),
    (90, "Baik"),
    (70, "Cukup"),
    (50, "Kurang"),
    (0, "Sangat Kurang"),
)
"""From which mark on (PP 30/2019, Art. 41)."""


class Stage(StrEnum):
    """Where a sheet is on its way."""

    GOALS = "goals"
    """The employee writes the goals."""
    PROPOSED = "proposed"
    """The appraiser reads them."""
    AGREED = "agreed"
    """The employee works, and reports at the end of the period."""
    REPORTED = "reported"
    """The appraiser gives marks."""
    MARKED = "marked"
    """The employee acknowledges the marks, or objects."""
    ACKNOWLEDGED = "acknowledged"
    """Ready to be signed."""
    QUEUED = "queued"
    """Its paper is being made."""
    RELEASED = "released"
    """Its paper is on its way."""
    SIGNED = "signed"


class Move(StrEnum):
    """What brings a sheet on."""

    PROPOSE = "propose"
    AGREE = "agree"
    SEND_BACK = "send-back"
    REPORT = "report"
    MARK = "mark"
    ACKNOWLEDGE = "acknowledge"
    OBJECT = "object"


class Hand(StrEnum):
    """Whose turn it is."""

    EMPLOYEE = "employee"
    APPRAISER = "appraiser"


MOVES: Final[Mapping[tuple[Stage, Move], tuple[Hand, Stage]]] = {
    (Stage.GOALS, Move.PROPOSE): (Hand.EMPLOYEE, Stage.PROPOSED),
    (Stage.PROPOSED, Move.AGREE): (Hand.APPRAISER, Stage.AGREED),
    (Stage.PROPOSED, Move.SEND_BACK): (Hand.APPRAISER, Stage.GOALS),
    (Stage.AGREED, Move.REPORT): (Hand.EMPLOYEE, Stage.REPORTED),
    (Stage.REPORTED, Move.MARK): (Hand.APPRAISER, Stage.MARKED),
    (Stage.MARKED, Move.ACKNOWLEDGE): (Hand.EMPLOYEE, Stage.ACKNOWLEDGED),
    (Stage.MARKED, Move.OBJECT): (Hand.EMPLOYEE, Stage.REPORTED),
}
"""Who may do what when, and what comes of it."""
STAGES: Final[Mapping[Stage, Text]] = {
    Stage.GOALS: Text("Menyusun sasaran", "Goals are written"),
    Stage.PROPOSED: Text("Sasaran menunggu penilai", "Goals wait for the appraiser"),
    Stage.AGREED: Text("Berjalan", "Under way"),
    Stage.REPORTED: Text("Menunggu nilai", "Waits for marks"),
    Stage.MARKED: Text("Menunggu pegawai", "Waits for the employee"),
    Stage.ACKNOWLEDGED: Text("Siap ditandatangani", "Ready to be signed"),
    Stage.QUEUED: Text("Lembar sedang dibuat", "Its paper is being made"),
    Stage.RELEASED: Text("Menunggu tanda tangan", "Waits to be signed"),
    Stage.SIGNED: Text("Selesai ditandatangani", "Signed"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """One goal of the period."""

    text: str
    target: str
    result: str = ""
    mark: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The goals of one employee in one period."""

    employee: str
    appraiser: str
    period: str
    goals: tuple[Goal, ...]
    remark: str = ""
    """Of the appraiser."""
    objection: str = ""
    """Of the employee, to earlier marks."""
    acknowledged_at: str | None = None
    """ISO 8601, UTC."""


def next_stage(stage: Stage, move: Move, sheet: Sheet, person_id: str) -> Stage:
    """Where `move` of that person leads.

    Raises `NotYours` where it is somebody else's turn, and `Refused` where nobody may do it now.
    """
    if (stage, move) not in MOVES:
        raise Refused(f"Tahap ini sudah lewat: {STAGES[stage].id}. · Not now: {STAGES[stage].en}.", field="move")
    hand, after = MOVES[stage, move]
    if person_id != (sheet.employee if hand is Hand.EMPLOYEE else sheet.appraiser):
        raise NotYours("Ini giliran orang lain. · It is somebody else's turn.", field="move")
    return after


def with_goals(texts: Sequence[str], targets: Sequence[str]) -> tuple[Goal, ...]:
    """The goals of a form; lines without a goal are passed over. Raises `Refused`."""
    goals = [
        Goal(text=_said(text, "goal"), target=_said(target, "target"))
        for text, target in zip(texts, targets, strict=False)
        if text.strip()
    ]
    if not 1 <= len(goals) <= MOST_GOALS:
        raise _no(f"Tulis 1 sampai {MOST_GOALS} sasaran.", f"Write 1 to {MOST_GOALS} goals.", "goal")
    return tuple(goals)


def with_results(goals: Sequence[Goal], results: Sequence[str]) -> tuple[Goal, ...]:
    """What became of each goal. Raises `Refused` where one is missing."""
    if len(results) != len(goals):
        raise _no("Isi hasil setiap sasaran.", "Fill in the result of each goal.", "result")
    return tuple(
        Goal(text=goal.text, target=goal.target, result=_said(result, "result"))
        for goal, result in zip(goals, results, strict=True)
    )


def with_marks(goals: Sequence[Goal], marks: Sequence[str]) -> tuple[Goal, ...]:
    """A mark for each goal: whole numbers up to `BEST_MARK`. Raises `Refused`."""
    if len(marks) != len(goals) or not all(_is_mark(each) for each in marks):
        raise _no(f"Beri setiap sasaran nilai 0 sampai {BEST_MARK}.", f"Give marks from 0 to {BEST_MARK}.", "mark")
    return tuple(
        Goal(text=goal.text, target=goal.target, result=goal.result, mark=int(mark))
        for goal, mark in zip(goals, marks, strict=True)
    )


def final_mark(goals: Sequence[Goal]) -> Decimal:
    """The mean of the marks, to two places, halves up. Raises `Refused` where one is missing."""
    marks = [goal.mark for goal in goals if goal.mark is not None]
    if not marks or len(marks) != len(goals):
        raise _no("Belum semua sasaran dinilai.", "Not every goal has its mark.", "mark")
    return (Decimal(sum(marks)) / len(marks)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def rating(mark: Decimal) -> str:
    """The word for it (*predikat*)."""
    return next(word for least, word in RATINGS if mark >= least)


def sheet_of(data: Mapping[str, Any]) -> Sheet:
    """Out of a record."""
    return Sheet(**{**data, "goals": tuple(Goal(**each) for each in data["goals"])})


def sheet_row(sheet: Sheet) -> dict[str, Any]:
    """Into a record."""
    return {**asdict(sheet), "goals": [asdict(each) for each in sheet.goals]}


def _is_mark(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 3 and int(text) <= BEST_MARK


def _said(text: str, field: str) -> str:
    said = " ".join(text.split())
    if not 1 <= len(said) <= MOST_LETTERS:
        raise _no(f"Isi, paling banyak {MOST_LETTERS} huruf.", f"Fill in, {MOST_LETTERS} characters at most.", field)
    return said


def _no(indonesian: str, english: str, field: str) -> Refused:
    return Refused(f"{indonesian} · {english}", field=field)
