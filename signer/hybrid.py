"""Hybrid-reference files: two views of one document, which have to agree (ISO 32000-2, 7.5.8.4). Imports pyHanko.

Word processors export them every day: a classic table for old readers, and beside it a cross-reference stream that adds
what those do not need. An object that the stream finds elsewhere than the tables do is another one for each reader.
"""

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.xref import XRefSectionData

from signer.errors import DocumentRefused
from signer.xref import entry_in


def require_one_view(reader: PdfFileReader) -> None:
    """Nothing, or `DocumentRefused` where an object is at one place for old readers and at another one for new."""
    sections = [reader.xrefs.get_xref_data(index) for index in range(reader.xrefs.total_revisions)]
    for index, section in enumerate(sections):
        if section.hybrid is not None and not _agree(section, list(reversed(sections[:index]))):
            raise DocumentRefused(
                "PDF ini memuat dua versi isi yang berbeda bagi pembaca lama dan baru. Ekspor ulang, misalnya dengan"
                " mencetaknya ke PDF. / Old and new readers see different contents in this PDF. Export it again, for"
                " example by printing it to PDF.",
                field="document",
                reason="two-views",
            )


def _agree(section: XRefSectionData, older: list[XRefSectionData]) -> bool:
    """Whether the stream of a hybrid section finds no object elsewhere than the tables do, newest first."""
    stream = section.hybrid.xref_data
    for number in (*stream.standard_xrefs, *stream.xrefs_in_objstm):
        own = entry_in(section, number)
        if own is not None and own.place is not None:
            continue  # the table comes first in both views; writers that update such files name the stream again
        tables = next((found for each in older if (found := entry_in(each, number)) is not None), None)
        if tables is not None and tables.place is not None and tables != entry_in(stream, number):
            return False
    return True
