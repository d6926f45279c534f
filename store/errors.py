"""What can go wrong with what is remembered. All of it is our side: texts are for the log only.

StoreError                   also an `Unavailable` of `signer`, `ca` and `verifier`
    DatabaseMisconfigured    URL or driver not supported, schema missing or of another release; the text names the fix
    DatabaseUnavailable      the database does not answer, or refused a statement
    AlreadyExists            a row with this key exists: serial, code, credential, client, outcome
    IllegalMove              the state machine knows no such move, or somebody else moved first; nothing changed
    TrailBroken              the trail does not hold where a checkpoint should be made; nothing is signed over it
    TrailNotProven           no signed checkpoint of the trail for too long; acts that need one are refused
    AuditRefused             an audit entry that must not be written (a NIK, a NIP, a float); the act fails with it
    VaultMisconfigured       the place for documents does not exist or cannot be written; the text names the fix
    VaultUnavailable         the place for documents does not answer
    DocumentTooLarge         more bytes than the vault takes
    DocumentDamaged          the bytes under a digest no longer have that digest
"""

from ca.errors import CaUnavailable
from signer.errors import Unavailable
from verifier.errors import VerificationUnavailable

__all__ = [
    "AlreadyExists",
    "AuditRefused",
    "DatabaseMisconfigured",
    "DatabaseUnavailable",
    "DocumentDamaged",
    "DocumentTooLarge",
    "IllegalMove",
    "StoreError",
    "TrailBroken",
    "TrailNotProven",
    "VaultMisconfigured",
    "VaultUnavailable",
]


class StoreError(Unavailable, CaUnavailable, VerificationUnavailable):
    """Base of everything that this package raises on purpose and that no port names.

    It is an `Unavailable` of each domain whose ports are kept here, because those ports promise that and no more.
    """


class DatabaseMisconfigured(StoreError):
    """The settings name a database that this release cannot work with."""


class DatabaseUnavailable(StoreError):
    """The database does not answer. Never carries its text, which may quote rows."""


class AlreadyExists(StoreError):
    """What should be new is there already; nothing was overwritten."""


class IllegalMove(StoreError):
    """The row is not in a state from which this move leads."""


class AuditRefused(StoreError):
    """No log, no act: an entry that breaks the rules of the trail takes its act down with it."""


class TrailBroken(StoreError):
    """An integrity alarm: the entries that wait for a checkpoint, or the checkpoints before, are not as written."""


class TrailNotProven(StoreError):
    """Entries wait for a signed checkpoint longer than the settings allow."""


class VaultMisconfigured(StoreError):
    """The settings name a vault that cannot be used."""


class VaultUnavailable(StoreError):
    """The vault does not answer."""


class DocumentTooLarge(StoreError):
    """The limit of the vault; intake has a lower one, so this is never a caller's first answer."""


class DocumentDamaged(StoreError):
    """An integrity alarm: the stored bytes are not what was put."""
