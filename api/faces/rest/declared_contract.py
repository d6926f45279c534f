"""The part of the OpenAPI document that is made from the declarations that stand at the routes."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec
from litestar import Controller
from litestar.handlers import HTTPRouteHandler

import signer.errors
from api.contract_words import (
    CHANGED,
    FILE,
    IF_MATCH,
    IF_MODIFIED_SINCE,
    IF_NONE_MATCH,
    JSON,
    KEY,
    TAG,
    Part,
    answer,
    path_parameter,
    problems,
    ref,
)
from api.faces.rest.declaring import Declaration
from api.faces.rest.office.words import IN_PATH, PATH_SCHEMAS
from api.problems import BODY_TOO_LARGE, PROBLEMS, UNSUPPORTED_MEDIA_TYPE, Problem

_CURSOR: Final = PROBLEMS[signer.errors.CursorUnknown]
_BODY: Final = (BODY_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE)


def declarations(
    controllers: Iterable[type[Controller]],
) -> Iterator[tuple[type[Any], str, Declaration]]:
    """Every route of `controllers`: its controller, its summary, and what it declares."""
    for controller in controllers:
        for handler in vars(controller).values():
            if isinstance(handler, HTTPRouteHandler):
                yield controller, str(handler.fn.__doc__).splitlines()[0], handler.opt["declared"]


def paths_of(controllers: Iterable[type[Controller]], *, always: tuple[Problem, ...]) -> dict[str, Part]:
    """The routes of `controllers` as paths of the document; `always`: what can go wrong with each of them."""
    paths: dict[str, Part] = {}
    for controller, summary, declared in declarations(controllers):
        path = re.sub(r":\w+}", "}", f"/v1{controller.path}{declared.path}").rstrip("/")
        paths.setdefault(path, {})[declared.method] = _operation(controller, path, summary, declared, always)
    return paths


def bodies_of(controllers: Iterable[type[Controller]]) -> tuple[type[msgspec.Struct], ...]:
    """What goes in and out of the routes of `controllers`."""
    return tuple(
        dict.fromkeys(
            kind
            for _, _, declared in declarations(controllers)
            for kind in (declared.takes, declared.gives)
            if kind is not None and not isinstance(kind, tuple)
        )
    )


def _operation(
    controller: type[Any], path: str, summary: str, declared: Declaration, always: tuple[Problem, ...]
) -> Part:
    named = re.findall(r"{(\w+)}", path)
    part: Part = {
        "operationId": declared.name,
        "tags": list(controller.tags or ()),
        "summary": summary,
        "security": [{"oauth2": [str(declared.permission)]}],
        "parameters": [
            *(path_parameter(name, *IN_PATH[name], PATH_SCHEMAS.get(name)) for name in named),
            *map(dict, declared.query),
            *([KEY] if declared.under_key else []),
            *([IF_MATCH] if declared.unless_changed else []),
            *([IF_NONE_MATCH] if declared.tagged else []),
            *([IF_MODIFIED_SINCE] if declared.dated else []),
        ],
        "responses": {
            str(declared.status): answer(summary, {JSON: _shown(declared.gives, declared.shows)}, _fields(declared)),
            **({"304": answer("You have it", None, _validators(declared))} if declared.tagged else {}),
            **problems(*always, *declared.fails, *(_BODY if declared.takes else ()), *_paged(declared)),
        },
    }
    if isinstance(declared.takes, tuple):
        content = {each: {"schema": FILE} for each in declared.takes}
        part["requestBody"] = {"required": True, "content": content}
    elif declared.takes is not None:
        part["requestBody"] = {"required": True, "content": {JSON: _shown(declared.takes, declared.sends)}}
    return part


def _fields(declared: Declaration) -> dict[str, str]:
    return _validators(declared) | ({} if declared.at is None else {"Location": "What was made."})


def _validators(declared: Declaration) -> dict[str, str]:
    return (TAG if declared.tagged else {}) | (CHANGED if declared.dated else {})


def _paged(declared: Declaration) -> tuple[Problem, ...]:
    return (_CURSOR,) if any(each["name"] == "cursor" for each in declared.query) else ()


def _shown(kind: type[msgspec.Struct], example: Any) -> Part:
    part: Part = {"schema": ref(kind.__name__)}
    return part if example is None else part | {"example": example}
