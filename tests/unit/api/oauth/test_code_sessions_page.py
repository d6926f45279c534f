"""The page of sessions for codes: what it refuses, then the whole way of an official."""

import re

import pytest
from httpx import Response

from api.esign.build import build_api_credentials
from signer.api_credentials import Terms
from signer.code_model import CodeAsker, SessionEnd
from store.bulk import SqlContacts
from store.code_sessions import SqlCodeSessions
from tests.support.authorising import SERVICE, AuthorisingHouse, options_of
from tests.support.office import PASSPHRASE
from tests.support.signing import counted_bytes

PAGE = "/desk/codes"
USER = "e-office-utama"


def allowed(place: AuthorisingHouse, *, codes: bool = True, mail: bool = True) -> None:
    """An API credential that may have codes, and an official whom mail reaches; logged in."""
    house = place.house
    credentials = build_api_credentials(house.database, now=lambda: house.office.at, random_bytes=counted_bytes())
    credentials.add(USER, "sikd", Terms(codes=codes, description="Surat masuk"), actor="admin")
    if mail:
        SqlContacts(house.database).set(house.who, "ni.contoh@contoh.go.id", actor="test", at=house.office.at)
    place.asked(SERVICE)


def opening(place: AuthorisingHouse, **changed: str) -> Response:
    """The form with a passkey, or what `changed` says."""
    page = place.see(PAGE)
    proof = {} if "code" in changed else {"assertion": place.house.device.get(options_of(page))}
    form = {"application": USER, "documents": "20", "hours": "8", "passphrase": PASSPHRASE.reveal(), **proof}
    return place.send(PAGE, page, **{**form, **changed})


def complaint(page: Response) -> str:
    found = re.search(r'id="wrong">(.*?)</h2>', page.text, re.DOTALL)
    assert found is not None, page.text[-800:]
    return found[1]


def open_now(place: AuthorisingHouse) -> bool:
    asker = CodeAsker(user_name=USER, credential_id=place.credential)
    store = SqlCodeSessions(place.house.database)
    return store.open_for(asker.user_name, asker.credential_id, at=place.house.office.at) is not None


def test_without_a_login_or_a_form_of_ours_nothing_is_opened_or_ended(place: AuthorisingHouse) -> None:
    assert place.see(PAGE).headers["location"] == "/desk/sign-in"
    for path in (PAGE, f"{PAGE}/end"):
        assert place.browser.post(path, data={"application": USER}).status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [
        {"passphrase": "salah sekali ini"},
        {"assertion": "{}"},
        {"assertion": "", "code": "000000"},
        {"assertion": "", "code": ""},
    ],
)
def test_both_factors_are_needed_and_the_page_does_not_say_which_was_wrong(
    place: AuthorisingHouse, wrong: dict[str, str]
) -> None:
    allowed(place)
    answer = opening(place, **wrong)
    assert answer.status_code == 422
    assert "tidak cocok" in complaint(answer)
    assert "salah sekali ini" not in answer.text
    assert not open_now(place)


@pytest.mark.parametrize("wrong", [{"documents": "501"}, {"hours": "25"}, {"hours": "x"}, {"documents": "-1"}])
def test_what_is_out_of_bounds_is_the_form_again(place: AuthorisingHouse, wrong: dict[str, str]) -> None:
    allowed(place)
    answer = opening(place, **wrong)
    assert (answer.status_code, "luar batas" in complaint(answer)) == (422, True)
    assert not open_now(place)


def test_an_application_without_codes_is_not_offered_and_cannot_be_forced(place: AuthorisingHouse) -> None:
    allowed(place, codes=False)
    page = place.see(PAGE)
    assert "Belum ada aplikasi" in page.text
    answer = place.send(PAGE, page, application=USER, documents="1", hours="1", passphrase="x", code="123456")
    assert (answer.status_code, "tidak diizinkan" in complaint(answer)) == (422, True)


def test_who_reads_no_mail_opens_none(place: AuthorisingHouse) -> None:
    allowed(place, mail=False)
    assert "Surel Anda" in complaint(opening(place))


def test_opened_with_a_passkey_seen_and_ended_at_once(place: AuthorisingHouse) -> None:
    allowed(place)
    page = opening(place, documents="7", hours="2")
    assert (page.status_code, "0 dari 7 naskah" in page.text, "Aplikasi SIKD" in page.text) == (200, True, True)
    assert open_now(place)
    session = re.search(r'name="session" value="([0-9a-f]{32})"', page.text)
    assert session is not None
    left = place.send(f"{PAGE}/end", page, session=session[1])
    assert "Anda akhiri" in left.text
    assert not open_now(place)
    again = place.send(f"{PAGE}/end", left, session=session[1])
    assert (again.status_code, "sudah berakhir" in complaint(again)) == (422, True)


def test_opened_with_a_code_of_the_authenticator(place: AuthorisingHouse) -> None:
    allowed(place)
    place.forward(seconds=30)
    page = opening(place, code=place.house.code())
    assert (page.status_code, "0 dari 20 naskah" in page.text) == (200, True), page.text[-900:]


def test_a_session_whose_time_came_is_over_before_any_job_says_so(place: AuthorisingHouse) -> None:
    allowed(place)
    opening(place, hours="1")
    place.forward(minutes=25)
    place.see(PAGE)
    place.forward(minutes=25)
    place.see(PAGE)
    place.forward(minutes=11)
    page = place.see(PAGE)
    assert "habis" in page.text
    assert "Akhiri sekarang" not in page.text
    store, at = SqlCodeSessions(place.house.database), place.house.office.at
    assert store.end_over(at, repeated_since=at) == 1
    (seen,) = store.seen(place.house.who, since=at.replace(year=2000))
    assert seen.session.ended_for is SessionEnd.OVER
    assert store.key(seen.session.id) is None
