"""What dealing with another CA needs of others."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol

from cryptography import x509

from signer.foreign.model import (
    AnswerState,
    ForeignAnswer,
    ForeignRequest,
    KeptStatus,
    OpenRevocation,
    RevocationRequest,
    StatusAddress,
)
from signer.model import Credential, CredentialState


class ForeignLog(Protocol):
    """What was asked of another CA, and what it answered; kept as received."""

    def add_request(self, request: ForeignRequest) -> None: ...

    def find_request(self, spki_sha256: str) -> ForeignRequest | None: ...

    def open_requests(self) -> tuple[ForeignRequest, ...]:
        """Those without an answer, oldest first."""
        ...

    def mark_exported(self, spki_sha256: Iterable[str], *, actor: str, at: datetime) -> None: ...

    def add_answer(self, answer: ForeignAnswer, *, actor: str) -> None:
        """Raises `store.errors.AlreadyExists` for a certificate that was taken in before."""
        ...

    def find_answer(self, leaf_sha256: str) -> ForeignAnswer | None: ...

    def undecided(self) -> tuple[ForeignAnswer, ...]: ...

    def decide(self, leaf_sha256: str, state: AnswerState, *, reason: str, actor: str, at: datetime) -> None:
        """Once, and only an undecided one. Raises `store.errors.IllegalMove`."""
        ...

    def note_refusal(self, reason: str, *, actor: str, at: datetime) -> None:
        """An answer that broke a rule stands in the trail."""
        ...

    def request_revocation(self, request: RevocationRequest) -> None:
        """Once a certificate; asked again, nothing changes."""
        ...

    def confirm_revocation(self, certificate: x509.Certificate, *, at: datetime) -> None: ...

    def open_revocations(self) -> tuple[OpenRevocation, ...]:
        """Each that its issuer has not shown yet, oldest first."""
        ...


class ForeignStatusStore(Protocol):
    """CRLs and OCSP answers of others, the youngest of each address."""

    def get(self, url: str, about: str = "") -> KeptStatus | None: ...

    def put(self, status: KeptStatus) -> None: ...


class StatusAddresses(Protocol):
    """Where the status of every certificate of another issuer is found: an index, so that no chain is read again."""

    def learn(self, at: datetime) -> None:
        """Take in the chains that were accepted since; their addresses are due at once."""
        ...

    def due(self, at: datetime, *, limit: int) -> tuple[StatusAddress, ...]:
        """Those to be asked now, of certificates that have not ended; the longest due first."""
        ...

    def credentials_of(self, issuer: x509.Certificate) -> Mapping[int, str]:
        """Serial number and credential of every official's certificate of `issuer`."""
        ...

    def settle(self, address: StatusAddress, *, due_at: datetime, failure: str | None) -> None:
        """It was asked; a stable word where nothing good came."""
        ...


class ExternalCredentials(Protocol):
    """The credentials that another CA certifies."""

    def get(self, credential_id: str) -> Credential | None: ...

    def list(
        self,
        *,
        state: CredentialState | None = None,
        signatory_id: str | None = None,
        after: str = "",
        limit: int = 100,
    ) -> tuple[Credential, ...]: ...

    def install_chain(
        self, credential_id: str, chain: tuple[x509.Certificate, ...], *, actor: str, at: datetime
    ) -> tuple[tuple[Credential, x509.ReasonFlags], ...]:
        """Active from now on, and what it takes over from ended with it; whose certificates are left to be revoked."""
        ...

    def set_state(self, credential_id: str, state: CredentialState, *, actor: str, at: datetime) -> None: ...
