"""The gateway of a running service: what libraries really send, what the wire really carries, what the log keeps."""

import base64
import io
import shutil
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Thread

import httpx
import pikepdf
import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from tests.support.gateway import NIK, Gateway, demonstration_of, know_by_nik, open_gateway
from tests.support.letters import letter
from tests.support.marks import a_picture
from tests.support.pki import make_pki
from tests.support.service import (
    ROOT,
    RunningService,
    change_settings,
    enrolled,
    free_port,
    running_service,
    teken,
    write_settings,
)
from tests.vectors import file_shapes

PICTURE = a_picture()


@pytest.fixture(scope="session")
def gateway(service: RunningService) -> Gateway:
    return open_gateway(service)


def basic(gateway: Gateway) -> str:
    return base64.b64encode(f"{gateway.user_name}:{gateway.password}".encode()).decode()


@contextmanager
def connected(gateway: Gateway) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", gateway.service.port), timeout=20) as wire:
        yield wire


def read_all(wire: socket.socket) -> bytes:
    received = b""
    while piece := wire.recv(65536):
        received += piece
    return received


def raw(gateway: Gateway, head: str, body: bytes) -> bytes:
    """The whole answer to one request, written octet by octet as told."""
    with connected(gateway) as wire:
        told = f"{head}Authorization: Basic {basic(gateway)}\r\nHost: x\r\nConnection: close\r\n"
        wire.sendall(f"{told}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        return read_all(wire)


def test_l1_one_signature_ends_under_three_seconds(gateway: Gateway) -> None:
    before = gateway.service.processor_seconds()  # which others on this machine do not lengthen
    answer = gateway.sign(letter(), tampilan="visible", linkQR="https://contoh.go.id")
    assert answer.status_code == 200, answer.text
    assert gateway.service.processor_seconds() - before < 3
    report = gateway.service.verify(answer.content).json()
    assert report["indication"] == "TOTAL-PASSED"
    assert report["signatures"][0]["level"] in ("PAdES-B-LT", "PAdES-B-LTA")


def test_e30_and_e31_signed_and_hybrid_documents_are_signed(gateway: Gateway) -> None:
    first = gateway.sign(letter(), reason="pertama").content
    second = gateway.sign(first, reason="kedua").content
    assert second.startswith(first)
    report = gateway.service.verify(second).json()
    assert (report["indication"], len(report["signatures"])) == ("TOTAL-PASSED", 2)
    hybrid = gateway.sign(file_shapes.word_hybrid())
    assert hybrid.status_code == 200, hybrid.text


def test_l4_l8_a_repeated_call_and_another_placement(gateway: Gateway) -> None:
    place = {"tampilan": "visible", "image": "true", "xAxis": "100", "yAxis": "100"}
    first = gateway.sign(letter(), PICTURE, **place)
    again = gateway.sign(letter(), PICTURE, **place)
    other = gateway.sign(letter(), PICTURE, **place | {"yAxis": "200"})
    assert (first.content, first.headers["id_dokumen"]) == (again.content, again.headers["id_dokumen"])
    assert first.headers["id_dokumen"] != other.headers["id_dokumen"]


def test_l5_the_same_call_four_times_at_once(gateway: Gateway) -> None:
    answers: list[httpx.Response] = []
    callers = [Thread(target=lambda: answers.append(gateway.sign(letter(), reason="sekaligus"))) for _ in range(4)]
    for each in callers:
        each.start()
    for each in callers:
        each.join(30)
    assert {each.status_code for each in answers} == {200}
    assert len({each.headers["id_dokumen"] for each in answers}) == 1
    assert len({each.content for each in answers}) == 1


def test_k1_l6_a_wrong_passphrase_counts_and_locks_as_everywhere(service: RunningService, gateway: Gateway) -> None:
    signer = enrolled(service.directory, "Ni Ketut Contoh Terkunci")
    know_by_nik(service.directory, signer["credential"], "0171010101010099")

    def attempt(passphrase: str) -> httpx.Response:
        return gateway.sign(letter(), nik="0171010101010099", passphrase=passphrase)

    wrong = [attempt("salah sekali").json()["status_code"] for _ in range(5)]
    assert wrong == [2031] * 5
    locked = attempt(signer["passphrase"])
    assert (locked.status_code, locked.json()["status_code"]) == (429, 429)
    assert int(locked.headers["Retry-After"]) > 0


def test_a11_expect_is_answered_at_once(gateway: Gateway) -> None:
    with connected(gateway) as wire:
        head = "POST /api/sign/pdf HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nConnection: close\r\n"
        kind = "Content-Type: application/json\r\nContent-Length: 2\r\n"
        wire.sendall(f"{head}{kind}Authorization: Basic {basic(gateway)}\r\n\r\n".encode())
        assert wire.recv(100).startswith(b"HTTP/1.1 100 Continue")
        wire.sendall(b"{}")
        assert b" 400 " in read_all(wire)[:20]


def test_a12_and_e28_the_head_of_an_answer(gateway: Gateway) -> None:
    body = form("b", ("file", letter(), "surat.pdf"), *gateway.fields().items())
    answer = raw(gateway, "POST /api/sign/pdf HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=b\r\n", body)
    head = answer.partition(b"\r\n\r\n")[0].decode().split("\r\n")
    names = [line.partition(":")[0].lower() for line in head[1:]]
    assert head[0].endswith(" 200 OK")
    for name in ("id_dokumen", "signing_time", "content-disposition", "date"):
        assert names.count(name) == 1
    assert "content-encoding" not in names


def form(boundary: str, *parts: tuple[str, ...] | tuple[str, bytes, str]) -> bytes:
    """A form with nothing special about it."""
    body = b""
    for name, content, *file in parts:
        named = f'; filename="{file[0]}"' if file else ""
        octets = content if isinstance(content, bytes) else str(content).encode()
        body += (
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'.encode() + octets + b"\r\n"
        )
    return body + f"--{boundary}--\r\n".encode()


def _axios(gateway: Gateway) -> tuple[str, bytes]:
    """axios 1 with form-data 4 on Node: a boundary of 24 digits behind dashes, types for files alone."""
    boundary = "--------------------------015632149875236541852963"
    body = b""
    for name, content in gateway.fields(tampilan="visible", image="true", page="1").items():
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{content}\r\n'.encode()
    for name, content, file, kind in (
        ("file", letter(), "surat.pdf", "application/pdf"),
        ("imageTTD", PICTURE, "ttd.png", "image/png"),
    ):
        told = f'Content-Disposition: form-data; name="{name}"; filename="{file}"\r\nContent-Type: {kind}'
        body += f"--{boundary}\r\n{told}\r\n\r\n".encode() + content + b"\r\n"
    return boundary, body + f"--{boundary}--\r\n".encode()


def _undici(gateway: Gateway) -> tuple[str, bytes]:
    """undici's FormData (Node's fetch): `----formdata-undici-` and digits, octet-stream where a file has no type."""
    boundary = "----formdata-undici-041288471526"
    body = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="blob"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    ).encode() + letter()
    for name, content in gateway.fields(tampilan="VISIBLE", linkQR="https://contoh.go.id").items():
        body += f'\r\n--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{content}'.encode()
    return boundary, body + f"\r\n--{boundary}--\r\n".encode()


