"""EN 319 412-1, 5.1: the QCStatements say whom the subject names and who assigned the identifier, and no more."""

from collections.abc import Iterator

from ca.lints.model import Candidate, Finding
from ca.qc_statements import OID, qc_statements


def etsi_en_319_412_1_semantics(candidate: Candidate) -> Iterator[Finding]:
    """One statement, with the profile's semantics identifier and our registration authority; not critical."""
    semantics = candidate.profile.semantics
    for extension in candidate.certificate.extensions:
        if extension.oid != OID:
            continue
        if semantics is None or extension.value != qc_statements(semantics, candidate.names.name_authority_uri):
            yield Finding(code="etsi.en_319_412_1.semantics", detail="the statement is not the profile's, or not alone")
        if extension.critical:
            yield Finding(code="etsi.en_319_412_1.semantics", detail="critical")
