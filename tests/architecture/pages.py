"""The written pages of this repository, as the tests of this folder read them."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("signer", "ca", "verifier", "hsm_config", "store", "api")
"""The service."""
EVERY_ROOM = (*ROOMS, "clients")
"""And what asks it over HTTP."""
PAGES = (
    *ROOT.glob("*.md"),
    *(ROOT / "docs").rglob("*.md"),
    *(ROOT / "hsm_config" / "vendors").glob("*.md"),
    *(ROOT / "clients").rglob("*.md"),
)


def name_of(page: Path) -> str:
    """How a page is called in a test's report."""
    return str(page.relative_to(ROOT))


def read(name: str) -> str:
    """The text of a file of this repository."""
    return (ROOT / name).read_text(encoding="utf-8")


def prose(text: str) -> str:
    """A page without its fenced blocks."""
    return re.sub(r"^ *```.*?^ *```", "", text, flags=re.MULTILINE | re.DOTALL)


def fenced(text: str) -> Iterator[str]:
    """The lines of a page's fenced blocks."""
    for block in re.findall(r"^ *```\w*\n(.*?)^ *```", text, flags=re.MULTILINE | re.DOTALL):
        yield from block.splitlines()


def table(text: str, heading: str) -> list[list[str]]:
    """The cells, without backticks around them, of every table whose first column has this heading."""
    found, inside = [], False
    for line in text.splitlines():
        cells = [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        if not line.startswith("|"):
            inside = False
        elif inside and set(cells[0]) != {"-"}:
            found.append(cells)
        inside = inside or (line.startswith("|") and cells[0] == heading)
    return found


def anchor(heading: str) -> str:
    """The fragment that leads to a heading, as code hosts make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
