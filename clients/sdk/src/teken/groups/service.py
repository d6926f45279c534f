"""The service itself."""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from teken.core import operations
from teken.core.group import Group
from teken.core.session import Call, read
from teken.core.steps import RunnerT_co, Steps, operation
from teken.core.wire import Operation
from teken.types import IndexBody

READY: Final = Operation("GET", "/readyz", open=True)  # for operators, so not in the contract


class Health(Struct, frozen=True, kw_only=True):
    """Whether the service is ready, and the word of each of its checks: `ok`, `warning` or `failed`."""

    status: str
    checks: Mapping[str, str]

    @property
    def ready(self) -> bool:
        """Whether it signs and verifies now."""
        return self.status == "ready"


class Service(Group[RunnerT_co]):
    """The service itself."""

    @operation
    def index(self) -> Steps[IndexBody]:
        """What it is, and where things are."""
        return self._get(IndexBody, operations.INDEX)

    @operation
    def health(self) -> Steps[Health]:
        """Whether it is ready; that it is not is an answer, and no error."""
        return read((yield from self.session.ask(Call(operation=READY, also=(503,)))), Health)
