"""From payments to sealed receipts: bundles go to Teken as batches of the agency's seal, and come back one by one.

Every move may stop at any moment, here or there, and is taken up again. Nothing is doubled: a bundle opens its batch
under one key, what the batch has already is not sent again, and a receipt that is sealed is passed over. Nothing is
lost: a bundle is done with when each of its receipts is sealed or refused, and what Teken could not seal it is asked
for again.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

import structlog
import teken
from teken.types import BatchBody, BatchItemBody, BatchState, ItemState, LetterBody, StampBody

from eoffice.compose import Office
from eoffice.errors import Outdated, Refused
from eoffice.features.vehicle_tax.mending import begin_again
from eoffice.features.vehicle_tax.model import BUNDLE, NAME, Bundle, Phase, ReceiptState
from eoffice.features.vehicle_tax.page import KIND, SUBJECT, drawn, place_of_the_seal
from eoffice.features.vehicle_tax.withdrawing import withdraw_all
from eoffice.model import Place, Record
from eoffice.refusals import not_sealed, said

BUDGET: Final = timedelta(seconds=5)
"""After which letters have their turn."""
AHEAD: Final = 3
"""Batches with Teken at a time."""
HANDS: Final = 4
"""Receipts that are drawn, sent and fetched side by side."""
FIRST_PAUSE: Final = timedelta(seconds=30)
LONGEST_PAUSE: Final = timedelta(minutes=30)
MOST_ATTEMPTS: Final = 4
"""After which what Teken cannot seal is refused, where the fault is not with the seal's permission."""
_AWAY: Final = (teken.Unavailable, teken.RateLimited, teken.Unauthorised, teken.AnswerUnreadable)
_OVER: Final = (ItemState.FINISHED, ItemState.FAILED, ItemState.CANCELLED)
_OF_THE_SEAL: Final = "seal-"
"""How words begin that say what is wrong with the permission of a seal: an approver mends that, in their time."""
_LONG_AGO: Final = "0001-01-01T00:00:00+00:00"
_LOG: Final = structlog.get_logger("eoffice.vehicle_tax")
_Given = TypeVar("_Given")
_Made = TypeVar("_Made")


def seal(office: Office) -> None:
    """The feature's duty: as much as fits into `BUDGET`; asks to be called again at once where there is more."""
    end = office.now() + BUDGET
    sealing = Sealing(office)
    begin_again(office)
    try:
        withdraw_all(office)
        while sealing.step():
            if office.now() >= end:
                office.wake.set()
                return
    except _AWAY as error:
        _LOG.warning("sealing waits for Teken", error=type(error).__name__)


