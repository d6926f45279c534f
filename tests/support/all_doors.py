"""Every face that signs, in one process over one database: what each needs to sign, and what became of it.

with all_doors(folder, database, url, pki) as doors:
    doors.http                       # REST, gateway and CSC, from `HOME`
    doors.place                      # the authorization endpoint and the desk, with a browser
    doors.official()                 # a new one, known to the gateway as well; everybody's passphrase is `RIGHT`
    doors.seal                       # lent to `CLIENT`

`doors` is a fixture as well: one house for all tests of a module, each with officials of its own (`official`).
"""

import base64
import contextlib
import hashlib
import json
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from api.batches.build import ClientBatches
from api.consent.audited import AuditedRequests
from api.esign.build import build_api_credentials, build_esign
from api.letters.build import build_letters
from api.office.identity_key import read_identity_key
from api.seams.audited_signing import AuditedSigning
from api.services import Consent
from signer.api_credentials import Terms
from signer.model import Credential, Secret
from store.audit import Act, AuditEntry
from store.database import Database, open_database
from tests.support.api_memory import ALL, MemoryService, memory_service
from tests.support.authorising import AuthorisingHouse, authorising_house
from tests.support.consent import ConsentHouse, consent_house, pdf
from tests.support.csc import HOME, PASSPHRASE, Clock, Court
from tests.support.databases import execute
from tests.support.pki import Pki, make_pki

__all__ = ["doors", "either", "official", "pki"]

CLIENT: Final = "sikd"
OTHER_CLIENT: Final = "e-arsip"
WRONG: Final = "tebakan yang salah"
RIGHT: Final = PASSPHRASE
GONE: Final = 499
"""What `hanging_up` says in the place of an answer that nobody got."""
PDF: Final = {"Content-Type": "application/pdf"}


class HouseClock(Clock):
    """The one clock of a house, as everybody beside it reads and moves it."""

    def __init__(self, house: ConsentHouse) -> None:
        self._house = house

    @property
    def at(self) -> datetime:  # type: ignore[override] - it is the office's
        return self._house.office.at

    @at.setter
    def at(self, value: datetime) -> None:
        self._house.office.at = value


