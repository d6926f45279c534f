"""Servers on 127.0.0.1 for tests: HTTP that answers as told, and SMTP with STARTTLS that keeps what it was handed."""

import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

Answer = tuple[int, dict[str, str], bytes]


class LocalHttp:
    """Answers each path as `answers` says, 404 otherwise; keeps what it was asked."""

    def __init__(self, port: int) -> None:
        self.host = f"127.0.0.1:{port}"
        self.answers: dict[str, Callable[[bytes], Answer]] = {}
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []

    def url(self, path: str) -> str:
        return f"http://{self.host}{path}"

    def say(self, path: str, body: bytes = b"", *, status: int = 200, **headers: str) -> None:
        self.answers[path] = lambda _: (status, headers, body)


@contextmanager
def local_https(folder: Path, name: str) -> Iterator[tuple[LocalHttp, ssl.SSLContext]]:
    """The same over TLS, with a certificate for `name`, and the context of a client that trusts it."""
    certificate = _self_signed(folder, name)
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(certificate)
    with local_http(own) as server:
        yield server, ssl.create_default_context(cafile=str(certificate))


@contextmanager
def local_http(tls: ssl.SSLContext | None = None, port: int = 0) -> Iterator[LocalHttp]:
    """One HTTP server for the length of the block."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            told.asked.append((self.command, self.path, dict(self.headers), body))
            status, headers, content = told.answers.get(self.path, lambda _: (404, {}, b""))(body)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = _answer  # noqa: N815  # names of the standard library

        def log_message(self, *_: object) -> None:
            """Quiet."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """A client that hangs up, or trusts nobody, is what some tests want."""

    server = Server(("127.0.0.1", port), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    told = LocalHttp(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class LocalSmtp:
    """What an SMTP server was handed."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.messages: list[str] = []
        self.logins: list[str] = []
        self.encrypted: list[bool] = []
        self.offer_tls = True
        self.refuse: str | None = None
        """The answer to RCPT, where it shall not be 250."""


@contextmanager
def local_smtp(folder: Path) -> Iterator[tuple[LocalSmtp, ssl.SSLContext]]:
    """One SMTP server, and the context of a client that trusts it."""
    certificate = _self_signed(folder)
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(certificate)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            connection: socket.socket = self.request
            file = connection.makefile("rb")
            encrypted = False

            def say(text: str) -> None:
                connection.sendall(text.encode() + b"\r\n")

            say("220 local")
            while line := file.readline().decode().strip():
                word = line.split()[0].upper()
                if word in ("EHLO", "HELO"):
                    offer = "250-STARTTLS\r\n" if told.offer_tls and not encrypted else ""
                    say(f"250-local\r\n{offer}250 AUTH PLAIN")
                elif word == "STARTTLS":
                    say("220 go")
                    file.close()
                    try:
                        connection = own.wrap_socket(connection, server_side=True)
                    except ssl.SSLError:
                        return
                    file, encrypted = connection.makefile("rb"), True
                elif word == "AUTH":
                    told.logins.append(line)
                    say("235 good")
                elif word == "RCPT" and told.refuse is not None:
                    say(told.refuse)
                elif word == "DATA":
                    say("354 go on")
                    lines = []
                    while (part := file.readline()) != b".\r\n":
                        lines.append(part.decode())
                    told.messages.append("".join(lines))
                    told.encrypted.append(encrypted)
                    say("250 kept")
                elif word == "QUIT":
                    say("221 bye")
                    break
                else:
                    say("250 good")
            file.close()
            connection.close()

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A client that hangs up is what some tests want."""

    with Server(("127.0.0.1", 0), Handler) as server:
        told = LocalSmtp(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        trusting = ssl.create_default_context(cafile=str(certificate))
        try:
            yield told, trusting
        finally:
            server.shutdown()
            thread.join()


def _self_signed(folder: Path, host: str = "localhost") -> Path:
    """A certificate for `host` with its key, PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    file.write_bytes(
        certificate.public_bytes(Encoding.PEM) + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    return file
