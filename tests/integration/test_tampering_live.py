"""A signed letter that somebody changed never passes again, and the sender is told so in both languages."""

import random
from io import BytesIO

import pikepdf
import pytest

from tests.support.service import RunningService
from tests.support.verdicts import PASSED, said_of
from tests.vectors.letters import append, content, pages

SEED = 20261121
FLIPS, CUTS = 40, 40
TRUE, FALSE = "Rp 1.000", "Rp 9.000"
CATALOG, TREE, PAGE_CONTENT, SPARE = 1, 2, 5, 6
"""Object numbers of `pages`."""


@pytest.fixture(scope="module")
def letter(service: RunningService) -> bytes:
    """A letter that grants Rp 1.000, signed; a spare page of it, which no tree names, says Rp 9.000."""
    answer = service.sign(pages(TRUE, spare=FALSE))
    assert answer.status_code == 201, answer.text
    assert said_of(service, answer.content).indication == PASSED
    return answer.content


def seeded(number: int) -> random.Random:
    """The same choices in every run."""
    return random.Random(SEED + number)  # noqa: S311 - chooses where to cut, nothing secret


def signed_range(pdf: bytes) -> tuple[int, int, int]:
    """End of the first part, start and end of the second."""
    start = pdf.index(b"/ByteRange")
    first, length, resume, rest = (
        int(each) for each in pdf[pdf.index(b"[", start) + 1 : pdf.index(b"]", start)].split()
    )
    assert first == 0
    return length, resume, resume + rest


def require_alarm(service: RunningService, forged: bytes) -> None:
    said = said_of(service, forged)
    assert said.indication != PASSED
    assert "good" not in said.tones


@pytest.mark.parametrize("number", range(FLIPS))
def test_no_changed_byte_of_the_signed_range_passes(service: RunningService, letter: bytes, number: int) -> None:
    draw = seeded(number)
    length, resume, end = signed_range(letter)
    where = draw.choice([draw.randrange(length), draw.randrange(resume, end)])
    changed = bytes([letter[where] ^ draw.randrange(1, 256)])
    require_alarm(service, letter[:where] + changed + letter[where + 1 :])


@pytest.mark.parametrize("number", range(CUTS))
def test_no_letter_cut_within_the_signed_range_passes(service: RunningService, letter: bytes, number: int) -> None:
    end = signed_range(letter)[2]
    at = seeded(number).randrange(1, end - 2)
    require_alarm(service, letter[:at])


def test_a_letter_cut_behind_the_signed_range_gets_a_verdict_as_well(service: RunningService, letter: bytes) -> None:
    draw, end = seeded(0), signed_range(letter)[2]
    for at in (draw.randrange(end, len(letter)) for _ in range(10)):
        said_of(service, letter[:at])


@pytest.mark.parametrize(
    "objects",
    [
        pytest.param({TREE: b"<< /Type /Pages /Count 1 /Kids [%d 0 R] >>" % SPARE}, id="the page swapped"),
        pytest.param({PAGE_CONTENT: content(FALSE)}, id="the sum overwritten"),
        pytest.param({CATALOG: b"<< /Type /Catalog /Pages 2 0 R >>"}, id="the signature taken out of the form"),
    ],
)
def test_a_later_revision_that_shows_something_else_never_passes(
    service: RunningService, letter: bytes, objects: dict[int, bytes]
) -> None:
    require_alarm(service, append(letter, objects, size=200))


def test_a_page_added_by_another_program_never_passes(service: RunningService, letter: bytes) -> None:
    with pikepdf.open(BytesIO(letter)) as pdf, pikepdf.open(BytesIO(pages(FALSE))) as other:
        pdf.pages.append(other.pages[0])
        out = BytesIO()
        pdf.save(out)
    require_alarm(service, out.getvalue())


def test_a_letter_with_something_behind_it_never_passes(service: RunningService, letter: bytes) -> None:
    require_alarm(service, letter + b"5 0 obj\n" + content(FALSE) + b"\nendobj\n")


def test_the_signature_of_one_letter_does_not_fit_another(service: RunningService, letter: bytes) -> None:
    other = service.sign(pages(FALSE, spare=TRUE)).content
    length, resume, _ = signed_range(letter)
    other_length, other_resume, _ = signed_range(other)
    room = other_resume - other_length  # some bytes more or less, as the timestamp's signature came out
    foreign = letter[length : resume - 1].rstrip(b"0").ljust(room - 1, b"0") + b">"
    assert len(foreign) == room
    require_alarm(service, other[:other_length] + foreign + other[other_resume:])
