"""A whole service in memory: real doors, and behind them parts that keep their ports' promises without keys or SQL."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from litestar import Litestar
from litestar.testing import TestClient
from litestar.types import Receive, Scope, Send

from api.app import Pages, create_app
from api.esign.build import build_esign
from api.letters.build import build_letters
from api.oauth.server import OAuthGround, build_oauth
from api.permissions import Permission
from api.services import BothLanguages, Explanation, Services, VerifiedUpload
from api.settings import Settings
from api.settings_file import load_settings
from api.settings_template import default_toml
from ca.model import PublishedCrl
from signer.after import NOTHING_KNOWN, Standing
from signer.archive import DocumentVersion, Raised
from signer.augmentation import AugmentedDocument
from signer.document import Document
from signer.errors import CredentialUnknown, DocumentRefused, PassphraseWrong
from signer.hooks.addresses import AddressRules
from signer.hooks.model import SealedSecret
from signer.hooks.service import WebhookService
from signer.identity import PersonalNumberHash
from signer.model import (
    Secret,
    SignatureLevel,
    SignatureRecord,
    SignedDocument,
    SigningIntent,
    SigningOutcome,
    SigningState,
    SigningTask,
    SignRequest,
    VerificationCode,
)
from signer.verification_code import make
from signer.workflow import Flows
from store.authorisations import SqlAuthorisations
from store.database import open_database
from store.events import SqlEvents
from store.flows import SqlFlows
from store.webhooks import SqlWebhooks
from tests.support.csc import Court
from tests.support.pki import Pki, make_pki
from tests.support.signer_memory import MemoryKeyVault
from verifier.model import Indication, Relation, ValidationReport

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
PDF = b"%PDF-1.7\n% a document of the tests\n%%EOF\n"
PASSPHRASE = "seribu kata rahasia"
CREDENTIAL = "cred-contoh"
SECRET = "rahasia-aplikasi-contoh"
SIGN_BODY = {"credential": CREDENTIAL, "passphrase": PASSPHRASE}
ALL = frozenset(str(each) for each in Permission)


@dataclass(slots=True)
class Clock:
    """A clock that the test moves."""

    at: datetime = NOON

    def __call__(self) -> datetime:
        return self.at

    def forward(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass(slots=True)
class Counted:
    """Octets that differ each time and are the same in each run."""

    count: int = 0

    def __call__(self, size: int) -> bytes:
        self.count += 1
        return hashlib.shake_256(self.count.to_bytes(8, "big")).digest(size)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryClient:
    """One application."""

    id: str
    scopes: frozenset[str]
    name: str = "E-office Contoh"
    public: bool = False
    auth_methods: frozenset[str] = frozenset({"client_secret_basic", "client_secret_post"})
    grants: frozenset[str] = frozenset({"client_credentials"})
    redirect_uris: tuple[str, ...] = ()
    jwks: tuple[Mapping[str, Any], ...] = ()
    tls_subject: str | None = None
    tls_thumbprint: str | None = None
    networks: tuple[str, ...] = ()


@dataclass(slots=True)
class MemoryClients:
    """`api.auth.ClientStore`."""

    clients: dict[str, tuple[MemoryClient, str]] = field(default_factory=dict)
    tokens: dict[str, tuple[str, frozenset[str], datetime]] = field(default_factory=dict)
    assertions: dict[str, datetime] = field(default_factory=dict)
    asked: int = 0

    def add(self, client_id: str, *, scopes: frozenset[str] = ALL, secret: str = SECRET) -> None:
        self.clients[client_id] = MemoryClient(id=client_id, scopes=scopes), secret

    def authenticate(self, client_id: str, secret: str) -> MemoryClient | None:
        self.asked += 1
        client, right = self.clients.get(client_id, (None, ""))
        return client if client is not None and secret == right else None

    def active(self, client_id: str) -> MemoryClient | None:
        return self.clients.get(client_id, (None, ""))[0]

    def use_assertion(self, assertion_sha256: str, *, expires_at: datetime) -> bool:
        fresh = assertion_sha256 not in self.assertions
        self.assertions[assertion_sha256] = expires_at
        return fresh

    def issue_token(
        self, client_id: str, scopes: frozenset[str], token_sha256: str, expires_at: datetime, *, at: datetime
    ) -> None:
        self.tokens[token_sha256] = client_id, scopes, expires_at

    def token(self, token_sha256: str, at: datetime) -> tuple[MemoryClient, frozenset[str]] | None:
        found = self.tokens.get(token_sha256)
        return (self.clients[found[0]][0], found[1]) if found and found[2] > at else None

    def revoke_token(self, token_sha256: str, client_id: str, *, at: datetime) -> bool:
        whose, _, until = self.tokens.get(token_sha256, ("", frozenset(), at))
        if whose != client_id or until <= at:
            return False
        del self.tokens[token_sha256]
        return True


@dataclass(slots=True)
class MemorySigning:
    """Signs by appending a comment: what the doors do around it is real, the signature is not."""

    clock: Clock
    random_bytes: Counted
    records: dict[str, SignatureRecord] = field(default_factory=dict)
    documents: dict[str, bytes] = field(default_factory=dict)
    requests: list[SignRequest] = field(default_factory=list)
    fails_with: Exception | None = None

    def sign(self, request: SignRequest) -> SignedDocument:
        self.requests.append(request)
        if self.fails_with is not None:
            raise self.fails_with
        document = Document.of(request.document).content()
        if not document.startswith(b"%PDF-"):
            raise DocumentRefused("This is not a PDF.", field="document", reason="not-a-pdf")
        if request.credential_id != CREDENTIAL:
            raise CredentialUnknown("No such credential.", field="credential", reason="unknown")
        if request.passphrase.reveal() != PASSPHRASE:
            raise PassphraseWrong("Wrong; 4 attempts are left.", field="passphrase", reason="wrong")
        signed = document + b"% signed\n"
        sha256 = hashlib.sha256(signed).hexdigest()
        record = self._record(request, make(self.random_bytes), sha256, len(signed))
        self.records[record.intent.code.token] = self.records[record.intent.code.short] = record
        self.documents[sha256] = signed
        return SignedDocument(document=Document.of(signed), record=record)

    def examine(self, task: SigningTask) -> None:
        if not Document.of(task.document).content().startswith(b"%PDF-"):
            raise DocumentRefused("This is not a PDF.", field="document", reason="not-a-pdf")

    def prove(self, client_id: str, credential_id: str, passphrase: Secret) -> None:
        assert client_id
        if (credential_id, passphrase.reveal()) != (CREDENTIAL, PASSPHRASE):
            raise PassphraseWrong("Wrong; 4 attempts are left.", field="passphrase", reason="wrong")

    def put(self, content: bytes) -> str:
        sha256 = hashlib.sha256(content).hexdigest()
        self.documents[sha256] = content
        return sha256

    def find(self, code: str) -> SignatureRecord | None:
        return self.records.get(code)

    def of_letter(self, client_id: str, external_id: str, *, after: str, limit: int) -> tuple[SignatureRecord, ...]:
        theirs = {
            each.intent.code.token: each
            for each in self.records.values()
            if (each.intent.client_id, each.intent.letter.external_id) == (client_id, external_id)
        }
        return tuple(theirs[token] for token in sorted(theirs) if token > after)[:limit]

    def of_request(self, request_key: str) -> SignatureRecord | None:
        return next((each for each in self.records.values() if each.intent.request_key == request_key), None)

    def get(self, sha256: str) -> bytes | None:
        return self.documents.get(sha256)

    def open(self, sha256: str) -> Document | None:
        found = self.documents.get(sha256)
        return None if found is None else Document.of(found)

    def _record(self, request: SignRequest, code: VerificationCode, sha256: str, size: int) -> SignatureRecord:
        intent = SigningIntent(
            code=code,
            credential_id=request.credential_id,
            client_id=request.client_id,
            signatory_name="I Made Contoh",
            certificate_serial=0x1234,
            input_sha256=Document.of(request.document).sha256,
            level=request.level,
            signed_as=request.signed_as,
            letter=request.letter,
            reserved_at=self.clock(),
            flow=request.flow,
            request_key=request.request_key,
        )
        outcome = SigningOutcome(
            state=SigningState.SIGNED, at=self.clock(), document_sha256=sha256, document_size=size, page_count=1
        )
        return SignatureRecord(intent=intent, outcome=outcome)


@dataclass(slots=True)
class MemoryArchive:
    """Raises by appending a comment; keeps what the same client had signed."""

    signing: MemorySigning
    clock: Clock
    asked: list[tuple[SignatureLevel, str]] = field(default_factory=list)
    kept: dict[str, list[DocumentVersion]] = field(default_factory=dict)
    fails_with: Exception | None = None

    def raise_file(self, document: bytes, level: SignatureLevel, *, sha256: str, client_id: str) -> Raised:
        self.asked.append((level, client_id))
        if self.fails_with is not None:
            raise self.fails_with
        if b"% signed" not in document:
            raise DocumentRefused("Have it signed first.", field="document", reason="unsigned")
        for record in self.signing.records.values():
            digests = [each.sha256 for each in self.versions(record.intent.code.token)]
            if sha256 in digests and record.intent.client_id == client_id:
                return self._keep(record.intent.code.token, level)
        return Raised(made=self._made(document, level), kept=None)

    def raise_registered(self, token: str, level: SignatureLevel, *, client_id: str) -> Raised:
        self.asked.append((level, client_id))
        return self._keep(token, level)

    def versions(self, token: str) -> tuple[DocumentVersion, ...]:
        record = self.signing.find(token)
        outcome = record.outcome if record else None
        if record is None or outcome is None or outcome.document_sha256 is None:
            return ()
        first = DocumentVersion(
            token=token,
            number=0,
            sha256=outcome.document_sha256,
            size=outcome.document_size or 0,
            page_count=1,
            level=record.intent.level,
            made_at=outcome.at,
        )
        return (first, *self.kept.get(token, ()))

    def _keep(self, token: str, level: SignatureLevel) -> Raised:
        newest = self.versions(token)[-1]
        made = self._made(self.signing.documents[newest.sha256], level)
        sha256 = hashlib.sha256(made.pdf).hexdigest()
        self.signing.documents[sha256] = made.pdf
        version = replace(newest, number=newest.number + 1, sha256=sha256, size=len(made.pdf), level=level)
        self.kept.setdefault(token, []).append(version)
        return Raised(made=made, kept=version)

    def _made(self, document: bytes, level: SignatureLevel) -> AugmentedDocument:
        until = self.clock() + timedelta(days=1000)
        return AugmentedDocument(pdf=document + b"% raised\n", level=level, good_until=until, page_count=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryUpload:
    """`api.services.VerifiedUpload`."""

    report: ValidationReport
    relation: Relation
    record: SignatureRecord | None
    standing: Standing = NOTHING_KNOWN
    newest: bool = True


@dataclass(slots=True)
class MemoryVerification:
    """Judges nothing: every file has no signature, and what was signed here is in the register."""

    signing: MemorySigning
    clock: Clock
    report: ValidationReport | None = None
    fails_with: Exception | None = None

    def by_upload(self, pdf: bytes, password: str = "") -> MemoryUpload:
        if self.fails_with is not None:
            raise self.fails_with
        sha256 = hashlib.sha256(pdf).hexdigest()
        record = self._record_of(sha256)
        report = (
            self.report
            if self.report is not None
            else ValidationReport(
                indication=Indication.NO_SIGNATURE,
                reason=None,
                detail="The file has no signature.",
                policy="test/1",
                validated_at=self.clock(),
                document_sha256=sha256,
                document_size=len(pdf),
                page_count=1,
                revisions=1,
                signatures=(),
            )
        )
        return MemoryUpload(
            report=report, relation=Relation.SAME_BYTES if record else Relation.NOT_REGISTERED, record=record
        )

    def by_digest(self, sha256: str) -> MemoryUpload | None:
        record = self._record_of(sha256)
        pdf = self.signing.documents.get(sha256) if record else None
        return None if pdf is None else self.by_upload(pdf)

    def _record_of(self, sha256: str) -> SignatureRecord | None:
        known = (
            each for each in self.signing.records.values() if each.outcome and each.outcome.document_sha256 == sha256
        )
        return next(known, None)


def explain(upload: VerifiedUpload | None) -> Explanation:
    """The least that can be said."""
    word = upload.report.indication.value if upload else "digest-unknown"
    return Explanation(
        state=word.lower(), headline=BothLanguages(id=word, en=word), sentence=BothLanguages(id="Ya.", en="Yes.")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryOcspAnswer:
    """`api.services.OcspAnswer`."""

    der: bytes
    this_update: datetime | None = None
    next_update: datetime | None = None


@dataclass(slots=True)
class MemoryOcsp:
    """Says back what it was asked, so that a test sees what came through the door."""

    keep_until: datetime | None = None
    asked: list[bytes] = field(default_factory=list)

    def respond(self, request: bytes) -> MemoryOcspAnswer:
        self.asked.append(request)
        return MemoryOcspAnswer(
            der=b"ocsp:" + request, this_update=self.keep_until and NOON, next_update=self.keep_until
        )


class MemorySecrets:
    """`signer.hooks.ports.SecretVault` with one key, which is nobody's secret."""

    def __init__(self) -> None:
        self._key = AESGCM(b"k" * 32)

    def seal(self, secret: bytes, *, owner: str) -> SealedSecret:
        sealed = self._key.encrypt(b"n" * 12, secret, owner.encode())
        return SealedSecret(sealed=sealed, nonce=b"n" * 12, salt=b"s" * 16, pepper_label="pepper-1")

    def open(self, sealed: SealedSecret, *, owner: str) -> bytes:
        return self._key.decrypt(sealed.nonce, sealed.sealed, owner.encode())


