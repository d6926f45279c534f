"""The CSC face over real stores and acts; keys in software, tokens in memory. Officials, seals and who may use them.

court = Court(database)
court.official            # a credential of PERSON; court.other_official, of somebody else
court.lend(court.seal)    # to CLIENT, for an hour
with http_of(court, settings) as http: ...    # tests.support.csc_doors
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec

from api.csc.audited import AuditedRemote
from api.csc.build import LentSeals
from api.csc.ports import CscServices
from api.oauth.bearers import Bearer, BearerOver, BearerUnknown
from api.settings import Settings
from signer.authorisation import (
    AuthorisationKind,
    AuthorisationState,
    AuthorisedDigest,
    LaterUse,
    Purpose,
    secret_hash,
)
from signer.model import Activation, Credential, CredentialState, Secret, Signatory
from signer.remote import RemoteSigning
from signer.remote_credentials import RemoteCredentials
from signer.remote_model import Caller
from signer.remote_seals import SealAuthorising
from signer.seal_pins import SealPins
from signer.seals import SealService
from signer.service import SigningService
from signer.timestamp_query import own_token
from signer.timestamping import TimestampAuthorities
from store.activations import grant_in
from store.audit import Act, AuditEntry, AuditTrail
from store.authorisations import SqlAuthorisations
from store.credentials import SqlCredentialStore
from store.database import Database
from store.seal_pins import SqlSealKeepers, SqlSealPins
from store.seals import SqlSeals
from store.signatures import SqlSignatureLog
from tests.support.pki import ORGANISATION, ORGANISATION_ID, Holder, Pki, make_pki
from tests.support.signer_memory import (
    MemoryActivationStore,
    MemoryKeyVault,
    MemorySealKeys,
    MemoryVault,
    PkiIssuer,
    PkiStatusSource,
    PkiTimestamper,
)
from tests.support.tsa import OtherAuthority

CLIENT: Final = "eoffice"
OTHER_CLIENT: Final = "sikd"
PERSON: Final = "K5QXA2LBONUWC3TB"
OTHER_PERSON: Final = "NNSXE2LTNFWXA3DF"
PASSPHRASE: Final = "tujuh gunung menunggu hujan"
HOME: Final = "192.0.2.1"
"""From where requests come, and where seals are lent to."""
ECDSA: Final = "1.2.840.10045.4.3.2"
SHA256: Final = "2.16.840.1.101.3.4.2.1"


def digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


@dataclass(slots=True)
class MemoryBearers:
    """`api.csc.ports.Bearers`: tokens by their text; the SAD of a person's authorisation is one as well."""

    authorisations: SqlAuthorisations
    clock: "Clock"
    tokens: dict[str, Bearer] = field(default_factory=dict)
    over: set[str] = field(default_factory=set)

    def of(self, text: str, address: str | None) -> Bearer:
        if text in self.over:
            raise BearerOver
        if text in self.tokens:
            return self.tokens[text]
        found = self.authorisations.behind(secret_hash(text))
        if found is None or found.kind is not AuthorisationKind.OAUTH2CODE:
            raise BearerUnknown
        if not found.is_good(self.clock()):
            raise BearerOver
        return Bearer(
            client_id=found.client_id,
            user_id=found.user_id,
            scope="credential",
            scopes=frozenset({"credential"}),
            authorisation=found,
        )

    def revoke(self, text: str, client_id: str) -> bool:
        known = self.tokens.get(text)
        if known is None or known.client_id != client_id or text in self.over:
            return False
        self.over.add(text)
        return True


