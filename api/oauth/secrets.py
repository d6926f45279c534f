"""Random texts that stand for something: codes, tokens, addresses of pushed requests. Only their hashes are kept."""

import base64
import hashlib
import re
from collections.abc import Callable
from typing import Final

SECRET_BYTES: Final = 32
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{43}")  # exactly: no kind of secret looks like another kind
ACCESS: Final = "tk_"
REFRESH: Final = "rt_"
PUSHED: Final = "urn:ietf:params:oauth:request_uri:"
"""RFC 9126, 2.2: the form that clients know."""


def new_secret(random_bytes: Callable[[int], bytes], prefix: str = "") -> str:
    """256 random bits as base64url, so that a plain hash of it is enough."""
    return prefix + base64.urlsafe_b64encode(random_bytes(SECRET_BYTES)).rstrip(b"=").decode()


def hash_of(text: str, prefix: str = "") -> str | None:
    """How a secret is known to the store; `None` for what is not even shaped like one."""
    if not text.startswith(prefix) or not _SECRET.fullmatch(text[len(prefix) :]):
        return None
    return hashlib.sha256(text.encode()).hexdigest()


def verifier_fits(verifier: str, challenge: str) -> bool:
    """RFC 7636, 4.6, S256. Both are the client's; a comparison by length of time tells nobody anything."""
    made = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode("utf-8", "surrogatepass")).digest())
    return made.rstrip(b"=").decode() == challenge
