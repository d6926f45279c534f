"""Many documents under one consent, each with its own outcome."""

from collections.abc import Collection, Sequence
from io import BytesIO
from typing import Final

from teken.core import operations
from teken.core.content import PDF, Document
from teken.core.group import Group, Target, form
from teken.core.receiving import Answer
from teken.core.session import Call, read
from teken.core.steps import Give, Items, RunnerT_co, Steps, Wait, iteration, operation
from teken.core.wire import Operation
from teken.errors import Conflict, TookTooLong
from teken.groups.paging import MOST, all_of
from teken.groups.signatures import Saved
from teken.types import (
    BatchBody,
    BatchDocumentBody,
    BatchItemBody,
    BatchItemPage,
    BatchState,
    BatchStatusBody,
    ConsentBody,
    ItemState,
    LetterBody,
)

OUTCOMES: Final = (ItemState.FINISHED, ItemState.FAILED, ItemState.CANCELLED)
"""States in which nothing more happens to a document by itself."""

_OVER: Final = (BatchState.COMPLETED, BatchState.CANCELLED)


class Batches(Group[RunnerT_co]):
    """Batches: opened, filled, closed, consented to, followed."""

    @operation
    def open(self, terms: BatchBody, *, key: str | None = None) -> Steps[BatchStatusBody]:
        """A new, empty batch."""
        return self._post(BatchStatusBody, operations.OPEN_BATCH, terms, key=key)

    @operation
    def add(
        self, batch: str, document: Document, letter: LetterBody | None = None, *, key: str | None = None
    ) -> Steps[BatchItemBody]:
        """One more document; each comes once."""
        content = form(document, BatchDocumentBody(letter=letter))
        call = Call(operation=operations.ADD_BATCH_DOCUMENT, path={"batch": batch}, content=content, key=key)
        return self.session.told(call, BatchItemBody)

    @operation
    def close(self, batch: str) -> Steps[BatchStatusBody]:
        """No more documents; a batch of a seal is sealed from here on."""
        return self._moved(operations.CLOSE_BATCH, batch, (BatchState.CLOSED, BatchState.COMPLETED))

    @operation
    def consent(
        self, batch: str, passphrase: str, *, digests: Sequence[str] | None = None, key: str | None = None
    ) -> Steps[BatchStatusBody]:
        """The signatory's consent to what is prepared, where the operator lets passphrases pass through; otherwise
        `activations.ask_for_batch`."""
        body = ConsentBody(passphrase=passphrase, digests=digests)
        return self._post(BatchStatusBody, operations.CONSENT_TO_BATCH, body, key=key, batch=batch)

    @operation
    def retry(self, batch: str) -> Steps[BatchStatusBody]:
        """What failed begins anew."""
        return self._post(BatchStatusBody, operations.RETRY_BATCH, batch=batch)

    @operation
    def cancel(self, batch: str) -> Steps[BatchStatusBody]:
        """What has no signature never gets one."""
        return self._moved(operations.CANCEL_BATCH, batch, (BatchState.CANCELLED,))

    @operation
    def get(self, batch: str) -> Steps[BatchStatusBody]:
        """How far it is."""
        return self._get(BatchStatusBody, operations.GET_BATCH, batch=batch)

    @operation
    def wait_until_prepared(self, batch: str, *, seconds: float = 900, every: float = 1) -> Steps[BatchStatusBody]:
        """Until no document waits for being prepared, so that consent can be asked for.

        Raises `TookTooLong` after `seconds`.
        """
        end = self.session.outside.monotonic() + seconds
        while True:
            now = yield from self._get(BatchStatusBody, operations.GET_BATCH, batch=batch)
            if now.counts.received == 0:
                return now
            yield from self._pause(end, every, now)

    @iteration
    def documents(self, batch: str, *, only: ItemState | None = None) -> Items[BatchItemBody]:
        """Every document as it stands now, in order."""
        return self._listed(batch, only)

    @iteration
    def outcomes(self, batch: str, *, seconds: float = 3600, every: float = 1) -> Items[BatchItemBody]:
        """Each document once it has its outcome, as they come, until the batch is completed or cancelled.

        Raises `TookTooLong` after `seconds`.
        """
        end, told, tag = self.session.outside.monotonic() + seconds, set[tuple[str, int]](), ""
        while True:
            answer = yield from self._changed(batch, tag)
            if answer.status == 200:
                tag, now = answer.headers.get("etag", ""), read(answer, BatchStatusBody)
                for state in OUTCOMES:
                    if getattr(now.counts, state.value) > sum(each == state for each, _ in told):
                        yield from self._new(batch, state, told)
            if now.state in _OVER:
                return
            yield from self._pause(end, every, now)

    @operation
    def item(self, batch: str, position: int) -> Steps[BatchItemBody]:
        """One document as it stands now."""
        return self._get(BatchItemBody, operations.GET_BATCH_ITEM, batch=batch, position=position)

    @operation
    def document(self, batch: str, position: int) -> Steps[bytes]:
        """The signed PDF of one document, in memory."""
        file = BytesIO()
        yield from self._saved(self._fetching(batch, position), file)
        return file.getvalue()

    @operation
    def save(self, batch: str, position: int, to: Target) -> Steps[Saved]:
        """The signed PDF of one document into a file."""
        saved = yield from self._saved(self._fetching(batch, position), to)
        return Saved(size=saved.size, sha256=saved.sha256)

    def _moved(self, operation: Operation, batch: str, wanted: Collection[BatchState]) -> Steps[BatchStatusBody]:
        """Moved to one of these states, now or before: an answer may have been lost."""
        try:
            return (yield from self._post(BatchStatusBody, operation, harmless=True, batch=batch))
        except Conflict:
            now = yield from self._get(BatchStatusBody, operations.GET_BATCH, batch=batch)
            if now.state not in wanted:
                raise
            return now

    def _fetching(self, batch: str, position: int) -> Call:
        path = {"batch": batch, "position": position}
        return Call(operation=operations.GET_BATCH_DOCUMENT, path=path, headers={"Accept": PDF})

    def _changed(self, batch: str, tag: str) -> Steps[Answer]:
        """Its state, or 304 where it is the one with this tag."""
        headers = {"If-None-Match": tag} if tag else {}
        return self.session.ask(
            Call(operation=operations.GET_BATCH, path={"batch": batch}, headers=headers, also=(304,))
        )

    def _new(self, batch: str, state: ItemState, told: set[tuple[str, int]]) -> Items[BatchItemBody]:
        """Documents in this state that were not told of; now they are."""
        after: str | int | None = None
        while True:
            page = yield from self._page(batch, state, after)
            for item in page.items:
                if (item.state, item.position) not in told:
                    told.add((item.state, item.position))
                    yield Give(item)
            if page.next is None:
                return
            after = page.next

    def _listed(self, batch: str, only: ItemState | None) -> Items[BatchItemBody]:
        return all_of(lambda after: self._page(batch, only, after))

    def _page(self, batch: str, only: ItemState | None, after: str | int | None) -> Steps[BatchItemPage]:
        query = {"only": None if only is None else only.value, "cursor": after, "limit": MOST}
        return self._get(BatchItemPage, operations.LIST_BATCH_DOCUMENTS, query=query, batch=batch)

    def _pause(self, end: float, seconds: float, now: BatchStatusBody) -> Steps[None]:
        if self.session.outside.monotonic() + seconds > end:
            raise TookTooLong(f"The batch is {now.state}: {now.counts}.")
        yield Wait(seconds)
