"""PINs live in files that only their owner can read, and in memory only while a login lasts."""

import os
import stat
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from hsm_config.errors import HsmMisconfigured

MAX_PIN_BYTES: Final = 255  # SoftHSM's upper bound; a longer file is not a PIN file
PIN_RANDOM_BYTES: Final = 16  # 128 bits, written as 32 hexadecimal digits, which every vendor's PIN alphabet allows


class Pin:
    """A PIN that no log, error or debugger line shows by accident."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The PIN itself; call it only where it is handed to the token."""
        return self._text

    def __repr__(self) -> str:
        return "Pin(***)"


def read_pin(path: Path) -> Pin:
    """The PIN in `path`, without the line end.

    Raises `HsmMisconfigured` when the file is missing, empty, too long, or readable by group or others.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # a pipe in its place must not hang us
    except OSError as error:
        raise HsmMisconfigured(
            f"PIN file {path} cannot be read ({error.strerror}): create it or correct pin_file"
        ) from None
    try:
        _refuse_open_file(os.fstat(descriptor), path)  # the file that is open: nobody can swap it after the check
        content = os.read(descriptor, MAX_PIN_BYTES + 2)
    finally:
        os.close(descriptor)
    return _checked(content, path)


def read_shared_pin(first: Path, others: Sequence[Path]) -> Pin:
    """The PIN of a token: that in `first`, or the exclusive or of `first` and `others`, each a share of 128 bits.

    Every share is made at random and alone tells nothing of the PIN. Raises `HsmMisconfigured` as `read_pin` does.
    """
    if not others:
        return read_pin(first)
    pin = 0
    for path in (first, *others):
        try:
            share = bytes.fromhex(read_pin(path).reveal())
        except ValueError:
            share = b""
        if len(share) != PIN_RANDOM_BYTES:
            raise HsmMisconfigured(f"{path} is no share of a PIN: bring the file that was made with the token")
        pin ^= int.from_bytes(share, "big")
    return Pin(pin.to_bytes(PIN_RANDOM_BYTES, "big").hex())


def _refuse_open_file(status: os.stat_result, path: Path) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise HsmMisconfigured(f"PIN file {path} is not a regular file: correct pin_file")
    if status.st_mode & 0o077:
        mode = stat.S_IMODE(status.st_mode)
        raise HsmMisconfigured(f"PIN file {path} is open to group or others (mode {mode:04o}): chmod 600 {path}")


def _checked(content: bytes, path: Path) -> Pin:
    try:
        text = content.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise HsmMisconfigured(f"PIN file {path} is not UTF-8 text: write the PIN alone into it") from None
    if not text or len(text.encode()) > MAX_PIN_BYTES or not text.isprintable():
        raise HsmMisconfigured(f"PIN file {path} must hold one line of 1 to {MAX_PIN_BYTES} octets, the PIN alone")
    return Pin(text)


def make_pin_file(path: Path, random_bytes: Callable[[int], bytes]) -> None:
    """Write a new random PIN of 128 bits into `path`, mode 0600; `HsmMisconfigured` when the file exists."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise HsmMisconfigured(f"PIN file {path} exists already: a PIN is never overwritten") from None
    except OSError as error:
        raise HsmMisconfigured(f"PIN file {path} cannot be created ({error.strerror}): check its folder") from None
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        os.fchmod(descriptor, 0o600)  # whatever the umask was
        file.write(random_bytes(PIN_RANDOM_BYTES).hex() + "\n")
        file.flush()
        os.fsync(descriptor)  # a token whose PIN was lost in a power cut is a lost token


def pin_file_of(source: str) -> Path:
    """The PIN file named by a plain path or by a `pkcs11:` URI with `pin-source` (RFC 7512, 2.4).

    Raises `HsmMisconfigured` for `pin-value` (a PIN in settings is a PIN in backups) and for anything but a file.
    """
    if not source.startswith("pkcs11:"):
        return Path(source)
    query = parse_qs(urlsplit(source).query)
    if "pin-value" in query:
        raise HsmMisconfigured("pin-value puts the PIN into the settings: write it to a file and use pin-source")
    match query.get("pin-source"):
        case [one] if one.startswith(("file:/", "/")):
            return Path("/" + unquote(one).removeprefix("file:").lstrip("/"))
        case _:
            raise HsmMisconfigured(
                "the pkcs11: URI needs exactly one pin-source with an absolute file, e.g. file:/etc/teken/user.pin"
            )