def _guzzle(gateway: Gateway) -> tuple[str, bytes]:
    """Guzzle 7, also behind Laravel's Http: 40 hex digits, `Content-Length` in each part, booleans as 1 and empty."""
    boundary = "f3b2a1c4d5e6f708192a3b4c5d6e7f8091a2b3c4"
    body = b""
    for name, content in gateway.fields(tampilan="visible", image="", linkQR="Rumah Sakit Contoh", width="0").items():
        told = f'Content-Disposition: form-data; name="{name}"\r\nContent-Length: {len(content.encode())}'
        told = told if content else told.partition("\r\n")[0]
        body += f"--{boundary}\r\n{told}\r\n\r\n{content}\r\n".encode()
    told = (
        'Content-Disposition: form-data; name="file"; filename="surat.pdf"\r\n'
        f"Content-Length: {len(letter())}\r\nContent-Type: application/pdf"
    )
    return boundary, body + f"--{boundary}\r\n{told}\r\n\r\n".encode() + letter() + f"\r\n--{boundary}--\r\n".encode()


def _curl(gateway: Gateway) -> tuple[str, bytes]:
    """PHP's cURL with CURLFile: 24 dashes and 16 or 22 letters, a type for each file."""
    boundary = "------------------------d74496d66958873e"
    told = 'Content-Disposition: form-data; name="file"; filename="surat"\r\nContent-Type: application/octet-stream'
    body = f"--{boundary}\r\n{told}\r\n\r\n".encode() + letter() + b"\r\n"
    for name, content in gateway.fields(tampilan="visible", image="1").items():
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{content}\r\n'.encode()
    told = 'Content-Disposition: form-data; name="imageTTD"; filename="ttd"\r\nContent-Type: image/png'
    return boundary, body + f"--{boundary}\r\n{told}\r\n\r\n".encode() + PICTURE + f"\r\n--{boundary}--\r\n".encode()


