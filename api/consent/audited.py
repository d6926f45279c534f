"""The same services, where every audit entry names who acts: the client that asked, or the signatory."""

from collections.abc import Sequence
from contextlib import AbstractContextManager

from signer.activation import ActivationRequest
from signer.activation_requests import ActivationRequests, Asked, WantedDocument
from signer.approving import Approving
from signer.authorisation import AuthorisedDigest
from signer.code_model import CodeSession
from signer.code_sessions import CodeSessions, SessionTerms
from signer.consented_batch import BatchConsents
from signer.consented_step import StepConsents
from signer.factors.model import Proof, Session
from signer.handing_over import Deputy, HandingOver
from signer.inbox import Inbox
from signer.model import Secret, StampPlacement
from signer.placing import Placing
from signer.round_model import Round
from signer.rounds import Rounds
from signer.waiting import Waiting
from store.audit import Origin, acting


class AuditedRequests:
    """What clients ask of signatories."""

    def __init__(self, requests: ActivationRequests, batches: BatchConsents, steps: StepConsents) -> None:
        self._requests = requests
        self._batches = batches
        self._steps = steps
        self.read = requests.read

    def ask(self, client_id: str, credential_id: str, documents: tuple[WantedDocument, ...]) -> Asked:
        """As `ActivationRequests.ask`."""
        with _client(client_id):
            return self._requests.ask(client_id, credential_id, documents)

    def ask_hashes(
        self,
        client_id: str,
        credential_id: str,
        digests: Sequence[AuthorisedDigest],
        *,
        origin: str,
        description: str | None = None,
    ) -> Asked:
        """As `ActivationRequests.ask_hashes`."""
        with _client(client_id):
            return self._requests.ask_hashes(client_id, credential_id, digests, origin=origin, description=description)

    def ask_batch(self, client_id: str, batch_id: str) -> Asked:
        """As `BatchConsents.ask`."""
        with _client(client_id):
            return self._batches.ask(client_id, batch_id)

    def ask_step(self, client_id: str, flow_id: str, number: int) -> Asked:
        """As `StepConsents.ask`."""
        with _client(client_id):
            return self._steps.ask(client_id, flow_id, number)

    def asked_again(self, client_id: str, request_id: str) -> Asked | None:
        """As `ActivationRequests.asked_again`."""
        return self._requests.asked_again(client_id, request_id)

    def receive(self, client_id: str, request_id: str, position: int, pdf: bytes) -> ActivationRequest:
        """As `ActivationRequests.receive`."""
        with _client(client_id):
            return self._requests.receive(client_id, request_id, position, pdf)


class AuditedApproving:
    """`Approving`, where every audit entry names the signatory."""

    def __init__(self, approving: Approving) -> None:
        self._approving = approving
        self.behind = approving.behind
        self.document = approving.document

    def open(self, link: str, *, session: str, signatory_id: str) -> ActivationRequest:
        """As `Approving.open`."""
        with _signatory(signatory_id):
            return self._approving.open(link, session=session, signatory_id=signatory_id)

    def choose(self, link: str, position: int, *, left_out: bool, session: str, signatory_id: str) -> ActivationRequest:
        """As `Approving.choose`."""
        with _signatory(signatory_id):
            return self._approving.choose(link, position, left_out=left_out, session=session, signatory_id=signatory_id)

    def deny(self, link: str, *, session: str, signatory_id: str, reason: str | None = None) -> ActivationRequest:
        """As `Approving.deny`."""
        with _signatory(signatory_id):
            return self._approving.deny(link, session=session, signatory_id=signatory_id, reason=reason)

    def approve(
        self,
        link: str,
        passphrase: Secret,
        proof: Proof,
        *,
        shown: str,
        session: str,
        signatory_id: str,
        under: Secret | None = None,
    ) -> ActivationRequest:
        """As `Approving.approve`."""
        with _signatory(signatory_id):
            return self._approving.approve(
                link, passphrase, proof, shown=shown, session=session, signatory_id=signatory_id, under=under
            )


