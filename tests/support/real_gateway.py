"""The gateway over a real database, with keys in software: what it signs, seals and judges is real."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import text

from api.esign.build import Coding, Sealing, build_esign
from api.letters.build import quotas_of
from api.office.build import People
from api.seams.audited_signing import AuditedSigning
from signer.api_credentials import ApiCredential, ApiCredentials, Terms
from signer.consented_documents import Redeeming
from signer.model import Credential, FoundText, Secret
from signer.notices import DeliveryFailed
from signer.people import PersonalNumbers, Role
from signer.seal_pins import SealPins
from signer.seals import SealService
from signer.service import SigningService
from signer.timestamping import TimestampAuthorities
from store.activations import SqlActivationStore
from store.api_credentials import SqlApiCredentials
from store.bulk import SqlContacts
from store.clients import Client, ClientState, SqlClientStore
from store.database import Database, open_database
from store.documents import FileVault
from store.seal_pins import SqlSealPins
from store.seals import SqlSeals
from store.signatures import SqlSignatureLog
from tests.support.api_memory import ALL, MemoryService, MemoryUpload, memory_service
from tests.support.codes import Codes, codes_over
from tests.support.office import PERSON, TestOffice, office_in
from tests.support.pki import Pki
from tests.support.signer_memory import MemorySealKeys, PkiIssuer, PkiStatusSource, PkiTimestamper
from tests.vectors.letters import trust_in
from verifier.limits import Limits
from verifier.model import Relation
from verifier.policy import load_policy
from verifier.text_search import find_text
from verifier.validation import validate

NIK = "0123456789012345"
OTHER_NIK = "5171012345678901"
EMAIL = "ni.contoh@contoh.go.id"
PASSPHRASE = "tujuh gunung menunggu hujan"


@dataclass(slots=True)
class Keeper:
    """Reads the mail of seals."""

    codes: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    fails: bool = False

    def __call__(self, signatory_id: str, name: str, code: Secret, until: datetime, *, notice_id: str) -> None:
        if self.fails:
            raise DeliveryFailed("unreachable")
        assert name
        assert notice_id
        self.codes.append(code.reveal())
        self.told.append(signatory_id)


class PagesText:
    """`signer.ports.TextFinder`, in this process."""

    def find(self, document: bytes, sought: str) -> tuple[FoundText, ...]:
        found = find_text(document, sought, Limits())
        return tuple(FoundText(page_index=each.page_index, origin=each.origin, box=each.box) for each in found)


@dataclass(slots=True, kw_only=True)
class RealGateway:
    """Everything that a test of the gateway asks."""

    http: TestClient[Litestar]
    service: MemoryService
    office: TestOffice
    database: Database
    pki: Pki
    basic: tuple[str, str]
    keeper: Keeper
    seals: SealService
    api_credentials: ApiCredentials
    timestamper: PkiTimestamper
    codes: Codes

    @property
    def people(self) -> People:
        return self.office.people

    def official(self, nik: str = NIK, email: str | None = EMAIL, name: str = PERSON.name) -> Credential:
        """Somebody who can sign."""
        registrar = self.office.caller(Role.REGISTRAR)
        numbers = PersonalNumbers(nik=Secret(nik))
        registration = self.people.office.register(registrar, replace(PERSON, name=name), numbers)
        self.office.approved(registration)
        invitation = self.people.office.invite(registrar, registration.id)
        made = self.people.registrations.complete(invitation.token, Secret(PASSPHRASE))
        if email is not None:
            self.contact(made.signatory.id, email)
        return made

    def contact(self, signatory_id: str, email: str) -> None:
        SqlContacts(self.database).set(signatory_id, email, actor="test", at=self.office.at)

    def seal(self, *, documents: int = 10, networks: tuple[str, ...] = ("127.0.0.0/8",), hours: int = 24) -> Credential:
        """A seal that is lent to the application."""
        made = self.seals.enrol("Segel Contoh", PERSON.organisation, PERSON.organisation_identifier, actor="test")
        self.contact(made.signatory.id, "pengelola@contoh.go.id")
        self.seals.activate(made.id, "e-office", networks, documents=documents, life=timedelta(hours=hours))
        return made

    def post(self, path: str, body: Any, **more: Any) -> Any:
        return self.http.post(path, json=body, auth=self.basic, **more)

    def another(self, user_name: str, *, codes: bool = False) -> tuple[str, str]:
        """Another API credential of the same application."""
        made = self.api_credentials.add(user_name, "e-office", Terms(codes=codes), actor="test")
        return user_name, made.password.reveal()

    def credential(self) -> ApiCredential:
        return self.api_credentials.get(self.basic[0])

    def credential_of(self, subscriber: str) -> str:
        """The credential of a seal by its id."""
        found = self.service.services.esign
        assert found is not None
        assert found.seals is not None
        return found.seals.credential_of(subscriber)

    def execute(self, statement: str) -> None:
        """Change rows behind the service's back."""
        with self.database.transaction() as session:
            session.execute(text(statement))

    def trail(self) -> str:
        """Everything that the audit trail holds, as text."""
        with self.database.transaction() as session:
            rows = session.execute(text("SELECT * FROM audit_entries")).all()
        return "\n".join(map(str, rows))

    def judged(self, pdf: bytes) -> Any:
        """The report on a PDF of ours."""
        at = self.office.at + timedelta(minutes=1)
        return validate(pdf, load_policy("teken-1"), trust_in(self.pki, at=at), at)


