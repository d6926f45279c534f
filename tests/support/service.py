"""A whole Teken service as a newcomer starts it: its own process, its own directory, its own SoftHSM token."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 90


@dataclass(slots=True)
class RunningService:
    """One service that answers on `url`, and what a caller needs to use it."""

    directory: Path
    port: int
    process: subprocess.Popen[bytes] = field(repr=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def root_pem(self) -> Path:
        """The root certificate, for the judges."""
        return self.directory / "demonstration" / "root.pem"

    @property
    def sign_request(self) -> dict[str, Any]:
        """The JSON part that signs with the demonstration official."""
        request: dict[str, Any] = json.loads((self.directory / "demonstration" / "request.json").read_text())
        return request

    def token(self) -> str:
        """A fresh access token of the demonstration client."""
        client, secret = (self.directory / "demonstration" / "client").read_text().strip().split(":")
        answer = httpx.post(
            f"{self.url}/oauth2/token", data={"grant_type": "client_credentials"}, auth=(client, secret)
        )
        answer.raise_for_status()
        return str(answer.json()["access_token"])

    def sign(self, pdf: bytes, **overrides: Any) -> httpx.Response:
        """`POST /v1/signatures`, asking for the signed PDF."""
        return httpx.post(
            f"{self.url}/v1/signatures",
            headers={"Authorization": f"Bearer {self.token()}", "Accept": "application/pdf"},
            files={
                "document": ("document.pdf", pdf, "application/pdf"),
                "request": (None, json.dumps(self.sign_request | overrides), "application/json"),
            },
            timeout=60,
        )

    def verify(self, pdf: bytes) -> httpx.Response:
        """`POST /v1/verifications` with the raw PDF."""
        return httpx.post(
            f"{self.url}/v1/verifications", content=pdf, headers={"Content-Type": "application/pdf"}, timeout=60
        )

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End the process that this object started, and wait for it."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        self.process.wait(timeout=30)


@contextmanager
def running_service(directory: Path, *, arguments: tuple[str, ...] = ()) -> Iterator[RunningService]:
    """Start a service with its data in `directory` (made where absent), wait until it is ready, stop it at the end."""
    service = start_service(directory, arguments=arguments)
    try:
        yield service
    finally:
        service.stop()


def start_service(directory: Path, *, arguments: tuple[str, ...] = ()) -> RunningService:
    """The same without the ending, for tests that kill it."""
    port = free_port()
    command = [sys.executable, "-m", "api", "start", "--data", str(directory), "--port", str(port), *arguments]
    log = directory.parent / f"{directory.name}.log"
    with log.open("ab") as out:
        process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out, env=_environment())
    service = RunningService(directory, port, process)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            if httpx.get(f"{service.url}/readyz", timeout=5).status_code == 200:
                return service
        except httpx.TransportError:
            time.sleep(0.1)
    service.stop(signal.SIGKILL)
    raise AssertionError(f"the service did not start:\n{log.read_text(errors='replace')[-4000:]}")


def free_port() -> int:
    """A TCP port on loopback that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}
