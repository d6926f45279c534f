"""The query of a request, read as strictly as its part of the contract says."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from litestar.datastructures.multi_dicts import MultiMixin

from api.problems import INVALID_REQUEST, RequestRefused

_INTEGER: Final = re.compile(r"-?[0-9]{1,18}")


def require_query(query: MultiMixin[Any], declared: Iterable[Mapping[str, Any]]) -> None:
    """Refuses with 400 a parameter that the route does not have, that came twice, or that is none of its words.

    `declared`: the route's parameters as OpenAPI objects. A misspelled filter would otherwise list everything.
    """
    known = {each["name"]: each["schema"] for each in declared if each["in"] == "query"}
    if query.keys() - known.keys():
        listed = ", ".join(known) or "none"
        raise _refused(f"A parameter is not one of this route: {listed}.", "query", "unknown-parameter")
    for name, schema in known.items():
        values = query.getall(name, [])
        if len(values) > 1 and schema["type"] != "array":
            raise _refused("Send this parameter once.", name, "twice")
        word = schema.get("items", schema)
        if not all(_fits(value, word) for value in values):
            raise _refused("Not one of the allowed values.", name, "invalid")


def _fits(value: str, schema: Mapping[str, Any]) -> bool:
    if "enum" in schema:
        return value in schema["enum"]
    return schema["type"] != "integer" or _INTEGER.fullmatch(value) is not None


def _refused(message: str, field: str, reason: str) -> RequestRefused:
    return RequestRefused(INVALID_REQUEST, message, field=field, reason=reason)
