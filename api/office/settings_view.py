"""The settings in force, for administrators to read: secrets are not in them, and what leads to one is not shown."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Final

from api.office.desk import Caller, Desk
from api.permissions import Permission
from api.settings import Settings

HIDDEN: Final = "•••"
_ADDRESSES: Final = frozenset({"store.database_url"})
_PASSWORD: Final = re.compile("(://[^:@/]*:).*@")
_LEADING_TO_SECRETS: Final = ("_file", "_endpoint", ".user", ".webhook")
"""How keys end whose value leads to a secret, or is an address or account that may hold one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One key as it is in force."""

    key: str
    """`section.key`, as in the file."""
    value: str
    changed: bool
    """Whether it differs from what holds where the file says nothing; also where the file has to say something."""


class SettingsOffice:
    """Each look under the right of its caller."""

    def __init__(self, *, desk: Desk, settings: Settings) -> None:
        self._desk = desk
        self._settings = settings

    def all(self, caller: Caller) -> tuple[Setting, ...]:
        """Every key, section by section, in the order of the file's description."""
        with self._desk.acting(caller, Permission.OPERATION_READ):
            return tuple(_settings(self._settings, ""))


def _settings(section: Any, prefix: str) -> Iterator[Setting]:
    for each in fields(section):
        key, value = f"{prefix}{each.name}", getattr(section, each.name)
        if is_dataclass(value):
            yield from _settings(value, f"{key}.")
        elif isinstance(value, tuple) and value and is_dataclass(value[0]):
            for row in value:
                yield from _settings(row, f"{key}.{getattr(row, 'name', '')}.")
        else:
            default = each.default if each.default_factory is MISSING else each.default_factory()
            yield Setting(key=key, value=_shown(key, value), changed=value != default)


def _shown(key: str, value: Any) -> str:
    """In words of the file. A path to a secret, an account and a password in an address are not shown."""
    match value:
        case None | "" | ():
            said = "–"
        case str() | Path() if key.endswith(_LEADING_TO_SECRETS):
            said = HIDDEN
        case str() if key in _ADDRESSES:
            said = _PASSWORD.sub(rf"\1{HIDDEN}@", value)
        case bool():
            said = str(value).lower()
        case Enum():
            said = str(value.value)
        case Mapping():
            said = ", ".join(f"{name} = {_shown(key, each)}" for name, each in sorted(value.items())) or "–"
        case tuple():
            said = ", ".join(_shown(key, each) for each in value)
        case _:
            said = str(value)
    return said
