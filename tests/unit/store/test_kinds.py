"""`store.kinds`: versions that only grow, and decisions that are in the trail."""

from dataclasses import replace
from datetime import timedelta

import pytest

from signer.kinds import KindDefault, load_lists
from store.audit import AuditTrail
from store.client_model import Client, ClientState
from store.clients import SqlClientStore
from store.database import Database
from store.errors import IllegalMove
from store.kinds import SqlKinds
from tests.unit.store.samples import NOON, digest, together

LISTS = load_lists()
NAMES = tuple(each.name for each in LISTS)


@pytest.fixture
def kinds(database: Database) -> SqlKinds:
    client = Client(id="eoffice", name="e-office", scopes=frozenset(), state=ClientState.ACTIVE, created_at=NOON)
    SqlClientStore(database).add(client, digest("secret"))
    return SqlKinds(database)


def acts(database: Database) -> list[str]:
    return [each.act for each in AuditTrail(database).read() if each.act.startswith("kind.")]


def test_a_version_is_noted_once(kinds: SqlKinds, database: Database) -> None:
    assert kinds.note(LISTS, at=NOON) == NAMES
    assert kinds.note(LISTS, at=NOON) == ()
    assert acts(database) == ["kind.list", "kind.list"]


def test_of_eight_processes_that_start_at_once_one_notes_it(kinds: SqlKinds, database: Database) -> None:
    outcomes = together(8, lambda _: kinds.note(LISTS, at=NOON))
    assert sorted(name for each in outcomes for name in each) == sorted(NAMES)
    assert len(acts(database)) == 2


def test_another_content_needs_a_higher_version(kinds: SqlKinds) -> None:
    kinds.note(LISTS, at=NOON)
    secretly = replace(LISTS[0], sha256=digest("changed"))
    with pytest.raises(IllegalMove, match="version"):
        kinds.note([secretly], at=NOON)
    assert kinds.note([replace(secretly, version=2)], at=NOON) == (LISTS[0].name,)
    with pytest.raises(IllegalMove):
        kinds.note(LISTS, at=NOON)


def test_a_decision_takes_the_place_of_the_earlier_one_and_is_audited(kinds: SqlKinds, database: Database) -> None:
    assert kinds.lists_of("eoffice") is None
    kinds.assign("eoffice", NAMES, actor="admin", at=NOON)
    kinds.assign("eoffice", [], actor="admin", at=NOON + timedelta(days=1))
    assert kinds.lists_of("eoffice") == frozenset()
    assert [each.client_id for each in kinds.assignments()] == ["eoffice"]
    assert acts(database) == ["kind.assign", "kind.assign"]
    with pytest.raises(IllegalMove):
        kinds.assign("nobody", [], actor="admin", at=NOON)


def test_an_officials_default_comes_back(kinds: SqlKinds, database: Database) -> None:
    assert kinds.default_of("K5QX") == KindDefault()
    kinds.set_default("K5QX", KindDefault(kind="SK"), actor="admin", at=NOON)
    kinds.set_default("K5QX", KindDefault(unstated_allowed=False), actor="admin", at=NOON)
    assert kinds.default_of("K5QX") == KindDefault(unstated_allowed=False)
    assert acts(database) == ["kind.default", "kind.default"]
