"""A stranger between client and service on loopback, who cuts connections where a test wants it."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Cutting:
    """Where it listens, and after how many bytes of the next answers it hangs up."""

    port: int
    cuts: list[int] = field(default_factory=list)
    """One for each of the next connections that carry an answer to `matching`; 0: nothing of the answer passes."""
    matching: bytes = b""
    """Only answers to requests that begin so are cut."""
    done: int = 0
    """How many were cut."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def cutting(service_port: Callable[[], int]) -> Iterator[Cutting]:
    """It stands there for the length of the block, before the service on `service_port()`."""
    listening = socket.create_server(("127.0.0.1", 0))
    between = Cutting(listening.getsockname()[1])

    def accept() -> None:
        with suppress(OSError):
            while True:
                client, _ = listening.accept()
                threading.Thread(target=_pass_on, args=(client, service_port(), between), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield between
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


def _pass_on(client: socket.socket, port: int, between: Cutting) -> None:
    with client, suppress(OSError), socket.create_connection(("127.0.0.1", port)) as service:
        latest = bytearray()
        back = threading.Thread(target=_answers, args=(service, client, latest, between), daemon=True)
        back.start()
        while piece := client.recv(65_536):
            if piece.startswith((b"GET ", b"POST ")):
                latest[:] = piece[:200]
            service.sendall(piece)
        service.shutdown(socket.SHUT_WR)
        back.join()


def _answers(service: socket.socket, client: socket.socket, latest: bytearray, between: Cutting) -> None:
    passed = 0
    with suppress(OSError):
        while piece := service.recv(65_536):
            if between.cuts and latest.startswith(between.matching):
                room = between.cuts[0] - passed
                if len(piece) > room:
                    between.cuts.pop(0)
                    between.done += 1
                    client.sendall(piece[: max(room, 0)])
                    break
                passed += len(piece)
            client.sendall(piece)
    with suppress(OSError):
        client.shutdown(socket.SHUT_RDWR)
