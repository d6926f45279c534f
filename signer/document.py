"""A document as signing holds it: octets in memory or in a file, hashed once, extended without being copied.

A signature adds a few kilobytes to the end of what is there. So a document is a sequence of parts, of which the first
one may lie in a file; what extends it is a new part, and its digest continues the digest of what was there before.
Objects are frozen: a longer document is another one, and shares the parts.
"""

import hashlib
import io
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Self, TypeAlias, cast

CHUNK: Final = 256 * 1024
"""Octets that are read from a file at once."""
IN_MEMORY: Final = 1024 * 1024
"""Octets of a document that are kept in memory while it arrives; a larger one goes to a file."""

Spool: TypeAlias = "tempfile.SpooledTemporaryFile[bytes]"


def new_spool(folder: Path | None) -> Spool:
    """Where a document goes while it arrives: memory, and once it is large a file in `folder` that has no name, so
    that a crash leaves nothing behind. `None`: the machine's own folder for such files."""
    return tempfile.SpooledTemporaryFile(IN_MEMORY, dir=None if folder is None else str(folder))


class _File:
    """An open file without a position, closed when nobody needs it any more."""

    __slots__ = ("_handle",)

    def __init__(self, handle: int) -> None:
        self._handle = os.dup(handle)

    def read(self, start: int, end: int) -> bytes:
        content = os.pread(self._handle, end - start, start)  # safe in several threads
        if len(content) != end - start:
            raise OSError("the document's file has become shorter")
        return content

    def __del__(self) -> None:
        os.close(self._handle)


@dataclass(frozen=True, slots=True)
class _Part:
    """Octets of a document: all of `source`, or the first `length` of a file."""

    start: int
    length: int
    source: bytes | _File
    before: "hashlib._Hash"
    """SHA-256 of everything in front of it."""

    def read(self, start: int, end: int) -> bytes:
        """From `start` up to `end`, both counted from its own beginning."""
        if isinstance(self.source, bytes):
            return self.source if (start, end) == (0, self.length) else self.source[start:end]
        return self.source.read(start, end)


class Document:
    """Octets and their SHA-256. Reads like `bytes`: length, slices, equality with `bytes`."""

    __slots__ = ("_digest", "_parts")

    def __init__(self, parts: tuple[_Part, ...], digest: "hashlib._Hash") -> None:
        """For this module; others begin with `of` or `in_file`."""
        self._parts = parts
        self._digest = digest

    @classmethod
    def of(cls, content: "Content") -> "Document":
        """A document in memory; a `Document` is given back as it is."""
        if isinstance(content, Document):
            return content
        return cls((_Part(0, len(content), content, hashlib.sha256()),), hashlib.sha256(content))

    @classmethod
    def in_file(cls, file: BinaryIO, size: int, digest: "hashlib._Hash") -> Self:
        """The first `size` octets of an open file, whose SHA-256 was computed while they were written.

        The document has a handle of its own, so the caller may close the file; nobody may write to it any more.
        """
        return cls((_Part(0, size, _File(file.fileno()), hashlib.sha256()),), digest.copy())

    @classmethod
    def in_spool(cls, spool: Spool, size: int, digest: "hashlib._Hash") -> "Document":
        """What was written to `spool`, with its SHA-256; the spool is closed."""
        with spool:
            spool.flush()
            spool.seek(0)
            return cls.of(spool.read()) if size <= IN_MEMORY else cls.in_file(cast(BinaryIO, spool), size, digest)

    @property
    def sha256(self) -> str:
        """The digest of all of it, in hex."""
        return self._digest.hexdigest()

    def hasher(self) -> "hashlib._Hash":
        """SHA-256 over all of it, to be continued."""
        return self._digest.copy()

    def plus(self, more: bytes) -> "Document":
        """This document with `more` at its end."""
        digest = self._digest.copy()
        digest.update(more)
        return Document((*self._parts, _Part(len(self), len(more), more, self._digest)), digest)

    def with_octets(self, start: int, octets: bytes) -> "Document":
        """This document with `octets` in the place of those at `start`, which lie in its last part and in memory."""
        *others, last = self._parts
        offset = start - last.start
        if not isinstance(last.source, bytes) or not 0 <= offset <= offset + len(octets) <= last.length:
            raise ValueError("only what was added last can be replaced")
        new = b"".join((last.source[:offset], octets, last.source[offset + len(octets) :]))
        digest = last.before.copy()
        digest.update(new)
        return Document((*others, _Part(last.start, last.length, new, last.before)), digest)

    def begins_with(self, other: "Document") -> bool:
        """Whether `other` is the beginning of this one. Parts that both share need not be read."""
        common = 0
        for mine, its in zip(self._parts, other._parts, strict=False):
            if mine is not its:
                break
            common = mine.start + mine.length
        rest = other.chunks(common)
        return len(other) <= len(self) and all(
            self[common + offset : common + offset + len(chunk)] == chunk for offset, chunk in _numbered(rest)
        )

    def chunks(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The octets from `start` up to `end`, a piece at a time: of a file at most `CHUNK`."""
        end = len(self) if end is None else min(end, len(self))
        for part in self._parts:
            first, last = max(start - part.start, 0), min(end - part.start, part.length)
            step = part.length or 1 if isinstance(part.source, bytes) else CHUNK
            for at in range(first, last, step):
                yield part.read(at, min(at + step, last))

    def content(self) -> bytes:
        """All of it in memory."""
        return self[:]

    def reader(self) -> BinaryIO:
        """A stream over it with a position of its own."""
        if all(isinstance(part.source, bytes) for part in self._parts):
            return io.BytesIO(self[:])
        return cast(BinaryIO, io.BufferedReader(_Stream(self), CHUNK))

    def __len__(self) -> int:
        return self._parts[-1].start + self._parts[-1].length

    def __getitem__(self, place: slice) -> bytes:
        start, end, step = place.indices(len(self))
        if step != 1:
            raise ValueError("a document is read in one direction")
        found = list(self.chunks(start, end))
        return found[0] if len(found) == 1 else b"".join(found)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Document | bytes):
            return NotImplemented
        return self.sha256 == Document.of(other).sha256

    def __hash__(self) -> int:
        return hash(self.sha256)

    def __repr__(self) -> str:
        return f"Document({len(self)} octets, {self.sha256})"


Content: TypeAlias = Document | bytes
"""What may be given where a document is wanted."""


class _Stream(io.RawIOBase):
    """A document as a file that can be read from any place."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: len(self._document)}[whence]
        if base + offset < 0:
            raise ValueError("a place in front of the document")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]  # what BufferedReader passes
        content = self._document[self._at : self._at + len(buffer)]
        buffer[: len(content)] = content
        self._at += len(content)
        return len(content)


def _numbered(chunks: Iterator[bytes]) -> Iterator[tuple[int, bytes]]:
    """Each chunk with its distance from the first one's beginning."""
    offset = 0
    for chunk in chunks:
        yield offset, chunk
        offset += len(chunk)
