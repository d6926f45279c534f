"""Every port of `signer/ports.py` in memory. They keep the ports' promises (counting, once-only, sealing) for real."""

import threading
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from secrets import token_bytes

from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)
from cryptography.x509.ocsp import OCSPCertStatus

from signer.authorisation import CarriedKey
from signer.document import Content, Document
from signer.errors import ActivationRefused, CredentialUnusable, PassphraseLocked, PassphraseWrong, TimestampUnavailable
from signer.model import (
    Activation,
    CertificateRequest,
    Credential,
    CredentialState,
    SealedKey,
    Secret,
    SignatureRecord,
    SigningIntent,
    SigningOutcome,
    SigningState,
    StampedToken,
    ValidationData,
    VerificationCode,
)
from signer.ports import CsrMaker
from tests.support.pki import Pki

_COST = 2**10  # scrypt, as cheap as it gets: the tests want the tag check, not the cost


class MemoryKeyVault:
    """Software P-256 keys, sealed with AES-256-GCM under a key derived from the passphrase."""

    def __init__(self) -> None:
        self.opened = 0
        """How often a passphrase was tried, right or wrong."""
        self.kek_label = "memory"

    def generate(
        self, *, key_id: str, signatory_id: str, passphrase: Secret, make_csr: CsrMaker
    ) -> tuple[SealedKey, x509.CertificateSigningRequest]:
        key = ec.generate_private_key(ec.SECP256R1())
        return self.seal(key, key_id=key_id, signatory_id=signatory_id, passphrase=passphrase), make_csr(key)

    def seal(self, key: ec.EllipticCurvePrivateKey, *, key_id: str, signatory_id: str, passphrase: Secret) -> SealedKey:
        """An existing key, as `generate` would have stored it."""
        salt, nonce = token_bytes(16), token_bytes(12)
        public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        plain = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        sealed = AESGCM(_derive(passphrase, salt)).encrypt(nonce, plain, public + key_id.encode())
        return SealedKey(
            key_id=key_id,
            signatory_id=signatory_id,
            public_key=public,
            sealed=sealed,
            nonce=nonce,
            salt=salt,
            argon2_memory_kib=0,
            argon2_passes=0,
            argon2_lanes=0,
            layer_version=1,
            pepper_label="memory",
            kek_label=self.kek_label,
            wrap_mechanism=0,
        )

    def sign_all(self, key: ec.EllipticCurvePrivateKey, digests: Sequence[bytes]) -> tuple[bytes, ...]:
        return tuple(key.sign(digest, ec.ECDSA(Prehashed(hashes.SHA256()))) for digest in digests)

    def open(self, key: SealedKey, passphrase: Secret) -> ec.EllipticCurvePrivateKey:
        self.opened += 1
        cipher = AESGCM(_derive(passphrase, key.salt))
        try:
            plain = cipher.decrypt(key.nonce, key.sealed, key.public_key + key.key_id.encode())
        except InvalidTag:
            raise PassphraseWrong("The passphrase is wrong.", field="passphrase", reason="wrong") from None
        private = load_der_private_key(plain, None)
        assert isinstance(private, ec.EllipticCurvePrivateKey)
        return private

    def reseal(self, key: SealedKey, old: Secret, new: Secret) -> SealedKey:
        return self.seal(self.open(key, old), key_id=key.key_id, signatory_id=key.signatory_id, passphrase=new)

    def carry(self, key: ec.EllipticCurvePrivateKey, secret: Secret, *, owner: str) -> CarriedKey:
        sealed = self.seal(key, key_id=owner, signatory_id=owner, passphrase=secret)
        names = ("public_key", "sealed", "nonce", "salt", "pepper_label", "kek_label", "wrap_mechanism")
        return CarriedKey(**{name: getattr(sealed, name) for name in names})

    def open_carried(self, carried: CarriedKey, secret: Secret, *, owner: str) -> ec.EllipticCurvePrivateKey:
        cost = {"argon2_memory_kib": 0, "argon2_passes": 0, "argon2_lanes": 0, "layer_version": 1}
        return self.open(SealedKey(key_id=owner, signatory_id=owner, **asdict(carried), **cost), secret)

    def require_ready(self) -> None:
        """Software is always there."""

    def is_outdated(self, key: SealedKey) -> bool:
        return key.kek_label != self.kek_label


class MemorySealKeys:
    """`signer.seals.SealKeys` in memory: no passphrase is asked for."""

    def __init__(self, software: MemoryKeyVault) -> None:
        self._software = software
        self._unasked = Secret("what the pepper is in the HSM")

    def generate_seal(
        self, *, key_id: str, signatory_id: str, make_csr: CsrMaker
    ) -> tuple[SealedKey, x509.CertificateSigningRequest]:
        return self._software.generate(
            key_id=key_id, signatory_id=signatory_id, passphrase=self._unasked, make_csr=make_csr
        )

    def open_seal(self, key: SealedKey) -> ec.EllipticCurvePrivateKey:
        return self._software.open(key, self._unasked)

    def is_outdated(self, key: SealedKey) -> bool:
        return self._software.is_outdated(key)

    def reseal_seal(self, key: SealedKey) -> SealedKey:
        return self._software.reseal(key, self._unasked, self._unasked)


