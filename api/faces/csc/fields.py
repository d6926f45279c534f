"""How a body is read: each field by its declaration, and refused in the specification's own words.

Unknown fields are ignored; null, and "" for an optional text, are the same as absent (2.0.0.2, 7.1; our reading).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import msgspec

from api.faces.csc.errors import bad_value, invalid, missing

_MOST_DIGITS: Final = 9


class Face(StrEnum):
    """Which version of the specification somebody speaks."""

    V1 = "v1"
    V2 = "v2"


class Kind(StrEnum):
    """The type of a field; the value is the specification's word for it."""

    STRING = "string"
    STRINGS = "array"
    OBJECTS = "array of objects"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    ANY = "any"
    """Taken as it comes: what makes no sense counts as absent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a request."""

    name: str
    """Exactly as it is written, case included."""
    kind: Kind = Kind.STRING
    required: bool = False
    longest: int | None = None
    """Most characters of a text."""
    also: str | None = None
    """Another spelling that a published client sends."""
    about: str = ""
    """For the OpenAPI document."""


Values = Mapping[str, Any]
"""The fields of one request by name; `None` for what is absent."""


def read_json(body: bytes) -> Mapping[str, Any]:
    """The object in a body; no body, `{}` and `null` mean the same."""
    if not body.strip():
        return {}
    try:
        given = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise invalid("The request body is not JSON") from None
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise invalid("The request body is not a JSON object")
    return given


def read(fields: Sequence[Field], given: Mapping[str, Any]) -> Values:
    """Every declared field of `given`; raises what the specification says of the first one that is wrong."""
    return {each.name: _value(each, given) for each in fields}


def _value(field: Field, given: Mapping[str, Any]) -> Any:
    value = _present(given.get(field.name))
    if field.also is not None and (other := _present(given.get(field.also))) is not None:
        if value is not None:
            raise bad_value(field.name)  # both spellings: which of them was meant?
        value = other
    if value is None:
        if field.required:
            raise missing(_word(field.kind), field.name)
        return None
    read_value = _READERS[field.kind](value)
    if read_value is None:
        raise missing(_word(field.kind), field.name)
    if field.longest is not None and len(read_value) > field.longest:
        raise bad_value(field.name)
    return read_value


def _present(value: Any) -> Any:
    return None if value == "" else value


def _word(kind: Kind) -> str:
    return "array" if kind is Kind.OBJECTS else kind.value


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _texts(value: Any) -> tuple[str, ...] | None:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        return None
    return tuple(value)


def _objects(value: Any) -> tuple[Mapping[str, Any], ...] | None:
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        return None
    return tuple(value)


def _integer(value: Any) -> int | None:
    """Also a string of digits, which a public collection of requests sends; never a boolean."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _MOST_DIGITS:
        return int(value)
    return None


def _boolean(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


_READERS: Final[Mapping[Kind, Callable[[Any], Any]]] = {
    Kind.STRING: _text,
    Kind.STRINGS: _texts,
    Kind.OBJECTS: _objects,
    Kind.INTEGER: _integer,
    Kind.BOOLEAN: _boolean,
    Kind.ANY: lambda value: value,
}
