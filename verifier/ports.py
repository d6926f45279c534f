"""What judging needs of others, in judging's words."""

from datetime import datetime
from typing import Protocol

from verifier.model import Relation, TrustSnapshot


class TrustSource(Protocol):
    """Where the trust snapshot comes from. Cheap to ask: the same object while nothing changed."""

    def snapshot(self, at: datetime) -> TrustSnapshot: ...


class Register(Protocol):
    """What was issued here, seen from a stranger's file."""

    def relation(self, *, sha256: str, prefix_sha256s: tuple[str, ...]) -> tuple[Relation, str | None]:
        """How the file stands to the register, and the long verification code of the registered document.

        `prefix_sha256s`: hex digests of each earlier revision of the file, newest first.
        """
        ...
