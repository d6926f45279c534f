"""What can go wrong when a document is verified. A bad signature is a report, never an exception.

VerifierError
    VerificationRefused          the caller can act; safe to show
        TooLarge                 more bytes than the limit
        CannotDraw               no picture of that page can be made
    ConfigurationRefused         the operator can act: a policy or an anchor file is wrong
        PolicyRefused            the validation policy is absent, incomplete or says too much
        AnchorRefused            a trust anchor cannot be read or is not fit to be one
    VerificationUnavailable      our side; for the log only
        WorkerBusy               the queue is full; try again after `retry_after` seconds
        WorkerFailed             the worker could not be started
"""

__all__ = [
    "AnchorRefused",
    "CannotDraw",
    "ConfigurationRefused",
    "PolicyRefused",
    "TooLarge",
    "VerificationRefused",
    "VerificationUnavailable",
    "VerifierError",
    "WorkerBusy",
    "WorkerFailed",
]


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


class CannotDraw(VerificationRefused):
    """No picture of that page can be made: the file is unreadable, the page absent, or it took too much."""


class ConfigurationRefused(VerifierError):
    """What the operator configured does not fit; `field` names the setting."""

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message)
        self.field = field


class PolicyRefused(ConfigurationRefused):
    """The validation policy is absent, incomplete or says too much."""


class AnchorRefused(ConfigurationRefused):
    """A trust anchor cannot be read or is not fit to be one."""


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
