"""`store.clients`: who may ask, and with which token."""

import json
from datetime import timedelta

import pytest

from store.audit import Act, AuditTrail
from store.client_model import Client, ClientState
from store.clients import AccessToken, SqlClientStore
from store.database import Database
from store.errors import AlreadyExists, IllegalMove
from tests.support.databases import execute
from tests.unit.store.samples import MINUTE, NOON, digest, together

SECRET = "a secret of 256 random bits"
EOFFICE = Client(
    id="eoffice",
    name="E-office Contoh",
    scopes=frozenset({"sign", "verify"}),
    state=ClientState.ACTIVE,
    created_at=NOON,
)
SIGN = frozenset({"sign"})


@pytest.fixture
def store(database: Database) -> SqlClientStore:
    """A store with one client that holds one token for signing."""
    store = SqlClientStore(database)
    store.add(EOFFICE, digest(SECRET), actor="operator-1")
    store.issue_token("eoffice", SIGN, digest("token"), NOON + MINUTE, at=NOON)
    return store


@pytest.mark.parametrize(
    ("client_id", "secret"),
    [
        ("eoffice", "wrong"),
        ("eoffice", ""),
        ("eoffice", digest(SECRET)),
        ("eoffice", "\ud800"),
        ("unknown", SECRET),
        ("", SECRET),
        ("eoffice\0", SECRET),
        ("\ud800", SECRET),
        ("e" * 100_000, SECRET),
    ],
)
def test_whoever_is_not_the_client_is_nobody(store: SqlClientStore, client_id: str, secret: str) -> None:
    assert store.authenticate(client_id, secret) is None


def test_the_client_is_known_by_its_secret(store: SqlClientStore) -> None:
    assert store.authenticate("eoffice", SECRET) == EOFFICE


def test_a_registration_is_kept_as_it_was_given(store: SqlClientStore, database: Database) -> None:
    wallet = Client(
        id="dompet",
        name="Dompet Contoh",
        scopes=frozenset({"service"}),
        state=ClientState.ACTIVE,
        created_at=NOON,
        auth_methods=frozenset({"none"}),
        grants=frozenset({"authorization_code", "refresh_token"}),
        redirect_uris=("https://dompet.example/kembali", "com.example.dompet:/kembali"),
        jwks=({"kty": "EC", "crv": "P-256", "x": "x", "y": "y"},),
        tls_subject="CN=dompet",
        tls_thumbprint="ab" * 32,
        networks=("192.0.2.0/24",),
    )
    store.add(wallet, None, actor="operator-1")
    assert store.get("dompet") == store.active("dompet") == wallet
    assert wallet.public
    assert not EOFFICE.public
    details = json.loads(list(AuditTrail(database).read())[-1].details)
    assert (details["redirect_uris"], details["keys"]) == (
        list(wallet.redirect_uris),
        ["lTYYwPiOVLnEGn_2tedaJs97fsHfTdR0jdsLJVF2RuA"],
    )


@pytest.mark.parametrize("secret", ["", "None", "00" * 32])
def test_a_client_without_a_secret_has_none_that_fits(store: SqlClientStore, secret: str) -> None:
    store.add(Client(id="p", name="P", scopes=SIGN, state=ClientState.ACTIVE, created_at=NOON), None)
    assert store.authenticate("p", secret) is None


@pytest.mark.parametrize("client_id", ["", "unknown", "eoffice\0", "\ud800", "e" * 100_000])
def test_whatever_is_no_active_client_is_not_found(store: SqlClientStore, client_id: str) -> None:
    assert store.active("eoffice") == EOFFICE
    assert store.active(client_id) is None
    store.disable("eoffice", actor="operator-1", at=NOON)
    assert store.active("eoffice") is None


def test_an_assertion_is_used_once_until_it_is_forgotten(store: SqlClientStore) -> None:
    used = together(8, lambda _: store.use_assertion(digest("a"), expires_at=NOON + MINUTE))
    assert sorted(map(bool, used)) == [False] * 7 + [True]
    store.purge_expired_tokens(NOON)
    assert not store.use_assertion(digest("a"), expires_at=NOON + MINUTE)
    store.purge_expired_tokens(NOON + MINUTE)
    assert store.use_assertion(digest("a"), expires_at=NOON + MINUTE)


