"""The folder of a demonstration: settings, the application's secret, agencies and people."""

import csv
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from eoffice.compose import Office
from eoffice.model import Agency, Person, Role
from eoffice.passwords import hash_of

LISTS: Final = Path(__file__).parent
"""Where `agencies.csv` and `people.csv` lie."""
SETTINGS: Final = "eoffice.toml"
PASSWORD: Final = "password"  # noqa: S105 - the name of a file
"""The file with the one password of everybody who works here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What Teken made for this office, as its `people.json` says it."""

    client: str
    secret: str
    passphrase: str
    officials: Mapping[str, Mapping[str, str]]
    seals: Mapping[str, str]

    def __repr__(self) -> str:
        return f"Known({self.client})"

    def credential(self, person_id: str) -> str | None:
        """At Teken; none for who never signs."""
        return self.officials.get(person_id, {}).get("credential")


def read_known(file: Path) -> Known:
    """What a demonstration of Teken left in `demonstration/people.json`."""
    said: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return Known(
        client=said["client"]["id"],
        secret=said["client"]["secret"],
        passphrase=said["passphrase"],
        officials=said["officials"],
        seals=said["seals"],
    )


def make_settings(folder: Path, known: Known, *, teken: str, public_url: str) -> Path:
    """The settings file in `folder`, and the secret beside it; written anew each time, addresses may have changed."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write_secret(folder / "teken-secret", known.secret)
    file = folder / SETTINGS
    lines = (
        "[eoffice]",
        f"public_url = {json.dumps(public_url)}",
        "listen_every_seconds = 1",
        "",
        "[teken]",
        f"url = {json.dumps(teken)}",
        f"client = {json.dumps(known.client)}",
        'secret_file = "teken-secret"',
        "",
    )
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def put_people(office: Office, known: Known) -> str:
    """Everybody into the office, with one password for all of them, which is returned; those who are there stay."""
    file = office.settings.folder / PASSWORD
    if not file.exists():
        _write_secret(file, secrets.token_urlsafe(9))
    password = file.read_text(encoding="ascii").strip()
    for row in _rows("agencies.csv"):
        office.people.put_agency(
            Agency(
                id=row["id"],
                name=row["name"],
                code=row["code"],
                address=row["address"],
                seal=known.seals.get(row["id"]),
                outside=row["outside"] == "yes",
            )
        )
    already = office.people.people()
    hashed = hash_of(password)
    for row in _rows("people.csv"):
        person = Person(
            id=row["id"],
            name=row["name"],
            office=row["office"],
            agency_id=row["agency"],
            rank=row["rank"] or None,
            credential=known.credential(row["id"]),
            roles=frozenset(Role(each) for each in row["roles"].split()),
        )
        office.people.put_person(person, password_hash=None if person.id in already else hashed)
    return password


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (LISTS / name).open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def _write_secret(path: Path, text: str) -> None:
    """Readable by its owner alone."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
