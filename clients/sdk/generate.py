"""Writes the wire types and the table of operations from the OpenAPI document; a test compares both with it.

python clients/sdk/generate.py            writes them
python clients/sdk/generate.py --check    says whether they are what the document gives now (exit code 1: they are not)
"""

import json
import keyword
import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).resolve().parent
DOCUMENT: Final = HERE.parents[1] / "docs" / "openapi.json"
TYPES: Final = HERE / "src" / "teken" / "types.py"
OPERATIONS: Final = HERE / "src" / "teken" / "core" / "operations.py"

SCOPES: Final = frozenset(
    (
        "activation:create",
        "augmentation:create",
        "credential:list",
        "credential:read",
        "enrolment:create",
        "event:read",
        "passphrase:change",
        "seal:activate",
        "seal:enrol",
        "signature:create",
        "signature:read",
        "signature:withdraw",
        "webhook:manage",
    )
)
"""What applications may be given, and the few of staff that their makers need; the rest is staff's own tools'."""

OPEN: Final = ("/v1", "/oauth2/token")
"""Open to everybody, and begun so."""

MASKED: Final = frozenset(("access_token", "refresh_token", "secret", "ActivationBody.page"))
"""Secrets in answers, in every body or in one; those in requests say `format: password` by themselves."""

WIDTH: Final = 120
Part = dict[str, Any]


def operations(document: Part) -> Iterator[tuple[str, str, Part]]:
    """Method, path and operation of everything that applications use."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method not in ("get", "post", "put", "patch", "delete"):
                continue
            if SCOPES & _scopes(operation) or (_open(operation) and path.startswith(OPEN)):
                yield method.upper(), path, operation


def _scopes(operation: Part) -> set[str]:
    return {scope for each in operation.get("security", ()) for scope in each.get("oauth2", ())}


def reachable(document: Part) -> list[str]:
    """The schemas that these operations send and answer, and all that they consist of, in the document's order."""
    schemas, found = document["components"]["schemas"], set[str]()
    waiting = [*_refs([operation for _, _, operation in operations(document)]), "Problem"]
    while waiting:
        key = waiting.pop()
        if key not in found:
            found.add(key)
            waiting += _refs(schemas[key])
    return [key for key in schemas if key in found]


def _refs(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str) and "/schemas/" in part["$ref"]:
            yield part["$ref"].rpartition("/")[2]
        for each in part.values():
            yield from _refs(each)
    elif isinstance(part, list):
        for each in part:
            yield from _refs(each)


def types_module(document: Part) -> str:
    """The text of `types.py`."""
    schemas = document["components"]["schemas"]
    keys = reachable(document)
    words = [_enum(key, schemas[key]) for key in keys if "enum" in schemas[key]]
    bodies = [_struct(key, schemas[key]) for key in keys if schemas[key].get("type") == "object"]
    missing = [key for key in keys if "enum" not in schemas[key] and schemas[key].get("type") != "object"]
    if missing:
        raise SystemExit(f"neither an object nor an enumeration: {missing}")
    text = "\n\n".join((*words, *bodies))
    return f"{_imports(text)}\n\n{text}"


def _imports(text: str) -> str:
    """The head of `types.py`: only what the text uses."""

    def used(*names: str) -> str:
        return ", ".join(name for name in names if re.search(rf"\b{name}\b", text))

    return (
        '"""What is sent and answered, as the OpenAPI document has it. Written by `generate.py`; do not edit."""\n\n'
        "from __future__ import annotations  # bodies name each other in any order\n\n"
        f"from collections.abc import {used('Mapping', 'Sequence')}\n"
        f"from datetime import {used('date', 'datetime')}\n"
        f"from typing import {used('Any', 'Literal')}\n\n"
        "from msgspec import field\n\n"
        "from teken.core.wire import Body, Word\n"
    )


def operations_module(document: Part) -> str:
    """The text of `operations.py`."""
    rows = [
        _row(
            _constant(operation["operationId"]),
            f'"{method}", "{path}"'
            + (", keyed=True" if _keyed(document, operation) else "")
            + (", open=True" if _open(operation) else ""),
        )
        for method, path, operation in operations(document)
    ]
    head = (
        '"""Every operation that applications use, as the OpenAPI document has it. Written by `generate.py`; do not '
        'edit."""\n\nfrom teken.core.wire import Operation\n\n'
    )
    return head + "".join(sorted(rows))


def _row(name: str, told: str) -> str:
    row = f"{name} = Operation({told})"
    return f"{row}\n" if len(row) <= WIDTH else f"{name} = Operation(\n    {told}\n)\n"