@pytest.mark.parametrize("library", [_axios, _undici, _guzzle, _curl], ids=lambda each: str(each.__name__).strip("_"))
def test_d8_bodies_of_four_libraries(gateway: Gateway, library: object) -> None:
    boundary, body = library(gateway)  # type: ignore[operator]  # one of those above
    kind = f"Content-Type: multipart/form-data; boundary={boundary}\r\n"
    answer = raw(gateway, f"POST /api/sign/pdf HTTP/1.1\r\n{kind}", body)
    head, _, content = answer.partition(b"\r\n\r\n")
    assert b" 200 OK" in head, content
    with pikepdf.open(io.BytesIO(content)) as signed:
        (widget,) = signed.pages[0].Annots
        assert float(widget.Rect[2]) - float(widget.Rect[0]) == pytest.approx(60)


@pytest.mark.parametrize("chunked", [True, False])
def test_a_refusal_is_heard_by_who_writes_everything_first(gateway: Gateway, chunked: bool) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(80):
            yield b"x" * 65536

    content = pieces() if chunked else b"x" * 5_000_000
    answer = gateway.service.http.post("/api/sign/pdf", content=content, auth=("nobody", "wrong"))
    assert (answer.status_code, answer.json()["status_code"]) == (401, 401)
    with socket.create_connection(("127.0.0.1", gateway.service.port), timeout=20) as wire:
        head = b"POST /api/nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 8000000\r\n\r\n"
        wire.sendall(head + b"x" * 8_000_000)  # reads nothing before all of it is gone
        assert wire.recv(100).startswith(b"HTTP/1.1 404")


def test_i8_i11_a_broken_off_download_may_be_repeated(gateway: Gateway) -> None:
    token = gateway.sign(letter(), reason="unduh").headers["id_dokumen"]
    ask = f"GET /api/sign/download/{token} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {basic(gateway)}\r\n\r\n"
    with connected(gateway) as wire:
        wire.sendall(ask.encode())
        assert wire.recv(50).startswith(b"HTTP/1.1 200")
    time.sleep(0.5)
    whole = gateway.get(f"/api/sign/download/{token}")
    assert whole.status_code == 200
    assert len(whole.content) == int(whole.headers["Content-Length"])
    again = gateway.get(f"/api/sign/download/{token}")
    assert (again.status_code, again.json()["status_code"]) == (404, 4044)


def test_m1_m2_nothing_secret_is_in_log_or_answer(gateway: Gateway) -> None:
    secrets = ("rahasia-sekali-42", gateway.passphrase, NIK, NIK[1:], gateway.password)
    answers = [
        gateway.post("/api/sign/pdf?passphrase=rahasia-sekali-42", files={"file": letter()}),
        gateway.sign(letter(), passphrase="rahasia-sekali-42"),
        gateway.sign(letter(), nik=NIK[:-1] + "9"),
        gateway.sign(letter(), nik=f"x{NIK}"),
        gateway.sign(letter(), reason="catatan"),
        gateway.sign(b"%PDF-1.4 broken", tampilan="visible"),
    ]
    assert [each.status_code for each in answers] == [400, 400, 400, 400, 200, 400]
    log = gateway.service.log.read_text(encoding="utf-8")
    trail = teken(gateway.service.directory, "audit", "show", "--json")
    for secret in secrets:
        assert secret not in log
        assert secret not in trail.stdout
        assert not any(secret in each.text for each in answers if each.status_code != 200)


