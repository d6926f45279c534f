"""RFC 6960, 4.2.1: the answer is about what was asked, in the words in which it was asked."""

from collections.abc import Iterator

from ca.lints.model import Finding, OcspCandidate


def rfc6960_cert_ids(candidate: OcspCandidate) -> Iterator[Finding]:
    """Each CertID of the request once, in order, with its own hash algorithm."""
    answered = [
        (one.hash_algorithm.name, one.issuer_name_hash, one.issuer_key_hash, one.serial_number)
        for one in candidate.response.responses
    ]
    if answered != list(candidate.cert_ids):
        yield Finding(code="rfc6960.cert_ids", detail="the CertIDs are not those of the request")
