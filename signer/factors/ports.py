"""What checking and changing factors needs of others. Each change and its audit entry are one transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from signer.factors.model import Authenticator, FactorKind, Held, Passkey, SealedSeed, Session
from signer.model import Secret


class SeedVault(Protocol):
    """Where small secrets are sealed, bound to their owner."""

    def seal(self, secret: bytes, *, owner: str) -> SealedSeed:
        """Under today's pepper; raises `signer.errors.KeyUnavailable`."""
        ...

    def open(self, sealed: SealedSeed, *, owner: str) -> bytes:
        """Raises `signer.errors.KeyUnavailable`, for a seed of another owner as well."""
        ...

    def is_outdated(self, sealed: SealedSeed) -> bool:
        """Whether a newer pepper exists."""
        ...


class FactorStore(Protocol):
    """What is remembered of factors. What happens to them is told to the person through an outbox, in the same
    transaction."""

    def held(self, signatory_id: str) -> Held: ...

    def passkey(self, credential_id: bytes) -> Passkey | None:
        """By the id that the authenticator gave it."""
        ...

    def begin_attempt(self, signatory_id: str, kind: FactorKind, *, at: datetime) -> bool:
        """Count one attempt *before* it is made; `False` (nothing counted) while the kind waits or is locked.

        The refusal is in the trail. The tenth failure locks, except `SIGN_IN`, which only ever waits.
        """
        ...

    def clear_attempts(self, signatory_id: str, kind: FactorKind, *, at: datetime) -> None:
        """It was right: the count of this kind, and of no other, starts anew."""
        ...

    def accept_step(self, factor_id: str, step: int, *, at: datetime) -> bool:
        """Remember the step of a right code, unless it or a later one was used: one conditional update."""
        ...

    def accept_count(self, factor_id: str, sign_count: int, *, at: datetime) -> bool:
        """Remember a passkey's signature counter, unless it did not grow: then there are two of it. The person is
        told."""
        ...

    def move_seed(self, factor_id: str, *, old: SealedSeed, new: SealedSeed) -> None:
        """The same seed under a newer pepper; nothing where `old` is not what is kept."""
        ...

    def propose(self, authenticator: Authenticator, *, at: datetime) -> None:
        """An authenticator that has not yet shown a code, in place of an earlier proposal."""
        ...

    def proposed(self, signatory_id: str) -> Authenticator | None: ...

    def confirm(self, authenticator: Authenticator, step: int, *, at: datetime) -> bool:
        """The proposal becomes the person's authenticator, in place of an earlier one; `False` where it is gone."""
        ...

    def add_passkey(self, passkey: Passkey, *, at: datetime) -> None:
        """Raises `signer.errors.FactorRefused` for one that is registered."""
        ...

    def remove(self, signatory_id: str, factor_id: str, *, at: datetime) -> None:
        """Raises `signer.errors.FactorRefused` for an unknown one, and for the last one."""
        ...

    def unlock(self, signatory_id: str, kind: FactorKind, *, actor: str, at: datetime) -> None: ...

    def replace_codes(self, signatory_id: str, hashes: Sequence[str], *, at: datetime) -> None:
        """New recovery codes (SHA-256, hex) in place of all earlier ones."""
        ...

    def owner_of_code(self, code_sha256: str) -> str | None:
        """Whose an unused recovery code is."""
        ...

    def use_code(self, code_sha256: str, *, of: str | None, at: datetime) -> str | None:
        """Use a recovery code up, of that signatory where one is named: whose it was, or `None`. One conditional
        update; the person is told."""
        ...

    def reset(self, signatory_id: str, *, actor: str, at: datetime) -> None:
        """Every second factor, code, counter and login of the person goes."""
        ...


class LinkStore(Protocol):
    """One-time links to the page of factors; kept as SHA-256, hex."""

    def issue(self, signatory_id: str, token_sha256: str, *, expires_at: datetime, actor: str, at: datetime) -> None:
        """In place of every earlier one."""
        ...

    def find(self, token_sha256: str, *, at: datetime) -> str | None:
        """Whose it is, where it is neither used nor expired."""
        ...

    def claim(self, token_sha256: str, *, at: datetime) -> str | None:
        """Use it up in one conditional update."""
        ...


class PasswordStore(Protocol):
    """Passwords of staff, hashed slowly."""

    def password(self, staff_id: str) -> str | None:
        """Of an active account that has one."""
        ...

    def replace_password(self, staff_id: str, hashed: str, *, keeping: str, at: datetime) -> None:
        """Another one; every login of the account but the one of the id `keeping` ends."""
        ...


class PasswordHashing(Protocol):
    """How passwords of people are kept: slow to guess (RFC 9106)."""

    def hashed(self, password: Secret) -> str: ...

    def fits(self, hashed: str | None, password: Secret) -> bool:
        """`None`: there is nothing to compare, which takes as long. Raises `signer.errors.KeyUnavailable` where too
        many wait."""
        ...


class SessionStore(Protocol):
    """Logins of people, by the SHA-256 (hex) of what their browser holds."""

    def begin(self, session: Session, *, at: datetime) -> None: ...

    def find(self, session_id: str, *, at: datetime, idle_since: datetime) -> Session | None:
        """One that has neither expired nor been unused since `idle_since`; its use is remembered."""
        ...

    def confirm(self, session_id: str, *, until: datetime, at: datetime) -> None: ...

    def challenge(self, session_id: str, challenge: bytes) -> None:
        """What the next answer of a passkey has to be over."""
        ...

    def take_challenge(self, session_id: str) -> bytes | None:
        """The same, once: one conditional update."""
        ...

    def end(self, session_id: str, *, at: datetime) -> None: ...
