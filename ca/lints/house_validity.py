"""House rule on RFC 5280, 4.1.2.5: the profile's period, cut only by the issuer's end (shell model)."""

from collections.abc import Iterator

from ca.drafts import BACKDATED
from ca.lints.model import Candidate, Finding


def house_validity(candidate: Candidate) -> Iterator[Finding]:
    """Valid since five minutes ago, for exactly the profile's period, and never beyond the issuer."""
    certificate, issuer_end = candidate.certificate, candidate.issuer.not_after
    if issuer_end is not None and certificate.not_valid_after_utc > issuer_end:
        yield Finding(code="house.validity", detail="the certificate outlives its issuer")
    elif certificate.not_valid_after_utc not in (candidate.at + candidate.profile.validity, issuer_end):
        yield Finding(code="house.validity", detail="the end of validity is not the profile's")
    if certificate.not_valid_before_utc != candidate.at - BACKDATED:
        yield Finding(code="house.validity", detail="the start of validity is not five minutes before issuing")
