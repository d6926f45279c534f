"""The secret under which personal numbers are hashed: made once, for an empty database, and never in secret again."""

import json
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

from api.settings import SettingsError
from signer.identity import KEY_BYTES, PersonalNumberHash
from store.audit import Act, AuditTrail
from store.database import Database
from store.officials import holds_personal_numbers

_OBJECT: Final = "key:identity"


def keep_identity_key(
    path: Path, database: Database, *, now: Callable[[], datetime], random_bytes: Callable[[int], bytes], actor: str
) -> None:
    """The file, readable by its owner alone, made where none is and no number was ever hashed; the trail remembers it.

    Raises `SettingsError` as `require_identity_key`.
    """
    require_identity_key(path, database)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        return
    key = random_bytes(KEY_BYTES)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key.hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    check = {"check": PersonalNumberHash(key).check}
    AuditTrail(database).record(Act.KEY_CUSTODY, _OBJECT, at=now(), actor=actor, reason="made", details=check)


def require_identity_key(path: Path, database: Database) -> None:
    """Refuse to go on where numbers were hashed under a key that is not in `path` any more: with another one every
    official could be registered a second time. Raises `SettingsError` with the fix."""
    if not holds_personal_numbers(database):
        return
    found = read_identity_key(path)
    made = AuditTrail(database).read(object=_OBJECT, act=Act.KEY_CUSTODY, limit=1000)
    if made and json.loads(made[-1].details)["check"] != found.check:
        raise SettingsError(
            f"people.identity_key_file: {path} holds another key than the one under which NIK and NIP were hashed;"
            " restore the right one from the backup"
        )


def read_identity_key(path: Path) -> PersonalNumberHash:
    """The hash under the key in `path`; raises `SettingsError` with the fix."""
    try:
        return PersonalNumberHash(bytes.fromhex(path.read_text(encoding="ascii").strip()))
    except OSError as error:
        raise SettingsError(
            f"people.identity_key_file: {path} cannot be read ({error.strerror}); restore it from the backup "
            "(docs/operations/backup.md): a new one would find none of the people who are registered"
        ) from error
    except ValueError:
        raise SettingsError(
            f"people.identity_key_file: {path} does not hold {KEY_BYTES} octets in hex; restore it from the backup"
        ) from None
