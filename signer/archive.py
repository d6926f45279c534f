"""Signed documents kept valid: later versions beside the old ones, and renewals before anything that they rest on ends.

Nothing is ever replaced. A crash leaves at most bytes in the vault that no row names; the next run begins that document
anew, and its history stays one line, because a version stands on exactly one other.
"""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final, Protocol

from signer.augmentation import AugmentationService, AugmentedDocument
from signer.errors import Refused, ResultUnsound, SignerError, StatusUnavailable, TimestampUnavailable
from signer.model import SignatureLevel
from signer.ports import DocumentVault, Judge

log = logging.getLogger(__name__)

LEASE: Final = timedelta(minutes=10)
"""How long one worker has a document to itself; whoever died with one is forgotten after that."""
_FIRST_WAIT: Final = timedelta(hours=1)
_LONGEST_WAIT: Final = timedelta(days=1)
_FAILURES: Final[dict[type[Exception], str]] = {
    StatusUnavailable: "status-unavailable",
    TimestampUnavailable: "timestamp-unavailable",
    ResultUnsound: "result-unsound",
}


class VersionReason(Enum):
    """Why a version was made."""

    AUGMENTATION = "augmentation"
    RENEWAL = "renewal"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentVersion:
    """One version of a signed document in the register."""

    token: str
    """Long verification code of its signing."""
    number: int
    """0 is the document as it was signed."""
    sha256: str
    size: int
    page_count: int | None
    level: SignatureLevel
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """A version to be added, and what it means for the next renewal."""

    version: DocumentVersion
    previous: str
    """SHA-256 of the version on which it stands."""
    reason: VersionReason
    validity: "Validity"


