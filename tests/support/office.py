"""A registration office over a real database, with software keys and the test PKI's CA: every role has its person."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from api.office.build import People, build_people
from api.office.desk import Caller
from api.office.operations import Operation
from api.settings import Settings
from ca.errors import RequestRefused, RevocationRefused
from signer.credentials import CredentialService
from signer.model import Credential, Secret
from signer.people import Registration, Role, StaffMember
from signer.registrations import Invitation, Person
from signer.seal_pins import SealPins
from signer.seals import SealService
from store.credentials import SqlCredentialStore
from store.database import Database
from store.seal_pins import SqlSealPins
from store.seals import SqlSeals
from store.staff import SqlStaffStore
from tests.support.api_memory import settings_in
from tests.support.pki import NOON, Pki
from tests.support.signer_memory import MemoryKeyVault, MemorySealKeys, PkiIssuer
from tests.support.signing import counted_bytes

PASSPHRASE = Secret("tujuh gunung menunggu hujan")
ANOTHER = Secret("delapan sungai mencari laut")
PERSON = Person(
    name="I Wayan Contoh",
    organisation="Pemerintah Provinsi Contoh",
    organisation_identifier="VATID-000000000000000",
    unit="Dinas Contoh",
)
KEY = "07" * 32


@dataclass(slots=True)
class MemoryHolds:
    """`api.office.registry.Holds`."""

    acts: list[tuple[str, int]] = field(default_factory=list)

    allowed: bool = True

    def require_allowed(self) -> None:
        if not self.allowed:
            raise RevocationRefused("holds are not allowed", field="reason", reason="hold-not-allowed")

    revoked: set[int] = field(default_factory=set)
    of_others: set[int] = field(default_factory=set)

    def is_revoked(self, serial: int) -> bool | None:
        return None if serial in self.of_others else serial in self.revoked

    def is_held(self, serial: int) -> bool:
        held = [act for act, whose in self.acts if whose == serial and act in ("hold", "release")]
        return held[-1:] == ["hold"]

    def raise_to_key_compromise(self, serial: int, actor: str, *, invalid_since: datetime | None) -> None:
        self.acts.append(("raise", serial))

    def hold(self, serial: int, actor: str) -> None:
        self.acts.append(("hold", serial))

    def release(self, serial: int, actor: str) -> None:
        self.acts.append(("release", serial))


@dataclass(slots=True, kw_only=True)
class TestOffice:
    """The office and what a test wants to look at."""

    __test__ = False
    at: datetime
    people: People
    vault: MemoryKeyVault
    issuer: PkiIssuer
    holds: MemoryHolds
    operated: list[tuple[Operation, str]]
    """What the CA did out of its turn, and for whom."""
    impossible: set[Operation]
    """What the CA cannot do today."""
    credentials: CredentialService
    kept: SqlCredentialStore
    staff: SqlStaffStore
    settings: Settings

    def caller(self, role: Role) -> Caller:
        """The person of that role; their account has the role's name."""
        return self.people.office.desk.caller(role.value)

    def proposed(self) -> Registration:
        """A new official, waiting."""
        return self.people.office.register(self.caller(Role.REGISTRAR), PERSON)

    def approved(self, registration: Registration) -> Registration:
        """The same, approved."""
        assert registration.approval_id is not None
        self.people.office.decide(self.caller(Role.APPROVER), registration.approval_id, approve=True)
        return registration

    def invited(self) -> Invitation:
        """A new official with the link in hand."""
        registration = self.approved(self.proposed())
        return self.people.office.invite(self.caller(Role.REGISTRAR), registration.id)

    def enrolled(self) -> Credential:
        """A new official who can sign."""
        return self.people.registrations.complete(self.invited().token, PASSPHRASE)

    def forward(self, **time: float) -> None:
        """Let time pass."""
        self.at += timedelta(**time)


def office_in(folder: Path, database: Database, pki: Pki) -> TestOffice:
    """An office over `database`, with an account for every role, named after it."""
    settings = settings_in(folder)
    settings.people.identity_key_file.write_text(KEY)
    vault, issuer, holds, random_bytes = MemoryKeyVault(), PkiIssuer(pki=pki), MemoryHolds(), counted_bytes()
    kept, staff = SqlCredentialStore(database), SqlStaffStore(database)

    def now() -> datetime:
        return made.at

    credentials = CredentialService(credentials=kept, keys=vault, issuer=issuer, now=now, random_bytes=random_bytes)
    done: list[tuple[Operation, str]] = []

    def act_of(operation: Operation) -> Callable[[str], str]:
        def act(actor: str) -> str:
            done.append((operation, actor))
            return f"{operation.value} done"

        return act

    acts = {each: act_of(each) for each in Operation}
    impossible: set[Operation] = set()

    def require_possible(operation: Operation) -> None:
        if operation in impossible:
            raise RequestRefused("made today", field="operation", reason="made-today")

    people = build_people(
        settings,
        database,
        credentials,
        holds,
        acts,
        seals=SealService(
            seals=SqlSeals(database),
            credentials=kept,
            keys=MemorySealKeys(vault),
            issuer=issuer,
            pins=SealPins(SqlSealPins(database), now=now, random_bytes=random_bytes),
            now=now,
            random_bytes=random_bytes,
        ),
        require_possible=require_possible,
        now=now,
        random_bytes=random_bytes,
    )
    made = TestOffice(
        at=NOON,
        people=people,
        vault=vault,
        issuer=issuer,
        holds=holds,
        operated=done,
        impossible=impossible,
        credentials=credentials,
        kept=kept,
        staff=staff,
        settings=settings,
    )
    for role in Role:
        person = hashlib.sha256(role.value.encode()).hexdigest()
        member = StaffMember(id=role.value, name=f"{role.value.title()} Contoh", role=role, identity_hash=person)
        staff.add(member, hashlib.sha256(b"rahasia").hexdigest(), actor="test", at=NOON)
    return made
