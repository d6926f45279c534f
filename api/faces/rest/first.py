"""What is looked at before any route of the contract runs: whether the call is still there, and its query.

It stands once before all of them, so no route can forget it, and it reads the contract itself.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from litestar import Request

from api.contract_words import Part
from api.ending import Ending, require_standing
from api.faces.rest.query import require_query

Looking = Callable[[Request[Any, Any, Any]], Awaitable[None]]


def looked_at_first(
    paths: Mapping[str, Part], endings: Mapping[str, Ending], *, now: Callable[[], datetime]
) -> Looking:
    """A `before_request` hook for the routes of `paths`; `endings` by operation, `now` gives aware UTC."""
    declared = {
        operation["operationId"]: operation.get("parameters", ())
        for item in paths.values()
        for operation in item.values()
    }

    async def look(request: Request[Any, Any, Any]) -> None:
        operation = request.route_handler.operation_id
        if not isinstance(operation, str) or operation not in declared:  # OPTIONS, which the framework answers
            return
        require_standing(endings.get(operation), at=now())
        require_query(request.query_params, declared[operation])

    return look