@dataclass(slots=True)
class Clock:
    """A clock that the test moves."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at

    def forward(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class Court:
    """Everything that remote signing needs, reachable for a test."""

    def __init__(self, database: Database, *, pki: Pki | None = None, **replaced: Any) -> None:
        """`replaced`: fields of `CscServices`, and `keys`, `quotas`, `timestampers`, `most_personal`, `seal_seconds`,
        `pins_taken`;
        `clock` and `software` of a house around it."""
        self.database = database
        self.pki = pki or make_pki()
        self.clock = replaced.pop("clock", None) or Clock(self.pki.at)
        self.software: MemoryKeyVault = replaced.pop("software", None) or MemoryKeyVault()
        self.credentials = SqlCredentialStore(database)
        self.authorisations = SqlAuthorisations(database)
        self.lent = SqlSeals(database)
        self.keepers = SqlSealKeepers(database)
        self.status = PkiStatusSource(pki=self.pki)
        self.trail = AuditTrail(database)
        self.log = SqlSignatureLog(database)
        self.vault = MemoryVault()
        timestampers = replaced.pop("timestampers", [PkiTimestamper(pki=self.pki)])
        self.authorities = TimestampAuthorities(timestampers, now=self.clock)
        self.seal_keys = MemorySealKeys(self.software)
        self.seals = SealService(
            seals=self.lent,
            credentials=self.credentials,
            keys=self.seal_keys,
            issuer=PkiIssuer(pki=self.pki),
            pins=SealPins(SqlSealPins(database), now=self.clock, random_bytes=secrets.token_bytes),
            now=self.clock,
            random_bytes=secrets.token_bytes,
        )
        self.signing = SigningService(
            credentials=self.credentials,
            keys=self.software,
            activations=MemoryActivationStore(),
            log=self.log,
            vault=self.vault,
            authorities=self.authorities,
            status=self.status,
            verify_url=lambda code: f"https://tte.contoh.go.id/v/{code.token}",
            now=self.clock,
            random_bytes=secrets.token_bytes,
        )
        visible = RemoteCredentials(
            credentials=self.credentials,
            seals=self.lent,
            keepers=self.keepers,
            pins=self.seals.pins,
            pins_taken=replaced.pop("pins_taken", False),
            status=self.status,
            most_personal=replaced.pop("most_personal", 20),
            most_sealed=100,
            now=self.clock,
        )
        self.remote = RemoteSigning(
            credentials=visible,
            authorisations=self.authorisations,
            keys=replaced.pop("keys", self.software),
            seals=LentSeals(self.seals, self.lent),
            documents=self.signing,
            quotas=replaced.pop("quotas", None),
            now=self.clock,
            random_bytes=secrets.token_bytes,
        )
        self.sealing = SealAuthorising(
            credentials=visible,
            authorisations=self.authorisations,
            seals=LentSeals(self.seals, self.lent),
            life=timedelta(seconds=replaced.pop("seal_seconds", 300)),
            now=self.clock,
            random_bytes=secrets.token_bytes,
        )
        self.bearers = MemoryBearers(self.authorisations, self.clock)
        self._replaced = replaced
        self._audited = AuditedRemote(self.remote, self.sealing, self.signing.acts, self.trail, now=self.clock)

    def services(self, settings: Settings) -> CscServices:
        """What the face needs."""
        told = CscServices(
            settings=settings.csc,
            issuer="https://sign.example.org",
            qualifiers=(),
            tls=False,
            organisation=ORGANISATION,
            bearers=self.bearers,
            revoke=self.bearers.revoke,
            remote=self._audited,
            has_seals=lambda: bool(self.seals.all(limit=1)),
            timestamp=lambda imprint, name, nonce: own_token(OtherAuthority(self.pki), imprint, name, nonce),
            stamps_signatures=True,
            seconds=10,
            now=self.clock,
            logins=None,
        )
        return replace(told, **self._replaced)

    # officials and seals

    def enrol(
        self,
        credential_id: str,
        signatory_id: str,
        *,
        holder: Holder | None = None,
        state: CredentialState = CredentialState.ACTIVE,
    ) -> Credential:
        """A credential of a person, or of a seal where the signatory's id is one's."""
        holder = holder or self.pki.official_with(not_before=self.pki.at - timedelta(days=5))
        assert isinstance(holder.key, ec.EllipticCurvePrivateKey)
        whose = Signatory(
            id=signatory_id,
            name="I Wayan Contoh" if not signatory_id.startswith("seal-") else "Dinas Contoh",
            organisation=ORGANISATION,
            organisation_identifier=ORGANISATION_ID,
        )
        secret = Secret("what the pepper is in the HSM" if whose.is_seal else PASSPHRASE)
        made = Credential(
            id=credential_id,
            signatory=whose,
            key=self.software.seal(
                holder.key, key_id=f"key of {credential_id}", signatory_id=signatory_id, passphrase=secret
            ),
            chain=holder.chain,
            state=state,
        )
        self.credentials.add(made, actor="registrar", at=self.clock())
        return made

    def lend(
        self,
        credential_id: str,
        client_id: str = CLIENT,
        *,
        documents: int = 50,
        networks: Sequence[str] = (f"{HOME}/32",),
        hours: float = 1,
    ) -> str:
        """Let a client use a seal; the permission's id."""
        life = timedelta(hours=hours)
        return self.seals.activate(credential_id, client_id, networks, documents=documents, life=life).id

    # tokens and authorisations

    def token(self, client_id: str = CLIENT, user_id: str | None = None, *, scope: str = "service") -> dict[str, str]:
        """A header with a new access token."""
        text = f"tk_{secrets.token_urlsafe(32)}"
        self.bearers.tokens[text] = Bearer(client_id=client_id, user_id=user_id, scope=scope, scopes=frozenset({scope}))
        return {"Authorization": f"Bearer {text}"}

    def approved(
        self,
        credential: Credential,
        digests: Sequence[bytes],
        *,
        client_id: str = CLIENT,
        purpose: Purpose | None = None,
        seconds: int = 300,
        state: AuthorisationState = AuthorisationState.ACTIVE,
    ) -> str:
        """The SAD of an authorisation of these digests, as the token endpoint gives it after the person's approval."""
        code, sad, handle, at = *(secrets.token_urlsafe(32) for _ in range(2)), secrets.token_hex(16), self.clock()
        name = hashlib.sha256(handle.encode()).hexdigest()
        key = self.software.open(credential.key, Secret(PASSPHRASE))
        end = at + timedelta(seconds=seconds)
        given = Activation(
            id=handle,
            credential_id=credential.id,
            client_id=client_id,
            digests=frozenset(),
            factors=("passphrase", "totp"),
            granted_at=at,
            expires_at=at + timedelta(seconds=60),
        )
        later = LaterUse(
            code_sha256=secret_hash(code),
            origin="oauth2",
            user_id=credential.signatory.id,
            request_id=secrets.token_hex(16),
            digests=tuple(AuthorisedDigest(value=each.hex(), purpose=purpose) for each in digests),
            carried=self.software.carry(key, Secret(code), owner=name),
            hard_end=end,
        )
        with self.database.transaction() as session:
            grant_in(session, given, later)
        if state is not AuthorisationState.APPROVED:
            carried = self.software.carry(key, Secret(sad), owner=name)
            hashed = secret_hash(sad)
            assert self.authorisations.exchange(name, sad_sha256=hashed, carried=carried, expires_at=end, at=at)
        if state is AuthorisationState.REVOKED:
            assert self.authorisations.revoke(name, at=at)
        return sad

    def sealed(self, credential_id: str, digests: Sequence[bytes], *, client_id: str = CLIENT, count: int = 0) -> str:
        """The SAD of a seal that is lent to the client; without digests for a `count`."""
        uses = [AuthorisedDigest(value=each.hex()) for each in digests]
        caller = Caller(client_id=client_id, user_id=None, address=HOME)
        granted = self.sealing.authorise(caller, credential_id, count or len(uses), uses, origin="csc/v2")
        return granted.sad.reveal()

    # what became of it

    def state(self, sad: str) -> tuple[AuthorisationState, int]:
        """Where an authorisation stands, and how much of it is used."""
        found = self.authorisations.behind(secret_hash(sad))
        assert found is not None
        return found.state, found.used

    def entries(self, act: Act) -> list[AuditEntry]:
        """What the trail says of one kind of act."""
        return [each for each in self.trail.entries(2**31) if each.act == act.value]
