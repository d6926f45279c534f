"""One new signature field in a PDF: written with room for its contents, then filled. Imports pyHanko.

pyHanko's embedder is driven step by step, without its event loop: it makes the field and reserves the room.
"""

from collections.abc import Callable
from typing import TypeVar

from pyhanko.pdf_utils import generic
from pyhanko.sign.fields import FieldMDPSpec, MDPPerm, SigFieldSpec
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigMDPSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import PdfSignedData

from signer.cms_signer import DIGEST
from signer.document import Document
from signer.errors import ResultUnsound
from signer.intake import reading_a_strangers_pdf
from signer.pdf_objects import look_up
from signer.revision import Revision

Made = TypeVar("Made")


class NoRoom(Exception):
    """What was to be put into `/Contents` is longer than the room that was kept for it."""

    def __init__(self, needed: int) -> None:
        super().__init__(needed)
        self.needed = needed


def with_room(expected: int, write: Callable[[int], Made]) -> Made:
    """What `write` makes with `expected` octets of room; once more with twice what it needed if that was too little,
    because the next timestamp may come from another unit with a longer chain."""
    try:
        return write(expected)
    except NoRoom as first:
        try:
            return write(2 * first.needed)
        except NoRoom as second:
            raise ResultUnsound(f"the signature grew to {second.needed} octets on its second attempt") from second


def write_field(
    revision: Revision,
    spec: SigFieldSpec,
    placeholder: PdfSignedData,
    dress: Callable[[generic.DictionaryObject], None] | None = None,
    *,
    existing: bool = False,
    certify: MDPPerm | None = None,
) -> tuple[Document, bytes, tuple[int, int]]:
    """`revision` written out with a new field of `spec`, or with the `existing` one of its name; the digest of its
    byte range, and where its contents go. `certify`: what a certification still allows to change."""
    with reading_a_strangers_pdf():
        steps = PdfCMSEmbedder(new_field_spec=spec).write_cms(
            spec.sig_field_name, revision, existing_fields_only=existing
        )
        field = next(steps).get_object()
        if dress is not None:
            dress(field)
        steps.send(SigObjSetup(sig_placeholder=placeholder, mdp_setup=_setup(field, certify)))
        return revision.written_with(placeholder)


def _setup(field: generic.DictionaryObject, certify: MDPPerm | None) -> SigMDPSetup | None:
    """What the signature forbids from now on: as a certification, and by the lock of its own field."""
    own = _lock_of(field)
    if certify is None:
        return own
    lock = own.field_lock if own is not None else None
    return SigMDPSetup(md_algorithm=DIGEST, certify=True, field_lock=lock, docmdp_perms=certify)


def _lock_of(field: generic.DictionaryObject) -> SigMDPSetup | None:
    """What the field's author wants locked by its signature (ISO 32000-2, 12.7.5.5: /Lock)."""
    lock = look_up(field, "/Lock")
    if lock is None:
        return None
    level = look_up(lock, "/P")
    return SigMDPSetup(
        md_algorithm=DIGEST,
        field_lock=FieldMDPSpec.from_pdf_object(lock),
        docmdp_perms=MDPPerm(level) if level is not None else None,
    )


def fill(document: Document, contents: tuple[int, int], cms: bytes) -> Document:
    """`cms` as the hexadecimal text between the angle brackets of `contents`, whose rest stays zero."""
    start, end = contents
    if 2 * len(cms) > end - start - 2:
        raise NoRoom(len(cms))
    return document.with_octets(start + 1, cms.hex().upper().encode())


def free_name(stem: str, taken: frozenset[str]) -> str:
    """The first of `stem-1`, `stem-2` ... that no field has."""
    number = 1
    while f"{stem}-{number}" in taken:
        number += 1
    return f"{stem}-{number}"
