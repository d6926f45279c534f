"""Kinds of letters that stay outside of electronic signing: lists as data, and which of them holds for whom.

A list is a TOML file with name, version, author and date; the house brings two, an operator may add others or newer
versions. Which lists hold for a client is kept in the database; for a client about whom nothing is kept, all do.
"""

import hashlib
import re
import tomllib
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, Protocol

from signer.errors import KindRefused, Unavailable

LISTS: Final = Path(__file__).parent / "kind_lists"
MOST_LISTS: Final = 32
_NAME: Final = re.compile("[a-z0-9][a-z0-9-]{0,63}")
_KEYS: Final = frozenset({"name", "version", "author", "date", "says", "kinds"})


class KindListUnusable(ValueError):
    """A file that is no list of kinds; the text names file and key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcludedKind:
    """One kind, and how people write it."""

    name: str
    spellings: tuple[str, ...] = ()
    """Besides the name. One that ends in ` *` stands for everything that begins with these words."""

    def is_meant_by(self, text: str) -> bool:
        """Whether `text` is this kind, however it is written: case, spaces, dots, dashes and width do not matter."""
        said = _words(text)
        return any(_says(said, each) for each in (self.name, *self.spellings))


@dataclass(frozen=True, slots=True, kw_only=True)
class KindList:
    """One list of kinds that are not signed electronically."""

    name: str
    version: int
    author: str
    date: date
    says: str
    """What was stated, in one sentence; for people."""
    kinds: tuple[ExcludedKind, ...]
    sha256: str
    """Of the file, hex: another content needs another version."""

    def find(self, kind: str) -> ExcludedKind | None:
        """The entry that `kind` falls under."""
        return next((each for each in self.kinds if each.is_meant_by(kind)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class KindDefault:
    """What holds for an official's signatures where the request states no kind."""

    kind: str | None = None
    unstated_allowed: bool = True
    """Whether they may sign where neither the request nor `kind` says anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """Which lists hold for one client, and since when."""

    client_id: str
    lists: frozenset[str]
    actor: str
    at: datetime


class KindAssignments(Protocol):
    """What is kept about clients and officials."""

    def lists_of(self, client_id: str, /) -> frozenset[str] | None:
        """Names of the lists that hold for a client; `None` where nobody decided: then all of them do."""
        ...

    def default_of(self, signatory_id: str, /) -> KindDefault:
        """Of an official, so that it outlives the renewal of a credential."""
        ...


class KindRules:
    """Answers whether a kind may be signed electronically. Asked before any passphrase is tried or counted."""

    def __init__(self, lists: tuple[KindList, ...], assignments: KindAssignments) -> None:
        self._lists = {each.name: each for each in lists}
        self._assignments = assignments

    def lists_for(self, client_id: str) -> tuple[KindList, ...]:
        """Those that hold for a client, by name. Raises `Unavailable` where one of them is gone: no guess is made."""
        names = self._assignments.lists_of(client_id)
        if names is None:
            return tuple(self._lists[name] for name in sorted(self._lists))
        if gone := sorted(names - self._lists.keys()):
            raise Unavailable(f"the list of kinds {gone[0]} holds for {client_id} and is not installed")
        return tuple(self._lists[name] for name in sorted(names))

    def require_allowed(self, kind: str | None, *, client_id: str, signatory_id: str) -> None:
        """Raises `KindRefused` where a list names the stated kind, or the official's default where none is stated."""
        stated = (kind or "").strip()
        if not stated:
            default = self._assignments.default_of(signatory_id)
            stated = (default.kind or "").strip()
            if not stated and not default.unstated_allowed:
                raise _unstated()
        found = [(each.name, entry.name) for each in self.lists_for(client_id) if (entry := each.find(stated))]
        if found:
            raise _excluded(kind=found[0][1], lists=tuple(name for name, _ in found))


def load_lists(folder: Path | None = None) -> tuple[KindList, ...]:
    """The lists of the house, and those of `folder`, which take the place of ours with the same name.

    Raises `KindListUnusable` for a file that is no list, or for a name that comes twice in one folder.
    """
    found: dict[str, KindList] = {}
    for place in (LISTS, *([folder] if folder is not None else [])):
        if not place.is_dir():
            raise KindListUnusable(f"{place} is no folder")
        here = [list_from_toml(file.read_bytes(), file.name) for file in sorted(place.glob("*.toml"))]
        if len({each.name for each in here}) != len(here) or len(here) > MOST_LISTS:
            raise KindListUnusable(f"{place}: a name comes twice, or there are more than {MOST_LISTS} lists")
        found |= {each.name: each for each in here}
    return tuple(found[name] for name in sorted(found))


def list_from_toml(content: bytes, file: str) -> KindList:
    """One list; raises `KindListUnusable` with the name of the file and of the key."""
    try:
        table = tomllib.loads(content.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise KindListUnusable(f"{file}: {error}") from None
    if table.keys() != _KEYS:
        raise KindListUnusable(f"{file}: has to hold exactly {', '.join(sorted(_KEYS))}")
    for key, kind in (("name", str), ("version", int), ("author", str), ("date", date), ("says", str), ("kinds", list)):
        if type(table[key]) is not kind or not table[key]:
            raise KindListUnusable(f"{file}: {key} is empty or no {kind.__name__}")
    if not _NAME.fullmatch(table["name"]):
        raise KindListUnusable(f"{file}: name has to be lower-case letters, digits and dashes, 64 at most")
    return KindList(
        name=table["name"],
        version=table["version"],
        author=table["author"],
        date=table["date"],
        says=table["says"],
        kinds=tuple(_kind(each, file) for each in table["kinds"]),
        sha256=hashlib.sha256(content).hexdigest(),
    )


def _kind(table: Any, file: str) -> ExcludedKind:
    known = isinstance(table, dict) and {"name"} <= table.keys() <= {"name", "spellings"}
    texts = [table["name"], *table.get("spellings", [])] if known else []
    if not texts or not all(isinstance(each, str) and _words(each) for each in texts):
        raise KindListUnusable(f"{file}: each of kinds has a name, and may have spellings, all of them words")
    return ExcludedKind(name=texts[0], spellings=tuple(texts[1:]))


def _words(text: str) -> tuple[str, ...]:
    """Lower-case words of letters and digits; invisible characters are nothing, all other ones stand between words."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    seen = (each for each in plain if unicodedata.category(each) not in ("Cf", "Mn"))
    return tuple("".join(each if each.isalnum() else " " for each in seen).split())


def _says(said: tuple[str, ...], spelling: str) -> bool:
    meant = _words(spelling)
    if spelling.endswith(" *"):
        return len(said) > len(meant) and said[: len(meant)] == meant
    return "".join(said) == "".join(meant)  # `SuratKeputusan`, `S.K.`


def _excluded(*, kind: str, lists: tuple[str, ...]) -> KindRefused:
    names = ", ".join(lists)
    return KindRefused(
        f'Jenis naskah "{kind}" termasuk daftar {names} dan belum dapat ditandatangani secara elektronik. Gunakan tanda'
        f" tangan basah. / This kind is on the list {names} and cannot be signed electronically yet. Use a wet"
        " signature.",
        field="letter.kind",
        reason="kind-excluded",
        kind=kind,
        lists=lists,
    )


def _unstated() -> KindRefused:
    return KindRefused(
        "Jenis naskah harus disebutkan untuk penanda tangan ini. / The kind of letter has to be stated for this"
        " signatory.",
        field="letter.kind",
        reason="kind-unstated",
    )
