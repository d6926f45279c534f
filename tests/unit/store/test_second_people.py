"""Acts that spend their approval in their own transaction, and the list of certificates, on either database."""

from dataclasses import replace
from datetime import timedelta

import pytest

from signer.bulk.model import CheckedRow, RowKind
from signer.errors import ApprovalRefused
from signer.people import Approval, ApprovalKind, ApprovalQuery, ApprovalStage, ApprovalState, CertificateQuery
from store.approvals import SqlApprovalStore
from store.audit import Act, AuditTrail
from store.bulk import SqlImportLog
from store.database import Database
from store.official_certificates import SqlOfficialCertificates
from store.profiles import SqlProfileChoices
from tests.support.pki import NOON

OFFICIAL_2 = "profile:official/2"


def approved(database: Database, kind: ApprovalKind, object: str, *, id: str = "a1", yes: bool = True) -> str:
    store = SqlApprovalStore(database)
    store.add(
        Approval(
            id=id,
            kind=kind,
            object=object,
            summary="x",
            state=ApprovalState.PROPOSED,
            proposed_by="rani",
            proposer_identity="00" * 32,
            proposed_at=NOON,
            expires_at=NOON + timedelta(days=3),
        )
    )
    if yes:
        store.decide(id, ApprovalState.APPROVED, actor="wira", note=None, at=NOON)
    return id


def choose(database: Database, approval_id: str, version: int = 2) -> None:
    SqlProfileChoices(database).choose(
        "official", version, approval_id=approval_id, object=f"profile:official/{version}", actor="rani", at=NOON
    )


def test_approvals_are_found_by_what_they_are_about_and_where_they_stand(database: Database) -> None:
    store, later = SqlApprovalStore(database), NOON + timedelta(days=4)
    approved(database, ApprovalKind.ENROLMENT, "registration:1", id="a1")
    approved(database, ApprovalKind.BULK_REVOCATION, "bulk:2", id="a2")
    approved(database, ApprovalKind.BULK_REVOCATION, "bulk:3", id="a3", yes=False)
    waiting = store.get("a3")
    assert waiting is not None
    store.add(replace(waiting, id="a4", object="bulk:4", subjects=("1a", "2b")))
    listed = {
        stage: [(each.id, each.subjects) for each in store.search(ApprovalQuery(stage=stage), at=at)]
        for stage, at in (
            (ApprovalStage.WAITING, NOON),
            (ApprovalStage.READY, NOON),
            (ApprovalStage.DONE, NOON),
            (ApprovalStage.LAPSED, later),
        )
    }
    assert listed == {
        ApprovalStage.WAITING: [("a4", ("1a", "2b")), ("a3", ())],
        ApprovalStage.READY: [("a2", ())],
        ApprovalStage.DONE: [("a1", ())],
        ApprovalStage.LAPSED: [("a4", ("1a", "2b")), ("a3", ()), ("a2", ())],
    }
    about = ApprovalQuery(objects=("bulk:2", "bulk:4"), proposed_by="rani", after=(NOON, "a4"))
    assert [each.id for each in store.search(about, at=NOON)] == ["a2"]


def test_a_choice_and_its_approval_are_one(database: Database) -> None:
    choices, trail = SqlProfileChoices(database), AuditTrail(database)
    assert choices.version_of("official") is None
    approval_id = approved(database, ApprovalKind.PROFILE, OFFICIAL_2)
    choose(database, approval_id)
    assert choices.version_of("official") == 2
    assert choices.version_of("tsu") is None
    kept = SqlApprovalStore(database).get(approval_id)
    assert kept is not None
    assert kept.state is ApprovalState.USED
    with pytest.raises(ApprovalRefused):
        choose(database, approval_id)
    choose(database, approved(database, ApprovalKind.PROFILE, "profile:official/1", id="a2"), version=1)
    assert choices.version_of("official") == 1, "the newest choice is in force, not the highest version"
    assert [each.outcome for each in trail.read(act=Act.PROFILE_CHOOSE)] == ["done", "done"]
    assert [each.outcome for each in trail.read(act=Act.APPROVAL_USE)] == ["done", "refused", "done"]


@pytest.mark.parametrize(
    ("kind", "object", "yes"),
    [
        (ApprovalKind.PROFILE, OFFICIAL_2, False),
        (ApprovalKind.PROFILE, "profile:official/3", True),
        (ApprovalKind.CA_OPERATION, OFFICIAL_2, True),
    ],
)
def test_a_refused_approval_chooses_nothing_and_is_noted(
    database: Database, kind: ApprovalKind, object: str, *, yes: bool
) -> None:
    approval_id = approved(database, kind, object, yes=yes)
    with pytest.raises(ApprovalRefused):
        choose(database, approval_id)
    assert SqlProfileChoices(database).version_of("official") is None
    assert [each.outcome for each in AuditTrail(database).read(act=Act.APPROVAL_USE)] == ["refused"]


def test_a_file_stands_approved_once_its_approval_is_spent(database: Database) -> None:
    log = SqlImportLog(database)
    row = CheckedRow(number=2, kind=RowKind.OFFICIAL, content={"name": "Contoh"})
    made = log.begin(import_id="abcd", file_name="f.csv", file_sha256="00" * 32, rows=(row,), actor="rani", at=NOON)
    wrong = approved(database, ApprovalKind.IMPORT, "import:other")
    with pytest.raises(ApprovalRefused):
        log.approve(made, wrong, actor="rani", at=NOON)
    assert log.approval_of(made) is None
    right = approved(database, ApprovalKind.IMPORT, f"import:{made}", id="a2")
    log.approve(made, right, actor="rani", at=NOON)
    assert log.approval_of(made) == right


def test_an_empty_register_lists_no_certificate(database: Database) -> None:
    query = CertificateQuery(serial=17, expiring_before=NOON, after=(NOON, 17), signatory_id="x")
    assert SqlOfficialCertificates(database).search(query, at=NOON) == ()
