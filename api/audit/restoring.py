"""After a backup was restored: what the copies outside know and the database does not.

Revocations are entered again; certificates that nobody can show any more are revoked. Then the copies go on in a new
folder, because a number outside never gets a second meaning.
"""

from dataclasses import dataclass

from api.audit.copies import CopiesFolder, CopyRefused
from api.audit.trust import AuditTrust
from store.checkpoints import SqlCheckpoints


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """What was done after the restored state, `<issuer>/<serial in hex>` each."""

    checkpoints: int
    """How many checkpoints are outside and not in the database."""
    issued: tuple[str, ...]
    revoked: tuple[str, ...]


def lost_since_backup(checkpoints: SqlCheckpoints, copies: CopiesFolder, trust: AuditTrust) -> Lost:
    """Compare the database with the copies outside.

    Raises `CopyRefused` for a copy that is not sound: what it says must not be acted upon.
    """
    newest = checkpoints.newest()
    known = newest.content.number if newest else 0
    later = [number for number in copies.numbers() if number > known]
    issued: list[str] = []
    revoked: list[str] = []
    for number in later:
        copy = copies.read(number)
        try:
            if copy is None or copy.content.number != number:
                raise ValueError("it is not the copy that its name says")
            trust.check(copy)
        except ValueError as error:
            raise CopyRefused(f"the copy of checkpoint {number} cannot be believed: {error}") from None
        issued += copy.content.issued
        revoked += copy.content.revoked
    return Lost(checkpoints=len(later), issued=tuple(issued), revoked=tuple(revoked))
