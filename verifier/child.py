"""One worker process as the service sees it: started, asked, killed. `verifier.sandbox` is the other end."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from verifier.errors import WorkerFailed
from verifier.frames import Frame, receive, send
from verifier.limits import Limits
from verifier.model import TrustSnapshot
from verifier.policy import ValidationPolicy
from verifier.wire import dump

START_SECONDS: Final = 30.0
ANSWER_BYTES: Final = 64 * 1024 * 1024
_ROOT: Final = Path(__file__).resolve().parent.parent


class WorkerGone(Exception):
    """The worker ended instead of answering."""


class Worker:
    """One child process; used by one thread at a time."""

    def __init__(self, limits: Limits) -> None:
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-E", "-s", "-m", "verifier.sandbox", dump(limits).decode()],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=_ROOT,  # where the package is found; the child leaves it at once
                env={"LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1", "OPENSSL_CONF": os.devnull},
                close_fds=True,
            )
        except OSError as error:
            raise WorkerFailed(f"no worker process could be started: {error.strerror}") from error
        self.served = 0
        self._policy: ValidationPolicy | None = None
        self._trust: TrustSnapshot | None = None
        self._expired = False

    @property
    def expired(self) -> bool:
        """Whether it was killed for taking too long."""
        return self._expired

    def await_ready(self) -> None:
        """Raises `WorkerFailed` where it does not start."""
        try:
            with self._deadline(START_SECONDS):
                frame, _ = self._receive()
        except WorkerGone:
            raise WorkerFailed("a worker process ended before it was ready") from None
        if frame is not Frame.READY:
            raise WorkerFailed("a worker process does not speak our protocol")

    def brief(self, policy: ValidationPolicy, trust: TrustSnapshot) -> None:
        """Send policy and trust where they are not those of the last document."""
        if self._policy is not policy:
            self._send(Frame.POLICY, dump(policy))
            self._policy = policy
        if self._trust is not trust:
            self._send(Frame.TRUST, dump(trust))
            self._trust = trust

    def ask(self, frame: Frame, options: dict[str, object], pdf: bytes, seconds: float) -> tuple[Frame, bytes]:
        """One answer, or `WorkerGone`."""
        self.served += 1
        with self._deadline(seconds):
            self._send(Frame.OPTIONS, json.dumps(options).encode())
            self._send(frame, pdf)
            return self._receive()

    def kill(self) -> int:
        """End it now; returns its exit code (a negative signal number where it was killed)."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):  # what it never read is not missed
                    pipe.close()
        return self._process.wait()

    @contextmanager
    def _deadline(self, seconds: float) -> Iterator[None]:
        timer = threading.Timer(seconds, self._expire)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _expire(self) -> None:
        self._expired = True
        self._process.kill()

    def _send(self, frame: Frame, payload: bytes) -> None:
        try:
            send(self._process.stdin, frame, payload)  # type: ignore[arg-type]  # PIPE was asked for above
        except (BrokenPipeError, ValueError):
            raise WorkerGone from None

    def _receive(self) -> tuple[Frame, bytes]:
        try:
            received = receive(self._process.stdout, at_most=ANSWER_BYTES)  # type: ignore[arg-type]  # see _send
        except ValueError:
            raise WorkerGone from None
        if received is None:
            raise WorkerGone
        return received
