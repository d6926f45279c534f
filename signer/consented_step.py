"""Consent to a step of a flow: put before its official when it is their turn, signed, or returned with a reason."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from signer.activation import ActivationRequest, DocumentWish, RequestedDocument
from signer.activation_requests import ActivationRequests, Asked, RequestStore, shown_name
from signer.acts import Examined
from signer.consented_documents import Redeeming, told
from signer.errors import ActivationRefused, FlowRefused
from signer.flow_model import FlowStanding
from signer.model import Activation, FlowStep, OpenKey, SignedDocument, SigningTask, StampPlacement
from signer.opening import usable_credential
from signer.ports import CredentialStore, DocumentVault


class Flows(Protocol):
    """`signer.workflow.Flows`, as far as a consent needs it."""

    def get(self, flow_id: str, /, *, client_id: str) -> FlowStanding | None: ...

    def task(self, standing: FlowStanding, number: int, /) -> SigningTask: ...

    def sign_opened(
        self,
        standing: FlowStanding,
        number: int,
        key: OpenKey,
        redeem: Callable[[str], None],
        /,
        *,
        placed: StampPlacement | None = None,
    ) -> SignedDocument: ...

    def stop(self, standing: FlowStanding, /, *, step: int, reason: str, actor: str) -> FlowStanding: ...


class StepConsents:
    """Asks for consent to steps. `now` gives aware UTC; `rehearse`: `signer.acts.SigningActs.rehearse`."""

    def __init__(
        self,
        *,
        asking: ActivationRequests,
        flows: Flows,
        credentials: CredentialStore,
        rehearse: Callable[[SigningTask], Examined],
        now: Callable[[], datetime],
    ) -> None:
        self._asking = asking
        self._flows = flows
        self._credentials = credentials
        self._rehearse = rehearse
        self._now = now

    def ask(self, client_id: str, flow_id: str, number: int) -> Asked:
        """A request for one step, in its turn, with the document as it stands now.

        Raises `FlowRefused` where it is not its turn, and as `SigningActs.rehearse`.
        """
        standing = self._flows.get(flow_id, client_id=client_id)
        if standing is None:
            raise FlowRefused("No document of yours has this id.", field="document", reason="unknown")
        task = self._flows.task(standing, number)
        credential = usable_credential(self._credentials, task.credential_id, at=self._now())
        examined = self._rehearse(task)
        letter = task.letter
        listed = RequestedDocument(
            position=1,
            digest=examined.intake.sha256,
            name=shown_name(letter.subject, letter.number, letter.external_id, otherwise="Surat"),
            wish=DocumentWish(
                level=task.level,
                stamp=task.stamp,
                footer=task.footer,
                reason=task.reason,
                signed_as=task.signed_as,
                letter=letter,
                act=task.act,
                certify=task.certify,
                lock=task.lock,
            ),
            pages=examined.intake.page_count,
        )
        return self._asking.put(client_id, credential, (listed,), flow=task.flow)


class ConsentedStep:
    """`signer.approving.Target` for a step of a flow."""

    def __init__(self, *, requests: RequestStore, flows: Flows, vault: DocumentVault, redeeming: Redeeming) -> None:
        self._requests = requests
        self._flows = flows
        self._vault = vault
        self._redeeming = redeeming

    def document(self, _: ActivationRequest, listed: RequestedDocument) -> bytes | None:
        """As it stood when the request was made."""
        return self._vault.get(listed.digest)

    def require_ready(self, request: ActivationRequest) -> None:
        """Raises `FlowRefused` where it is not its turn any more, `ActivationRefused` where another step was signed
        meanwhile: the document is another one than the one that was shown."""
        task = self._flows.task(self.standing(request), _place(request).number)
        if task.flow != request.flow:
            raise ActivationRefused(
                "The document was signed by somebody else meanwhile. Ask anew.", field="activation", reason="changed"
            )

    def sign(self, request: ActivationRequest, activation: Activation, key: OpenKey) -> None:
        """With the flow's certification, under its own place in the log; of two who sign at once exactly one does."""
        place = _place(request)

        def sign(listed: RequestedDocument) -> SignedDocument:
            redeem = self._redeeming.of(activation)
            return self._flows.sign_opened(self.standing(request), place.number, key, redeem, placed=listed.placed)

        told(self._requests, request, request.documents[0], sign)

    def returned(self, request: ActivationRequest, reason: str | None) -> None:
        """It stops the flow for everybody. Raises `FlowRefused` where it has ended or is being signed."""
        self._flows.stop(
            self.standing(request), step=_place(request).number, reason=reason or "", actor=request.signatory_id
        )

    def standing(self, request: ActivationRequest) -> FlowStanding:
        """The flow, and how far it has come."""
        found = self._flows.get(_place(request).flow_id, client_id=request.client_id)
        if found is None:
            raise FlowRefused("There is no such document any more.", field="document", reason="unknown")
        return found


def _place(request: ActivationRequest) -> FlowStep:
    if request.flow is None:
        raise ValueError("the request is about no step")
    return request.flow
