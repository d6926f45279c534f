"""A promise to the public, tried with bytes nobody thought of: what passes is what was signed, to the last byte."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.pki import Pki, make_pki
from tests.vectors.letters import add_validation_data, pages, sign, timestamp_document, trust_in
from verifier.model import Indication, TrustSnapshot
from verifier.policy import load_policy
from verifier.validation import validate

POLICY = load_policy("teken-1")
EXAMPLES = 120


@dataclass(frozen=True, slots=True)
class Letter:
    """One signed letter and the byte ranges of its signatures, by field."""

    pdf: bytes
    ranges: dict[str, tuple[int, int, int]]
    """End of the first part, start and end of the second."""

    def fields_covering(self, where: int) -> set[str]:
        """Names of the signatures that cover this byte."""
        return {name for name, (length, resume, end) in self.ranges.items() if where < length or resume <= where < end}


@cache
def hierarchy() -> Pki:
    return make_pki()


@cache
def trusted() -> TrustSnapshot:
    return trust_in(hierarchy())


@cache
def letters() -> tuple[Letter, ...]:
    pki = hierarchy()
    plain = pages("Rp 1.000", "Halaman dua")
    b_b = sign(plain, pki.official, claimed=pki.at)
    b_t = sign(plain, pki.official, claimed=pki.at, token_of=(pki, pki.at))
    three = b_b
    for number in (2, 3):
        three = sign(three, pki.official_with(), field=f"Signature{number}", claimed=pki.at)
    b_lt = add_validation_data(b_t, pki.official.chain, [pki.crl(), pki.crl(pki.root)], [])
    return tuple(Letter(pdf, dict(ranges(pdf))) for pdf in (b_b, b_t, three, timestamp_document(b_lt, pki, pki.at)))


def ranges(pdf: bytes) -> Iterable[tuple[str, tuple[int, int, int]]]:
    report = validate(pdf, POLICY, trusted(), hierarchy().at + timedelta(minutes=1))
    assert report.indication is Indication.TOTAL_PASSED, report.detail
    start = 0
    found = []
    while (start := pdf.find(b"/ByteRange", start)) >= 0:
        numbers = pdf[pdf.index(b"[", start) + 1 : pdf.index(b"]", start)].split()
        _, length, resume, rest = (int(each) for each in numbers)
        found.append((length, resume, resume + rest))
        start += 1
    names = [each.field_name for each in report.signatures]
    return zip(names, sorted(found, key=lambda each: each[2]), strict=True)


def passed(pdf: bytes) -> frozenset[str]:
    return validate(pdf, POLICY, trusted(), hierarchy().at + timedelta(minutes=1)).passed_fields


@settings(max_examples=EXAMPLES, deadline=None)
@given(which=st.integers(0, 3), draw=st.data())
def test_no_signature_passes_over_a_changed_byte(which: int, draw: st.DataObject) -> None:
    letter = letters()[which]
    where = draw.draw(st.integers(0, len(letter.pdf) - 1))
    flip = draw.draw(st.integers(1, 255))
    forged = letter.pdf[:where] + bytes([letter.pdf[where] ^ flip]) + letter.pdf[where + 1 :]
    assert passed(forged).isdisjoint(letter.fields_covering(where))


@settings(max_examples=EXAMPLES, deadline=None)
@given(which=st.integers(0, 3), draw=st.data())
def test_a_cut_letter_never_passes_beyond_what_is_left(which: int, draw: st.DataObject) -> None:
    letter = letters()[which]
    end = draw.draw(st.integers(0, len(letter.pdf) - 3))
    whole = {name for name, (_, _, last) in letter.ranges.items() if last <= end}
    assert passed(letter.pdf[:end]) <= whole


@settings(max_examples=EXAMPLES, deadline=None)
@given(which=st.integers(0, 3), tail=st.binary(min_size=1, max_size=200).filter(lambda each: each.strip(b"\r\n")))
def test_a_letter_with_something_behind_it_never_passes(which: int, tail: bytes) -> None:
    assert not passed(letters()[which].pdf + tail)


@settings(max_examples=EXAMPLES, deadline=None)
@given(which=st.integers(0, 3), draw=st.data())
def test_no_signature_passes_over_moved_bytes(which: int, draw: st.DataObject) -> None:
    letter = letters()[which]
    start = draw.draw(st.integers(0, len(letter.pdf) - 40))
    size = draw.draw(st.integers(1, 20))
    moved = letter.pdf[start + size : start + 2 * size] + letter.pdf[start : start + size]
    forged = letter.pdf[:start] + moved + letter.pdf[start + 2 * size :]
    changed = [index for index in range(len(forged)) if forged[index] != letter.pdf[index]] if moved else []
    touched = set().union(*(letter.fields_covering(index) for index in changed)) if changed else set()
    assert passed(forged).isdisjoint(touched)


@settings(max_examples=200, deadline=None)
@given(junk=st.binary(max_size=400), header=st.booleans())
def test_any_bytes_at_all_end_in_a_report(junk: bytes, header: bool) -> None:
    report = validate((b"%PDF-1.7\n" if header else b"") + junk, POLICY, trusted(), hierarchy().at)
    assert report.indication in (Indication.UNREADABLE, Indication.NO_SIGNATURE)
