"""Documents on their way: sent from the beginning each time, received from where it stopped, whole or not at all."""

import asyncio
import hashlib
import io
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from multipart import MultipartParser, parse_options_header
from teken.core.content import PIECE, Document, Form, Sent
from teken.core.receiving import Download, PartFile
from teken.errors import AnswerUnreadable
from teken.runners import _AsyncPieces

CONTENT = os.urandom(3 * PIECE + 17)
TAG = f'"{hashlib.sha256(CONTENT).hexdigest()}"'


def as_bytes(_: Path) -> Document:
    return CONTENT


def as_path(folder: Path) -> Document:
    (folder / "letter.pdf").write_bytes(CONTENT)
    return folder / "letter.pdf"


def as_file(_: Path) -> Document:
    file = io.BytesIO(b"before" + CONTENT)
    file.seek(6)
    return file


def as_pipe(_: Path) -> Document:
    out, into = os.pipe()

    def write() -> None:
        with os.fdopen(into, "wb") as file:
            file.write(CONTENT)

    threading.Thread(target=write).start()
    return os.fdopen(out, "rb")


@pytest.mark.parametrize("made", [as_bytes, as_path, as_file, as_pipe])
def test_a_document_is_sent_whole_as_often_as_needed(tmp_path: Path, made: Callable[[Path], Document]) -> None:
    document = made(tmp_path)
    sent = Sent(document)
    if not isinstance(document, bytes | Path) and not document.seekable():
        document.close()

    assert sent.length == len(CONTENT)
    for _ in range(2):
        pieces = list(sent.pieces())
        assert b"".join(pieces) == CONTENT
        assert max(map(len, pieces)) == PIECE
    assert sent.sha256() == hashlib.sha256(CONTENT).hexdigest()


def test_a_form_is_what_others_read() -> None:
    form = Form({"request": ("application/json", b'{"a": 1}')}, Sent(CONTENT))
    body = b"".join(form.pieces())
    kind, options = parse_options_header(form.media_type)
    parts = {part.name: part for part in MultipartParser(io.BytesIO(body), options["boundary"])}

    assert (kind, form.length) == ("multipart/form-data", len(body))
    assert parts["request"].content_type == "application/json"
    assert parts["request"].value == '{"a": 1}'
    assert parts["document"].content_type == "application/pdf"
    assert parts["document"].raw == CONTENT
    for part in parts.values():
        part.close()


def test_the_same_pieces_leave_in_an_event_loop() -> None:
    async def collected() -> bytes:
        return b"".join([piece async for piece in _AsyncPieces(Sent(CONTENT))])

    assert asyncio.run(collected()) == CONTENT


def test_a_download_goes_on_where_it_stopped() -> None:
    file = io.BytesIO()
    download = Download(file)
    download.begin(200, {"etag": TAG})
    download.feed(CONTENT[:1000])

    assert download.headers_to_go_on() == {"Range": "bytes=1000-", "If-Range": TAG}
    download.begin(206, {"content-range": f"bytes 1000-{len(CONTENT) - 1}/{len(CONTENT)}"})
    download.feed(CONTENT[1000:])
    download.check()
    assert file.getvalue() == CONTENT


def test_a_download_begins_anew_where_the_whole_is_sent_again() -> None:
    file = io.BytesIO(b"head")
    file.seek(4)
    download = Download(file)
    for content in (CONTENT[:2000], CONTENT):
        download.begin(200, {"etag": TAG})
        download.feed(content)
    download.check()

    assert file.getvalue() == b"head" + CONTENT
    assert (download.size, download.sha256) == (len(CONTENT), TAG.strip('"'))


def test_another_piece_than_was_asked_for_is_refused() -> None:
    download = Download(io.BytesIO())
    download.begin(200, {"etag": TAG})
    download.feed(CONTENT[:1000])

    with pytest.raises(AnswerUnreadable):
        download.begin(206, {"content-range": f"bytes 999-{len(CONTENT) - 1}/{len(CONTENT)}"})


def test_a_document_that_was_damaged_on_its_way_is_refused() -> None:
    download = Download(io.BytesIO())
    download.begin(200, {"etag": TAG})
    download.feed(CONTENT[:-1] + b"?")

    with pytest.raises(AnswerUnreadable, match="damaged"):
        download.check()


def test_a_document_without_an_end_is_refused() -> None:
    download = Download(io.BytesIO(), limit=1000)
    download.begin(200, {})

    with pytest.raises(AnswerUnreadable, match="1000"):
        download.feed(b"x" * 1001)


def test_a_refusal_does_not_end_in_the_file() -> None:
    file = io.BytesIO()
    download = Download(file)
    download.begin(422, {})
    download.feed(b"{}")

    assert (download.body, file.getvalue()) == (b"{}", b"")


def test_a_file_has_its_name_only_when_it_is_whole(tmp_path: Path) -> None:
    to = tmp_path / "signed.pdf"
    to.write_bytes(b"the one before")
    writing = PartFile(to)
    writing.__enter__().write(b"half")
    writing.__exit__(RuntimeError)

    assert [each.read_bytes() for each in tmp_path.iterdir()] == [b"the one before"]
    with PartFile(to) as file:
        file.write(b"whole")
    assert [each.read_bytes() for each in tmp_path.iterdir()] == [b"whole"]
