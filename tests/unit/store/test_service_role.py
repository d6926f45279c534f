"""On PostgreSQL the service's own role appends to the trail and can do nothing else to it."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from store.audit import Act, AuditTrail
from store.base import Base
from store.checkpoints import SqlCheckpoints
from store.clients import SqlClientStore
from store.database import Database, open_database
from store.errors import DatabaseMisconfigured
from store.service_role import service_role_statements
from tests.support.audit import new_room
from tests.support.databases import PostgresDatabases, execute
from tests.unit.store.samples import NOON

pytestmark = pytest.mark.postgres
ROLE = "teken_service_of_a_test"


@pytest.fixture
def owner_url(postgres: PostgresDatabases) -> Iterator[str]:
    """A migrated database with the role in it, thrown away afterwards."""
    name = postgres.take()
    url = postgres.url(name)
    execute(url, f"CREATE ROLE {ROLE} LOGIN", *service_role_statements(ROLE))
    yield url
    execute(url, f"DROP OWNED BY {ROLE}", f"DROP ROLE {ROLE}", "CREATE TABLE touched ()")  # so that it is dropped
    postgres.give_back(name)


def as_service(owner_url: str) -> str:
    return make_url(owner_url).set(username=ROLE).render_as_string(hide_password=False)


@pytest.fixture
def service(owner_url: str) -> Iterator[Database]:
    with open_database(as_service(owner_url), 2, software="teken/test") as opened:
        yield opened


def test_the_service_does_its_work(service: Database, tmp_path: Path) -> None:
    room = new_room(service, tmp_path)
    room.act(3)
    assert room.checkpoint() == 1
    room.act()
    assert room.check().whole
    assert SqlClientStore(service).purge_expired_tokens(NOON) == 0
    assert service.revision() == service.head()


@pytest.mark.parametrize("table", ["audit_entries", "audit_checkpoints", "audit_head"])
@pytest.mark.parametrize("verb", ["DELETE FROM", "TRUNCATE", "DROP TABLE", "ALTER TABLE"])
def test_nothing_of_the_trail_can_be_taken_away(owner_url: str, table: str, verb: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        execute(as_service(owner_url), f"{verb} {table}{' DISABLE TRIGGER ALL' if verb == 'ALTER TABLE' else ''}")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET actor = 'nobody'",
        "UPDATE audit_checkpoints SET body = ''",
        "INSERT INTO audit_head (id, sequence, hash) VALUES (2, 0, '')",
        "UPDATE alembic_version SET version_num = ''",
        "CREATE TABLE mine ()",
        "CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "SET session_replication_role = replica",
    ],
)
def test_nothing_of_the_trail_can_be_changed(owner_url: str, service: Database, statement: str) -> None:
    AuditTrail(service).record(Act.STAFF_LOGIN, "staff:1", at=NOON)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        execute(as_service(owner_url), statement)
    assert AuditTrail(service).verify() is None
    assert SqlCheckpoints(service).newest() is None


def test_every_table_is_named() -> None:
    grants = " ".join(service_role_statements(ROLE))
    assert [name for name in Base.metadata.tables if f" {name}" not in grants] == []


@pytest.mark.parametrize("role", ["", "Robert", "x; DROP TABLE", 'a"b', "a" * 64, "1st"])
def test_a_role_that_would_need_quotes_is_refused(role: str) -> None:
    with pytest.raises(DatabaseMisconfigured, match="lower-case"):
        service_role_statements(role)
