"""The worker's side: a process without secrets that judges strangers' files until it is killed or recycled.

Started as `python -m verifier.sandbox` by `verifier.worker`, never forked: nothing of the service's memory is in it.
"""

import gc
import json
import os
import resource
import sys
import time
from datetime import datetime
from typing import Any, BinaryIO, Final

from verifier.comparison import compare
from verifier.frames import Frame, receive, send
from verifier.limits import Limits
from verifier.model import TrustSnapshot
from verifier.places import dump_places
from verifier.policy import ValidationPolicy
from verifier.preview import NotDrawable, page_sizes, preview
from verifier.text_search import find_text
from verifier.validation import validate
from verifier.wire import dump, load

FRAME_BYTES: Final = 512 * 1024 * 1024  # documents and snapshots are limited by those who send them
OPEN_FILES: Final = 32


class Sandbox:
    """Answers one request after the other; remembers the policy and the snapshot between them."""

    def __init__(self, source: BinaryIO, sink: BinaryIO, limits: Limits) -> None:
        self._source, self._sink, self._limits = source, sink, limits
        self._policy: ValidationPolicy | None = None
        self._trust: TrustSnapshot | None = None
        self._options: dict[str, Any] = {}

    def serve(self) -> None:
        """Until the pipe ends, or until memory does."""
        send(self._sink, Frame.READY)
        try:
            while self._serve_next():
                pass
        except MemoryError:
            send(self._sink, Frame.EXHAUSTED)  # the frames of the failed request, and their bytes, are gone by now

    def _serve_next(self) -> bool:
        received = receive(self._source, at_most=FRAME_BYTES)
        if received is None:
            return False
        try:
            self._serve(*received)
        except NotDrawable as error:
            send(self._sink, Frame.REFUSED, str(error).encode())
        return True

    def _serve(self, frame: Frame, payload: bytes) -> None:
        if frame is Frame.POLICY:
            self._policy = load(ValidationPolicy, payload)
        elif frame is Frame.TRUST:
            self._trust = load(TrustSnapshot, payload)
        elif frame is Frame.OPTIONS:
            self._options = json.loads(payload)
        else:
            _allow_cpu(self._limits.cpu_seconds)
            try:
                send(self._sink, *self._answer(frame, payload))
            finally:
                self._options = {}  # a password is forgotten with its document

    def _answer(self, frame: Frame, pdf: bytes) -> tuple[Frame, bytes]:
        options, limits = self._options, self._limits
        if frame is Frame.VALIDATE:
            if self._policy is None or self._trust is None:
                raise ValueError("a document came before its policy and its trust")
            since = options["known_since"]
            known_since = datetime.fromisoformat(since) if since else None
            at = datetime.fromisoformat(options["at"])
            report = validate(
                pdf, self._policy, self._trust, at, known_since=known_since, password=options["password"], limits=limits
            )
            return Frame.REPORT, dump(report)
        if frame is Frame.PREVIEW:
            return Frame.IMAGE, preview(pdf, page=options["page"], width=options["width"], limits=limits)
        if frame is Frame.SIZES:
            return Frame.PAGES, json.dumps(page_sizes(pdf, limits)).encode()
        if frame is Frame.FIND:
            return Frame.PLACES, dump_places(find_text(pdf, options["text"], limits))
        if frame is Frame.COMPARE:
            end, width, first = options["end"], options["width"], options["first"]
            return Frame.COMPARISON, dump(compare(pdf, end=end, width=width, first=first, limits=limits))
        raise ValueError(f"{frame} is not a request")


def confine(limits: Limits) -> None:
    """Take from this process what no validation needs: memory, files, children, core dumps."""
    for kind, amount in (
        (resource.RLIMIT_AS, limits.address_space),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (amount, amount))


def _allow_cpu(seconds: int) -> None:
    """The soft limit moves with each document; past it the kernel ends the process."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + seconds + 1, hard))


def main() -> None:
    """Serve standard input and output. The limits come as JSON in the only argument."""
    limits = load(Limits, sys.argv[1].encode())
    source, sink = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)  # a library that prints must not write into our frames
    os.chdir("/")
    gc.freeze()  # what was imported stays; collecting less often took large documents from 7.2 to 4.4 seconds
    gc.set_threshold(50_000, 20, 100)
    confine(limits)
    Sandbox(source, sink, limits).serve()


if __name__ == "__main__":
    main()
