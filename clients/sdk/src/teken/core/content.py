"""What is sent as a body: read in pieces, from the beginning again for each attempt, never in memory as a whole."""

import hashlib
import secrets
import tempfile
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final, Protocol, cast

PIECE: Final = 64 * 1024
"""Bytes that are read at once."""

PDF: Final = "application/pdf"

Document = bytes | Path | BinaryIO
"""A document to be sent: its bytes, where it lies, or an open file (binary; read from where it stands)."""


class Content(Protocol):
    """A body of known length that can be read again."""

    @property
    def media_type(self) -> str: ...

    @property
    def length(self) -> int: ...

    def pieces(self) -> Iterator[bytes]:
        """All of it, from the beginning."""


class Plain:
    """Bytes."""

    def __init__(self, content: bytes, media_type: str) -> None:
        self.media_type = media_type
        self.length = len(content)
        self.content = content

    def pieces(self) -> Iterator[bytes]:
        yield from (self.content[at : at + PIECE] for at in range(0, self.length, PIECE))


class Sent:
    """A document. A file that cannot go back (a pipe) is copied to a temporary one first."""

    media_type = PDF

    def __init__(self, document: Document) -> None:
        self._document = document
        if isinstance(document, bytes):
            self.length = len(document)
        elif isinstance(document, Path):
            self.length = document.stat().st_size
        else:
            self._document = file = document if document.seekable() else self._copied(document)
            self._start = file.tell()
            self.length = file.seek(0, 2) - self._start
            file.seek(self._start)

    def pieces(self) -> Iterator[bytes]:
        if isinstance(self._document, bytes):
            yield from Plain(self._document, PDF).pieces()
        elif isinstance(self._document, Path):
            with self._document.open("rb") as opened:
                yield from iter(lambda: opened.read(PIECE), b"")
        else:
            given = self._document
            given.seek(self._start)
            yield from iter(lambda: given.read(PIECE), b"")

    def _copied(self, pipe: BinaryIO) -> BinaryIO:
        file = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115 - it lives as long as this, without a name
        weakref.finalize(self, file.close)
        for piece in iter(lambda: pipe.read(PIECE), b""):
            file.write(piece)
        file.seek(0)
        return file

    def sha256(self) -> str:
        """Of all of it, hexadecimal."""
        digest = hashlib.sha256()
        for piece in self.pieces():
            digest.update(piece)
        return digest.hexdigest()


class Form:
    """`multipart/form-data` (RFC 7578): small parts, and the document last."""

    def __init__(self, parts: dict[str, tuple[str, bytes]], document: Sent) -> None:
        """`parts`: media type and content by name."""
        boundary = secrets.token_hex(16)
        self.media_type = f"multipart/form-data; boundary={boundary}"
        heads = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\nContent-Type: {kind}\r\n\r\n'.encode()
            + content
            + b"\r\n"
            for name, (kind, content) in parts.items()
        ]
        named = 'form-data; name="document"; filename="document.pdf"'
        start = f"--{boundary}\r\nContent-Disposition: {named}\r\nContent-Type: {document.media_type}\r\n\r\n"
        self._before = b"".join(heads) + start.encode()
        self._document = document
        self._after = f"\r\n--{boundary}--\r\n".encode()
        self.length = len(self._before) + document.length + len(self._after)

    def pieces(self) -> Iterator[bytes]:
        yield self._before
        yield from self._document.pieces()
        yield self._after
