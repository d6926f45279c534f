"""How this face's bodies come in: forms and JSON as existing clients write them, counted while they arrive.

Forgiving in form, strict in amount: an unknown part is skipped, a repeated one replaces the first, a missing boundary
is read off the first line; size, parts, time and memory in flight are bounded as everywhere.
"""

import asyncio
import base64
import binascii
import hashlib
import re
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl

import msgspec
from litestar import Request
from litestar.exceptions import InternalServerException
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from multipart import MultipartError, MultipartSegment, PushMultipartParser

from api.bodies import FORM, Intake
from api.faces.esign.caller import SECRET_FIELDS
from api.faces.esign.errors import EsignRefused
from api.problems import TOO_SLOW, RequestRefused
from signer.document import Document, Spool, new_spool

PICTURE_BYTES: Final = 4 * 1024 * 1024
"""Most of a signature picture."""
TEXT_BYTES: Final = 16 * 1024
"""Most of any other field."""
SMALL_BODY: Final = 64 * 1024
"""Bytes of a call that brings no document."""
_PARTS: Final = 100
_PART_HEADERS: Final = 16
_JSON: Final = re.compile(r"application/(?:[a-z0-9.+-]+\+)?json|text/json")
_FIRST_LINE: Final = re.compile(rb"(?:\r\n)*--([0-9A-Za-z'()+_,./:=? -]{1,70})\r\n")
_LONGEST_FIRST_LINE: Final = 128
_DATA_URL: Final = re.compile(r"\s*data:[^,]{0,100};base64,", re.IGNORECASE)
_BLANK: Final = re.compile(r"\s+")

