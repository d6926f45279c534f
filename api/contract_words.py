"""The few words in which a face writes its part of the OpenAPI document (3.1)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from api.answers import MEDIA_TYPE
from api.bodies import FORM, PDF
from api.problems import RANGE_NOT_SATISFIABLE, Problem, every_problem

Part = dict[str, Any]
"""A piece of the document."""

JSON: Final = "application/json"
BINARY: Final[Part] = {"type": "string", "format": "binary"}
FILE: Final[Part] = BINARY | {"minLength": 1}
"""One that comes in: an empty one is none."""

KEY: Final[Part] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Your name of this request; the same request under it is carried out once.",
    "schema": {
        "type": "string",
        "pattern": r"^[\x21\x23-\x5b\x5d-\x7e]+$",
        "maxLength": 255,
        "examples": ["8e03978e-40d5-43dd-bc93-6894a57f9324"],
    },
}

TAG: Final = {"ETag": "Of this state; strong."}
CHANGED: Final = {"Last-Modified": "When it became so; absent for a second after that."}
IF_MATCH: Final[Part] = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of what you read: what was changed since is not changed again.",
    "schema": {"type": "string"},
}
IF_NONE_MATCH: Final[Part] = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of what you have; with the same one nothing is sent.",
    "schema": {"type": "string"},
}

IF_MODIFIED_SINCE: Final[Part] = {
    "name": "If-Modified-Since",
    "in": "header",
    "required": False,
    "description": "The Last-Modified of what you have; with the same one nothing is sent. If-None-Match outweighs it.",
    "schema": {"type": "string"},
}

DOWNLOAD_PARAMETERS: Final[tuple[Part, ...]] = tuple(
    {"name": name, "in": "header", "required": False, "description": text, "schema": {"type": "string"}}
    for name, text in (
        ("Range", "One range of octets, `bytes=1000-`; anything else is answered with the whole."),
        ("If-Range", "The ETag of what you have; with another one the whole is sent."),
        ("If-None-Match", "The ETag of what you have; with the same one nothing is sent."),
    )
)

REQUEST_ID: Final = "X-Request-Id"
POLICY: Final = "RateLimit-Policy"
LEFT: Final = "RateLimit"
HEADERS: Final[dict[str, Part]] = {
    REQUEST_ID: {
        "description": "The id of this request; name it when you ask the operator.",
        "schema": {"type": "string"},
    },
    POLICY: {
        "description": (
            "Each limit that counted this request: its name, requests (`q`) in so many seconds (`w`). Of "
            "draft-ietf-httpapi-ratelimit-headers-10."
        ),
        "schema": {"type": "string"},
        "example": '"signatures";q=120;w=60, "requests";q=600;w=60',
    },
    LEFT: {
        "description": (
            "Of each of them, how many requests are left (`r`), and after how many seconds more are (`t`). Absent "
            "where nothing was counted."
        ),
        "schema": {"type": "string"},
        "example": '"signatures";r=119;t=1, "requests";r=598;t=1',
    },
    "Retry-After": {
        "description": "Seconds after which it makes sense to ask again.",
        "schema": {"type": "integer"},
        "example": 30,
    },
    "WWW-Authenticate": {"description": "RFC 6750, 3.", "schema": {"type": "string"}, "example": "Bearer"},
}
"""Header fields of many answers, described once."""

PROBLEM_SCHEMA: Final[Part] = {
    "type": "object",
    "description": "Problem details (RFC 9457).",
    "required": ["type", "title", "status", "nextStep", "requestId"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "examples": ["/problems/passphrase-wrong"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What was wrong this time; absent where it is our fault."},
        "field": {"type": "string", "description": "The part of the request to change.", "examples": ["stamp.page"]},
        "reason": {"type": "string", "description": "Stable word for machines.", "examples": ["not-a-pdf"]},
        "nextStep": {"type": "string", "description": "What to do now."},
        "requestId": {"type": "string"},
    },
}


_ALWAYS_SENT: Final = (REQUEST_ID, POLICY, LEFT)


def ref(name: str) -> Part:
    """A schema of the document by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def form(body: str, example: Any = None) -> Part:
    """A form with the parts `document` (PDF) and `request` (JSON, the schema `body`)."""
    part: Part = {
        "schema": {
            "type": "object",
            "required": ["document", "request"],
            "properties": {"document": FILE, "request": ref(body)},
            "additionalProperties": False,
        },
        "encoding": {"document": {"contentType": PDF}, "request": {"contentType": JSON}},
    }
    return {FORM: part if example is None else part | {"example": {"request": example}}}