def _keyed(document: Part, operation: Part) -> bool:
    """Whether it takes an `Idempotency-Key`."""
    return any(_resolved(document, each).get("name") == "Idempotency-Key" for each in operation.get("parameters", ()))


def _resolved(document: Part, part: Part) -> Part:
    for name in part.get("$ref", "").split("/")[1:]:
        document = document[name]
    return document if "$ref" in part else part


def _open(operation: Part) -> bool:
    """Whether it needs no access token."""
    return not any("oauth2" in each for each in operation.get("security", ()))


def _enum(name: str, schema: Part) -> str:
    values = schema["enum"]
    if not all(isinstance(value, str) for value in values):
        return f"{name} = Literal[{', '.join(map(repr, values))}]\n{_doc(schema, '')}"
    members = "".join(f'    {_constant(value)} = "{value}"\n' for value in values)
    return f"class {name}(Word):\n{_doc(schema, '    ')}\n{members}"


def _struct(name: str, schema: Part) -> str:
    required = set(schema.get("required", ()))
    lines, masked = [], []
    for wire, part in schema.get("properties", {}).items():
        python = _snake(wire)
        if {wire, f"{name}.{wire}"} & MASKED or _is_password(part):
            masked.append(python)
        kind = _type(part)
        default = None if wire in required else _default(part)
        if default == "None" and not kind.endswith("None"):
            kind += " | None"
        if _camel(python) != wire:
            told = f'field(name="{wire}")' if default is None else f'field(default={default}, name="{wire}")'
            lines.append(f"    {python}: {kind} = {told}\n{_doc(part, '    ')}")
        else:
            lines.append(f"    {python}: {kind}{'' if default is None else f' = {default}'}\n{_doc(part, '    ')}")
    head = f"class {name}(Body, frozen=True, kw_only=True):\n{_doc(schema, '    ')}"
    secret = f"    _masked = frozenset({json.dumps(masked)})\n\n" if masked else ""
    return head + ("\n" if lines else "") + secret + "".join(lines)


def _is_password(part: Part) -> bool:
    return part.get("format") == "password" or any(map(_is_password, part.get("anyOf", ())))


def _type(part: Part) -> str:
    """How Python writes it."""
    if "$ref" in part:
        return str(part["$ref"].rpartition("/")[2])
    if "enum" in part or "const" in part:
        return f"Literal[{', '.join(json.dumps(each) for each in part.get('enum', [part.get('const')]))}]"
    several = part.get("anyOf") or [{**part, "type": each} for each in _listed(part.get("type"))]
    if several:
        kinds = list(dict.fromkeys(_type(each) for each in several))
        return " | ".join([each for each in kinds if each != "None"] + [each for each in kinds if each == "None"])
    return _plain(part)


def _listed(kinds: Any) -> list[str]:
    return kinds if isinstance(kinds, list) else []


def _plain(part: Part) -> str:
    kind = part.get("type", "")
    if kind == "array":
        return f"Sequence[{_type(part.get('items', {}))}]"
    if kind == "object":
        inner = part.get("additionalProperties")
        return f"Mapping[str, {_type(inner) if isinstance(inner, dict) else 'Any'}]"
    by_format = {"date": "date", "date-time": "datetime"}
    plain = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
    return by_format.get(part.get("format", "")) or plain.get(kind, "Any")


def _default(part: Part) -> str:
    """Absent: what the service takes for it, or `None`, which is not sent."""
    value = part.get("default")
    if isinstance(value, str) and "$ref" in part:
        return f"{_type(part)}.{_constant(value)}"
    return {"[]": "()", "null": "None"}.get(json.dumps(value), repr(value)) if value is not None else "None"


def _doc(part: Part, indent: str) -> str:
    text = " ".join(part.get("description", "").split())
    if not text:
        return ""
    quoted = f'"""{text}"""' if not text.endswith('"') else f'"""{text} """'
    return textwrap.fill(quoted, WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False) + "\n"


def _snake(wire: str) -> str:
    name = re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", wire).lower()
    return f"{name}_" if keyword.iskeyword(name) else name


def _camel(python: str) -> str:
    first, *rest = python.split("_")
    return first + "".join(word.title() for word in rest)


def _constant(text: str) -> str:
    return re.sub(r"\W+", "_", re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", text)).upper()


def main(words: list[str]) -> int:
    """Writes the files, or with `--check` says whether they are what the document gives now."""
    document = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    made = {TYPES: types_module(document), OPERATIONS: operations_module(document)}
    if words == ["--check"]:
        return int(any(not path.exists() or path.read_text(encoding="utf-8") != text for path, text in made.items()))
    for path, text in made.items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