class MemoryTsa:
    """Says back what it was asked."""

    def respond(self, request: bytes) -> bytes:
        return b"tsa:" + request


@dataclass(slots=True)
class MemoryCrls:
    """`api.services.PublishedCrls`."""

    crls: dict[str, PublishedCrl] = field(default_factory=dict)

    def current(self, issuer_id: str) -> PublishedCrl | None:
        return self.crls.get(issuer_id)


def a_certificate(*, until: datetime = NOON + timedelta(days=365)) -> x509.Certificate:
    """A self-signed certificate that starts half a year before noon."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Contoh CA")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, NOON - timedelta(days=180), until)
    return builder.sign(key, hashes.SHA256())


def a_crl(*, issuer_id: str = "ca-1-g1", der: bytes = b"crl", hours: float = 48) -> PublishedCrl:
    """A CRL of that issuer, made at noon."""
    return PublishedCrl(
        issuer_id=issuer_id,
        number=1,
        der=der,
        this_update=NOON,
        next_update=NOON + timedelta(hours=hours),
        sha256=hashlib.sha256(der).hexdigest(),
    )


@dataclass(slots=True, kw_only=True)
class MemoryService:
    """The parts of one service, and its application."""

    clock: Clock
    random_bytes: Counted
    clients: MemoryClients
    signing: MemorySigning
    archive: MemoryArchive
    verification: MemoryVerification
    ocsp: MemoryOcsp
    crls: MemoryCrls
    services: Services
    pages: Callable[[], Pages] | None = None
    """Made anew for each application, as routers are."""
    peer: str = "192.0.2.1"
    """The address that requests come from."""

    def app(self) -> Litestar:
        app = create_app(self.services, pages=self.pages and self.pages())
        doors = app.asgi_handler

        async def from_peer(scope: Scope, receive: Receive, send: Send) -> None:
            scope["client"] = self.peer, 4711
            await doors(scope, receive, send)

        app.asgi_handler = from_peer
        return app

    @contextmanager
    def http(self) -> Iterator[TestClient[Litestar]]:
        """A client of the running application."""
        with TestClient(self.app(), raise_server_exceptions=False) as client:
            yield client

    def token(self, client_id: str = "sikd", *, scopes: frozenset[str] = ALL) -> str:
        """A token as the token endpoint would give it out."""
        text = "tk_" + hashlib.sha256(f"{client_id}{sorted(scopes)}".encode()).hexdigest()[:43]
        digest, now = hashlib.sha256(text.encode()).hexdigest(), self.clock()
        self.clients.issue_token(client_id, scopes, digest, now + timedelta(minutes=30), at=now)
        return text

    def bearer(self, client_id: str = "sikd", *, scopes: frozenset[str] = ALL) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(client_id, scopes=scopes)}"}


@cache
def _pki() -> Pki:
    return make_pki()


def settings_in(folder: Path, **changes: Any) -> Settings:
    """The settings of a first start in `folder`, with parts replaced: `server=replace(…)` and so on."""
    file = folder / "teken.toml"
    file.write_text(default_toml(folder, 8000), encoding="utf-8")
    return replace(load_settings(file), **changes)


def memory_service(
    settings: Settings,
    *,
    pages: Callable[[], Pages] | None = None,
    adjust: Callable[[Services], Services] = lambda same: same,
) -> MemoryService:
    """A service with two clients (`sikd`, `other`) and one issuing CA. `adjust` replaces parts before the start."""
    clock, random_bytes, clients = Clock(), Counted(), MemoryClients()
    clients.add("sikd")
    clients.add("other")
    signing = MemorySigning(clock, random_bytes)
    archive = MemoryArchive(signing, clock)
    verification = MemoryVerification(signing, clock)
    lazy = open_database(settings.store.url(), 4)  # connects when it is first asked
    ocsp, crls = MemoryOcsp(), MemoryCrls({"ca-1-g1": a_crl()})
    services = Services(
        settings=settings,
        now=clock,
        random_bytes=random_bytes,
        signing=signing,
        signatures=signing,
        documents=signing,
        archive=archive,
        verification=verification,
        gateway_verification=verification,
        explain=explain,
        receipt=lambda _: b"%PDF-1.7 receipt",
        clients=clients,
        oauth=build_oauth(
            settings,
            OAuthGround(
                database=lazy,
                clients=clients,
                authorisations=SqlAuthorisations(lazy),
                carrier=MemoryKeyVault(),
                now=clock,
                random_bytes=random_bytes,
            ),
        ),
        ocsp=ocsp,
        tsa=MemoryTsa(),
        crls=crls,
        letters=build_letters(settings, lazy, now=clock),
        events=SqlEvents(lazy),
        webhooks=WebhookService(
            store=SqlWebhooks(lazy),
            vault=MemorySecrets(),
            rules=AddressRules(settings.events.networks),
            most=settings.events.webhooks,
            now=clock,
            random_bytes=random_bytes,
        ),
        flows=Flows(
            store=SqlFlows(lazy),
            vault=signing,
            signing=signing,
            check=lambda _: None,
            most_initials=3,
            now=clock,
            random_bytes=random_bytes,
        ),
        esign=build_esign(
            settings,
            lazy,
            records=signing,
            vault=signing,
            prove=signing.prove,
            examine=signing.examine,
            numbers=lambda: PersonalNumberHash(b"k" * 32),
            now=clock,
            random_bytes=random_bytes,
        ),
        csc=Court(lazy, pki=_pki()).services(settings),
        certificates={"ca-1-g1": a_certificate().public_bytes(Encoding.DER)},
        gate_counters=lambda: {"calls": 3.0},
    )
    return MemoryService(
        clock=clock,
        random_bytes=random_bytes,
        clients=clients,
        signing=signing,
        archive=archive,
        verification=verification,
        ocsp=ocsp,
        crls=crls,
        services=adjust(services),
        pages=pages,
    )
