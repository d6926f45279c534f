"""The page on events has every type, as the code has it."""

import re
from typing import Any

from signer.events import EventType
from tests.architecture.pages import ROOT, read, table


def test_the_page_has_every_type_in_the_order_of_the_code() -> None:
    assert [row[0] for row in table(read("docs/events.md"), "type")] == [each.value for each in EventType]


def test_every_type_is_told_somewhere() -> None:
    modules = [*(ROOT / "store").glob("*.py")]
    used: set[Any] = set()
    for module in modules:
        used |= set(re.findall(r"EventType\.([A-Z_]+)\b", module.read_text(encoding="utf-8")))
    assert used == {each.name for each in EventType} - {"WEBHOOK_TEST"}
