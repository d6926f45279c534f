"""An audit office in a test: a real trail, an audit key and a time-stamping unit in software, a folder for the copies.

room = new_room(database, tmp_path)
room.act(3)                    # three entries
room.checkpoint()              # over them, copied outside
room.check()                   # the auditor's verdict
"""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from api.audit.check import Verdict, check_trail
from api.audit.checkpointing import Checkpointer
from api.audit.copies import CopiesFolder
from api.audit.guard import CheckpointGuard
from api.audit.reading import AuditReading, KeptTrail
from api.audit.trust import AuditTrust, fingerprint
from ca.timestamp import TimestampAuthority
from store.audit import Act, AuditTrail
from store.certificates import SqlTimestampLog
from store.checkpoints import SqlCheckpoints
from store.database import Database
from tests.support.ca_hierarchy import Clock, World, new_world
from tests.support.databases import execute, lift_audit_guard

LIMIT = timedelta(minutes=15)
GUARDS = {
    "sqlite": (
        "audit_checkpoints_no_update",
        "audit_checkpoints_no_delete",
        "audit_checkpoints_only_next",
        "audit_outside_stamps_no_update",
        "audit_outside_stamps_no_delete",
        "audit_outside_stamps_only_later",
        "audit_head_no_delete",
    ),
    "postgresql": (
        "audit_checkpoints_no_change ON audit_checkpoints",
        "audit_outside_stamps_no_change ON audit_outside_stamps",
        "audit_head_no_delete ON audit_head",
    ),
}


@dataclass
class AuditRoom:
    """The whole of it, on one clock."""

    database: Database
    folder: Path
    world: World
    key: ec.EllipticCurvePrivateKey
    trust: AuditTrust
    tsa: TimestampAuthority
    trail: AuditTrail
    checkpoints: SqlCheckpoints
    copies: CopiesFolder
    acts: int = field(default=0)

    @property
    def clock(self) -> Clock:
        return self.world.clock

    def act(self, count: int = 1) -> None:
        """So many entries, a second apart."""
        for _ in range(count):
            self.clock.advance(seconds=1)
            self.acts += 1
            self.trail.record(Act.STAFF_LOGIN, f"staff:{self.acts}", at=self.clock())

    def checkpointer(self, **differences: object) -> Checkpointer:
        parts: dict[str, object] = {
            "checkpoints": self.checkpoints,
            "key": self.key,
            "timestamp": self.tsa.timestamp,
            "trust": lambda: self.trust,
            "copies": self.copies,
            "now": self.clock,
        }
        return Checkpointer(**(parts | differences))  # type: ignore[arg-type] - by name

    def checkpoint(self) -> int:
        self.clock.advance(seconds=1)
        return self.checkpointer().run()

    def check(self, *, copies: bool = True) -> Verdict:
        return check_trail(
            KeptTrail(self.trail, self.checkpoints),
            self.trust,
            copies=self.copies if copies else None,
            at=self.clock(),
            limit=LIMIT,
        )

    def guard(self) -> CheckpointGuard:
        return CheckpointGuard(self.checkpoints.waiting_since, limit=LIMIT, now=self.clock)

    def reading(self) -> AuditReading:
        return AuditReading(
            trail=self.trail,
            checkpoints=self.checkpoints,
            trust=lambda: self.trust,
            copies=self.copies,
            limit=LIMIT,
            software="teken/test",
            now=self.clock,
        )


def new_room(database: Database, folder: Path) -> AuditRoom:
    """An empty trail over `database`; copies go to `folder`/outside."""
    world = replace(new_world(), stamps=SqlTimestampLog(database))  # type: ignore[arg-type] - the port's other keeper
    key = ec.generate_private_key(ec.SECP256R1())
    outside = folder / "outside"
    outside.mkdir(exist_ok=True)
    return AuditRoom(
        database=database,
        folder=outside,
        world=world,
        key=key,
        trust=AuditTrust(keys={fingerprint(key.public_key()): key.public_key()}, units=(world.hierarchy.tsu,)),
        tsa=world.tsa(),
        trail=AuditTrail(database),
        checkpoints=SqlCheckpoints(database),
        copies=CopiesFolder(outside),
    )


def lift_all_guards(url: str) -> None:
    """As the owner of the database: every trigger that refuses to edit trail and checkpoints goes."""
    lift_audit_guard(url)
    execute(url, *(f"DROP TRIGGER {name}" for name in GUARDS["sqlite" if url.startswith("sqlite") else "postgresql"]))
