"""A large document is never in memory: what signing needs of it grows with what is added, not with what is there."""

import hashlib
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from signer.document import Document
from signer.model import SignatureLevel, StampPlacement
from store.documents import FileVault
from tests.support.letters import blank, saved
from tests.support.pki import make_pki
from tests.support.signing import Desk, request

MIB = 1024 * 1024


def padded(pages: int, size: int) -> Iterator[bytes]:
    """A PDF of `pages` pages and about `size` octets: most of them are a stream that nothing refers to."""
    yield b"%PDF-1.7\n%" + b"0" * 98 + b"\n"
    whole = saved(blank(pages))
    filler = b"%" + b"0" * (MIB - 2) + b"\n"
    yield from (filler for _ in range(size // MIB))
    before = 109 + (size // MIB) * MIB
    start = int(whole[whole.rindex(b"startxref") :].split()[1])
    table, trailer = whole[start:].split(b"trailer", 1)
    lines = table.split(b"\n")
    moved = [b"%010d" % (int(line[:10]) + before) + line[10:] if line[17:18] == b"n" else line for line in lines]
    yield whole[:start] + b"\n".join(moved) + b"trailer" + trailer.replace(b"%d" % start, b"%d" % (start + before))


def in_file(path: Path, pieces: Iterator[bytes]) -> Document:
    digest, size = hashlib.sha256(), 0
    with path.open("w+b") as file:
        for piece in pieces:
            digest.update(piece)
            size += file.write(piece)
        file.flush()
        return Document.in_file(file, size, digest)


@pytest.mark.parametrize(("pages", "size", "most"), [(1, 95 * MIB, 12 * MIB), (2_000, 2 * MIB, 24 * MIB)])
def test_signing_and_keeping_it_takes_bounded_memory(tmp_path: Path, pages: int, size: int, most: int) -> None:
    document = in_file(tmp_path / "big.pdf", padded(pages, size))
    desk, vault = Desk(pki=make_pki()), FileVault(tmp_path / "vault")
    desk.service.sign(request())  # what is made once is made
    desk.service.acts._vault = vault
    tracemalloc.start()
    try:
        asked = request(document=document, level=SignatureLevel.B_LTA, stamp=StampPlacement())
        signed = desk.service.sign(asked)
        kept = vault.open(signed.document.sha256)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < most
    assert kept is not None
    assert kept.begins_with(document)
    assert len(document) >= size
    assert signed.record.outcome is not None
    assert signed.record.outcome.document_size == len(kept)
