"""Validation in processes that can be killed (`verifier.sandbox` is their side of the pipe).

Two libraries parse what strangers upload, and one of them is C++: so they get a process each, without secrets, with
hard limits, and with a deadline after which it is killed and replaced.
"""

import json
import signal
import threading
import time
from collections.abc import Sequence
from datetime import datetime
from types import TracebackType
from typing import Final, Self

from verifier.child import Worker, WorkerGone
from verifier.errors import CannotDraw, TooLarge, WorkerBusy, WorkerFailed
from verifier.frames import Frame
from verifier.limits import Limits
from verifier.model import SubIndication, TrustSnapshot, ValidationReport
from verifier.pictures import Comparison
from verifier.places import Place, places_in
from verifier.policy import ValidationPolicy
from verifier.reports import unreadable_report
from verifier.wire import load

COMPARED_WIDTH: Final = 520
"""Pixels of one picture of two beside each other."""
DOCUMENTS_PER_WORKER: Final = 500
"""A worker is recycled after so many: what libraries leak, and what a hostile file may have left, ends with it."""


class WorkerPool:
    """A few workers and a short queue. Thread-safe; `close()` it, or use it as a context."""

    def __init__(self, size: int, limits: Limits, *, queue_length: int = 8) -> None:
        self._size, self._limits, self._queue_length = size, limits, queue_length
        self._idle: list[Worker] = []
        self._busy = 0
        self._waiting = 0
        self._closed = False
        self._changed = threading.Condition()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def limits(self) -> Limits:
        """What every document is held to."""
        return self._limits

    def warm(self) -> None:
        """Start every worker now instead of with the first documents."""
        fresh = [Worker(self._limits) for _ in range(self._size)]
        for worker in fresh:
            worker.await_ready()
        with self._changed:
            spare = self._size - len(self._idle) - self._busy
            self._idle.extend(fresh[:spare])
            self._changed.notify_all()
        for worker in fresh[spare:]:
            worker.kill()

    def validate(
        self,
        pdf: bytes,
        policy: ValidationPolicy,
        trust: TrustSnapshot,
        at: datetime,
        *,
        known_since: datetime | None = None,
        password: str = "",
    ) -> ValidationReport:
        """`verifier.validation.validate` in another process; a file that breaks the limits is UNREADABLE, and says why.

        Raises `TooLarge`, `WorkerBusy`, `WorkerFailed`.
        """
        options: dict[str, object] = {
            "at": at.isoformat(),
            "known_since": known_since.isoformat() if known_since else None,
            "password": password,
        }
        outcome = self._ask(Frame.VALIDATE, options, pdf, brief=(policy, trust))
        if isinstance(outcome, str):
            return unreadable_report(pdf, policy, at, reason=SubIndication.FORMAT_FAILURE, detail=outcome)
        return load(ValidationReport, outcome)

    def preview(self, pdf: bytes, *, page: int = 1, width: int = 800) -> bytes:
        """Page `page` (from 1) as WebP, `width` pixels wide. Raises `CannotDraw` besides what `validate` raises."""
        outcome = self._ask(Frame.PREVIEW, {"page": page, "width": width}, pdf)
        if isinstance(outcome, str):
            raise CannotDraw(outcome, field="document", reason="cannot-draw")
        return outcome

    def page_sizes(self, pdf: bytes) -> tuple[tuple[float, float], ...]:
        """Width and height of every page as seen, in points. Raises as `preview`."""
        outcome = self._ask(Frame.SIZES, {}, pdf)
        if isinstance(outcome, str):
            raise CannotDraw(outcome, field="document", reason="cannot-draw")
        return tuple((float(width), float(height)) for width, height in json.loads(outcome))

    def find_text(self, pdf: bytes, text: str) -> tuple[Place, ...]:
        """Every place of `text` on the pages, see `verifier.text_search`. Raises as `preview`."""
        outcome = self._ask(Frame.FIND, {"text": text}, pdf)
        if isinstance(outcome, str):
            raise CannotDraw(outcome, field="document", reason="cannot-read")
        return places_in(outcome)

    def compare(self, pdf: bytes, *, end: int, first: Sequence[int] = (), width: int = COMPARED_WIDTH) -> Comparison:
        """`pdf[:end]` beside `pdf` in pictures, see `verifier.comparison`. Raises as `preview`."""
        outcome = self._ask(Frame.COMPARE, {"end": end, "first": list(first), "width": width}, pdf)
        if isinstance(outcome, str):
            raise CannotDraw(outcome, field="document", reason="cannot-draw")
        return load(Comparison, outcome)

    def close(self) -> None:
        """End every worker; what is being judged ends as UNREADABLE."""
        with self._changed:
            self._closed = True
            idle, self._idle = self._idle, []
            self._changed.notify_all()
        for worker in idle:
            worker.kill()

    def _ask(
        self,
        frame: Frame,
        options: dict[str, object],
        pdf: bytes,
        brief: tuple[ValidationPolicy, TrustSnapshot] | None = None,
    ) -> bytes | str:
        """The answer's bytes, or the sentence why there is none."""
        limits = self._limits
        if len(pdf) > limits.document_bytes:
            message = f"the document is larger than {limits.document_bytes} bytes: send a smaller one"
            raise TooLarge(message, field="document", reason="too-large")
        worker = self._take()
        answer: Frame | None = None
        payload = b""
        try:
            if brief is not None:
                worker.brief(*brief)
            answer, payload = worker.ask(frame, options, pdf, limits.wall_seconds)
        except WorkerGone:
            return self._epitaph(worker)
        finally:
            self._give_back(worker, healthy=answer not in (None, Frame.EXHAUSTED))
        if answer is Frame.EXHAUSTED:
            return f"it needed more memory than {limits.address_space // (1024 * 1024)} MiB"
        return payload.decode() if answer is Frame.REFUSED else payload

    def _epitaph(self, worker: Worker) -> str:
        """Why a worker ended instead of answering."""
        code = worker.kill()
        if worker.expired:
            return f"it took longer than {self._limits.wall_seconds:g} seconds"
        if code == -signal.SIGXCPU:
            return f"it took longer than {self._limits.cpu_seconds} seconds of processor time"
        return "the program that reads it failed"

    def _take(self) -> Worker:
        deadline = time.monotonic() + self._limits.wall_seconds
        with self._changed:
            if self._waiting >= self._queue_length and not self._free():
                raise self._busy_error()
            self._waiting += 1
            try:
                while not self._free():
                    if self._closed:
                        raise WorkerFailed("the worker pool is closed")
                    if not self._changed.wait(timeout=deadline - time.monotonic()):
                        raise self._busy_error()
            finally:
                self._waiting -= 1
            if self._closed:
                raise WorkerFailed("the worker pool is closed")
            self._busy += 1
            worker = self._idle.pop() if self._idle else None
        if worker is not None:
            return worker
        try:
            worker = Worker(self._limits)
            worker.await_ready()
        except WorkerFailed:
            with self._changed:
                self._busy -= 1
                self._changed.notify()
            raise
        return worker

    def _give_back(self, worker: Worker, *, healthy: bool) -> None:
        with self._changed:
            self._busy -= 1
            kept = healthy and not self._closed and worker.served < DOCUMENTS_PER_WORKER
            if kept:
                self._idle.append(worker)
            self._changed.notify()
        if not kept:
            worker.kill()

    def _free(self) -> bool:
        return bool(self._idle) or self._busy < self._size

    def _busy_error(self) -> WorkerBusy:
        seconds = max(1, round(self._limits.wall_seconds))
        return WorkerBusy("all workers are busy: try again later", retry_after=seconds)
