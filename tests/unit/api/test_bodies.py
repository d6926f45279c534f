"""Bodies: counted while they arrive, given up early, and every byte given back."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from litestar import Litestar

from api.bodies import UploadRoom
from api.problems import RequestRefused
from api.settings import Settings
from tests.support.api_memory import PDF, MemoryService, memory_service, settings_in

RAW = {"Content-Type": "application/pdf"}


def small_limits(folder: Path, **limits: int) -> Settings:
    settings = settings_in(folder)
    return replace(
        settings,
        verification=replace(settings.verification, max_document_bytes=1000),
        limits=replace(settings.limits, **limits),
    )


@pytest.fixture
def service(tmp_path: Path) -> MemoryService:
    return memory_service(small_limits(tmp_path))


def test_a_document_of_exactly_the_limit_is_taken_and_one_byte_more_is_not(service: MemoryService) -> None:
    with service.http() as http:
        raw = [http.post("/v1/verifications", content=b"x" * size, headers=RAW).status_code for size in (1000, 1001)]
        form = [
            http.post("/v1/verifications", files={"document": ("a", b"x" * size)}).status_code for size in (1000, 1001)
        ]

    assert raw == form == [200, 413]


async def ask(app: Litestar, body: AsyncIterator[bytes]) -> httpx.Response:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        return await client.post("/v1/verifications", content=body, headers=RAW)


def test_an_endless_body_is_cut_off_soon_after_the_limit(service: MemoryService) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 10_000
            yield b"x" * 10_000

    answer = asyncio.run(ask(service.app(), endless()))

    assert answer.status_code == 413
    assert answer.json()["field"] == "document"
    assert answer.headers["connection"] == "close"
    assert read <= 100_000


def test_an_announced_size_beyond_the_limit_is_refused_before_a_byte_is_read(service: MemoryService) -> None:
    with service.http() as http:
        answer = http.post("/v1/verifications", content=b"x" * 200_000, headers=RAW)

    assert (answer.status_code, answer.headers["connection"]) == (413, "close")


def test_a_body_that_does_not_arrive_is_given_up(tmp_path: Path) -> None:
    service = memory_service(small_limits(tmp_path, upload_seconds=0))

    async def stuck() -> AsyncIterator[bytes]:
        yield b"x"
        await asyncio.sleep(5)

    answer = asyncio.run(ask(service.app(), stuck()))

    assert (answer.status_code, answer.json()["type"]) == (408, "/problems/too-slow")


def test_an_answer_after_the_whole_body_keeps_the_connection(service: MemoryService) -> None:
    with service.http() as http:
        answer = http.post("/v1/verifications", content=PDF, headers=RAW)

    assert "connection" not in answer.headers


def test_uploads_beyond_the_room_are_told_to_come_back(tmp_path: Path) -> None:
    service = memory_service(small_limits(tmp_path, upload_memory_mib=0))
    with service.http() as http:
        answer = http.post("/v1/verifications", content=PDF, headers=RAW)

    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/uploads-full")
    assert answer.headers["retry-after"] == "2"


def test_room_is_counted_and_given_back() -> None:
    room = UploadRoom(10)
    room.take(7)
    with pytest.raises(RequestRefused):
        room.take(4)

    room.give_back(7)
    room.take(10)
    assert room.free == 0


def test_every_byte_is_given_back_however_a_request_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rooms: list[UploadRoom] = []
    monkeypatch.setattr("api.app.UploadRoom", lambda size: rooms.append(UploadRoom(size)) or rooms[0])
    service = memory_service(small_limits(tmp_path))
    with service.http() as http:
        free = rooms[0].free
        http.post("/v1/verifications", content=PDF, headers=RAW)
        http.post("/v1/verifications", content=b"x" * 1001, headers=RAW)
        http.post("/v1/verifications", files={"document": ("a", PDF), "other": ("b", b"x")})
        http.post("/v1/verifications", files={"document": ("a", b"x" * 2000)})
        service.verification.fails_with = RuntimeError("x")
        http.post("/v1/verifications", content=PDF, headers=RAW)

    assert rooms[0].free == free > 0
