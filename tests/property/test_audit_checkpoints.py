"""What a checkpoint covers cannot be changed unseen: not by an edit, a cut, another order or an insertion, and not by
somebody who holds the whole database and computes every hash of it anew."""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from api.audit.check import Verdict, check_trail
from api.audit.copies import CopiesFolder
from api.audit.reading import KeptTrail
from store import chain
from store.audit import AuditEntry, AuditTrail
from store.checkpoints import SqlCheckpoints
from store.database import open_database
from tests.support.audit import LIMIT, AuditRoom, lift_all_guards, new_room

COLUMNS = tuple(AuditEntry.__dataclass_fields__)
Row = dict[str, Any]
FEW = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)


class Attacked:
    """A copy of the database in the attacker's hands; what he cannot reach is the key, the units and the copies."""

    def __init__(self, room: AuditRoom, path: Path) -> None:
        self.room, self.path = room, path
        self.connection = sqlite3.connect(path, isolation_level=None)
        read = self.connection.execute
        rows = read(f"SELECT {', '.join(COLUMNS)} FROM audit_entries ORDER BY sequence").fetchall()  # noqa: S608 - ours
        self.entries: list[Row] = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
        self.checkpoints = read("SELECT * FROM audit_checkpoints ORDER BY number").fetchall()
        self.covered = 11

    def put(self, rows: list[Row], *, checkpoints: int | None = None) -> None:
        """Make the trail these rows, with a head that fits; keep so many of the checkpoints."""
        run = self.connection.execute
        run("DELETE FROM audit_entries")
        self.connection.executemany(
            f"INSERT INTO audit_entries ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})",  # noqa: S608
            [[row[name] for name in COLUMNS] for row in rows],
        )
        last = rows[-1] if rows else {"sequence": 0, "hash": chain.GENESIS}
        run("UPDATE audit_head SET sequence = ?, hash = ?", (last["sequence"], last["hash"]))
        run("DELETE FROM audit_checkpoints")
        kept = self.checkpoints[:checkpoints]
        self.connection.executemany("INSERT INTO audit_checkpoints VALUES (?, ?, ?, ?, ?)", kept)

    def verdict(self, *, copies: bool = True) -> Verdict:
        with open_database(f"sqlite+pysqlite:///{self.path}", 1) as database:
            return check_trail(
                KeptTrail(AuditTrail(database), SqlCheckpoints(database)),
                self.room.trust,
                copies=self.room.copies if copies else None,
                at=self.room.clock(),
                limit=LIMIT,
            )


def computed_anew(rows: list[Row]) -> list[Row]:
    """The perfect forgery: sequences without a gap, every hash right."""
    previous, chained = chain.GENESIS, []
    for sequence, row in enumerate(rows, start=1):
        new = {**row, "sequence": sequence, "previous": previous}
        previous = new["hash"] = chain.chained(previous, new)
        chained.append(new)
    return chained


