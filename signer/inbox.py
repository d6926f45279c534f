"""What waits for one signatory: requests of clients, batches that are prepared, steps whose turn it is."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from signer.activation_requests import Asked
from signer.batch_model import Batch
from signer.errors import BatchUnknown, FlowRefused
from signer.flow_model import FlowStanding
from signer.ports import CredentialStore
from signer.waiting import Waiting


class WaitingStore(Protocol):
    """Where it is looked up."""

    def of(self, signatory_id: str, /, *, at: datetime) -> Waiting: ...


class Batches(Protocol):
    """`signer.batch.BatchService` with its store, as far as it is needed here."""

    def find(self, batch_id: str, /) -> Batch | None: ...

    def retry(self, batch_id: str, client_id: str, /) -> Batch: ...


class Flows(Protocol):
    """`signer.workflow.FlowStore`, as far as it is needed here."""

    def get(self, flow_id: str, /) -> FlowStanding | None: ...


class BatchAsking(Protocol):
    """`signer.consented_batch.BatchConsents`."""

    def ask(self, client_id: str, batch_id: str, /) -> Asked: ...


class StepAsking(Protocol):
    """`signer.consented_step.StepConsents`."""

    def ask(self, client_id: str, flow_id: str, number: int, /) -> Asked: ...


class Inbox:
    """For one signatory who is logged in; what is another one's does not exist. `now` gives aware UTC."""

    def __init__(
        self,
        *,
        store: WaitingStore,
        credentials: CredentialStore,
        batches: Batches,
        flows: Flows,
        ask_batch: BatchAsking,
        ask_step: StepAsking,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._credentials = credentials
        self._batches = batches
        self._flows = flows
        self._ask_batch = ask_batch
        self._ask_step = ask_step
        self._now = now

    def waiting(self, signatory_id: str) -> Waiting:
        """What waits at this moment."""
        return self._store.of(signatory_id, at=self._now())

    def ask_batch(self, signatory_id: str, batch_id: str) -> Asked:
        """A request for what is unsigned of a batch of theirs; raises as `BatchConsents.ask`."""
        batch = self._own_batch(signatory_id, batch_id)
        return self._ask_batch.ask(batch.terms.client_id, batch.id)

    def ask_step(self, signatory_id: str, flow_id: str, number: int) -> Asked:
        """A request for a step of theirs; raises as `StepConsents.ask`."""
        standing = self._flows.get(flow_id)
        steps = standing.flow.steps if standing is not None else ()
        own = any(each.number == number and self._is_own(signatory_id, each.credential_id) for each in steps)
        if standing is None or not own:
            raise FlowRefused("There is no such step.", field="step", reason="unknown-step")
        return self._ask_step.ask(standing.flow.client_id, flow_id, number)

    def retry(self, signatory_id: str, batch_id: str) -> None:
        """What failed of a batch of theirs begins anew, and waits for a new consent; raises `BatchRefused`."""
        batch = self._own_batch(signatory_id, batch_id)
        self._batches.retry(batch.id, batch.terms.client_id)

    def _own_batch(self, signatory_id: str, batch_id: str) -> Batch:
        batch = self._batches.find(batch_id)
        if batch is None or batch.seal is not None or not self._is_own(signatory_id, batch.terms.credential_id):
            raise BatchUnknown("There is no such batch.", field="batch", reason="unknown")
        return batch

    def _is_own(self, signatory_id: str, credential_id: str) -> bool:
        credential = self._credentials.get(credential_id)
        return credential is not None and credential.signatory.id == signatory_id
