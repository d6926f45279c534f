"""The secret under which personal numbers are hashed: one file, made once."""

import os
from collections.abc import Callable
from pathlib import Path

from api.settings import SettingsError
from signer.identity import KEY_BYTES, PersonalNumberHash


def make_identity_key(path: Path, random_bytes: Callable[[int], bytes]) -> None:
    """The file, readable by its owner alone; one that is there stays as it is."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(random_bytes(KEY_BYTES).hex() + "\n")


def read_identity_key(path: Path) -> PersonalNumberHash:
    """The hash under the key in `path`; raises `SettingsError` with the fix."""
    try:
        return PersonalNumberHash(bytes.fromhex(path.read_text(encoding="ascii").strip()))
    except OSError as error:
        raise SettingsError(
            f"people.identity_key_file: {path} cannot be read ({error.strerror}); restore it from the backup, "
            "or let `teken start` make a new one, where nobody is registered yet"
        ) from error
    except ValueError:
        raise SettingsError(f"people.identity_key_file: {path} does not hold {KEY_BYTES} octets in hex") from None
