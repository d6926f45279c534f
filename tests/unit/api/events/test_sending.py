"""Sending to webhooks: nothing reaches an address that is not permitted, and nobody holds us up."""

import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from api.events.sending import CheckedPost, trusting
from api.settings import SettingsError
from signer.hooks.addresses import AddressRules, Target
from signer.hooks.ports import NotDelivered
from tests.support.local_servers import LocalHttp, local_http, local_https

NAME = "surat.contoh.go.id"
LOOPBACK = AddressRules(("127.0.0.0/8",))
HEADERS = (("Content-Type", "application/json"), ("Teken-Event", "1"))


class Names:
    """A look-up that answers as told, and counts how often it is asked."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = list(addresses)
        self.asked = 0

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked += 1
        return self.addresses


def refused(post: CheckedPost, target: Target) -> str:
    with pytest.raises(NotDelivered) as failed:
        post(target, b"{}", HEADERS)
    return str(failed.value)


@pytest.fixture
def https(tmp_path: Path) -> Iterator[tuple[LocalHttp, ssl.SSLContext]]:
    with local_https(tmp_path, NAME) as both:
        both[0].say("/hook?office=1", status=204)
        yield both


def at(server: LocalHttp, host: str = NAME, path: str = "/hook?office=1") -> Target:
    return Target(scheme="https", host=host, port=int(server.host.rpartition(":")[2]), path=path)


@pytest.mark.parametrize(
    "addresses",
    [("127.0.0.1",), ("169.254.169.254",), ("8.8.8.8", "10.0.0.1"), ("::ffff:127.0.0.1",), ("64:ff9b::7f00:1",), ()],
)
def test_a_name_that_leads_inside_is_never_connected_to(
    https: tuple[LocalHttp, ssl.SSLContext], addresses: tuple[str, ...]
) -> None:
    server, tls = https
    post = CheckedPost(AddressRules(()), tls, look_up=Names(*addresses))
    assert refused(post, at(server)) == "address-refused"
    assert server.asked == []


def test_the_name_is_looked_up_once_and_what_was_checked_is_connected_to(
    https: tuple[LocalHttp, ssl.SSLContext],
) -> None:
    server, tls = https
    names = Names("127.0.0.1")
    assert CheckedPost(LOOPBACK, tls, look_up=names)(at(server), b'{"a":1}', HEADERS) == 204
    ((method, path, headers, body),) = server.asked
    assert (method, path, body, names.asked) == ("POST", "/hook?office=1", b'{"a":1}', 1)
    assert headers["Host"] == f"{NAME}:{server.host.rpartition(':')[2]}"
    assert headers["Teken-Event"] == "1"


def test_a_certificate_for_another_name_ends_it(https: tuple[LocalHttp, ssl.SSLContext]) -> None:
    server, tls = https
    post = CheckedPost(LOOPBACK, tls, look_up=Names("127.0.0.1"))
    assert refused(post, at(server, "lain.contoh.go.id")) == "tls"
    assert refused(CheckedPost(LOOPBACK, trusting(None), look_up=Names("127.0.0.1")), at(server)) == "tls"
    assert server.asked == []


def test_a_redirect_is_an_answer_and_leads_nowhere() -> None:
    with local_http() as inside, local_http() as server:
        server.say("/hook", status=307, Location=inside.url("/secret"))
        plain = Target(scheme="http", host="localhost", port=int(server.host.rpartition(":")[2]), path="/hook")
        assert CheckedPost(LOOPBACK, trusting(None), look_up=Names("127.0.0.1"))(plain, b"{}", HEADERS) == 307
        assert inside.asked == []


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with local_http() as proxy, local_http() as server:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://{proxy.host}")
        server.say("/hook")
        plain = Target(scheme="http", host="localhost", port=int(server.host.rpartition(":")[2]), path="/hook")
        assert CheckedPost(LOOPBACK, trusting(None), look_up=Names("127.0.0.1"))(plain, b"{}", HEADERS) == 200
        assert proxy.asked == []


def test_an_unknown_name_and_a_closed_port_have_their_words() -> None:
    def unknown(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror

    target = Target(scheme="https", host=NAME, port=1, path="/")
    assert refused(CheckedPost(LOOPBACK, trusting(None), look_up=unknown), target) == "unknown-host"
    assert refused(CheckedPost(LOOPBACK, trusting(None), look_up=Names("127.0.0.1")), target) == "unreachable"


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 2"])
def test_whoever_drips_is_cut_off(answer: bytes) -> None:
    """One octet now and then would begin every time-out of a read anew."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        over = threading.Event()

        def drip() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.sendall(answer)
                while not over.wait(0.1):
                    try:
                        connection.sendall(b"x" if answer else b"")
                    except OSError:
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        target = Target(scheme="http", host="localhost", port=listening.getsockname()[1], path="/")
        post = CheckedPost(LOOPBACK, trusting(None), look_up=Names("127.0.0.1"), seconds=0.6)
        try:
            assert refused(post, target) in ("too-slow", "broken-off")
        finally:
            over.set()
            thread.join()


def test_an_endless_body_is_not_read() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def send_for_ever() -> None:
            connection, _ = listening.accept()
            with connection, suppress(OSError):  # whoever listened hung up
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
                while True:
                    connection.sendall(b"x" * 65_536)

        thread = threading.Thread(target=send_for_ever)
        thread.start()
        target = Target(scheme="http", host="localhost", port=listening.getsockname()[1], path="/hook")
        assert CheckedPost(LOOPBACK, trusting(None), look_up=Names("127.0.0.1"))(target, b"{}", HEADERS) == 200
        thread.join()


def test_a_file_of_authorities_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing")
    for file in (tmp_path / "ca.pem", tmp_path / "missing.pem"):
        with pytest.raises(SettingsError, match=r"events\.ca_file"):
            trusting(file)
