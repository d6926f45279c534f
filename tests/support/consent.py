"""Consent with two factors over a real database: an official with authenticator and passkey, and a client that asks."""

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pyotp

from signer.activation import ActivationRequest, DocumentWish, challenge_of
from signer.activation_requests import ActivationRequests, Asked, WantedDocument
from signer.approving import Approving
from signer.errors import KeyUnavailable
from signer.factors import passkey as passkeys
from signer.factors.checking import SecondFactors
from signer.factors.enrolment import FactorDesk
from signer.factors.links import FactorLinks
from signer.factors.model import PasskeyProof, SealedSeed, Session, TotpProof
from signer.factors.passkey import RelyingParty
from signer.factors.recovery import FactorOffice
from signer.factors.signing_in import NewSession, SignIn
from signer.model import Credential, Secret, SignatureLevel
from signer.service import SigningService
from signer.timestamping import TimestampAuthorities
from store.activation_requests import SqlActivationRequests
from store.activations import SqlActivationStore
from store.database import Database
from store.factors import SqlFactorStore
from store.officials import SqlOfficialStore
from store.person_sessions import SqlFactorLinks, SqlPersonSessions
from store.signatures import SqlSignatureLog
from tests.support.authenticator import SoftAuthenticator
from tests.support.letters import blank, saved
from tests.support.office import PASSPHRASE, TestOffice, office_in
from tests.support.pki import Pki
from tests.support.signer_memory import MemoryVault, PkiStatusSource, PkiTimestamper
from tests.support.signing import counted_bytes

PARTY = RelyingParty(id="tte.contoh.go.id", name="Teken", origin="https://tte.contoh.go.id")
CLIENT = "e-office"
WISH = DocumentWish(level=SignatureLevel.B_B)


class MemorySeeds:
    """`signer.factors.ports.SeedVault` that seals by exclusive or: what is tested is who may open what."""

    def __init__(self) -> None:
        self.pepper = "pepper-1"
        self._pads: dict[bytes, bytes] = {}

    def seal(self, secret: bytes, *, owner: str) -> SealedSeed:
        nonce = secrets.token_bytes(12)
        self._pads[nonce] = secrets.token_bytes(len(secret))
        return SealedSeed(
            sealed=_xor(secret, self._pads[nonce]), nonce=nonce, salt=owner.encode(), pepper_label=self.pepper
        )

    def open(self, sealed: SealedSeed, *, owner: str) -> bytes:
        if sealed.salt != owner.encode() or sealed.nonce not in self._pads:
            raise KeyUnavailable("the seed is another owner's")
        return _xor(sealed.sealed, self._pads[sealed.nonce])

    def is_outdated(self, sealed: SealedSeed) -> bool:
        return sealed.pepper_label != self.pepper


def _base32(seed: bytes) -> str:
    return base64.b32encode(seed).decode()


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


@dataclass(slots=True, kw_only=True)
class ConsentHouse:
    """All the parts, the official, and what the official holds in their hands."""

    office: TestOffice
    seeds: MemorySeeds
    store: SqlFactorStore
    requests: SqlActivationRequests
    activations: SqlActivationStore
    vault: MemoryVault
    log: SqlSignatureLog
    factors: SecondFactors
    signing: SigningService
    asking: ActivationRequests
    approving: Approving
    sign_in: SignIn
    desk: FactorDesk
    links: FactorLinks
    factor_office: FactorOffice
    credential: Credential
    device: SoftAuthenticator
    seed: bytes = b""

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

    def asked(self, *pdfs: bytes, client: str = CLIENT) -> Asked:
        """A request whose documents have all arrived."""
        documents = pdfs or (pdf(1),)
        wanted = [
            WantedDocument(digest=hashlib.sha256(each).hexdigest(), name=f"Surat {place}", wish=WISH)
            for place, each in enumerate(documents, start=1)
        ]
        asked = self.asking.ask(client, self.credential.id, wanted)
        for place, each in enumerate(documents, start=1):
            self.asking.receive(client, asked.request.id, place, each)
        return asked

    def opened(self, asked: Asked, session: str = "s" * 64) -> ActivationRequest:
        return self.approving.open(asked.link, session=session, signatory_id=self.who)

    def approve(
        self, asked: Asked, proof: object, *, passphrase: Secret = PASSPHRASE, session: str = "s" * 64
    ) -> ActivationRequest:
        return self.approving.approve(
            asked.link,
            passphrase,
            proof,  # type: ignore[arg-type] - one of the proofs
            session=session,
            signatory_id=self.who,
        )


def pdf(number: int, pages: int = 1) -> bytes:
    """A document that differs from those of other numbers."""
    made = blank(pages)
    made.Root.Number = number
    return saved(made, deterministic_id=True)


def consent_house(folder: Path, database: Database, pki: Pki, *, drift: int = 0, tries: int = 3) -> ConsentHouse:
    """One house with one official, enrolled with passphrase, authenticator and passkey."""
    office = office_in(folder, database, pki)
    credential = office.enrolled()
    store, sessions, vault = SqlFactorStore(database), SqlPersonSessions(database), MemoryVault()
    seeds, log = MemorySeeds(), SqlSignatureLog(database)
    requests, activations, draw = SqlActivationRequests(database), SqlActivationStore(database), counted_bytes()

    def now() -> datetime:
        return office.at

    factors = SecondFactors(store=store, seeds=seeds, party=PARTY, now=now, drift=drift)
    signing = SigningService(
        credentials=office.kept,
        keys=office.vault,
        activations=activations,
        log=log,
        vault=vault,
        authorities=TimestampAuthorities([PkiTimestamper(pki=pki)], now=now),
        status=PkiStatusSource(pki=pki),
        verify_url=lambda code: f"https://tte.contoh.go.id/v/{code.token}",
        now=now,
        random_bytes=secrets.token_bytes,
    )
    sign_in = SignIn(sessions=sessions, store=store, factors=factors, party=PARTY, now=now, random_bytes=draw)
    links = FactorLinks(links=SqlFactorLinks(database), now=now, random_bytes=draw, lifetime=timedelta(hours=72))
    desk = FactorDesk(
        store=store,
        links=links,
        sessions=sessions,
        sign_in=sign_in,
        factors=factors,
        seeds=seeds,
        credentials=office.credentials,
        official=SqlOfficialStore(database).get,
        party=PARTY,
        now=now,
        random_bytes=draw,
    )
    house = ConsentHouse(
        office=office,
        seeds=seeds,
        store=store,
        requests=requests,
        activations=activations,
        vault=vault,
        log=log,
        factors=factors,
        signing=signing,
        asking=ActivationRequests(
            requests=requests,
            credentials=office.kept,
            vault=vault,
            now=now,
            random_bytes=draw,
            waits=timedelta(minutes=15),
            examine=signing.acts.examine,
        ),
        approving=Approving(
            requests=requests,
            activations=activations,
            credentials=office.kept,
            keys=office.vault,
            factors=factors,
            signing=signing,
            vault=vault,
            now=now,
            random_bytes=draw,
            tries=tries,
        ),
        sign_in=sign_in,
        desk=desk,
        links=links,
        factor_office=FactorOffice(store=store, links=links, approvals=office.people.approvals, now=now),
        credential=replace(credential),
        device=SoftAuthenticator(),
    )
    session = house.signed_in().session
    house.with_authenticator(session)
    house.with_passkey(session)
    return house
