"""Consent with two factors over a real database: an official with authenticator and passkey, and a client that asks."""

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pyotp

from api.consent.assembly import Assembled, Ground, Rules, assemble
from signer.activation import ActivationRequest, DocumentWish, challenge_of, transaction_digest
from signer.activation_requests import Asked, WantedDocument
from signer.batch import BatchService
from signer.batch_model import CHUNK, Batch, BatchLimits
from signer.batch_signing import ChunkSigning
from signer.batch_work import BatchWork
from signer.errors import KeyUnavailable
from signer.factors import passkey as passkeys
from signer.factors.model import PasskeyProof, SealedSeed, Session, TotpProof
from signer.factors.passkey import RelyingParty
from signer.factors.recovery import FactorOffice
from signer.factors.signing_in import NewSession
from signer.flow_model import FlowStanding, Step
from signer.kinds import KindRules, load_lists
from signer.model import (
    Certify,
    Credential,
    LetterMetadata,
    Secret,
    SignatureLevel,
    SignedAs,
    SigningAct,
    SigningTerms,
    StampPlacement,
)
from signer.quotas import Limits, Quotas
from signer.service import SigningService
from signer.timestamping import TimestampAuthorities
from signer.workflow import Flows
from store.activations import SqlActivationStore
from store.batches import SqlBatchStore
from store.bulk import SqlContacts
from store.database import Database
from store.flows import SqlFlows
from store.jobs import SqlJobs
from store.kinds import SqlKinds
from store.quotas import SqlQuotas
from store.signatures import SqlSignatureLog
from tests.support.authenticator import SoftAuthenticator
from tests.support.letters import blank, saved
from tests.support.office import PASSPHRASE, TestOffice, office_in
from tests.support.pki import Pki
from tests.support.signer_memory import MemorySealKeys, MemoryVault, PkiStatusSource, PkiTimestamper
from tests.support.signing import counted_bytes
from tests.support.tagged_letters import PagesHere

PARTY = RelyingParty(id="tte.contoh.go.id", name="Teken", origin="https://tte.contoh.go.id")
CLIENT = "e-office"
WISH = DocumentWish(level=SignatureLevel.B_B)


class MemorySeeds:
    """`signer.factors.ports.SeedVault` that seals by exclusive or: what is tested is who may open what."""

    def __init__(self) -> None:
        self.pepper = "pepper-1"
        self.worked: list[str] = []
        """What the HSM was asked, in order."""
        self._pads: dict[bytes, bytes] = {}

    def seal(self, secret: bytes, *, owner: str) -> SealedSeed:
        self.worked.append("seal")
        nonce = secrets.token_bytes(12)
        self._pads[nonce] = secrets.token_bytes(len(secret))
        return SealedSeed(
            sealed=_xor(secret, self._pads[nonce]), nonce=nonce, salt=owner.encode(), pepper_label=self.pepper
        )

    def open(self, sealed: SealedSeed, *, owner: str) -> bytes:
        self.worked.append("open")
        if sealed.salt != owner.encode() or sealed.nonce not in self._pads:
            raise KeyUnavailable("the seed is another owner's")
        return _xor(sealed.sealed, self._pads[sealed.nonce])

    def is_outdated(self, sealed: SealedSeed) -> bool:
        return sealed.pepper_label != self.pepper


def _base32(seed: bytes) -> str:
    return base64.b32encode(seed).decode()


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


