"""What `generate.py` writes: secrets masked, new words taken as they come, each answer of its own type.

That it wrote what the document gives now is asked in tests/contract/test_openapi.py.
"""

import ast
import importlib.util
import json
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import msgspec
import pytest
import teken.types
from teken.core import operations
from teken.core.wire import Body, Operation
from teken.types import (
    ActivationBody,
    EventType,
    PassphraseRequest,
    SignBody,
    StampBody,
    StepSignature,
    TokenBody,
    WebhookWithSecret,
)

from tests.architecture.pages import ROOT


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "clients" / "sdk" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_another_document_gives_other_files(generator: ModuleType) -> None:
    document: dict[str, Any] = json.loads(generator.DOCUMENT.read_text())
    document["components"]["schemas"]["StampBody"]["properties"]["colour"] = {"type": "string"}

    assert "    colour: str | None = None\n" in generator.types_module(document)


def test_every_secret_of_the_document_is_masked() -> None:
    bodies = [each for each in vars(teken.types).values() if isinstance(each, type) and issubclass(each, Body)]
    words = ("passphrase", "token", "secret")
    secret = {
        (body, name) for body in bodies for name in body.__struct_fields__ if any(word in name for word in words)
    } - {(TokenBody, "token_type")}

    assert all(name in body._masked for body, name in secret)
    assert {body for body, _ in secret} >= {PassphraseRequest, SignBody, StepSignature, TokenBody, WebhookWithSecret}
    assert "page" in ActivationBody._masked


def test_a_secret_is_not_shown_but_sent() -> None:
    body = SignBody(credential="cred", passphrase="tujuh gunung", stamp=StampBody(page=-1))

    assert "gunung" not in repr(body)
    assert "gunung" not in str([body])
    assert json.loads(msgspec.json.encode(body)) == {
        "credential": "cred",
        "passphrase": "tujuh gunung",
        "stamp": {"page": -1},
    }


def test_a_told_secret_is_not_shown_but_there() -> None:
    told = b'{"webhook": %s, "secret": "whsec_contoh"}'
    webhook = (
        b'{"id": "w", "url": "u", "types": [], "state": "active", "waiting": 0, "failures": 0, "failingSince": null, '
        b'"createdAt": "2026-11-21T04:00:00Z"}'
    )
    read = msgspec.json.decode(told % webhook, type=WebhookWithSecret)

    assert read.secret == "whsec_contoh"
    assert "contoh" not in repr(read)


def test_a_word_that_is_newer_than_the_client_is_taken_as_it_comes() -> None:
    read = msgspec.json.decode(b'"letter.framed"', type=EventType)

    assert read == "letter.framed"
    assert msgspec.json.decode(b'"letter.expired"', type=EventType) is EventType.LETTER_EXPIRED


def test_operations_know_what_takes_a_key_and_what_is_open() -> None:
    assert Operation("POST", "/v1/signatures", keyed=True) == operations.SIGN_DOCUMENT
    assert operations.ADD_WEBHOOK.keyed is True
    assert operations.CHANGE_PASSPHRASE.keyed is False
    assert operations.VERIFY_DOCUMENT.open
    assert not operations.GET_SIGNATURE.open


def test_every_operation_is_read_as_what_the_document_says_that_it_answers(generator: ModuleType) -> None:
    document = json.loads(generator.DOCUMENT.read_text())
    told = {
        generator._constant(operation["operationId"]): answer["schema"]["$ref"].rpartition("/")[2]
        for _, _, operation in generator.operations(document)
        for status, part in operation["responses"].items()
        if status < "3" and "$ref" in (answer := part.get("content", {}).get("application/json", {})).get("schema", {})
    }
    read = dict(reads())

    assert len(read) > 30
    assert {name: told[name] for name in read} == read


def reads() -> Iterator[tuple[str, str]]:
    """Operation and type of every `self._get(Type, operations.NAME, …)` and `self._post(…)` of the groups."""
    for module in (ROOT / "clients" / "sdk" / "src" / "teken" / "groups").glob("*.py"):
        for call in ast.walk(ast.parse(module.read_text())):
            match call:
                case ast.Call(
                    func=ast.Attribute(attr="_get" | "_post"),
                    args=[ast.Name(id=kind), ast.Attribute(value=ast.Name(id="operations"), attr=name), *_],
                ):
                    yield name, kind


def test_every_operation_is_offered_but_what_only_staff_reads() -> None:
    groups = "".join(path.read_text() for path in (ROOT / "clients" / "sdk" / "src" / "teken").rglob("*.py"))
    made = {name for name, each in vars(operations).items() if isinstance(each, Operation)}

    left_out = {name for name in made if not re.search(rf"operations\.{name}\b", groups)}
    assert left_out == {"GET_APPOINTMENT", "GET_CERTIFICATE", "GET_CONTACT", "LIST_APPOINTMENTS", "LIST_CERTIFICATES"}
