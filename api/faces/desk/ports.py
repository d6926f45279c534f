"""What the pages for signatories need of others, in their words; the composition root gives it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Protocol

from api.oauth.allowing import Applications
from api.oauth.authorizing import Authorizing
from signer.activation import ActivationRequest, RequestedDocument
from signer.activation_requests import Asked
from signer.appointments import Appointment
from signer.code_model import CodeApplication, CodeSession, SeenSession
from signer.code_sessions import SessionTerms
from signer.consented_batch import BatchProgress
from signer.factors.model import FactorKind, Held, Proof, Session, SignedInBy
from signer.factors.own import NewAuthenticator
from signer.factors.signing_in import NewSession
from signer.flow_model import FlowStanding, Step
from signer.handing_over import Deputy
from signer.history import Wanted
from signer.looking import SeenDocument
from signer.model import Credential, Secret, SignatureRecord, SigningAct, StampPlacement
from signer.people import Official
from signer.placing import SeenPlace
from signer.round_model import Round
from signer.round_progress import MemberStanding
from signer.rounds import Checked
from signer.waiting import Waiting, WaitingKey


class Approvals(Protocol):
    """`signer.approving.Approving`."""

    def behind(self, link: str, /) -> ActivationRequest | None: ...

    def open(self, link: str, /, *, session: str, signatory_id: str) -> ActivationRequest: ...

    def document(self, request: ActivationRequest, position: int, /) -> tuple[RequestedDocument, bytes] | None: ...

    def choose(
        self, link: str, position: int, /, *, left_out: bool, session: str, signatory_id: str
    ) -> ActivationRequest: ...

    def deny(
        self, link: str, /, *, session: str, signatory_id: str, reason: str | None = None
    ) -> ActivationRequest: ...

    def approve(
        self,
        link: str,
        passphrase: Secret,
        proof: Proof,
        /,
        *,
        shown: str,
        session: str,
        signatory_id: str,
        under: Secret | None = None,
    ) -> ActivationRequest: ...


class Placing(Protocol):
    """`signer.placing.Placing`."""

    def look(self, request: ActivationRequest, position: int, /, *, page: int | None = None) -> SeenPlace | None: ...

    def own(self, request: ActivationRequest, position: int, /) -> StampPlacement | None: ...

    def place(
        self,
        link: str,
        position: int,
        wanted: StampPlacement | None,
        /,
        *,
        session: str,
        signatory_id: str,
        keep: bool = False,
    ) -> ActivationRequest: ...


class Inbox(Protocol):
    """`signer.inbox.Inbox`."""

    def waiting(self, signatory_id: str, /) -> Waiting: ...

    def ask_batch(self, signatory_id: str, batch_id: str, /) -> Asked: ...

    def ask_step(self, signatory_id: str, flow_id: str, number: int, /) -> Asked: ...

    def retry(self, signatory_id: str, batch_id: str, /) -> None: ...


class HandingOver(Protocol):
    """`signer.handing_over.HandingOver`."""

    def step(self, flow_id: str, number: int, /, *, signatory_id: str) -> tuple[FlowStanding, Step]: ...

    def deputies(self, step: Step, /) -> tuple[Deputy, ...]: ...

    def hand_over(
        self, flow_id: str, number: int, appointment_id: str, /, *, signatory_id: str, session: str
    ) -> Deputy: ...


class Looking(Protocol):
    """`signer.looking.Looking`."""

    def documents(self, signatory_id: str, key: WaitingKey, /) -> tuple[SeenDocument, ...]: ...

    def content(self, signatory_id: str, key: WaitingKey, position: int, /) -> bytes | None: ...


class History(Protocol):
    """`signer.history.History`."""

    def of(self, signatory_id: str, wanted: Wanted, /, *, after: str, limit: int) -> tuple[SignatureRecord, ...]: ...


class Rounds(Protocol):
    """`signer.rounds.Rounds`."""

    def begin(self, signatory_id: str, keys: Sequence[str], /, *, session: str) -> Round: ...

    def find(self, round_id: str, /, *, signatory_id: str) -> Round | None: ...

    def recent(self, signatory_id: str, /, *, limit: int = 5) -> tuple[Round, ...]: ...

    def check(self, found: Round, /) -> Checked: ...

    def leave_out(self, found: Round, position: int, /, *, left_out: bool, session: str) -> None: ...

    def approve(self, found: Round, passphrase: Secret, proof: Proof, /, *, shown: str, session: str) -> Round: ...


class Logins(Protocol):
    """`signer.factors.signing_in.SignIn`."""

    def begin(self, signatory_id: str | None, by: SignedInBy, /) -> NewSession: ...

    def find(self, token: str | None, /) -> Session | None: ...

    def end(self, session: Session, /) -> None: ...

    def with_code(self, signatory_id: str | None, code: Secret, /) -> NewSession: ...

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


class CodeSessionsDoor(Protocol):
    """`signer.code_sessions.CodeSessions`."""

    def applications(self) -> tuple[CodeApplication, ...]: ...

    def seen(self, signatory_id: str, /) -> tuple[SeenSession, ...]: ...

    def open(self, login: Session, terms: SessionTerms, passphrase: Secret, proof: Proof, /) -> CodeSession: ...

    def end(self, session_id: str, signatory_id: str, /) -> None: ...


class StepTurn(Enum):
    """Where an official of a document stands, seen from the one who is asked."""

    DONE = auto()
    YOURS = auto()
    LATER = auto()
    """After, or beside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLine:
    """One official of a document that several sign."""

    number: int
    act: SigningAct
    name: str
    unit: str
    turn: StepTurn
    done_at: datetime | None


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
    placing: Placing
    authorizing: Authorizing
    applications: Applications
    code_sessions: CodeSessionsDoor
    inbox: Inbox
    handing_over: HandingOver
    looking: Looking
    history: History
    credentials: Callable[[str], tuple[Credential, ...]]
    """Everything that a signatory has or had to sign with."""
    appointments: Callable[[str], tuple[Appointment, ...]]
    """The acting appointments of a signatory."""
    now: Callable[[], datetime]
    """Aware, UTC."""
    rounds: Rounds
    round_progress: Callable[[Round], tuple[MemberStanding, ...]]
    """How far a round is that was approved."""
    logins: Logins
    factors: OwnFactors
    official: Callable[[str], Official | None]
    person_at: Callable[[str], str | None]
    """Whose e-mail address this is; `None` for nobody's, for that of several people, and for a seal's."""
    client_name: Callable[[str], str]
    """The registered name of an application."""
    request_options: Callable[[ActivationRequest], str | None]
    """JSON for the passkey of the signatory of a request; `None` where there is none that may be used."""
    challenge_options: Callable[[str, bytes], str | None]
    """The same for a signatory and a challenge."""
    may_sign: Callable[[ActivationRequest], bool]
    """Whether the credential may sign now."""
    progress: Callable[[ActivationRequest], BatchProgress | None]
    """How far a batch is; `None` for what is none."""
    steps: Callable[[ActivationRequest], tuple[StepLine, ...]]
    """Everybody on the document of a step, in order; empty for what is none."""
    confirmed: Callable[[Session], bool]
    """Whether factors may be changed now."""
    picture: Callable[[bytes, int], bytes]
    """One page of a PDF as WebP, drawn in the killable process; raises `verifier.errors.VerifierError`."""
    sheets: Callable[[bytes], tuple[tuple[float, float], ...]]
    """Width and height of every page of a PDF as seen, in points; from that process too, raises the same."""
    settings: DeskSettings
