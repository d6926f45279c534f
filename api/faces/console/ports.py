"""What the console needs of others, in its words; the composition root gives it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from api.failed_logins import FailedLogins
from api.office.build import People
from api.services import Services
from signer.factors.model import FactorKind, Held, Proof, RecoveryProof, Session, SignedInBy, TotpProof
from signer.factors.own import NewAuthenticator
from signer.factors.signing_in import NewSession
from signer.model import Secret


class Logins(Protocol):
    """`signer.factors.staff.StaffEntrance`."""

    def begin(self, signatory_id: str | None, by: SignedInBy, /) -> NewSession: ...

    def find(self, token: str | None, /) -> Session | None: ...

    def end(self, session: Session, /) -> None: ...

    def enter(self, staff_id: str, /) -> NewSession: ...

    def complete(self, session: Session, /) -> bool: ...

    def with_password(self, staff_id: str, password: Secret, proof: TotpProof | RecoveryProof, /) -> NewSession: ...

    def passkey_options(self, session: Session, /) -> str: ...

    def with_passkey(self, session: Session, assertion: str, /) -> NewSession: ...

    def confirm(self, session: Session, password: Secret, proof: Proof, /) -> None: ...

    def hashed(self, password: Secret, /, *, own_words: tuple[str, ...]) -> str: ...

    def change_password(self, session: Session, password: Secret, /, *, own_words: tuple[str, ...]) -> None: ...


class OwnFactors(Protocol):
    """`signer.factors.own.OwnFactors`."""

    def held(self, session: Session, /) -> Held: ...

    def confirm_options(self, session: Session, /) -> str | None: ...

    def start_authenticator(self, session: Session, /) -> NewAuthenticator: ...

    def finish_authenticator(self, session: Session, code: Secret, /) -> None: ...

    def start_passkey(self, session: Session, /) -> str: ...

    def finish_passkey(self, session: Session, answer: str, label: str, /) -> None: ...

    def remove(self, session: Session, factor_id: str, /) -> None: ...

    def unlock(self, session: Session, kind: FactorKind, /) -> None: ...

    def new_codes(self, session: Session, /) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleSettings:
    """Names that the pages say about this house."""

    office: str
    domain: str
    public_url: str
    secure: bool
    """Whether browsers reach us by HTTPS: then the cookie never travels otherwise."""
    service: str = "Teken"
    utc_offset_hours: int = 8
    report_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleDoors:
    """Everything behind these pages."""

    logins: Logins
    factors: OwnFactors
    failed: FailedLogins
    people: People
    services: Services
    now: Callable[[], datetime]
    settings: ConsoleSettings
