"""Consent to a batch: its closed list is put before the person, signed with one proof, and followed until it ends."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from signer.activation import ActivationRequest, DocumentWish, RequestedDocument
from signer.activation_requests import ActivationRequests, Asked, shown_name
from signer.batch_model import Batch, BatchItem, BatchState, ItemState
from signer.batch_ports import BatchItems
from signer.errors import BatchRefused, SignerError
from signer.model import Activation, OpenKey, SigningTerms
from signer.opening import usable_credential
from signer.ports import CredentialStore

_WHOLE: Final = 100_000  # more than any batch holds

_log = logging.getLogger(__name__)


class Batches(Protocol):
    """`signer.batch.BatchService`, as far as a consent needs it."""

    def get(self, batch_id: str, client_id: str, /) -> Batch: ...

    def sign_under(self, batch_id: str, key: OpenKey, given: Activation, /) -> int: ...

    def require_signable(self, batch_id: str, client_id: str, digests: frozenset[str], /) -> None: ...

    def waiting(self, batch_id: str, client_id: str, /) -> frozenset[str]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchProgress:
    """How far the documents of one consent are."""

    batch: BatchState
    finished: int
    under_way: int
    """Signed; a job finishes them."""
    unsigned: int
    """Prepared, or being so: they wait for a new consent."""
    cancelled: int
    failed: tuple[tuple[RequestedDocument, str], ...]
    """With the word for why."""
    askable: bool
    """Whether a new consent can be given now for what is unsigned."""

    @property
    def documents(self) -> int:
        """All of them."""
        return self.finished + self.under_way + self.unsigned + self.cancelled + len(self.failed)


class BatchConsents:
    """Asks for consent to batches. `now` gives aware UTC."""

    def __init__(
        self,
        *,
        asking: ActivationRequests,
        batches: Batches,
        items: BatchItems,
        credentials: CredentialStore,
        now: Callable[[], datetime],
    ) -> None:
        self._asking = asking
        self._batches = batches
        self._items = items
        self._credentials = credentials
        self._now = now

    def ask(self, client_id: str, batch_id: str) -> Asked:
        """A request for every document of the batch that is prepared and not signed.

        Raises `BatchUnknown`, `BatchRefused`: not closed, a seal's, still being prepared, nothing left to sign; and
        `CredentialUnusable`.
        """
        batch = self._batches.get(batch_id, client_id)
        wanted = self._batches.waiting(batch_id, client_id)
        if self._items.counts(batch_id).get(ItemState.RECEIVED):
            message = "The batch is still being prepared. Ask again in a moment."
            raise BatchRefused(message, field="batch", reason="not-prepared")
        credential = usable_credential(self._credentials, batch.terms.credential_id, at=self._now())
        listed = [each for each in _all(self._items, batch_id) if each.sha256 in wanted]
        documents = tuple(_requested(place, each, batch.terms) for place, each in enumerate(listed, start=1))
        return self._asking.put(client_id, credential, documents, batch_id=batch.id)


class ConsentedBatch:
    """`signer.approving.Target` for documents of a batch."""

    def __init__(self, *, batches: Batches, items: BatchItems) -> None:
        self._batches = batches
        self._items = items

    def document(self, request: ActivationRequest, listed: RequestedDocument) -> bytes | None:
        """As it came in, until it is finished."""
        found = self._of(request).get(listed.digest)
        return None if found is None else self._items.document(found.batch_id, found.position)

    def require_ready(self, request: ActivationRequest) -> None:
        """Raises `BatchRefused` where one of the chosen waits for no signature any more."""
        chosen = frozenset(each.digest for each in request.chosen)
        self._batches.require_signable(request.batch_id or "", request.client_id, chosen)

    def sign(self, request: ActivationRequest, activation: Activation, key: OpenKey) -> None:
        """As a batch is signed always; whatever stops it, the batch knows which documents have no signature."""
        try:
            self._batches.sign_under(request.batch_id or "", key, activation)
        except SignerError as error:
            _log.warning("signing a batch stopped: %s", type(error).__name__)

    def returned(self, request: ActivationRequest, reason: str | None) -> None:
        """The batch stays as it is, and its client reads of it with the request."""

    def progress(self, request: ActivationRequest) -> BatchProgress:
        """How far the documents are that were consented to."""
        items = self._of(request)
        found = [(each, items[each.digest]) for each in request.chosen if each.digest in items]
        count = {state: sum(item.state is state for _, item in found) for state in ItemState}
        batch = self._batches.get(request.batch_id or "", request.client_id)
        unsigned = count[ItemState.PREPARED] + count[ItemState.RESERVED] + count[ItemState.RECEIVED]
        ready = batch.state is BatchState.CLOSED and not self._items.counts(batch.id).get(ItemState.RECEIVED)
        return BatchProgress(
            batch=batch.state,
            finished=count[ItemState.FINISHED],
            under_way=count[ItemState.SIGNED],
            unsigned=unsigned,
            cancelled=count[ItemState.CANCELLED],
            failed=tuple((each, item.failure or "") for each, item in found if item.state is ItemState.FAILED),
            askable=bool(unsigned) and ready,
        )

    def _of(self, request: ActivationRequest) -> Mapping[str, BatchItem]:
        return {each.sha256: each for each in _all(self._items, request.batch_id or "")}


def _all(items: BatchItems, batch_id: str) -> tuple[BatchItem, ...]:
    return items.items(batch_id, state=None, after=-1, limit=_WHOLE)


def _requested(place: int, item: BatchItem, terms: SigningTerms) -> RequestedDocument:
    letter = item.letter
    return RequestedDocument(
        position=place,
        digest=item.sha256,
        name=shown_name(letter.subject, letter.number, letter.external_id, otherwise=f"Dokumen {item.position + 1}"),
        wish=DocumentWish(
            level=terms.level,
            stamp=terms.stamp,
            footer=terms.footer,
            reason=terms.reason,
            location=terms.location,
            signed_as=terms.signed_as,
            letter=letter,
        ),
        pages=item.page_count,
    )
