"""Reports in XML of every kind are valid by the schema of ETSI TS 119 102-2; a wrong one is noticed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree

from tests.support.etsi_schema import etsi_schema
from tests.support.pki import Pki, make_pki
from tests.unit.api.faces.public.examples import CERTIFICATE, PASSED, failing
from tests.unit.api.faces.public.examples import report as report_of
from tests.vectors.attacks import build_all
from tests.vectors.letters import add_validation_data, pages, sign, timestamp_document, trust_in
from verifier.etsi_report import etsi_report
from verifier.model import Indication, SignatureKind, SubIndication, TrustSnapshot, ValidationReport
from verifier.policy import load_policy
from verifier.validation import validate

pytestmark = pytest.mark.judge

HOUR = timedelta(hours=1)
POLICY = load_policy("teken-1")


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    return etsi_schema()


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki()


def faults(schema: etree.XMLSchema, report: ValidationReport) -> str:
    document = etree.fromstring(etsi_report(report))
    return "" if schema.validate(document) else str(schema.error_log)


def letters(pki: Pki) -> dict[str, bytes]:
    """Files of every kind that a report can be about."""
    plain = pages("Surat dinas")
    once = sign(plain, pki.official, claimed=pki.at)
    stamped = sign(plain, pki.official, claimed=pki.at, token_of=(pki, pki.at))
    crls = [pki.crl(pki.issuing, at=pki.at), pki.crl(pki.root, at=pki.at, lifetime=timedelta(days=300))]
    kept = add_validation_data(stamped, [pki.issuing.certificate], crls, [])
    return {
        "no signature": plain,
        "unreadable": b"%PDF-1.7 and nothing else",
        "empty": b"",
        "B-B": once,
        "B-T": stamped,
        "B-LTA": timestamp_document(kept, pki, pki.at + HOUR),
        "two signatures": sign(stamped, pki.official, field="Tanda & <tangan> \x07", claimed=pki.at),
        "only a document timestamp": timestamp_document(plain, pki, pki.at),
        "flipped byte": stamped.replace(b"Surat dinas", b"Surat dinax"),
    }


def test_reports_of_real_files_are_valid(schema: etree.XMLSchema, pki: Pki) -> None:
    trust = trust_in(pki, at=pki.at)
    found = set()
    for name, pdf in letters(pki).items():
        for snapshot in (trust, TrustSnapshot(anchors=(), intermediates=(), crls=())):
            report = validate(pdf, POLICY, snapshot, pki.at + 2 * HOUR)
            assert faults(schema, report) == "", name
            found.add(report.indication)
    assert found == set(Indication), "every indication was met"


def test_reports_of_attacks_are_valid(schema: etree.XMLSchema, pki: Pki) -> None:
    trust = trust_in(pki, at=pki.at)
    for vector in build_all(pki):
        report = validate(vector.pdf, POLICY, trust, pki.at + HOUR)
        assert faults(schema, report) == "", vector.name


@pytest.mark.parametrize("reason", SubIndication)
@pytest.mark.parametrize("kind", SignatureKind)
def test_reports_with_every_sub_indication_are_valid(
    schema: etree.XMLSchema, reason: SubIndication, kind: SignatureKind
) -> None:
    assert faults(schema, report_of(failing(reason, kind=kind), PASSED)) == ""


def test_a_seal_and_a_report_under_a_policy_of_another_time_are_valid(schema: etree.XMLSchema) -> None:
    body = replace(CERTIFICATE, subject="Dinas Contoh", organisation="Dinas Contoh")
    assert faults(schema, report_of(replace(PASSED, signer=body), policy="teken-0")) == ""


def test_the_schema_notices_what_is_wrong(schema: etree.XMLSchema) -> None:
    document = etree.fromstring(etsi_report(report_of(PASSED)))
    assert schema.validate(document)
    status = document.find(".//{*}SignatureValidationStatus")
    assert status is not None
    status.remove(status[0])
    assert not schema.validate(document)


def test_times_are_in_utc(schema: etree.XMLSchema) -> None:
    elsewhere = datetime(2026, 11, 21, 10, 15, tzinfo=UTC).astimezone(tz=None)
    report = report_of(PASSED, validated_at=elsewhere)
    assert b"2026-11-21T10:15:00Z" in etsi_report(report)
    assert faults(schema, report) == ""
