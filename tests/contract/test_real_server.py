"""The same doors behind the server that is really used: early ends reach a client that still sends."""

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import uvicorn

from api.app import create_app
from tests.support.api_memory import PDF, memory_service, settings_in

LIMIT = 1_000_000
ENDLESS = 200_000_000
RAW = {"Content-Type": "application/pdf"}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("service")
    settings = settings_in(folder)
    settings = replace(settings, verification=replace(settings.verification, max_document_bytes=LIMIT))
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(memory_service(settings).services), log_config=None, access_log=False, server_header=False
        )
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join()


class Counted:
    """An upload that knows how much of it was taken."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.sent = 0

    def __iter__(self) -> Iterator[bytes]:
        while self.sent < self.size:
            self.sent += 65_536
            yield b"x" * 65_536


@pytest.mark.parametrize("announced", [True, False])
def test_an_upload_beyond_the_limit_is_answered_while_it_is_sent(url: str, announced: bool) -> None:
    body = Counted(ENDLESS)
    length = {"Content-Length": str(ENDLESS)} if announced else {}

    answer = httpx.post(f"{url}/v1/verifications", content=body, headers=RAW | length)

    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/body-too-large")
    assert answer.headers["connection"] == "close"
    assert body.sent < ENDLESS / 10


def test_who_may_not_upload_is_told_so_without_reading_the_upload(url: str) -> None:
    body = Counted(ENDLESS)

    answer = httpx.post(f"{url}/v1/signatures", content=body, headers=RAW | {"Content-Length": str(ENDLESS)})

    assert (answer.status_code, answer.headers["connection"]) == (401, "close")
    assert body.sent < ENDLESS / 10


def test_many_requests_share_one_connection(url: str) -> None:
    with httpx.Client(base_url=url) as client:
        streams = set()
        for _ in range(3):
            answer = client.post("/v1/verifications", content=PDF, headers=RAW)
            assert answer.status_code == 200
            streams.add(answer.extensions["network_stream"].get_extra_info("client_addr"))

    assert len(streams) == 1


def test_the_raw_path_of_an_ocsp_request_arrives_whole(url: str) -> None:
    answer = httpx.get(f"{url}/pki/ocsp/MP%2F%2F77%2B%3D")

    assert (answer.status_code, answer.content[:5]) == (200, b"ocsp:")


def test_a_metrics_page_is_there_for_a_scraper_on_this_machine(url: str) -> None:
    assert "teken_request_seconds_bucket" in httpx.get(f"{url}/metrics").text
