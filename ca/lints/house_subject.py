"""House rule on RFC 5280, 4.1.2.6 and EN 319 412-2, 4.2.4: exactly the attributes of the profile."""

from collections.abc import Iterator

from cryptography.x509.oid import NameOID

from ca.lints.model import Candidate, Finding
from ca.profiles import Semantics


def house_subject(candidate: Candidate) -> Iterator[Finding]:
    """In the profile's order, one an RDN, none missing, none besides; a person has a given name or a surname."""
    profile, subject = candidate.profile, candidate.certificate.subject
    present = [attribute.oid for attribute in subject]
    if present != [oid for oid in profile.subject if oid in present]:
        yield Finding(code="house.subject", detail="an attribute is foreign to the profile, doubled, or out of order")
    if any(len(list(rdn)) != 1 for rdn in subject.rdns):
        yield Finding(code="house.subject", detail="an RDN holds more than one attribute")
    missing = set(profile.subject) - profile.optional - set(present)
    if missing:
        listed = ", ".join(sorted(oid.dotted_string for oid in missing))
        yield Finding(code="house.subject", detail=f"missing: {listed}")
    person = profile.semantics is Semantics.NATURAL_PERSON
    if person and NameOID.GIVEN_NAME not in present and NameOID.SURNAME not in present:
        yield Finding(code="house.subject", detail="a person has neither given name nor surname")
