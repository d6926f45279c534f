"""The trail as one file of JSON lines, for an auditor to take away; it can be verified without the database.

    {"export": 1, "at": "…", "software": "…"}
    {"entry": {…}}            every column, texts exactly as they are hashed
    {"checkpoint": {…}}       after the last entry that it covers
    {"stamp": {…}}            what another house stamped of it
    {"end": {"head": "…", "last": …}}

No key stands in the file: whoever verifies it brings the public parts of the ceremony.
"""

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from api.audit.check import Trail
from api.audit.copies import from_json, to_json
from store.audit import AuditEntry
from store.checkpoints import Checkpoint

_Read = TypeVar("_Read")

_FORMAT: Final = 1
_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"
_NAMES: Final = {field.name for field in fields(AuditEntry)}


class ExportUnreadable(Exception):
    """This file is no whole export; the text names the line."""


def export_lines(trail: Trail, *, software: str, at: datetime) -> Iterator[str]:
    """The lines of an export, each without its end. Raises `StoreError` where the trail cannot be read.

    Entries are written as they are found, whatever they are: to judge them is the verification's work.
    """
    checkpoints = trail.checkpoints()
    stamps = trail.stamps()
    last, head = trail.head()
    yield _line({"export": _FORMAT, "at": at.astimezone(UTC).strftime(_TIME), "software": software})
    upcoming = next(checkpoints, None)
    for entry in trail.entries(last):
        yield _line({"entry": {name: getattr(entry, name) for name in _NAMES}})
        while upcoming is not None and _covers_until(upcoming[1]) <= entry.sequence:
            yield _line({"checkpoint": {"number": upcoming[0], **to_json(upcoming[1])}})
            upcoming = next(checkpoints, None)
    while upcoming is not None:
        yield _line({"checkpoint": {"number": upcoming[0], **to_json(upcoming[1])}})
        upcoming = next(checkpoints, None)
    for number, token in sorted(stamps.items()):
        yield _line({"stamp": {"number": number, "token": base64.b64encode(token).decode()}})
    yield _line({"end": {"last": last, "head": head}})


class ExportedTrail:
    """An export as `api.audit.check.Trail`. Raises `ExportUnreadable` when it is opened or read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        first, last = None, None
        for number, line in self._lines():
            first = first or line
            if last is not None and "end" in last:
                raise ExportUnreadable(f"{path}, line {number}: something follows the end")
            last = line
        if first is None or first.get("export") != _FORMAT:
            raise ExportUnreadable(f"{path}: its first line does not say that it is an export of this format")
        if last is None or "end" not in last:
            raise ExportUnreadable(f"{path}: its last line is not the end of an export; take it again")
        self._end = last["end"]
        self.at = self._read("line 1", lambda: datetime.strptime(first["at"], _TIME).replace(tzinfo=UTC))
        """When it was taken."""

    def entries(self, last: int) -> Iterator[AuditEntry]:
        """All of them, up to `last`."""
        for number, line in self._lines():
            if "entry" not in line:
                continue
            if not isinstance(line["entry"], dict) or line["entry"].keys() != _NAMES:
                raise ExportUnreadable(f"{self._path}, line {number}: this is no entry")
            entry = AuditEntry(**line["entry"])
            if type(entry.sequence) is not int:
                raise ExportUnreadable(f"{self._path}, line {number}: the sequence is no number")
            if entry.sequence > last:
                return
            yield entry

    def checkpoints(self) -> Iterator[tuple[int, Checkpoint]]:
        """All of them."""
        for number, line in self._lines():
            if "checkpoint" in line:
                yield self._read(f"line {number}", partial(_numbered, line["checkpoint"]))

    def stamps(self) -> Mapping[int, bytes]:
        """All of them."""
        return {
            number: token
            for line_number, line in self._lines()
            if "stamp" in line
            for number, token in [self._read(f"line {line_number}", partial(_stamp, line["stamp"]))]
        }

    def head(self) -> tuple[int, str]:
        """As it stood when the export was taken."""
        return self._read("last line", lambda: (int(self._end["last"]), str(self._end["head"])))

    def _read(self, where: str, read: Callable[[], _Read]) -> _Read:
        try:
            return read()
        except (KeyError, TypeError, ValueError, AttributeError):
            raise ExportUnreadable(f"{self._path}, {where}: cannot be understood") from None

    def _lines(self) -> Iterator[tuple[int, dict[str, Any]]]:
        try:
            with self._path.open(encoding="utf-8") as file:
                for number, text in enumerate(file, start=1):
                    line = json.loads(text)
                    if not isinstance(line, dict):
                        raise ExportUnreadable(f"{self._path}, line {number}: is no JSON object")
                    yield number, line
        except OSError as error:
            raise ExportUnreadable(f"{self._path}: cannot be read ({error.strerror})") from None
        except (ValueError, RecursionError):
            raise ExportUnreadable(f"{self._path}: is not JSON lines") from None


def _numbered(found: dict[str, Any]) -> tuple[int, Checkpoint]:
    rest = dict(found)
    return int(rest.pop("number")), from_json(rest)


def _stamp(found: dict[str, Any]) -> tuple[int, bytes]:
    return int(found["number"]), base64.b64decode(found["token"], validate=True)


def _covers_until(checkpoint: Checkpoint) -> int:
    try:
        return checkpoint.content.last
    except ValueError:
        return 0  # rewritten: it goes out as it is


def _line(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=repr)