@dataclass(kw_only=True)
class ConsentHouse:
    """All the parts, the official, and what the official holds in their hands."""

    database: Database
    office: TestOffice
    seeds: MemorySeeds
    ground: Ground
    parts: Assembled
    vault: MemoryVault
    log: SqlSignatureLog
    signing: SigningService
    batches: BatchService
    items: SqlBatchStore
    work: BatchWork
    flows: Flows
    kinds: SqlKinds
    factor_office: FactorOffice
    credential: Credential
    device: SoftAuthenticator
    seed: bytes = b""

    def __post_init__(self) -> None:
        parts = self.parts
        self.store, self.requests, self.factors = parts.store, parts.requests, parts.factors
        self.asking, self.approving = parts.asking, parts.approving
        self.sign_in, self.desk, self.links = parts.sign_in, parts.desk, parts.links

    @property
    def who(self) -> str:
        return self.credential.signatory.id

    def forward(self, **time: float) -> None:
        self.office.forward(**time)

    def code(self) -> str:
        """What the authenticator shows now."""
        return pyotp.TOTP(_base32(self.seed)).at(self.office.at)

    def totp(self) -> TotpProof:
        return TotpProof(code=Secret(self.code()))

    def wrong_code(self) -> TotpProof:
        return TotpProof(code=Secret(f"{(int(self.code()) + 1) % 1_000_000:06}"))

    def passkey(self, request: ActivationRequest) -> PasskeyProof:
        """What the device answers for this request, as it stands now."""
        options = passkeys.request_options(PARTY, challenge=challenge_of(request))
        return PasskeyProof(assertion=self.device.get(options))

    def with_authenticator(self, session: Session) -> None:
        """Enrol the authenticator; the seed is in `seed` then."""
        made = self.desk.start_authenticator(session)
        found = re.search(r"secret=([A-Z2-7]+)", made.uri)
        assert found is not None
        self.seed = base64.b32decode(found[1])
        self.desk.finish_authenticator(session, Secret(self.code()))
        self.forward(seconds=30)

    def with_passkey(self, session: Session) -> None:
        self.desk.finish_passkey(session, self.device.create(self.desk.start_passkey(session)), "Ponsel")

    def signed_in(self) -> NewSession:
        """A login of the official by one-time link, factors unlocked for change."""
        link = self.links.invite(self.who, actor="registrar")
        return self.desk.claim(link, PASSPHRASE)

    def current(self, new: NewSession) -> Session:
        found = self.sign_in.find(new.token)
        assert found is not None
        return found

    def asked(self, *pdfs: bytes, client: str = CLIENT, wish: DocumentWish = WISH) -> Asked:
        """A request whose documents have all arrived."""
        documents = pdfs or (pdf(1),)
        wanted = [
            WantedDocument(digest=hashlib.sha256(each).hexdigest(), name=f"Surat {place}", wish=wish)
            for place, each in enumerate(documents, start=1)
        ]
        asked = self.asking.ask(client, self.credential.id, wanted)
        for place, each in enumerate(documents, start=1):
            self.asking.receive(client, asked.request.id, place, each)
        return asked

    def asked_anew(self, request_id: str, client: str = CLIENT) -> Asked:
        """A request that a test knows by its id alone, with a link of its own."""
        again = self.asking.asked_again(client, request_id)
        if again is not None:
            return again
        return Asked(request=self.asking.read(client, request_id), link=request_id)

    def opened(self, asked: Asked, session: str = "s" * 64) -> ActivationRequest:
        return self.approving.open(asked.link, session=session, signatory_id=self.who)

    def approve(
        self,
        asked: Asked,
        proof: object,
        *,
        passphrase: Secret = PASSPHRASE,
        session: str = "s" * 64,
        shown: ActivationRequest | None = None,
        under: Secret | None = None,
    ) -> ActivationRequest:
        """The form of the page; `shown`: as it was when the page was drawn, by default as it is now; `under`: the code
        for digests alone."""
        seen = shown or self.approving.behind(asked.link) or asked.request
        return self.approving.approve(
            asked.link,
            passphrase,
            proof,  # type: ignore[arg-type] - one of the proofs
            shown=transaction_digest(seen).hex(),
            session=session,
            signatory_id=self.who,
            under=under,
        )

    def batch(self, *pdfs: bytes, prepared: bool = True, **letters: LetterMetadata) -> Batch:
        """A closed batch of these documents for the official; prepared by its jobs, which are run by hand."""
        terms = SigningTerms(credential_id=self.credential.id, client_id=CLIENT, level=SignatureLevel.B_B)
        batch = self.batches.open(terms)
        for place, each in enumerate(pdfs, start=1):
            letter = letters.get(f"letter_{place}", LetterMetadata(subject=f"Surat {place}"))
            self.batches.receive(batch.id, CLIENT, each, letter)
        if prepared:
            closed = self.batches.close(batch.id, CLIENT)
            self.prepare(closed)
        return self.batches.get(batch.id, CLIENT)

    def prepare(self, batch: Batch) -> None:
        """What the jobs of preparing do."""
        for chunk in _chunks(batch):
            self.work.prepare(batch.id, chunk)

    def finish(self, batch: Batch) -> None:
        """What the jobs of finishing do."""
        for chunk in _chunks(batch):
            self.work.finish(batch.id, chunk)

    def counts(self, batch: Batch) -> dict[str, int]:
        """Documents by the word of their state."""
        return {state.value: number for state, number in self.items.counts(batch.id).items()}

    def flow(
        self,
        *acts: tuple[Credential, SigningAct],
        certify: Certify | None = None,
        client: str = CLIENT,
        stamp: StampPlacement | None = None,
        signed_as: SignedAs | None = None,
        side_by_side: bool = False,
        footer: str | None = None,
    ) -> FlowStanding:
        """A document that these sign, one after the other or `side_by_side`."""
        steps = [
            Step(
                number=number,
                order=1 if side_by_side else number,
                act=act,
                credential_id=whose.id,
                stamp=stamp,
                signed_as=signed_as or SignedAs(),
            )
            for number, (whose, act) in enumerate(acts, start=1)
        ]
        letter, level = LetterMetadata(subject="Surat edaran contoh"), SignatureLevel.B_B
        return self.flows.create(
            pdf(77, pages=2), steps, client_id=client, letter=letter, level=level, certify=certify, footer=footer
        )

    def standing(self, flow: FlowStanding) -> FlowStanding:
        """As it is now."""
        found = self.flows.get(flow.flow.id, client_id=CLIENT)
        assert found is not None
        return found


