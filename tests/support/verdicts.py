"""What the service says of a file, at both doors: the report for machines, and the page for people."""

import re
import time
from dataclasses import dataclass
from html import unescape
from typing import Any

from tests.support.service import RunningService

PASSED = "TOTAL-PASSED"
_CARD = re.compile(r'class="(?:verdict|beneath) tone-(\w+)"')
_HEADLINE = re.compile(r'<h1 id="headline">(.+?) <span class="en" lang="en">(.+?)</span></h1>')


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Both answers about one file."""

    report: dict[str, Any]
    page: str
    seconds: float
    """Of the slower one."""

    @property
    def indication(self) -> str:
        return str(self.report["indication"])

    @property
    def tones(self) -> set[str]:
        """How loud the page speaks: that of the headline, and of the finding beneath a sample's."""
        return set(_CARD.findall(self.page))


def said_of(service: RunningService, pdf: bytes) -> Said:
    """Ask both doors; fails unless both answer with a verdict in two languages, the same one."""
    seconds = []
    start = time.monotonic()
    machine = service.verify(pdf)
    seconds.append(time.monotonic() - start)
    start = time.monotonic()
    people = service.upload(pdf)
    seconds.append(time.monotonic() - start)
    assert (machine.status_code, people.status_code) == (200, 200), (machine.text, people.text[-500:])
    report = machine.json()
    for words in (report["verdict"]["headline"], report["verdict"]["sentence"]):
        assert words["id"].strip() != words["en"].strip()
        assert all(len(text) > 3 for text in words.values())
    headline = report["verdict"]["headline"]
    assert _headline(people.text) == (headline["id"], headline["en"])
    return Said(report=report, page=people.text, seconds=max(seconds))


def _headline(page: str) -> tuple[str, str]:
    found = _HEADLINE.search(page)
    assert found, "the page has no headline in two languages"
    return unescape(found[1]), unescape(found[2])
