"""RFC 6960, 4.2.2.2: the responder's certificate travels with the answer and is valid when it was made."""

from collections.abc import Iterator

from cryptography import x509

from ca.lints.model import Finding, OcspCandidate


def rfc6960_responder(candidate: OcspCandidate) -> Iterator[Finding]:
    """The certificate is inside, alone; responderID is its key; it is valid at producedAt."""
    response, responder = candidate.response, candidate.responder
    if response.certificates != [responder]:
        yield Finding(code="rfc6960.responder", detail="the responder's certificate is not inside, or not alone")
    key_hash = x509.SubjectKeyIdentifier.from_public_key(responder.public_key()).digest  # both: SHA-1 of the key bits
    if response.responder_key_hash != key_hash:
        yield Finding(code="rfc6960.responder", detail="responderID is not the responder's key")
    if not responder.not_valid_before_utc <= response.produced_at_utc <= responder.not_valid_after_utc:
        yield Finding(code="rfc6960.responder", detail="the responder's certificate is not valid now; renew it")