class Sealing:
    """One worker; two at once do no harm."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._records = office.records
        self._teken = office.teken

    def step(self) -> bool:
        """Move what can be moved by one step; tells whether anything did. Raises what `teken` raises while it is
        away."""
        moved = [self._tried(self._collect, each) for each in self._due(Phase.SEALING)]
        moved += [self._tried(self._again, each) for each in self._due(Phase.FAILED)]
        if len(self._in(Phase.SEALING)) < AHEAD:
            for record in (*self._due(Phase.FILLING), *self._due(Phase.WAITING))[:1]:
                moved.append(self._tried(self._fill, record))
        return any(moved)

    def _fill(self, record: Record) -> bool:
        """Draw what the bundle has, and put it into a batch."""
        bundle, agency = Bundle.of(record), self._office.service.directory().agencies[record.agency_id]
        own = [each for each in self._receipts(bundle) if each.data["bundle"] == record.id]
        waiting = [each for each in own if each.state == ReceiptState.WAITING]
        bundle = replace(bundle, receipts=tuple(each.id for each in own))
        if not waiting:
            return self._noted(record, bundle, own)
        if agency.seal is None:
            raise Refused(f"{agency.name} belum bersegel. · {agency.name} has no seal.", field="agency")
        place = place_of_the_seal(self._office, agency.id)
        if bundle.batch is None:
            terms = BatchBody(credential=agency.seal, stamp=_stamp(place))
            opened = self._teken.batches.open(terms, key=f"{record.id}-{bundle.round}").id
            bundle = replace(bundle, batch=opened)
            record = self._changed(record, Phase.FILLING, bundle)
        batch = str(bundle.batch)
        there = {item.external_id for item in self._teken.batches.documents(batch)}
        missing = [each for each in waiting if each.id not in there]
        added = self._side_by_side(lambda each: self._add(batch, each, place, bundle.round), missing)
        if not there and not any(added):
            self._teken.batches.cancel(batch)
            return self._noted(record, bundle, self._receipts(bundle))
        self._teken.batches.close(batch)
        self._changed(record, Phase.SEALING, replace(bundle, problem=None, due=None))
        return True

    def _add(self, batch: str, receipt: Record, place: Place, turn: int) -> bool:
        """Whether it could be drawn and is in the batch now."""
        try:
            printed = drawn(self._office, receipt)
            if printed.places != (place,):
                raise Refused("Isinya tidak muat di satu halaman. · It does not fit on one page.", field="form")
            letter = LetterBody(
                external_id=receipt.id,
                kind=KIND,
                number=receipt.data["payment"]["reference"],
                subject=SUBJECT,
                preview=False,
            )
            self._teken.batches.add(batch, printed.pdf, letter, key=f"{receipt.id}-{turn}")
        except (Refused, teken.Refused) as error:
            if isinstance(error, (*_AWAY, teken.Forbidden, teken.NotFound, teken.Conflict)):
                raise
            self._refuse(receipt, turn, said(error))
            return False
        return True

    def _collect(self, record: Record) -> bool:
        """Once the batch is over: what is sealed is kept; what is not is tried again, or refused."""
        bundle = Bundle.of(record)
        batch = str(bundle.batch)
        if self._teken.batches.get(batch).state not in (BatchState.COMPLETED, BatchState.CANCELLED):
            return False
        items = list(self._teken.batches.documents(batch))
        if not all(each.state in _OVER for each in items):  # cancelled, and what has its value is being finished
            return False
        finished = [each for each in items if each.state == ItemState.FINISHED]
        failed = [each for each in items if each.state == ItemState.FAILED]
        self._side_by_side(lambda item: self._keep(batch, item, bundle.round), finished)
        if failed:
            return self._failed(record, bundle, failed)
        receipts = self._receipts(bundle)
        if any(each.state == ReceiptState.WAITING for each in receipts):  # somebody cancelled the batch at Teken
            anew = replace(bundle, batch=None, round=bundle.round + 1)
            self._changed(
                record, Phase.WAITING, _put_off(anew, "Dibatalkan di Teken. · Cancelled at Teken.", self._now)
            )
            return True
        return self._noted(record, bundle, receipts)

    def _failed(self, record: Record, bundle: Bundle, failed: Sequence[BatchItemBody]) -> bool:
        words = Counter(each.failure or "unknown" for each in failed)
        hopeless = bundle.attempts + 1 >= MOST_ATTEMPTS and not any(each.startswith(_OF_THE_SEAL) for each in words)
        if hopeless:
            self._give_up(str(bundle.batch), bundle.round, {each.position: each.failure for each in failed})
            return True  # and the next look finds nothing that failed
        counted = replace(bundle, sealed=_sealed(self._receipts(bundle)))
        self._changed(record, Phase.FAILED, _put_off(counted, not_sealed(words), self._now))
        return True

    def _give_up(self, batch: str, turn: int, failures: Mapping[int, str | None]) -> None:
        """Cancel it at Teken first: no worker that comes late has tried again what somebody mends meanwhile."""
        self._teken.batches.cancel(batch)
        for item in self._teken.batches.documents(batch, only=ItemState.CANCELLED):
            receipt = self._records.get(str(item.external_id))
            self._refuse(receipt, turn, not_sealed({failures.get(item.position) or "cancelled": 1}))

    def _again(self, record: Record) -> bool:
        """Have what failed tried once more."""
        bundle = Bundle.of(record)
        self._teken.batches.retry(str(bundle.batch))
        self._changed(record, Phase.SEALING, replace(bundle, due=None))
        return True

    def _keep(self, batch: str, item: BatchItemBody, turn: int) -> None:
        receipt = self._records.get(str(item.external_id))
        if not _waits(receipt, turn):
            return
        sealed = self._office.files.keep(self._teken.batches.document(batch, item.position))
        data = {**receipt.data, "code": item.code, "sha256": sealed, "sealed_at": self._now.isoformat()}
        self._move(receipt, ReceiptState.SEALED, data)

    def _tried(self, act: Callable[[Record], bool], record: Record) -> bool:
        """What is wrong with one of them keeps no other waiting."""
        try:
            return act(record)
        except (Outdated, *_AWAY) as error:
            if isinstance(error, Outdated):  # another worker was quicker
                return False
            raise
        except (Refused, teken.TekenError) as error:
            _LOG.warning("a bundle stands still", bundle=record.id, error=type(error).__name__)
            self._stands_still(record, said(error))
            return False

    def _stands_still(self, record: Record, problem: str) -> None:
        latest = self._records.get(record.id)
        try:
            self._changed(latest, Phase(latest.state), _put_off(Bundle.of(latest), problem, self._now))
        except Outdated:
            return

    def _noted(self, record: Record, bundle: Bundle, receipts: Sequence[Record]) -> bool:
        """Each of them has its outcome."""
        refused = sum(each.state == ReceiptState.REFUSED for each in receipts)
        over = replace(bundle, sealed=_sealed(receipts), refused=refused, problem=None, due=None)
        self._changed(record, Phase.DONE, over)
        return True

    def _refuse(self, receipt: Record, turn: int, problem: str) -> None:
        if _waits(receipt, turn):
            self._move(receipt, ReceiptState.REFUSED, {**receipt.data, "problem": problem})

    def _move(self, receipt: Record, state: ReceiptState, data: Any) -> None:
        self._records.change(receipt.id, version=receipt.version, state=state.value, data=data, at=self._now)

    def _changed(self, record: Record, phase: Phase, bundle: Bundle) -> Record:
        return self._records.change(
            record.id, version=record.version, state=phase.value, data=bundle.as_data(), at=self._now
        )

    def _receipts(self, bundle: Bundle) -> list[Record]:
        return [self._records.get(each) for each in bundle.receipts]

    def _in(self, phase: Phase) -> list[Record]:
        """Oldest first."""
        found = self._records.listed(NAME, BUNDLE, state=phase.value, limit=1_000)
        return sorted(found, key=lambda each: (each.created_at, each.key))

    def _due(self, phase: Phase) -> list[Record]:
        now = self._now
        return [each for each in self._in(phase) if datetime.fromisoformat(each.data["due"] or _LONG_AGO) <= now]

    def _side_by_side(self, act: Callable[[_Given], _Made], each: Iterable[_Given]) -> list[_Made]:
        with ThreadPoolExecutor(HANDS) as hands:
            return list(hands.map(act, each))

    @property
    def _now(self) -> datetime:
        return self._office.now()


def _put_off(bundle: Bundle, problem: str, now: datetime) -> Bundle:
    pause = min(FIRST_PAUSE * 2 ** min(bundle.attempts, 12), LONGEST_PAUSE)
    return replace(bundle, attempts=bundle.attempts + 1, due=(now + pause).isoformat(), problem=problem)


def _waits(receipt: Record, turn: int) -> bool:
    """Whether this turn of its bundle may decide about it: one that was mended since belongs to a later turn, whatever
    a worker still knows that was late."""
    return receipt.state == ReceiptState.WAITING and receipt.data.get("turn", 0) <= turn


def _sealed(receipts: Iterable[Record]) -> int:
    """How many were sealed, whatever became of them later."""
    return sum(each.data["code"] is not None for each in receipts)


def _stamp(place: Place) -> StampBody:
    return StampBody(page=place.page, x=place.x, y=place.y, width=place.width, height=place.height)
