"""A file of officials: checked without being kept, kept without being asked for, asked for without being done."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from signer.bulk.model import RowState
from signer.errors import ImportRefused, NotPermitted
from signer.people import ApprovalQuery, Role
from store.database import Database, open_database
from tests.support.office import TestOffice, office_in
from tests.support.pki import Pki, make_pki

REGISTRAR, APPROVER = Role.REGISTRAR, Role.APPROVER
GOOD = "nama,unit_kerja\n" + "".join(f"Pejabat Contoh {'ABCDE'[n]},Dinas Contoh\n" for n in range(5))
BAD = "nama,surel\nPejabat Contoh,bukan surel\n"


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki()


@pytest.fixture
def database(tmp_path: Path, sqlite_template: Path) -> Iterator[Database]:
    path = tmp_path / "teken.db"
    path.write_bytes(sqlite_template.read_bytes())
    with open_database(f"sqlite+pysqlite:///{path}", 4) as opened:
        yield opened


@pytest.fixture
def office(tmp_path: Path, database: Database, pki: Pki) -> TestOffice:
    return office_in(tmp_path, database, pki)


def test_a_check_keeps_nothing(office: TestOffice) -> None:
    imports, registrar = office.people.imports, office.caller(REGISTRAR)
    assert len(imports.check(registrar, GOOD.encode()).rows) == 5
    assert [each.column for each in imports.check(registrar, BAD.encode()).findings] == ["surel"]
    assert imports.recent(registrar) == ()


def test_a_kept_file_asks_nobody_and_a_bad_one_is_not_kept(office: TestOffice) -> None:
    imports, registrar = office.people.imports, office.caller(REGISTRAR)
    assert imports.keep(registrar, "buruk.csv", BAD.encode()).import_id is None
    kept = imports.keep(registrar, "pejabat.csv", GOOD.encode())
    assert kept.import_id is not None
    assert kept.approval is None
    assert imports.keep(registrar, "lagi.csv", GOOD.encode()).import_id == kept.import_id
    assert [each.file_name for each in imports.recent(registrar)] == ["pejabat.csv"]
    assert office.people.proposals.search(registrar, ApprovalQuery()) == ()
    rows = imports.rows(registrar, kept.import_id, after=3, limit=2)
    assert [(each.row.number, each.state) for each in rows] == [(4, RowState.WAITING), (5, RowState.WAITING)]
    with pytest.raises(ImportRefused):
        imports.go_on(registrar, kept.import_id, approval_id=None)


def test_a_kept_file_goes_on_when_it_was_approved(office: TestOffice) -> None:
    imports, registrar = office.people.imports, office.caller(REGISTRAR)
    import_id = imports.keep(registrar, "pejabat.csv", GOOD.encode()).import_id
    assert import_id is not None
    asked = imports.propose(registrar, import_id)
    assert imports.approved_under(registrar, import_id) is None
    office.people.office.decide(office.caller(APPROVER), asked.id, approve=True)
    assert imports.go_on(registrar, import_id, approval_id=asked.id).open == 0
    assert imports.approved_under(registrar, import_id) == asked.id
    assert {each.state for each in imports.rows(registrar, import_id)} == {RowState.REGISTERED}


def test_nothing_of_it_is_open_to_others(office: TestOffice) -> None:
    imports, approver = office.people.imports, office.caller(APPROVER)
    for act in (
        lambda: imports.check(approver, GOOD.encode()),
        lambda: imports.keep(approver, "x.csv", GOOD.encode()),
        lambda: imports.propose(approver, "x"),
        lambda: imports.recent(office.caller(Role.ADMINISTRATOR)),
        lambda: imports.rows(office.caller(Role.ADMINISTRATOR), "x"),
        lambda: imports.approved_under(office.caller(Role.ADMINISTRATOR), "x"),
    ):
        with pytest.raises(NotPermitted):
            act()


def test_an_unknown_file_is_asked_for_by_nobody(office: TestOffice) -> None:
    with pytest.raises(ImportRefused):
        office.people.imports.propose(office.caller(REGISTRAR), "x")
