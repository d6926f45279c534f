"""One outgoing exchange whose end is ours to decide: time-outs of reads begin anew with each octet that drips in."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Connection:
    """The socket of one exchange over httpx."""

    def __init__(self) -> None:
        self.was_cut = False
        self._socket: socket.socket | None = None

    def note(self, event: str, info: dict[str, Any]) -> None:
        """httpcore's trace: a connection was made, or TLS was laid over it."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._socket = info["return_value"].get_extra_info("socket")

    def cut(self) -> None:
        """End it from another thread."""
        self.was_cut = True
        if self._socket is not None:
            try:
                self._socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # it ended by itself meanwhile


@contextmanager
def cut_after(seconds: float) -> Iterator[Connection]:
    """A connection (its `note` is httpx's extension `trace`) that is cut when the block takes longer."""
    connection = Connection()
    alarm = threading.Timer(seconds, connection.cut)
    alarm.daemon = True
    alarm.start()
    try:
        yield connection
    finally:
        alarm.cancel()
