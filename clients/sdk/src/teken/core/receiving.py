"""Where an answer goes: into memory within a limit, or into a file, from where a broken download stopped."""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, Final

from teken.errors import AnswerUnreadable

MAX_JSON: Final = 16 * 1024 * 1024
"""Bytes of an answer in JSON; the longest page has a few hundred kilobytes."""

MAX_DOCUMENT: Final = 160 * 1024 * 1024
"""Bytes of a document; the service signs 112 MiB, and a signature with its evidence adds less than one."""

_DIGEST: Final = re.compile('"([0-9a-f]{64})"')


class Answer:
    """Status, header fields, and the body in memory."""

    def __init__(self, limit: int = MAX_JSON) -> None:
        self.status = 0
        self.headers: Mapping[str, str] = {}
        self._limit = limit
        self._body = bytearray()

    @property
    def body(self) -> bytes:
        return bytes(self._body)

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        self.status, self.headers = status, headers
        self._body.clear()

    def feed(self, chunk: bytes) -> None:
        if len(self._body) + len(chunk) > self._limit:
            raise AnswerUnreadable(f"The answer has more than {self._limit} bytes.")
        self._body += chunk


class Download(Answer):
    """A document on its way into a file; everything but success stays in memory.

    Where the connection ends, `headers_to_go_on` ask for the rest of the very same octets.
    """

    def __init__(self, file: BinaryIO, limit: int = MAX_DOCUMENT) -> None:
        """`file` can be written to and seeks; whatever stands behind its position is overwritten and cut off."""
        super().__init__()
        self.size = 0
        self._file = file
        self._start = file.tell()
        self._most = limit
        self._digest = hashlib.sha256()
        self._tag: str | None = None

    @property
    def sha256(self) -> str:
        """Of what has arrived, hexadecimal."""
        return self._digest.hexdigest()

    def headers_to_go_on(self) -> dict[str, str]:
        """What asks for the rest; nothing where there is no rest to ask for."""
        return {"Range": f"bytes={self.size}-", "If-Range": self._tag} if self.size and self._tag else {}

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        super().begin(status, headers)
        if status == 206:
            if not headers.get("content-range", "").startswith(f"bytes {self.size}-"):
                raise AnswerUnreadable("Another piece of the document came than was asked for.")
            return
        if self.ok:
            self._tag = headers.get("etag")
            self.size, self._digest = 0, hashlib.sha256()
            self._file.seek(self._start)
            self._file.truncate()

    def feed(self, chunk: bytes) -> None:
        if not self.ok:
            super().feed(chunk)
            return
        self.size += len(chunk)
        if self.size > self._most:
            raise AnswerUnreadable(f"The document has more than {self._most} bytes.")
        self._digest.update(chunk)
        self._file.write(chunk)

    def check(self) -> None:
        """Whether what arrived is what the service has: its ETag is the document's SHA-256."""
        named = _DIGEST.fullmatch(self._tag or "")
        if named is not None and named[1] != self.sha256:
            raise AnswerUnreadable("The document was damaged on its way.")


class PartFile:
    """A file that gets its name once it is whole; before, it lies beside it as `NAME.part`."""

    def __init__(self, to: Path) -> None:
        self._to = to
        self._part = to.with_name(f"{to.name}.part")

    def __enter__(self) -> BinaryIO:
        self._file = self._part.open("w+b")
        return self._file

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._file.close()
        if kind is None:
            self._part.replace(self._to)
        else:
            self._part.unlink(missing_ok=True)
