"""What a signature field says of itself, judged or not: for reports in the formats of others."""

import hashlib
from dataclasses import replace
from typing import Final

from verifier import ber
from verifier.cms import MESSAGE_DIGEST, SignedContent
from verifier.examination import Examined
from verifier.model import SignatureFacts, TimestampReport

_UNREADABLE: Final = (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, RecursionError)


def facts_of(each: Examined, timestamp: TimestampReport | None) -> SignatureFacts:
    """The facts of one field; `timestamp` is the one that its report shows. What cannot be read is absent."""
    field, content = each.field, each.content
    bare = SignatureFacts(
        subfilter=field.subfilter,
        byte_range=field.byte_range,
        container_sha256=hashlib.sha256(_without_padding(field.contents)).hexdigest(),
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
