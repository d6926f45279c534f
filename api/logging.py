"""How this process logs: one JSON object a line, and never the text of a foreign error, which may quote a secret."""

import logging
import sys
import traceback
from typing import Any, Final, TextIO

import structlog
from litestar.types import Scope

_QUIET: Final = (
    "httpx",
    "httpcore",
    "uvicorn.access",
    "python_multipart",
    "multipart",
    "PIL",
    "asyncio",
    "alembic",
    "dbos",
)
"""They write whole addresses, or nothing that helps."""

_MUTE: Final = ("pyhanko", "pyhanko_certvalidator")
"""Their warnings quote what strangers wrote into their files."""

REQUEST_ID: Final = "teken_request_id"
"""Where the id of a request stands in its scope's state."""


def configure_logging(stream: TextIO = sys.stderr, *, level: int = logging.INFO) -> None:
    """Everything that this process logs goes to `stream`, as one JSON object a line."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _name_the_exception,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = True
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in _MUTE:
        logging.getLogger(name).setLevel(logging.ERROR)


def frames_of(error: BaseException) -> list[str]:
    """Where an error arose, as `file:line function`; its text is left out, for it may quote what it failed on."""
    return [
        f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)[-12:]
    ]


def _name_the_exception(_: Any, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """A foreign traceback becomes kind and place: its text may quote a request."""
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["error"] = type(error).__qualname__
        event["frames"] = frames_of(error)
    return event


def request_id_of(scope: Scope) -> str:
    """The id of this request; the same as in the header `X-Request-Id` of its answer."""
    return str(scope.get("state", {}).get(REQUEST_ID, "none"))
