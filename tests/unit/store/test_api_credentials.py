"""API credentials: made for a known application, told apart by their password, and never kept in the clear."""

from dataclasses import replace

import pytest

from signer.api_credentials import ApiCredentials, GeometryReading, Terms
from signer.errors import ApiCredentialRefused, ApiCredentialUnknown
from signer.model import Secret
from store.api_credentials import SqlApiCredentials
from store.audit import AuditTrail
from store.client_model import Client, ClientState
from store.clients import SqlClientStore
from store.database import Database
from tests.support.databases import execute
from tests.unit.store.samples import NOON


@pytest.fixture
def credentials(database: Database) -> ApiCredentials:
    clients = SqlClientStore(database)
    owner = Client(
        id="e-office",
        name="E-office",
        scopes=frozenset({"signature:create"}),
        state=ClientState.ACTIVE,
        created_at=NOON,
    )
    clients.add(owner, "00" * 32, actor="test")
    clients.add(replace(owner, id="gone"), "11" * 32, actor="test")
    clients.disable("gone", actor="test", at=NOON)
    return ApiCredentials(SqlApiCredentials(database), now=lambda: NOON, random_bytes=lambda count: b"r" * count)


def test_the_password_is_right_and_no_other_one(credentials: ApiCredentials) -> None:
    made = credentials.add("contoh", "e-office", Terms(), actor="test")
    assert credentials.authenticate("contoh", made.password) == made.credential.__class__(
        user_name="contoh", client_id="e-office", created_at=NOON, scopes=frozenset({"signature:create"})
    )
    assert credentials.authenticate("contoh", Secret(made.password.reveal() + "x")) is None
    assert credentials.authenticate("nobody", made.password) is None
    assert credentials.authenticate("a:b", made.password) is None


def test_the_password_is_nowhere_in_the_database(credentials: ApiCredentials, database_url: str) -> None:
    made = credentials.add("contoh", "e-office", Terms(), actor="test")
    statements = ("SELECT * FROM api_credentials", "SELECT * FROM audit_entries")
    rows = [execute(database_url, each) for each in statements]
    assert all(rows)
    assert made.password.reveal() not in str(rows)


@pytest.mark.parametrize(
    ("user_name", "client", "terms", "reason"),
    [
        ("a:b", "e-office", Terms(), "bad-name"),
        ("5171010101010001", "e-office", Terms(), "bad-name"),
        ("contoh", "nobody", Terms(), "unknown"),
        ("contoh", "gone", Terms(), "unknown"),
        ("contoh", "e-office", Terms(networks=("10.0.0.1/8",)), "no-network"),
        ("contoh", "e-office", Terms(description="a\nb"), "bad-text"),
        ("contoh", "e-office", Terms(networks=("10.0.0.0/8",) * 51), "too-many"),
    ],
)
def test_what_makes_no_sense_is_refused(
    credentials: ApiCredentials, user_name: str, client: str, terms: Terms, reason: str
) -> None:
    with pytest.raises(ApiCredentialRefused) as refused:
        credentials.add(user_name, client, terms, actor="test")
    assert refused.value.reason == reason
    assert credentials.all() == ()


def test_a_name_is_given_once(credentials: ApiCredentials) -> None:
    credentials.add("contoh", "e-office", Terms(), actor="test")
    with pytest.raises(ApiCredentialRefused) as refused:
        credentials.add("contoh", "e-office", Terms(), actor="test")
    assert refused.value.reason == "taken"


def test_terms_change_and_what_is_not_said_stays(credentials: ApiCredentials) -> None:
    credentials.add("contoh", "e-office", Terms(kind="Surat Biasa", description="Utama"), actor="test")
    changed = credentials.change(
        "contoh", Terms(geometry=GeometryReading.SIZE, networks=("192.0.2.0/24",)), actor="test"
    )
    assert credentials.get("contoh") == replace(changed, scopes=frozenset({"signature:create"}))
    assert (changed.kind, changed.description, changed.geometry) == ("Surat Biasa", "Utama", GeometryReading.SIZE)
    assert credentials.change("contoh", Terms(kind=""), actor="test").kind is None


def test_rotating_ends_the_password_of_before(database: Database, credentials: ApiCredentials) -> None:
    first = credentials.add("contoh", "e-office", Terms(), actor="test").password
    later = ApiCredentials(SqlApiCredentials(database), now=lambda: NOON, random_bytes=lambda count: b"s" * count)
    second = later.rotate("contoh", actor="test").password
    assert credentials.authenticate("contoh", first) is None
    assert credentials.authenticate("contoh", second) is not None


def test_switched_off_it_is_still_known(credentials: ApiCredentials) -> None:
    made = credentials.add("contoh", "e-office", Terms(), actor="test")
    credentials.enable("contoh", False, actor="test")
    found = credentials.authenticate("contoh", made.password)
    assert found is not None
    assert not found.enabled


def test_an_application_that_ended_is_told(database: Database, credentials: ApiCredentials) -> None:
    made = credentials.add("contoh", "e-office", Terms(), actor="test")
    SqlClientStore(database).disable("e-office", actor="test", at=NOON)
    found = credentials.authenticate("contoh", made.password)
    assert found is not None
    assert not found.owner_active


def test_where_its_application_may_come_from_goes_with_it(database: Database, credentials: ApiCredentials) -> None:
    owner = Client(
        id="inside",
        name="Inside",
        scopes=frozenset(),
        state=ClientState.ACTIVE,
        created_at=NOON,
        networks=("192.0.2.0/24",),
    )
    SqlClientStore(database).add(owner, "22" * 32, actor="test")
    made = credentials.add("dalam", "inside", Terms(), actor="test")
    found = credentials.authenticate("dalam", made.password)
    assert found is not None
    assert (found.networks, found.owner_networks) == ((), ("192.0.2.0/24",))


def test_removed_is_unknown(credentials: ApiCredentials) -> None:
    credentials.add("contoh", "e-office", Terms(), actor="test")
    credentials.remove("contoh", actor="test")
    for act in (credentials.get, credentials.remove, credentials.rotate):
        with pytest.raises(ApiCredentialUnknown):
            act("contoh")


def test_every_act_is_in_the_trail(database: Database, credentials: ApiCredentials) -> None:
    credentials.add("contoh", "e-office", Terms(description="Rahasia dapur"), actor="test")
    credentials.change("contoh", Terms(kind="SPT"), actor="test")
    credentials.enable("contoh", False, actor="test")
    credentials.enable("contoh", False, actor="test")  # nothing changes, nothing is noted
    credentials.rotate("contoh", actor="test")
    credentials.remove("contoh", actor="test")
    entries = AuditTrail(database).read(object="api-credential:contoh")
    assert [each.act.removeprefix("api-credential.") for each in entries] == [
        "add",
        "change",
        "state",
        "rotate",
        "remove",
    ]
    assert {each.actor for each in entries} == {"test"}
    assert "Rahasia dapur" not in str(entries)
