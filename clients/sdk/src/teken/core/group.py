"""What every group of operations has: the session that makes requests, and the runner that carries them out."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, Generic, TypeVar

from teken.core.content import Document, Form, Sent
from teken.core.receiving import Download, PartFile
from teken.core.session import JSON, Call, Session, json_content
from teken.core.steps import RunnerT_co, Steps
from teken.core.wire import Body, Operation

T = TypeVar("T")

Target = Path | BinaryIO
"""Where a document is written: a path, or an open file (binary, for reading and writing, that seeks)."""


class Group(Generic[RunnerT_co]):
    """Operations that belong together."""

    def __init__(self, session: Session, runner: RunnerT_co) -> None:
        self.session = session
        self._runner = runner

    @property
    def runner(self) -> RunnerT_co:
        """Who carries the steps out."""
        return self._runner

    def _get(
        self, kind: type[T], operation: Operation, *, query: Mapping[str, object] | None = None, **path: Any
    ) -> Steps[T]:
        return self.session.told(Call(operation=operation, path=path, query=query or {}), kind)

    def _post(
        self,
        kind: type[T],
        operation: Operation,
        body: Body | None = None,
        *,
        key: str | None = None,
        harmless: bool = False,
        **path: Any,
    ) -> Steps[T]:
        content = None if body is None else json_content(body)
        return self.session.told(
            Call(operation=operation, path=path, content=content, key=key, harmless=harmless), kind
        )

    def _saved(self, call: Call, to: Target) -> Steps[Download]:
        """The document that a call answers, into a file."""
        if not isinstance(to, Path):
            return (yield from self._downloaded(call, to))
        with PartFile(to) as file:
            return (yield from self._downloaded(call, file))

    def _downloaded(self, call: Call, file: BinaryIO) -> Steps[Download]:
        receiver = Download(file)
        yield from self.session.ask(call, receiver)
        receiver.check()
        return receiver


def form(document: Document, request: Body) -> Form:
    """A document with the JSON beside it."""
    return Form({"request": (JSON, json_content(request).content)}, Sent(document))
