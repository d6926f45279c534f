"""From an answer's certificate to a configured anchor (RFC 5280, 6.1), with policies. Imports certvalidator.

Nothing is fetched: what is needed between the two comes with the answer. Weak algorithms are refused.
"""

from collections.abc import Coroutine
from datetime import datetime
from typing import Any, Final, TypeVar

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.authority import CertTrustAnchor
from pyhanko_certvalidator.policy_decl import (
    CertRevTrustPolicy,
    PKIXValidationParams,
    RevocationCheckingPolicy,
    RevocationCheckingRule,
)
from pyhanko_certvalidator.validate import async_validate_path

from signer.errors import ForeignRefused

MAX_CANDIDATES: Final = 8
_NO_STATUS: Final = CertRevTrustPolicy(
    RevocationCheckingPolicy(RevocationCheckingRule.NO_CHECK, RevocationCheckingRule.NO_CHECK)
)
T = TypeVar("T")


def checked_path(
    leaf: x509.Certificate,
    offered: tuple[x509.Certificate, ...],
    anchors: tuple[x509.Certificate, ...],
    policies: frozenset[str],
    *,
    at: datetime,
) -> tuple[x509.Certificate, ...]:
    """The certificates from `leaf` up to one of `anchors`, after every check of RFC 5280, 6.1 at `at`.

    One of `policies` (dotted OIDs; empty: any) has to be valid for the whole path. Raises `ForeignRefused` (`path`).
    """
    context = ValidationContext(
        trust_roots=[CertTrustAnchor(_asn1(each)) for each in anchors],
        other_certs=[_asn1(each) for each in offered if each != leaf],
        moment=at,
        allow_fetching=False,
        revinfo_policy=_NO_STATUS,  # its status is fetched by a job, before it signs anything
    )
    wanted = PKIXValidationParams(
        user_initial_policy_set=policies or frozenset({"any_policy"}), initial_explicit_policy=bool(policies)
    )
    reason = "no chain to a configured anchor"
    try:
        for path in _run(_candidates(context, leaf)):
            try:
                _run(async_validate_path(context, path, parameters=wanted))
            except Exception as error:  # strangers' certificates make a path check raise anything at all
                reason = type(error).__name__
                continue
            steps = [x509.load_der_x509_certificate(each.dump()) for each in path.iter_certs(include_root=True)]
            return tuple(reversed(steps))
    except Exception as error:  # as above
        reason = type(error).__name__
    raise ForeignRefused(
        f"Rantai sertifikat tidak sampai ke jangkar kepercayaan dengan kebijakan yang diminta ({reason}); minta rantai"
        f" lengkap dari penerbitnya. / The chain does not hold up to a trust anchor with a policy that we ask for"
        f" ({reason}); ask the issuer for the whole chain.",
        field="certificate",
        reason="path",
    )


async def _candidates(context: ValidationContext, leaf: x509.Certificate) -> list[Any]:
    paths: list[Any] = []
    search = context.path_builder.async_build_paths_lazy(_asn1(leaf))
    async for path in search:
        paths.append(path)
        if len(paths) >= MAX_CANDIDATES:
            await search.cancel()
            break
    return paths


def _asn1(certificate: x509.Certificate) -> asn1.Certificate:
    return asn1.Certificate.load(certificate.public_bytes(Encoding.DER))


def _run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Drive a coroutine that never waits: without fetchers certvalidator has nothing to wait for."""
    try:
        coroutine.send(None)
    except StopIteration as result:
        value: T = result.value
        return value
    coroutine.close()
    raise RuntimeError("certvalidator wanted to wait, although it has nothing to fetch")
