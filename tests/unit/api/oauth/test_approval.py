"""The pages: what is shown, who decides, and what a wrong form changes, which is nothing."""

import re

import pytest
from sqlalchemy import text

from signer.activation import fingerprint
from signer.factors.model import FactorKind
from tests.support.authorising import SERVICE, AuthorisingHouse, answer_of, b64, digest, field_of
from tests.support.office import PASSPHRASE


def test_page_shows_client_credential_count_every_label_and_fingerprint(place: AuthorisingHouse) -> None:
    _, page = place.asked(place.rar(1, 2, 3))

    who = place.house.credential.signatory
    for words in ("Aplikasi SIKD", who.name, who.organisation, place.credential, "Tandatangani 3 berkas"):
        assert words in page.text, words
    for number in (1, 2, 3):
        assert f"Surat {number}" in page.text
        assert fingerprint(digest(number).hex()) in page.text
    assert page.text.count("SHA-256") == 3


def test_nothing_is_told_before_the_login(place: AuthorisingHouse) -> None:
    page = place.see(place.opened(place.rar(1)))

    for words in ("Surat 1", place.credential, place.house.credential.signatory.name, fingerprint(digest(1).hex())):
        assert words not in page.text


def test_a_login_of_nobody_costs_the_hsm_what_a_wrong_code_costs(place: AuthorisingHouse) -> None:
    """Comparable timing for unknown and locked: one seed is opened or sealed, whoever it is."""
    worked = place.house.seeds.worked
    costs = []
    for credential in (place.credential, "tidak-ada"):
        path = place.opened(place.new(credentialID=credential))
        before = len(worked)
        place.send(f"{path}/sign-in", place.see(path), code="000000")
        costs.append(len(worked) - before)
        place.browser.cookies.clear()
    for _ in range(12):  # until this login has to wait
        path = place.opened(place.new())
        before = len(worked)
        place.send(f"{path}/sign-in", place.see(path), code="000000")
        costs.append(len(worked) - before)
        place.browser.cookies.clear()
    assert set(costs) == {1}


def test_labels_with_markup_are_shown_as_text(place: AuthorisingHouse) -> None:
    label = "<script>alert(1)</script><b>penting"
    listed = [{"hash": b64(digest(1)), "label": label}]
    _, page = place.asked(place.rar(1, documentDigests=listed))

    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text


def test_page_inside_a_frame_is_refused_by_every_browser(place: AuthorisingHouse) -> None:
    for page in (place.asked(place.new())[1], place.authorize(SERVICE | {"client_id": "tidak-ada"})):
        policy = page.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy
        assert "form-action 'self'" in policy
        assert "script-src 'self'" in policy


@pytest.mark.parametrize("names", ["service", "new"])
def test_refusing_redirects_access_denied_and_the_transaction_is_dead(place: AuthorisingHouse, names: str) -> None:
    path, page = place.asked(SERVICE if names == "service" else place.new())

    told = answer_of(place.send(f"{path}/refuse", page))

    assert (told["error"], told["state"]) == ("access_denied", "keadaan-1")
    form = {"shown": field_of(page, "shown"), "assertion": place.device(page)} if names == "new" else {}
    again = place.send(f"{path}/approve", page, passphrase=PASSPHRASE.reveal(), **form)
    assert (again.status_code, "http-equiv" in again.text) == (410, False)


def test_tampered_form_fields_change_nothing(place: AuthorisingHouse) -> None:
    """Digest, count, credential, address: what is granted is what is stored."""
    path, page = place.asked(place.new(1))
    other = place.house.office.enrolled().id
    lies = {
        "credentialID": other,
        "numSignatures": "9",
        "hashes": "x",
        "redirect_uri": "https://penipu.contoh/",
        "client_id": "lain",
    }

    body = place.exchanged(answer_of(place.approve(path, page, **lies))["code"]).json()

    authorisation = place.services.bearers.of(body["access_token"], None).authorisation
    assert authorisation is not None
    assert (authorisation.credential_id, authorisation.total) == (place.credential, 1)
    assert [each.value for each in authorisation.digests] == [digest(1).hex()]


def test_another_list_than_the_one_shown_is_not_approved(place: AuthorisingHouse) -> None:
    path, page = place.asked(place.new(1))

    answer = place.approve(path, page, shown="0" * 64)

    assert answer.status_code == 422
    assert "http-equiv" not in answer.text


