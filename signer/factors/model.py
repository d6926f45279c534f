"""The nouns of factors. Frozen; times are aware and in UTC. No seed and no code is ever shown by a `repr`."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from signer.model import Secret


class FactorKind(StrEnum):
    """What a person proves with, and what has a counter of its own. The passphrase's is with the credential."""

    TOTP = "totp"
    """A code of an authenticator (RFC 6238)."""
    PASSKEY = "passkey"
    """A key on a device that recognised its holder (WebAuthn Level 3)."""
    RECOVERY = "recovery-code"
    """One of ten codes on paper; opens the page of factors, never a signature."""
    SIGN_IN = "sign-in"
    """A code of the authenticator as a login. A counter of its own, so that no login can lock a factor for signing."""


class FactorEvent(StrEnum):
    """What the person is told about their factors, and about what others do with codes that they allowed."""

    ADDED = "factor-added"
    REMOVED = "factor-removed"
    LOCKED = "factor-locked"
    UNLOCKED = "factor-unlocked"
    CLONED = "passkey-cloned"
    CODES_MADE = "recovery-codes-made"
    CODE_USED = "recovery-code-used"
    RESET = "factors-reset"
    CODE_SESSION_OPENED = "code-session-opened"
    CODE_SESSION_USED = "code-session-used"
    CODE_SESSION_ENDED = "code-session-ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedSeed:
    """A TOTP seed as the database holds it: AES-256-GCM under a key that only the HSM can derive."""

    sealed: bytes = field(repr=False)
    nonce: bytes
    salt: bytes
    pepper_label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Authenticator:
    """A person's authenticator."""

    id: str
    signatory_id: str
    label: str
    seed: SealedSeed = field(repr=False)
    last_step: int
    """The newest 30-second step whose code was accepted; none at or before it is accepted again."""
    added_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """A person's passkey."""

    id: str
    signatory_id: str
    label: str
    credential_id: bytes
    public_key: bytes
    """COSE_Key (RFC 9052, 7), as the authenticator gave it."""
    sign_count: int
    """0 for those that do not count."""
    added_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """Failures of one person with one kind of factor since the last success."""

    kind: FactorKind
    failures: int
    waits_until: datetime | None
    locked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Everything that one person has."""

    authenticator: Authenticator | None
    passkeys: tuple[Passkey, ...]
    counters: tuple[Counter, ...]
    recovery_codes: int
    """How many are left."""

    @property
    def second(self) -> bool:
        """Whether there is a factor besides the passphrase."""
        return self.authenticator is not None or bool(self.passkeys)

    def locked(self, kind: FactorKind) -> bool:
        """Whether that kind is locked until somebody unlocks it."""
        return any(each.kind is kind and each.locked for each in self.counters)

    @property
    def usable(self) -> frozenset[FactorKind]:
        """The kinds that can sign now, waits aside; none: the credential stands as locked."""
        has = {FactorKind.TOTP: self.authenticator is not None, FactorKind.PASSKEY: bool(self.passkeys)}
        return frozenset(kind for kind, there in has.items() if there and not self.locked(kind))


@dataclass(frozen=True, slots=True, kw_only=True)
class TotpProof:
    """A code that somebody typed."""

    code: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyProof:
    """What `navigator.credentials.get()` gave, as JSON."""

    assertion: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryProof:
    """A recovery code that somebody typed."""

    code: Secret


Proof = TotpProof | PasskeyProof | RecoveryProof


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What was verified, in a form that can be verified again."""

    kind: FactorKind
    factor_id: str
    client_data: bytes | None = None
    """Passkeys only: the JSON that was signed over; it holds the challenge."""
    authenticator_data: bytes | None = None
    signature: bytes | None = None


class SignedInBy(StrEnum):
    """What a login rests on."""

    NOBODY = "nobody"
    """Not logged in yet: it only holds the challenge of a passkey."""
    LINK = "link"
    """A one-time link and the passphrase."""
    TOTP = "totp"
    PASSKEY = "passkey"
    RECOVERY = "recovery-code"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One browser of one person."""

    id: str
    """SHA-256, hex, of the secret in the browser."""
    signatory_id: str | None
    by: SignedInBy
    began_at: datetime
    expires_at: datetime
    confirmed_until: datetime | None = None
    """Until then passphrase and second factor need not be shown again to change factors."""

    def confirmed(self, at: datetime) -> bool:
        """Whether factors may be changed at `at` (aware)."""
        return self.confirmed_until is not None and at < self.confirmed_until