def test_an_id_is_given_once_and_never_looks_strange(store: SqlClientStore) -> None:
    with pytest.raises(AlreadyExists):
        store.add(EOFFICE, digest("other"))
    assert store.authenticate("eoffice", "other") is None
    for strange in ("", "a b", "a\0", "a/b", "x" * 65, "0171010101010001", "kota.197001011990011001"):
        client = Client(id=strange, name="x", scopes=SIGN, state=ClientState.ACTIVE, created_at=NOON)
        with pytest.raises(ValueError, match="client id"):
            store.add(client, digest("x"))


@pytest.mark.parametrize("at", [NOON + MINUTE, NOON + timedelta(days=1)])
def test_an_expired_token_is_good_for_nothing(store: SqlClientStore, at: object) -> None:
    assert store.token(digest("token"), at) is None


def test_a_token_names_its_client_and_its_own_scopes(store: SqlClientStore) -> None:
    assert store.token(digest("token"), NOON) == (EOFFICE, SIGN)
    assert store.token(digest("unknown"), NOON) is None
    assert store.token("token", NOON) is None


def test_a_token_is_issued_once_and_says_what_it_is(store: SqlClientStore) -> None:
    token = store.issue_token("eoffice", SIGN, digest("second"), NOON + MINUTE, at=NOON)
    assert token == AccessToken(
        token_sha256=digest("second"), client_id="eoffice", scopes=SIGN, expires_at=NOON + MINUTE
    )
    with pytest.raises(AlreadyExists):
        store.issue_token("eoffice", SIGN, digest("second"), NOON + timedelta(days=1), at=NOON)
    assert store.token(digest("second"), NOON + MINUTE) is None


def test_every_token_has_its_entry_in_the_trail(store: SqlClientStore, database: Database) -> None:
    store.issue_token("eoffice", SIGN, digest("second"), NOON + MINUTE, at=NOON)
    entry = AuditTrail(database).read(act=Act.TOKEN_ISSUE, limit=1)[0]
    assert (entry.object, entry.actor, json.loads(entry.details)) == ("client:eoffice", "eoffice", {"scopes": ["sign"]})


@pytest.mark.parametrize(
    ("client_id", "scopes"), [("unknown", SIGN), ("eoffice", frozenset({"sign", "administer"})), ("", frozenset())]
)
def test_nobody_gets_a_token_for_more_than_it_may(store: SqlClientStore, client_id: str, scopes: frozenset) -> None:
    with pytest.raises(IllegalMove):
        store.issue_token(client_id, scopes, digest("more"), NOON + MINUTE, at=NOON)
    assert store.token(digest("more"), NOON) is None


def test_a_token_is_given_back_by_its_own_client_only(store: SqlClientStore) -> None:
    assert not store.revoke_token(digest("token"), "other", at=NOON)
    assert not store.revoke_token(digest("unknown"), "eoffice", at=NOON)
    assert store.token(digest("token"), NOON) == (EOFFICE, SIGN)
    assert store.revoke_token(digest("token"), "eoffice", at=NOON)
    assert store.token(digest("token"), NOON) is None
    assert not store.revoke_token(digest("token"), "eoffice", at=NOON)


def test_a_disabled_client_is_nobody_and_its_tokens_are_gone(store: SqlClientStore, database_url: str) -> None:
    store.disable("eoffice", actor="operator-1", at=NOON)
    assert store.authenticate("eoffice", SECRET) is None
    assert store.token(digest("token"), NOON) is None
    assert store.get("eoffice").state is ClientState.DISABLED
    with pytest.raises(IllegalMove):
        store.issue_token("eoffice", SIGN, digest("more"), NOON + MINUTE, at=NOON)
    assert execute(database_url, "SELECT count(*) FROM access_tokens") == [(0,)]


def test_a_token_that_outlived_its_client_is_still_good_for_nothing(store: SqlClientStore, database_url: str) -> None:
    execute(database_url, "UPDATE clients SET state = 'disabled'")  # as when a token was issued in the same moment
    assert store.token(digest("token"), NOON) is None


