"""What somebody has signed is found again by them, and by nobody else."""

from datetime import date
from pathlib import Path

import pytest

from signer.history import History, Wanted
from signer.model import LetterMetadata, SignatureLevel, SigningAct, SignRequest
from store.database import Database
from store.history import SqlHistory
from tests.support.consent import CLIENT, ConsentHouse, consent_house, pdf
from tests.support.office import PASSPHRASE
from tests.support.pki import make_pki

SOMEBODY_ELSE = "K5QXA2LBONUWC3TC"
LETTERS = (
    LetterMetadata(subject="Undangan rapat", number="005/1/UM"),
    LetterMetadata(subject="Izin 100% gratis", kind="izin"),
    LetterMetadata(number="800/3/KEP"),
)


@pytest.fixture
def house(tmp_path: Path, database: Database) -> ConsentHouse:
    """Three letters on three days, the last one initialled."""
    made = consent_house(tmp_path, database, make_pki())
    for place, letter in enumerate(LETTERS):
        made.signing.sign(
            SignRequest(
                document=pdf(place),
                credential_id=made.credential.id,
                client_id=CLIENT,
                passphrase=PASSPHRASE,
                level=SignatureLevel.B_B,
                letter=letter,
                act=SigningAct.INITIALS if place == 2 else SigningAct.SIGNATURE,
            )
        )
        made.forward(days=1)
    return made


def found(house: ConsentHouse, wanted: Wanted | None = None, *, who: str | None = None, after: str = "") -> list[str]:
    history = History(SqlHistory(house.database), utc_offset_hours=8)
    records = history.of(who or house.who, wanted or Wanted(), after=after, limit=10)
    return [each.intent.letter.subject or each.intent.letter.number or "" for each in records]


def test_the_newest_comes_first_and_another_ones_is_not_there(house: ConsentHouse) -> None:
    assert found(house) == ["800/3/KEP", "Izin 100% gratis", "Undangan rapat"]
    assert found(house, who=SOMEBODY_ELSE) == []


def test_words_acts_and_days_narrow_it(house: ConsentHouse) -> None:
    days = [each.outcome.at for each in SqlHistory(house.database).of(house.who, **ALL) if each.outcome]
    first = days[-1].astimezone().date()
    for wanted, left in (
        (Wanted(words="RAPAT"), ["Undangan rapat"]),
        (Wanted(words="800/3"), ["800/3/KEP"]),
        (Wanted(words="izin"), ["Izin 100% gratis"]),
        (Wanted(words="100%"), ["Izin 100% gratis"]),
        (Wanted(words="%"), ["Izin 100% gratis"]),
        (Wanted(act=SigningAct.INITIALS), ["800/3/KEP"]),
        (Wanted(until=first), ["Undangan rapat"]),
        (Wanted(since=date(2200, 1, 1)), []),
    ):
        assert found(house, wanted) == left, wanted


ALL = {"words": "", "act": None, "since": None, "before": None, "after": "", "limit": 10}


def test_a_part_goes_on_where_the_one_before_ended_and_behind_nothing_strange(house: ConsentHouse) -> None:
    newest, *_ = SqlHistory(house.database).of(house.who, **ALL)
    assert found(house, after=newest.intent.code.token) == ["Izin 100% gratis", "Undangan rapat"]
    assert found(house, after="NOSUCHTOKEN") == []
    assert found(house, who=SOMEBODY_ELSE, after=newest.intent.code.token) == []
