"""Which level a signature reached (EN 319 142-1, 6): a statement about form, not about trust."""

from collections.abc import Sequence
from typing import Final

from pyhanko.pdf_utils.misc import PdfError

from verifier.document import OpenedDocument, SignatureField
from verifier.evidence import Evidence
from verifier.examination import Examined

_PADES: Final = "ETSI.CAdES.detached"


def level_of(
    examined: Examined, document: OpenedDocument, evidence: Evidence, timestamps: Sequence[SignatureField]
) -> str | None:
    """`PAdES-B-B` … `PAdES-B-LTA`, `PKCS7` … `PKCS7-LTA`; `None` for document timestamps and what cannot be read.

    A signature that does not bind its certificate is no PAdES, whatever its /SubFilter says (EN 319 142-1, 6.3).
    """
    field, content = examined.field, examined.content
    if content is None or examined.is_document_timestamp:
        return None
    is_pades = field.subfilter == _PADES and content.names_certificate
    later = [each for each in timestamps if each.revision > field.revision]
    if not examined.tokens and not later:
        return "PAdES-B-B" if is_pades else "PKCS7"
    reached = "T"
    if evidence.has_validation_data:
        reached = "LTA" if any(_covers_store(document, each) for each in later) else "LT"
    return f"PAdES-B-{reached}" if is_pades else f"PKCS7-{reached}"


def _covers_store(document: OpenedDocument, timestamp: SignatureField) -> bool:
    try:
        return "/DSS" in document.reader.get_historical_resolver(timestamp.revision).root
    except (KeyError, TypeError, AttributeError, PdfError):
        return False
