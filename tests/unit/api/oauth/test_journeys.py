"""Whole journeys: an application, a browser, a person; then tokens."""

import pytest

from api.oauth.secrets import hash_of
from signer.model import Secret
from store.bulk import SqlContacts
from tests.support.authorising import ISSUER, SERVICE, AuthorisingHouse, answer_of, digest, field_of
from tests.support.office import PASSPHRASE


def test_service_flow(place: AuthorisingHouse) -> None:
    """Login, one consent, a code, a user-bound token and a refresh token; the second time nobody is asked."""
    path, page = place.asked(SERVICE)
    assert "Hubungkan Aplikasi SIKD" in page.text
    told = answer_of(place.allow(path, page))
    assert (told["state"], told["iss"]) == ("keadaan-1", ISSUER)

    answer = place.exchanged(told["code"])

    body = answer.json()
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 1800, "service")
    bearer = place.services.bearers.of(body["access_token"], None)
    assert (bearer.client_id, bearer.user_id, bearer.scope) == ("sikd", place.house.who, "service")
    again = place.authorize(SERVICE)
    assert again.status_code == 302
    assert set(answer_of(again)) == {"code", "state", "iss"}


@pytest.mark.parametrize(("names", "token_type"), [("old", "SAD"), ("new", "Bearer"), ("rar", "Bearer")])
def test_credential_flow_with_hash_with_hashes_and_with_rar(
    place: AuthorisingHouse, names: str, token_type: str
) -> None:
    """`token_type` `SAD` with `hash`, `Bearer` with `hashes` and RAR; the token is the SAD of exactly these digests."""
    body = place.tokens(getattr(place, names)(1, 2))

    assert (body["token_type"], body["expires_in"], body["scope"]) == (token_type, 300, "credential")
    assert "refresh_token" not in body
    bearer = place.services.bearers.of(body["access_token"], None)
    assert (bearer.scope, bearer.user_id, bearer.client_id) == ("credential", place.house.who, "sikd")
    assert bearer.authorisation is not None
    assert {each.value for each in bearer.authorisation.digests} == {digest(1).hex(), digest(2).hex()}
    assert (bearer.authorisation.total, bearer.authorisation.credential_id) == (2, place.credential)


def test_the_key_opens_with_the_sad_alone(place: AuthorisingHouse) -> None:
    body = place.tokens(place.old())
    found = place.house.parts.authorisations.behind(hash_of(body["access_token"]) or "")

    assert found is not None
    assert found.carried is not None
    key = place.house.office.vault.open_carried(found.carried, Secret(body["access_token"]), owner=found.id)
    own = place.house.credential.certificate.public_key()
    assert key.public_key() == own


def test_passphrase_and_totp_approval_end_to_end(place: AuthorisingHouse) -> None:
    """Login with a code as well: the named credential says whose it has to be."""
    path = place.opened(place.new())
    page = place.send(f"{path}/sign-in", place.see(path), code=place.house.code())
    assert "Setujui dengan kode" in page.text
    place.forward(seconds=30)

    answer = place.approve(path, page, code=place.house.code(), passphrase=PASSPHRASE.reveal())

    assert place.exchanged(answer_of(answer)["code"]).status_code == 200


def test_pushed_request(place: AuthorisingHouse) -> None:
    """With PAR, and with PAR and RAR together; parameters beside `request_uri` are ignored."""
    for asked, token_type in ((place.old(), "SAD"), (place.rar(2), "Bearer")):
        answer = place.app.post("/oauth2/pushed_authorize", data=asked, auth=("sikd", "rahasia-aplikasi-contoh"))
        assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
        assert answer.json()["expires_in"] == 90
        uri = answer.json()["request_uri"]
        assert uri.startswith("urn:ietf:params:oauth:request_uri:")

        body = place.tokens(
            {"client_id": "sikd", "request_uri": uri, "state": "lain", "credentialID": "lain", "scope": "service"}
        )

        assert (body["token_type"], body["scope"]) == (token_type, "credential")


def test_service_flow_of_a_person_without_a_passkey(place: AuthorisingHouse) -> None:
    """The registered address says whose code it has to be, in whatever case it is typed."""
    with_address(place, "wayan@contoh.go.id")
    path = place.opened(SERVICE)

    page = place.send(f"{path}/sign-in", place.see(path), email=" Wayan@Contoh.go.id", code=place.house.code())

    assert "Hubungkan Aplikasi SIKD" in page.text
    code = answer_of(place.allow(path, page))["code"]
    assert place.services.bearers.of(place.exchanged(code).json()["access_token"], None).user_id == place.house.who


def test_an_address_tells_nothing_and_lets_nobody_in_without_its_code(place: AuthorisingHouse) -> None:
    """Nobody's, two people's, a seal's and a wrong code: one answer, and the HSM works as long for each."""
    with_address(place, "wayan@contoh.go.id")
    two = (place.house.office.enrolled().signatory.id for _ in range(2))
    for whose in (*two, "seal-CONTOH"):
        SqlContacts(place.house.database).set(whose, "bersama@contoh.go.id", actor="office", at=place.house.office.at)
    path, told = place.opened(SERVICE), []
    for email in ("wayan@contoh.go.id", "bersama@contoh.go.id", "tidak@ada.go.id", "", "x" * 400):
        wrong = "000000" if email.startswith("wayan") else place.house.code()
        before = len(place.house.seeds.worked)
        page = place.send(f"{path}/sign-in", place.see(path), email=email, code=wrong)
        text = page.text.replace(f'value="{email[:254]}"', "").replace(field_of(page, "csrf"), "")
        told.append((page.status_code, len(text), len(place.house.seeds.worked) - before))
        assert place.see("/desk/applications").headers["location"] == "/desk/sign-in"
    assert len(set(told)) == 1, told


def test_wrong_codes_in_somebody_s_name_keep_their_passkey_in(place: AuthorisingHouse) -> None:
    with_address(place, "wayan@contoh.go.id")
    path = place.opened(SERVICE)
    for _ in range(12):
        refused = place.send(f"{path}/sign-in", place.see(path), email="wayan@contoh.go.id", code="000000")
        assert refused.status_code == 422
    waits = place.send(f"{path}/sign-in", place.see(path), email="wayan@contoh.go.id", code=place.house.code())

    assert waits.status_code == 422
    assert "Hubungkan Aplikasi SIKD" in place.sign_in(path).text


def with_address(place: AuthorisingHouse, email: str) -> None:
    """The official's address, and the official in the register."""
    SqlContacts(place.house.database).set(place.house.who, email, actor="office", at=place.house.office.at)
