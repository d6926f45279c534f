"""The catalogue is complete, bilingual, and claims no legal effect."""

import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from api.faces.public import details, facts, problems, signers, view, wording
from api.faces.public.pages import TEMPLATES
from api.faces.public.wording import HEADLINES, REASONS, RELATIONS, Headline, State, Tone
from api.pages.rendering import SHARED
from api.pages.text import Text
from verifier.model import Relation, SubIndication

CLAIM = re.compile(r"\b(?:sah|keabsahan|absah|legally valid|BSrE)\b", re.IGNORECASE)
SPRITE = (SHARED / "sprite.svg").read_text(encoding="utf-8")


def texts_of(module: ModuleType) -> Iterator[Text]:
    for value in vars(module).values():
        for each in value.values() if isinstance(value, dict) else (value,):
            if isinstance(each, Text):
                yield each
            elif isinstance(each, Headline | problems.Problem):
                yield each.title
                yield each.next_step


ALL = [text for module in (details, facts, problems, signers, view, wording) for text in texts_of(module)]


def test_every_state_reason_and_relation_has_words() -> None:
    assert HEADLINES.keys() == set(State)
    assert REASONS.keys() == set(SubIndication)
    assert RELATIONS.keys() == set(Relation)


@pytest.mark.parametrize("text", ALL, ids=lambda text: text.en[:40])
def test_both_languages_say_something_and_have_the_same_places(text: Text) -> None:
    places = [sorted(re.findall(r"\{(\w+)\}", each)) for each in text]
    assert text.id
    assert text.en
    assert set(places[1]) <= set(places[0])


@pytest.mark.parametrize(
    "path", sorted([*TEMPLATES.glob("*.html"), *SHARED.glob("*.html")]), ids=lambda path: path.name
)
def test_no_template_claims_legal_validity(path: Path) -> None:
    assert not CLAIM.findall(path.read_text(encoding="utf-8"))


def test_no_sentence_claims_legal_validity() -> None:
    said = " ".join(f"{text.id} {text.en}" for text in ALL)
    assert not CLAIM.findall(said)


@pytest.mark.parametrize("icon", sorted({each.icon for each in (*HEADLINES.values(), *problems.PROBLEMS.values())}))
def test_every_icon_is_in_the_sprite(icon: str) -> None:
    assert f'id="i-{icon}"' in SPRITE


def test_states_of_different_tone_never_share_a_shape() -> None:
    tones: dict[str, set[Tone]] = {}
    for headline in HEADLINES.values():
        tones.setdefault(headline.icon, set()).add(headline.tone)
    assert all(len(each) == 1 for each in tones.values())


def test_filling_gives_each_language_its_own_words() -> None:
    assert Text("a {x}", "b {x}").fill(x=Text("satu", "one")) == Text("a satu", "b one")


def test_braces_in_a_strangers_name_stay_as_they_are() -> None:
    assert Text("{who}", "{who}").fill(who="{office}").id == "{office}"
