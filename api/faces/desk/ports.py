"""What the pages for signatories need of others, in their words; the composition root gives it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from signer.activation import ActivationRequest, RequestedDocument
from signer.factors.enrolment import NewAuthenticator
from signer.factors.model import FactorKind, Held, Proof, Session, SignedInBy
from signer.factors.signing_in import NewSession
from signer.model import Secret
from signer.people import Official


class Approvals(Protocol):
    """`signer.approving.Approving`."""

    def behind(self, link: str, /) -> ActivationRequest | None: ...

    def open(self, link: str, /, *, session: str, signatory_id: str) -> ActivationRequest: ...

    def document(self, request: ActivationRequest, position: int, /) -> tuple[RequestedDocument, bytes] | None: ...

    def deny(self, link: str, /, *, session: str, signatory_id: str) -> ActivationRequest: ...

    def approve(
        self, link: str, passphrase: Secret, proof: Proof, /, *, session: str, signatory_id: str
    ) -> ActivationRequest: ...


class Logins(Protocol):
    """`signer.factors.signing_in.SignIn`."""

    def begin(self, signatory_id: str | None, by: SignedInBy, /) -> NewSession: ...

    def find(self, token: str | None, /) -> Session | None: ...

    def end(self, session: Session, /) -> None: ...

    def with_code(self, signatory_id: str, code: Secret, /) -> NewSession: ...

    def passkey_options(self, session: Session, /) -> str: ...

    def with_passkey(self, session: Session, assertion: str, /) -> NewSession: ...

    def with_recovery(self, code: Secret, /) -> NewSession: ...


class OwnFactors(Protocol):
    """`signer.factors.enrolment.FactorDesk`."""

    def behind(self, link: str, /) -> Official: ...

    def claim(self, link: str, passphrase: Secret, /) -> NewSession: ...

    def confirm_options(self, session: Session, /) -> str | None: ...

    def confirm(self, session: Session, passphrase: Secret, proof: Proof | None, /) -> None: ...

    def held(self, session: Session, /) -> Held: ...

    def start_authenticator(self, session: Session, /) -> NewAuthenticator: ...

    def finish_authenticator(self, session: Session, code: Secret, /) -> None: ...

    def start_passkey(self, session: Session, /) -> str: ...

    def finish_passkey(self, session: Session, answer: str, label: str, /) -> None: ...

    def remove(self, session: Session, factor_id: str, /) -> None: ...

    def unlock(self, session: Session, kind: FactorKind, /) -> None: ...

    def new_codes(self, session: Session, /) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskSettings:
    """Names that the pages say about this house."""

    office: str
    domain: str
    secure: bool
    """Whether browsers reach us by HTTPS: then the cookie never travels otherwise."""
    service: str = "Teken"
    utc_offset_hours: int = 8
    report_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskDoors:
    """Everything behind these pages."""

    approvals: Approvals
    logins: Logins
    factors: OwnFactors
    official: Callable[[str], Official | None]
    client_name: Callable[[str], str]
    """The registered name of an application."""
    request_options: Callable[[ActivationRequest], str | None]
    """JSON for the passkey of the signatory of a request; `None` where there is none that may be used."""
    may_sign: Callable[[ActivationRequest], bool]
    """Whether the credential may sign now."""
    confirmed: Callable[[Session], bool]
    """Whether factors may be changed now."""
    picture: Callable[[bytes, int], bytes]
    """One page of a PDF as WebP, drawn in the killable process; raises `verifier.errors.VerifierError`."""
    settings: DeskSettings
