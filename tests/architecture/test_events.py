"""The page on events tells the truth: types, numbers, and the lines of code that receivers copy."""

import re
from typing import Any

from api.events.sending import SECONDS
from signer.events import EventType
from signer.hooks.delivering import EVENT, SIGNATURE, signature_of
from signer.hooks.model import ATTEMPTS, IN_ORDER, wait_after
from tests.architecture.pages import ROOT, read, table


def test_the_page_has_every_type_in_the_order_of_the_code() -> None:
    assert [row[0] for row in table(read("docs/events.md"), "type")] == [each.value for each in EventType]


def test_the_code_for_receivers_tells_the_genuine_from_the_rest() -> None:
    block = re.search(r"```python\n(.*?)```", read("docs/events.md"), re.DOTALL)
    assert block is not None
    written: dict[str, Any] = {}
    exec(block[1], written)  # noqa: S102 - our own page
    is_from_teken, body, at = written["is_from_teken"], b'{"id":"1"}', 1_795_233_600
    header = signature_of([b"whsec_new", b"whsec_old"], body, at)
    assert is_from_teken("whsec_new", header, body, now=at + 299)
    assert is_from_teken("whsec_old", header, body, now=at - 299)
    assert not is_from_teken("whsec_other", header, body, now=at)
    assert not is_from_teken("whsec_new", header, body + b" ", now=at)
    assert not is_from_teken("whsec_new", header.replace(f"t={at}", f"t={at + 1}"), body, now=at)
    assert not is_from_teken("whsec_new", header, body, now=at + 301)
    for broken in ("", "t=", "v1=", f"t={at}", header.replace("t=", "t=x"), "t=²,v1=a"):
        assert not is_from_teken("whsec_new", broken, body, now=at)


def test_the_page_has_the_numbers_of_the_code() -> None:
    text = " ".join(read("docs/events.md").split())
    assert f"After {ATTEMPTS} failures in a row, more than 28 hours" in text
    assert f"`failed` after {ATTEMPTS} attempts" in text
    assert f"from its {IN_ORDER}th failure on" in text
    assert f"an attempt has {SECONDS:.0f} seconds" in text
    assert wait_after(1, 0).total_seconds() == 10
    assert wait_after(10, 0).total_seconds() < 7200 == wait_after(11, 0).total_seconds()
    assert {row[0] for row in table(read("docs/events.md"), "header")} == {EVENT, SIGNATURE}


def test_every_type_is_told_somewhere() -> None:
    modules = [*(ROOT / "store").glob("*.py")]
    used: set[Any] = set()
    for module in modules:
        used |= set(re.findall(r"EventType\.([A-Z_]+)\b", module.read_text(encoding="utf-8")))
    assert used == {each.name for each in EventType}