@dataclass(frozen=True, slots=True, kw_only=True)
class Validity:
    """How long the newest version holds."""

    good_until: datetime
    due_at: datetime
    policy: str
    """Id of the validation policy by which that was found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedDocument:
    """A document whose turn it is."""

    token: str
    sha256: str
    """Of its newest version."""
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveProgress:
    """Where the archive stands."""

    documents: int
    unexamined: int
    """Whose end nobody has looked up yet."""
    due: int
    overdue: int
    """Due for longer than `OVERDUE`, or ended."""
    failing: int
    """Whose last attempt failed."""
    next_due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """A document that reached a higher level."""

    made: AugmentedDocument
    kept: DocumentVersion | None
    """As a new version of a signing; `None` for a document that was given back and not kept."""


OVERDUE: Final = timedelta(days=14)
"""How long a due renewal may wait before somebody has to look."""


class Archive(Protocol):
    """What must be remembered of documents that are kept valid."""

    def find(self, sha256: str) -> tuple[DocumentVersion, str] | None:
        """The version with these bytes, and the client that had it signed."""
        ...

    def versions(self, token: str) -> tuple[DocumentVersion, ...]:
        """All of one signing, the signed one first; empty where nothing was signed."""
        ...

    def add(self, added: Added, *, actor: str | None) -> None:
        """The version, its validity and the audit entry in one transaction.

        Raises `Unavailable` where `previous` is not the newest version any more: nothing changed then.
        """
        ...

    def note_passing(self, *, input_sha256: str, result_sha256: str, level: SignatureLevel, at: datetime) -> None:
        """A document that is not in the register was raised and given back; only the trail knows."""
        ...

    def examined(self, document: ArchivedDocument, validity: Validity) -> None:
        """How long its newest version holds."""
        ...

    def claim_due(self, *, at: datetime, until: datetime) -> ArchivedDocument | None:
        """The one that has been due longest, for the caller alone until `until`; one conditional update."""
        ...

    def claim_unexamined(self, *, policy: str, at: datetime, until: datetime) -> ArchivedDocument | None:
        """One that nobody has looked at by `policy`, likewise."""
        ...

    def failed(self, document: ArchivedDocument, *, reason: str, again_at: datetime, at: datetime) -> None:
        """An attempt ended with `reason`; not before `again_at` again."""
        ...

    def progress(self, *, at: datetime) -> ArchiveProgress: ...


class ArchiveService:
    """Raises documents of the register and keeps them valid. Build it once a process; safe in several threads."""

    def __init__(
        self,
        *,
        augmentation: AugmentationService,
        archive: Archive,
        vault: DocumentVault,
        judge: Judge,
        policy: str,
        margin: timedelta,
        now: Callable[[], datetime],
    ) -> None:
        """`policy`: id of the validation policy that says when algorithms end; `margin`: how long before an end a
        document is renewed."""
        self._augmentation = augmentation
        self._archive = archive
        self._vault = vault
        self._judge = judge
        self._policy = policy
        self._margin = margin
        self._now = now

    def raise_file(self, document: bytes, level: SignatureLevel, *, sha256: str, client_id: str) -> Raised:
        """`document` raised to `level`. Where the same client had it signed here, its newest version is raised and the
        result kept beside it; any other result is given back and not kept. Raises as `AugmentationService.augment`."""
        known = self._archive.find(sha256)
        if known is not None and known[1] == client_id:
            return self.raise_registered(known[0].token, level)
        made = self._augmentation.augment(document, level)
        self._archive.note_passing(
            input_sha256=sha256,
            result_sha256=hashlib.sha256(made.pdf).hexdigest(),
            level=made.level,
            at=self._now(),
        )
        return Raised(made=made, kept=None)

    def raise_registered(self, token: str, level: SignatureLevel) -> Raised:
        """The newest version of a signing raised to `level`, kept beside the older ones."""
        newest = self._archive.versions(token)[-1]
        made = self._augmentation.augment(self._content(newest.sha256), level)
        return Raised(made=made, kept=self._keep(newest, made, VersionReason.AUGMENTATION))

    def renew_due(self, limit: int) -> int:
        """Renew up to `limit` documents that are due, the most urgent one first, then look at up to as many that nobody
        has looked at; how many were renewed. Harmless in several processes at once, and after a crash."""
        renewed = 0
        for _ in range(limit):
            at = self._now()
            document = self._archive.claim_due(at=at, until=at + LEASE)
            if document is None:
                break
            renewed += self._attempt(document, self._renew)
        for _ in range(limit):
            at = self._now()
            document = self._archive.claim_unexamined(policy=self._policy, at=at, until=at + LEASE)
            if document is None:
                break
            self._attempt(document, self._examine)
        return renewed

    def _attempt(self, document: ArchivedDocument, act: Callable[[ArchivedDocument], None]) -> bool:
        """Whether it went well; a failure is recorded, and the document comes again later."""
        try:
            act(document)
        except Exception as error:  # whatever is wrong with one document, the next one has its turn
            log.warning("archived document: %s: %s", type(error).__name__, error if _is_ours(error) else "")
            at = self._now()
            wait = min(_FIRST_WAIT * 2 ** min(document.attempts, 10), _LONGEST_WAIT)
            self._archive.failed(document, reason=_word(error), again_at=at + wait, at=at)
            return False
        return True

    def _renew(self, document: ArchivedDocument) -> None:
        newest = self._archive.versions(document.token)[-1]
        self._keep(newest, self._augmentation.renew(self._content(newest.sha256)), VersionReason.RENEWAL)

    def _examine(self, document: ArchivedDocument) -> None:
        """When does what it rests on end? A document that does not pass is somebody's to look at."""
        judged = self._judge.judge(self._content(document.sha256))
        if not judged.passed or judged.good_until is None:
            raise ResultUnsound(f"an archived document does not pass: {judged.reason}")
        self._archive.examined(document, self._validity(judged.good_until))

    def _keep(self, newest: DocumentVersion, made: AugmentedDocument, reason: VersionReason) -> DocumentVersion:
        """The bytes first, then everything about them in one transaction."""
        version = DocumentVersion(
            token=newest.token,
            number=newest.number + 1,
            sha256=self._vault.put(made.pdf),
            size=len(made.pdf),
            page_count=made.page_count,
            level=made.level,
            made_at=self._now(),
        )
        added = Added(version=version, previous=newest.sha256, reason=reason, validity=self._validity(made.good_until))
        self._archive.add(added, actor=None)
        return version

    def _validity(self, good_until: datetime) -> Validity:
        """Due `margin` before the end; where less than twice that is left, when half of it is over."""
        at = self._now()
        due_at = max(good_until - self._margin, at + (good_until - at) / 2)
        return Validity(good_until=good_until, due_at=due_at, policy=self._policy)

    def _content(self, sha256: str) -> bytes:
        content = self._vault.get(sha256)
        if content is None:
            raise ResultUnsound(f"the vault has no document {sha256}")
        return content


def _is_ours(error: Exception) -> bool:
    return isinstance(error, SignerError)


def _word(error: Exception) -> str:
    """A stable word for the register, never the error's text."""
    if isinstance(error, Refused):
        return error.reason
    return _FAILURES.get(type(error), "internal")