@pytest.fixture(scope="module")
def honest(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[AuditRoom, Path]:
    """Three checkpoints over eleven entries; two more wait."""
    folder = tmp_path_factory.mktemp("trail")
    path = folder / "honest.db"
    shutil.copy(sqlite_template, path)
    with open_database(f"sqlite+pysqlite:///{path}", 1) as database:
        room = new_room(database, folder)
        for _ in range(3):
            room.act(3)
            room.checkpoint()
        room.act(2)
    lift_all_guards(f"sqlite+pysqlite:///{path}")
    return room, path


@pytest.fixture
def attacked(honest: tuple[AuditRoom, Path], tmp_path: Path) -> Iterator[Attacked]:
    room, path = honest
    copy = tmp_path / "copy.db"
    shutil.copy(path, copy)
    attacked = Attacked(room, copy)
    yield attacked
    attacked.connection.close()


def proves(attacked: Attacked, rows: list[Row]) -> None:
    """Whole exactly as long as nothing under a checkpoint changed."""
    unchanged = rows[: attacked.covered] == attacked.entries[: attacked.covered]
    verdict = attacked.verdict()
    if unchanged:
        assert verdict.whole, "what no checkpoint covers can be computed anew; nothing else was touched"
    else:
        assert not verdict.whole
        first = next(i for i, row in enumerate(attacked.entries, start=1) if rows[i - 1 : i] != [row])
        assert verdict.covered < first, "nothing that was changed is called proven"


def test_the_honest_trail_is_whole(attacked: Attacked) -> None:
    attacked.put(attacked.entries)
    assert attacked.verdict().whole
    assert attacked.verdict().covered == attacked.covered


@FEW
@given(
    place=st.integers(0, 12),
    column=st.sampled_from(("actor", "role", "act", "object", "outcome", "reason", "details", "time", "software")),
    text=st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
)
def test_an_edit_is_noticed_whatever_is_computed_anew(attacked: Attacked, place: int, column: str, text: str) -> None:
    rows = [dict(row) for row in attacked.entries]
    if column == "time" and place >= attacked.covered:
        column = "actor"  # the time of what waits decides whether it may still wait; that is another promise
    rows[place][column] = text
    rows = computed_anew(rows)
    attacked.put(rows)
    proves(attacked, rows)


@FEW
@given(gone=st.sets(st.integers(0, 12)))
def test_a_cut_is_noticed_whatever_is_computed_anew(attacked: Attacked, gone: set[int]) -> None:
    rows = computed_anew([row for place, row in enumerate(attacked.entries) if place not in gone])
    attacked.put(rows)
    proves(attacked, rows)


@FEW
@given(order=st.permutations(range(13)))
def test_another_order_is_noticed_whatever_is_computed_anew(attacked: Attacked, order: list[int]) -> None:
    rows = computed_anew([attacked.entries[place] for place in order])
    attacked.put(rows)
    proves(attacked, rows)


@FEW
@given(place=st.integers(0, 13), source=st.integers(0, 12))
def test_an_insertion_is_noticed_whatever_is_computed_anew(attacked: Attacked, place: int, source: int) -> None:
    rows = [dict(row) for row in attacked.entries]
    rows.insert(place, dict(rows[source]))
    rows = computed_anew(rows)
    attacked.put(rows)
    proves(attacked, rows)


@FEW
@given(kept=st.integers(0, 12), checkpoints=st.integers(0, 3))
def test_a_tail_that_is_cut_with_head_and_checkpoints_is_missed_by_the_copies_outside(
    attacked: Attacked, kept: int, checkpoints: int
) -> None:
    rows = attacked.entries[:kept]
    attacked.put(rows, checkpoints=checkpoints)
    found = attacked.verdict().finding
    if kept >= attacked.covered and checkpoints >= 2:  # the last one is still outside, and proves itself
        assert found is None
    else:
        assert found is not None


@FEW
@given(
    number=st.integers(0, 2),
    column=st.integers(0, 4),
    value=st.one_of(st.text(max_size=20), st.binary(max_size=80), st.integers(-5, 50)),
)
def test_an_edited_checkpoint_is_noticed(attacked: Attacked, number: int, column: int, value: object) -> None:
    attacked.put(attacked.entries)
    name = ("number", "last", "body", "signature", "timestamp")[column]
    try:
        attacked.connection.execute(
            f"UPDATE audit_checkpoints SET {name} = ? WHERE number = ?",  # noqa: S608 - our columns
            (value, number + 1),
        )
    except (sqlite3.IntegrityError, UnicodeEncodeError):
        return  # not even the table takes it
    changed = attacked.connection.execute("SELECT * FROM audit_checkpoints ORDER BY number").fetchall()
    if changed == attacked.checkpoints or name == "last":
        return  # `last` is an index for the service's own queries: what counts is signed
    assert not attacked.verdict().whole


@FEW
@given(octets=st.binary(max_size=200), number=st.integers(1, 3))
@example(octets=b"[" * 100_000, number=1)
def test_whatever_stands_in_a_copy_is_named_and_never_crashes(
    attacked: Attacked, octets: bytes, number: int, tmp_path: Path
) -> None:
    attacked.put(attacked.entries)
    outside = tmp_path / "outside"
    shutil.copytree(attacked.room.folder, outside, dirs_exist_ok=True)
    (outside / "000000" / f"{number:010d}.json").write_bytes(octets)
    with open_database(f"sqlite+pysqlite:///{attacked.path}", 1) as database:
        verdict = check_trail(
            KeptTrail(AuditTrail(database), SqlCheckpoints(database)),
            attacked.room.trust,
            copies=CopiesFolder(outside),
            at=attacked.room.clock(),
            limit=LIMIT,
        )
    assert verdict.finding is not None
    assert verdict.finding.checkpoint == number
