"""Papers as rows, and rows as papers."""

import json
from typing import Any

from sqlalchemy import Row

from eoffice.model import Act, Paper, PaperState, Place, Secrecy, Step, Urgency


def row_of(paper: Paper) -> dict[str, Any]:
    """Of a new one, which has no places yet."""
    return {
        "id": paper.id,
        "feature": paper.feature,
        "kind": paper.kind,
        "agency_id": paper.agency_id,
        "drafter_id": paper.drafter_id,
        "state": paper.state.value,
        "subject": paper.subject,
        "secrecy": paper.secrecy.value,
        "urgency": paper.urgency.value,
        "form": json.loads(json.dumps(dict(paper.form))),
        "steps": [step_row(each) for each in paper.steps],
        "places": [],
        "created_at": paper.created_at,
        "changed_at": paper.changed_at,
        "valid_until": paper.valid_until,
        "replaces": paper.replaces,
    }


def step_row(step: Step) -> dict[str, Any]:
    """As plain data."""
    return {
        "order": step.order,
        "act": step.act.value,
        "person": step.person_id,
        "on_behalf": step.on_behalf,
    }


def paper_of(row: Row[Any]) -> Paper:
    """From a whole row."""
    values = dict(row._mapping)
    steps = tuple(
        Step(
            order=each["order"],
            act=Act(each["act"]),
            person_id=each["person"],
            on_behalf=each["on_behalf"],
        )
        for each in values.pop("steps")
    )
    return Paper(
        **{
            **values,
            "steps": steps,
            "places": tuple(Place(**each) for each in values["places"]),
            "state": PaperState(values["state"]),
            "secrecy": Secrecy(values["secrecy"]),
            "urgency": Urgency(values["urgency"]),
        }
    )