def _derive(passphrase: Secret, salt: bytes) -> bytes:
    text = unicodedata.normalize("NFKC", passphrase.reveal()).encode()
    return Scrypt(salt=salt, length=32, n=_COST, r=8, p=1).derive(text)


class MemoryCredentialStore:
    """Credentials with their counters. `lock` makes counting atomic, as a transaction does in the store."""

    def __init__(self) -> None:
        self._rows: dict[str, Credential] = {}
        self._lock = threading.Lock()
        self.acts: list[tuple[str, str, CredentialState]] = []
        """Who did what: (actor, credential id, new state)."""

    def add(self, credential: Credential, *, actor: str, at: datetime) -> None:
        with self._lock:
            if credential.id in self._rows:
                raise ValueError("a credential of this id exists already")
            self._rows[credential.id] = credential
            self.acts.append((actor, credential.id, credential.state))

    def get(self, credential_id: str) -> Credential | None:
        return self._rows.get(credential_id)

    def set_state(self, credential_id: str, state: CredentialState, *, actor: str, at: datetime) -> None:
        with self._lock:
            row = self._rows[credential_id]
            if row.state in (CredentialState.REVOKED, CredentialState.RETIRED):
                raise CredentialUnusable("The credential has ended for good.", field="credential", reason="ended")
            self._rows[credential_id] = replace(row, state=state, failed_attempts=0, locked_until=None)
            self.acts.append((actor, credential_id, state))

    def begin_attempt(self, credential_id: str, *, at: datetime) -> Credential:
        with self._lock:
            row = self._rows[credential_id]
            if row.failed_attempts >= 10:
                self._rows[credential_id] = replace(row, state=CredentialState.SUSPENDED)
                raise PassphraseLocked("Ask an officer to unlock it.", field="passphrase", reason="locked", until=None)
            if row.locked_until is not None and at < row.locked_until:
                until = row.locked_until
                raise PassphraseLocked("Wait until then.", field="passphrase", reason="wait", until=until)
            failed = row.failed_attempts + 1
            wait = min(timedelta(minutes=1) * 2 ** max(failed - 5, 0), timedelta(hours=1))
            row = replace(row, failed_attempts=failed, locked_until=at + wait if failed >= 5 else None)
            self._rows[credential_id] = row
            return row

    def clear_attempts(self, credential_id: str, *, at: datetime) -> None:
        with self._lock:
            self._rows[credential_id] = replace(self._rows[credential_id], failed_attempts=0, locked_until=None)

    def install(
        self,
        credential: Credential,
        *,
        replaces: str | None,
        ended: CredentialState,
        registration_id: str | None,
        actor: str,
        at: datetime,
    ) -> None:
        self.add(credential, actor=actor, at=at)
        if replaces is not None:
            self.set_state(replaces, ended, actor=actor, at=at)
            with self._lock:
                old = self._rows[replaces]
                self._rows[replaces] = replace(old, key=replace(old.key, sealed=b"", nonce=b"", salt=b""))

    def reseal(self, credential_id: str, *, old: SealedKey, new: SealedKey, actor: str, at: datetime) -> None:
        with self._lock:
            row = self._rows[credential_id]
            if row.key != old or row.state is not CredentialState.ACTIVE:
                raise CredentialUnusable("Somebody else was first.", field="credential_id", reason="changed")
            self._rows[credential_id] = replace(row, key=new)


class MemoryActivationStore:
    """Consents; each digest of each is good once."""

    def __init__(self) -> None:
        self.granted: dict[str, Activation] = {}
        self._used: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    def grant(self, activation: Activation) -> None:
        with self._lock:
            self.granted[activation.id] = activation

    def redeem(self, activation_id: str, *, client_id: str, credential_id: str, digest: str, at: datetime) -> None:
        with self._lock:
            consent = self.granted.get(activation_id)
            covered = (
                consent is not None
                and (consent.client_id, consent.credential_id) == (client_id, credential_id)
                and digest in consent.digests
                and consent.granted_at <= at < consent.expires_at
                and (activation_id, digest) not in self._used
            )
            if not covered:
                raise ActivationRefused("The consent does not cover this.", field="activation", reason="not-covered")
            self._used.add((activation_id, digest))


