"""Codes: unpredictable, readable, and found again however people type them."""

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signer.verification_code import CROCKFORD, SHORT_ALPHABET, in_groups, make, parse

TOKEN = "7ZZ9M2K4QX8T3B6N1V5C0W2E4R"


@pytest.mark.parametrize(
    "text", ["", "K7Q2M", "K7Q2M9XTB0", "K7Q2M 9XTBNN", TOKEN[:-1], TOKEN + "0", "é" * 26, "K" * 5000]
)
def test_what_is_no_code_is_none(text: str) -> None:
    assert parse(text) is None


@pytest.mark.parametrize("text", ["K7Q2M9XTBN", "k7q2m 9xtbn", "K7Q2M-9XTBN", " K7Q2M\u20119XTBN\n"])
def test_a_short_code_is_read_however_it_is_typed(text: str) -> None:
    assert parse(text) == "K7Q2M9XTBN"


@pytest.mark.parametrize("text", [TOKEN, TOKEN.lower(), TOKEN.replace("1", "I"), TOKEN.replace("0", "o")])
def test_a_token_is_read_with_its_look_alikes(text: str) -> None:
    assert parse(text) == TOKEN


def test_the_alphabets_have_no_look_alikes() -> None:
    assert len(set(SHORT_ALPHABET)) == 31
    assert set("01ILO").isdisjoint(SHORT_ALPHABET)
    assert len(set(CROCKFORD)) == 32


@given(st.binary(min_size=64, max_size=64))
def test_what_is_made_is_read_back(seed: bytes) -> None:
    code = make(lambda size: bytes(octet % 200 for octet in (seed * 2)[:size]))
    assert parse(code.token) == code.token
    assert parse(in_groups(code.short).lower()) == code.short


def test_octets_that_would_favour_some_characters_are_drawn_again() -> None:
    draws = iter([bytes(26), b"\xf8" * 10, bytes(range(10))])
    assert make(lambda _: next(draws)).short == SHORT_ALPHABET[:10]


def test_every_character_comes_equally_often() -> None:
    drawn = "".join(make(secrets.token_bytes).short for _ in range(2000))
    counts = [drawn.count(character) for character in SHORT_ALPHABET]
    assert max(counts) < 1.35 * min(counts)
