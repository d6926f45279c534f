"""What a file brings along for its own judgement: certificates and status, from the DSS and from its signatures.

Nothing here is believed for being in the file: a certificate must chain to an anchor, a status must bear the signature
of an issuer that does. Imports pyHanko's objects.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfError

from verifier.certificates import Certificate, certificates
from verifier.cms import SignedContent
from verifier.document import OpenedDocument, Unreadable
from verifier.limits import Limits
from verifier.pdf_objects import entry
from verifier.status import StatusPool


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Certificates and status that came with the file."""

    certificates: tuple[Certificate, ...]
    status: StatusPool

    def tells_of(self, subject: Certificate) -> bool:
        """Whether the file brings the status of this certificate, and its issuer (EN 319 142-1: level B-LT).

        A certificate that signed itself has none, so any status of others in the file will do.
        """
        issuers = [each for each in self.certificates if each.subject_name == subject.issuer_name]
        if subject in issuers:
            return self.status.knows_anything
        return any(True for each in issuers for _ in self.status.statuses(subject, each))


def evidence_of(document: OpenedDocument, contents: Iterable[SignedContent], limits: Limits) -> Evidence:
    """Collect everything once per file; raises `Unreadable` where it is more than `limits` allow."""
    signed = tuple(contents)
    ders = _stored(document, "/Certs", limits)
    crls = [*_stored(document, "/CRLs", limits), *(each for content in signed for each in content.crls)]
    responses = [*_stored(document, "/OCSPs", limits), *(each for content in signed for each in content.ocsp_responses)]
    if len(crls) + len(responses) > limits.status_items:
        raise Unreadable(f"more than {limits.status_items} pieces of revocation status")
    if sum(map(len, (*crls, *responses))) > limits.status_bytes:
        raise Unreadable(f"more than {limits.status_bytes} bytes of revocation status")
    found = dict.fromkeys((*certificates(tuple(ders)), *(each for content in signed for each in content.certificates)))
    return Evidence(
        certificates=tuple(found),
        status=StatusPool(crls=crls, ocsp_responses=responses, embedded=True),
    )


def _stored(document: OpenedDocument, key: str, limits: Limits) -> list[bytes]:
    """The streams of one array of the DSS; what cannot be read there is not evidence."""
    try:
        store = entry(document.reader.root, "/DSS")
        streams = list(entry(store, key) or ()) if store is not None else []
    except (KeyError, TypeError, AttributeError, PdfError):
        return []
    if len(streams) > 4 * limits.status_items:
        raise Unreadable(f"more than {4 * limits.status_items} entries in {key}")
    found = []
    for each in streams:
        try:
            stream = each.get_object()
            if isinstance(stream, generic.StreamObject):
                found.append(bytes(stream.data))
        except (KeyError, TypeError, ValueError, AttributeError, PdfError):
            continue
    return list(dict.fromkeys(found))
