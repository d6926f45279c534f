"""What features keep beside papers, what they do by themselves, and tables of an earlier release."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from eoffice.duties import SOON, Duties
from eoffice.errors import Misconfigured, NotFound, Outdated
from eoffice.feature import Duty, Feature
from eoffice.model import Record, RecordChange
from eoffice.store.database import Database, open_database
from eoffice.store.duties import DutyBook
from eoffice.store.records import Records
from eoffice.store.tables import METADATA
from eoffice.text import Text

from tests.support.databases import PostgresDatabases
from tests.unit.eoffice.conftest import NOON

VERSION_1 = Path(__file__).with_name("tables_of_version_1.sql")
TODAY = date(2026, 11, 22)


def record(number: int, **changed: object) -> Record:
    made = Record(
        id=f"{number:032x}",
        feature="vouchers",
        kind="voucher",
        key=f"{number:04d}",
        agency_id="dinas",
        owner_id="gede",
        day=TODAY + timedelta(days=number),
        state="new",
        data={"amount": number, "words": ["satu", "dua"]},
        created_at=NOON,
        changed_at=NOON,
    )
    return replace(made, **changed)  # type: ignore[arg-type]


@pytest.fixture
def records(office_database: Database) -> Records:
    return Records(office_database)


def test_what_arrives_twice_is_there_once(records: Records) -> None:
    first, new = records.add_once(record(1))
    assert (first, new) == (record(1), True)
    assert records.add_once(record(2, key="0001")) == (first, False)
    with ThreadPoolExecutor(10) as callers:
        answers = list(callers.map(lambda n: records.add_once(record(n, key="same")), range(9000, 9020)))
    assert sum(new for _, new in answers) == 1
    assert len({kept.id for kept, _ in answers}) == 1
    assert records.add_once(record(9040, key="same", kind="other"))[1]
    assert records.add_many([record(each) for each in range(1, 1204)]) == 1202
    assert records.add_many([]) == 0
    assert records.by_key("vouchers", "voucher", "0777") == records.get(f"{777:032x}")
    assert records.by_key("vouchers", "voucher", "no") is None
    with pytest.raises(NotFound):
        records.get("f" * 32)


def test_records_are_chosen_counted_and_leafed_through(records: Records) -> None:
    records.add_many([record(each) for each in range(1, 8)])
    records.add_many([record(8, created_at=NOON + timedelta(hours=1), state="done", agency_id="biro", owner_id=None)])

    def keys(**chosen: object) -> list[str]:
        return [each.key for each in records.listed("vouchers", "voucher", **chosen)]  # type: ignore[arg-type]

    assert keys() == ["0008", *(f"000{each}" for each in range(1, 8))]
    assert keys(limit=2, after=f"{8:032x}") == ["0001", "0002"]
    assert keys(after=f"{6:032x}") == ["0007"]
    assert keys(state="done") == keys(agency_id="biro") == keys(day=date(2026, 11, 30)) == ["0008"]
    assert keys(since=date(2026, 11, 28), until=date(2026, 11, 29)) == ["0006", "0007"]
    assert records.count("vouchers", "voucher", owner_id="gede") == 7
    assert records.count("vouchers", "receipt") == 0
    assert records.listed("others", "voucher") == []


def test_who_changes_a_record_names_the_version_that_was_read(records: Records) -> None:
    records.add_once(record(1))
    later = NOON + timedelta(minutes=1)
    changed = records.change(record(1).id, version=0, state="checked", at=later)
    assert changed == record(1, state="checked", version=1, changed_at=later)
    with pytest.raises(Outdated):
        records.change(changed.id, version=0, data={}, at=later)
    assert records.change(changed.id, version=1, data={}, at=later).data == {}
    with pytest.raises(NotFound):
        records.change("f" * 32, version=0, at=later)


def test_several_records_change_together_or_not_at_all(records: Records) -> None:
    records.add_many([record(1), record(2)])
    later = NOON + timedelta(minutes=1)

    def changes(*versions: int) -> list[RecordChange]:
        return [
            RecordChange(id=f"{number:032x}", version=version, state="done", data={"n": number})
            for number, version in enumerate(versions, start=1)
        ]

    for wrong in (changes(0, 7), changes(0, 0, 0)):
        with pytest.raises(Outdated):
            records.change_all(wrong, at=later)
    assert [records.get(each.id) for each in (record(1), record(2))] == [record(1), record(2)]

    def tried(_: int) -> bool:
        try:
            records.change_all(changes(0, 0), at=later)
        except Outdated:
            return False
        return True

    with ThreadPoolExecutor(8) as callers:
        assert sum(callers.map(tried, range(16))) == 1
    assert records.get(record(2).id) == record(2, state="done", data={"n": 2}, version=1, changed_at=later)


def test_a_duty_is_done_by_one_in_its_time_and_again_where_it_failed(office_database: Database) -> None:
    clock, did, broken = [NOON], [], [False]

    def do(duty: Duty) -> None:
        did.append(duty.name)
        if broken[0]:
            raise RuntimeError("as written")

    daily = Duty(name="remind", every=timedelta(days=1), do=lambda _: None)
    nothing = Text("", "")
    feature = Feature(name="vouchers", title=nothing, says=nothing, duties=(daily,))
    book = DutyBook(office_database)
    workers = [Duties(features=[feature], book=book, do=do, now=lambda: clock[0]) for _ in range(4)]

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(lambda each: each.do_due(), workers)) == 1
    clock[0] += timedelta(hours=23)
    assert [each.do_due() for each in workers] == [0, 0, 0, 0]
    clock[0], broken[0] = clock[0] + timedelta(hours=1), True
    assert [each.do_due() for each in workers] == [1, 0, 0, 0]
    clock[0], broken[0] = clock[0] + SOON, False
    assert workers[1].do_due() == 1
    assert did == ["remind"] * 3

    clock[0] += timedelta(days=1)
    assert book.take("vouchers/remind", at=clock[0], lease=timedelta(minutes=15)), "and its worker dies"
    assert workers[0].do_due() == 0
    clock[0] += timedelta(minutes=15, seconds=1)
    assert workers[0].do_due() == 1


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_tables_of_the_first_release_become_todays(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if kind == "sqlite":
        url = f"sqlite+pysqlite:///{tmp_path / 'office.sqlite3'}"
    else:
        databases: PostgresDatabases = request.getfixturevalue("postgres")
        url = databases.empty()
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for statement in VERSION_1.read_text().split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(
                    statement.replace("DATETIME", "TIMESTAMPTZ") if kind != "sqlite" else statement
                )

    for _ in range(2):
        database = open_database(url)
        database.prepare()
        database.close()

    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
        assert connection.exec_driver_sql("SELECT name FROM agencies WHERE NOT outside").scalar_one() == "Dinas Contoh"
        assert connection.exec_driver_sql("SELECT paper_id, person_id FROM signers").all() == [("1", "gede")]
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE schema_version SET version = 999")
    engine.dispose()
    database = open_database(url)
    with pytest.raises(Misconfigured, match="999"):
        database.prepare()
    database.close()
