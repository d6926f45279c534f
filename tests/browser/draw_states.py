"""Draws every state of the citizen's page into `docs/pictures/states`, and writes down its structure for the tests.

`python -m tests.browser.draw_states`; look at both before committing them.
"""

from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.browser.conftest import BASE
from tests.browser.server import application, serve
from tests.browser.test_states import HERE, STATES, heard
from tests.browser.visits import fresh_page, visit

PICTURES: Final = Path(__file__).parents[2] / "docs/pictures/states"
COLOURS: Final = 96
"""Of one picture; more cannot be told apart."""


def main() -> None:
    """One picture of the card at the width of a phone, one file of what a screen reader hears."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    (HERE / "states").mkdir(exist_ok=True)
    with serve(application()) as house, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=BASE)
        for state in STATES:
            name = f"{state.number:02}-{state.name}"
            with fresh_page(browser, width=390) as page:
                visit(page, house, state.place)
                card = page.locator(state.card)
                drawn = Image.open(BytesIO(card.screenshot()))
                drawn.quantize(COLOURS).save(PICTURES / f"{name}.png", optimize=True)
                (HERE / f"states/{name}.yml").write_text(heard(card), encoding="utf-8")
        browser.close()


if __name__ == "__main__":
    main()
