"""What a reader does: open a code, upload a file."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from playwright.sync_api import Browser, Locator, Page

from tests.browser.server import code_of
from tests.unit.api.faces.public.examples import CODES, UPLOADS

PLACES = [
    "start",
    "scan",
    "report-fake",
    "reported",
    "unknown",
    "digest genuine",
    "digest additions",
    "digest unreadable",
    *(f"code {name}" for name in CODES),
    *(f"upload {name}" for name in UPLOADS),
]
"""Every page that a citizen may meet, by a name for people."""

NAVIGATION = 90_000
"""Milliseconds: some forms sign a hundred letters before they answer, on a machine that has others to serve."""
_FIXED = {
    "start": "/",
    "scan": "/scan",
    "report-fake": "/report-fake",
    "reported": "/report-fake/ABCDE23456",
    "unknown": "/v/nonsense",
}


def visit(page: Page, house: str, place: str) -> None:
    """Go there as a reader would."""
    way, _, name = place.partition(" ")
    if way == "upload":
        page.goto(house)
        choose(page, name)
        leave(page, page.get_by_role("button", name="Periksa berkas"))
    elif way == "digest":
        page.goto(house)
        choose(page, name)
        page.get_by_role("button", name="Cek sidik jarinya saja").click()
        page.wait_for_url(f"{house}/digest")
    else:
        page.goto(house + (f"/v/{code_of(name)}" if name else _FIXED[way]))
    page.wait_for_load_state("load")


def leave(page: Page, control: Locator) -> None:
    """Click what leads to another page, or to this one anew, and be there.

    A click alone may come back before its navigation began: what is read or gone to next would still meet the old page,
    or break the form off on its way.
    """
    with page.expect_navigation(timeout=NAVIGATION):
        control.click(timeout=NAVIGATION)


def choose(page: Page, example: str) -> None:
    """Pick the file that plays this example."""
    file = {"name": "surat.pdf", "mimeType": "application/pdf", "buffer": f"%PDF-1.7 {example}".encode()}
    page.set_input_files("input[type=file]", files=[file])


def fits(page: Page, widths: tuple[int, ...] = (320, 768, 1280)) -> None:
    """Nobody has to scroll sideways: at any of these widths, nor at 640 with letters twice as large (WCAG 1.4.4,
    1.4.10)."""
    wide = "document.documentElement.scrollWidth"
    for width in widths:
        page.set_viewport_size({"width": width, "height": 740})
        assert page.evaluate(wide) <= width, f"{page.url} at {width}"
    page.set_viewport_size({"width": 640, "height": 740})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate(wide) <= 640, f"{page.url} with letters twice as large"
    page.evaluate("document.documentElement.style.fontSize = ''")


@contextmanager
def fresh_page(
    browser: Browser, *, width: int = 360, scheme: Literal["light", "dark"] = "light", scripts: bool = True
) -> Iterator[Page]:
    """A page of a new visitor; every complaint about the Content-Security-Policy fails the test."""
    context = browser.new_context(
        viewport={"width": width, "height": 740}, color_scheme=scheme, java_script_enabled=scripts
    )
    complaints: list[str] = []
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(error.message))
    try:
        yield page
    finally:
        context.close()
    assert [each for each in complaints if "the server responded with a status of" not in each] == []