class AuditedPlacing:
    """`Placing`, where every audit entry names the signatory."""

    def __init__(self, placing: Placing) -> None:
        self._placing = placing
        self.look = placing.look
        self.own = placing.own

    def place(
        self,
        link: str,
        position: int,
        wanted: StampPlacement | None,
        *,
        session: str,
        signatory_id: str,
        keep: bool = False,
    ) -> ActivationRequest:
        """As `Placing.place`."""
        with _signatory(signatory_id):
            return self._placing.place(link, position, wanted, session=session, signatory_id=signatory_id, keep=keep)


class AuditedCodeSessions:
    """`CodeSessions`, where every audit entry names the signatory."""

    def __init__(self, sessions: CodeSessions) -> None:
        self._sessions = sessions
        self.applications = sessions.applications
        self.seen = sessions.seen

    def open(self, login: Session, terms: SessionTerms, passphrase: Secret, proof: Proof) -> CodeSession:
        """As `CodeSessions.open`."""
        with _signatory(login.signatory_id or ""):
            return self._sessions.open(login, terms, passphrase, proof)

    def end(self, session_id: str, signatory_id: str) -> None:
        """As `CodeSessions.end`."""
        with _signatory(signatory_id):
            self._sessions.end(session_id, signatory_id)


class AuditedInbox:
    """`Inbox`, where every audit entry names the signatory."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    def waiting(self, signatory_id: str) -> Waiting:
        """As `Inbox.waiting`."""
        return self._inbox.waiting(signatory_id)

    def ask_batch(self, signatory_id: str, batch_id: str) -> Asked:
        """As `Inbox.ask_batch`."""
        with _signatory(signatory_id):
            return self._inbox.ask_batch(signatory_id, batch_id)

    def ask_step(self, signatory_id: str, flow_id: str, number: int) -> Asked:
        """As `Inbox.ask_step`."""
        with _signatory(signatory_id):
            return self._inbox.ask_step(signatory_id, flow_id, number)

    def retry(self, signatory_id: str, batch_id: str) -> None:
        """As `Inbox.retry`."""
        with _signatory(signatory_id):
            self._inbox.retry(signatory_id, batch_id)


class AuditedHandingOver:
    """`HandingOver` by officials of what is theirs, where every audit entry names them."""

    def __init__(self, handing_over: HandingOver) -> None:
        self._handing_over = handing_over
        self.step = handing_over.step
        self.deputies = handing_over.deputies

    def hand_over(self, flow_id: str, number: int, appointment_id: str, *, signatory_id: str, session: str) -> Deputy:
        """As `HandingOver.hand_over`."""
        with _signatory(signatory_id):
            return self._handing_over.hand_over(
                flow_id, number, appointment_id, signatory_id=signatory_id, session=session
            )


class AuditedRounds:
    """`Rounds`, where every audit entry names the signatory."""

    def __init__(self, rounds: Rounds) -> None:
        self._rounds = rounds
        self.find = rounds.find
        self.recent = rounds.recent
        self.check = rounds.check

    def begin(self, signatory_id: str, keys: Sequence[str], *, session: str) -> Round:
        """As `Rounds.begin`."""
        with _signatory(signatory_id):
            return self._rounds.begin(signatory_id, keys, session=session)

    def leave_out(self, found: Round, position: int, *, left_out: bool, session: str) -> None:
        """As `Rounds.leave_out`."""
        with _signatory(found.signatory_id):
            self._rounds.leave_out(found, position, left_out=left_out, session=session)

    def approve(self, found: Round, passphrase: Secret, proof: Proof, *, shown: str, session: str) -> Round:
        """As `Rounds.approve`."""
        with _signatory(found.signatory_id):
            return self._rounds.approve(found, passphrase, proof, shown=shown, session=session)


def _client(client_id: str) -> AbstractContextManager[None]:
    return acting(Origin(actor=client_id, role="client"))


def _signatory(signatory_id: str) -> AbstractContextManager[None]:
    return acting(Origin(actor=signatory_id, role="signatory"))
