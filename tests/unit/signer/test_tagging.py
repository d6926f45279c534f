"""A widget finds its place in whatever structure tree a document has, and a signed structure is left alone."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from signer.model import SignatureLevel, StampPlacement
from tests.support.letters import blank, conforming, letter, saved
from tests.support.pki import Pki, make_pki
from tests.support.signing import Desk, request
from tests.vectors.letters import trust_in
from verifier.model import ChangeKind
from verifier.policy import load_policy
from verifier.validation import validate


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki()


def signed(pki: Pki, document: bytes, *, stamp: bool = True, level: SignatureLevel = SignatureLevel.B_B) -> bytes:
    placement = StampPlacement() if stamp else None
    return Desk(pki=pki).service.sign(request(document=document, level=level, stamp=placement)).pdf


def entries(node: Any) -> dict[int, Any]:
    """A number tree as a dictionary."""
    found = {}
    numbers = list(node.get("/Nums", []))
    for key, value in zip(numbers[::2], numbers[1::2], strict=True):
        assert int(key) not in found
        found[int(key)] = value
    for kid in node.get("/Kids", []):
        assert [int(kid.Limits[0]), int(kid.Limits[1])] == [min(entries(kid)), max(entries(kid))]
        found |= entries(kid)
    return found


def require_tagged(pdf: bytes) -> None:
    """Widget, element and parent tree lead to one another."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        root: Any = opened.Root
        widget = root.AcroForm.Fields[-1]
        element = entries(root.StructTreeRoot.ParentTree)[int(widget.StructParent)]
        assert (str(element.S), str(element.K.Type)) == ("/Form", "/OBJR")
        assert element.K.Obj.objgen == widget.objgen
        assert element.Pg.objgen == element.K.Pg.objgen == widget.P.objgen
        kids = element.P.K if isinstance(element.P.K, Array) else [element.P.K]
        assert element.objgen in [kid.objgen for kid in kids if isinstance(kid, Dictionary)]
        assert str(widget.P.Tabs) == "/S"
        assert root.StructTreeRoot.ParentTreeNextKey > int(widget.StructParent)


def tree(build: Callable[[pikepdf.Pdf, Any], None]) -> bytes:
    """A tagged page whose structure tree `build` has furnished."""
    pdf = blank()
    pdf.Root.MarkInfo = Dictionary(Marked=True)
    pdf.Root.StructTreeRoot = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
    build(pdf, pdf.Root.StructTreeRoot)
    return saved(pdf)


def empty(pdf: pikepdf.Pdf, root: Any) -> None:
    """No element and no parent tree."""


def single(pdf: pikepdf.Pdf, root: Any) -> None:
    root.K = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Document, P=root))
    root.ParentTree = Dictionary(Nums=Array([0, root.K, 7, root.K]))
    root.ParentTreeNextKey = 3  # a lie


def several(pdf: pikepdf.Pdf, root: Any) -> None:
    root.K = Array([pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.P, P=root)) for _ in range(2)])
    root.ParentTree = pdf.make_indirect(Dictionary(Nums=pdf.make_indirect(Array())))
    root.ParentTreeNextKey = 12


def deep(pdf: pikepdf.Pdf, root: Any) -> None:
    parent = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Document, P=root, K=Array([0])))
    root.K = Array([parent])
    leaf = pdf.make_indirect(Dictionary(Limits=Array([4, 9]), Nums=Array([4, parent, 9, parent])))
    root.ParentTree = pdf.make_indirect(Dictionary(Kids=Array([leaf])))


@pytest.mark.parametrize("build", [empty, single, several, deep])
def test_a_visible_widget_is_tagged_in_any_tree(pki: Pki, build: Callable[[pikepdf.Pdf, Any], None]) -> None:
    document = tree(build)
    pdf = signed(pki, document)
    require_tagged(pdf)
    with pikepdf.open(io.BytesIO(document)) as before, pikepdf.open(io.BytesIO(pdf)) as after:
        old, new = (
            dict(entries(each.Root.StructTreeRoot.get("/ParentTree", Dictionary()))) for each in (before, after)
        )
        assert new.keys() > old.keys()


def test_real_tags_are_extended(pki: Pki) -> None:
    require_tagged(signed(pki, conforming("a-2a", "ua-1")))


@pytest.mark.parametrize("document", [letter(), saved(blank())], ids=["tagged", "untagged"])
def test_an_invisible_widget_stays_outside(pki: Pki, document: bytes) -> None:
    with pikepdf.open(io.BytesIO(signed(pki, document, stamp=False, level=SignatureLevel.B_LTA))) as opened:
        for widget in opened.Root.AcroForm.Fields:
            assert "/StructParent" not in widget
            assert [int(each) for each in widget.Rect] == [-9999] * 4
            assert "/AP" not in widget


def test_an_invisible_widget_of_pdfa_1_has_an_appearance(pki: Pki) -> None:
    with pikepdf.open(io.BytesIO(signed(pki, conforming("a-1b"), stamp=False, level=SignatureLevel.B_LTA))) as opened:
        assert [widget.AP.N.read_bytes() for widget in opened.Root.AcroForm.Fields] == [b"", b""]


def test_an_untagged_document_gets_no_tags(pki: Pki) -> None:
    with pikepdf.open(io.BytesIO(signed(pki, saved(blank())))) as opened:
        assert "/StructTreeRoot" not in opened.Root
        assert "/Tabs" not in opened.pages[0]


def test_a_signed_structure_is_left_alone(pki: Pki) -> None:
    once = signed(pki, tree(single), stamp=False)
    twice = signed(pki, once)
    with pikepdf.open(io.BytesIO(twice)) as opened:
        assert len(opened.Root.AcroForm.Fields) == 2
        assert sorted(entries(opened.Root.StructTreeRoot.ParentTree)) == [0, 7]


@pytest.mark.parametrize("first", [True, False], ids=["stamped before", "signed without a stamp before"])
def test_a_second_stamp_on_pdf_ua_is_tagged_and_changes_nothing_that_was_signed(pki: Pki, first: bool) -> None:
    once = signed(pki, conforming("ua-1"), stamp=first)
    twice = signed(pki, once)
    assert twice.startswith(once)
    require_tagged(twice)
    report = validate(twice, load_policy("teken-1"), trust_in(pki), pki.at + timedelta(minutes=1))
    assert [each.intact for each in report.signatures] == [True, True]
    assert [(each.kind, each.allowed) for each in report.signatures[0].modifications] == [(ChangeKind.SIGNATURE, True)]


def test_an_invisible_signature_after_a_stamp_touches_no_tag(pki: Pki) -> None:
    once = signed(pki, conforming("ua-1"))
    twice = signed(pki, once, stamp=False)
    with pikepdf.open(io.BytesIO(once)) as before, pikepdf.open(io.BytesIO(twice)) as after:
        trees = [entries(each.Root.StructTreeRoot.ParentTree).keys() for each in (before, after)]
    assert trees[0] == trees[1]


def test_a_parent_tree_without_end_is_refused_or_signed_within_its_depth(pki: Pki) -> None:
    def looping(pdf: pikepdf.Pdf, root: Any) -> None:
        node = pdf.make_indirect(Dictionary(Limits=Array([0, 0])))
        node.Kids = Array([node])
        root.ParentTree = node
        root.Note = String("a tree that is its own branch")

    assert signed(pki, tree(looping))
