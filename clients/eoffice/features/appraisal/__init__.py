"""Appraisal (SiKEPO): goals, results and marks; the employee acknowledges first, the appraiser signs all at once."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from eoffice.compose import Office
from eoffice.feature import Duty, Feature, Field, Input, Link, PaperKind, Sheet
from eoffice.features.appraisal.controller import AppraisalController
from eoffice.features.appraisal.papers import KIND, Papers
from eoffice.features.appraisal.waiting import waits
from eoffice.model import Act, Paper, Role, Secrecy, Step
from eoffice.text import Text
from eoffice.words import on_day

_COLUMNS = (
    Field(name="text", label=Text("Sasaran", "Goal")),
    Field(name="target", label=Text("Target", "Target")),
    Field(name="result", label=Text("Realisasi", "Result")),
    Field(name="mark", label=Text("Nilai", "Mark"), input=Input.NUMBER),
)


def _steps(form: Mapping[str, Any]) -> Sequence[Step]:
    """Who can sign initials the own sheet first; everybody else has acknowledged it in the office."""
    initials = [Step(order=1, act=Act.INITIALS, person_id=form["employee"])] if form["employee"] else []
    return (*initials, Step(order=len(initials) + 1, act=Act.SIGNATURE, person_id=form["appraiser"]))


def _content(sheet: Sheet) -> Mapping[str, Any]:
    form, appraiser = sheet.paper.form, sheet.directory.people[sheet.paper.form["appraiser"]]
    seen = form["acknowledged"]
    return {
        "period": form["period"],
        "employee": {"name": form["employee_name"], "office": form["employee_office"]},
        "appraiser": {"name": appraiser.name, "office": appraiser.office, "rank": appraiser.rank},
        "goals": [[str(goal[each.name]) for each in _COLUMNS] for goal in form["goals"]],
        "mark": form["mark"],
        "rating": form["rating"],
        "remark": form["remark"],
        "acknowledged": f"Diakui pegawai di e-office pada {seen}; bukan tanda tangan." if seen else None,
        "initials": form["employee"] is not None,
        "place": sheet.place,
        "date": on_day(sheet.dated),
    }


def _make_due(office: Office) -> None:
    if Papers(office).make_due():
        office.wake.set()


def _on_paper(office: Office, paper: Paper) -> None:
    Papers(office).on_paper(paper)


FEATURE = Feature(
    name="appraisal",
    title=Text("Penilaian kinerja", "Appraisal"),
    says=Text("Sasaran, hasil, nilai, tanda tangan.", "Goals, results, marks, signature."),
    icon="chart",
    kinds=(
        PaperKind(
            name=KIND,
            title=Text("Penilaian kinerja", "Appraisal sheet"),
            template="appraisal.typ",
            fields=(
                Field(name="period", label=Text("Periode", "Period")),
                Field(name="employee_name", label=Text("Pegawai", "Employee")),
                Field(name="employee_office", label=Text("Jabatan", "Office")),
                Field(
                    name="employee",
                    label=Text("Pemaraf (pegawai)", "Who initials it (the employee)"),
                    input=Input.SIGNATORY,
                    required=False,
                ),
                Field(name="appraiser", label=Text("Penilai", "Appraiser"), input=Input.SIGNATORY),
                Field(name="goals", label=Text("Sasaran", "Goals"), input=Input.TABLE, columns=_COLUMNS),
                Field(name="mark", label=Text("Nilai akhir", "Final mark")),
                Field(name="rating", label=Text("Predikat", "Rating")),
                Field(name="remark", label=Text("Catatan", "Remark"), input=Input.TEXT, required=False),
                Field(name="acknowledged", label=Text("Diakui pada", "Acknowledged at"), required=False),
            ),
            steps=_steps,
            series="penilaian kinerja",
            content=_content,
            roles=frozenset(Role),
            secrecy=Secrecy.TERBATAS,
            preview=False,
            by_hand=False,
            changed_by_hand=False,
            personal=True,
        ),
    ),
    pages=(AppraisalController,),
    links=(
        Link(path="/appraisal", title=Text("Kinerja saya", "My goals")),
        Link(path="/appraisal/team", title=Text("Yang saya nilai", "Whom I appraise")),
    ),
    on_paper=_on_paper,
    waits=waits,
    duties=(Duty(name="papers", every=timedelta(seconds=5), do=_make_due),),
)
