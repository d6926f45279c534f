"""What the office refuses.

OfficeError
├── Refused: with the field and what to do now
│   ├── NotFound
│   ├── NotYours
│   ├── Outdated
│   └── TooOften: and when it goes on
└── Misconfigured
"""


class OfficeError(Exception):
    """Base of all."""


class Refused(OfficeError):
    """What was asked for cannot be; `field` names what to change, the message says how."""

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message)
        self.field = field


class NotFound(Refused):
    """There is none, or none that this person may know of."""


class NotYours(Refused):
    """It is somebody else's."""


class Outdated(Refused):
    """Somebody changed it meanwhile."""


class TooOften(Refused):
    """Somebody did it too often, or everybody together; it goes on after `seconds`."""

    def __init__(self, message: str, *, field: str, seconds: int) -> None:
        super().__init__(message, field=field)
        self.seconds = seconds


class Misconfigured(OfficeError):
    """A setting, a feature or a template is wrong; the message says which and how to mend it."""
