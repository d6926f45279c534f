"""What can go wrong when a document is verified. A bad signature is a report, never an exception.

VerifierError
    VerificationRefused          the caller can act; safe to show
        TooLarge                 more bytes than the limit
    VerificationUnavailable      our side; for the log only
        WorkerBusy               the queue is full; try again after `retry_after` seconds
        WorkerFailed             the worker could not be started
"""

__all__ = ["TooLarge", "VerificationRefused", "VerificationUnavailable", "VerifierError", "WorkerBusy", "WorkerFailed"]


class VerifierError(Exception):
    """Base of everything that this package raises on purpose."""


class VerificationRefused(VerifierError):
    """The caller can act. `str(error)` is safe to show."""

    def __init__(self, message: str, *, field: str, reason: str) -> None:
        super().__init__(message)
        self.field = field
        self.reason = reason


class TooLarge(VerificationRefused):
    """The document has more bytes than the limit."""


class VerificationUnavailable(VerifierError):
    """Our side failed; the document was not judged."""


class WorkerBusy(VerificationUnavailable):
    """All workers are busy and the queue is full."""

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        """Seconds."""


class WorkerFailed(VerificationUnavailable):
    """A worker process could not be started or did not speak our protocol."""
