"""What the core asks of whoever has a connection, one step after the other; neither knows how the other does it.

An operation is a generator: it yields a `Send` and is sent what came back, or is thrown `NoAnswer`. So each is written
once, and `Teken` and `AsyncTeken` carry out the same.
"""

from collections.abc import AsyncIterator, Callable, Coroutine, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from functools import update_wrapper
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar, overload

from teken.core.content import Content

T = TypeVar("T")
P = ParamSpec("P")


class Receiver(Protocol):
    """Takes an answer as it arrives."""

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """Status and header fields, names in lower case."""

    def feed(self, chunk: bytes) -> None:
        """The next piece of the body; raises where there are too many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """One request. Comes back without a value once the receiver has all of the answer."""

    method: str
    path: str
    headers: Mapping[str, str] = field(repr=False)
    content: Content | None = field(repr=False)
    receiver: Receiver = field(repr=False)


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing for so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Give(Generic[T]):
    """One item for whoever iterates."""

    item: T


class NoAnswer(Exception):
    """The connection failed, or ended within the answer. `sent`: whether the service may have the request."""

    def __init__(self, text: str, *, sent: bool) -> None:
        super().__init__(text)
        self.sent = sent


Steps = Generator[Send | Wait, None, T]
Items = Generator[Send | Wait | Give[T], None, None]


class Blocking(Protocol):
    """Carries steps out, and comes back when they are done."""

    blocking: bool

    def run(self, steps: Steps[T]) -> T: ...

    def items(self, steps: Items[T]) -> Iterator[T]: ...


class Awaiting(Protocol):
    """The same without blocking the event loop."""

    awaiting: bool

    def run(self, steps: Steps[T]) -> Coroutine[Any, Any, T]: ...

    def items(self, steps: Items[T]) -> AsyncIterator[T]: ...


RunnerT_co = TypeVar("RunnerT_co", bound=Blocking | Awaiting, covariant=True)


class Runs(Protocol[RunnerT_co]):
    """Whatever has a runner: a group of operations."""

    @property
    def runner(self) -> RunnerT_co: ...


class Operated(Generic[P, T]):
    """An operation as an attribute: of a blocking group it returns `T`, of an awaiting one it is awaited for `T`."""

    def __init__(self, steps: Callable[Concatenate[Any, P], Steps[T]]) -> None:
        self._steps = steps
        self.__doc__ = steps.__doc__

    @overload
    def __get__(self, group: Runs[Blocking], owner: type | None = None) -> Callable[P, T]: ...

    @overload
    def __get__(self, group: Runs[Awaiting], owner: type | None = None) -> Callable[P, Coroutine[Any, Any, T]]: ...

    def __get__(self, group: Any, owner: type | None = None) -> Any:
        if group is None:
            return self

        def carried_out(*args: P.args, **kwargs: P.kwargs) -> Any:
            return group.runner.run(self._steps(group, *args, **kwargs))

        return update_wrapper(carried_out, self._steps)


class Iterated(Generic[P, T]):
    """The same for what is iterated over: with `for`, or with `async for`."""

    def __init__(self, steps: Callable[Concatenate[Any, P], Items[T]]) -> None:
        self._steps = steps
        self.__doc__ = steps.__doc__

    @overload
    def __get__(self, group: Runs[Blocking], owner: type | None = None) -> Callable[P, Iterator[T]]: ...

    @overload
    def __get__(self, group: Runs[Awaiting], owner: type | None = None) -> Callable[P, AsyncIterator[T]]: ...

    def __get__(self, group: Any, owner: type | None = None) -> Any:
        if group is None:
            return self

        def iterated(*args: P.args, **kwargs: P.kwargs) -> Any:
            return group.runner.items(self._steps(group, *args, **kwargs))

        return update_wrapper(iterated, self._steps)


def operation(steps: Callable[Concatenate[Any, P], Steps[T]]) -> Operated[P, T]:
    """Makes an operation of its steps."""
    return Operated(steps)


def iteration(steps: Callable[Concatenate[Any, P], Items[T]]) -> Iterated[P, T]:
    """Makes an iteration of its steps."""
    return Iterated(steps)


class Progress(Generic[T]):
    """Steps on their way: what to do next, and at the end `result`."""

    result: T

    def __init__(self, steps: Generator[Any, None, T]) -> None:
        self._steps = steps

    def go_on(self, failed: Exception | None = None) -> Any:
        """The next thing to do after the last one, which succeeded or `failed`; `None` at the end."""
        try:
            return next(self._steps) if failed is None else self._steps.throw(failed)
        except StopIteration as ended:
            self.result = ended.value
            return None
