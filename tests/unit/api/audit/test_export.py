"""An export is verified without the database, and says the same."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from api.audit.check import Break, check_trail
from api.audit.export import ExportedTrail, ExportUnreadable
from store.audit import Act
from tests.support.audit import LIMIT, AuditRoom, lift_all_guards
from tests.support.databases import execute


@pytest.fixture
def exported(room: AuditRoom, tmp_path: Path) -> Path:
    """Two checkpoints over 1-3 and 4-7, an entry that waits, and the one about the export."""
    for _ in range(2):
        room.act(3)
        room.checkpoint()
    room.act()
    return written(room, tmp_path / "export.jsonl")


def written(room: AuditRoom, path: Path) -> Path:
    path.write_text("".join(line + "\n" for line in room.reading().exported(actor="auditor-1")), encoding="utf-8")
    return path


def verdict(room: AuditRoom, path: Path, *, copies: bool = True) -> tuple[Break, int] | None:
    trail = ExportedTrail(path)
    found = check_trail(trail, room.trust, copies=room.copies if copies else None, at=trail.at, limit=LIMIT).finding
    return found and (found.kind, found.sequence)


def test_an_untouched_export_is_whole(room: AuditRoom, exported: Path) -> None:
    assert verdict(room, exported) is None
    lines = [json.loads(line) for line in exported.read_text().splitlines()]
    assert [next(iter(line)) for line in lines] == [
        "at", *["entry"] * 3, "checkpoint", *["entry"] * 4, "checkpoint", *["entry"] * 3, "end",
    ]  # fmt: skip
    assert room.trail.read(after=9)[0].act == Act.TRAIL_EXPORT.value


def test_an_export_stays_whole_when_the_trail_goes_on(room: AuditRoom, exported: Path) -> None:
    for _ in range(2):
        room.act()
        room.checkpoint()
    assert verdict(room, exported) is None


Lines = list[str]


def replaced(lines: Lines, old: str, new: str) -> Lines:
    return [line.replace(old, new) for line in lines]


def an_hour_later(line: str) -> str:
    return line.replace('"at":"2026-11-21T04:', '"at":"2026-11-21T05:')


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda lines: replaced(lines, '"staff:2"', '"staff:9"'), (Break.EDITED, 2)),
        (lambda lines: lines[:2] + lines[3:], (Break.CUT, 2)),
        (lambda lines: [lines[0], lines[2], lines[1], *lines[3:]], (Break.CUT, 1)),
        (lambda lines: lines[:-2] + lines[-1:], (Break.TAIL_CUT, 10)),
        (lambda lines: lines[:4] + lines[5:], (Break.CHECKPOINT_REMOVED, 1)),
        (lambda lines: [an_hour_later(lines[0]), *lines[1:9], *lines[10:]], (Break.NOT_COVERED, 5)),
        (lambda lines: replaced(lines, '"signature":"M', '"signature":"N'), (Break.CHECKPOINT_FORGED, 1)),
    ],
)
def test_what_was_done_to_an_export_is_named(
    room: AuditRoom, exported: Path, change: Callable[[Lines], Lines], expected: tuple[Break, int]
) -> None:
    exported.write_text("\n".join(change(exported.read_text().splitlines())) + "\n", encoding="utf-8")
    assert verdict(room, exported, copies=False) == expected


def test_an_export_of_a_broken_trail_shows_the_break(room: AuditRoom, tmp_path: Path, database_url: str) -> None:
    room.act(3)
    room.checkpoint()
    lift_all_guards(database_url)
    execute(database_url, "UPDATE audit_entries SET actor = 'nobody' WHERE sequence = 2")
    assert verdict(room, written(room, tmp_path / "export.jsonl")) == (Break.EDITED, 2)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "first line"),
        ("{}\n", "first line"),
        ("[]\n", "line 1: is no JSON object"),
        ("no JSON\n", "not JSON lines"),
        ("[" * 100_000, "not JSON lines"),
        ('{"export":1,"at":"2026-11-21T04:00:00Z"}\n', "last line"),
        ('{"export":2}\n{"end":{}}\n', "first line"),
        ('{"export":1,"at":"yesterday"}\n{"end":{}}\n', "line 1: cannot be understood"),
        ('{"export":1,"at":7}\n{"end":{}}\n', "line 1: cannot be understood"),
        ('{"export":1,"at":"2026-11-21T04:00:00Z"}\n{"end":{}}\n', "last line: cannot be understood"),
        ('{"export":1,"at":"2026-11-21T04:00:00Z"}\n{"end":{}}\n{"entry":{}}\n', "line 3: something follows"),
        (
            '{"export":1,"at":"2026-11-21T04:00:00Z"}\n{"entry":{}}\n{"end":{"last":1,"head":""}}\n',
            "line 2: this is no entry",
        ),
        (
            '{"export":1,"at":"2026-11-21T04:00:00Z"}\n{"checkpoint":{}}\n{"end":{"last":1,"head":""}}\n',
            "line 2: cannot be understood",
        ),
    ],
)
def test_a_file_that_is_no_export_is_named_with_its_line(room: AuditRoom, tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "file.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ExportUnreadable, match=told):
        verdict(room, path, copies=False)
