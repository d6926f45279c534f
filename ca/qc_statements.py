"""The QCStatements extension (RFC 3739, 3.2.6), for which pyca has no class.

One statement only: whom the subject names (EN 319 412-1, 5.1) and which authority assigns the local identifiers.
Neither QcCompliance nor QcType nor QcSSCD: they would claim a legal class that our certificates do not have.
"""

from typing import Annotated, Final

from cryptography import x509
from cryptography.hazmat import asn1

from ca.profiles import Semantics

OID: Final = x509.ObjectIdentifier("1.3.6.1.5.5.7.1.3")
_PKIX_QC_SYNTAX_V2: Final = x509.ObjectIdentifier("1.3.6.1.5.5.7.11.2")


@asn1.sequence
class _SemanticsInformation:
    semantics: x509.ObjectIdentifier
    authorities: list[Annotated[asn1.IA5String, asn1.Implicit(6)]]  # GeneralName: uniformResourceIdentifier


@asn1.sequence
class _Statement:
    id: x509.ObjectIdentifier
    information: _SemanticsInformation


@asn1.sequence
class _Statements:
    only: _Statement


def qc_statements(semantics: Semantics, authority_uri: str) -> x509.UnrecognizedExtension:
    """The extension that says whom the subject names, and that `authority_uri` assigned its identifier."""
    information = _SemanticsInformation(
        semantics=x509.ObjectIdentifier(semantics.value), authorities=[asn1.IA5String(authority_uri)]
    )
    statements = _Statements(only=_Statement(id=_PKIX_QC_SYNTAX_V2, information=information))
    return x509.UnrecognizedExtension(OID, asn1.encode_der(statements))
