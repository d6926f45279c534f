"""Only auditors read the trail; whoever else tries is turned away, and that is noted."""

from dataclasses import replace

import pytest

from api.audit.reading import MOST, NotAnAuditor, Reader
from api.office.desk import Caller
from api.office.trail import TrailDoor
from api.permissions import ROLE_PERMISSIONS, Permission
from signer.people import Role, StaffMember
from store.audit import Act
from tests.support.audit import AuditRoom

AUDITOR = Reader(actor="auditor-1", permissions={Permission.AUDIT_READ})


@pytest.mark.parametrize("permissions", [set(), {"signature:create", "staff:manage", "audit:*", "AUDIT:READ"}])
@pytest.mark.parametrize("method", ["read", "verify", "export"])
def test_everybody_else_is_turned_away_and_noted(room: AuditRoom, method: str, permissions: set[str]) -> None:
    room.act()
    with pytest.raises(NotAnAuditor, match="audit:read"):
        getattr(room.reading(), method)(Reader(actor="administrator-1", permissions=permissions))
    (refusal,) = room.trail.read(act=Act.TRAIL_READ)
    assert (refusal.actor, refusal.outcome, refusal.reason) == ("administrator-1", "refused", "not-an-auditor")


def test_an_auditor_reads_verifies_and_exports(room: AuditRoom) -> None:
    room.act(3)
    room.checkpoint()
    reading = room.reading()
    assert [entry.object for entry in reading.read(AUDITOR, object="staff:2")] == ["staff:2"]
    assert reading.verify(AUDITOR).whole
    assert len(list(reading.export(AUDITOR))) > 3
    assert [(e.act, e.actor) for e in room.trail.read(after=4)] == [
        ("trail.check", "auditor-1"),
        ("trail.export", "auditor-1"),
    ]


def test_a_search_begins_with_the_newest_entry_and_goes_back(room: AuditRoom) -> None:
    room.act(5)
    newest = room.reading().read(AUDITOR, newest_first=True, limit=2)
    assert [entry.sequence for entry in newest] == [5, 4]
    assert [entry.sequence for entry in room.reading().read(AUDITOR, newest_first=True, before=4, limit=9)] == [3, 2, 1]


def test_staff_search_check_and_take_it_away_under_their_own_name(room: AuditRoom) -> None:
    room.act(3)
    room.checkpoint()
    member = StaffMember(id="auditor-1", name="Auditor Contoh", role=Role.AUDITOR, identity_hash="x")
    door, caller = TrailDoor(room.reading(), Nobody()), Caller(member=member)
    assert [each.object for each in door.search(caller, before=None, limit=2, object="staff:2")] == ["staff:2"]
    assert door.check(caller).whole
    lines = list(door.export(caller))
    assert '"end"' in lines[-1]
    for turned_away in (
        Caller(member=replace(member, role=Role.ADMINISTRATOR)),
        Caller(member=replace(member, active=False)),
    ):
        with pytest.raises(NotAnAuditor):
            door.check(turned_away)
        with pytest.raises(NotAnAuditor):
            door.export(turned_away)
        with pytest.raises(NotAnAuditor):
            door.search(turned_away, before=None, limit=1)


class Nobody:
    """No account is looked up: the caller was."""

    def get(self, _: str) -> None:
        return None


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.AUDITOR}))
def test_no_other_role_reads_the_trail(room: AuditRoom, role: Role) -> None:
    with pytest.raises(NotAnAuditor):
        room.reading().read(Reader(actor="somebody", permissions=ROLE_PERMISSIONS[role]))


def test_nobody_reads_everything_at_once(room: AuditRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(room.trail, "read", lambda *, limit, **_: asked.append(limit))
    room.reading().read(AUDITOR, limit=10**9)
    assert asked == [MOST]
