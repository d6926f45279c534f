"""Examples of bodies and parameters where a route shows none of its own.

What answers look like was taken from a running demonstration: `contract_examples.json`, by the name of the schema, or
by operation and status (and content type, unless it is JSON) where the schema has no name. A test holds each of them to
its schema.
"""

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

import msgspec

from api.contract_files import FILES
from api.contract_words import JSON

BODIES: Final[Mapping[str, Any]] = msgspec.json.decode(
    Path(__file__).with_name("contract_examples.json").read_text(encoding="utf-8")
)
PARAMETERS: Final[Mapping[str, Any]] = {
    "If-Match": '"1f0e3dad99908345f7439f8ffabdffc4"',
    "If-Modified-Since": "Sat, 21 Nov 2026 04:00:00 GMT",
    "If-None-Match": '"1f0e3dad99908345f7439f8ffabdffc4"',
    "If-Range": '"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"',
    "Range": "bytes=1000-",
    "act": "certificate.issue",
    "actor": "pendaftar",
    "cursor": "0123456789abcdef0123456789abcdef",
    "expiringBefore": "2027-01-01T00:00:00Z",
    "externalId": "surat-2026-000123",
    "limit": 50,
    "name": "Wayan Contoh",
    "object": "registration:0123456789abcdef0123456789abcdef",
    "organisation": "Pemerintah Provinsi Contoh",
    "serial": "1a2b3c4d5e6f",
    "signatory": "K5QXA2LBONUWC3TB",
    "since": "2026-11-01T00:00:00Z",
    "unit": "Dinas Contoh",
    "until": "2026-12-01T00:00:00Z",
    "version": 0,
}
"""Of parameters, by name; one with a list of words shows the first."""


def with_details(examples: Mapping[str, Any]) -> dict[str, Any]:
    """Examples of problems by slug, with what was wrong this time where a typical case is known."""
    return {slug: {"value": each["value"] | BODIES.get(f"Problem.{slug}", {})} for slug, each in examples.items()}


def with_examples(paths: Mapping[str, Any]) -> dict[str, Any]:
    """The same paths, where every parameter and every JSON body has an example.

    That of a parameter stands in its schema, so that `/docs` does not fill it in: a filter is the reader's to choose.
    """
    shown = deepcopy(dict(paths))
    for item in shown.values():
        for operation in item.values():
            for parameter in operation.get("parameters", ()):
                _show_parameter(parameter)
            for status, part in ({"request": operation.get("requestBody", {})} | operation["responses"]).items():
                for kind, media in part.get("content", {}).items():
                    _show_body(kind, media, f"{operation['operationId']}.{status}")
    return shown


def _show_parameter(parameter: dict[str, Any]) -> None:
    schema = parameter.get("schema", {})
    word = schema.get("items", schema)
    if "content" in parameter:
        for media in parameter["content"].values():
            _show_body(JSON, media, "")
    elif "example" in parameter or "examples" in schema:
        return
    elif "enum" in word:
        schema["examples"] = [[word["enum"][0]] if "items" in schema else word["enum"][0]]
    elif parameter["name"] in PARAMETERS:
        schema["examples"] = [PARAMETERS[parameter["name"]]]


def _show_body(kind: str, media: dict[str, Any], place: str) -> None:
    if "example" in media or "examples" in media:
        return
    schema = media["schema"]
    if f"{place}.{kind}" in BODIES:
        media["example"] = BODIES[f"{place}.{kind}"]
    elif kind in FILES:
        media["example"] = FILES[kind]
    elif kind == JSON:
        name = place if place in BODIES else _name(schema.get("items", schema))
        if name in BODIES:
            media["example"] = [BODIES[name]] if "items" in schema else BODIES[name]
    else:
        shown = {
            part: BODIES[_name(each)] for part, each in schema.get("properties", {}).items() if _name(each) in BODIES
        }
        if shown:
            media["example"] = shown


def _name(schema: Mapping[str, Any]) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]
