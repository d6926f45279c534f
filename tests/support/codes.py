"""Officials who let an application sign with codes: their authenticator, their session, their mail."""

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pyotp

from signer.code_model import CodeSession
from signer.code_sessions import CodeSessions, SessionTerms
from signer.factors.checking import SecondFactors
from signer.factors.model import Authenticator, Session, SignedInBy, TotpProof
from signer.model import Credential, Secret
from signer.notices import DeliveryFailed
from signer.service import SigningService
from store.bulk import SqlContacts
from store.code_sessions import SqlCodeSessions
from store.database import Database
from store.factors import SqlFactorStore
from store.officials import SqlOfficialStore
from store.person_sessions import SqlPersonSessions
from tests.support.consent import PARTY, MemorySeeds
from tests.support.signer_memory import MemoryKeyVault

LOGIN = "5e" * 32
SEED = b"20 octets of a seed!"


@dataclass(slots=True)
class Mailbox:
    """`signer.signing_codes.CodeMail`: what officials read."""

    codes: list[str] = field(default_factory=list)
    told: list[tuple[str, int, str]] = field(default_factory=list)
    """To whom, for how many files, which application."""
    fails: bool = False

    def __call__(
        self, signatory_id: str, code: Secret, until: datetime, *, files: int, client_id: str, notice_id: str
    ) -> None:
        if self.fails:
            raise DeliveryFailed("unreachable")
        assert notice_id
        assert until.tzinfo is not None
        self.codes.append(code.reveal())
        self.told.append((signatory_id, files, client_id))


@dataclass(slots=True, kw_only=True)
class Codes:
    """Sessions over a real database, with software keys."""

    database: Database
    sessions: CodeSessions
    seeds: MemorySeeds
    mailbox: Mailbox
    now: Callable[[], datetime]

    def with_authenticator(self, credential: Credential) -> None:
        """The official's second factor."""
        owner, store = credential.signatory.id, SqlFactorStore(self.database)
        made = Authenticator(
            id=owner.encode().hex()[:32],
            signatory_id=owner,
            label="",
            seed=self.seeds.seal(SEED, owner=owner),
            last_step=0,
            added_at=self.now(),
        )
        store.propose(made, at=self.now())
        assert store.confirm(made, 0, at=self.now())

    def proof(self) -> TotpProof:
        """What every authenticator of these tests shows now."""
        return TotpProof(code=Secret(pyotp.TOTP(base64.b32encode(SEED).decode()).at(self.now())))

    def login(self, credential: Credential) -> Session:
        at = self.now()
        return Session(
            id=LOGIN,
            signatory_id=credential.signatory.id,
            by=SignedInBy.TOTP,
            began_at=at,
            expires_at=at + timedelta(hours=1),
        )

    def open(
        self, credential: Credential, passphrase: str, user_name: str, *, documents: int = 10, hours: int = 8
    ) -> CodeSession:
        """A session of the official; the authenticator is enrolled where there is none."""
        if SqlFactorStore(self.database).held(credential.signatory.id).authenticator is None:
            self.with_authenticator(credential)
        terms = SessionTerms(user_name=user_name, documents=documents, hours=hours)
        return self.sessions.open(self.login(credential), terms, Secret(passphrase), self.proof())


def codes_over(
    database: Database,
    signing: SigningService,
    keys: MemoryKeyVault,
    *,
    now: Callable[[], datetime],
    random_bytes: Callable[[int], bytes],
) -> Codes:
    """Whose mail reaches whoever has an address."""
    seeds, contacts = MemorySeeds(), SqlContacts(database)
    factors = SecondFactors(store=SqlFactorStore(database), seeds=seeds, party=PARTY, now=now)
    sessions = CodeSessions(
        SqlCodeSessions(database),
        signing=signing,
        factors=factors,
        challenges=SqlPersonSessions(database),
        official=SqlOfficialStore(database).get,
        reachable=lambda signatory_id: contacts.email_of(signatory_id) is not None,
        carrier=keys,
        secrets=seeds,
        now=now,
        random_bytes=random_bytes,
    )
    return Codes(database=database, sessions=sessions, seeds=seeds, mailbox=Mailbox(), now=now)
