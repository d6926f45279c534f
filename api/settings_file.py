"""The settings, read from one TOML file. A key that nobody reads is an error, never silence."""

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import is_dataclass, replace
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import msgspec

from api.settings import Settings, SettingsError
from api.settings_rules import refuse_contradictions


def load_settings(path: Path) -> Settings:
    """The settings of the TOML file at `path`; raises `SettingsError` with the key and the fix."""
    tree = _read(path)
    _refuse_unknown_keys(tree, Settings, "")
    settings = _in_folder(_convert(tree), path.resolve().parent)
    refuse_contradictions(settings)
    return settings


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: is not UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: is not TOML: {error}; correct that place") from error


def _refuse_unknown_keys(table: Mapping[str, Any], shape: type[Any], prefix: str) -> None:
    kinds = get_type_hints(shape)
    for key, value in table.items():
        if key not in kinds:
            near = difflib.get_close_matches(key, kinds, n=1)
            advice = f"did you mean {prefix}{near[0]}?" if near else f"known here: {', '.join(sorted(kinds))}"
            raise SettingsError(f"{prefix}{key}: no such setting; {advice}")
        if is_dataclass(kinds[key]) and isinstance(value, dict):
            _refuse_unknown_keys(value, kinds[key], f"{prefix}{key}.")
        elif get_origin(kinds[key]) is tuple and isinstance(value, list):
            row: type[Any] = get_args(kinds[key])[0]
            for each in value:
                if is_dataclass(row) and isinstance(each, dict):
                    _refuse_unknown_keys(each, row, f"{prefix}{key}.")


def _convert(tree: dict[str, Any]) -> Settings:
    try:
        return msgspec.convert(tree, Settings, dec_hook=_from_text)
    except msgspec.ValidationError as error:
        reason, _, where = str(error).partition(" - at `$.")
        path = where.rstrip("`")
        if missing := re.fullmatch("Object missing required field `(.+)`", reason):
            path, reason = ".".join(filter(None, (path, missing[1]))), "is missing"
        raise SettingsError(f"{path}: {reason}") from None


def _from_text(kind: type[Any], value: Any) -> Any:
    if kind is Path and isinstance(value, str) and value:
        return Path(value)
    raise ValueError("Expected a path")


def _in_folder(settings: Settings, folder: Path) -> Settings:
    """The same settings with every relative path, the vault's and SQLite's too, starting at `folder`."""

    def optional(path: Path | None) -> Path | None:
        return path and folder / path

    hsm, store, pki = settings.hsm, settings.store, settings.pki
    return replace(
        settings,
        hsm=replace(
            hsm,
            module=folder / hsm.module,
            pin_file=folder / hsm.pin_file,
            softhsm_conf=optional(hsm.softhsm_conf),
        ),
        store=replace(
            store,
            database_url=_sqlite_in_folder(store.database_url, folder),
            database_password_file=optional(store.database_password_file),
            vault=store.vault if store.vault.startswith("s3://") else str(folder / store.vault),
            vault_secret_file=optional(store.vault_secret_file),
        ),
        people=replace(settings.people, identity_key_file=folder / settings.people.identity_key_file),
        pki=replace(pki, certificates=folder / pki.certificates, anchors=optional(pki.anchors)),
        notices=replace(
            settings.notices,
            smtp_password_file=optional(settings.notices.smtp_password_file),
            webhook_secret_file=optional(settings.notices.webhook_secret_file),
        ),
        events=replace(settings.events, ca_file=optional(settings.events.ca_file)),
        oauth=replace(settings.oauth, certificate_authorities=optional(settings.oauth.certificate_authorities)),
        signing=replace(
            settings.signing,
            kind_lists=optional(settings.signing.kind_lists),
            stamps=optional(settings.signing.stamps),
        ),
        tsa=replace(
            settings.tsa,
            outside=tuple(
                replace(
                    each,
                    password_file=optional(each.password_file),
                    token_file=optional(each.token_file),
                    ca_file=optional(each.ca_file),
                )
                for each in settings.tsa.outside
            ),
        ),
        audit=replace(settings.audit, checkpoints_to=optional(settings.audit.checkpoints_to)),
    )


def _sqlite_in_folder(url: str, folder: Path) -> str:
    driver, _, file = url.partition(":///")
    if not driver.startswith("sqlite") or not file or file.startswith(("/", ":", "file:")):
        return url
    return f"{driver}:///{folder / file}"
