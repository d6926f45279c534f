"""Every state has its words in both languages, and none claims what only the law can."""

import re
from datetime import UTC, datetime

import pytest

from verifier.model import Relation, SubIndication
from verifier.sentences import WITA, readable_time
from verifier.words import HEADLINES, REASON_HEADLINES, REASONS, RELATIONS, Headline, Text


def every_text() -> list[Text]:
    words = [text for each in HEADLINES.values() for text in (each.headline, each.sentence, each.next_step)]
    return [*words, *REASONS.values(), *RELATIONS.values()]


def test_every_reason_headline_and_relation_has_words() -> None:
    assert REASONS.keys() == set(SubIndication)
    assert REASON_HEADLINES.keys() == set(SubIndication)
    assert HEADLINES.keys() == set(Headline)
    assert RELATIONS.keys() == {relation.value for relation in Relation}


@pytest.mark.parametrize("text", every_text(), ids=lambda text: text.en[:40])
def test_no_text_is_empty_or_claims_legal_effect(text: Text) -> None:
    assert text.id.strip()
    assert text.en.strip()
    assert not re.search(r"\bsah\b|\bkeabsahan\b|\bmengesahkan\b|\blegal", text.id + " " + text.en, re.IGNORECASE)
    assert set(re.findall(r"\{\w+\}", text.id)) == set(re.findall(r"\{\w+\}", text.en))


def test_not_knowing_is_never_shown_as_broken() -> None:
    red = {Headline.CHANGED, Headline.BROKEN, Headline.NOT_VALID, Headline.UNREADABLE}
    for reason, headline in REASON_HEADLINES.items():
        assert (headline in red) is (reason.indication.value == "TOTAL-FAILED"), reason


def test_a_name_with_braces_is_only_a_name() -> None:
    filled = HEADLINES[Headline.VALID].sentence.filled(nama="{instansi} {0}")
    assert "{instansi} {0}" in filled.id


def test_times_are_read_on_bali() -> None:
    text = readable_time(datetime(2026, 11, 21, 4, 0, tzinfo=UTC), WITA)
    assert (text.id, text.en) == ("21 November 2026 12.00 WITA", "21 November 2026 12:00 WITA")
