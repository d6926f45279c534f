"""One incremental update, written by pyHanko, that touches nothing but what we add."""

import io
from typing import IO, Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodeLimits, DecodePurpose
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers.constants import ESIC_EXTENSION_1
from pyhanko.sign.signers.pdf_byterange import PdfSignedData

from signer.ambiguity import refuse_ambiguous, settle
from signer.claims import claims_pdf_ua
from signer.document import Document
from signer.intake import open_reader
from signer.pdf_objects import look_up, resolved
from signer.sheet import box_of
from signer.tagging import follow_structure, hide, is_tagged, tag

_PADES_VERSION: Final = (1, 7)  # ETSI.CAdES.detached is ISO 32000-1 with ETSI's extension, or ISO 32000-2


class _Behind(io.BytesIO):
    """What is written behind a document, at the places that it will have in the whole."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._size = size

    def tell(self) -> int:
        return self._size + super().tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._size + super().seek(offset - self._size if whence == io.SEEK_SET else offset, whence)


class Revision(IncrementalPdfFileWriter):  # type: ignore[misc]  # pyHanko's types stay outside (follow_imports)
    """An update of `document`.

    Unlike its parent it leaves the document's own metadata alone: a new ModDate would read the clock, contradict the
    PDF/A rule that /Info and XMP agree, and show up as a change made after somebody else's signature.
    """

    def __init__(self, document: Document, decode_limits: DecodeLimits, *, bears_signatures: bool = True) -> None:
        """`bears_signatures`: whether somebody signed what is there, so that its structure grows only where it must."""
        reader = open_reader(document, decode_limits)
        self._document = document
        self._bears_signatures = bears_signatures
        super().__init__(reader.stream, prev=reader)
        settle(reader, self.root_ref)

    def _update_meta(self) -> None:
        """Called before anything is written: the place to look at what will be written anew."""
        for generation, number in self.objects:
            reference = generic.Reference(number, generation, self.prev)
            if reference != self.root_ref and number < self.prev.trailer["/Size"]:
                refuse_ambiguous(self.prev, reference)

    def written(self) -> Document:
        """The document with this update at its end; what was there is neither read nor copied."""
        update = _Behind(len(self._document))
        self.write(update)
        return self._document.plus(update.getvalue())

    def written_with(self, placeholder: PdfSignedData) -> tuple[Document, bytes, tuple[int, int]]:
        """The same with the byte range of `placeholder` filled in; the SHA-256 of that range, and where its contents
        go."""
        self.digest_aware_write = True
        update, behind = _Behind(len(self._document)), len(self._document)
        self.write(update)
        end_of_all = update.tell()
        start, end = placeholder.contents.offsets
        placeholder.byte_range.fill_offsets(update, start, end, end_of_all)
        octets, digest = update.getvalue(), self._document.hasher()
        digest.update(memoryview(octets)[: start - behind])
        digest.update(memoryview(octets)[end - behind :])
        return self._document.plus(octets), digest.digest(), (start, end)

    def _write_header(self, stream: IO[bytes]) -> None:
        """Called before anything is written. The document itself stays where it is."""
        if self._document[-1:] not in (b"\n", b"\r"):
            stream.write(b"\n")  # what follows %%EOF starts on a line of its own (ISO 19005-2, 6.1.9)

    def register_annotation(self, page_ref: generic.IndirectObject, annot_ref: generic.IndirectObject) -> None:
        """Called by pyHanko for a signature's new widget: what PDF/A and PDF/UA want of one is done here."""
        super().register_annotation(page_ref, annot_ref)
        tagged = is_tagged(self.root)
        box = box_of(look_up(annot_ref.get_object(), "/Rect"))
        visible = box is not None and box[0] < box[2] and box[1] < box[3]
        if not visible:
            hide(self, annot_ref.get_object())
        if tagged and (not self._bears_signatures or (visible and claims_pdf_ua(self.root))):
            follow_structure(self, page_ref)
            if visible:
                tag(self, page_ref, annot_ref)

    def declare_pades(self) -> None:
        """Name the extension that the PAdES subfilters need below PDF 2.0 (EN 319 142-1, clause 5.1)."""
        self.ensure_output_version(version=_PADES_VERSION)
        if self.output_version < (2, 0):
            self.register_extension(ESIC_EXTENSION_1)

    def add_to_dss(self, key: str, contents: tuple[bytes, ...], purpose: DecodePurpose) -> None:
        """Add each of `contents` as a stream to one array of the document security store, unless it is there."""
        dss = look_up(self.root, "/DSS")
        if dss is None:
            dss = generic.DictionaryObject()
            self.root[pdf_name("/DSS")] = self.add_object(dss)
            self.update_root()
        array = look_up(dss, key)
        if array is None:
            array = dss[pdf_name(key)] = generic.ArrayObject()
            self.update_container(dss)
        present = {resolved(stream).read_data(purpose) for stream in array}
        for content in dict.fromkeys(contents):
            if content not in present:
                array.append(self.add_object(generic.StreamObject(stream_data=content)))
        self.update_container(array)
