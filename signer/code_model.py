"""The nouns of signing with codes: sessions that officials open, and the codes in them."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from signer.authorisation import CarriedKey
from signer.errors import CodeRefused
from signer.factors.model import SealedSeed


class SessionEnd(StrEnum):
    """Why a session is over before its time."""

    REVOKED = "revoked"
    """Its official said so."""
    REPLACED = "replaced"
    """Its official opened another one for the same application."""
    WRONG_CODES = "wrong-codes"
    CREDENTIAL = "credential"
    """The official's credential was suspended, replaced or ended, or its passphrase or factors were changed."""
    APPLICATION = "application"
    """The API credential was switched off, removed, given another password, or allowed codes no more."""
    OVER = "over"
    """Its time came, or its documents are used up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeUse:
    """One call that signed in a session."""

    at: datetime
    documents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeSession:
    """One session, without its key."""

    id: str
    signatory_id: str
    credential_id: str
    user_name: str
    """Of the API credential that it is open for."""
    client_id: str
    documents: int
    """How many may be signed in it."""
    used: int = 0
    wrong: int = 0
    """Wrong codes in it."""
    opened_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    ended_for: SessionEnd | None = None

    def is_open(self, at: datetime) -> bool:
        """Whether something may be signed in it at `at` (aware), as far as its time says."""
        return self.ended_at is None and self.opened_at <= at < self.expires_at


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionKey:
    """The key of a session as the database holds it; gone as soon as the session is over."""

    carried: CarriedKey
    secret: SealedSeed = field(repr=False)
    """Under what the key is carried, sealed by the HSM."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeApplication:
    """An API credential that an administrator allowed codes."""

    user_name: str
    client_id: str
    name: str
    """Of its application."""
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenSession:
    """A session as its official sees it."""

    session: CodeSession
    application: str
    uses: tuple[CodeUse, ...]
    """The newest first."""
    open: bool = False
    """Whether something may be signed in it now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningCode:
    """One code, without the code."""

    id: str
    session_id: str
    code_hash: str = field(repr=False)
    files: int
    """How many one call may have signed."""
    wrong: int = 0
    made_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    used_for: str | None = None
    """What the call was that used it up (hex)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeAsker:
    """Which API credential asks for a code of whom."""

    user_name: str
    credential_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeCall(CodeAsker):
    """One call that signs."""

    files: int
    call: str
    """What makes two calls the same (hex)."""
    repeated_since: datetime
    """The same call after this moment gets the first answer again."""


def no_session() -> CodeRefused:
    """No session is open, whatever the cause: never opened, over, ended, for another application."""
    return CodeRefused("The official has opened no session for codes.", field="totp", reason="no-session")


def used_up() -> CodeRefused:
    """The session has room for fewer documents."""
    return CodeRefused("The session has room for fewer documents.", field="file", reason="session-used-up")
