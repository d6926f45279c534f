"""A promise tried with revisions nobody thought of: a signature that passes still stands over the same document.

The judge is another parser (qpdf): what the catalog leads to, apart from the places that the policy names, has the same
value in the signed revision and in the file as a whole.
"""

import io
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import pikepdf
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfError

from tests.support.pki import Pki, make_pki
from tests.support.shared import documents
from tests.vectors.ambiguous import revision
from tests.vectors.furnished import WRITINGS, Letter, QuietWriter, letter, signed
from tests.vectors.letters import trust_in
from verifier.model import Indication
from verifier.policy import load_policy
from verifier.validation import validate

POLICY = load_policy("teken-1")
NAMED = {"/DSS", "/Metadata", "/Version", "/Extensions", "/MarkInfo"}
"""Keys of the catalog where later revisions may do something without a signature."""
EXAMPLES = 150
LARGEST = 200_000


@cache
def hierarchy() -> Pki:
    return make_pki()


@cache
def letters() -> tuple[Letter, ...]:
    """Ours in every writing, and what others wrote."""
    pki = hierarchy()
    ours = [signed(pki, letter(each), box=True) for each in WRITINGS]
    others = [
        signed(pki, Letter(pdf=each.read_bytes(), numbers={})) for each in documents() if each.stat().st_size < LARGEST
    ]
    return (*ours, *others)


def first_passes(pdf: bytes) -> bool:
    report = validate(pdf, POLICY, trust_in(hierarchy()), hierarchy().at + timedelta(minutes=1))
    if not report.signatures:
        assert report.indication in (Indication.TOTAL_FAILED, Indication.UNREADABLE)
        return False
    return report.signatures[0].passed


def unparsed(value: Any, *, follow: bool = False) -> bytes:
    """A value as qpdf writes it; an entry that is null is as good as absent (ISO 32000-2, 7.3.7)."""
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return str(float(value)).encode()  # 0 and 0.0 are one number (ISO 32000-2, 7.3.3)
    if not isinstance(value, pikepdf.Object):
        return repr(value).encode()
    if value.is_indirect and not follow:
        return value.unparse()
    if isinstance(value, (pikepdf.Dictionary, pikepdf.Stream)):
        return b"<<%s>>" % b" ".join(key.encode() + unparsed(each) for key, each in value.items() if each is not None)
    if isinstance(value, pikepdf.Array):
        return b"[%s]" % b" ".join(unparsed(each) for each in value)
    return value.unparse(resolved=True)


def reachable(pdf: bytes) -> dict[int, bytes]:
    """What the catalog leads to, by number, as qpdf reads it."""
    found: dict[int, bytes] = {}
    with pikepdf.open(io.BytesIO(pdf), inherit_page_attributes=False) as opened:
        catalog: Any = opened.Root
        for key in NAMED & set(catalog.keys()):
            del catalog[key]
        pending: list[Any] = [catalog]
        while pending:
            value = pending.pop()
            if value.is_indirect:
                if value.objgen[0] in found:
                    continue
                found[value.objgen[0]] = unparsed(value, follow=True)
            if isinstance(value, pikepdf.Stream):
                found[value.objgen[0]] += value.read_raw_bytes()
            if isinstance(value, pikepdf.Array):
                pending.extend(each for each in value if isinstance(each, pikepdf.Object))
            elif isinstance(value, (pikepdf.Dictionary, pikepdf.Stream)):
                pending.extend(each for _, each in value.items() if isinstance(each, pikepdf.Object))
    return found


def numbers_of(writer: QuietWriter) -> list[int]:
    """Objects in use."""
    used: set[int] = set()
    for index in range(writer.prev.xrefs.total_revisions):
        section = writer.prev.xrefs.get_xref_data(index)
        used |= section.standard_xrefs.keys() | section.xrefs_in_objstm.keys()
    return sorted(used)


