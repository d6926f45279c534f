"""A look at what waits, before anything is asked or opened: its documents as they stand, for their signatory alone."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from signer.activation import ActivationRequest, RequestedDocument
from signer.activation_requests import shown_name
from signer.batch_model import Batch, BatchItem, ItemState
from signer.flow_model import FlowStanding
from signer.model import LetterMetadata
from signer.ports import CredentialStore, DocumentVault
from signer.waiting import WaitingKey, WaitingKind

MOST: Final = 50
"""Documents of a batch that are listed beside the inbox; its consent lists them all."""
_UNSIGNED: Final = (ItemState.RECEIVED, ItemState.PREPARED, ItemState.RESERVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenDocument:
    """One document of what waits."""

    position: int
    """From 1."""
    name: str
    letter: LetterMetadata
    pages: int | None
    """`None` where nobody has counted them yet."""


class Requests(Protocol):
    """`signer.activation_requests.RequestStore` with its documents, as far as a look needs them."""

    def find(self, request_id: str, /) -> ActivationRequest | None: ...


class Batches(Protocol):
    """A batch by its id, whosever it is."""

    def find(self, batch_id: str, /) -> Batch | None: ...


class BatchItems(Protocol):
    """`signer.batch_ports.BatchItems`, as far as a look needs it."""

    def items(self, batch_id: str, /, *, state: ItemState | None, after: int, limit: int) -> tuple[BatchItem, ...]: ...

    def item(self, batch_id: str, position: int, /) -> BatchItem | None: ...

    def document(self, batch_id: str, position: int, /) -> bytes | None: ...


class Flows(Protocol):
    """`signer.workflow.FlowStore`, as far as a look needs it."""

    def get(self, flow_id: str, /) -> FlowStanding | None: ...


class Looking:
    """For one signatory who is logged in; what is another one's does not exist. `now` gives aware UTC; `document`:
    `signer.approving.Approving.document`."""

    def __init__(
        self,
        *,
        requests: Requests,
        document: Callable[[ActivationRequest, int], tuple[RequestedDocument, bytes] | None],
        batches: Batches,
        items: BatchItems,
        flows: Flows,
        vault: DocumentVault,
        credentials: CredentialStore,
        now: Callable[[], datetime],
    ) -> None:
        self._requests = requests
        self._document = document
        self._batches = batches
        self._items = items
        self._flows = flows
        self._vault = vault
        self._credentials = credentials
        self._now = now

    def documents(self, signatory_id: str, key: WaitingKey) -> tuple[SeenDocument, ...]:
        """Up to `MOST` of them in order; none where it is another one's, or waits no more."""
        match key.kind:
            case WaitingKind.REQUEST:
                return _requested(self._request(signatory_id, key))
            case WaitingKind.BATCH:
                return self._batched(self._batch(signatory_id, key))
            case WaitingKind.STEP:
                return _of_step(self._standing(signatory_id, key))

    def content(self, signatory_id: str, key: WaitingKey, position: int) -> bytes | None:
        """One document as it would be signed; `None` where there is none for this person."""
        match key.kind:
            case WaitingKind.REQUEST:
                request = self._request(signatory_id, key)
                found = None if request is None else self._document(request, position)
                return None if found is None else found[1]
            case WaitingKind.BATCH:
                batch = self._batch(signatory_id, key)
                item = None if batch is None else self._items.item(batch.id, position - 1)
                return None if item is None else self._items.document(item.batch_id, item.position)
            case WaitingKind.STEP:
                standing = self._standing(signatory_id, key)
                return None if standing is None or position != 1 else self._vault.get(standing.current_sha256)

    def _request(self, signatory_id: str, key: WaitingKey) -> ActivationRequest | None:
        found = self._requests.find(key.id)
        whose = found is not None and found.signatory_id == signatory_id
        return found if found is not None and whose and found.is_open(self._now()) else None

    def _batch(self, signatory_id: str, key: WaitingKey) -> Batch | None:
        found = self._batches.find(key.id)
        if found is None or found.seal is not None or not self._is_own(signatory_id, found.terms.credential_id):
            return None
        return found

    def _batched(self, batch: Batch | None) -> tuple[SeenDocument, ...]:
        if batch is None:
            return ()
        listed = self._items.items(batch.id, state=None, after=-1, limit=batch.documents)
        return tuple(_of_batch(each) for each in listed if each.state in _UNSIGNED)[:MOST]

    def _standing(self, signatory_id: str, key: WaitingKey) -> FlowStanding | None:
        found = self._flows.get(key.id)
        steps = () if found is None else found.next_steps()
        own = any(each.number == key.number and self._is_own(signatory_id, each.credential_id) for each in steps)
        return found if own else None

    def _is_own(self, signatory_id: str, credential_id: str) -> bool:
        credential = self._credentials.get(credential_id)
        return credential is not None and credential.signatory.id == signatory_id


def _requested(request: ActivationRequest | None) -> tuple[SeenDocument, ...]:
    return tuple(
        SeenDocument(position=each.position, name=each.name, letter=each.wish.letter, pages=each.pages)
        for each in (() if request is None else request.chosen)
    )


def _of_batch(item: BatchItem) -> SeenDocument:
    return SeenDocument(
        position=item.position + 1,
        name=_name(item.letter, f"Dokumen {item.position + 1}"),
        letter=item.letter,
        pages=item.page_count,
    )


def _of_step(standing: FlowStanding | None) -> tuple[SeenDocument, ...]:
    if standing is None:
        return ()
    letter = standing.flow.letter
    return (SeenDocument(position=1, name=_name(letter, "Surat"), letter=letter, pages=None),)


def _name(letter: LetterMetadata, otherwise: str) -> str:
    return shown_name(letter.subject, letter.number, letter.external_id, otherwise=otherwise)
