"""The OpenAPI document tells the truth: every route, every answer, every schema."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
import pytest
from click.testing import CliRunner
from litestar import Litestar
from litestar.testing import TestClient
from pyhanko.pdf_utils.reader import PdfFileReader

from api.cli import teken
from api.contract_files import FILES
from api.faces.rest.declared_contract import declarations
from api.faces.rest.office.contract import CONTROLLERS
from api.faces.rest.record_body import RecordBody
from api.faces.rest.report_body import ReportBody
from api.faces.rest.sign_body import passphrase_of, read_sign_body
from api.openapi import openapi_document
from api.problems import every_problem
from tests.support.api_memory import PDF, MemoryService, memory_service, settings_in
from tests.unit.api.faces.test_signatures import EVERYTHING, send_form

Http = TestClient[Litestar]
DOCUMENT = openapi_document("http://127.0.0.1:8000")
EXAMPLE = {"example", "examples"}
CONTRACT_FILE = Path(__file__).parents[2] / "docs" / "openapi.json"
GENERATOR = Path(__file__).parents[2] / "clients" / "sdk" / "generate.py"
INSIDE = {"/healthz", "/readyz", "/metrics", "/openapi.json"}
"""For the operator, not for applications."""


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            yield path, method.upper(), operation


def every_value(part: Any, name: str) -> Iterator[Any]:
    if isinstance(part, dict):
        for key, value in part.items():
            if key == name:
                yield value
            yield from every_value(value, name)
    elif isinstance(part, list):
        for each in part:
            yield from every_value(each, name)


def test_the_document_is_served(http: Http) -> None:
    answer = http.get("/openapi.json")

    assert answer.headers["content-type"].startswith("application/json")
    assert answer.json() == json.loads(json.dumps(DOCUMENT))
    assert answer.json()["openapi"].startswith("3.1.")


def test_the_file_in_docs_is_the_contract_of_today() -> None:
    printed = CliRunner().invoke(teken, ["openapi"]).stdout

    assert CONTRACT_FILE.read_text(encoding="utf-8") == printed, "write it anew: teken openapi > docs/openapi.json"


def test_the_types_of_the_client_package_are_those_of_the_contract_of_today() -> None:
    check = [sys.executable, GENERATOR, "--check"]

    assert subprocess.run(check, check=False).returncode == 0, "write them anew: python clients/sdk/generate.py"


def test_the_contract_names_the_address_that_it_is_given() -> None:
    printed = CliRunner().invoke(teken, ["openapi", "--url", "https://tanda-tangan.example/"]).stdout

    assert json.loads(printed) == json.loads(json.dumps(openapi_document("https://tanda-tangan.example")))


def test_every_route_is_described_and_every_description_is_served(tmp_path: Path) -> None:
    app = memory_service(settings_in(tmp_path)).app()
    served = {
        (re.sub(r":\w+}", "}", route.path_format), method, handler.operation_id)
        for route in app.routes
        for handler in getattr(route, "route_handlers", ())
        for method in handler.http_methods
        if method != "OPTIONS" and route.path not in INSIDE
    }

    assert served == {(path, method, operation["operationId"]) for path, method, operation in operations()}


def test_every_reference_leads_somewhere() -> None:
    parts = ("schemas", "headers", "examples", "responses")
    known = {f"#/components/{part}/{name}" for part in parts for name in DOCUMENT["components"][part]}

    used = set(every_value(DOCUMENT, "$ref"))

    assert used <= known
    assert not {name for name in known - used if name.startswith("#/components/schemas/")}


def test_every_link_leads_to_an_operation_with_its_parameter() -> None:
    known = {
        operation["operationId"]: {each["name"] for each in operation.get("parameters", ())}
        for _, _, operation in operations()
    }
    answers = [answer for _, _, operation in operations() for answer in operation["responses"].values()]
    links = [link for answer in answers for link in answer.get("links", {}).values()]

    assert links
    for link in links:
        assert link["parameters"].keys() <= known[link["operationId"]], link


def test_every_security_requirement_names_a_scheme() -> None:
    schemes = DOCUMENT["components"]["securitySchemes"]

    for _, _, operation in operations():
        for requirement in operation["security"]:
            for name, scopes in requirement.items():
                allowed = schemes[name].get("flows", {}).get("clientCredentials", {}).get("scopes", {})
                assert set(scopes) <= set(allowed)


@pytest.mark.parametrize(
    ("path", "method", "operation"), list(operations()), ids=lambda part: part if isinstance(part, str) else ""
)
def test_every_operation_says_what_can_go_wrong(path: str, method: str, operation: dict[str, Any]) -> None:
    documented = operation["responses"].keys()

    assert {"429", "500"} <= documented
    assert "requestBody" not in operation or {"400", "413", "415"} <= documented
    assert {"oauth2"} != {name for each in operation["security"] for name in each} or {"401", "403"} <= documented
    assert "{" not in path or documented & {"404", "414"}
    assert all("$ref" in answer or answer["description"] for answer in operation["responses"].values())
    assert method in {"GET", "POST"} or path.startswith(("/v1/webhooks/", "/v1/esign-credentials/", "/v1/clients/"))


def test_every_kind_of_problem_has_an_example() -> None:
    examples = DOCUMENT["components"]["examples"]

    assert {slug: each["value"]["type"] for slug, each in examples.items()} == {
        slug: each.type for slug, each in every_problem().items()
    }


def test_every_kind_of_problem_can_be_opened(http: Http) -> None:
    listed = http.get("/problems").json()

    assert {each["type"] for each in listed} == {each.type for each in every_problem().values()}
    for each in listed:
        assert http.get(each["type"]).json() == each


def test_the_index_leads_to_addresses_that_are_served(http: Http) -> None:
    links = http.get("/v1").json()["links"]

    for name in set(links) - {"documentation"}:
        assert http.get(links[name]).status_code in (200, 401, 405), name


def test_answers_have_the_shape_that_was_promised(http: Http, service: MemoryService) -> None:
    record = send_form(http, service, EVERYTHING).content
    report = http.post("/v1/verifications", content=PDF, headers={"Content-Type": "application/pdf"}).content

    for text, kind in ((record, RecordBody), (report, ReportBody)):
        decoded = msgspec.json.decode(text, type=kind)
        assert msgspec.json.decode(text).keys() == DOCUMENT["components"]["schemas"][kind.__name__]["properties"].keys()
        assert msgspec.to_builtins(decoded).keys() == msgspec.json.decode(text).keys()


def test_the_example_of_every_field_is_accepted() -> None:
    schemas = DOCUMENT["components"]["schemas"]

    def example(schema: dict[str, Any]) -> Any:
        if "$ref" in schema:
            return example(schemas[schema["$ref"].rpartition("/")[2]])
        if "anyOf" in schema:
            return schema.get("examples", [example(schema["anyOf"][0])])[0]
        if "enum" in schema:
            return schema["enum"][0]
        if schema.get("type") == "object":
            return {name: example(each) for name, each in schema["properties"].items()}
        plain = {"string": "contoh", "integer": 1, "number": 1.0, "boolean": True, "array": []}
        return schema.get("examples", [plain[schema["type"]]])[0]

    read_sign_body(json.dumps(example({"$ref": "#/components/schemas/SignBody"})).encode())


def test_every_example_of_staff_is_what_the_types_read_and_write() -> None:
    for _, _, declared in declarations(CONTROLLERS):
        if declared.sends is not None:
            assert isinstance(declared.takes, type)
            msgspec.convert(declared.sends, declared.takes, dec_hook=passphrase_of)
        if declared.shows is not None:
            assert msgspec.convert(declared.shows, declared.gives)
            assert (
                declared.shows.keys() == DOCUMENT["components"]["schemas"][declared.gives.__name__]["properties"].keys()
            )


def bodies() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every body of a request or of an answer without an error: where it stands, its content type, what is said."""
    for path, method, operation in operations():
        answers = {status: answer for status, answer in operation["responses"].items() if status < "400"}
        for name, part in ({"request": operation.get("requestBody", {})} | answers).items():
            for kind, media in part.get("content", {}).items():
                yield f"{method} {path} {name}", kind, media


