"""What of a contract was taken back: an OpenAPI document of today, held against one that clients were promised.

The rules are those of docs/versioning.md. What may come (operations, optional members, problems) is no finding.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

Part = Mapping[str, Any]

_LOWER: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems")
_UPPER: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")


def broken_promises(promised: Part, today: Part) -> list[str]:
    """A sentence for each change that a client of `promised` could trip over."""
    return list(_Comparison(promised, today).all())


class _Comparison:
    """Two documents, each with the place where its references lead."""

    def __init__(self, promised: Part, today: Part) -> None:
        self._promised = promised
        self._today = today
        self._seen: set[tuple[str, str, bool]] = set()

    def all(self) -> Iterator[str]:
        """Every operation of the promise, in its order, and the kinds of problems."""
        for path, item in self._promised["paths"].items():
            for method, before in item.items():
                now = self._today["paths"].get(path, {}).get(method)
                place = f"{method.upper()} {path}"
                if now is None:
                    yield f"{place}: is gone"
                else:
                    yield from (f"{place}: {each}" for each in self._operation(before, now))
        for slug, example in self._promised["components"]["examples"].items():
            now = self._today["components"]["examples"].get(slug)
            if now is None or now["value"]["status"] != example["value"]["status"]:
                yield f"problem {slug}: is gone, or has another status"

    def _operation(self, before: Part, now: Part) -> Iterator[str]:
        if before["operationId"] != now["operationId"]:
            yield "has another operationId"
        if not _as_open(before["security"], now["security"]):
            yield "asks for other rights"
        yield from self._parameters(before, now)
        yield from self._request(before.get("requestBody"), now.get("requestBody"))
        yield from self._responses(before["responses"], now["responses"])

    def _parameters(self, before: Part, now: Part) -> Iterator[str]:
        known = {(each["in"], each["name"]): each for each in before.get("parameters", ())}
        given = {(each["in"], each["name"]): each for each in now.get("parameters", ())}
        for where, old in known.items():
            if where not in given:
                yield f"parameter {where[1]} is gone"
            elif "schema" in old:
                yield from self._taken(old["schema"], given[where].get("schema", {}), f"parameter {where[1]}")
        for where, new in given.items():
            if new.get("required") and not known.get(where, {}).get("required"):
                yield f"parameter {where[1]} is needed now"

    def _request(self, before: Part | None, now: Part | None) -> Iterator[str]:
        if before is None:
            if now is not None and now.get("required"):
                yield "a body is needed now"
            return
        content = {} if now is None else now["content"]
        if now is not None and now.get("required") and not before.get("required"):
            yield "a body is needed now"
        for kind, media in before["content"].items():
            if kind not in content:
                yield f"no longer takes {kind}"
            else:
                yield from self._taken(media["schema"], content[kind]["schema"], "body")

    def _responses(self, before: Part, now: Part) -> Iterator[str]:
        for status in {each for each in before.keys() ^ now.keys() if each < "400"}:
            yield f"answers {status} no longer, or newly"
        for status in sorted(each for each in before.keys() & now.keys() if each < "400"):
            old, new = self._old(before[status]), self._new(now[status])
            for name in old.get("headers", {}).keys() - new.get("headers", {}).keys():
                yield f"{status} lacks the header {name}"
            for kind, media in old.get("content", {}).items():
                if kind not in new.get("content", {}):
                    yield f"{status} no longer as {kind}"
                else:
                    yield from self._given(media["schema"], new["content"][kind]["schema"], f"{status}")

    def _taken(self, old: Part, new: Part, place: str) -> Iterator[str]:
        """Whether every value that was accepted is accepted still."""
        if self._again(old, new, taken=True):
            return
        old, new = self._old(old), self._new(new)
        yield from _narrower(old, new, place)
        for name in set(new.get("required", ())) - set(old.get("required", ())):
            yield f"{place}.{name} is needed now"
        for name, member in old.get("properties", {}).items():
            if name in new.get("properties", {}):
                yield from self._taken(member, new["properties"][name], f"{place}.{name}")
            else:
                yield f"{place}.{name} is gone"
        if "items" in old and "items" in new:
            yield from self._taken(old["items"], new["items"], f"{place}[]")
        for each in old.get("anyOf", ()):
            if all(list(self._taken(each, other, place)) for other in new.get("anyOf", [new])):
                yield f"{place} takes fewer forms"

    def _given(self, old: Part, new: Part, place: str) -> Iterator[str]:
        """Whether every answer of today is one that was promised; new members may come, and new words of an `enum`."""
        if self._again(old, new, taken=False):
            return
        old, new = self._old(old), self._new(new)
        if not _types(new) <= _types(old):
            yield f"{place} may be of another type"
        for name in set(old.get("required", ())) - set(new.get("required", ())):
            yield f"{place}.{name} may be absent"
        for name, member in old.get("properties", {}).items():
            if name in new.get("properties", {}):
                yield from self._given(member, new["properties"][name], f"{place}.{name}")
            else:
                yield f"{place}.{name} is gone"
        if "items" in old and "items" in new:
            yield from self._given(old["items"], new["items"], f"{place}[]")
        for each in new.get("anyOf", ()):
            if all(list(self._given(other, each, place)) for other in old.get("anyOf", [old])):
                yield f"{place} has another form"

    def _again(self, old: Part, new: Part, *, taken: bool) -> bool:
        """Whether these two names were compared in this direction already."""
        if "$ref" not in old or "$ref" not in new:
            return False
        pair = old["$ref"], new["$ref"], taken
        seen = pair in self._seen
        self._seen.add(pair)
        return seen

    def _old(self, part: Part) -> Part:
        return _led(self._promised, part)

    def _new(self, part: Part) -> Part:
        return _led(self._today, part)


def _led(document: Part, part: Part) -> Part:
    """Where a reference leads, or the part itself."""
    while "$ref" in part:
        found: Any = document
        for name in part["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        part = found
    return part


def _as_open(before: list[Part], now: list[Part]) -> bool:
    """Whether whoever came in before comes in still: each old way contains one of today's."""
    return all(any(_within(new, old) for new in now) for old in before) if before else not now


