"""Make a SoftHSM token in a folder of its own: configuration, PIN files, token. Doing it twice is harmless.

<directory>/              0700
  softhsm2.conf           0600   from the template beside this file
  so.pin  user.pin        0600   128 random bits each; belong into different hands in production: with custodians
                                 each has a share of both in a folder of his own, and all shares are needed
  tokens/                 0700   SoftHSM's own files
"""

import fcntl
import os
import pty
import re
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from string import Template
from typing import Final

from hsm_config.errors import HsmMisconfigured
from hsm_config.pin import Pin, make_pin_file, read_shared_pin
from hsm_config.settings import HsmSettings, find_softhsm_module

TEMPLATE: Final = Path(__file__).with_name("softhsm2.conf.template")
SECONDS: Final = 30  # the tool needs hundredths of one
LABEL_BYTES: Final = 32  # CK_TOKEN_INFO.label (PKCS#11 2.40, 3.2)

_TOKEN_FOLDER: Final = re.compile(r"^\s*directories\.tokendir\s*=(.*)$", re.MULTILINE)


def initialise_token(
    directory: Path,
    *,
    label: str,
    random_bytes: Callable[[int], bytes],
    module: Path | None = None,
    custodians: Sequence[Path] = (),
) -> HsmSettings:
    """A token labelled `label` under `directory`, and the settings that open it.

    `custodians`: folders of the people who share its PINs, at least two; without them the PINs lie in `directory`.
    1. Folders, configuration and PIN files are made where they are missing; the PINs come before the token. A
       configuration that names another folder than the one beside it that holds the token came from elsewhere with a
       moved or copied folder, and is written anew.
    2. A token that is there and complete stays untouched. One that was interrupted before its user PIN was set holds
       nothing yet and is made again.
    Raises `HsmMisconfigured` when SoftHSM is not installed, a PIN file is missing beside a token, or the label does not
    fit.
    """
    if not label.isprintable() or label != label.strip() or not 0 < len(label.encode()) <= LABEL_BYTES:
        raise HsmMisconfigured(
            f"token label {label!r} must be 1 to {LABEL_BYTES} octets of printable text without blanks around it"
        )
    keepers = tuple(custodians) or (directory,)
    settings = HsmSettings(
        module=module or find_softhsm_module(),
        token_label=label,
        pin_file=keepers[0] / "user.pin",
        pin_shares=tuple(keeper / "user.pin" for keeper in keepers[1:]),
        softhsm_conf=directory / "softhsm2.conf",
    )
    tokens = directory / "tokens"
    for folder in (directory, tokens, *keepers):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone_in(directory):
        _write_configuration(directory / "softhsm2.conf", tokens)
        state = _token_state(settings)
        so_pins = [keeper / "so.pin" for keeper in keepers]
        for pin_file in (*so_pins, settings.pin_file, *settings.pin_shares):
            if not pin_file.exists():
                _refuse_token_without_pin(pin_file, state)
                make_pin_file(pin_file, random_bytes)
        if state != "complete":
            _make_token(settings, so_pin=read_shared_pin(so_pins[0], so_pins[1:]), again=state == "interrupted")
    return settings


@contextmanager
def _alone_in(directory: Path) -> Iterator[None]:
    """Two processes that initialise the same folder would make two tokens with one label."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _write_configuration(path: Path, tokens: Path) -> None:
    folder = str(tokens.resolve())
    if "#" in folder or not folder.isprintable():
        raise HsmMisconfigured(f"SoftHSM cannot read the folder name {folder!r}: choose one without '#'")
    if path.exists() and not _came_from_elsewhere(path, tokens):
        return
    draft = path.with_name(f".{path.name}")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(Template(TEMPLATE.read_text(encoding="utf-8")).substitute(tokens=folder))
    draft.replace(path)


def _came_from_elsewhere(path: Path, tokens: Path) -> bool:
    named = _TOKEN_FOLDER.search(path.read_text(encoding="utf-8"))
    return named is not None and named[1].strip() != str(tokens.resolve()) and any(tokens.iterdir())


def _token_state(settings: HsmSettings) -> str:
    """`absent`, `interrupted` (no user PIN yet) or `complete`."""
    for slot in _softhsm2_util(settings, "--show-slots").split("\nSlot ")[1:]:
        fields = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in slot.splitlines())}
        if fields.get("Label") == settings.token_label and fields.get("Initialized") == "yes":
            return "complete" if fields.get("User PIN init.") == "yes" else "interrupted"
    return "absent"


def _refuse_token_without_pin(pin_file: Path, state: str) -> None:
    if state == "complete":
        raise HsmMisconfigured(f"the token is there and {pin_file} is not: put the PIN file back")


def _make_token(settings: HsmSettings, *, so_pin: Pin, again: bool) -> None:
    """Let SoftHSM's tool make the token. Its prompts get the PINs on a terminal of ours, because an argument list is
    public to every user of the machine; the binding itself has no C_InitToken."""
    where = ("--token", settings.token_label) if again else ("--free",)
    user_pin = read_shared_pin(settings.pin_file, settings.pin_shares)
    answers = "".join(f"{pin.reveal()}\n" * 2 for pin in (so_pin, user_pin))
    ours, theirs = pty.openpty()
    try:
        os.write(ours, answers.encode())
        _softhsm2_util(settings, "--init-token", *where, "--label", settings.token_label, stdin=theirs)
    finally:
        os.close(ours)
        os.close(theirs)


def _softhsm2_util(settings: HsmSettings, *arguments: str, stdin: int = subprocess.DEVNULL) -> str:
    command = ["softhsm2-util", "--module", str(settings.module), *arguments]
    environment = {**os.environ, "SOFTHSM2_CONF": str(settings.softhsm_conf)}
    try:
        done = subprocess.run(
            command, env=environment, stdin=stdin, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except FileNotFoundError:
        raise HsmMisconfigured("softhsm2-util is not installed: install the package softhsm2") from None
    except subprocess.TimeoutExpired:
        raise HsmMisconfigured(
            f"softhsm2-util did not answer within {SECONDS} seconds: check {settings.softhsm_conf}"
        ) from None
    if done.returncode != 0:
        reason = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise HsmMisconfigured(f"softhsm2-util {arguments[0]} failed ({reason[0]}): check {settings.softhsm_conf}")
    return done.stdout