def test_every_body_of_json_and_every_parameter_has_an_example() -> None:
    assert [place for place, kind, media in bodies() if kind == "application/json" and not EXAMPLE & media.keys()] == []
    assert [
        f"{method} {path} {each['name']}"
        for path, method, operation in operations()
        for each in operation.get("parameters", ())
        if "content" not in each and not EXAMPLE & (each.keys() | each["schema"].keys())
    ] == []


def test_every_example_fits_its_schema() -> None:
    """Of JSON; a form shows only its parts that are no file. One schema of them all is made ready once."""
    shown = list(examples())
    schema = {"prefixItems": [part for _, part, _ in shown], "components": DOCUMENT["components"]}
    validator = jsonschema_rs.Draft202012Validator(json.loads(json.dumps(schema)))

    found = validator.iter_errors(json.loads(json.dumps([example for _, _, example in shown])))

    assert len(shown) > 500
    assert [(shown[error.instance_path[0]][0], error.message) for error in found] == []


def examples() -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Where each stands, its schema, the example."""
    for place, kind, media in bodies():
        if kind == "application/json" and "example" in media:
            yield place, media["schema"], media["example"]
    for path, method, operation in operations():
        for each in operation.get("parameters", ()):
            shown = [each["example"]] if "example" in each else each.get("schema", {}).get("examples", [])
            for example in shown:
                yield f"{method} {path} {each['name']}", each["schema"], example
    for slug, example in DOCUMENT["components"]["examples"].items():
        yield slug, {"$ref": "#/components/schemas/Problem"}, example["value"]


def test_a_passphrase_is_marked_as_one() -> None:
    passphrase = DOCUMENT["components"]["schemas"]["SignBody"]["properties"]["passphrase"]

    assert (passphrase["format"], passphrase["writeOnly"]) == ("password", True)


def test_json_answers_set_no_cookie_and_are_compressed_where_it_pays(http: Http) -> None:
    answer = http.get("/openapi.json", headers={"Accept-Encoding": "gzip"})

    assert answer.headers["content-encoding"] == "gzip"
    assert "set-cookie" not in answer.headers


def test_whatever_makes_something_says_where_it_is_and_is_done_once_under_a_key() -> None:
    made = {
        f"{method} {path}": operation
        for path, method, operation in operations()
        if path.startswith("/v1") and "201" in operation["responses"]
    }

    assert len(made) > 30
    for call, operation in made.items():
        assert "Location" in operation["responses"]["201"]["headers"], call
        assert "Idempotency-Key" in {each["name"] for each in operation["parameters"]}, call


def test_every_body_that_is_text_or_a_letter_has_an_example() -> None:
    kinds = ("application/pdf", "application/xml", "text/csv", "application/x-pem-file")
    shown = [(place, kind, media) for place, kind, media in bodies() if kind in kinds]

    assert len(shown) > 15
    assert [(place, kind) for place, kind, media in shown if not EXAMPLE & media.keys()] == []


def test_the_letter_of_the_examples_is_one(http: Http) -> None:
    content = FILES["application/pdf"].encode()

    assert len(PdfFileReader(BytesIO(content), strict=True).root["/Pages"]["/Kids"]) == 1


def test_each_schema_has_a_name_of_its_own() -> None:
    """Not one with the path of a module, as two classes of the same name get."""
    assert [name for name in DOCUMENT["components"]["schemas"] if "." in name] == []