def _within(new: Part, old: Part) -> bool:
    return all(name in old and set(scopes) <= set(old[name]) for name, scopes in new.items())


def _types(schema: Part) -> set[str]:
    """The types that a value may have; of `anyOf` all of theirs."""
    if "anyOf" in schema:
        return {kind for each in schema["anyOf"] for kind in ({"object"} if "$ref" in each else _types(each))}
    named = schema.get("type")
    if named is None:
        values = schema.get("enum", [schema["const"]] if "const" in schema else [])
        return {"string" if isinstance(each, str) else "null" for each in values} or {"object"}
    return set(named) if isinstance(named, list) else {named}


def _narrower(old: Part, new: Part, place: str) -> Iterator[str]:
    """What a schema of a request no longer lets in, by type, words and bounds."""
    if not _types(old) <= _types(new):
        yield f"{place} takes fewer types"
    if "enum" in new and not set(map(str, old.get("enum", ["(any)"]))) <= set(map(str, new["enum"])):
        yield f"{place} takes fewer words"
    if "pattern" in new and new["pattern"] != old.get("pattern"):
        yield f"{place} has another pattern"
    if "format" in new and new["format"] != old.get("format"):
        yield f"{place} has another format"
    if new.get("additionalProperties", True) is False and old.get("additionalProperties", True) is not False:
        yield f"{place} takes no unknown members any more"
    for bound in _LOWER:
        if bound in new and new[bound] > old.get(bound, float("-inf")):
            yield f"{place}: {bound} grew"
    for bound in _UPPER:
        if bound in new and new[bound] < old.get(bound, float("inf")):
            yield f"{place}: {bound} shrank"
