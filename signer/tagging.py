"""Widgets of signatures in tagged and archival documents, so that PDF/A and PDF/UA come out as they went in.

A visible one gets its place in the structure tree (ISO 14289-1, 7.18.4; ISO 32000-2, 14.7.5.3): an element `Form` whose
object reference leads to the widget, and a way back through the parent tree. An invisible one stays outside of it: it
has no area and lies beyond every page (ISO 14289-1, 7.18.1 exempts it). In PDF/A-1 it has an empty appearance, because
ISO 19005-1, 6.9 wants one of every field; elsewhere it has none, so that an archive timestamp stays what a
certification with DocMDP 1 allows.

The structure of a document that bears a signature already was signed too. It receives the element of a later stamp
where the document claims PDF/UA, and stays as it is everywhere else.
"""

from typing import Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.writer import BasePdfFileWriter

from signer.claims import claims_pdfa_1
from signer.pdf_objects import Dictionary, elements, look_up, resolved

_BEYOND: Final = -9999  # in no page's crop box, and within the numbers that PDF/A-1 allows
_DEPTH: Final = 64  # of the parent tree
_STANDARD: Final = ("http://iso.org/pdf/ssn", "http://iso.org/pdf2/ssn")


def is_tagged(root: Dictionary) -> bool:
    """Whether the document says that its structure tree is to be relied upon (ISO 32000-2, 14.7.1)."""
    marked = look_up(look_up(root, "/MarkInfo"), "/Marked")
    return isinstance(look_up(root, "/StructTreeRoot"), Dictionary) and marked is not None and bool(marked)


def hide(revision: BasePdfFileWriter, widget: Dictionary) -> None:
    """Make a widget that shows nothing one that no page and no reading order has to know of.

    It has an appearance in PDF/A-1 alone, and none beside a certification that forbids every change: a document
    timestamp is no change in that sense, a new appearance is one (ISO 32000-2, table 257).
    """
    widget[pdf_name("/Rect")] = generic.ArrayObject([generic.NumberObject(_BEYOND)] * 4)
    if not claims_pdfa_1(revision.root) or _forbids_changes(revision.root):
        return
    nothing = generic.StreamObject(
        {
            pdf_name("/Type"): pdf_name("/XObject"),
            pdf_name("/Subtype"): pdf_name("/Form"),
            pdf_name("/BBox"): generic.ArrayObject([generic.NumberObject(0)] * 4),
            pdf_name("/Resources"): generic.DictionaryObject(),
        },
        stream_data=b"",
    )
    widget[pdf_name("/AP")] = generic.DictionaryObject({pdf_name("/N"): revision.add_object(nothing)})


def _forbids_changes(root: Dictionary) -> bool:
    """Whether a certification or a lock says so with /P 1 (ISO 32000-2, 12.8.2.2 and 12.8.2.4)."""
    certification = look_up(look_up(root, "/Perms"), "/DocMDP")
    fields = elements(look_up(root, "/AcroForm"), "/Fields")
    signatures = (certification, *(look_up(resolved(each), "/V") for each in fields))
    references = (resolved(each) for signature in signatures for each in elements(signature, "/Reference"))
    return any(look_up(look_up(each, "/TransformParams"), "/P") == 1 for each in references)


def follow_structure(revision: BasePdfFileWriter, page: generic.IndirectObject) -> None:
    """The page's annotations are visited in the structure's order (ISO 14289-1, 7.18.3), if nothing else is said."""
    if look_up(page.get_object(), "/Tabs") is None:
        page.get_object()[pdf_name("/Tabs")] = pdf_name("/S")
        revision.mark_update(page)


def tag(revision: BasePdfFileWriter, page: generic.IndirectObject, widget: generic.IndirectObject) -> None:
    """Put a widget into the structure tree of a tagged document, behind everything else."""
    tree = look_up(revision.root, "/StructTreeRoot")
    parent = _only_child(tree) or revision.root.raw_get("/StructTreeRoot")
    reference = {pdf_name("/Type"): pdf_name("/OBJR"), pdf_name("/Obj"): widget, pdf_name("/Pg"): page}
    element = {
        pdf_name("/Type"): pdf_name("/StructElem"),
        pdf_name("/S"): pdf_name("/Form"),
        pdf_name("/P"): parent,
        pdf_name("/Pg"): page,
        pdf_name("/K"): generic.DictionaryObject(reference),
    }
    namespace = look_up(resolved(parent), "/NS")
    if look_up(namespace, "/NS") in _STANDARD:
        element[pdf_name("/NS")] = resolved(parent).raw_get("/NS")
    added = revision.add_object(generic.DictionaryObject(element))
    _append(revision, resolved(parent), "/K", added)
    key = _new_key(tree)
    widget.get_object()[pdf_name("/StructParent")] = generic.NumberObject(key)
    _add_parent(revision, tree, key, added)


def _only_child(tree: Dictionary) -> generic.IndirectObject | None:
    """The element that holds all others (`Document`, as a rule), where there is exactly one."""
    kids = elements(tree, "/K") or (tree.raw_get("/K"),) if "/K" in tree else ()
    only = kids[0] if len(kids) == 1 else None
    return only if isinstance(only, generic.IndirectObject) and look_up(only.get_object(), "/S") is not None else None


def _append(revision: BasePdfFileWriter, holder: Dictionary, key: str, value: generic.PdfObject) -> None:
    """`value` at the end of the array under `key`, which may be absent or a single thing so far."""
    array = look_up(holder, key)
    if not isinstance(array, generic.ArrayObject):
        array = generic.ArrayObject([holder.raw_get(key)] if key in holder else [])
        holder[pdf_name(key)] = array
        revision.update_container(holder)
    array.append(value)
    revision.update_container(array)


def _new_key(tree: Dictionary) -> int:
    """A key of the parent tree that nobody uses: number trees are sorted, so the largest one stands last."""
    node, largest = look_up(tree, "/ParentTree"), -1
    for _ in range(_DEPTH):
        pairs, kids = elements(node, "/Nums"), elements(node, "/Kids")
        largest = max([largest, *(int(resolved(number)) for number in pairs[::2])])
        if not kids:
            break
        node = resolved(kids[-1])
    following = look_up(tree, "/ParentTreeNextKey")
    return max(largest + 1, int(following) if isinstance(following, generic.NumberObject) else 0)


def _add_parent(revision: BasePdfFileWriter, tree: Dictionary, key: int, element: generic.IndirectObject) -> None:
    parents = look_up(tree, "/ParentTree")
    if not isinstance(parents, Dictionary):
        parents = generic.DictionaryObject()
        tree[pdf_name("/ParentTree")] = revision.add_object(parents)
    number = generic.NumberObject(key)
    if elements(parents, "/Kids"):
        limits = generic.ArrayObject([number, number])
        leaf = {pdf_name("/Limits"): limits, pdf_name("/Nums"): generic.ArrayObject([number, element])}
        _append(revision, parents, "/Kids", revision.add_object(generic.DictionaryObject(leaf)))
    else:
        _append(revision, parents, "/Nums", number)
        _append(revision, parents, "/Nums", element)
    tree[pdf_name("/ParentTreeNextKey")] = generic.NumberObject(key + 1)
    revision.update_container(tree)
