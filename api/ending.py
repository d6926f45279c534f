"""How a call of the contract ends (docs/versioning.md): marked in the document, told in each answer, then gone.

Written down once, here: `Deprecation` (RFC 9745) and `Sunset` (RFC 8594) in the answers, `deprecated` in the document
and 410 after the sunset are all made from it.
"""

from collections.abc import Awaitable, Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope

from api.contract_words import Part, problems
from api.http_dates import http_date
from api.problems import ENDED, RequestRefused

LEAST: Final = timedelta(days=365)
"""Between the two dates: who reads the first one has a year to change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """The end of one call. Both times are aware UTC."""

    since: datetime
    """From when on it is deprecated; may lie ahead."""
    gone: datetime
    """From when on it answers 410."""
    instead: str
    """What takes its place, for the document: a sentence."""

    def __post_init__(self) -> None:
        if self.gone - self.since < LEAST:
            raise ValueError("a call ends a year after that was told, or later")


ENDINGS: Final[Mapping[str, Ending]] = {}
"""By operation. Nothing is deprecated today."""


def require_standing(ending: Ending | None, *, at: datetime) -> None:
    """Refuses with 410 a call that has ended."""
    if ending is not None and at >= ending.gone:
        raise RequestRefused(ENDED, ending.instead, reason="ended")


def with_endings(paths: Mapping[str, Part], endings: Mapping[str, Ending] = ENDINGS) -> dict[str, Part]:
    """The same paths of the document, where what ends says so."""
    marked = deepcopy(dict(paths))
    for item in marked.values():
        for operation in item.values():
            ending = endings.get(operation["operationId"])
            if ending is not None:
                until = f"Deprecated; gone on {ending.gone:%Y-%m-%d}. {ending.instead}"
                operation["deprecated"] = True
                operation["description"] = f"{operation.get('description', '')} {until}".strip()
                operation["responses"] = {**problems(ENDED), **operation["responses"]}
    return marked


def ending_fields(endings: Mapping[str, Ending], *, page: str) -> Callable[[Message, Scope], Awaitable[None]]:
    """A `before_send` hook: every answer of a call that ends says so, also one without success. `page`: where it is
    explained."""
    told = {operation: _fields(ending, page) for operation, ending in endings.items()}

    async def add(message: Message, scope: Scope) -> None:
        handler: Any = scope.get("route_handler")
        fields = told.get(getattr(handler, "operation_id", None) or "")
        if message["type"] == "http.response.start" and fields is not None:
            headers = MutableScopeHeaders.from_message(message)
            for name, value in fields.items():
                headers[name] = value

    return add


def _fields(ending: Ending, page: str) -> dict[str, str]:
    return {
        "Deprecation": f"@{int(ending.since.timestamp())}",
        "Sunset": http_date(ending.gone),
        "Link": f'<{page}>; rel="deprecation"; type="text/html"',
    }
