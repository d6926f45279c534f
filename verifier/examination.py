"""Steps 2 and 3 of a validation: what holds whoever signed and whenever (EN 319 102-1, 5.2.7 and 5.2.8)."""

from dataclasses import dataclass, replace
from typing import Final

from verifier.changes import Changes
from verifier.cms import Refused, SignedContent, parse_cms
from verifier.document import OpenedDocument, SignatureField
from verifier.integrity import TimestampToken, signature_holds, token_holds
from verifier.limits import Limits
from verifier.model import Modification, SignatureKind, SubIndication
from verifier.pdf_objects import entry
from verifier.plain_rsa import parse_plain_rsa
from verifier.policy import ValidationPolicy
from verifier.signature_value import Message
from verifier.structure import boundary_fault, contents_fault, end_fault, overlap_fault, range_fault

_WRAPPED_DIGEST: Final = "adbe.pkcs7.sha1"
_PLAIN_RSA: Final = "adbe.x509.rsa_sha1"
MAX_TOKENS: Final = 16  # a signature bears one timestamp, two while an authority is being replaced


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """One signature field, and the first thing against it that needs neither trust nor time."""

    field: SignatureField
    content: SignedContent | None
    tokens: tuple[TimestampToken, ...]
    """Signature timestamps that hold; for a document timestamp, itself."""
    left_aside: tuple[str, ...]
    """Why others of its timestamps do not count."""
    fault: Refused | None
    modifications: tuple[Modification, ...]

    @property
    def is_document_timestamp(self) -> bool:
        """Whether the field holds a timestamp over the document instead of a signature."""
        return self.field.kind is SignatureKind.DOCUMENT_TIMESTAMP

    @property
    def contents(self) -> list[SignedContent]:
        """Every CMS found in it."""
        return [*([self.content] if self.content else []), *(token.content for token in self.tokens)]


def examine(document: OpenedDocument, policy: ValidationPolicy, limits: Limits) -> list[Examined]:
    """Look at every signature field of `document`, in the order of their revisions."""
    ranges = [each.byte_range for each in document.fields if range_fault(document.pdf, each.byte_range) is None]
    overlap = overlap_fault(ranges)
    changes = Changes(document, policy)
    examined = []
    for field in document.fields:
        content: SignedContent | None = None
        tokens: tuple[TimestampToken, ...] = ()
        left_aside: tuple[str, ...] = ()
        fault: Refused | None = None
        modifications: tuple[Modification, ...] = ()
        try:
            _check_container(document, field, overlap)
            modifications = changes.after(field)
            content, tokens, left_aside = _check_cryptography(document, field, limits)
        except Refused as refused:
            fault = refused
            content = _readable_content(field, limits)
        examined.append(
            Examined(
                field=field,
                content=content,
                tokens=tokens,
                left_aside=left_aside,
                fault=fault,
                modifications=modifications,
            )
        )
    return examined


def _check_container(document: OpenedDocument, field: SignatureField, overlap: str | None) -> None:
    pdf, covered = document.pdf, field.byte_range
    fault = (
        range_fault(pdf, covered)
        or contents_fault(pdf, covered, field.contents, field.offset)
        or end_fault(pdf, covered)
        or boundary_fault(pdf, document.reader, field.revision, field.end)
        or overlap
    )
    if fault is not None:
        raise Refused(SubIndication.FORMAT_FAILURE, fault)


def _check_cryptography(
    document: OpenedDocument, field: SignatureField, limits: Limits
) -> tuple[SignedContent, tuple[TimestampToken, ...], tuple[str, ...]]:
    _, length, resume, rest = field.byte_range
    view = memoryview(document.pdf)
    covered = Message(view[:length], view[resume : resume + rest])
    if field.kind is SignatureKind.DOCUMENT_TIMESTAMP:
        token = token_holds(field.contents, covered, limits)
        return token.content, (token,), ()
    content = _content(field, limits)
    signature_holds(content, covered, is_wrapped=field.subfilter == _WRAPPED_DIGEST)
    return content, *_holding_tokens(content, limits)


def _content(field: SignatureField, limits: Limits) -> SignedContent:
    """The container by its format (ISO 32000-1, 12.8.3); raises `Refused`."""
    if field.subfilter == _PLAIN_RSA:
        return parse_plain_rsa(field.contents, entry(field.value, "/Cert"), limits)
    content = parse_cms(field.contents, limits)
    rests_on_sha1 = field.subfilter == _WRAPPED_DIGEST
    return replace(content, further_digests=frozenset({"sha1"})) if rests_on_sha1 else content


def _holding_tokens(content: SignedContent, limits: Limits) -> tuple[tuple[TimestampToken, ...], tuple[str, ...]]:
    """A timestamp that does not hold proves nothing, and says nothing against the signature beneath it; it is told."""
    signature, found = Message(content.signature), []
    left_aside = [f"only the first {MAX_TOKENS} are read"] if len(content.tokens) > MAX_TOKENS else []
    for der in content.tokens[:MAX_TOKENS]:
        try:
            found.append(token_holds(der, signature, limits, [each.der for each in content.certificates]))
        except Refused as refused:
            left_aside.append(refused.detail)
    return tuple(found), tuple(left_aside)


def _readable_content(field: SignatureField, limits: Limits) -> SignedContent | None:
    """Who a refused signature names: shown beside the refusal, never believed."""
    try:
        return _content(field, limits)
    except Refused:
        return None
