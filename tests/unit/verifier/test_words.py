"""Every reason has its words in both languages, and none claims what only the law can."""

import re
from pathlib import Path

import pytest

from verifier.model import ChangeKind, Modification, SubIndication
from verifier.words import CHANGES, NEXT_STEPS, REASONS, Text, told


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


def test_every_change_has_words_and_says_where() -> None:
    assert CHANGES.keys() == set(ChangeKind)
    change = Modification(
        revision=3, kind=ChangeKind.SIGNATURE, allowed=True, page=2, field="Signature2", detail="another signature"
    )
    assert told(change) == Text(
        id="Revisi 3, halaman 2, kolom Signature2: tanda tangan lain ditambahkan (diizinkan)",
        en="Revision 3, page 2, field Signature2: another signature was added (permitted)",
    )
    nowhere = Modification(revision=2, kind=ChangeKind.OTHER, allowed=False, page=None, detail="changed")
    assert told(nowhere).id == "Revisi 2: isi dokumen diubah (tidak diizinkan)"
