"""What jobs do for a batch: prepare documents, seal them, finish what was signed.

Each job takes a batch and one chunk of it. What the tables say decides what is done: a job may run twice, and of two
that do the same the second changes nothing. An error of ours that passes is waited out; one that stays is told with the
document, which can be tried again.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from functools import partial
from typing import Final, TypeVar

from cryptography.hazmat.primitives.asymmetric import ec

from signer.acts import SigningActs, failure_word
from signer.batch_model import Batch, BatchItem, BatchState, ItemState, PreparedItem, SignableItem, SignedItem
from signer.batch_ports import BatchItems
from signer.batch_signing import ChunkSigning
from signer.errors import Refused, ResultUnsound, Unavailable
from signer.model import Credential, OpenKey, SigningOutcome, SigningTask, SigningTerms
from signer.pades import PreparedPdf
from signer.ports import CredentialStore

SPARE_ROOM: Final = 2048  # octets: a value that was signed cannot move to a larger room, so this one must be enough
_WAITS: Final = (0.5, 2.0, 6.0)  # seconds until something that did not answer is asked again
_AT_ONCE: Final = timedelta(0)

Made = TypeVar("Made")

_log = logging.getLogger(__name__)


class BatchWork:
    """The jobs. `open_seal` gives the live key of a seal's credential."""

    def __init__(
        self,
        *,
        acts: SigningActs,
        batches: BatchItems,
        credentials: CredentialStore,
        signing: ChunkSigning,
        open_seal: Callable[[Credential], ec.EllipticCurvePrivateKey],
        now: Callable[[], datetime],
        sleep: Callable[[float], object],
    ) -> None:
        self._acts = acts
        self._batches = batches
        self._credentials = credentials
        self._signing = signing
        self._open_seal = open_seal
        self._now = now
        self._sleep = sleep

    def prepare(self, batch_id: str, chunk: int) -> None:
        """Job: everything but the signature, for what was received."""
        batch = self._batches.get(batch_id)
        if batch is None or batch.state is BatchState.CANCELLED:
            return
        for item in self._batches.waiting(batch_id, chunk, ItemState.RECEIVED):
            try:
                prepared = self._patiently(partial(self._prepared, batch, item))
            except Exception as error:
                self._batches.ended(batch_id, item.position, self._told(error))
                continue
            if prepared is not None:
                self._batches.prepared(batch_id, item.position, prepared, at=self._now())

    def finish(self, batch_id: str, chunk: int) -> None:
        """Job: the value in its place, timestamp, status, last look, vault, record."""
        batch = self._batches.get(batch_id)
        if batch is None:
            return
        credential = self._credentials.get(batch.terms.credential_id)
        if credential is None:
            return
        for item in self._batches.waiting(batch_id, chunk, ItemState.SIGNED):
            kept = self._batches.to_finish(batch_id, item.position)
            if kept is not None:
                self._finish(batch, kept, credential)

    def seal(self, batch_id: str, chunk: int) -> None:
        """Job: a chunk of a seal's documents through all three acts."""
        self.prepare(batch_id, chunk)
        batch = self._batches.get(batch_id)
        if batch is None or batch.seal is None:
            return
        if batch.state is not BatchState.CANCELLED:
            self._seal(batch, chunk)
        self.finish(batch_id, chunk)

    def _seal(self, batch: Batch, chunk: int) -> None:
        """What its permission does not cover has failed by then; what stops the rest is told with each document."""
        items = self._batches.signable(batch.id, chunk=chunk, stale_before=self._now())
        if not items:
            return
        try:
            self._patiently(lambda: self._seal_now(batch, items))
        except (Refused, Unavailable) as error:
            outcome = self._acts.failure(error)
            for item in items:
                self._batches.ended(batch.id, item.position, outcome)

    def _seal_now(self, batch: Batch, items: Sequence[SignableItem]) -> None:
        self._acts.require_trail()
        credential = self._acts.credential(batch.terms)
        opened = OpenKey(credential=credential, key=self._open_seal(credential))
        self._signing.sign(batch, items, opened, activation_id=None, stale=_AT_ONCE)

    def _prepared(self, batch: Batch, item: BatchItem) -> PreparedItem | None:
        """Steps 0, 1, 2, 6 and the first part of 7; `None` where the document is not needed any more."""
        document = self._batches.document(batch.id, item.position)
        if document is None:
            return None
        terms = {each.name: getattr(batch.terms, each.name) for each in fields(SigningTerms)}
        task = SigningTask(**terms | {"letter": item.letter, "document": document})
        self._acts.require_trail()
        examined = self._acts.examine(task)
        credential = self._acts.credential(task, examined.intake.sha256)
        intent = self._acts.intent(task, examined.intake.sha256, credential)
        appearance = self._acts.appearance(task, examined, credential, intent)
        room = self._acts.room(credential, task.level) + SPARE_ROOM
        made = self._acts.prepare(task, examined, credential, appearance, room=room)
        return PreparedItem(
            code=intent.code,
            page_count=examined.intake.page_count,
            revision=made.pdf[len(document) :],
            digest=made.digest,
            field_name=made.field_name,
            contents=made.contents,
            timestamp_name=made.timestamp_name,
        )

    def _finish(self, batch: Batch, kept: SignedItem, credential: Credential) -> None:
        """The rest of step 7, steps 8 and 9 for one document."""
        try:
            outcome = self._patiently(lambda: self._finished(batch, kept, credential))
        except ResultUnsound as error:
            outcome = self._acts.failure(error)
        except Unavailable as error:
            self._batches.stuck(batch.id, kept.position, failure_word(error))
            return
        except Exception as error:
            outcome = self._told(error)
        self._batches.ended(batch.id, kept.position, outcome)

    def _finished(self, batch: Batch, kept: SignedItem, credential: Credential) -> SigningOutcome:
        self._acts.require_trail()
        prepared = PreparedPdf(
            pdf=kept.document + kept.prepared.revision,
            digest=kept.prepared.digest,
            field_name=kept.prepared.field_name,
            contents=kept.prepared.contents,
            timestamp_name=kept.prepared.timestamp_name,
        )
        signed = self._acts.finish(prepared, kept.value, credential, batch.terms.level, original=kept.document)
        return self._acts.store(signed, page_count=kept.prepared.page_count)

    def _patiently(self, act: Callable[[], Made]) -> Made:
        """What `act` gives; asked again after a while where something of ours did not answer."""
        for wait in _WAITS:
            try:
                return act()
            except Unavailable:
                self._sleep(wait)
        return act()

    def _told(self, error: Exception) -> SigningOutcome:
        """The outcome of an error that nobody waits for: its kind goes to the log."""
        _log.warning("a document of a batch failed: %s", type(error).__name__)
        return self._acts.failure(error)
