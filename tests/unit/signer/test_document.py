"""A document reads like its octets, wherever they lie, and its digest is always theirs."""

import hashlib
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signer.document import CHUNK, IN_MEMORY, Document, new_spool


def in_file(content: bytes) -> Document:
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.flush()
        return Document.in_file(file, len(content), hashlib.sha256(content))


MAKERS = [Document.of, in_file]


@pytest.mark.parametrize("make", MAKERS)
@given(parts=st.lists(st.binary(max_size=40), min_size=1, max_size=4), data=st.data())
def test_it_reads_like_bytes(make: type, parts: list[bytes], data: st.DataObject) -> None:
    document, content = make(parts[0]), b"".join(parts)
    for more in parts[1:]:
        document = document.plus(more)
    start, end = data.draw(st.integers(-50, 200)), data.draw(st.integers(-50, 200))
    assert len(document) == len(content)
    assert document[start:end] == content[start:end]
    assert document.content() == b"".join(document.chunks()) == content
    assert document.sha256 == hashlib.sha256(content).hexdigest()
    assert document == content
    reader = document.reader()
    reader.seek(-len(content) // 2, io.SEEK_END)
    assert reader.read() == content[-len(content) // 2 :] or not content
    assert document.begins_with(make(parts[0]))
    assert document.begins_with(document)
    assert not document.begins_with(document.plus(b"x"))
    if parts[0]:
        changed = bytes([parts[0][0] ^ 1]) + parts[0][1:]
        assert not document.begins_with(make(changed))


@pytest.mark.parametrize("make", MAKERS)
def test_only_what_was_added_last_is_replaced(make: type) -> None:
    document = make(b"abc").plus(b"defg")
    assert document.with_octets(4, b"EF") == b"abcdEFg"
    assert document == b"abcdefg"
    for start, octets in ((2, b"x"), (6, b"xy"), (0, b"")):
        with pytest.raises(ValueError, match="added last"):
            document.with_octets(start, octets)
    with pytest.raises(ValueError, match="added last"):
        in_file(b"abc").with_octets(0, b"x")


def test_a_file_is_read_in_pieces() -> None:
    content = bytes(range(256)) * 3000
    assert max(map(len, in_file(content).chunks())) == CHUNK


def test_a_file_that_became_shorter_is_noticed() -> None:
    with tempfile.TemporaryFile() as file, pytest.raises(OSError, match="shorter"):
        Document.in_file(file, 10, hashlib.sha256()).content()


@pytest.mark.parametrize("size", [0, IN_MEMORY, IN_MEMORY + 1])
def test_what_arrives_is_kept_in_memory_until_it_is_large(tmp_path: Path, size: int) -> None:
    spool, content = new_spool(tmp_path), b"x" * size
    spool.write(content)
    document = Document.in_spool(spool, size, hashlib.sha256(content))
    assert document == content
    assert document.content() == content
    assert isinstance(document.reader(), io.BytesIO) == (size <= IN_MEMORY)
    assert list(tmp_path.iterdir()) == []
