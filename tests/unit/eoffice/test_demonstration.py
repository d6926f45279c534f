"""The lists of the demonstration, before anybody starts it: everybody and everything that a paper names is there."""

import csv
import json
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from eoffice.compose import Office, compose
from eoffice.demonstration.folder import LISTS, Known, make_settings, put_people, read_known
from eoffice.demonstration.papers import WAYS, sent_of
from eoffice.demonstration.stories import (
    PAYMENTS,
    ask_for_reports,
    offer_permits,
    payments_of,
    places,
    regulation,
    spending,
)
from eoffice.features.attendance.book import Book
from eoffice.features.attendance.places import Places
from eoffice.features.licensing.services import services
from eoffice.features.reports import obligations
from eoffice.features.vehicle_tax.intake import take_in
from eoffice.model import Act, PaperState
from eoffice.settings import load_settings


def rows(name: str) -> list[dict[str, str]]:
    with (LISTS / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture
def known(tmp_path: Path) -> Known:
    """As Teken writes it."""
    file = tmp_path / "people.json"
    said: dict[str, Any] = {
        "client": {"id": "e-office", "secret": "0" * 64},
        "passphrase": "tujuh-gunung",
        "officials": {row["id"]: {"credential": f"c-{row['id']}"} for row in rows("people.csv") if row["signs"]},
        "seals": {row["id"]: f"s-{row['id']}" for row in rows("agencies.csv") if row["seal"]},
    }
    file.write_text(json.dumps(said))
    return read_known(file)


@pytest.fixture
def office(tmp_path: Path, known: Known) -> Iterator[Office]:
    """Everybody is in; Teken is nowhere."""
    folder = tmp_path / "office"
    settings = make_settings(folder, known, teken="http://127.0.0.1:9", public_url="http://127.0.0.1:8100")
    assert (folder / "teken-secret").stat().st_mode & 0o777 == 0o600
    with compose(load_settings(settings)) as made:
        put_people(made, known)
        yield made


def test_a_second_start_keeps_passwords_and_learns_of_new_credentials(office: Office, known: Known) -> None:
    password = (office.settings.folder / "password").read_text()
    assert office.logins.log_in("rara", password, "192.0.2.1")
    assert put_people(office, known) == password
    assert office.logins.log_in("rara", password, "192.0.2.1")
    assert office.people.people()["sekda"].credential == "c-sekda"
    assert office.people.people()["rara"].credential is None
    assert office.people.agencies()["kabupaten"].outside


def test_who_signs_has_a_name_for_the_certificate_without_titles() -> None:
    for row in rows("people.csv"):
        assert bool(row["legal_name"]) == bool(row["signs"]), row["id"]
        assert "," not in row["legal_name"], row["id"]


def test_every_paper_can_be_released_and_is_signed_by_somebody_who_can(office: Office, known: Known) -> None:
    told = tomllib.loads((LISTS / "papers.toml").read_text(encoding="utf-8"))
    for each in told["paper"]:
        assert each["way"] in WAYS, each
        assert ("note" in each) == (each["way"] == "withdrawn"), each
        person = office.people.people()[each["by"]]
        paper = office.service.write(
            person, each["feature"], each["kind"], sent_of(each["form"], today=date(2027, 1, 9))
        )
        assert paper.state is PaperState.QUEUED
        for step in paper.steps:
            agency = office.people.agencies()[paper.agency_id]
            assert agency.seal if step.act is Act.SEAL else known.credential(step.person_id or ""), each
    subjects = {each["form"]["subject"]: each for each in told["paper"]}
    assert len(subjects) == len(told["paper"])
    for each in told["disposition"]:
        assert each["agency"] in subjects[each["subject"]]["form"]["agencies"]
        assert office.people.people()[each["by"]].agency_id == each["agency"]
        assert office.people.people()[each["to"]].agency_id == each["agency"]


def test_what_features_keep_beside_papers_is_taken_by_them(office: Office) -> None:
    ask_for_reports(office)
    owed = office.records.listed(obligations.FEATURE, obligations.OBLIGATION, state=obligations.ASKED)
    assert {each.data["agency"] for each in owed} == {"bapenda", "inspektorat", "pbj"}
    places(office)
    assert [each.data["name"] for each in Places(Book(office)).of("setda")] == ["Kantor Contoh"]
    offer_permits(office)
    assert [each.agency_id for each in services(office)] == ["dpmptsp"]
    released = [*spending(office), *regulation(office)]
    assert [each.state for each in released] == [PaperState.QUEUED] * 3
    feed = take_in(office, payments_of(date(2024, 2, 29)), agency_id="bapenda", owner_id="sinta")
    assert (feed.data["new"], feed.data["wrong"]) == (PAYMENTS, [])
