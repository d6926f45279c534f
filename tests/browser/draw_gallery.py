"""Draws every page of every room into `docs/pictures/gallery`, and writes `docs/gallery.md` around the pictures.

`python -m tests.browser.draw_gallery [ROOM …]`; look at them before committing them. One sheet for each page: a phone
by day and by night, a tablet, a desk.
"""

import shutil
import sys
from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import BASE
from tests.browser.rooms import ROOMS

GALLERY: Final = Path(__file__).parents[2] / "docs/gallery.md"
PICTURES: Final = GALLERY.parent / "pictures/gallery"
TITLES: Final = {
    "citizen": "Citizens",
    "enrolment": "A new official",
    "desk": "Officials who sign",
    "staff": "Everybody at the console",
    "office": "The registration office",
    "machines": "Who runs it, and who audits it",
}
HEAD: Final = """# Gallery

Every page, on a phone by day and by night, on a tablet and at a desk. What people read is Indonesian first, English
beside it; names and numbers are invented. `python -m tests.browser.draw_gallery` draws it anew from the pages
themselves over real databases; `tests/browser` looks for barriers on the same pages. What each state of the citizen's
page means: [citizens](citizens.md).
"""
SCREENS: Final = ((390, "light", 270), (390, "dark", 270), (820, "light", 430), (1280, "light", 640))
"""Width of the screen, the light around it, and its width on the sheet."""
TALLEST: Final = 780
"""Of a sheet; longer pages are cut."""
GAP, GROUND = 12, (128, 134, 140)


def main(wanted: list[str]) -> None:
    """All rooms, or those that are named; of the others the gallery stays as it is."""
    written = sections()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=BASE)
        for room in wanted or ROOMS:
            shutil.rmtree(PICTURES / room, ignore_errors=True)
            (PICTURES / room).mkdir(parents=True)
            lines = [f"## {TITLES[room]}\n"]
            for seen in ROOMS[room](browser):
                sheet(seen.page).save(PICTURES / room / f"{seen.name}.webp", quality=36, method=6)
                lines.append(f"**{seen.words}**\n\n![{seen.words}](pictures/gallery/{room}/{seen.name}.webp)\n")
            written[TITLES[room]] = "\n".join(lines)
        browser.close()
    GALLERY.write_text("\n".join([HEAD, *(written[each] for each in TITLES.values() if each in written)]), "utf-8")


def sections() -> dict[str, str]:
    """What stands in the gallery of today, by title."""
    parts = GALLERY.read_text("utf-8").split("\n## ")[1:] if GALLERY.exists() else []
    return {part.partition("\n")[0]: f"## {part.rstrip()}\n" for part in parts}


def sheet(page: Page) -> Image.Image:
    """The page on every screen, side by side."""
    before = page.viewport_size
    shots = [shot(page, width, scheme, shown) for width, scheme, shown in SCREENS]
    page.emulate_media(color_scheme="light")
    if before is not None:
        page.set_viewport_size(before)
    whole = (sum(each.width for each in shots) + GAP * (len(shots) + 1), max(each.height for each in shots) + 2 * GAP)
    made, left = Image.new("RGB", whole, GROUND), GAP
    for each in shots:
        made.paste(each, (left, GAP))
        left += each.width + GAP
    return made


def shot(page: Page, width: int, scheme: str, shown: int) -> Image.Image:
    """One screen, as wide on the sheet as `shown`."""
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]  # one of the two
    page.set_viewport_size({"width": width, "height": 844})
    drawn = Image.open(BytesIO(page.screenshot(full_page=True))).convert("RGB")
    tall = min(drawn.height, TALLEST * width // shown)
    return drawn.crop((0, 0, width, tall)).resize((shown, tall * shown // width), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    main(sys.argv[1:])
