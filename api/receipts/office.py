"""Receipts: what a check found, on one page, sealed and timestamped by the house.

A seal that strangers can ask for must not become a seal on what strangers wrote: they choose a file, and nothing of it
but its digest and the names in its certificates comes into the receipt, as data. How many are sealed in a minute is
limited for all of them together, and who asks twice for the same gets the same.
"""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Final

from api.limits import TokenBuckets
from api.receipts.drawing import draw_receipt
from api.services import VerifiedUpload
from verifier.errors import WorkerBusy

REASON: Final = "Tanda terima pemeriksaan dokumen"
KEPT_FOR: Final = timedelta(minutes=10)
"""How long the same receipt answers who asks again; it says itself from when it is."""
MOST_KEPT: Final = 64
"""Receipts in memory, some 40 kB each."""

_EVERYBODY: Final = "everybody"

Seal = Callable[[bytes], bytes]


class ReceiptOffice:
    """Draws, records and seals receipts. Safe in several threads."""

    def __init__(
        self,
        *,
        words: Callable[[VerifiedUpload], Mapping[str, Any]],
        record: Callable[[str, VerifiedUpload], None],
        seal: Seal,
        per_minute: int,
        now: Callable[[], datetime],
    ) -> None:
        """`record` writes down, before the seal is used, what is sealed: the SHA-256 of the page, and the verdict."""
        self._words = words
        self._record = record
        self._seal = seal
        self._now = now
        self._buckets = TokenBuckets(name="receipts", per_minute=per_minute, now=now)
        self._kept: OrderedDict[str, tuple[datetime, bytes]] = OrderedDict()
        self._lock = Lock()

    def receipt(self, upload: VerifiedUpload) -> bytes:
        """The sealed receipt (PDF) of what was just judged.

        Raises `WorkerBusy` where too many are wanted at once, `signer.errors.SignerError` where it cannot be sealed.
        """
        data = self._words(upload)
        name = _name_of(upload, data)
        kept = self._known(name)
        if kept is not None:
            return kept
        allowance = self._buckets.take(_EVERYBODY)
        if not allowance.allowed:
            raise WorkerBusy("too many receipts are wanted: try again later", retry_after=allowance.wait)
        page = draw_receipt(data, upload.report.validated_at)
        self._record(hashlib.sha256(page).hexdigest(), upload)
        sealed = self._seal(page)
        self._keep(name, sealed)
        return sealed

    def _known(self, name: str) -> bytes | None:
        with self._lock:
            found = self._kept.get(name)
            return found[1] if found and self._now() - found[0] <= KEPT_FOR else None

    def _keep(self, name: str, sealed: bytes) -> None:
        with self._lock:
            self._kept[name] = (self._now(), sealed)
            self._kept.move_to_end(name)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)


def _name_of(upload: VerifiedUpload, data: Mapping[str, Any]) -> str:
    """The same for the same file with the same verdict and standing, whenever it was asked."""
    report = upload.report
    judged = [f"{each.indication.name} {each.reason and each.reason.name}" for each in report.signatures]
    standing = upload.standing.word(report.validated_at).value
    said = [report.document_sha256, report.policy, upload.relation.value, data["verdict"], judged, standing]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
