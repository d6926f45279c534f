"""`store.oauth` and `store.oauth_tokens`: every move happens once, whoever comes at the same moment."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from store.audit import Act, AuditTrail
from store.client_model import Client, ClientState
from store.clients import SqlClientStore
from store.database import Database
from store.oauth import SqlOAuthRequests
from store.oauth_model import Family, IssuedToken, PushedRequest, ServiceConsent, Transaction, TransactionState
from store.oauth_tokens import SqlOAuthTokens
from tests.unit.store.samples import MINUTE, NOON, digest, together

SERVICE = frozenset({"service"})
SESSION, CODE, REFRESH, ACCESS = digest("session"), digest("code"), digest("refresh"), digest("access")
WHO = "K5QXA2LBONUWC3TB"


@pytest.fixture
def clients(database: Database) -> SqlClientStore:
    store = SqlClientStore(database)
    for name in ("eoffice", "other"):
        client = Client(id=name, name=name, scopes=SERVICE, state=ClientState.ACTIVE, created_at=NOON)
        store.add(client, digest(name), actor="operator-1")
    return store


@pytest.fixture
def requests(database: Database, clients: SqlClientStore) -> SqlOAuthRequests:
    assert clients.get("eoffice") is not None
    return SqlOAuthRequests(database)


@pytest.fixture
def tokens(database: Database, clients: SqlClientStore) -> SqlOAuthTokens:
    assert clients.get("eoffice") is not None
    return SqlOAuthTokens(database)


def transaction(**differences: Any) -> Transaction:
    good = Transaction(
        id="t-1",
        client_id="eoffice",
        parameters={"scope": "service"},
        session=SESSION,
        state=TransactionState.OPEN,
        asked_at=NOON,
        expires_at=NOON + 5 * MINUTE,
    )
    return replace(good, **differences)


def family(name: str = "f-1") -> Family:
    return Family(id=name, client_id="eoffice", user_id=WHO, began_at=NOON, ends_at=NOON + timedelta(hours=12))


def access(text: str = "access") -> IssuedToken:
    return IssuedToken(
        token_sha256=digest(text), client_id="eoffice", user_id=None, scopes=SERVICE, expires_at=NOON + 30 * MINUTE
    )


def approved(requests: SqlOAuthRequests) -> None:
    requests.begin(transaction())
    assert requests.approve(
        "t-1", session=SESSION, user_id=WHO, code_sha256=CODE, expires_at=NOON + 2 * MINUTE, at=NOON + MINUTE
    )


def exchanged(requests: SqlOAuthRequests) -> None:
    approved(requests)
    assert requests.exchange(CODE, at=NOON + MINUTE, family=family(), access=access(), refresh_sha256=REFRESH)


def test_a_transaction_is_read_as_it_was_begun(requests: SqlOAuthRequests) -> None:
    requests.begin(transaction())

    assert requests.get("t-1") == transaction()
    assert requests.get("t-2") is None


def test_a_pushed_request_opens_one_transaction(requests: SqlOAuthRequests) -> None:
    pushed = PushedRequest(
        uri_sha256=digest("uri"), client_id="eoffice", parameters={"a": "b"}, expires_at=NOON + MINUTE
    )
    requests.push(pushed)
    assert requests.pushed(digest("uri")) == pushed
    began = together(4, lambda number: requests.begin(transaction(id=f"t-{number}"), pushed=digest("uri")))

    assert sorted(began) == [False, False, False, True]


def test_a_pushed_request_that_has_expired_opens_nothing(requests: SqlOAuthRequests) -> None:
    expires = NOON + MINUTE
    requests.push(PushedRequest(uri_sha256=digest("uri"), client_id="eoffice", parameters={}, expires_at=expires))

    assert not requests.begin(transaction(asked_at=expires), pushed=digest("uri"))
    assert requests.get("t-1") is None


def test_only_the_browser_that_opened_it_decides(requests: SqlOAuthRequests) -> None:
    """And only once, and only in its time."""
    requests.begin(transaction())
    good: dict[str, Any] = {"user_id": WHO, "code_sha256": CODE, "expires_at": NOON + 2 * MINUTE}

    assert not requests.approve("t-1", session=digest("other"), at=NOON, **good)
    assert not requests.approve("t-1", session=SESSION, at=NOON + 5 * MINUTE, **good)
    assert not requests.rebind("t-1", old=digest("other"), new=digest("new"))
    assert requests.rebind("t-1", old=SESSION, new=digest("new"))
    assert not requests.approve("t-1", session=SESSION, at=NOON, **good)
    assert requests.approve("t-1", session=digest("new"), at=NOON, **good)
    assert not requests.end("t-1", session=digest("new"), user_id=WHO, reason="access_denied", at=NOON)


def test_of_two_decisions_at_once_one_counts(requests: SqlOAuthRequests) -> None:
    requests.begin(transaction())
    done = together(
        6,
        lambda number: requests.approve(
            "t-1", session=SESSION, user_id=WHO, code_sha256=digest(str(number)), expires_at=NOON + MINUTE, at=NOON
        ),
    )

    assert sorted(done) == [False] * 5 + [True]


def test_what_has_ended_is_dead(requests: SqlOAuthRequests) -> None:
    """Refusing: the transaction is dead."""
    requests.begin(transaction())
    assert requests.end("t-1", session=SESSION, user_id=WHO, reason="access_denied", at=NOON)

    assert not requests.approve(
        "t-1", session=SESSION, user_id=WHO, code_sha256=CODE, expires_at=NOON + MINUTE, at=NOON
    )
    found = requests.get("t-1")
    assert found is not None
    assert found.state is TransactionState.ENDED


def test_a_person_is_asked_once(requests: SqlOAuthRequests) -> None:
    requests.begin(transaction())
    asked: dict[str, Any] = {"session": SESSION, "user_id": WHO, "credential_id": "credential-1", "at": NOON}

    assert requests.put_before("t-1", request_id="r-1", **asked)
    assert not requests.put_before("t-1", request_id="r-2", **asked)
    found = requests.get("t-1")
    assert found is not None
    assert (found.request_id, found.credential_id) == ("r-1", "credential-1")


def test_a_code_is_used_once(requests: SqlOAuthRequests) -> None:
    """Of many that bring it at once exactly one wins."""
    approved(requests)

    assert sorted(together(6, lambda _: requests.exchange(CODE, at=NOON + MINUTE))) == [False] * 5 + [True]


def test_code_after_60_s_is_over(requests: SqlOAuthRequests) -> None:
    approved(requests)

    assert not requests.exchange(CODE, at=NOON + 2 * MINUTE)


def test_a_second_use_ends_what_the_first_produced(requests: SqlOAuthRequests, tokens: SqlOAuthTokens) -> None:
    exchanged(requests)
    found = requests.behind_code(CODE)
    assert found is not None
    assert tokens.find(ACCESS) == replace(access(), user_id=WHO, family_id="f-1")

    requests.replayed(found, at=NOON + 2 * MINUTE)

    token = tokens.find(ACCESS)
    assert token is not None
    assert token.revoked_at == NOON + 2 * MINUTE
    assert rotated(tokens) is None


def rotated(tokens: SqlOAuthTokens, old: str = "refresh", new: str = "next", client: str = "eoffice", **at: Any) -> Any:
    return tokens.rotate(
        digest(old), client_id=client, new_sha256=digest(new), access=access(f"a-{new}"), **{"at": NOON + MINUTE, **at}
    )


def test_a_refresh_token_rotates(requests: SqlOAuthRequests, tokens: SqlOAuthTokens) -> None:
    exchanged(requests)

    assert rotated(tokens) == family()
    assert rotated(tokens, old="next", new="third") == family()
    found = tokens.find(digest("a-third"))
    assert found is not None
    assert (found.user_id, found.family_id) == (WHO, "f-1")


def test_old_refresh_token_after_rotation_ends_the_family(requests: SqlOAuthRequests, tokens: SqlOAuthTokens) -> None:
    exchanged(requests)
    assert rotated(tokens) is not None

    assert rotated(tokens, client="other", new="stolen") is None  # another client's doing ends nothing
    assert rotated(tokens, old="next", new="third") is not None
    assert rotated(tokens, new="again") is None
    assert rotated(tokens, old="third", new="fourth") is None
    assert all(
        found is not None and found.revoked_at is not None
        for found in (tokens.find(ACCESS), tokens.find(digest("a-next")), tokens.find(digest("a-third")))
    )


def test_of_two_refreshes_at_once_at_most_one_has_tokens(requests: SqlOAuthRequests, tokens: SqlOAuthTokens) -> None:
    exchanged(requests)

    done = together(4, lambda number: rotated(tokens, new=f"next-{number}") is not None)

    assert sum(done) == 1


def test_a_refresh_token_after_the_absolute_end(requests: SqlOAuthRequests, tokens: SqlOAuthTokens) -> None:
    exchanged(requests)

    assert rotated(tokens, at=NOON + timedelta(hours=12)) is None


def test_refresh_token_revoked_and_its_access_tokens_die(requests: SqlOAuthRequests, tokens: SqlOAuthTokens) -> None:
    exchanged(requests)

    assert not tokens.revoke_refresh(REFRESH, client_id="other", at=NOON)
    assert tokens.revoke_refresh(REFRESH, client_id="eoffice", at=NOON)
    found = tokens.find(ACCESS)
    assert found is not None
    assert not found.is_good(NOON)
    assert not tokens.revoke_refresh(REFRESH, client_id="eoffice", at=NOON)


def test_access_token_revoked_and_refresh_lives(
    requests: SqlOAuthRequests, tokens: SqlOAuthTokens, clients: SqlClientStore
) -> None:
    exchanged(requests)

    assert clients.revoke_token(ACCESS, "eoffice", at=NOON)
    assert rotated(tokens) == family()


def test_a_scope_that_the_client_lost_is_gone_at_once(
    requests: SqlOAuthRequests, tokens: SqlOAuthTokens, clients: SqlClientStore
) -> None:
    exchanged(requests)
    clients.change_scopes("eoffice", add=frozenset(), remove=SERVICE, actor="operator-1", at=NOON)

    found = tokens.find(ACCESS)
    assert found is not None
    assert found.scopes == frozenset()


def test_a_consent_is_remembered_and_withdrawn_with_its_tokens(
    requests: SqlOAuthRequests, tokens: SqlOAuthTokens, database: Database
) -> None:
    exchanged(requests)
    consent = ServiceConsent(client_id="eoffice", user_id=WHO, given_at=NOON)
    assert not tokens.consented("eoffice", WHO)

    together(4, lambda _: tokens.consent(consent))

    assert tokens.consented("eoffice", WHO)
    assert not tokens.consented("other", WHO)
    assert tokens.consents(WHO) == (consent,)
    assert not tokens.withdraw("other", WHO, at=NOON)
    assert tokens.withdraw("eoffice", WHO, at=NOON)
    assert tokens.consents(WHO) == ()
    found = tokens.find(ACCESS)
    assert found is not None
    assert not found.is_good(NOON)
    acts = [entry.act for entry in AuditTrail(database).read(limit=100)]
    assert acts.count(Act.CONSENT_GIVE.value) == 1
    assert acts[-2:] == [Act.CONSENT_WITHDRAW.value, Act.TOKEN_REVOKE.value]


def test_what_is_over_is_forgotten(requests: SqlOAuthRequests, tokens: SqlOAuthTokens) -> None:
    exchanged(requests)
    requests.push(PushedRequest(uri_sha256=digest("uri"), client_id="eoffice", parameters={}, expires_at=NOON))

    assert (requests.purge(before=NOON), tokens.purge(before=NOON)) == (0, 0)
    later = NOON + timedelta(days=2)
    assert (requests.purge(before=later), tokens.purge(before=later)) == (2, 1)
