"""The extension is read by a codec that did not write it."""

from typing import ClassVar

import pytest
from asn1crypto import core
from asn1crypto import x509 as ax

from ca.profiles import Semantics
from ca.qc_statements import qc_statements


class _Authorities(core.SequenceOf):
    _child_spec = ax.GeneralName


class _Semantics(core.Sequence):
    _fields: ClassVar = [
        ("id", core.ObjectIdentifier, {"optional": True}),
        ("authorities", _Authorities, {"optional": True}),
    ]


class _Statement(core.Sequence):
    _fields: ClassVar = [("id", core.ObjectIdentifier), ("info", _Semantics)]


class _Statements(core.SequenceOf):
    _child_spec = _Statement


@pytest.mark.parametrize(
    ("semantics", "oid"),
    [(Semantics.NATURAL_PERSON, "0.4.0.194121.1.1"), (Semantics.LEGAL_PERSON, "0.4.0.194121.1.2")],
)
def test_one_statement_says_whom_the_subject_names_and_who_says_so(semantics: Semantics, oid: str) -> None:
    extension = qc_statements(semantics, "http://pki.example.org/registration")
    assert extension.oid.dotted_string == "1.3.6.1.5.5.7.1.3"
    (statement,) = _Statements.load(extension.value, strict=True)
    assert statement["id"].native == "1.3.6.1.5.5.7.11.2"
    assert statement["info"]["id"].native == oid
    (authority,) = statement["info"]["authorities"]
    assert (authority.name, authority.native) == ("uniform_resource_identifier", "http://pki.example.org/registration")
