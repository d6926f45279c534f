"""Every reason has its words in both languages, and none claims what only the law can."""

import re

import pytest

from verifier.model import SubIndication
from verifier.words import REASONS, Text


def test_every_reason_has_words() -> None:
    assert REASONS.keys() == set(SubIndication)


@pytest.mark.parametrize("text", REASONS.values(), ids=lambda text: text.en[:40])
def test_no_text_is_empty_or_claims_legal_effect(text: Text) -> None:
    assert text.id.strip()
    assert text.en.strip()
    assert not re.search(r"\bsah\b|\bkeabsahan\b|\bmengesahkan\b|\blegal", text.id + " " + text.en, re.IGNORECASE)
