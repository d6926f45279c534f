"""What pkilint says of a certificate: EN 319 412 (NCP) for people and seals, PKIX for all others.

pkilint takes about half a second to import, so that happens once, when the first certificate is linted.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca.lints.model import Candidate, Finding
from ca.profiles import Semantics

_ETSI_KINDS: Final = {
    Semantics.NATURAL_PERSON: "NCP_NATURAL_PERSON_CERTIFICATE",
    Semantics.LEGAL_PERSON: "NCP_LEGAL_PERSON_CERTIFICATE",
}

_ROOT_DRAFT: Final = "pkix.authority_key_identifier_extension_absent"
"""A self-signed certificate may leave the AKI out (RFC 5280, 4.2.1.1), but a root's draft is signed by a throw-away
key, so pkilint cannot see that. `house_extension_set` demands the absence; the finished root passes without this."""


def pkilint_rules(candidate: Candidate) -> Iterator[Finding]:
    """Every finding of pkilint of WARNING and worse."""
    der = candidate.certificate.public_bytes(Encoding.DER)
    is_root_draft = candidate.issuer.key_identifier is None
    for code in _linter(candidate.profile.semantics)(der):
        if not (is_root_draft and code == _ROOT_DRAFT):
            yield Finding(code=f"pkilint.{code}", detail="see pkilint's documentation of this code")


def findings_of_a_person(certificate: x509.Certificate) -> tuple[str, ...]:
    """Codes of WARNING and worse for somebody else's certificate of a natural person; they inform only."""
    return tuple(_linter(Semantics.NATURAL_PERSON)(certificate.public_bytes(Encoding.DER)))


@cache
def _linter(semantics: Semantics | None) -> Callable[[bytes], list[str]]:
    """A function from a certificate (DER) to the codes of what is wrong with it."""
    from pkilint import finding_filter, loader  # noqa: PLC0415 - half a second to import
    from pkilint.validation import ValidationFindingSeverity as Severity  # noqa: PLC0415 - as above

    checks, filters = _pkix() if semantics is None else _etsi(_ETSI_KINDS[semantics])

    def codes_of(der: bytes) -> list[str]:
        document = loader.load_der_certificate(der, "candidate")
        results, _ = finding_filter.filter_results(filters, checks.validate(document.root))
        found = (description.finding for result in results for description in result.finding_descriptions)
        return [finding.code for finding in found if finding.severity <= Severity.WARNING]  # FATAL is 0, DEBUG 5

    return codes_of


def _etsi(kind: str) -> tuple[Any, Any]:
    from pkilint import etsi  # noqa: PLC0415 - as above
    from pkilint.etsi.etsi_constants import CertificateType  # noqa: PLC0415 - as above
    from pkilint.pkix import certificate  # noqa: PLC0415 - as above

    chosen = CertificateType[kind]
    checks = certificate.create_pkix_certificate_validator_container(
        etsi.create_decoding_validators(chosen), etsi.create_validators(chosen)
    )
    return checks, etsi.create_etsi_finding_filters(chosen)


def _pkix() -> tuple[Any, Any]:
    from pkilint.pkix import certificate, extension, name  # noqa: PLC0415 - as above

    checks = certificate.create_pkix_certificate_validator_container(
        certificate.create_decoding_validators(name.ATTRIBUTE_TYPE_MAPPINGS, extension.EXTENSION_MAPPINGS),
        [
            certificate.create_issuer_validator_container([]),
            certificate.create_validity_validator_container(),
            certificate.create_subject_validator_container([]),
            certificate.create_extensions_validator_container([]),
            certificate.create_spki_validator_container([]),
        ],
    )
    return checks, []
