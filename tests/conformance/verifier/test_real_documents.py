"""Real documents that are signed twice, receive validation data and a document timestamp: nothing of it is a change."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.pki import Pki, make_pki
from tests.support.shared import documents
from tests.vectors.letters import add_validation_data, sign, timestamp_document, trust_in
from verifier.model import ChangeKind, Indication
from verifier.policy import load_policy
from verifier.validation import validate


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki()


@pytest.mark.skipif(not documents(), reason="the documents are absent: set TEKEN_SHARED")
@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)
def test_a_real_document_keeps_both_signatures_through_renewal(path: Path, pki: Pki) -> None:
    pdf = sign(path.read_bytes(), pki.official, claimed=pki.at, token_of=(pki, pki.at), box=(60, 60, 200, 120))
    pdf = sign(pdf, pki.official, field="Signature2", claimed=pki.at, box=(260, 60, 400, 120))
    pdf = add_validation_data(pdf, [pki.issuing.certificate], [pki.crl(pki.root)], [])
    pdf = timestamp_document(pdf, pki, pki.at)
    report = validate(pdf, load_policy("teken-1"), trust_in(pki), pki.at + timedelta(minutes=1))
    assert report.indication is Indication.TOTAL_PASSED, report.detail
    kinds = [each.kind for each in report.signatures[0].modifications]
    assert {ChangeKind.SIGNATURE, ChangeKind.VALIDATION_DATA, ChangeKind.DOCUMENT_TIMESTAMP} == set(kinds)
