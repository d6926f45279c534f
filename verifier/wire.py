"""Our frozen values as bytes, for the pipe between service and worker: JSON by the fields' own types, no pickle.

Strict in both directions: an unknown field, a missing one or a value of another type raises `ValueError`, so that a
worker taken over by a hostile file cannot hand the service anything but a report.
"""

import base64
import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, Final, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")
Reader = Callable[[Any], Any]


def dump(value: object) -> bytes:
    """`value`, a dataclass of this package, as bytes."""
    return json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":")).encode()


def load(kind: type[T], data: bytes) -> T:
    """The value of `kind` that `dump` wrote. Raises `ValueError` for anything else."""
    try:
        value = _reader(kind)(json.loads(data))  # type: ignore[arg-type]  # every class can be hashed
    except (TypeError, KeyError, AttributeError, RecursionError, OverflowError) as error:
        raise ValueError(f"not a {kind.__name__}: {type(error).__name__}") from None
    if not isinstance(value, kind):
        raise ValueError(f"not a {kind.__name__}")
    return value


def _plain(value: Any) -> Any:
    for kind, write in _WRITERS:
        if isinstance(value, kind):
            return write(value)
    if is_dataclass(value):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    return value


_WRITERS: Final[tuple[tuple[type, Callable[[Any], Any]], ...]] = (
    (Enum, lambda value: value.name),
    (bytes, lambda value: base64.b64encode(value).decode("ascii")),
    (date, lambda value: value.isoformat()),  # and times, which are dates
    (timedelta, lambda value: value.total_seconds()),
    (frozenset, lambda value: sorted(map(_plain, value))),
    (tuple, lambda value: list(map(_plain, value))),
)


@lru_cache(maxsize=256)
def _reader(kind: Any) -> Reader:  # noqa: PLR0911  # one line a type is the clearest form of this table
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        return _optional(kind)
    if origin in (tuple, frozenset):
        return _many(origin, _reader(get_args(kind)[0]))
    if is_dataclass(kind) and isinstance(kind, type):
        return _record(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return lambda value: kind[_exactly(str, value)]
    if kind is bytes:
        return lambda value: base64.b64decode(_exactly(str, value), validate=True)
    if kind is datetime:
        return _moment
    if kind is date:
        return lambda value: date.fromisoformat(_exactly(str, value))
    if kind is timedelta:
        return lambda value: timedelta(seconds=float(value))
    if kind is float:
        return float
    return lambda value: _exactly(kind, value)


def _optional(kind: Any) -> Reader:
    (inner,) = [each for each in get_args(kind) if each is not NoneType]
    read = _reader(inner)
    return lambda value: None if value is None else read(value)


def _many(origin: type, read: Reader) -> Reader:
    return lambda value: origin(read(each) for each in _exactly(list, value))


def _record(kind: type) -> Reader:
    hints = get_type_hints(kind)
    readers = {each.name: _reader(hints[each.name]) for each in fields(kind)}

    def read(value: Any) -> Any:
        if _exactly(dict, value).keys() != readers.keys():
            raise ValueError(f"other fields than those of {kind.__name__}")
        return kind(**{name: readers[name](part) for name, part in value.items()})

    return read


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(_exactly(str, value))
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return moment


def _exactly(kind: type[T], value: Any) -> T:
    if type(value) is not kind:
        raise ValueError(f"not a {kind.__name__}")
    return value