Asked = Request[Any, Any, Any]
Read = TypeVar("Read")


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One body, read: texts by name, and what came as octets."""

    texts: Mapping[str, str]
    document: Document | None
    name: str | None
    """What the client called the document's file: its claim."""
    pictures: Mapping[str, bytes] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """A field without blanks around it; empty where it is absent."""
        return self.texts.get(name, "").strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What a call knows; everything else in its body is skipped."""

    document: str
    texts: frozenset[str]
    pictures: frozenset[str] = frozenset()


class Reading:
    """One request's body; whoever has it read gives its memory back when nobody needs it any more."""

    def __init__(self, intake: Intake, request: Asked) -> None:
        self._intake = intake
        self._request = request
        self._held = 0
        self._spool = new_spool(None)

    def give_back(self) -> None:
        """Its octets are no longer held; on the event loop alone."""
        self._spool.close()
        self._intake.room.give_back(self._held)
        self._held = 0

    async def fields(self, names: "Names") -> Received:
        """A form, or a JSON object with the same names. Fields of the address count where the body lacks them.

        Raises `EsignRefused` and `RequestRefused`; then nothing is held.
        """
        return await self._within_time(self._fields(names))

    async def object(self, *, most: int) -> dict[str, Any]:
        """A JSON object of at most `most` bytes; raises likewise."""
        return await self._within_time(self._object(most))

    async def read(self, reader: Callable[[Mapping[str, Any], Callable[[int], None]], Read], *, most: int) -> Read:
        """What `reader` makes of such an object; it is given a function that holds so many octets more."""
        return await self._within_time(self._read(reader, most))

    async def _read(self, reader: Callable[[Mapping[str, Any], Callable[[int], None]], Read], most: int) -> Read:
        return reader(await self._object(most), self._hold)

    async def _within_time(self, reading: Coroutine[Any, Any, Read]) -> Read:
        try:
            async with asyncio.timeout(self._intake.seconds):
                return await reading
        except TimeoutError:
            self.give_back()
            raise RequestRefused(TOO_SLOW, "The body took too long.") from None
        except InternalServerException:
            self.give_back()
            raise EsignRefused("Sambungan terputus sebelum isi permintaan lengkap.") from None
        except BaseException:
            self.give_back()
            raise

    async def _fields(self, names: Names) -> Received:
        kind, options = self._request.content_type
        if kind == FORM:
            received = await self._form(options.get("boundary", ""), names)
        elif _JSON.fullmatch(kind):
            most = (self._intake.max_document_bytes + PICTURE_BYTES) // 3 * 4 + TEXT_BYTES * 8
            received = self._of_object(await self._object(most), names)
        else:
            raise EsignRefused("Kirim permintaan sebagai multipart/form-data atau application/json.")
        return replace(received, texts={**_query_of(self._request, names), **received.texts})

    async def _object(self, most: int) -> dict[str, Any]:
        body = bytearray()
        async for chunk in self._request.stream():
            if len(body) + len(chunk) > most:
                raise RequestEntityTooLarge
            self._hold(len(chunk))
            body += chunk
        try:
            read = msgspec.json.decode(body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise EsignRefused("Isi permintaan bukan JSON yang utuh.") from None
        if not isinstance(read, dict):
            raise EsignRefused("Isi permintaan harus berupa objek JSON.")
        return read

    def _of_object(self, read: Mapping[str, Any], names: Names) -> Received:
        known = {name: plain_text(read[name]) for name in (names.document, *names.texts, *names.pictures) & read.keys()}
        said = {name: text for name, text in known.items() if text is not None}
        texts = {name: _within(said[name], TEXT_BYTES, name) for name in names.texts & said.keys()}
        drawn = {name: octets_of(said[name], name) for name in names.pictures & said.keys()}
        content = octets_of(said.get(names.document, ""), names.document)
        self._hold(len(content) + sum(map(len, drawn.values())))
        if len(content) > self._intake.max_document_bytes:
            raise RequestEntityTooLarge
        if too_long := [name for name, picture in drawn.items() if len(picture) > PICTURE_BYTES]:
            raise _too_long(too_long[0])
        return Received(
            texts=texts,
            document=Document.of(content) if content else None,
            name=None,
            pictures={name: picture for name, picture in drawn.items() if picture},
        )

    async def _form(self, boundary: str, names: Names) -> Received:
        stream = self._request.stream()
        first = b""
        if not boundary:
            boundary, first = await _boundary_in(stream)
        form = _Form(names, self._intake.max_document_bytes, self._spool, self._hold)
        try:
            with PushMultipartParser(
                boundary.encode("latin-1", "replace"), max_segment_count=_PARTS, max_header_count=_PART_HEADERS
            ) as parser:
                form.take(parser.parse(first) if first else ())
                async for chunk in stream:
                    form.take(parser.parse(chunk) if chunk else ())
        except MultipartError:
            raise EsignRefused("Isi permintaan bukan multipart/form-data yang utuh.") from None
        return form.received()

    def _hold(self, count: int) -> None:
        self._intake.room.take(count)
        self._held += count


async def small_object(intake: Intake, request: Asked) -> dict[str, Any]:
    """The JSON object of a call that brings no document; its octets are not held any more. Raises as `Reading`."""
    reading = Reading(intake, request)
    body = await reading.object(most=SMALL_BODY)
    reading.give_back()
    return body


class _Form:
    """The parts of one form while they arrive."""

    def __init__(self, names: Names, most: int, spool: Spool, hold: Callable[[int], None]) -> None:
        self._names, self._most, self._spool, self._hold = names, most, spool, hold
        self._parts: dict[str, bytearray] = {}
        self._name = ""
        self._file_name: str | None = None
        self._begin_document()

    def _begin_document(self) -> None:
        self._spool.seek(0)
        self._spool.truncate()
        self._digest, self._size = hashlib.sha256(), 0

    def take(self, events: Iterable[MultipartSegment | bytes | bytearray | None]) -> None:
        """What the parser found in one more chunk."""
        for event in events:
            if isinstance(event, MultipartSegment):
                self._begin(event)
            elif event and self._name == self._names.document:
                self._write(event)
            elif event and self._name in self._parts:
                self._grow(event)

    def _begin(self, segment: MultipartSegment) -> None:
        """One more part; of several with one name the last one counts."""
        self._name = segment.name
        if self._name == self._names.document:
            self._begin_document()
            self._file_name = segment.filename
        elif self._name in self._names.texts | self._names.pictures:
            self._parts[self._name] = bytearray()

    def _write(self, chunk: bytes | bytearray) -> None:
        self._size += len(chunk)
        if self._size > self._most:
            raise RequestEntityTooLarge
        self._hold(len(chunk))
        self._digest.update(chunk)
        self._spool.write(chunk)

    def _grow(self, chunk: bytes | bytearray) -> None:
        part = self._parts[self._name]
        if len(part) + len(chunk) > (PICTURE_BYTES if self._name in self._names.pictures else TEXT_BYTES):
            raise _too_long(self._name)
        self._hold(len(chunk))
        part += chunk

    def received(self) -> Received:
        """All of it, now that the form is complete."""
        parts = {name: bytes(part) for name, part in self._parts.items()}
        return Received(
            texts={name: parts[name].decode("utf-8", "replace") for name in self._names.texts & parts.keys()},
            document=Document.in_spool(self._spool, self._size, self._digest) if self._size else None,
            name=self._file_name,
            pictures={name: parts[name] for name in self._names.pictures & parts.keys() if parts[name]},
        )


async def _boundary_in(stream: AsyncIterator[bytes]) -> tuple[str, bytes]:
    """The boundary that a form's first line names, and what was read of the form for it."""
    read = b""
    async for chunk in stream:
        read += chunk
        if (found := _FIRST_LINE.match(read)) is not None:
            return found[1].decode("ascii"), read
        if len(read) > _LONGEST_FIRST_LINE:
            break
    raise EsignRefused("Isi permintaan bukan multipart/form-data yang utuh.")


def _query_of(request: Asked, names: Names) -> dict[str, str]:
    """The address's fields; secret ones were refused before."""
    try:
        pairs = parse_qsl(
            request.scope["query_string"].decode("latin-1"), keep_blank_values=True, max_num_fields=_PARTS
        )
    except ValueError:
        raise EsignRefused("Alamat memuat terlalu banyak bidang.") from None
    return {name: _within(text, TEXT_BYTES, name) for name, text in pairs if name in names.texts - SECRET_FIELDS}


def _within(text: str, most: int, name: str) -> str:
    if len(text.encode("utf-8", "surrogatepass")) > most:
        raise _too_long(name)
    return text


def plain_text(value: Any) -> str | None:
    """A JSON value as the text that a form would carry; `None` for null, lists and objects."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return value if isinstance(value, str) else None


def octets_of(text: str, name: str) -> bytes:
    """Base64 (RFC 4648, 4), also with line breaks or as a data URL; raises `EsignRefused`, which names `name`."""
    plain = _BLANK.sub("", _DATA_URL.sub("", text, count=1))
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise EsignRefused(f"Isi {name} bukan base64 yang utuh.") from None


def _too_long(name: str) -> EsignRefused:
    return EsignRefused(f"Isi {name} terlalu besar.", status=413)