def answer(description: str, media: Part | None = None, headers: Mapping[str, str] | None = None) -> Part:
    """One answer that is not an error."""
    described = {name: {"description": text, "schema": {"type": "string"}} for name, text in (headers or {}).items()}
    part: Part = {"description": description, "headers": {name: _header(name) for name in _ALWAYS_SENT} | described}
    return part if media is None else part | {"content": media}


def downloaded(description: str) -> Part:
    """A PDF that may be fetched in pieces: `api.downloads`, with `DOWNLOAD_PARAMETERS`."""
    tag = {"ETag": "Its SHA-256.", "Accept-Ranges": "`bytes`."}
    return {
        "200": answer(description, {PDF: {"schema": BINARY}}, tag),
        "206": answer("The range asked for", {PDF: {"schema": BINARY}}, tag | {"Content-Range": "Which it is."}),
        "304": answer("You have it", None, tag),
        **problems(RANGE_NOT_SATISFIABLE),
    }


def problems(*kinds: Problem) -> Part:
    """The errors of an operation, grouped by status."""
    by_status: dict[str, list[Problem]] = {}
    for kind in sorted(dict.fromkeys(kinds), key=lambda each: (each.status, each.slug)):
        by_status.setdefault(str(kind.status), []).append(kind)
    return {
        status: {"$ref": f"#/components/responses/{same[0].slug}"} if len(same) == 1 else _problem_answer(same)
        for status, same in by_status.items()
    }


def _problem_answer(same: Sequence[Problem]) -> Part:
    told = answer(" / ".join(each.title for each in same), {MEDIA_TYPE: {"schema": ref("Problem")}})
    if any(each.status in (423, 429, 503) for each in same):
        told["headers"]["Retry-After"] = _header("Retry-After")
    if same[0].status == 401:
        told["headers"]["WWW-Authenticate"] = _header("WWW-Authenticate")
    told["content"][MEDIA_TYPE]["examples"] = {
        each.slug: {"$ref": f"#/components/examples/{each.slug}"} for each in same
    }
    return told


def problem_examples() -> dict[str, Part]:
    """One answer of each kind of problem, by its slug."""
    return {
        slug: {
            "value": {
                "type": each.type,
                "title": each.title,
                "status": each.status,
                "nextStep": each.next_step,
                "requestId": "0123456789abcdef",
            }
        }
        for slug, each in sorted(every_problem().items())
    }


def problem_answers() -> dict[str, Part]:
    """The answer with each kind of problem alone, by its slug."""
    return {slug: _problem_answer([each]) for slug, each in sorted(every_problem().items())}


def _header(name: str) -> Part:
    return {"$ref": f"#/components/headers/{name}"}


def joined(*parts: Mapping[str, Part]) -> dict[str, Part]:
    """Paths of several parts; one path may have operations in each of them."""
    paths: dict[str, Part] = {}
    for part in parts:
        for path, operations in part.items():
            paths[path] = paths.get(path, {}) | operations
    return paths


def path_parameter(name: str, description: str, example: Any, schema: Part | None = None) -> Part:
    """One part of the path, a text where nothing else is said."""
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": schema or {"type": "string"},
        "example": example,
    }
