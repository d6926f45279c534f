"""How a body comes in: streamed, counted while it arrives, with a limit for size, time and memory in flight.

One document a request, either raw or as a part of `multipart/form-data` (RFC 7578). What does not fit ends early.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from litestar import Request
from litestar.exceptions import InternalServerException
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from multipart import (
    MultipartError,
    MultipartSegment,
    ParserLimitReached,
    PushMultipartParser,
)

from api.problems import (
    BODY_TOO_LARGE,
    DOCUMENT_MISSING,
    INVALID_REQUEST,
    TOO_SLOW,
    UNSUPPORTED_MEDIA_TYPE,
    UPLOADS_FULL,
    RequestRefused,
)
from signer.document import Document, new_spool

PDF: Final = "application/pdf"
FORM: Final = "multipart/form-data"
OVERHEAD: Final = 64 * 1024
"""What a multipart body may have besides its document: boundaries, headers, the other parts."""
REQUEST_PART_BYTES: Final = 8 * 1024
"""The JSON beside a document, as a part or as the header `Teken-Request`."""


class UploadRoom:
    """Memory for bodies in flight, in bytes. Used on the event loop only, so it needs no lock."""

    def __init__(self, size: int) -> None:
        self._free = size

    def take(self, count: int) -> None:
        """Use `count` bytes of it; refuses with 503 where they are not free."""
        if count > self._free:
            raise RequestRefused(UPLOADS_FULL, "Other uploads use all the room.", headers={"Retry-After": "2"})
        self._free -= count

    def give_back(self, count: int) -> None:
        """The bytes are no longer held."""
        self._free += count

    @property
    def free(self) -> int:
        """Bytes that are left."""
        return self._free


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """How documents come in at one route."""

    room: UploadRoom
    max_document_bytes: int
    seconds: float

    @asynccontextmanager
    async def open(self, request: Request[Any, Any, Any]) -> AsyncIterator["Upload"]:
        """Read the body; its bytes count as in flight until the block ends."""
        reading = _Reading(self, request)
        try:
            async with asyncio.timeout(self.seconds):
                upload = await reading.run()
        except TimeoutError:
            reading.give_back()
            raise RequestRefused(TOO_SLOW, f"The body did not arrive within {self.seconds:g} s.") from None
        except BaseException:
            reading.give_back()
            raise
        try:
            yield upload
        finally:
            reading.give_back()


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """What arrived: the document, hashed while it did and in a file where it is large, and the other parts by name."""

    arrived: Document
    parts: Mapping[str, bytes]

    @property
    def document(self) -> bytes:
        """The document in memory."""
        return self.arrived.content()


class _Reading:
    """One body while it arrives."""

    def __init__(self, intake: Intake, request: Request[Any, Any, Any]) -> None:
        self._intake = intake
        self._request = request
        self._held = 0
        self._spool = new_spool(None)
        self._digest = hashlib.sha256()
        self._size = 0

    async def run(self) -> Upload:
        media_type, options = self._request.content_type
        try:
            if media_type == PDF:
                upload = await self._raw()
            elif media_type == FORM:
                upload = await self._form(options.get("boundary", ""))
            else:
                raise RequestRefused(
                    UNSUPPORTED_MEDIA_TYPE,
                    f"Send the document as {PDF}, or as a part of {FORM}.",
                    field="Content-Type",
                    reason="unsupported",
                    headers={"Accept-Post": f"{PDF}, {FORM}"},
                )
        except RequestEntityTooLarge:
            raise self._too_large() from None
        except InternalServerException:
            raise RequestRefused(INVALID_REQUEST, "The connection ended within the body.", reason="cut-off") from None
        if not len(upload.arrived):
            raise RequestRefused(DOCUMENT_MISSING, "The document is empty.", field="document", reason="empty")
        return upload

    def give_back(self) -> None:
        self._spool.close()
        self._intake.room.give_back(self._held)
        self._held = 0

    def _hold(self, count: int) -> None:
        self._intake.room.take(count)
        self._held += count

    def _too_large(self) -> RequestRefused:
        return RequestRefused(
            BODY_TOO_LARGE,
            f"The document has more than {self._intake.max_document_bytes} bytes.",
            field="document",
            reason="too-large",
        )

    def _write(self, chunk: bytes | bytearray) -> None:
        """One more piece of the document."""
        self._size += len(chunk)
        if self._size > self._intake.max_document_bytes:
            raise RequestEntityTooLarge
        self._hold(len(chunk))
        self._digest.update(chunk)
        self._spool.write(chunk)

    def _upload(self, parts: Mapping[str, bytes]) -> Upload:
        return Upload(arrived=Document.in_spool(self._spool, self._size, self._digest), parts=parts)

    async def _raw(self) -> Upload:
        async for chunk in self._request.stream():
            self._write(chunk)
        return self._upload({})

    async def _form(self, boundary: str) -> Upload:
        if not boundary:
            raise RequestRefused(
                INVALID_REQUEST, "The content type names no boundary.", field="Content-Type", reason="no-boundary"
            )
        parts: dict[str, bytearray] = {}
        try:
            with PushMultipartParser(boundary.encode(), max_segment_count=4) as parser:
                await self._collect(parser, parts)
        except ParserLimitReached:
            raise RequestRefused(
                INVALID_REQUEST, "The form has too many parts or too long headers.", reason="form-limit"
            ) from None
        except MultipartError:
            raise RequestRefused(
                INVALID_REQUEST, "The body is not a complete multipart/form-data.", reason="broken-form"
            ) from None
        if parts.pop("document", None) is None:
            raise RequestRefused(
                DOCUMENT_MISSING, "The form has no part named document.", field="document", reason="missing"
            )
        return self._upload({name: bytes(part) for name, part in parts.items()})

    async def _collect(self, parser: Any, parts: dict[str, bytearray]) -> None:
        """Each part of the form under its name; a name that comes twice is refused, not overwritten."""
        part, name = bytearray(), ""
        async for chunk in self._request.stream():
            for event in parser.parse(chunk) if chunk else ():
                if isinstance(event, MultipartSegment):
                    name = event.name
                    if name in parts:
                        raise RequestRefused(
                            INVALID_REQUEST, "The same part came twice.", field=_known(name), reason="twice"
                        )
                    part = parts[name] = bytearray()
                elif event:
                    self._grow_part(name, part, event)

    def _grow_part(self, name: str, part: bytearray, chunk: bytes | bytearray) -> None:
        if name == "document":
            self._write(chunk)
            return
        if len(part) + len(chunk) > REQUEST_PART_BYTES:
            raise RequestRefused(
                BODY_TOO_LARGE,
                f"Only the document may have more than {REQUEST_PART_BYTES} bytes.",
                field=_known(name),
                reason="too-large",
            )
        self._hold(len(chunk))
        part += chunk


def _known(name: str) -> str | None:
    """The name of a part, where it is one of ours: a stranger's text is not sent back."""
    return name if name in ("document", "request", "password") else None
