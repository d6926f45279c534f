"""The key's part of a batch, for one chunk: consent or permission used up, intents in the log, then the key."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from signer.acts import SigningActs
from signer.batch_model import Batch, SignableItem
from signer.batch_ports import BatchItems
from signer.cms_signer import digest_to_sign
from signer.errors import Refused
from signer.model import Credential, OpenKey, SigningIntent
from signer.opening import usable_credential
from signer.ports import CredentialStore, KeyVault

STALE: Final = timedelta(seconds=30)
"""A reservation without a value that is older belongs to a request that died; no turn at the HSM takes as long."""


class ChunkSigning:
    """Signs prepared documents with a key that is open, whoever opened it."""

    def __init__(
        self,
        *,
        acts: SigningActs,
        batches: BatchItems,
        credentials: CredentialStore,
        keys: KeyVault,
        now: Callable[[], datetime],
    ) -> None:
        self._acts = acts
        self._batches = batches
        self._credentials = credentials
        self._keys = keys
        self._now = now

    def sign(
        self, batch: Batch, items: Sequence[SignableItem], key: OpenKey, *, activation_id: str | None, stale: timedelta
    ) -> int:
        """Steps 4, 5 and the key's part of 7 for one chunk; how many values are kept.

        With an `activation_id` a job that finishes them is asked for; without one the caller is that job, and it is the
        permission of the seal that is used up. A reservation without a value that is older than `stale` is taken over.
        """
        credential = usable_credential(self._credentials, key.credential.id, at=self._now())
        at = self._now()
        intents = {item.position: intent for item in items if (intent := self._intent(batch, item, credential))}
        ours = self._batches.reserve(batch, intents, activation_id=activation_id, stale_before=at - stale, at=at)
        if not ours:
            return 0
        digests = {item.position: digest_to_sign(credential.chain, item.digest) for item in items}
        try:
            values = self._keys.sign_all(key.key, [digests[position] for position in ours])
        except Exception:
            self._batches.release(batch.id, ours)
            raise
        self._batches.signed(
            batch.id, dict(zip(ours, values, strict=True)), finish=activation_id is not None, at=self._now()
        )
        return len(ours)

    def _intent(self, batch: Batch, item: SignableItem, credential: Credential) -> SigningIntent | None:
        """What is to be reserved; `None` where something speaks against this document by now, which then has failed."""
        try:
            intent = self._acts.intent(replace(batch.terms, letter=item.letter), item.sha256, credential)
        except Refused as error:
            self._batches.ended(batch.id, item.position, self._acts.failure(error))
            return None
        return replace(intent, code=item.code)
