"""Times in words."""

from datetime import UTC, datetime

import pytest

from api.pages.moments import in_words
from tests.unit.api.faces.public.examples import NOON


def test_bali_reads_wita() -> None:
    assert in_words(NOON, utc_offset_hours=8).id == "21 November 2026 10.15.00 WITA"


@pytest.mark.parametrize(("offset", "words"), [(7, "1 Januari 2027 06.30.05 WIB"), (9, "1 Januari 2027 08.30.05 WIT")])
def test_the_other_zones_have_their_own_names(offset: int, words: str) -> None:
    assert in_words(datetime(2026, 12, 31, 23, 30, 5, tzinfo=UTC), utc_offset_hours=offset).id == words


def test_english_names_the_month_in_english() -> None:
    assert in_words(datetime(2026, 5, 4, tzinfo=UTC), utc_offset_hours=8).en == "4 May 2026 08:00:00 WITA"


def test_no_other_zone_is_guessed() -> None:
    with pytest.raises(KeyError):
        in_words(NOON, utc_offset_hours=5)
