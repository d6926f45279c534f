"""What was promised in a released contract is kept: docs/versioning.md, held to the document of today."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.openapi import VERSION, openapi_document
from tests.support.contract_changes import broken_promises

RELEASED = sorted((Path(__file__).parents[1] / "golden" / "contract").glob("*.json"))
TODAY: dict[str, Any] = json.loads(json.dumps(openapi_document("http://127.0.0.1:8000")))


@pytest.mark.parametrize("released", RELEASED, ids=lambda path: path.stem)
def test_todays_contract_keeps_what_was_released(released: Path) -> None:
    promised = json.loads(released.read_text(encoding="utf-8"))

    assert broken_promises(promised, TODAY) == []
    assert promised["info"]["version"] == released.stem


def test_the_contract_of_this_version_is_among_them() -> None:
    assert f"{VERSION}.json" in [path.name for path in RELEASED]


def operation(contract: dict[str, Any], path: str, method: str) -> dict[str, Any]:
    found: dict[str, Any] = contract["paths"][path][method]
    return found


def schema(contract: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = contract["components"]["schemas"][name]
    return found


BROKEN: dict[str, Callable[[dict[str, Any]], Any]] = {
    "an address goes": lambda c: c["paths"].pop("/v1/kinds"),
    "an operation goes": lambda c: c["paths"]["/v1/webhooks/{webhook}"].pop("patch"),
    "an operation is renamed": lambda c: operation(c, "/v1/kinds", "get").update(operationId="Kinds"),
    "another scope is needed": lambda c: operation(c, "/v1/kinds", "get").update(security=[{"oauth2": ["x:y"]}]),
    "a token is needed where none was": lambda c: operation(c, "/v1/verifications", "post").update(
        security=[{"oauth2": []}]
    ),
    "a parameter goes": lambda c: operation(c, "/v1/events", "get")["parameters"].pop(),
    "a parameter becomes needed": lambda c: operation(c, "/v1/events", "get")["parameters"][0].update(required=True),
    "a parameter comes that is needed": lambda c: operation(c, "/v1/events", "get")["parameters"].append(
        {"name": "office", "in": "query", "required": True, "schema": {"type": "string"}}
    ),
    "a limit shrinks": lambda c: operation(c, "/v1/events", "get")["parameters"][1]["schema"].update(maximum=20),
    "a content type goes": lambda c: operation(c, "/v1/signatures", "post")["requestBody"]["content"].pop(
        "application/pdf"
    ),
    "a body is needed": lambda c: operation(c, "/v1/batches/{batch}/close", "post").update(
        requestBody={"required": True, "content": {}}
    ),
    "a member of a request goes": lambda c: schema(c, "SignBody")["properties"].pop("reason"),
    "a member of a request becomes needed": lambda c: schema(c, "SignBody")["required"].append("reason"),
    "a member of a request takes less": lambda c: schema(c, "LetterBody")["properties"].update(
        number={"type": "integer"}
    ),
    "a word is no longer taken": lambda c: schema(c, "SignatureLevel")["enum"].remove("B-T"),
    "a text gets a pattern": lambda c: schema(c, "DecisionRequest")["properties"].update(
        note={"type": "string", "pattern": "^x$"}
    ),
    "a member of an answer goes": lambda c: schema(c, "RecordBody")["properties"].pop("code"),
    "a member of an answer may be absent": lambda c: schema(c, "RecordBody")["required"].remove("code"),
    "a member of an answer gets another type": lambda c: schema(c, "RecordBody")["properties"].update(
        code={"type": "integer"}
    ),
    "a member of an answer may be null": lambda c: schema(c, "RecordBody")["properties"].update(
        code={"type": ["string", "null"]}
    ),
    "another status": lambda c: operation(c, "/v1/batches", "post")["responses"].update(
        {"202": operation(c, "/v1/batches", "post")["responses"].pop("201")}
    ),
    "a form of an answer goes": lambda c: operation(c, "/v1/verifications", "post")["responses"]["200"]["content"].pop(
        "application/xml"
    ),
    "a header of an answer goes": lambda c: operation(c, "/v1/batches", "post")["responses"]["201"]["headers"].pop(
        "Location"
    ),
    "a problem gets another status": lambda c: c["components"]["examples"]["not-found"]["value"].update(status=410),
    "a problem goes": lambda c: c["components"]["examples"].pop("not-found"),
}

KEPT: dict[str, Callable[[dict[str, Any]], Any]] = {
    "an operation comes": lambda c: c["paths"].update({"/v1/new": c["paths"]["/v1/kinds"]}),
    "a member of an answer comes": lambda c: schema(c, "RecordBody")["properties"].update(more={"type": "string"}),
    "a member of a request comes": lambda c: schema(c, "SignBody")["properties"].update(more={"type": "string"}),
    "a limit grows": lambda c: operation(c, "/v1/events", "get")["parameters"][1]["schema"].update(maximum=1000),
    "a problem comes": lambda c: c["components"]["examples"].update(late=c["components"]["examples"]["not-found"]),
    "a text for people is another": lambda c: operation(c, "/v1/kinds", "get").update(summary="Other words"),
}


@pytest.mark.parametrize("change", BROKEN.values(), ids=BROKEN)
def test_what_clients_could_trip_over_is_found(change: Callable[[dict[str, Any]], Any]) -> None:
    tomorrow = copy.deepcopy(TODAY)
    change(tomorrow)

    assert broken_promises(TODAY, tomorrow)


@pytest.mark.parametrize("change", KEPT.values(), ids=KEPT)
def test_what_may_come_is_no_finding(change: Callable[[dict[str, Any]], Any]) -> None:
    tomorrow = copy.deepcopy(TODAY)
    change(tomorrow)

    assert broken_promises(TODAY, tomorrow) == []
