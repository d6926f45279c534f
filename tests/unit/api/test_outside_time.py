"""The wire to other time-stamping authorities: one that hangs, drips, sends rubbish, or sends us elsewhere."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from api.outside_time import MAX_ANSWER, TimestampHttp, outside_authorities
from api.settings import OutsideTsaSettings, Settings, SettingsError
from api.settings_file import load_settings
from api.settings_template import default_toml
from signer.errors import TimestampUnavailable
from signer.timestamping import TimestampAuthorities
from tests.support.local_servers import LocalHttp, local_http
from tests.support.pki import Pki, make_pki
from tests.support.signing import counted_bytes
from tests.support.tsa import OtherAuthority
from verifier.trust import anchor_from

REPLY = "application/timestamp-reply"
DIGEST = bytes(range(32))


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki()


@pytest.fixture
def http() -> Iterator[LocalHttp]:
    with local_http() as server:
        yield server


def wire(url: str, **differences: object) -> TimestampHttp:
    return TimestampHttp(url, **{"connect_seconds": 1.0, "seconds": 1.0, **differences})  # type: ignore[arg-type]


def test_a_question_goes_there_and_the_answer_comes_back(http: LocalHttp) -> None:
    http.answers["/tsa"] = lambda body: (200, {"Content-Type": REPLY}, body[::-1])
    assert wire(http.url("/tsa"), authorization=lambda: "Basic abc")(b"query") == b"yreuq"
    method, _, headers, _ = http.asked[0]
    assert (method, headers["Content-Type"]) == ("POST", "application/timestamp-query")
    assert headers["Authorization"] == "Basic abc"


@pytest.mark.parametrize("fault", ["status", "another type", "too large", "redirect"])
def test_anything_else_is_no_answer(http: LocalHttp, fault: str) -> None:
    with local_http() as other:
        headers, status, body = {"Content-Type": REPLY}, 200, b"answer"
        if fault == "status":
            status = 503
        elif fault == "another type":
            headers = {"Content-Type": "text/html"}
        elif fault == "too large":
            body = b"x" * (MAX_ANSWER + 1)
        else:
            status, headers = 302, {"Location": other.url("/")}
        http.answers["/tsa"] = lambda _: (status, headers, body)
        with pytest.raises(TimestampUnavailable):
            wire(http.url("/tsa"))(b"query")
        assert other.asked == []


def test_nobody_there_is_no_answer() -> None:
    with pytest.raises(TimestampUnavailable):
        wire("http://127.0.0.1:9/")(b"query")


@contextmanager
def dripping(start: bytes, drop: bytes) -> Iterator[str]:
    """A server that says `start` and then one `drop` every tenth of a second, for as long as anybody listens."""
    listener = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(4096)
            try:
                connection.sendall(start)
                while not ended.wait(0.1):
                    connection.sendall(drop)
            except OSError:
                return

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        ended.set()
        listener.close()
        thread.join()


@pytest.mark.parametrize(
    ("start", "drop"),
    [
        (b"", b""),
        (b"HTTP/1.1 200 OK\r\n", b"X-More: 1\r\n"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: application/timestamp-reply\r\nContent-Length: 60000\r\n\r\n", b"x"),
    ],
    ids=["hangs", "drips headers", "drips a body"],
)
def test_who_is_slow_is_left_in_time(start: bytes, drop: bytes) -> None:
    with dripping(start, drop) as url, pytest.raises(TimestampUnavailable):
        wire(url, seconds=0.6)(b"query")


def test_a_hanging_authority_costs_its_time_and_the_next_one_stamps(pki: Pki, http: LocalHttp, tmp_path: Path) -> None:
    good = OtherAuthority(pki)
    http.answers["/tsa"] = lambda body: (200, {"Content-Type": REPLY}, good(body))
    with dripping(b"", b"") as url:
        slow = OutsideTsaSettings(name="slow", url=url.rstrip("/"), seconds=0.3)
        quick = OutsideTsaSettings(name="quick", url=http.url("/tsa"))
        members = outside_authorities(
            with_outside(tmp_path, slow, quick),
            (anchor_from(pki.root.certificate, name="Contoh", certified=False),),
            now=lambda: pki.at,
            random_bytes=counted_bytes(),
        )
        both = TimestampAuthorities(members, now=lambda: pki.at)
        assert both.timestamp(DIGEST).chain == pki.tsu.chain
    assert [(each.name, each.granted, each.failed) for each in both.counts()] == [("slow", 0, 1), ("quick", 1, 0)]


def with_outside(folder: Path, *outside: OutsideTsaSettings) -> Settings:
    return replace(own := load(folder, ""), tsa=replace(own.tsa, outside=outside))


def load(folder: Path, more: str) -> Settings:
    file = folder / "teken.toml"
    file.write_text(default_toml(folder, 8000).replace('clock = "trusted-local"', f'clock = "trusted-local"{more}'))
    return load_settings(file)


def test_the_settings_name_authorities_with_secrets_in_files(pki: Pki, tmp_path: Path, http: LocalHttp) -> None:
    (tmp_path / "secret").write_text("rahasia contoh\n")
    good = OtherAuthority(pki)
    http.answers["/tsa"] = lambda body: (200, {"Content-Type": REPLY}, good(body))
    own = OutsideTsaSettings(
        name="contoh", url=http.url("/tsa"), user="teken", password_file=tmp_path / "secret", anchors=("Contoh",)
    )
    anchors = (
        anchor_from(pki.root.certificate, name="Contoh", certified=False),
        anchor_from(make_pki().root.certificate, name="Lain", certified=False),
    )
    (made,) = outside_authorities(
        with_outside(tmp_path, own), anchors, now=lambda: pki.at, random_bytes=counted_bytes()
    )
    assert made.timestamp(DIGEST, "sha256").chain == pki.tsu.chain
    assert http.asked[0][2]["Authorization"] == "Basic dGVrZW46cmFoYXNpYSBjb250b2g="
    (tmp_path / "secret").unlink()
    with pytest.raises(TimestampUnavailable):
        made.timestamp(DIGEST, "sha256")


def test_an_authority_without_its_anchor_is_refused_at_start(pki: Pki, tmp_path: Path) -> None:
    own = OutsideTsaSettings(name="contoh", url="http://tsa.example.org", anchors=("Lain",))
    anchor = anchor_from(pki.root.certificate, name="Contoh", certified=False)
    for anchors in ((), (anchor,)):
        with pytest.raises(SettingsError, match="contoh needs its trust anchor"):
            outside_authorities(with_outside(tmp_path, own), anchors, now=lambda: pki.at, random_bytes=counted_bytes())


GOOD = '\n[[tsa.outside]]\nname = "contoh"\nurl = "https://tsa.example.org"\n'


@pytest.mark.parametrize(
    ("more", "key"),
    [
        (GOOD + 'uri = "x"\n', "tsa.outside.uri"),
        (GOOD + GOOD, "tsa.outside.name"),
        (GOOD.replace("contoh", "own"), "tsa.outside.name"),
        (GOOD.replace("contoh", "Contoh !"), "tsa.outside"),
        (GOOD + 'user = "teken"\n', "tsa.outside.contoh"),
        (GOOD.replace("https", "http") + 'token_file = "t"\n', "tsa.outside.contoh"),
        (GOOD + "seconds = 0\n", "tsa.outside"),
        ('\nown = "unused"\n', "tsa.own"),
    ],
)
def test_contradictions_in_the_settings_are_refused(tmp_path: Path, more: str, key: str) -> None:
    with pytest.raises(SettingsError, match=key):
        load(tmp_path, more)


def test_secrets_start_at_the_folder_of_the_settings(tmp_path: Path) -> None:
    (own,) = load(tmp_path, GOOD + 'token_file = "tsa.token"\n').tsa.outside
    assert own.token_file == tmp_path / "tsa.token"