class MemorySignatureLog:
    """Signings; recorded once."""

    def __init__(self) -> None:
        self.records: dict[str, SignatureRecord] = {}
        self._lock = threading.Lock()

    def reserve(self, intent: SigningIntent) -> None:
        with self._lock:
            if intent.code.token in self.records:
                raise ValueError("this code is reserved already")
            self.records[intent.code.token] = SignatureRecord(intent=intent, outcome=None)

    def record(self, code: VerificationCode, outcome: SigningOutcome) -> None:
        with self._lock:
            row = self.records[code.token]
            if row.outcome is not None:
                raise ValueError("this signing has ended already")
            self.records[code.token] = replace(row, outcome=outcome)

    def find(self, code: str) -> SignatureRecord | None:
        return next(
            (row for row in self.records.values() if code in (row.intent.code.token, row.intent.code.short)), None
        )

    def settle_abandoned(self, *, before: datetime, at: datetime) -> int:
        abandoned = [r for r in self.records.values() if r.outcome is None and r.intent.reserved_at < before]
        for row in abandoned:
            self.record(row.intent.code, SigningOutcome(state=SigningState.FAILED, at=at, failure="interrupted"))
        return len(abandoned)

    @property
    def outcomes(self) -> list[SigningOutcome | None]:
        """How each signing ended, in order of reservation."""
        return [row.outcome for row in self.records.values()]


class MemoryVault:
    """Bytes by digest."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}

    def put(self, content: Content) -> str:
        document = Document.of(content)
        self.contents.setdefault(document.sha256, document.content())
        return document.sha256

    def get(self, sha256: str) -> bytes | None:
        return self.contents.get(sha256)

    def open(self, sha256: str) -> Document | None:
        found = self.contents.get(sha256)
        return None if found is None else Document.of(found)


@dataclass(kw_only=True)
class PkiStatusSource:
    """OCSP for end entities, CRLs for every issuer, all made on the spot and kept."""

    pki: Pki
    at: datetime | None = None
    revoked: dict[int, datetime] = field(default_factory=dict)
    held: set[int] = field(default_factory=set)
    """Serial number -> time of revocation."""
    _kept: dict[int, bytes] = field(default_factory=dict)

    def status_for(self, chain: tuple[x509.Certificate, ...]) -> ValidationData:
        leaf = chain[0]
        return ValidationData(
            certificates=(*chain, self.pki.responder.certificate),
            ocsp_responses=(self._ocsp(leaf),),
            crls=(self._crl(self.pki.issuing.certificate), self._crl(self.pki.root.certificate)),
        )

    def _ocsp(self, leaf: x509.Certificate) -> bytes:
        if leaf.serial_number in self.held:
            hold = x509.ReasonFlags.certificate_hold
            return self.pki.ocsp(leaf, OCSPCertStatus.REVOKED, self.at, revoked_at=self.pki.at, reason=hold)
        when = self.revoked.get(leaf.serial_number)
        if when is not None:
            return self.pki.ocsp(leaf, OCSPCertStatus.REVOKED, self.at, revoked_at=when)
        if leaf.serial_number not in self._kept:
            self._kept[leaf.serial_number] = self.pki.ocsp(leaf, OCSPCertStatus.GOOD, self.at)
        return self._kept[leaf.serial_number]

    def _crl(self, issuer: x509.Certificate) -> bytes:
        if issuer.serial_number not in self._kept:
            holder = self.pki.root if issuer == self.pki.root.certificate else self.pki.issuing
            listed = self.revoked if holder is self.pki.issuing else {}
            self._kept[issuer.serial_number] = self.pki.crl(holder, listed, self.at)
        return self._kept[issuer.serial_number]


@dataclass(kw_only=True)
class PkiTimestamper:
    """The test PKI's unit; `broken` makes it fail as an authority that does not answer."""

    pki: Pki
    at: datetime | None = None
    broken: bool = False
    asked: int = 0
    name: str = "test"

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        return self.pki.tsu.chain

    def timestamp(self, digest: bytes, algorithm: str) -> StampedToken:
        self.asked += 1
        if self.broken:
            raise TimestampUnavailable("no answer")
        return StampedToken(token=self.pki.token(digest, algorithm, self.at), chain=self.chain)


@dataclass(kw_only=True)
class PkiIssuer:
    """The test PKI's issuing CA as a `CertificateIssuer`."""

    pki: Pki
    revoked: list[tuple[int, x509.ReasonFlags, str]] = field(default_factory=list)

    def issue(self, request: CertificateRequest) -> tuple[x509.Certificate, ...]:
        assert request.csr.is_signature_valid
        key = request.csr.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        who = request.signatory
        return self.pki.certify(key, name=who.name, opaque_id=who.id, organisation=who.organisation)

    def revoke(
        self,
        certificate: x509.Certificate,
        *,
        reason: x509.ReasonFlags,
        actor: str,
        invalid_since: datetime | None = None,
    ) -> None:
        self.revoked.append((certificate.serial_number, reason, actor))


def utc_now() -> datetime:
    """The machine's clock, for judges that look at it themselves."""
    return datetime.now(UTC)
