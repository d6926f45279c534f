"""What batches need of others. Each method is one transaction, with its audit entries and the jobs that it asks for."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from signer.batch_model import (
    Batch,
    BatchItem,
    BatchLimits,
    ItemState,
    PreparedItem,
    SealedUnder,
    SignableItem,
    SignedItem,
)
from signer.model import LetterMetadata, SigningIntent, SigningOutcome


class BatchItems(Protocol):
    """The documents of batches and their moves; a move that somebody else made first changes nothing."""

    def get(self, batch_id: str) -> Batch | None: ...

    def counts(self, batch_id: str) -> Mapping[ItemState, int]:
        """How many documents are in each state."""
        ...

    def items(self, batch_id: str, *, state: ItemState | None, after: int, limit: int) -> tuple[BatchItem, ...]:
        """Documents behind the position `after`, in order."""
        ...

    def item(self, batch_id: str, position: int) -> BatchItem | None: ...

    def waiting(self, batch_id: str, chunk: int, state: ItemState) -> tuple[BatchItem, ...]:
        """The documents of one chunk that are in `state`."""
        ...

    def document(self, batch_id: str, position: int) -> bytes | None:
        """As it came in; `None` once it is not needed any more."""
        ...

    def prepared(self, batch_id: str, position: int, prepared: PreparedItem, *, at: datetime) -> None:
        """`received -> prepared`."""
        ...

    def signable(self, batch_id: str, *, chunk: int | None, stale_before: datetime) -> tuple[SignableItem, ...]:
        """Prepared documents, and reserved ones without a value whose reservation is older than `stale_before`."""
        ...

    def reserve(
        self,
        batch: Batch,
        intents: Mapping[int, SigningIntent],
        *,
        activation_id: str | None,
        stale_before: datetime,
        at: datetime,
    ) -> tuple[int, ...]:
        """`prepared -> reserved`, the intent in the log, and the consent (or the seal's permission, where there is no
        `activation_id`) used up for each; the positions that are ours now. One transaction, before the key is used.

        Consent covers all of them, or it raises `ActivationRefused` and nothing is reserved. A permission covers as
        many as are left of it, in order; the others have failed then, each with the word for why.
        """
        ...

    def release(self, batch_id: str, positions: Sequence[int]) -> None:
        """`reserved -> prepared`: the key did not sign."""
        ...

    def signed(self, batch_id: str, values: Mapping[int, bytes], *, finish: bool, at: datetime) -> None:
        """`reserved -> signed` with their values; `finish`: and a job that finishes them."""
        ...

    def to_finish(self, batch_id: str, position: int) -> SignedItem | None:
        """A signed document with all that finishing needs."""
        ...

    def ended(self, batch_id: str, position: int, outcome: SigningOutcome) -> None:
        """`-> finished | failed`, and the outcome in the log where an intent is reserved. With the last one the batch
        is completed."""
        ...

    def stuck(self, batch_id: str, position: int, word: str) -> None:
        """Signed, and not finished because of `word`; `retry` takes it up again."""
        ...


class BatchStore(BatchItems, Protocol):
    """Batches as a whole."""

    def add(self, batch: Batch) -> None: ...

    def receive(
        self, batch_id: str, document: bytes, sha256: str, letter: LetterMetadata, *, limits: BatchLimits, at: datetime
    ) -> int:
        """One more document; its position. Raises `BatchRefused` where the batch is not open, is full, or has it."""
        ...

    def close(self, batch_id: str, *, seal: SealedUnder | None, at: datetime) -> None:
        """No more documents; what is left to be prepared or sealed becomes jobs. A `seal` takes the place of the one
        before. Raises `BatchRefused`."""
        ...

    def retry(self, batch: Batch, *, seal: SealedUnder | None, at: datetime) -> int:
        """Failed documents begin anew, under `seal` where there is one; signed ones that are stuck are finished again;
        how many."""
        ...

    def cancel(self, batch: Batch, *, at: datetime) -> None:
        """What has no signature value never gets one; what has one is finished. Raises `BatchRefused`."""
        ...
