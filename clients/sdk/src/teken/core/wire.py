"""What the generated modules are made of: bodies that show no secret, words that may be new, operations."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Self

import msgspec


class Body(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Something sent or answered. What an answer has and this version does not know is ignored."""

    _masked: ClassVar[frozenset[str]] = frozenset()
    """Attributes whose values are secret."""

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        told = [(name, getattr(self, name)) for name in self.__struct_fields__]
        return [(name, "***" if name in self._masked and value is not None else value) for name, value in told]

    def __repr__(self) -> str:
        """Every attribute, and of a secret that there is one."""
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.__rich_repr__())})"


class Word(StrEnum):
    """A word of the contract. One that is newer than this version is taken as it comes, and equals its text."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        word = str.__new__(cls, value)
        word._name_, word._value_ = value, value
        return word


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the contract."""

    method: str
    path: str
    keyed: bool = False
    """Whether it takes an `Idempotency-Key`, and so may be sent again."""
    open: bool = False
    """Whether it needs no access token."""
