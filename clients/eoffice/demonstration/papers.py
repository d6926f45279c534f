"""The papers of a demonstration: written, released and signed by the way that papers go, once."""

import time
import tomllib
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, Final

from teken.types import StepSignature

from eoffice.compose import Office
from eoffice.demonstration.folder import LISTS, Known
from eoffice.demonstration.stories import ask_for_reports, offer_permits, places, receipts, regulation, spending
from eoffice.errors import OfficeError
from eoffice.model import Act, Paper, PaperState

PATIENCE: Final = 120
"""Seconds that a seal may take."""
WAYS: Final = ("draft", "waiting", "begun", "returned", "signed", "withdrawn")


class DemonstrationStuck(OfficeError):
    """A paper of the demonstration did not come as far as it should."""


def make_papers(office: Office, known: Known, *, say: Callable[[str], None]) -> None:
    """Everything that `papers.toml` tells, where no paper is there yet.

    Teken has to answer, and let passphrases through. Raises `OfficeError`, and what the client package raises.
    """
    told = tomllib.loads((LISTS / "papers.toml").read_text(encoding="utf-8"))
    if any(office.papers.page(agency_id=agency) for agency in office.people.agencies()):
        return
    ask_for_reports(office)
    places(office)
    offer_permits(office)
    for each in told["paper"]:
        say(f"{each['kind']}: {each['form']['subject']}")
        _bring(office, known, each)
    for story in (spending, regulation):
        for paper in story(office):
            say(f"{paper.kind}: {paper.subject}")
            _sign_all(office, known, paper)
    say("bukti pelunasan pajak kendaraan")
    receipts(office)
    _carry(office)  # what was signed goes to the agencies that it names
    for each in told["disposition"]:
        _pass_on(office, each)


def sent_of(form: Mapping[str, Any], *, today: date) -> dict[str, list[str]]:
    """A form as a browser sends it: each value a list of texts, days and months put in."""
    last = today.replace(day=1) - timedelta(days=1)
    said = {
        "{today}": today.isoformat(),
        "{next_year}": (today + timedelta(days=365)).isoformat(),
        "{year}": str(last.year),
        "{month}": f"{last.month:02}",
    }
    return {
        name: [_put(each, said) for each in (value if isinstance(value, list) else [str(value)])]
        for name, value in form.items()
    }


def _put(text: str, said: Mapping[str, str]) -> str:
    for word, value in said.items():
        text = text.replace(word, value)
    return text.strip()


def _bring(office: Office, known: Known, told: Mapping[str, Any]) -> None:
    """One paper as far as its `way` says."""
    way = WAYS.index(told["way"])
    person = office.people.people()[told["by"]]
    sent = sent_of(told["form"], today=office.today())
    paper = office.service.write(person, told["feature"], told["kind"], sent, release=told["way"] != "draft")
    if told["way"] == "draft":
        return
    _carry(office)
    paper = office.papers.get(paper.id)
    if told["way"] == "returned":
        office.teken.documents.cancel(paper.reference or "")
    elif way > WAYS.index("waiting"):
        _sign(office, known, paper, steps=1 if told["way"] == "begun" else len(paper.steps))
    office.messenger.listen()
    if way >= WAYS.index("signed"):
        _require_signed(office, paper)
    if told["way"] == "withdrawn":
        office.service.withdraw(person, paper.id, note=told["note"])
        _carry(office)


def _carry(office: Office) -> None:
    while office.messenger.carry_one():
        pass


def _sign_all(office: Office, known: Known, paper: Paper) -> None:
    """A paper that a feature released, to its end."""
    _carry(office)
    sent = office.papers.get(paper.id)
    _sign(office, known, sent, steps=len(sent.steps))
    office.messenger.listen()
    _require_signed(office, sent)


def _sign(office: Office, known: Known, paper: Paper, *, steps: int) -> None:
    """The first steps, in the names of their officials, whose passphrase a demonstration knows."""
    for number, step in enumerate(paper.steps[:steps], start=1):
        if step.act is Act.SEAL:
            continue  # it seals itself
        credential = known.credential(step.person_id or "") or ""
        signature = StepSignature(credential=credential, passphrase=known.passphrase)
        office.teken.documents.sign_step(paper.reference or "", number, signature, key=f"{paper.id}-{number}")


def _require_signed(office: Office, paper: Paper) -> None:
    """Wait until Teken has said so."""
    deadline = time.monotonic() + PATIENCE
    while (now := office.papers.get(paper.id)).state is not PaperState.SIGNED:
        if now.state is not PaperState.SIGNING or time.monotonic() > deadline:
            raise DemonstrationStuck(f"{now.subject}: {now.state.value}, {now.problem}")
        time.sleep(0.5)
        office.messenger.listen()


def _pass_on(office: Office, told: Mapping[str, Any]) -> None:
    """A disposition about a letter that came in."""
    letter = next(each for each in office.letters.page(told["agency"]) if each.subject == told["subject"])
    office.intake.dispose(
        office.people.people()[told["by"]],
        letter.id,
        to=told["to"],
        instruction=told["instruction"],
        until=office.today() + timedelta(days=told["days"]),
        parent_id=None,
    )
