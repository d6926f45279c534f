"""The office's settings: one TOML file; secrets by the name of a file; unknown keys refused."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from eoffice.errors import Misconfigured


@dataclass(frozen=True, slots=True, kw_only=True)
class TekenSettings:
    """Where Teken is, and as whom the office speaks to it."""

    url: str = "http://127.0.0.1:8000"
    client: str = ""
    secret_file: Path = Path("teken-secret")
    webhook_secret_file: Path | None = None
    """Where Teken delivers events to `/hooks/teken`."""
    certificate_authorities: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that an operator may choose; relative paths are below the folder of the file."""

    folder: Path
    government: str = "Pemerintah Provinsi Contoh"
    """Above the name of each agency, on every page."""
    place: str = "Kota Contoh"
    """Where letters are dated."""
    public_url: str = "http://127.0.0.1:8100"
    utc_offset_hours: int = 8
    database: str = ""
    """Empty: SQLite in the folder."""
    features: tuple[Path, ...] = ()
    """Folders with features of your own."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses or networks of reverse proxies whose `X-Forwarded-For` is believed."""
    listen_every_seconds: int = 5
    session_hours: int = 8
    idle_minutes: int = 60
    teken: TekenSettings = field(default_factory=TekenSettings)

    @property
    def database_url(self) -> str:
        """As `store.open_database` wants it."""
        return self.database or f"sqlite+pysqlite:///{self.folder / 'eoffice.sqlite3'}"


def load_settings(path: Path) -> Settings:
    """Raises `Misconfigured`, which names the key."""
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise Misconfigured(f"{path.name}: {error}") from None
    folder = path.resolve().parent
    office, house = dict(given.pop("eoffice", {})), dict(given.pop("teken", {}))
    if given:
        raise Misconfigured(f"{path.name}: unknown table [{next(iter(given))}]")
    if "features" in office:
        office["features"] = tuple(folder / each for each in office["features"])
    if "trusted_proxies" in office:
        office["trusted_proxies"] = _networks(office["trusted_proxies"])
    for name in ("secret_file", "webhook_secret_file", "certificate_authorities"):
        if name in house:
            house[name] = folder / house[name]
    return Settings(
        folder=folder,
        **_known(Settings, office, "eoffice"),
        teken=TekenSettings(**_known(TekenSettings, house, "teken")),
    )


def _networks(given: Any) -> tuple[str, ...]:
    try:
        return tuple(str(ip_network(each)) for each in given)
    except (TypeError, ValueError):
        raise Misconfigured('[eoffice] trusted_proxies: write a list, ["10.0.0.5", "10.1.0.0/24"]') from None


def _known(kind: type[Any], given: Mapping[str, Any], table: str) -> dict[str, Any]:
    wanted = {each.name: each.type for each in fields(kind)} | {"folder": None, "teken": None}
    for name, value in given.items():
        if name not in wanted or wanted[name] is None:
            raise Misconfigured(f"[{table}] {name}: there is no such setting")
        if wanted[name] is int and (not isinstance(value, int) or value <= 0):
            raise Misconfigured(f"[{table}] {name}: a whole number above 0")
    return dict(given)