@contextmanager
def real_gateway(
    folder: Path, database_url: str, pki: Pki, random_bytes: Callable[[int], bytes]
) -> Iterator[RealGateway]:
    """A gateway whose one application is `e-office`."""
    with open_database(database_url, 4) as database:
        office = office_in(folder, database, pki)

        def now() -> datetime:
            return office.at

        timestamper = PkiTimestamper(pki=pki)
        vault = FileVault(folder / "kept")
        log = SqlSignatureLog(database)
        signing = SigningService(
            credentials=office.kept,
            keys=office.vault,
            activations=SqlActivationStore(database),
            log=log,
            vault=vault,
            authorities=TimestampAuthorities([timestamper], now=now),
            status=PkiStatusSource(pki=pki),
            verify_url=lambda code: f"https://tte.contoh.go.id/v/{code.token}",
            now=now,
            random_bytes=random_bytes,
            texts=PagesText(),
        )
        seals = SealService(
            seals=SqlSeals(database),
            credentials=office.kept,
            keys=MemorySealKeys(office.vault),
            issuer=PkiIssuer(pki=pki),
            pins=SealPins(SqlSealPins(database), now=now, random_bytes=random_bytes),
            now=now,
            random_bytes=random_bytes,
        )
        keeper, audited = Keeper(), AuditedSigning(signing)
        settings = replace(
            office.settings,
            store=replace(office.settings.store, database_url=database_url),
            limits=replace(office.settings.limits, failed_logins_per_minute=100),
        )
        codes = codes_over(database, signing, office.vault, now=now, random_bytes=random_bytes)
        esign = build_esign(
            settings,
            database,
            records=log,
            vault=vault,
            prove=audited.prove,
            examine=signing.acts.examine,
            numbers=office.people.numbers,
            now=now,
            random_bytes=random_bytes,
            sealing=Sealing(
                seals=seals,
                credentials=office.kept,
                sign=signing.sign_opened,
                quotas=quotas_of(settings, database, now=now),
                mail=keeper,
            ),
            coding=Coding(
                sessions=codes.sessions,
                redeeming=Redeeming(activations=SqlActivationStore(database), now=now),
                credentials=office.kept,
                sign=signing.sign_opened,
                quotas=quotas_of(settings, database, now=now),
                mail=codes.mailbox,
            ),
        )
        judge = _Judge(pki, now)
        service = memory_service(
            settings,
            adjust=lambda services: replace(
                services,
                signing=audited,
                signatures=log,
                documents=vault,
                esign=esign,
                people=office.people,
                verification=judge,
                gateway_verification=judge,
                now=now,
            ),
        )
        service.peer = "127.0.0.1"
        owner = Client(id="e-office", name="E-office", scopes=ALL, state=ClientState.ACTIVE, created_at=now())
        SqlClientStore(database).add(owner, "00" * 32, actor="test")
        credentials = ApiCredentials(SqlApiCredentials(database), now=now, random_bytes=random_bytes)
        made = credentials.add("e-office-utama", "e-office", Terms(codes=True), actor="test")
        with service.http() as http:
            yield RealGateway(
                http=http,
                service=service,
                office=office,
                database=database,
                pki=pki,
                basic=("e-office-utama", made.password.reveal()),
                keeper=keeper,
                seals=seals,
                api_credentials=credentials,
                timestamper=timestamper,
                codes=codes,
            )


@dataclass(slots=True)
class _Judge:
    """`api.services.Verification`, in this process."""

    pki: Pki
    now: Callable[[], datetime]

    def by_upload(self, pdf: bytes, password: str = "") -> MemoryUpload:
        at = self.now() + timedelta(minutes=1)
        report = validate(pdf, load_policy("teken-1"), trust_in(self.pki, at=at), at, password=password)
        return MemoryUpload(report=report, relation=Relation.NOT_REGISTERED, record=None)

    def by_digest(self, sha256: str) -> None:
        assert re.fullmatch("[0-9a-f]{64}", sha256)