@pytest.fixture(scope="module")
def silent() -> Iterator[str]:
    """An address where somebody listens and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/tsa"


def _authorities(silent: str, count: int, **more: object) -> list[dict[str, object]]:
    return [{"name": f"stummer-{number}", "url": silent, **more} for number in range(count)]


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Gateway:
    """The folder of a service that was started once, with an anchor for authorities of others."""
    folder = tmp_path_factory.mktemp("silent") / "data"
    write_settings(folder, pki={"anchors": "anchors"})
    (folder / "anchors").mkdir()
    with running_service(folder) as service:
        assert demonstration_of(service).sign(letter()).status_code == 200  # what newcomers try first
        made = open_gateway(service)
    root = folder.parent / "root.pem"
    root.write_bytes(make_pki().root.certificate.public_bytes(Encoding.PEM))
    imported = teken(folder, "trust", "import", str(root), "--name", "Luar", "--purpose", "timestamp")
    assert imported.returncode == 0, imported.stderr
    return made


@contextmanager
def _again(stopped: Gateway, **tsa: object) -> Iterator[Gateway]:
    """The same service with other time-stamping authorities."""
    folder = stopped.service.directory
    change_settings(folder, tsa=tsa)
    with running_service(folder, arguments=("--no-demo",)) as service:
        yield replace(stopped, service=service)


def test_l2_the_first_authority_hangs(stopped: Gateway, silent: str) -> None:
    with _again(stopped, own="last", outside=_authorities(silent, 1)) as gateway:
        answer = gateway.sign(letter())  # within the hard stop: who takes longer is told to come back
        assert answer.status_code == 200, answer.text
        (signature,) = gateway.service.verify(answer.content).json()["signatures"]
        assert signature["level"].removeprefix("PAdES-") in ("B-T", "B-LT", "B-LTA")


@pytest.mark.parametrize("seconds", [1.5, 10.0], ids=["in-turn", "hard-stop"])
def test_l3_every_authority_hangs(stopped: Gateway, silent: str, seconds: float) -> None:
    outside = _authorities(silent, 2, seconds=seconds)
    with _again(stopped, own="unused", outside=outside) as gateway:
        before, began = _signed(gateway.service.directory), time.monotonic()
        answer = gateway.sign(letter(), reason=f"batas {seconds}")
        assert time.monotonic() - began < 10, "it waited for an authority to its end"
        assert (answer.status_code, answer.json()["status_code"]) == (503, 503)
        assert int(answer.headers["Retry-After"]) > 0
        assert _signed(gateway.service.directory) == before


def test_a10_the_shipped_proxy_lets_everything_through(stopped: Gateway, tmp_path: Path) -> None:
    """The `Caddyfile` of this repository, with a certificate of its own making, before a service that trusts it."""
    caddy = shutil.which("caddy")
    if caddy is None:
        pytest.skip("there is no caddy: install Debian's package caddy")
    change_settings(stopped.service.directory, server={"trusted_proxies": ["127.0.0.1"]})
    with _again(stopped, own="first", outside=[]) as gateway, _proxied(caddy, tmp_path, gateway.service.port) as base:
        answer = _through(base, gateway, reason="lewat")
        assert answer.status_code == 200, answer.text
        assert answer.content.startswith(b"%PDF-")
        assert len(answer.headers.get_list("id_dokumen")) == len(answer.headers.get_list("signing_time")) == 1
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert "content-encoding" not in answer.headers
        fetched = f"{base}/api/sign/download/{answer.headers['id_dokumen']}"
        with httpx.Client(verify=False, trust_env=False) as http:  # noqa: S501 - the proxy's certificate is its own
            assert http.get(fetched, auth=gateway.auth).content == answer.content
            # the proxy says for whom it asks, so that an allow-list sees the caller and not the proxy
            plain = gateway.service.http.post(
                "/api/sign/pdf",
                auth=gateway.auth,
                headers={"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "http"},
            )
        assert plain.status_code == 403


@contextmanager
def _proxied(caddy: str, folder: Path, port: int) -> Iterator[str]:
    """The address of the shipped proxy before the service on `port`, while the block runs."""
    door, shipped = free_port(), (ROOT / "Caddyfile").read_text(encoding="utf-8")
    own = "admin off\n\tlocal_certs\n\tskip_install_trust\n\tauto_https disable_redirects"
    text = shipped.replace("admin off", f"{own}\n\thttp_port {free_port()}").replace("web:8000", f"127.0.0.1:{port}")
    (folder / "Caddyfile").write_text(text, encoding="utf-8")
    known = {
        "TEKEN_PUBLIC_HOST": f"https://localhost:{door}",
        "TEKEN_PKI_HOST": "localhost",
        "HOME": str(folder),
        "PATH": "/usr/bin:/bin",
    }
    words = [caddy, "run", "--adapter", "caddyfile", "--config", "Caddyfile"]
    with (folder / "caddy.log").open("wb") as log:
        process = subprocess.Popen(words, cwd=folder, env=known, stdout=log, stderr=log)
        try:
            yield f"https://localhost:{door}"
        finally:
            process.terminate()
            process.wait(20)


def _through(base: str, gateway: Gateway, **fields: str) -> httpx.Response:
    deadline = time.monotonic() + 20
    with httpx.Client(base_url=base, timeout=30, verify=False, trust_env=False) as http:  # noqa: S501 - its own
        while True:
            try:
                told = gateway.fields(**fields)
                return http.post("/api/sign/pdf", files={"file": letter()}, data=told, auth=gateway.auth)
            except httpx.ConnectError:
                assert time.monotonic() < deadline
                time.sleep(0.1)


def _signed(folder: Path) -> int:
    with sqlite3.connect(folder / "teken.sqlite3", timeout=20) as database:
        (count,) = database.execute("SELECT count(*) FROM signatures WHERE state = 'signed'").fetchone()
    return int(count)