def _chunks(batch: Batch) -> range:
    return range((batch.documents + CHUNK - 1) // CHUNK)


def pdf(number: int, pages: int = 1) -> bytes:
    """A document that differs from those of other numbers."""
    made = blank(pages)
    made.Root.Number = number
    return saved(made, deterministic_id=True)


def consent_house(
    folder: Path,
    database: Database,
    pki: Pki,
    *,
    drift: int = 0,
    tries: int = 3,
    most: Limits | None = None,
) -> ConsentHouse:
    """One house with one official, enrolled with passphrase, authenticator and passkey; `most` a client may sign."""
    office = office_in(folder, database, pki)
    house = consent_over(office, office.enrolled(), database, pki, drift=drift, tries=tries, most=most)
    session = house.signed_in().session
    house.with_authenticator(session)
    house.with_passkey(session)
    return house


def consent_over(
    office: TestOffice,
    credential: Credential,
    database: Database,
    pki: Pki,
    *,
    drift: int = 0,
    tries: int = 3,
    most: Limits | None = None,
) -> ConsentHouse:
    """The same over an office that stands, for an official without factors."""
    vault, seeds, log, kinds = MemoryVault(), MemorySeeds(), SqlSignatureLog(database), SqlKinds(database)

    def now() -> datetime:
        return office.at

    rules = KindRules(load_lists(), kinds)
    quotas = Quotas(SqlQuotas(database), client=most or Limits(), credential=Limits(), now=now)
    signing = SigningService(
        credentials=office.kept,
        keys=office.vault,
        activations=SqlActivationStore(database),
        log=log,
        vault=vault,
        authorities=TimestampAuthorities([PkiTimestamper(pki=pki)], now=now),
        status=PkiStatusSource(pki=pki),
        verify_url=lambda code: f"https://tte.contoh.go.id/v/{code.token}",
        now=now,
        random_bytes=secrets.token_bytes,
        kinds=rules,
        quotas=quotas,
        texts=PagesHere(),
    )
    items = SqlBatchStore(database, SqlJobs(database))
    chunks = ChunkSigning(acts=signing.acts, batches=items, credentials=office.kept, keys=office.vault, now=now)
    batches = BatchService(
        acts=signing.acts,
        batches=items,
        activations=SqlActivationStore(database),
        signing=chunks,
        limits=BatchLimits(),
        now=now,
        random_bytes=secrets.token_bytes,
        quotas=quotas,
    )
    flows = Flows(
        store=SqlFlows(database),
        vault=vault,
        signing=signing,
        check=signing.acts.rehearse,
        most_initials=5,
        now=now,
        random_bytes=secrets.token_bytes,
    )
    ground = Ground(
        database=database,
        credentials=office.kept,
        enrolment=office.credentials,
        keys=office.vault,
        carrier=office.vault,
        reachable=lambda signatory_id: SqlContacts(database).email_of(signatory_id) is not None,
        vault=vault,
        seeds=seeds,
        party=PARTY,
        signing=signing,
        batches=batches,
        batch_items=items,
        flows=flows,
        now=now,
        random_bytes=counted_bytes(),
        kinds=rules,
        quotas=quotas,
    )
    parts = assemble(ground, Rules(drift=drift, tries=tries))
    return ConsentHouse(
        database=database,
        office=office,
        seeds=seeds,
        ground=ground,
        parts=parts,
        vault=vault,
        log=log,
        signing=signing,
        batches=batches,
        items=items,
        work=BatchWork(
            acts=signing.acts,
            batches=items,
            credentials=office.kept,
            signing=chunks,
            open_seal=lambda seal: MemorySealKeys(office.vault).open_seal(seal.key),
            now=now,
            sleep=lambda _: None,
        ),
        flows=flows,
        kinds=kinds,
        factor_office=FactorOffice(store=parts.store, links=parts.links, approvals=office.people.approvals, now=now),
        credential=replace(credential),
        device=SoftAuthenticator(),
    )
