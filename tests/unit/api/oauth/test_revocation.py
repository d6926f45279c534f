"""Revocation at both addresses, and what the server says of itself."""

import pytest

from api.oauth.bearers import BearerOver
from tests.support.authorising import ISSUER, SECRET, SERVICE, AuthorisingHouse, answer_of


def revoke(place: AuthorisingHouse, path: str, token: str, client: str = "sikd", **more: str) -> tuple[int, str, str]:
    form = {name: value for name, value in ({"token": token, "clientData": "x"} | more).items() if value}
    answer = place.app.post(path, data=form, auth=(client, SECRET))
    told = answer.json() if answer.content else {}
    return answer.status_code, told.get("error", ""), told.get("error_description", "")


def is_over(place: AuthorisingHouse, token: str) -> bool:
    try:
        place.services.bearers.of(token, None)
    except BearerOver:
        return True
    return False


@pytest.mark.parametrize(("path", "status"), [("/oauth2/revoke", 204), ("/revoke", 200)])
def test_oauth2_revoke_204_and_revoke_200(place: AuthorisingHouse, path: str, status: int) -> None:
    token = place.tokens(SERVICE)["access_token"]

    assert revoke(place, path, token, token_type_hint="access_token") == (status, "", "")
    assert is_over(place, token)


def test_refresh_token_revoked_its_access_tokens_die(place: AuthorisingHouse) -> None:
    token = place.tokens(SERVICE)

    assert revoke(place, "/revoke", token["refresh_token"])[0] == 200
    assert is_over(place, token["access_token"])
    form = {"grant_type": "refresh_token", "refresh_token": token["refresh_token"]}
    assert place.token(form).json()["error"] == "invalid_grant"


def test_access_token_revoked_refresh_lives(place: AuthorisingHouse) -> None:
    token = place.tokens(SERVICE)

    assert revoke(place, "/revoke", token["access_token"])[0] == 200
    form = {"grant_type": "refresh_token", "refresh_token": token["refresh_token"]}
    assert place.token(form).status_code == 200


def test_revoked_credential_token_its_authorisation_cannot_sign(place: AuthorisingHouse) -> None:
    token = place.tokens(place.new())["access_token"]
    found = place.services.bearers.of(token, None).authorisation
    assert found is not None

    assert revoke(place, "/oauth2/revoke", token)[0] == 204

    assert is_over(place, token)
    done = place.house.parts.authorisations.consume(
        found.id,
        found.digests,
        client_id="sikd",
        user_id=place.house.who,
        credential_id=place.credential,
        call="panggilan-1",
        at=place.house.office.at,
    )
    assert done is False


@pytest.mark.parametrize("token", ["x", "tk_" + "x" * 43, "rt_" + "x" * 43, "x" * 43])
def test_unknown_token_400_on_the_csc_url_200_on_the_rfc_url(place: AuthorisingHouse, token: str) -> None:
    assert revoke(place, "/oauth2/revoke", token) == (400, "invalid_request", "Invalid string parameter token")
    assert revoke(place, "/revoke", token) == (200, "", "")


@pytest.mark.parametrize("kind", ["access_token", "refresh_token", "credential"])
def test_another_clients_token_same_answer_as_unknown_and_it_stays_alive(place: AuthorisingHouse, kind: str) -> None:
    place.add("lain")
    token = place.tokens(place.new())["access_token"] if kind == "credential" else place.tokens(SERVICE)[kind]

    assert revoke(place, "/oauth2/revoke", token, "lain") == revoke(place, "/oauth2/revoke", "x" * 43, "lain")
    assert revoke(place, "/revoke", token, "lain") == (200, "", "")
    assert revoke(place, "/oauth2/revoke", token) == (204, "", "")
    assert revoke(place, "/oauth2/revoke", token)[0] == 400  # dead already


def test_what_is_missing_or_odd(place: AuthorisingHouse) -> None:
    token = place.tokens(SERVICE)["access_token"]

    assert revoke(place, "/oauth2/revoke", "") == (400, "invalid_request", "Missing parameter token")
    assert revoke(place, "/revoke", "")[:2] == (400, "invalid_request")
    odd = revoke(place, "/oauth2/revoke", token, token_type_hint="id_token")
    assert odd == (400, "invalid_request", "Invalid parameter token_type_hint")
    assert revoke(place, "/revoke", token, token_type_hint="id_token")[0] == 200
    for path in ("/oauth2/revoke", "/revoke"):
        assert place.app.post(path, data={"token": token}, auth=("sikd", "salah")).status_code == 401


def test_metadata_complete_and_issuer_identical_to_iss(place: AuthorisingHouse) -> None:
    answer = place.app.get("/.well-known/oauth-authorization-server")

    document = answer.json()
    assert answer.headers["content-type"].startswith("application/json")
    assert document["issuer"] == ISSUER == answer_of(place.authorize(SERVICE | {"scope": "x"}))["iss"]
    assert document == {
        "issuer": ISSUER,
        "authorization_endpoint": f"{ISSUER}/oauth2/authorize",
        "token_endpoint": f"{ISSUER}/oauth2/token",
        "pushed_authorization_request_endpoint": f"{ISSUER}/oauth2/pushed_authorize",
        "require_pushed_authorization_requests": False,
        "revocation_endpoint": f"{ISSUER}/revoke",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "client_credentials", "refresh_token"],
        "scopes_supported": ["service", "credential"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": document["token_endpoint_auth_methods_supported"],
        "token_endpoint_auth_signing_alg_values_supported": document[
            "token_endpoint_auth_signing_alg_values_supported"
        ],
        "revocation_endpoint_auth_methods_supported": document["token_endpoint_auth_methods_supported"],
        "revocation_endpoint_auth_signing_alg_values_supported": document[
            "token_endpoint_auth_signing_alg_values_supported"
        ],
        "authorization_details_types_supported": [
            "credential",
            "https://cloudsignatureconsortium.org/2025/credential",
        ],
        "authorization_response_iss_parameter_supported": True,
        "ui_locales_supported": ["id", "en"],
    }
    methods = set(document["token_endpoint_auth_methods_supported"])
    assert methods == {"client_secret_basic", "client_secret_post", "private_key_jwt", "none"}
    assert place.app.get("/.well-known/openid-configuration").status_code == 404
