"""What a new passphrase must be: long, and not one of those that everybody tries first. No rules of composition."""

import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Final

from signer.errors import PassphraseTooWeak
from signer.model import Secret

MIN_LENGTH: Final = 12
MAX_LENGTH: Final = 256
_MIN_DIFFERENT: Final = 5
_LIST: Final = Path(__file__).parent / "common_passphrases.txt"


def require_strong(
    passphrase: Secret, *, own_words: tuple[str, ...] = (), field: str = "passphrase", shortest: int = MIN_LENGTH
) -> None:
    """Nothing, or `PassphraseTooWeak` that names `field`. `own_words` are what others know of the signatory."""
    text = unicodedata.normalize("NFKC", passphrase.reveal())
    plain = _plain(text)
    if len(text) < shortest:
        raise _weak(f"The passphrase is too short. Use at least {shortest} characters.", "too-short", field)
    if len(text) > MAX_LENGTH:
        raise _weak(f"The passphrase is too long. Use at most {MAX_LENGTH} characters.", "too-long", field)
    if len(set(plain)) < _MIN_DIFFERENT:
        raise _weak("The passphrase repeats a few characters. Use a sentence of several words.", "repetitive", field)
    if plain in _common() or plain.rstrip("0123456789") in _common() or plain in {_plain(word) for word in own_words}:
        raise _weak("The passphrase is one that is tried first. Use a sentence of several words.", "common", field)


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    lines = _LIST.read_text(encoding="utf-8").splitlines()
    return frozenset(_plain(line) for line in lines if line and not line.startswith("#"))


def _plain(text: str) -> str:
    """Folded, without spaces and punctuation: `Bali Dwipa Jaya!` is no other guess than `balidwipajaya`."""
    return "".join(character for character in text.casefold() if character.isalnum())


def _weak(message: str, reason: str, field: str) -> PassphraseTooWeak:
    return PassphraseTooWeak(message, field=field, reason=reason)
