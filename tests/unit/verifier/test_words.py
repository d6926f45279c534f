"""Every reason has its words in both languages, and none claims what only the law can."""

import re
from pathlib import Path

import pytest

from verifier.model import SubIndication
from verifier.words import NEXT_STEPS, REASONS, Text


def test_every_reason_has_words() -> None:
    assert REASONS.keys() == set(SubIndication)
    assert NEXT_STEPS.keys() == set(SubIndication)


@pytest.mark.parametrize("text", [*REASONS.values(), *NEXT_STEPS.values()], ids=lambda text: text.en[:40])
def test_no_text_is_empty_or_claims_legal_effect(text: Text) -> None:
    assert text.id.strip()
    assert text.en.strip()
    assert not re.search(r"\bsah\b|\bkeabsahan\b|\bmengesahkan\b|\blegal", text.id + " " + text.en, re.IGNORECASE)


def test_the_page_of_the_manual_has_every_next_step() -> None:
    page = (Path(__file__).resolve().parents[3] / "docs" / "verifying.md").read_text(encoding="utf-8")
    for reason, step in NEXT_STEPS.items():
        assert f"| `{reason.name}` | {step.id} | {step.en} |" in page