def test_a_scope_that_is_taken_away_is_gone_from_tokens_at_once(store: SqlClientStore, database: Database) -> None:
    changed = store.change_scopes(
        "eoffice", add=frozenset({"read"}), remove=SIGN, actor="operator-1", at=NOON + MINUTE / 2
    )
    assert changed.scopes == {"read", "verify"}
    assert store.token(digest("token"), NOON) == (changed, frozenset())
    store.issue_token("eoffice", frozenset({"read"}), digest("next"), NOON + MINUTE, at=NOON)
    assert store.token(digest("next"), NOON) == (changed, frozenset({"read"}))
    with pytest.raises(IllegalMove):
        store.issue_token("eoffice", SIGN, digest("more"), NOON + MINUTE, at=NOON)
    last = AuditTrail(database).read(act=Act.CLIENT_SCOPES, limit=1)[0]
    assert (last.act, last.object, last.actor) == ("client.scopes", "client:eoffice", "operator-1")
    assert json.loads(last.details) == {"added": ["read"], "removed": ["sign"]}


def test_where_no_scope_changes_nothing_is_written(store: SqlClientStore, database: Database) -> None:
    before = len(list(AuditTrail(database).read()))
    same = store.change_scopes("eoffice", add=SIGN, remove=frozenset({"read"}), actor="operator-1", at=NOON)
    assert same == EOFFICE
    assert len(list(AuditTrail(database).read())) == before


def test_eight_changes_at_once_are_all_in_the_end(store: SqlClientStore) -> None:
    nothing = frozenset[str]()
    together(
        8,
        lambda number: store.change_scopes(
            "eoffice", add=frozenset({f"s{number}"}), remove=nothing, actor="o", at=NOON
        ),
    )
    assert store.get("eoffice").scopes == {"sign", "verify", *(f"s{number}" for number in range(8))}


def test_only_an_active_application_has_scopes_to_change(store: SqlClientStore) -> None:
    store.disable("eoffice", actor="operator-1", at=NOON)
    for client_id in ("eoffice", "unknown"):
        with pytest.raises(IllegalMove):
            store.change_scopes(client_id, add=SIGN, remove=frozenset(), actor="operator-1", at=NOON)


def test_only_an_active_client_is_disabled_and_only_once(store: SqlClientStore) -> None:
    outcomes = together(4, lambda _: store.disable("eoffice", actor="operator-1", at=NOON))
    assert outcomes.count(None) == 1
    assert sum(isinstance(outcome, IllegalMove) for outcome in outcomes) == 3
    with pytest.raises(IllegalMove):
        store.disable("unknown", actor="operator-1", at=NOON)


def test_expired_tokens_are_forgotten_and_good_ones_are_not(store: SqlClientStore) -> None:
    store.issue_token("eoffice", SIGN, digest("longer"), NOON + 2 * MINUTE, at=NOON)
    assert store.purge_expired_tokens(NOON) == 0
    assert store.purge_expired_tokens(NOON + MINUTE) == 1
    assert store.token(digest("longer"), NOON + MINUTE) == (EOFFICE, SIGN)


def test_neither_secret_nor_token_is_in_the_database(store: SqlClientStore, database_url: str) -> None:
    rows = [
        *execute(database_url, "SELECT * FROM clients"),
        *execute(database_url, "SELECT * FROM access_tokens"),
        *execute(database_url, "SELECT * FROM audit_entries"),
    ]
    assert SECRET not in repr(rows)
    assert "'token'" not in repr(rows)


def test_all_clients_are_listed_and_their_changes_are_in_the_trail(store: SqlClientStore, database: Database) -> None:
    other = Client(id="other", name="Lain", scopes=frozenset(), state=ClientState.ACTIVE, created_at=NOON)
    store.add(other, digest("x"), actor="operator-2")
    store.disable("other", actor="operator-1", at=NOON)
    assert [client.id for client in store.all()] == ["eoffice", "other"]
    assert [(e.act, e.actor) for e in AuditTrail(database).read()] == [
        ("client.add", "operator-1"),
        ("token.issue", "eoffice"),
        ("client.add", "operator-2"),
        ("client.disable", "operator-1"),
    ]
