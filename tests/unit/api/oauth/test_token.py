"""The token endpoint: what becomes a token, once, and what does not."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from api.oauth.bearers import BearerOver
from api.oauth.refusals import OAuthRefused
from tests.support.authorising import BACK, NEW, SECRET, SERVICE, VERIFIER, AuthorisingHouse, b64, b64url, digest

PUBLIC: dict[str, Any] = {
    "auth_methods": frozenset({"none"}),
    "grants": frozenset({"authorization_code", "refresh_token"}),
}


def code_of(place: AuthorisingHouse, **changed: str) -> str:
    return place.back(SERVICE | changed)["code"]


def error_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


def test_basic_encoded_and_plain_post_and_public_with_pkce(place: AuthorisingHouse) -> None:
    place.add("a-b.c_d", redirect_uris=(BACK,))
    place.add("ponsel", **PUBLIC)
    form = {"grant_type": "authorization_code", "code_verifier": VERIFIER, "redirect_uri": BACK}
    asked = {"client_id": "a-b.c_d"}
    encoded = base64.b64encode(f"a%2Db%2Ec%5Fd:{SECRET.replace('-', '%2D')}".encode()).decode()

    answers = [
        place.exchanged(code_of(place, **asked), auth=("a-b.c_d", SECRET)),
        place.app.post(
            "/oauth2/token",
            data=form | {"code": code_of(place, **asked)},
            headers={"Authorization": f"Basic {encoded}"},
        ),
        place.exchanged(code_of(place, **asked), auth=None, client_id="a-b.c_d", client_secret=SECRET),
        place.exchanged(code_of(place, client_id="ponsel"), auth=None, client_id="ponsel"),
        place.token({"grant_type": "client_credentials", "scope": "service"}),
    ]

    for answer in answers:
        assert answer.status_code == 200, answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert answer.json()["expires_in"] == 1800


def test_rar_echo_has_everything_resolved(place: AuthorisingHouse) -> None:
    """Resolved `credentialID`, `numSignatures`, `documentDigests`, `hashAlgorithmOID`; `hashType` as sent."""
    listed = [{"hash": b64url(digest(1)), "label": "Surat 1", "hashType": "dtbsr"}]

    body = place.tokens(place.rar(1, documentDigests=listed))

    assert body["authorization_details"] == [
        {
            "type": NEW,
            "credentialID": place.credential,
            "numSignatures": 1,
            "hashAlgorithmOID": "2.16.840.1.101.3.4.2.1",
            "documentDigests": [{"hash": b64(digest(1)), "label": "Surat 1", "hashType": "dtbsr"}],
        }
    ]


def said_again(place: AuthorisingHouse, **changed: Any) -> str:
    one = json.loads(place.rar(1)["authorization_details"])[0] | changed
    return json.dumps([{name: value for name, value in one.items() if value is not None}])


def test_digests_base64url_at_authorize_and_standard_at_token_mean_the_same(place: AuthorisingHouse) -> None:
    listed = [{"hash": b64url(digest(1)), "label": "Surat 1", "hashType": "DTBSR"}]
    code = place.back(place.rar(1, documentDigests=listed))["code"]

    assert place.exchanged(code, authorization_details=said_again(place)).status_code == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"credentialID": "lain"},
        {"documentDigests": [{"hash": b64(digest(2)), "label": "Surat 2"}]},
        {"hashAlgorithmOID": "2.16.840.1.101.3.4.2.2"},
        {"type": "credential"},
        {"type": "payment"},
    ],
)
def test_differing_authorization_details(place: AuthorisingHouse, changed: dict[str, Any]) -> None:
    """Refused, and nothing is used up: the good request works then."""
    code = place.back(place.rar(1))["code"]

    answer = place.exchanged(code, authorization_details=said_again(place, **changed))

    assert error_of(answer) == (400, "invalid_authorization_details")
    assert place.exchanged(code).status_code == 200


def test_code_twice_and_the_first_token_is_revoked(place: AuthorisingHouse) -> None:
    code = code_of(place)
    first = place.exchanged(code).json()

    assert error_of(place.exchanged(code)) == (400, "invalid_grant")

    with pytest.raises(BearerOver):
        place.services.bearers.of(first["access_token"], None)
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    assert error_of(place.token(form)) == (400, "invalid_grant")


def test_code_of_a_credential_twice_and_its_authorisation_is_revoked(place: AuthorisingHouse) -> None:
    code = place.back(place.new())["code"]
    first = place.exchanged(code).json()
    assert place.services.bearers.of(first["access_token"], None).scope == "credential"

    assert error_of(place.exchanged(code)) == (400, "invalid_grant")

    with pytest.raises(BearerOver):
        place.services.bearers.of(first["access_token"], None)


@pytest.mark.parametrize("names", ["service", "credential"])
def test_of_many_that_bring_a_code_at_once_at_most_one_has_a_token(place: AuthorisingHouse, names: str) -> None:
    code = place.back(SERVICE if names == "service" else place.new())["code"]
    client = place.clients.active("sikd")
    assert client is not None
    form = {"code": code, "code_verifier": VERIFIER, "redirect_uri": BACK}

    def bring(_: int) -> bool:
        with suppress(OAuthRefused):
            place.services.granting.code(client, form)
            return True
        return False

    with ThreadPoolExecutor(6) as threads:
        assert sum(threads.map(bring, range(6))) <= 1  # a second use may come before the first has its token


def test_code_after_60_s(place: AuthorisingHouse) -> None:
    for asked in (SERVICE, place.new()):
        code = place.back(asked)["code"]
        place.forward(seconds=60)
        assert error_of(place.exchanged(code)) == (400, "invalid_grant")


def test_code_of_another_client(place: AuthorisingHouse) -> None:
    """It stays good for its own."""
    place.add("lain")
    code = code_of(place)

    assert error_of(place.exchanged(code, auth=("lain", SECRET))) == (400, "invalid_grant")
    assert place.exchanged(code).status_code == 200


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_verifier": "x" * 43}, "invalid_grant"),
        ({"code_verifier": ""}, "invalid_request"),
        ({"redirect_uri": BACK + "/"}, "invalid_grant"),
        ({"redirect_uri": ""}, "invalid_grant"),
        ({"code": ""}, "invalid_request"),
        ({"code": "x"}, "invalid_grant"),
        ({"code": "x" * 43}, "invalid_grant"),
    ],
)
def test_wrong_or_missing_verifier_and_wrong_or_missing_redirect_uri(
    place: AuthorisingHouse, changed: dict[str, str], error: str
) -> None:
    code = code_of(place)

    assert error_of(place.exchanged(changed.pop("code", code), **changed)) == (400, error)
    assert place.exchanged(code).status_code == 200


def test_redirect_uri_may_be_left_out_where_it_was(place: AuthorisingHouse) -> None:
    code = code_of(place, redirect_uri="")

    assert place.exchanged(code, redirect_uri="").status_code == 200


def test_wrong_secret_no_authentication_two_authentications(place: AuthorisingHouse) -> None:
    code = code_of(place)

    assert error_of(place.exchanged(code, auth=("sikd", "salah"))) == (401, "invalid_client")
    assert error_of(place.exchanged(code, auth=None)) == (401, "invalid_client")
    assert error_of(place.exchanged(code, auth=None, client_id="sikd")) == (401, "invalid_client")
    assert error_of(place.exchanged(code, client_secret=SECRET)) == (400, "invalid_request")


def test_refresh_token_rotates(place: AuthorisingHouse) -> None:
    token = place.tokens(SERVICE)
    form = {"grant_type": "refresh_token", "refresh_token": token["refresh_token"]}

    answer = place.token(form | {"scope": "service"})

    body = answer.json()
    assert (answer.status_code, answer.headers["cache-control"], body["expires_in"]) == (200, "no-store", 1800)
    assert body["refresh_token"] != token["refresh_token"]
    assert place.services.bearers.of(body["access_token"], None).user_id == place.house.who


def test_refresh_asking_for_credential(place: AuthorisingHouse) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": place.tokens(SERVICE)["refresh_token"]}

    assert error_of(place.token(form | {"scope": "credential"})) == (400, "invalid_scope")
    assert place.token(form).status_code == 200


def test_old_refresh_token_after_rotation(place: AuthorisingHouse) -> None:
    """Refused, the family is revoked."""
    token = place.tokens(SERVICE)
    form = {"grant_type": "refresh_token", "refresh_token": token["refresh_token"]}
    new = place.token(form).json()

    assert error_of(place.token(form)) == (400, "invalid_grant")

    with pytest.raises(BearerOver):
        place.services.bearers.of(new["access_token"], None)
    assert error_of(place.token(form | {"refresh_token": new["refresh_token"]})) == (400, "invalid_grant")


def test_refresh_token_after_the_absolute_end(place: AuthorisingHouse) -> None:
    token = place.tokens(SERVICE)["refresh_token"]
    for _ in range(11):
        place.forward(hours=1)
        token = place.token({"grant_type": "refresh_token", "refresh_token": token}).json()["refresh_token"]
    place.forward(hours=1)

    assert error_of(place.token({"grant_type": "refresh_token", "refresh_token": token})) == (400, "invalid_grant")


def test_refresh_token_of_another_client(place: AuthorisingHouse) -> None:
    place.add("lain")
    form = {"grant_type": "refresh_token", "refresh_token": place.tokens(SERVICE)["refresh_token"]}

    assert error_of(place.token(form, auth=("lain", SECRET))) == (400, "invalid_grant")
    assert place.token(form).status_code == 200


def test_no_refresh_token_for_a_client_without_that_grant(place: AuthorisingHouse) -> None:
    place.add("sekali", grants=frozenset({"authorization_code"}))

    body = place.exchanged(code_of(place, client_id="sekali"), auth=("sekali", SECRET)).json()

    assert "refresh_token" not in body


def test_client_credentials_by_a_public_client_and_for_scope_credential(place: AuthorisingHouse) -> None:
    place.add("ponsel", **PUBLIC)
    form = {"grant_type": "client_credentials", "scope": "service"}

    assert error_of(place.token(form | {"client_id": "ponsel"}, auth=None)) == (401, "invalid_client")
    assert error_of(place.token(form | {"scope": "credential"})) == (400, "invalid_scope")
    assert error_of(place.token(form | {"scope": "service credential"})) == (400, "invalid_scope")


def test_grants_that_never_exist(place: AuthorisingHouse) -> None:
    for grant in ("password", "implicit", "urn:ietf:params:oauth:grant-type:token-exchange"):
        assert error_of(place.token({"grant_type": grant})) == (400, "unsupported_grant_type")


def test_parameters_in_the_query_string_only(place: AuthorisingHouse) -> None:
    """Not read: the request fails as if they were missing."""
    form = {"grant_type": "authorization_code", "code": code_of(place), "code_verifier": VERIFIER, "redirect_uri": BACK}
    plain = {"Content-Type": "application/x-www-form-urlencoded"}

    answer = place.app.post("/oauth2/token", params=form, auth=("sikd", SECRET), headers=plain)

    assert error_of(answer) == (400, "invalid_request")


def test_a_client_that_may_not_sign_any_more_gets_nothing_for_its_code(place: AuthorisingHouse) -> None:
    code = place.back(place.new())["code"]
    place.clients.change_scopes(
        "sikd", add=frozenset(), remove=frozenset({"credential"}), actor="operator", at=place.house.office.at
    )

    assert error_of(place.exchanged(code)) == (400, "invalid_grant")


def test_no_secret_of_a_run_is_in_the_database(place: AuthorisingHouse) -> None:
    """Secrets are stored only as hashes."""
    code = place.back(place.new())["code"]
    found = [code, place.exchanged(code).json()["access_token"]]
    service = place.tokens(SERVICE)
    found += [service["access_token"], service["refresh_token"]]
    pushed = place.app.post("/oauth2/pushed_authorize", data=SERVICE, auth=("sikd", SECRET)).json()["request_uri"]

    file = Path(str(place.house.database.engine.url.database))
    dump = file.read_bytes() + file.with_name(f"{file.name}-wal").read_bytes()

    for secret in [*found, pushed.rpartition(":")[2]]:
        assert secret.encode() not in dump
    assert place.credential.encode() in dump