@dataclass(kw_only=True)
class AllDoors:
    """All of it."""

    url: str
    house: ConsentHouse
    place: AuthorisingHouse
    court: Court
    service: MemoryService
    http: TestClient[Litestar]
    seal: Credential
    gateway: dict[str, tuple[str, str]]
    """User name and password of an API credential, by client."""
    niks: dict[str, str] = field(default_factory=dict)
    """By credential."""
    number: int = 0

    # who signs, and who asks

    def official(self, *, until: datetime | None = None) -> Credential:
        """Somebody new who can sign, `until` their certificate ends."""
        pki, name = self.court.pki, secrets.token_hex(5)
        told = {} if until is None else {"not_after": until}
        holder = pki.official_with(not_before=pki.at - timedelta(days=5), **told)
        made = self.court.enrol(f"cred-{name}", base64.b32encode(name.encode())[:16].decode(), holder=holder)
        self.niks[made.id] = self.know(made)
        return made

    def know(self, credential: Credential) -> str:
        """Let the gateway know whose it is; the NIK, which begins with the zero that some applications lose."""
        self.number += 1
        nik = f"{171_010_101_010_000 + self.number:016}"
        hashed = read_identity_key(self.house.office.settings.people.identity_key_file).nik(Secret(nik))
        execute(self.url, f"UPDATE officials SET nik_hash = '{hashed}' WHERE credential_id = '{credential.id}'")  # noqa: S608
        return nik

    def bearer(self, client: str = CLIENT) -> dict[str, str]:
        """Of the REST face, with every scope, until tomorrow."""
        text = f"tk_{secrets.token_urlsafe(32)}"
        until = self.court.clock() + timedelta(days=1)
        self.place.clients.issue_token(
            client, ALL, hashlib.sha256(text.encode()).hexdigest(), until, at=self.court.clock()
        )
        return {"Authorization": f"Bearer {text}"}

    def new_pdf(self) -> bytes:
        """A document that was never there before."""
        self.number += 1
        return pdf(1000 + self.number)

    # what REST needs before the passphrase

    def batch(self, *pdfs: bytes, credential: str, client: str = CLIENT) -> str:
        """The address of a closed batch; a person's is prepared, a seal's waits for its jobs."""
        bearer = self.bearer(client)
        body = {"credential": credential, "level": "B-B"}
        opened = self.http.post("/v1/batches", headers=bearer, json=body)
        assert opened.status_code == 201, opened.text
        where = str(opened.headers["location"])
        for each in pdfs:
            assert self.http.post(f"{where}/documents", headers=bearer | PDF, content=each).status_code == 201
        assert self.http.post(f"{where}/close", headers=bearer).status_code == 200
        if credential != self.seal.id:
            self.house.prepare(self.house.batches.get(where.rpartition("/")[2], client))
        return where

    def work(self, where: str, client: str = CLIENT) -> dict[str, int]:
        """The jobs of a batch run; how its documents stand then."""
        batch = self.house.batches.get(where.rpartition("/")[2], client)
        if batch.seal is None:
            self.house.finish(batch)
        else:
            self.house.work.seal(batch.id, 0)
        return self.house.counts(batch)

    def flow(self, *credentials: str, client: str = CLIENT, document: bytes | None = None) -> str:
        """The address of a document that these sign, one after the other."""
        asked = {"steps": [{"credential": each} for each in credentials], "level": "B-B"}
        files = {
            "document": ("surat.pdf", document or self.new_pdf(), "application/pdf"),
            "request": (None, json.dumps(asked)),
        }
        made = self.http.post("/v1/documents", files=files, headers=self.bearer(client))
        assert made.status_code == 201, made.text
        return str(made.headers["location"])

    # what became of it

    def signatures(self, credential: Credential) -> int:
        """Signings with it in the log that did not fail."""
        asked = f"SELECT count(*) FROM signatures WHERE credential_id = '{credential.id}' AND state != 'failed'"  # noqa: S608
        return int(str(execute(self.url, asked)[0][0]))

    def failures(self, credential: Credential) -> int:
        """Wrong passphrases that are counted with it."""
        found = self.house.office.kept.get(credential.id)
        assert found is not None
        return found.failed_attempts

    def consumed(self, credential: Credential) -> int:
        """Digests that are used up of its consents and authorisations."""
        asked = (
            "SELECT count(*) FROM activation_digests d JOIN activations a ON a.handle_sha256 = d.handle_sha256"  # noqa: S608
            f" WHERE a.credential_id = '{credential.id}' AND d.spent_at IS NOT NULL"
        )
        return int(str(execute(self.url, asked)[0][0]))

    def untouched(self, credential: Credential) -> bool:
        """Nothing was signed with it, and nothing of what was granted is used up."""
        return (self.signatures(credential), self.consumed(credential)) == (0, 0)

    def entries(self, act: Act) -> list[AuditEntry]:
        """What the trail says of one kind of act."""
        return self.court.entries(act)


def send_form(doors: AllDoors, path: str, fields: dict[str, str], document: bytes, client: str) -> httpx.Response:
    """A call of the gateway."""
    return doors.http.post(
        path, data=fields, files={"file": ("surat.pdf", document, "application/pdf")}, auth=doors.gateway[client]
    )


