"""What a signature field says of itself, judged or not: for reports in the formats of others."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfReadError

from verifier import ber
from verifier.cms import MESSAGE_DIGEST, SignedContent
from verifier.document import SignatureField
from verifier.examination import Examined
from verifier.model import SignatureFacts, TimestampReport
from verifier.pdf_objects import entry

LONGEST_TEXT: Final = 1000
"""Characters of one text; reasons and places are far shorter."""

_UNREADABLE: Final = (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, RecursionError)


def facts_of(each: Examined, timestamp: TimestampReport | None) -> SignatureFacts:
    """The facts of one field; `timestamp` is the one that its report shows. What cannot be read is absent."""
    field, content = each.field, each.content
    bare = SignatureFacts(
        subfilter=field.subfilter,
        byte_range=field.byte_range,
        container_sha256=hashlib.sha256(_without_padding(field.contents)).hexdigest(),
        stated_at=_stated_at(field),
        reason=_text(field, "/Reason"),
        location=_text(field, "/Location"),
    )
    if content is None:
        return bare
    try:
        return replace(
            bare,
            digest=content.digest_name or None,
            signed_digest=_signed_digest(content),
            value=content.signature,
            certificate=content.signer.der if content.signer else None,
            token_sha256=_token_digest(each, timestamp),
        )
    except _UNREADABLE:
        return bare


def _without_padding(contents: bytes) -> bytes:
    try:
        return ber.read(contents).encoded
    except _UNREADABLE:
        return contents


def _text(field: SignatureField, key: str) -> str | None:
    """A text string of the signature dictionary (ISO 32000-2, table 255)."""
    try:
        text = entry(field.value, key)
    except Exception:  # a reference into a damaged part of the file makes the parser raise anything
        return None
    if not isinstance(text, generic.TextStringObject):
        return None
    return "".join(each for each in text[:LONGEST_TEXT] if not "\ud800" <= each <= "\udfff").strip() or None


def _stated_at(field: SignatureField) -> datetime | None:
    """/M (ISO 32000-2, 7.9.4), in UTC."""
    text = _text(field, "/M")
    try:
        moment = generic.parse_pdf_date(text or "", strict=False)
        return moment.astimezone(UTC) if moment.tzinfo is not None else None
    except (*_UNREADABLE, PdfReadError):
        return None


def _signed_digest(content: SignedContent) -> bytes | None:
    """The attribute message-digest (RFC 5652, 11.2): the digest of the covered bytes, as it was signed."""
    values = content.attributes.get(MESSAGE_DIGEST)
    return ber.octets(values[0]) if values else None


def _token_digest(each: Examined, timestamp: TimestampReport | None) -> str | None:
    """SHA-256 of the signature timestamp shown; that of a document timestamp is its container's."""
    if timestamp is None or each.is_document_timestamp:
        return None
    for token in each.tokens:
        if token.time == timestamp.time:
            return hashlib.sha256(token.encoded).hexdigest()
    return None
