"""`/oauth2/authorize` and pushed requests, through the doors: what is answered, and to whom."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from signer.model import SEAL_PREFIX
from store.database import open_database
from tests.support.authorising import (
    BACK,
    ISSUER,
    SECRET,
    SERVICE,
    AuthorisingHouse,
    answer_of,
    authorising_house,
    field_of,
)
from tests.support.consent import consent_house
from tests.support.pki import Pki


def push(place: AuthorisingHouse, asked: dict[str, str], client: str = "sikd") -> str:
    answer = place.app.post("/oauth2/pushed_authorize", data=asked, auth=(client, SECRET))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["request_uri"])


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": "tidak-ada"},
        {"client_id": ""},
        {"client_id": "x\x00y"},
        {"redirect_uri": BACK + "/"},
        {"redirect_uri": BACK.upper()},
        {"redirect_uri": BACK + "?a=1"},
        {"redirect_uri": "https://penipu.contoh/"},
    ],
)
def test_unknown_client_or_unregistered_redirect_uri_is_a_page_and_no_redirect(
    place: AuthorisingHouse, changed: dict[str, str]
) -> None:
    answer = place.authorize(SERVICE | changed)

    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert answer.headers["content-type"].startswith("text/html")
    assert "penipu" not in answer.text


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "credential-creation"}, "invalid_scope"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"scope": "credential", "authorization_details": "[]"}, "invalid_authorization_details"),
    ],
)
def test_state_and_iss_on_every_error_redirect(place: AuthorisingHouse, changed: dict[str, str], error: str) -> None:
    answer = place.authorize(SERVICE | changed)

    assert (answer.status_code, answer.headers["cache-control"]) == (302, "no-store")
    told = answer_of(answer)
    assert (told["error"], told["state"], told["iss"]) == (error, "keadaan-1", ISSUER)


def test_client_not_allowed_the_scope(place: AuthorisingHouse) -> None:
    """`unauthorized_client`."""
    place.add("baca", scopes=frozenset({"service"}))

    assert answer_of(place.authorize(place.new() | {"client_id": "baca"}))["error"] == "unauthorized_client"


def test_thirty_digests_in_the_url_and_a_hundred_by_par(place: AuthorisingHouse) -> None:
    """30 digests in the URL; 100 by PAR."""
    assert place.opened(place.new(*range(30))).startswith("/desk/o/")
    uri = push(place, place.rar(*range(100)))

    _, page = place.asked({"client_id": "sikd", "request_uri": uri})

    assert page.text.count("Surat ") >= 100
    assert "Tandatangani 100 berkas" in page.text


def test_an_address_beyond_8_kib_is_a_page(place: AuthorisingHouse) -> None:
    answer = place.authorize(SERVICE | {"state": "x" * 8192})

    assert (answer.status_code, "location" in answer.headers) == (414, False)


def test_before_a_login_nobody_learns_whose_a_credential_is(place: AuthorisingHouse) -> None:
    """Another user's credential: same as unknown, and only after login; nobody's code is refused like a wrong one."""
    other = place.house.office.enrolled().id
    pages = []
    for credential in (place.credential, other, "tidak-ada", "x" * 200):
        path = place.opened(place.new(credentialID=credential))
        page = place.see(path)
        refused = place.send(f"{path}/sign-in", page, code="000000")
        pages.append(
            (page.status_code, refused.status_code, "Dengan kode autentikator" in refused.text, len(page.text))
        )
        place.browser.cookies.clear()
    assert len(set(pages)) == 1, pages

    told = []
    for credential in (other, "tidak-ada", "x" * 200):
        path = place.opened(place.new(credentialID=credential))
        told.append(answer_of(place.sign_in(path)))
        place.browser.cookies.clear()
    assert told == [told[0]] * 3
    assert (told[0]["error"], told[0]["error_description"]) == ("invalid_request", "Invalid parameter credentialID")


def test_seal_through_the_authorise_endpoint(place: AuthorisingHouse) -> None:
    """A seal asks nobody: it is unknown here."""
    own = place.house.credential
    whose = f"{SEAL_PREFIX}CONTOH"
    key = replace(own.key, key_id="segel", signatory_id=whose)
    seal = replace(own, id="segel-1", signatory=replace(own.signatory, id=whose), key=key)
    place.house.office.kept.add(seal, actor="office", at=place.house.office.at)

    told = answer_of(place.sign_in(place.opened(place.new(credentialID="segel-1"))))

    assert told["error_description"] == "Invalid parameter credentialID"


def test_own_credential_that_may_not_sign(place: AuthorisingHouse) -> None:
    place.house.office.credentials.suspend(place.credential, actor="registrar")

    told = answer_of(place.sign_in(place.opened(place.new())))

    assert told["error_description"] == "The credential identified by credentialID is disabled"


@pytest.fixture
def qualified(tmp_path: Path, sqlite_template: Path, pki: Pki) -> Iterator[AuthorisingHouse]:
    """A house that says what its credentials are."""
    (tmp_path / "teken.db").write_bytes(sqlite_template.read_bytes())
    with (
        open_database(f"sqlite+pysqlite:///{tmp_path / 'teken.db'}", 8) as database,
        authorising_house(consent_house(tmp_path, database, pki), signature_qualifiers=("id_contoh_aes",)) as made,
    ):
        yield made


def test_by_signature_qualifier(qualified: AuthorisingHouse) -> None:
    """The chosen credential comes back as `credentialID`."""
    asked = qualified.new(credentialID="", signatureQualifier="id_contoh_aes")

    assert qualified.tokens(asked)["credentialID"] == qualified.credential


def test_by_signature_qualifier_the_person_chooses_among_several(qualified: AuthorisingHouse) -> None:
    own = qualified.house.credential
    second = replace(own, id="f" * 32, key=replace(own.key, key_id="f" * 32))
    qualified.house.office.kept.add(second, actor="office", at=qualified.house.office.at)
    path, page = qualified.asked(qualified.new(credentialID="", signatureQualifier="id_contoh_aes"))
    assert own.id in page.text
    assert second.id in page.text

    other = qualified.send(f"{path}/choose", page, credential="tidak-ada")
    assert "Dengan kredensial yang mana?" in other.text
    chosen = qualified.send(f"{path}/choose", page, credential=own.id)
    told = answer_of(qualified.approve(path, chosen))

    assert qualified.exchanged(told["code"]).json()["credentialID"] == own.id


def test_request_uri_unknown_expired_used_or_of_another_client(place: AuthorisingHouse) -> None:
    """A page, 400, no redirect."""
    place.add("lain")
    uri, old = push(place, SERVICE), push(place, SERVICE)
    unknown = "urn:ietf:params:oauth:request_uri:" + "x" * 43
    place.opened({"client_id": "sikd", "request_uri": uri})
    bad = [
        ({"client_id": "sikd", "request_uri": unknown}, place.browser),
        ({"client_id": "sikd", "request_uri": "https://penipu.contoh/permintaan"}, place.browser),
        ({"client_id": "lain", "request_uri": uri}, place.browser),
        ({"client_id": "sikd", "request_uri": uri}, place.another_browser()),
    ]
    place.forward(seconds=91)
    bad.append(({"client_id": "sikd", "request_uri": old}, place.browser))

    for asked, browser in bad:
        answer = place.authorize(asked, browser)
        assert (answer.status_code, "location" in answer.headers) == (400, False), asked


def test_a_pushed_request_may_be_reloaded_in_its_browser_until_it_ends(place: AuthorisingHouse) -> None:
    uri = {"client_id": "sikd", "request_uri": push(place, SERVICE)}
    path = place.opened(uri)
    page = place.sign_in(path)
    place.forward(seconds=100)  # the address is over, the transaction is not

    assert place.opened(uri) == path
    place.allow(path, page)
    assert place.authorize(uri).status_code == 400


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"redirect_uri": "https://penipu.contoh/"}, "invalid_request"),
        ({"request_uri": "urn:x"}, "invalid_request"),
        ({"scope": "credential"}, "invalid_request"),
    ],
)
def test_errors_of_the_push_itself_are_json(place: AuthorisingHouse, changed: dict[str, str], error: str) -> None:
    answer = place.app.post("/oauth2/pushed_authorize", data=SERVICE | changed, auth=("sikd", SECRET))

    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert place.app.post("/oauth2/pushed_authorize", data=SERVICE, auth=("sikd", "salah")).status_code == 401


def test_a_public_client_pushes_with_its_name_alone(place: AuthorisingHouse) -> None:
    place.add("ponsel", auth_methods=frozenset({"none"}), grants=frozenset({"authorization_code"}))

    answer = place.app.post("/oauth2/pushed_authorize", data=SERVICE | {"client_id": "ponsel"})

    assert answer.status_code == 201


def test_prompt_login_forces_a_fresh_login(place: AuthorisingHouse) -> None:
    place.tokens(SERVICE)
    assert place.authorize(SERVICE).status_code == 302
    place.forward(seconds=1)

    path = place.opened(SERVICE | {"prompt": "login"})

    assert f'action="{path}/sign-in"' in place.see(path).text
    assert set(answer_of(place.sign_in(path))) == {"code", "state", "iss"}


def test_a_registration_that_changed_since_ends_it(place: AuthorisingHouse) -> None:
    path, page = place.asked(SERVICE)
    csrf = field_of(page, "csrf")
    place.clients.disable("sikd", actor="operator", at=place.house.office.at)

    answer = place.browser.post(f"{path}/approve", data={"csrf": csrf})

    assert (answer.status_code, "http-equiv" in answer.text) == (400, False)


def test_who_only_looks_gets_no_code(place: AuthorisingHouse) -> None:
    place.back(SERVICE)  # allowed from now on: GET leads straight back with a code
    looked = place.browser.head("/oauth2/authorize", params=SERVICE)

    assert (looked.status_code, looked.headers["allow"]) == (405, "GET")
    assert "location" not in looked.headers
    assert "code" in answer_of(place.authorize(SERVICE))


@pytest.mark.parametrize(
    "more", [{"lang": "en"}, {"ui_locales": "en id"}, {"lang": "zz-\u00e9", "ui_locales": "x" * 900}]
)
def test_a_language_that_is_asked_for_changes_nothing_as_every_page_speaks_both(
    place: AuthorisingHouse, more: dict[str, str]
) -> None:
    page = place.see(place.opened(SERVICE | more))
    assert 'lang="id"' in page.text
    assert 'lang="en"' in page.text
