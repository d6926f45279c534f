"""What the audit trail costs: an entry, a checkpoint, and the check of a long trail; keys in software, SQLite.

    python -m benchmarks.audit --entries 100000

One row a measurement. What an HSM adds to a checkpoint are two signatures. Compare rows of one run only.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy.orm import Session

from api.audit.check import check_trail
from api.audit.export import ExportedTrail
from store.audit import Act, append
from store.database import open_database
from tests.support.audit import LIMIT, AuditRoom, new_room


def took(operation: Callable[[], object]) -> float:
    """Seconds."""
    start = time.perf_counter()
    operation()
    return time.perf_counter() - start


def row(name: str, seconds: float, count: int, unit: str) -> None:
    print(f"{name:44} {seconds / count * 1e3:10.3f} ms {count / seconds:12,.0f} {unit}/s")


def fill(room: AuditRoom, entries: int) -> None:
    """Entries in transactions of a thousand."""

    def note(session: Session, count: int) -> None:
        for number in range(count):
            append(
                session, Act.SIGNATURE_RECORD, f"signature:{number:064x}", at=room.clock(), details={"level": "B-LT"}
            )

    for start in range(0, entries, 1000):
        with room.database.transaction() as session:
            note(session, min(1000, entries - start))


def checkpoints_of(room: AuditRoom, each: int, times: int) -> float:
    """Seconds for so many checkpoints over `each` new entries; the entries themselves are not counted."""
    seconds = 0.0
    for _ in range(times):
        fill(room, each)
        seconds += took(room.checkpoint)
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=100_000, help="length of the long trail (default: 100,000)")
    entries = parser.parse_args().entries
    with (
        tempfile.TemporaryDirectory() as folder,
        open_database(f"sqlite+pysqlite:///{folder}/trail.db", 2) as database,
    ):
        database.upgrade()
        room = new_room(database, Path(folder))
        row("entry, one transaction each", took(lambda: room.act(500)), 500, "entries")
        row("entry, a thousand a transaction", took(lambda: fill(room, entries)), entries, "entries")
        row("checkpoints over all of them", took(room.checkpoint), entries, "entries")
        row("checkpoint over 1 entry", checkpoints_of(room, 1, 50), 50, "checkpoints")
        row("checkpoint over 1,000 entries", checkpoints_of(room, 1000, 10), 10, "checkpoints")
        guard = room.guard()
        row(
            "guard, asked before an act",
            took(lambda: [guard.require() for _ in range(100_000)]),
            100_000,
            "questions",
        )
        length = room.trail.head()[0]
        row(f"verify {length:,} entries", took(room.check), length, "entries")
        target = Path(folder) / "export.jsonl"
        lines = room.reading().exported(actor="benchmark")
        row("export", took(lambda: target.write_text("\n".join(lines) + "\n")), length, "entries")
        trail = ExportedTrail(target)
        check = lambda: check_trail(trail, room.trust, copies=room.copies, at=trail.at, limit=LIMIT)  # noqa: E731
        row("verify the export", took(check), length, "entries")


if __name__ == "__main__":
    main()
