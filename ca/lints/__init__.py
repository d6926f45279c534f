"""The rules that a certificate passes before a CA key signs it. One rule a file, under the document that imposes it."""

from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from typing import Final, TypeVar

from ca.errors import LintObjected
from ca.lints.etsi_en_319_412_1_semantics import etsi_en_319_412_1_semantics
from ca.lints.house_addresses import house_addresses
from ca.lints.house_crl_entries import house_crl_entries
from ca.lints.house_crl_extensions import house_crl_extensions
from ca.lints.house_crl_window import house_crl_window
from ca.lints.house_extension_set import house_extension_set
from ca.lints.house_identity_numbers import house_identity_numbers
from ca.lints.house_public_key import house_public_key
from ca.lints.house_serial import house_serial
from ca.lints.house_subject import house_subject
from ca.lints.house_validity import house_validity
from ca.lints.model import Candidate, CertificateLint, CrlCandidate, CrlLint, Finding, OcspCandidate, OcspLint
from ca.lints.pkilint_rules import pkilint_rules
from ca.lints.rfc3161_timestamping_unit import rfc3161_timestamping_unit
from ca.lints.rfc5019_next_update import rfc5019_next_update
from ca.lints.rfc5280_basic_constraints import rfc5280_basic_constraints
from ca.lints.rfc5280_certificate_policies import rfc5280_certificate_policies
from ca.lints.rfc5280_crl_number import rfc5280_crl_number
from ca.lints.rfc5280_crl_reasons import rfc5280_crl_reasons
from ca.lints.rfc5280_extended_key_usage import rfc5280_extended_key_usage
from ca.lints.rfc5280_key_identifiers import rfc5280_key_identifiers
from ca.lints.rfc5280_key_usage import rfc5280_key_usage
from ca.lints.rfc5280_strings import rfc5280_strings
from ca.lints.rfc6960_cert_ids import rfc6960_cert_ids
from ca.lints.rfc6960_ocsp_responder import rfc6960_ocsp_responder
from ca.lints.rfc6960_responder import rfc6960_responder

__all__ = [
    "CERTIFICATE_LINTS",
    "CRL_LINTS",
    "LINTERS",
    "OCSP_LINTS",
    "Candidate",
    "CertificateLint",
    "CrlCandidate",
    "Finding",
    "OcspCandidate",
    "check",
]

HOUSE_VERSION: Final = 1
"""Counts up with every change of a rule of ours; stands beside each intent in the certificate log."""

LINTERS: Final = f"house/{HOUSE_VERSION} pkilint/{version('pkilint')}"

CERTIFICATE_LINTS: Final[tuple[CertificateLint, ...]] = (
    house_serial,
    house_validity,
    house_subject,
    house_identity_numbers,
    house_public_key,
    house_addresses,
    house_extension_set,
    rfc5280_strings,
    rfc5280_basic_constraints,
    rfc5280_key_usage,
    rfc5280_extended_key_usage,
    rfc5280_key_identifiers,
    rfc5280_certificate_policies,
    etsi_en_319_412_1_semantics,
    rfc3161_timestamping_unit,
    rfc6960_ocsp_responder,
    pkilint_rules,
)


CRL_LINTS: Final[tuple[CrlLint, ...]] = (
    rfc5280_crl_number,
    rfc5280_crl_reasons,
    house_crl_entries,
    house_crl_extensions,
    house_crl_window,
)

OCSP_LINTS: Final[tuple[OcspLint, ...]] = (
    rfc6960_cert_ids,
    rfc6960_responder,
    rfc5019_next_update,
)

AnyCandidate = TypeVar("AnyCandidate")


def check(candidate: AnyCandidate, lints: Sequence[Callable[[AnyCandidate], Iterator[Finding]]], *, field: str) -> None:
    """Raise `LintObjected` with everything that `lints` have against the candidate; `field` says what it is."""
    found = [finding for lint in lints for finding in lint(candidate)]
    if found:
        told = "; ".join(f"{finding.code}: {finding.detail}" for finding in found)
        codes = ", ".join(sorted({finding.code for finding in found}))
        raise LintObjected(told, field=field, reason=codes)
