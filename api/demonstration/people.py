"""The people of a demonstration: invented officials with passphrase and authenticator, seals, and an application.

Who they are stands in two CSV files: `people.csv` (id,legal_name,agency,signs; more columns are passed over) and
`agencies.csv` (id,name,seal). What was made is kept in `demonstration/people.json`, readable by its owner alone; what
is found there is not made again, so that a file may grow and an interrupted start goes on.
"""

import csv
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pyotp

from api.demonstration.first_letter import FOLDER, Say, free_id, memorable_words, write_secret
from api.faces.desk.ports import OwnFactors
from api.given import Now, RandomBytes
from api.permissions import Permission
from signer.credentials import CredentialService, new_signatory_id
from signer.model import Secret, Signatory
from signer.seal_model import LONGEST, MOST_DOCUMENTS
from signer.seals import SealService
from store.bulk import SqlContacts
from store.client_model import Client, ClientState
from store.clients import SqlClientStore

FILE: Final = "people.json"
ACTOR: Final = "demonstration"
SCOPES: Final = frozenset(
    {
        Permission.SIGNATURE_CREATE,
        Permission.SIGNATURE_READ,
        Permission.SIGNATURE_WITHDRAW,
        Permission.ACTIVATION_CREATE,
        Permission.EVENT_READ,
        Permission.WEBHOOK_MANAGE,
    }
)
"""What an e-office needs."""
_MAIL: Final = "contoh.example"
_HERE: Final = ("127.0.0.0/8", "::1/128")
"""From where the seals of a demonstration are used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registrar:
    """What making them needs of the running service."""

    organisation: str
    organisation_identifier: str
    credentials: CredentialService
    seals: SealService
    clients: SqlClientStore
    contacts: SqlContacts
    factors: OwnFactors
    link: Callable[[str], str]
    """A one-time link to the first factors of somebody."""
    now: Now
    random_bytes: RandomBytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Player:
    """One official of the demonstration, and what they hold in their hands."""

    id: str
    name: str
    email: str
    credential: str
    passphrase: str
    seed: str
    """Of the authenticator, base32."""

    def __repr__(self) -> str:
        return f"Player({self.id})"


def make_people(data: Path, listed: Path, registrar: Registrar, *, say: Say) -> None:
    """Everybody in `listed` who signs, every seal, one application; at each start the seals are lent for a day.

    Raises what the services raise, `OSError` and `KeyError` for files that are not as described above.
    """
    folder = data / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    file = folder / FILE
    known = _read(file) or _begun(file, registrar)
    agencies = {row["id"]: row for row in _rows(listed / "agencies.csv")}
    for row in _rows(listed / "people.csv"):
        if row["signs"] and row["id"] not in known["officials"]:
            say(f"Enrolling {row['legal_name']} (invented), {agencies[row['agency']]['name']}")
            known["officials"][row["id"]] = _enrolled(row, agencies[row["agency"]]["name"], known, registrar)
            _write(file, known)
    for row in agencies.values():
        if row["seal"] and row["id"] not in known["seals"]:
            say(f"Making the seal of {row['name']}")
            known["seals"][row["id"]] = registrar.seals.enrol(
                row["name"], registrar.organisation, registrar.organisation_identifier, actor=ACTOR
            ).id
            _write(file, known)
    for credential in known["seals"].values():
        registrar.seals.activate(
            credential, known["client"]["id"], _HERE, documents=MOST_DOCUMENTS, life=min(LONGEST, timedelta(days=1))
        )


def players(data: Path) -> Iterator[Player]:
    """Everybody who was made; nobody where this is no demonstration, or one without people."""
    known = _read(data / FOLDER / FILE) or {"officials": {}}
    for name, each in known["officials"].items():
        yield Player(
            id=name,
            name=each["name"],
            email=each["email"],
            credential=each["credential"],
            passphrase=known["passphrase"],
            seed=each["seed"],
        )


def _begun(file: Path, registrar: Registrar) -> dict[str, Any]:
    """The application and one passphrase for all; kept before anybody is enrolled."""
    client_id = free_id(registrar.clients, "e-office")
    secret = registrar.random_bytes(32).hex()
    client = Client(id=client_id, name="e-Office", scopes=SCOPES, state=ClientState.ACTIVE, created_at=registrar.now())
    registrar.clients.add(client, hashlib.sha256(secret.encode()).hexdigest(), actor=ACTOR)
    begun = {
        "client": {"id": client_id, "secret": secret},
        "passphrase": memorable_words(registrar.random_bytes),
        "officials": {},
        "seals": {},
    }
    _write(file, begun)
    return begun


def _enrolled(row: dict[str, str], unit: str, known: dict[str, Any], registrar: Registrar) -> dict[str, str]:
    """One official: certificate, address, and an authenticator behind a one-time link, as everybody gets one."""
    passphrase = Secret(known["passphrase"])
    signatory = Signatory(
        id=new_signatory_id(registrar.random_bytes),
        name=row["legal_name"],
        organisation=registrar.organisation,
        organisation_identifier=registrar.organisation_identifier,
        unit=unit,
    )
    credential = registrar.credentials.enrol(signatory, passphrase, ACTOR)
    session = registrar.factors.claim(registrar.link(signatory.id), passphrase).session
    seed = pyotp.parse_uri(registrar.factors.start_authenticator(session).uri).secret
    registrar.factors.finish_authenticator(session, Secret(pyotp.TOTP(seed).at(registrar.now())))
    email = f"{row['id']}@{_MAIL}"
    for earlier in registrar.contacts.signatories_at(email):  # of a start that was interrupted right here
        registrar.contacts.withdraw(earlier, actor=ACTOR, at=registrar.now())
    registrar.contacts.set(signatory.id, email, actor=ACTOR, at=registrar.now())
    return {
        "name": row["legal_name"],
        "signatory": signatory.id,
        "credential": credential.id,
        "email": email,
        "seed": seed,
    }


def _rows(file: Path) -> Iterator[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        yield from csv.DictReader(lines)


def _read(file: Path) -> dict[str, Any] | None:
    if not file.exists():
        return None
    read: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return read


def _write(file: Path, known: dict[str, Any]) -> None:
    """Whole or not at all."""
    draft = file.with_name(f".{file.name}")
    write_secret(draft, json.dumps(known, indent=2) + "\n")
    draft.replace(file)
