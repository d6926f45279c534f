"""Many documents under one consent, each with its own outcome.

Three acts, those of signing one document: a job prepares, the consent step signs the digests while the signatory's
request is answered, a job finishes. No passphrase and no key ever enters a job. A seal's documents pass through the
same acts in one job, because a seal has no passphrase.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Final

from signer.activation import consent
from signer.acts import SigningActs
from signer.batch_model import CHUNK, Batch, BatchItem, BatchLimits, BatchState, ItemState, SealedUnder, SignableItem
from signer.batch_ports import BatchStore
from signer.batch_signing import STALE, ChunkSigning
from signer.errors import BatchRefused, BatchUnknown
from signer.intake import sha256_of
from signer.model import Activation, LetterMetadata, OpenKey, SigningAct, SigningTerms
from signer.ports import ActivationStore
from signer.quotas import Quotas

_ID_BYTES: Final = 16


class BatchService:
    """Batches of one client each."""

    def __init__(
        self,
        *,
        acts: SigningActs,
        batches: BatchStore,
        activations: ActivationStore,
        signing: ChunkSigning,
        limits: BatchLimits,
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
        quotas: Quotas | None = None,
    ) -> None:
        self._acts = acts
        self._batches = batches
        self._activations = activations
        self._signing = signing
        self._limits = limits
        self._now = now
        self._random_bytes = random_bytes
        self._quotas = quotas

    def open(self, terms: SigningTerms, *, seal: SealedUnder | None = None, id: str | None = None) -> Batch:
        """A new, empty batch, its id random or given; `seal` is the caller's to have checked, here and below. Raises as
        step 2 of signing, and `StampRefused` for a footer that nobody has."""
        if terms.stamp is not None and terms.stamp.nip is not None:  # a batch is kept, and that number is kept nowhere
            raise BatchRefused("A batch prints no NIP. Sign the letter alone.", field="stamp.nip", reason="alone")
        if terms.certify is not None or terms.lock is not None or terms.act is not SigningAct.SIGNATURE:
            raise BatchRefused("A batch makes plain signatures. Sign the letter alone.", field="batch", reason="alone")
        self._acts.require_trail()
        self._acts.credential(terms)
        self._acts.stamps.footer(terms.footer, terms.signed_as.agency)
        batch = Batch(
            id=id or self._random_bytes(_ID_BYTES).hex(),
            terms=terms,
            seal=seal,
            state=BatchState.OPEN,
            documents=0,
            created_at=self._now(),
        )
        self._batches.add(batch)
        return batch

    def receive(self, batch_id: str, client_id: str, document: bytes, letter: LetterMetadata) -> BatchItem:
        """One more document. It is looked at by a job. Raises `BatchRefused`."""
        self.get(batch_id, client_id)
        if letter.replaces is not None:
            message = "A letter that takes the place of another one is signed alone."
            raise BatchRefused(message, field="letter.replaces", reason="alone")
        digest = sha256_of(document)
        position = self._batches.receive(batch_id, document, digest, letter, limits=self._limits, at=self._now())
        return self.item(batch_id, client_id, position)

    def close(self, batch_id: str, client_id: str, *, seal: SealedUnder | None = None) -> Batch:
        """No more documents; from now on it is sealed under `seal`, so a seal's documents are counted now. Raises
        `BatchRefused`, `QuotaExceeded`."""
        batch = self.get(batch_id, client_id)
        if batch.seal is not None and batch.state is BatchState.OPEN:
            self._count(batch, batch.documents)
        self._batches.close(batch_id, seal=seal, at=self._now())
        return self.get(batch_id, client_id)

    def get(self, batch_id: str, client_id: str) -> Batch:
        """A batch of this client; another client's is as unknown as one that does not exist. Raises `BatchRefused`."""
        batch = self._batches.get(batch_id)
        if batch is None or batch.terms.client_id != client_id:
            raise BatchUnknown("No batch of yours has this id.", field="batch", reason="unknown")
        return batch

    def find(self, batch_id: str) -> Batch | None:
        """A batch, whosever it is: for who proves otherwise that it concerns them."""
        return self._batches.get(batch_id)

    def item(self, batch_id: str, client_id: str, position: int) -> BatchItem:
        """One document of it. Raises `BatchRefused`."""
        self.get(batch_id, client_id)
        item = self._batches.item(batch_id, position)
        if item is None:
            raise BatchUnknown("The batch has no document at this position.", field="position", reason="unknown")
        return item

    def retry(self, batch_id: str, client_id: str, *, seal: SealedUnder | None = None) -> Batch:
        """What failed begins anew: a person's waits for a new consent, a seal's comes under `seal`. What is only stuck
        is finished again."""
        batch = self.get(batch_id, client_id)
        if batch.state not in (BatchState.CLOSED, BatchState.COMPLETED):
            raise BatchRefused("Only a closed batch is tried again.", field="batch", reason=batch.state.value)
        if batch.seal is not None:
            self._count(batch, self._batches.counts(batch_id).get(ItemState.FAILED, 0))
        self._batches.retry(batch, seal=seal, at=self._now())
        return self.get(batch_id, client_id)

    def cancel(self, batch_id: str, client_id: str) -> Batch:
        """What has no signature never gets one. Raises `BatchRefused`."""
        self._batches.cancel(self.get(batch_id, client_id), at=self._now())
        return self.get(batch_id, client_id)

    def count(self, batch_id: str, client_id: str, digests: frozenset[str] | None = None) -> None:
        """To be asked before any factor is tried: the documents that `consent` would sign, counted in the quotas.

        Raises as `consent` does, and `QuotaExceeded` where one of the quotas has no room for all of them.
        """
        batch = self.get(batch_id, client_id)
        self._count(batch, len(self._chosen(batch, digests)))

    def consent(self, batch_id: str, key: OpenKey, client_id: str, digests: frozenset[str] | None = None) -> int:
        """The signatory's consent, given with the key that is open: every prepared document is signed; how many were.

        `digests` (SHA-256, hex, of documents as they came in): only these, and `BatchRefused` where one of them is not
        prepared. For each chunk the consent is used up and the intents are in the log before the key is used; then the
        values are kept and a job finishes them. Whatever stops it in between, the documents that have no value ask for
        consent again, and no others.
        """
        batch = self.get(batch_id, client_id)
        items = self._chosen(batch, digests)
        given = consent(
            credential_id=key.credential.id,
            client_id=client_id,
            digests=frozenset(item.sha256 for item in items),
            at=self._now(),
            random_bytes=self._random_bytes,
        )
        self._activations.grant(given)
        return self._sign(batch, items, key, given)

    def sign_under(self, batch_id: str, key: OpenKey, given: Activation) -> int:
        """The same under a consent that is granted already, for exactly its digests; `count` was asked before."""
        batch = self.get(batch_id, given.client_id)
        return self._sign(batch, self._chosen(batch, given.digests), key, given)

    def waiting(self, batch_id: str, client_id: str) -> frozenset[str]:
        """SHA-256 (hex) of the documents that wait for consent. Raises `BatchRefused` where there is none."""
        return frozenset(item.sha256 for item in self._chosen(self.get(batch_id, client_id), None))

    def require_signable(self, batch_id: str, client_id: str, digests: frozenset[str]) -> None:
        """Raises `BatchRefused` where one of them waits for no signature (any more)."""
        self._chosen(self.get(batch_id, client_id), digests)

    def _sign(self, batch: Batch, items: Sequence[SignableItem], key: OpenKey, given: Activation) -> int:
        if key.credential.id != batch.terms.credential_id:
            raise BatchRefused("This batch is signed by another credential.", field="credential", reason="other")
        return sum(
            self._signing.sign(batch, chunk, key, activation_id=given.id, stale=STALE) for chunk in _chunks(items)
        )

    def _count(self, batch: Batch, documents: int) -> None:
        if self._quotas is not None and documents:
            terms = batch.terms
            self._quotas.count(client_id=terms.client_id, credential_id=terms.credential_id, documents=documents)

    def _chosen(self, batch: Batch, digests: frozenset[str] | None) -> tuple[SignableItem, ...]:
        if batch.seal is not None:
            raise BatchRefused("A seal needs no consent.", field="credential", reason="other")
        if batch.state is not BatchState.CLOSED:
            raise BatchRefused("Close the batch first: consent is for a fixed set.", field="batch", reason="not-closed")
        items = self._batches.signable(batch.id, chunk=None, stale_before=self._now() - STALE)
        if digests is not None:
            items = tuple(item for item in items if item.sha256 in digests)
            if len(items) < len(digests):
                message = "A document of these is not prepared, or signed already. Read the batch again."
                raise BatchRefused(message, field="digests", reason="not-prepared")
        if not items:
            message = "No document is prepared and unsigned. Wait until the batch is prepared."
            raise BatchRefused(message, field="batch", reason="nothing-to-sign")
        return items


def _chunks(items: Sequence[SignableItem]) -> Iterator[list[SignableItem]]:
    """By the chunks that their jobs have."""
    for _, chunk in groupby(items, key=lambda item: item.position // CHUNK):
        yield list(chunk)
