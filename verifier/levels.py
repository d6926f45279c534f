"""Which level a signature reached (EN 319 142-1, 6): a statement about form, not about trust."""

from collections.abc import Sequence
from typing import Final

from pyhanko.pdf_utils.misc import PdfError

from verifier.cms import SIGNING_TIME
from verifier.document import OpenedDocument, SignatureField
from verifier.evidence import Evidence
from verifier.examination import Examined

_PADES: Final = "ETSI.CAdES.detached"


def level_of(
    examined: Examined, document: OpenedDocument, evidence: Evidence, timestamps: Sequence[SignatureField]
) -> str | None:
    """`PAdES-B-B` … `PAdES-B-LTA`, `PAdES-BES`, `PKCS7` … `PKCS7-LTA`; `None` for the rest.

    A signature that does not bind its certificate is no PAdES, whatever its /SubFilter says (EN 319 142-1, 6.3).
    """
    field, content = examined.field, examined.content
    if content is None or examined.is_document_timestamp:
        return None
    is_pades = field.subfilter == _PADES and content.names_certificate
    if is_pades and not _is_baseline(examined):
        return "PAdES-BES"
    later = [each for each in timestamps if each.revision > field.revision]
    if not examined.tokens and not later:
        return "PAdES-B-B" if is_pades else "PKCS7"
    reached = "T"
    if content.signer is not None and evidence.tells_of(content.signer):
        reached = "LTA" if any(_covers_store(document, each) for each in later) else "LT"
    return f"PAdES-B-{reached}" if is_pades else f"PKCS7-{reached}"


def _is_baseline(examined: Examined) -> bool:
    """The signatory's time stands in /M and not in an attribute, certificates in the CMS alone (EN 319 142-1, 6.3)."""
    value, content = examined.field.value, examined.content
    attributes = content.attributes if content is not None else {}
    return "/M" in value and "/Cert" not in value and SIGNING_TIME not in attributes


def _covers_store(document: OpenedDocument, timestamp: SignatureField) -> bool:
    try:
        return "/DSS" in document.reader.get_historical_resolver(timestamp.revision).root
    except (KeyError, TypeError, AttributeError, PdfError):
        return False