def test_approval_without_csrf_token_or_from_another_session(place: AuthorisingHouse) -> None:
    path, page = place.asked(place.new())
    good = {"passphrase": PASSPHRASE.reveal(), "shown": field_of(page, "shown"), "assertion": place.device(page)}

    assert place.browser.post(f"{path}/approve", data=good).status_code == 403
    assert place.browser.post(f"{path}/approve", data=good | {"csrf": "0" * 64}).status_code == 403
    stolen = good | {"csrf": field_of(page, "csrf")}
    assert place.another_browser().post(f"{path}/approve", data=stolen).status_code == 403
    foreign = place.browser.post(f"{path}/approve", data=stolen, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403
    assert place.another_browser().get(path).status_code == 404


def test_another_login_of_the_same_person_does_not_go_on_with_it(place: AuthorisingHouse) -> None:
    path, _ = place.asked(place.new())
    mine, place.browser = place.browser, place.another_browser()
    _, page = place.asked(SERVICE)  # logged in, in another browser

    answer = place.browser.post(f"{path}/approve", data={"csrf": field_of(page, "csrf")})

    assert answer.status_code == 404
    place.browser = mine
    assert "Tandatangani 1 berkas" in place.see(path).text


def test_approval_after_expiry(place: AuthorisingHouse) -> None:
    path, page = place.asked(place.new())
    place.forward(seconds=300)

    answer = place.approve(path, page)

    assert (answer.status_code, "http-equiv" in answer.text) == (410, False)


def test_approval_twice(place: AuthorisingHouse) -> None:
    path, page = place.asked(place.new())
    first = place.approve(path, page)

    again = place.approve(path, page)

    assert "code" in answer_of(first)
    assert (again.status_code, "http-equiv" in again.text) == (410, False)


def test_the_same_assertion_twice_and_one_of_another_transaction(place: AuthorisingHouse) -> None:
    path, page = place.asked(place.new(1))
    assertion = place.device(page)
    other_path, other = place.asked(place.new(2))

    wrong = place.approve(other_path, other, assertion=assertion)

    assert wrong.status_code == 422
    assert "code" in answer_of(place.approve(path, place.see(path)))


def test_passphrase_alone_and_totp_alone(place: AuthorisingHouse) -> None:
    """And a wrong passphrase says the same as a wrong code."""
    told = set()
    path, page = place.asked(place.new())
    for form in ({"code": ""}, {"code": place.house.code(), "passphrase": ""}):
        answer = place.approve(path, page, **form)
        assert answer.status_code == 422
        told.add(complaint(answer.text))
        page = answer
        place.forward(seconds=30)
    assert len(told) == 1


def test_wrong_passphrase_and_wrong_totp_give_the_same_text(place: AuthorisingHouse) -> None:
    path, page = place.asked(place.new())
    wrong_code = place.approve(path, page, code=place.house.wrong_code().code.reveal())
    place.forward(seconds=30)
    wrong_passphrase = place.approve(path, wrong_code, code=place.house.code(), passphrase="bukan frasa sandi saya")

    assert (wrong_code.status_code, wrong_passphrase.status_code) == (422, 422)
    assert complaint(wrong_code.text) == complaint(wrong_passphrase.text)


def test_wrong_factor_and_the_counter_in_the_database_has_risen(place: AuthorisingHouse) -> None:
    """Of each factor, at this door, though the answer is 4xx."""
    path, page = place.asked(place.new())
    place.approve(path, page, code=place.house.wrong_code().code.reveal(), passphrase="bukan frasa sandi saya")

    counters = {each.kind: each.failures for each in place.house.store.held(place.house.who).counters}
    credential = place.house.office.kept.get(place.credential)
    assert counters[FactorKind.TOTP] == 1
    assert credential is not None
    assert credential.failed_attempts == 1


def test_third_wrong_attempt_ends_the_transaction(place: AuthorisingHouse) -> None:
    """The right factor afterwards does not revive it."""
    path, page = place.asked(place.new())
    for _ in range(2):
        page = place.approve(path, page, code="000000")
        assert page.status_code == 422
    ended = place.approve(path, page, code="000000")
    assert answer_of(ended)["error"] == "access_denied"
    place.forward(seconds=30)

    answer = place.send(
        f"{path}/approve", page, passphrase=PASSPHRASE.reveal(), code=place.house.code(), shown=field_of(page, "shown")
    )

    assert (answer.status_code, "http-equiv" in answer.text) == (410, False)


def test_the_way_back_is_a_page_of_ours_and_nothing_secret_is_in_our_addresses(place: AuthorisingHouse) -> None:
    path, page = place.asked(place.new())

    answer = place.approve(path, page)

    code = answer_of(answer)["code"]
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "location" not in answer.headers
    assert code not in path


def test_a_request_for_digests_is_not_behind_the_pages_of_documents(place: AuthorisingHouse) -> None:
    path, page = place.asked(place.new())
    with place.house.database.transaction() as session:
        request_id = session.scalar(text("SELECT request_id FROM oauth_transactions"))

    for answer in (
        place.see(f"/desk/a/{request_id}"),
        place.send(f"/desk/a/{request_id}/approve", page, passphrase=PASSPHRASE.reveal(), shown="x"),
        place.send(f"/desk/a/{request_id}/refuse", page),
    ):
        assert answer.status_code == 404
    assert "code" in answer_of(place.approve(path, place.see(path)))


def test_consent_is_remembered_until_the_person_withdraws_it(place: AuthorisingHouse) -> None:
    token = place.tokens(SERVICE)
    page = place.see("/desk/applications")
    assert "Aplikasi SIKD" in page.text

    left = place.send("/desk/applications/withdraw", page, client="sikd")

    assert "Aplikasi SIKD" not in left.text
    assert place.opened(SERVICE).startswith("/desk/o/")
    form = {"grant_type": "refresh_token", "refresh_token": token["refresh_token"]}
    assert place.token(form).json()["error"] == "invalid_grant"


def test_the_page_of_applications_needs_a_login_and_a_form_of_ours(place: AuthorisingHouse) -> None:
    assert place.see("/desk/applications").headers["location"] == "/desk/sign-in"
    assert place.browser.post("/desk/applications/withdraw", data={"client": "sikd"}).status_code == 403


def complaint(page: str) -> str:
    found = re.search(r'id="wrong">(.*?)</h2>', page, re.DOTALL)
    assert found is not None
    return found[1]