@contextmanager
def hanging_up(doors: AllDoors) -> Iterator[None]:
    """Whoever calls meanwhile is gone as soon as the whole request was sent: nothing can be sent to them."""
    app = doors.http.app
    inner = app.asgi_handler

    async def gone(scope: Any, receive: Any, send: Any) -> None:  # ASGI's own types
        if scope["type"] != "http":
            await inner(scope, receive, send)
            return
        over = False

        async def hear() -> Any:
            nonlocal over
            message = {"type": "http.disconnect"} if over else await receive()
            over = over or not message.get("more_body", False)
            return message

        async def tell(_: Any) -> None:
            raise OSError("the connection is gone")

        with contextlib.suppress(Exception):  # whatever it becomes on its way out
            await inner(scope, hear, tell)
        await send({"type": "http.response.start", "status": GONE, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    app.asgi_handler = gone
    try:
        yield
    finally:
        app.asgi_handler = inner


@contextmanager
def all_doors(folder: Path, database: Database, url: str, pki: Pki) -> Iterator[AllDoors]:
    """Everything over one database; everybody has enrolled, and the seal is lent to `CLIENT` for an hour."""
    house = consent_house(folder, database, pki)
    clock = HouseClock(house)
    court = Court(database, pki=pki, clock=clock, software=house.office.vault)
    with authorising_house(house) as place:
        place.clients.change_scopes(CLIENT, add=ALL, remove=frozenset(), actor="operator", at=clock())
        place.add(OTHER_CLIENT, scopes=ALL)
        seal = court.enrol("cred-seal", "seal-DINASCONTOH")
        court.lend(seal.id, CLIENT, documents=10_000, hours=24)
        service = _service(house, place, court, clock)
        gateway = _gateway(house, clock)
        with service.http() as http:
            yield AllDoors(
                url=url,
                house=house,
                place=place,
                court=court,
                service=service,
                http=http,
                seal=seal,
                gateway=gateway,
            )


def _service(house: ConsentHouse, place: AuthorisingHouse, court: Court, clock: HouseClock) -> MemoryService:
    """Doors over what the house has, as `api/compose.py` fits them."""
    base = house.office.settings
    settings = replace(base, esign=replace(base.esign, plain_http=True))
    parts, signing = house.parts, AuditedSigning(house.signing)
    requests = AuditedRequests(house.asking, parts.batch_consents, parts.step_consents)
    more = {
        "now": clock,
        "clients": place.clients,
        "signing": signing,
        "signatures": house.log,
        "documents": house.vault,
        "consent": Consent(requests=requests, page_of=lambda link: f"https://tte.contoh.go.id/desk/a/{link}"),
        "batches": ClientBatches(house.batches, house.items, house.signing, court.seals, house.office.kept),
        "flows": house.flows,
        "letters": build_letters(settings, house.database, now=clock),
        "esign": build_esign(
            settings,
            house.database,
            records=house.log,
            vault=house.vault,
            prove=signing.prove,
            examine=house.signing.acts.examine,
            numbers=lambda: read_identity_key(settings.people.identity_key_file),
            now=clock,
            random_bytes=secrets.token_bytes,
        ),
        "csc": court.services(settings),
    }
    made = memory_service(settings, adjust=lambda services: replace(services, **more))  # type: ignore[arg-type] - by name
    made.clock, made.clients, made.peer = clock, place.clients, HOME  # type: ignore[assignment] - the house's own
    return made


def _gateway(house: ConsentHouse, clock: HouseClock) -> dict[str, tuple[str, str]]:
    """An API credential of each client."""
    credentials = build_api_credentials(house.database, now=clock, random_bytes=secrets.token_bytes)
    made = {each: credentials.add(f"gerbang-{each}", each, Terms(), actor="test") for each in (CLIENT, OTHER_CLIENT)}
    return {client: (f"gerbang-{client}", new.password.reveal()) for client, new in made.items()}


@pytest.fixture(scope="session")
def pki() -> Pki:
    """A hierarchy; its keys are made once."""
    return make_pki()


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, pki: Pki) -> Iterator[AllDoors]:
    """One house for all tests of a module: each has officials of its own."""
    folder = tmp_path_factory.mktemp("doors")
    shutil.copy(sqlite_template, folder / "teken.sqlite3")
    url = f"sqlite+pysqlite:///{folder / 'teken.sqlite3'}"
    with open_database(url, 20, software="teken/test") as opened, all_doors(folder, opened, url, pki) as made:
        yield made


@pytest.fixture
def either(tmp_path: Path, database: Database, database_url: str, pki: Pki) -> Iterator[AllDoors]:
    """A house of its own for each test, on SQLite and on PostgreSQL."""
    with all_doors(tmp_path, database, database_url, pki) as made:
        yield made


@pytest.fixture
def official(doors: AllDoors) -> Credential:
    """Somebody whom no other test knows."""
    return doors.official()
