"""Nothing that is cut, moved or changed is ever raised into something valid, and what is raised keeps its beginning."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signer.errors import DocumentRefused
from signer.model import SignatureLevel
from tests.support.archiving import House
from tests.support.letters import letter
from verifier.model import Indication

HOUSE = House()
SIGNED = [HOUSE.signed(level) for level in SignatureLevel]
TWICE = HOUSE.signed(SignatureLevel.B_B, document=SIGNED[1])
higher = st.sampled_from([SignatureLevel.B_T, SignatureLevel.B_LT, SignatureLevel.B_LTA])
letters = st.sampled_from([*SIGNED, TWICE])


def changed(pdf: bytes, how: str, where: int, length: int, flip: int) -> bytes:
    at = where % len(pdf)
    piece = pdf[at : at + length]
    if how == "flip":
        return pdf[:at] + bytes([pdf[at] ^ flip]) + pdf[at + 1 :]
    if how == "cut off":
        return pdf[:at]
    if how == "cut out":
        return pdf[:at] + pdf[at + length :]
    if how == "doubled":
        return pdf[: at + length] + piece + pdf[at + length :]
    rest = pdf[at + length :]
    middle = len(rest) // 2
    return pdf[:at] + rest[:middle] + piece + rest[middle:]  # moved


@settings(max_examples=60, deadline=None)
@given(
    pdf=letters,
    level=higher,
    how=st.sampled_from(["flip", "cut off", "cut out", "doubled", "moved"]),
    where=st.integers(0, 10**9),
    length=st.integers(1, 400),
    flip=st.integers(1, 255),
)
def test_what_was_tampered_with_is_never_raised_into_something_valid(
    *, pdf: bytes, level: SignatureLevel, how: str, where: int, length: int, flip: int
) -> None:
    """Refused; or the change was where it does not matter (padding, a cut between revisions), and then it still reads
    as the verifier read it before."""
    tampered = changed(pdf, how, where, length, flip)
    before = HOUSE.report(tampered)
    try:
        made = HOUSE.augmentation.augment(tampered, level)
    except DocumentRefused:
        return
    assert before.indication is Indication.TOTAL_PASSED
    assert made.pdf.startswith(tampered)
    after = HOUSE.report(made.pdf)
    assert after.indication is Indication.TOTAL_PASSED
    assert after.passed_fields >= before.passed_fields


@settings(max_examples=60, deadline=None)
@given(
    low=st.sampled_from(range(3)),
    steps=st.integers(1, 3),
    where=st.integers(0, 10**9),
    flip=st.integers(1, 255),
)
def test_a_changed_byte_of_the_raised_letter_is_noticed(low: int, steps: int, where: int, flip: int) -> None:
    """Whatever was added protects what was there: no byte of the old letter changes without its signature failing."""
    raised = RAISED[low, min(low + steps, 3)]
    original = SIGNED[low]
    at = where % len(original)
    if padding(original, at):
        return
    forged = raised[:at] + bytes([raised[at] ^ flip]) + raised[at + 1 :]
    assert HOUSE.report(forged).indication is not Indication.TOTAL_PASSED


RAISED = {
    (low, high): HOUSE.augmentation.augment(SIGNED[low], list(SignatureLevel)[high]).pdf
    for low in range(3)
    for high in range(low + 1, 4)
}


def padding(pdf: bytes, at: int) -> bool:
    """Whether the byte is a letter of the hexadecimal contents, whose case means nothing, or the zeros behind it."""
    start = pdf.index(b"/Contents <") + len(b"/Contents <")
    return start <= at < pdf.index(b">", start)


@pytest.mark.parametrize("low", range(4))
def test_reordered_revisions_are_never_raised(low: int) -> None:
    pdf = SIGNED[low]
    letters_own = len(letter())
    with pytest.raises(DocumentRefused):
        HOUSE.augmentation.augment(pdf[letters_own:] + pdf[:letters_own], SignatureLevel.B_LTA)