def some_value(draw: st.DataObject, writer: QuietWriter, numbers: list[int]) -> Any:
    """Something to put into a document."""
    make: Callable[[], Any] = draw.draw(
        st.sampled_from(
            [
                generic.NullObject,
                lambda: generic.NumberObject(draw.draw(st.integers(-1, 900))),
                lambda: generic.NameObject("/" + draw.draw(st.sampled_from(["Page", "Off", "Yes", "S", "Sig"]))),
                lambda: generic.pdf_string("Rp 9.000"),
                lambda: generic.IndirectObject(draw.draw(st.sampled_from(numbers)), 0, writer),
                lambda: writer.add_object(generic.StreamObject(stream_data=b"BT (Rp 9.000) Tj ET")),
                lambda: generic.ArrayObject([generic.IndirectObject(draw.draw(st.sampled_from(numbers)), 0, writer)]),
            ]
        )
    )
    return make()


def change_something(draw: st.DataObject, writer: QuietWriter, numbers: list[int], number: int) -> None:
    """One entry of object `number`, or the whole of it."""
    reference = generic.Reference(number, 0, writer)
    target = writer.get_object(reference)
    if isinstance(target, generic.DictionaryObject):
        keys = st.sampled_from([*sorted(target.keys()), "/Contents", "/Kids", "/AP", "/A", "/OC", "/Extra"])
        target[generic.pdf_name(draw.draw(keys))] = some_value(draw, writer, numbers)
        writer.mark_update(reference)
    elif isinstance(target, generic.ArrayObject):
        where = draw.draw(st.integers(0, len(target)))
        target[where : where + draw.draw(st.integers(0, 1))] = [some_value(draw, writer, numbers)]
        writer.mark_update(reference)
    else:
        writer.objects[(0, number)] = some_value(draw, writer, numbers)


def written(writer: QuietWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def must_be_the_same(before: bytes, after: bytes) -> None:
    if first_passes(after):
        assert reachable(before) == reachable(after)


@settings(max_examples=EXAMPLES, deadline=None)
@given(draw=st.data())
def test_whatever_object_is_changed(draw: st.DataObject) -> None:
    before = letters()[draw.draw(st.integers(0, len(letters()) - 1))].pdf
    writer = QuietWriter(before)
    numbers = numbers_of(writer)
    try:
        for number in draw.draw(st.lists(st.sampled_from(numbers), min_size=1, max_size=3)):
            change_something(draw, writer, numbers, number)
        after = written(writer)
    except (KeyError, PdfError):  # the writer itself stumbles over what was changed before
        reject()
    must_be_the_same(before, after)


@settings(max_examples=EXAMPLES, deadline=None)
@given(draw=st.data())
def test_whatever_the_catalog_is_given(draw: st.DataObject) -> None:
    before = letters()[draw.draw(st.integers(0, len(letters()) - 1))].pdf
    writer = QuietWriter(before)
    change_something(draw, writer, numbers_of(writer), writer.root_ref.idnum)
    must_be_the_same(before, written(writer))


@settings(max_examples=EXAMPLES, deadline=None)
@given(draw=st.data())
def test_whatever_object_is_freed_or_written_over(draw: st.DataObject) -> None:
    tables = [each.pdf for each in letters() if not QuietWriter(each.pdf).prev.has_xref_stream]
    before = tables[draw.draw(st.integers(0, len(tables) - 1))]
    number = draw.draw(st.sampled_from(numbers_of(QuietWriter(before))))
    generation = draw.draw(st.sampled_from([0, 1, 65535]))
    if draw.draw(st.booleans()):
        after = revision(before, {}, freed={number: generation})
    else:
        after = revision(before, {number: b"<< /Rp 9000 >>"}, generation=min(generation, 1))
    must_be_the_same(before, after)


def test_the_letters_pass_as_they_are() -> None:
    assert all(first_passes(each.pdf) for each in letters())
