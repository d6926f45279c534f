"""The fourteen states that a citizen may meet, each as a picture: shape, colour, words, and how they are put together.

What is expected stands in `states.toml`, written from the page "What the citizen sees" and not from the code; the
structure that a screen reader hears is kept beside it, one file a state, and is compared whole.
"""

import colorsys
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.visits import fresh_page, visit

pytestmark = pytest.mark.browser

HERE = Path(__file__).parent
FAMILIES = {
    "red": (340, 15),
    "orange": (15, 35),
    "amber": (35, 55),
    "green": (130, 180),
    "blue": (195, 230),
    "violet": (255, 290),
}
"""Hues in degrees, clockwise from the first to the second."""
GREY = 0.25
"""Saturation below which people see no colour."""
ON_RECORD = "Tercatat. Bandingkan dengan lembar Anda"


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What a row of the page asks for."""

    number: int
    name: str
    place: str
    icon: str
    colour: str
    title_id: str
    title_en: str
    sentence_id: str
    sentence_en: str
    next_id: str = ""
    compare: bool = False
    """Whether the page also says that the sheet itself was not checked."""
    card: str = ".verdict:not(.compare)"


STATES = [State(**row) for row in tomllib.loads((HERE / "states.toml").read_text(encoding="utf-8"))["state"]]


@pytest.mark.parametrize("state", STATES, ids=lambda state: f"{state.number:02}-{state.name}")
def test_the_picture_of_a_state(browser: Browser, house: str, state: State) -> None:
    with fresh_page(browser, width=390) as page:
        visit(page, house, state.place)
        card = page.locator(state.card)
        assert _drawn(card) == f"#i-{state.icon}"
        heading = card.get_by_role("heading")
        expect(heading).to_have_text(f"{state.title_id} {state.title_en}")
        expect(card.locator(".words")).to_contain_text(state.sentence_id)
        expect(card.locator(".words [lang=en]").first).to_contain_text(state.sentence_en)
        if state.next_id:
            expect(card.locator(".next")).to_contain_text(state.next_id)
        expect(page.get_by_role("heading", name=ON_RECORD)).to_have_count(int(state.compare))
        assert heard(card) == (HERE / f"states/{state.number:02}-{state.name}.yml").read_text("utf-8")
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]  # one of the two
            assert _family(_colour(card.locator(".icon").first)) == state.colour, scheme


def test_a_test_document_is_striped_and_its_pages_are_marked(browser: Browser, house: str) -> None:
    with fresh_page(browser) as page:
        visit(page, house, "code sample")
        stripes = page.locator(".verdict").first.evaluate("each => getComputedStyle(each).backgroundImage")
        assert stripes.startswith("repeating-linear-gradient")
        mark = page.locator(".picture").first.evaluate("each => getComputedStyle(each, '::after').content")
        assert mark == '"CONTOH"'


def test_no_state_says_anything_of_legal_effect(browser: Browser, house: str) -> None:
    with fresh_page(browser) as page:
        for state in STATES:
            visit(page, house, state.place)
            assert not re.search(r"\b(sah|keabsahan|legal|lawful)\b", _verdict_text(page), re.IGNORECASE), state.name


def heard(card: Locator) -> str:
    """What a screen reader is told, in its order."""
    return card.aria_snapshot() + "\n"


def _verdict_text(page: Page) -> str:
    return " ".join(page.locator(".verdict").all_inner_texts())


def _drawn(card: Locator) -> str | None:
    """The symbol that the card shows; it exists, has paths, and is as large as a sign that is meant to be seen."""
    shown = card.locator(".icon").first
    box = shown.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 32
    name = shown.locator("use").get_attribute("href")
    assert name is not None
    assert card.page.locator(f"{name} > *").count() >= 2
    return name


def _colour(element: Locator) -> tuple[int, ...]:
    shown = element.evaluate("each => getComputedStyle(each).color")
    return tuple(int(each) for each in re.findall(r"\d+", shown)[:3])


def _family(colour: tuple[int, ...]) -> str:
    """The name of a colour as people would call it."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*(each / 255 for each in colour))
    degrees = hue * 360
    if saturation < GREY:
        return "grey"
    for name, (first, last) in FAMILIES.items():
        if (first <= degrees < last) if first < last else (degrees >= first or degrees < last):
            return name
    return f"{degrees:.0f} degrees, lightness {lightness:.2f}"
