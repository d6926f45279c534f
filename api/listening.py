"""The socket that the service answers on, taken before anything else is made: a busy port costs nobody a ceremony."""

import errno
import socket
from typing import Final

_REASONS: Final = {
    errno.EADDRINUSE: "another program listens there: end it, or choose another port with --port",
    errno.EACCES: "ports below 1024 belong to the system: choose another one with --port",
    errno.EADDRNOTAVAIL: "no network of this machine has this address: correct [server] host",
}


class CannotListen(Exception):
    """The address cannot be used; the text says why, and what to choose instead."""


def bound_socket(host: str, port: int) -> socket.socket:
    """A TCP socket on this address that refuses callers until `listen()`. Raises `CannotListen`."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror:
        raise CannotListen(f"{host} is no address of this machine: correct [server] host") from None
    taken = socket.socket(family, kind, protocol)
    try:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections of the last run may still linger
        taken.bind(address)
    except OSError as error:
        taken.close()
        reason = _REASONS.get(error.errno or 0, f"the system says: {error.strerror}")
        raise CannotListen(f"{host} port {port} cannot be used: {reason}") from None
    return taken
