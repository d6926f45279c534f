"""One-time links to the page of factors: 256 random bits, kept as a hash, good once and for a limited time."""

import base64
import hashlib
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from signer.factors.ports import LinkStore

LINK_BYTES: Final = 32
_LINK: Final = re.compile(r"[A-Za-z0-9_-]{43}")


class FactorLinks:
    """Made for one person, claimed once. `now` gives aware UTC."""

    def __init__(
        self,
        *,
        links: LinkStore,
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
        lifetime: timedelta,
    ) -> None:
        self._links = links
        self._now = now
        self._random_bytes = random_bytes
        self._lifetime = lifetime

    def invite(self, signatory_id: str, *, actor: str) -> str:
        """A one-time link in place of every earlier one."""
        token = base64.urlsafe_b64encode(self._random_bytes(LINK_BYTES)).rstrip(b"=").decode()
        at = self._now()
        self._links.issue(signatory_id, _hashed(token), expires_at=at + self._lifetime, actor=actor, at=at)
        return token

    def behind(self, link: str) -> str | None:
        """Whose a link is, where it is good."""
        return self._links.find(_hashed(link), at=self._now()) if _LINK.fullmatch(link) else None

    def claim(self, link: str) -> str | None:
        """Whose it was: of two who claim it at once, one is told."""
        return self._links.claim(_hashed(link), at=self._now()) if _LINK.fullmatch(link) else None


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
