"""What `api/faces/csc` needs of others; `api/csc/build.py` fills it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from api.settings import CscSettings
from signer.authorisation import Authorisation, AuthorisedDigest
from signer.model import Secret, SignedDocument, SigningTask, ValidationData
from signer.remote_model import Caller, DigestWish, RemoteCredential, SignedDigest
from signer.remote_seals import Granted


class Bearer(Protocol):
    """`api.oauth.bearers.Bearer`: whom an access token speaks for."""

    @property
    def client_id(self) -> str: ...

    @property
    def user_id(self) -> str | None: ...

    @property
    def scope(self) -> str | None:
        """`service`, `credential`, or neither of them."""
        ...

    @property
    def authorisation(self) -> Authorisation | None: ...


class Bearers(Protocol):
    """`api.oauth.bearers.Bearers`."""

    def of(self, text: str, address: str | None, /) -> Bearer:
        """Raises `BearerUnknown` and `BearerOver`."""
        ...


class Remote(Protocol):
    """Remote signing, every act in the trail under the caller's name."""

    def listed(self, caller: Caller, /) -> tuple[RemoteCredential, ...]: ...

    def get(self, caller: Caller, credential_id: str, /) -> RemoteCredential: ...

    def sign_hashes(
        self, caller: Caller, credential_id: str, digests: Sequence[AuthorisedDigest], sad: Secret, /
    ) -> tuple[bytes, ...]: ...

    def sign_digests(
        self, caller: Caller, credential_id: str, wishes: Sequence[DigestWish], sad: Secret, /, *, validation: bool
    ) -> tuple[SignedDigest, ...]: ...

    def sign_documents(
        self, caller: Caller, credential_id: str, tasks: Sequence[SigningTask], sad: Secret, /
    ) -> tuple[SignedDocument, ...]: ...

    def validation_data(self, caller: Caller, credential_id: str, /) -> ValidationData: ...

    def authorise_seal(
        self,
        caller: Caller,
        credential_id: str,
        count: int,
        digests: Sequence[AuthorisedDigest],
        /,
        *,
        origin: str,
        pin: Secret | None,
    ) -> Granted: ...

    def extend(
        self, caller: Caller, credential_id: str, sad: Secret, digests: Sequence[AuthorisedDigest], /
    ) -> Granted: ...


class LoggedIn(Protocol):
    """`api.csc.login.LoggedIn`."""

    @property
    def access_token(self) -> str: ...

    @property
    def seconds(self) -> int: ...

    @property
    def refresh_token(self) -> str | None: ...


class Logins(Protocol):
    """`api.csc.login.PasswordLogins`."""

    def with_password(
        self, name: str, password: Secret, /, *, address: str | None, network: str, remember: bool
    ) -> LoggedIn | None: ...

    def with_refresh(self, text: str, /, *, address: str | None) -> LoggedIn | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CscServices:
    """Everything behind the doors of this face."""

    settings: CscSettings
    issuer: str
    """The authorization server's, and the base of every address; no slash at the end."""
    qualifiers: tuple[str, ...]
    """What persons' credentials are said to be (`signatureQualifier`); mostly none."""
    tls: bool
    """Whether clients may authenticate by their TLS certificate."""
    organisation: str
    """Who offers the service."""
    bearers: Bearers
    remote: Remote
    has_seals: Callable[[], bool]
    """Whether at least one seal exists."""
    timestamp: Callable[[bytes, str, int | None], bytes] | None
    """A token (DER) over a digest, made with `sha256` ..., with a nonce; `None` where ours stamps nothing."""
    stamps_signatures: bool
    """Whether any authority stamps signatures."""
    now: Callable[[], datetime]
    revoke: Callable[[str, str], bool]
    """Ends a token of a client, of whichever kind; whether there was one that lived."""
    seconds: float
    """Within which a body has to arrive."""
    logins: Logins | None
    """Logins of accounts of integrations; `None` where they are switched off."""
