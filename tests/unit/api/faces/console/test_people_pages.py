"""Officials at the console: who sees what, who may do what, and what the pages say when it does not work."""

import re
from dataclasses import replace

import pytest

from signer.people import CertificateQuery, OfficialQuery, Role, StatusWord
from store.database import Database
from tests.support.console import ConsoleHouse, console_house
from tests.support.office import PASSPHRASE

ADMINISTRATOR, REGISTRAR, APPROVER, AUDITOR, CUSTODIAN = Role
LINK = re.compile(r"/enrol/([A-Za-z0-9_-]{43})")
LISTS = (
    "/console/officials",
    "/console/certificates",
    "/console/approvals",
    "/console/registrations",
    "/console/imports",
    "/console/seals",
)


def status(house: ConsoleHouse) -> StatusWord:
    office = house.office
    return office.people.office.search(office.caller(REGISTRAR), OfficialQuery())[0].status


def test_nobody_without_a_login_sees_any_of_it(house: ConsoleHouse) -> None:
    with house.browser() as nobody:
        for path in (*LISTS, "/console/officials/new", "/console/officials/x", "/console/approvals/x"):
            answer = nobody.get(path)
            assert answer.status_code == 303
            assert answer.headers["location"].startswith("/console/sign-in")


@pytest.mark.parametrize("role", [AUDITOR, CUSTODIAN])
def test_roles_that_have_no_part_in_it_are_refused(house: ConsoleHouse, role: Role) -> None:
    with house.logged_in(role) as somebody:
        for path in (*LISTS, "/console/officials/new", "/console/officials/x", "/console/approvals/x"):
            assert somebody.get(path).status_code == 403, path


def test_forms_of_other_sites_change_nothing(house: ConsoleHouse) -> None:
    who = house.office.enrolled().signatory.id
    with house.logged_in(REGISTRAR, confirmed=True) as registrar:
        for path in (
            "suspend",
            "hold",
            "release",
            "lost-passphrase",
            "factor-reset",
            "contact",
            "appointments",
            "transfer",
            "renewal",
        ):
            answer = registrar.post(f"/console/officials/{who}/{path}", csrf="0" * 64)
            assert answer.status_code == 403, path
        for path in ("/console/officials/new", "/console/registrations/links", "/console/revocations"):
            assert registrar.post(path, csrf="0" * 64).status_code == 403
    assert status(house) is StatusWord.ISSUE


def test_an_official_is_registered_approved_and_gets_a_link(house: ConsoleHouse) -> None:
    with (
        house.logged_in(REGISTRAR, confirmed=True) as registrar,
        house.logged_in(APPROVER, confirmed=True) as other,
    ):
        registrar.get("/console/officials/new")
        made = registrar.post(
            "/console/officials/new", name="Ni Luh Contoh", unit="Dinas Contoh", email="a@example.org"
        )
        assert made.status_code == 303
        page = registrar.get(made.headers["location"]).text
        assert "Menunggu persetujuan" in page
        assert "a@example.org" in page
        approval = re.search(r"/console/approvals/[0-9a-f]{32}", page)
        assert approval is not None
        assert "Keputusan Anda" not in registrar.get(approval[0]).text, "nobody decides on an own proposal"
        asked = other.get(approval[0]).text
        assert "Ni Luh Contoh" in asked
        assert "a@example.org" not in other.get(made.headers["location"]).text, "an approver needs no address"
        other.get(approval[0])
        assert other.post(f"{approval[0]}/decision", decision="approve").status_code == 303
        registrar.get("/console/registrations")
        chosen = re.search(r'name="chosen" value="([0-9a-f]{32})"', registrar.page)
        assert chosen is not None
        handed = registrar.post("/console/registrations/links", chosen=chosen[1]).text
        link = LINK.search(handed)
        assert '<svg xmlns="http://www.w3.org/2000/svg"' in handed, "to be scanned from paper"
        assert link is not None
        assert LINK.search(registrar.get("/console/registrations").text) is None
    house.office.people.registrations.complete(link[1], PASSPHRASE)
    assert status(house) is StatusWord.ISSUE


def test_links_are_made_only_for_who_has_just_shown_who_they_are(house: ConsoleHouse) -> None:
    waiting = house.office.approved(house.office.proposed())
    with house.logged_in(REGISTRAR) as registrar:
        assert "Buat tautan untuk yang dipilih" not in registrar.get("/console/registrations").text
        answer = registrar.post("/console/registrations/links", chosen=waiting.id)
        assert answer.headers["location"].startswith("/console/confirm")
    assert house.office.people.office.links(house.office.caller(REGISTRAR), [waiting.id]) == {}


def test_two_of_one_name_are_asked_about(house: ConsoleHouse) -> None:
    with house.logged_in(REGISTRAR) as registrar:
        registrar.get("/console/officials/new")
        sent = {"name": "Ni Luh Contoh", "unit": "Dinas Contoh"}
        assert registrar.post("/console/officials/new", **sent).status_code == 303
        again = registrar.post("/console/officials/new", **sent)
        assert again.status_code == 422
        assert "Sudah terdaftar" in again.text
        assert registrar.post("/console/officials/new", **sent, another="1").status_code == 303


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"name": ""}, "Nama lengkap wajib diisi."),
        ({"name": "x" * 65}, "Terlalu panjang"),
        ({"name": "5171000000000001"}, "NIK atau NIP tidak boleh"),
        ({"name": "Ni Luh Contoh", "nik": "123"}, "NIK terdiri atas 16 angka"),
        ({"name": "Ni Luh Contoh", "surname": "Lain"}, "bagian akhir"),
    ],
)
def test_what_no_certificate_takes_is_said_at_its_field(house: ConsoleHouse, sent: dict[str, str], said: str) -> None:
    with house.logged_in(REGISTRAR) as registrar:
        registrar.get("/console/officials/new")
        answer = registrar.post("/console/officials/new", **sent)
        assert answer.status_code == 422
        assert said in answer.text


def test_suspended_resumed_and_told_why_not_twice(house: ConsoleHouse) -> None:
    who = house.office.enrolled().signatory.id
    with house.logged_in(REGISTRAR) as registrar:
        registrar.get(f"/console/officials/{who}")
        assert registrar.post(f"/console/officials/{who}/suspend").status_code == 303
        assert status(house) is StatusWord.SUSPEND
        assert registrar.post(f"/console/officials/{who}/suspend").status_code in (303, 422)
        assert registrar.post(f"/console/officials/{who}/resume").status_code == 303
    assert status(house) is StatusWord.ISSUE


def test_a_list_is_searched_filtered_and_taken_home(house: ConsoleHouse) -> None:
    house.office.enrolled()
    with house.logged_in(APPROVER) as approver:
        assert "I Wayan Contoh" in approver.get("/console/officials", name="wayan").text
        assert "Tidak ada yang cocok" in approver.get("/console/officials", name="ketut").text
        assert "I Wayan Contoh" in approver.get("/console/officials", status="ISSUE").text
        assert "I Wayan Contoh" not in approver.get("/console/officials", status="REVOKE").text
        assert approver.get("/console/officials", status="nonsense").status_code == 404
        assert approver.get("/console/officials", cursor="nonsense").status_code == 404
        file = approver.get("/console/officials", format="csv")
        assert file.content.startswith(b"\xef\xbb\xbf")
        assert "I Wayan Contoh" in file.text
        assert "I Wayan Contoh" in approver.get("/console/certificates", format="csv").text
        for query in ({"status": "ISSUE"}, {"ending": "90"}, {"serial": "zz"}, {"serial": "1"}, {"kind": "seal"}):
            assert approver.get("/console/certificates", **query).status_code == 200, query
        for query in ({"ending": "8"}, {"kind": "x"}, {"cursor": "WyIxIiwiMiJd"}, {"status": "x"}):
            assert approver.get("/console/certificates", **query).status_code == 404, query


def test_pages_go_on_where_the_last_one_ended(house: ConsoleHouse) -> None:
    office = house.office
    for _ in range(51):
        office.proposed()
    with house.logged_in(REGISTRAR) as registrar:
        for path in ("/console/officials", "/console/registrations", "/console/approvals"):
            first = registrar.get(path).text
            following = re.search(r'href="([^"]+)" rel="next"', first)
            assert following is not None, path
            second = registrar.get(following[1].replace("&amp;", "&")).text
            assert "I Wayan Contoh" in second
            assert 'rel="next"' not in second


def test_four_eyes_end_a_certificate(house: ConsoleHouse) -> None:
    credential = house.office.enrolled()
    who, serial = credential.signatory.id, f"{credential.certificate.serial_number:x}"
    path = f"/console/certificates/{serial}/revocation"
    with (
        house.logged_in(REGISTRAR, confirmed=True) as registrar,
        house.logged_in(APPROVER, confirmed=True) as other,
    ):
        assert registrar.get(path).status_code == 200
        assert registrar.post(path).status_code == 422, "without a reason"
        proposed = registrar.post(path, reason="cessationOfOperation", way="propose")
        approval = proposed.headers["location"]
        assert registrar.post(path, reason="cessationOfOperation").headers["location"] == approval, "asked for once"
        assert status(house) is StatusWord.ISSUE
        assert registrar.post(f"{approval}/act").status_code == 422, "nobody has approved it"
        page = other.get(approval).text
        assert "I Wayan Contoh" in page
        assert "Tidak bertugas lagi" in page
        assert other.post(f"{approval}/decision", decision="approve", note="Sudah dicek.").status_code == 303
        assert other.post(f"{approval}/act").status_code == 403
        assert status(house) is StatusWord.ISSUE
        assert "Sudah dicek." in registrar.get(approval).text
        assert registrar.post(f"{approval}/act").headers["location"] == approval
        assert status(house) is StatusWord.REVOKE
        assert "Dicabut" in registrar.get(f"/console/officials/{who}").text
        assert registrar.post(f"{approval}/act").status_code == 422, "spent"


def test_a_hold_is_put_where_it_is_allowed_and_released_with_a_second_person(
    house: ConsoleHouse, database: Database
) -> None:
    office, approver = house.office, house.office.caller(APPROVER)
    credential = office.enrolled()
    path, serial = f"/console/officials/{credential.signatory.id}", credential.certificate.serial_number
    settings = house.office.settings
    with house.logged_in(REGISTRAR, confirmed=True) as registrar:
        assert f"{path}/hold" not in registrar.get(path).text, "the settings of the house allow none"
        office.holds.allowed = False
        assert registrar.post(f"{path}/hold").status_code == 422
    allowed = replace(settings, pki=replace(settings.pki, allow_hold=True))
    office.holds.allowed = True
    house = console_house(office, database, adjust=lambda same: replace(same, settings=allowed))
    with house.logged_in(REGISTRAR) as registrar:
        assert f'action="{path}/hold"' not in registrar.get(path).text, "first their factors"
        assert registrar.post(f"{path}/hold").headers["location"].startswith("/console/confirm")
    with house.logged_in(REGISTRAR, confirmed=True) as registrar, house.logged_in(ADMINISTRATOR) as other:
        assert f'action="{path}/hold"' in registrar.get(path).text
        assert registrar.post(f"{path}/hold").status_code == 303
        assert "Ditahan di CRL dan OCSP" in registrar.get(path).text
        assert f"{path}/release" not in other.get(path).text
        for _ in range(2):  # asked for once, however often the button is pressed
            registrar.get(path)
            assert registrar.post(f"{path}/release").status_code == 303
        [asked] = office.people.office.waiting_approvals(approver)
        office.people.office.decide(approver, asked.id, approve=True)
        registrar.get(f"/console/approvals/{asked.id}")
        assert registrar.post(f"/console/approvals/{asked.id}/act").status_code == 303
        assert "Ditahan di CRL dan OCSP" not in registrar.get(path).text
    assert office.holds.acts == [("hold", serial), ("release", serial)]


def test_a_lost_key_ends_at_once_and_nothing_else_does(house: ConsoleHouse) -> None:
    credential = house.office.enrolled()
    path = f"/console/certificates/{credential.certificate.serial_number:x}/revocation"
    with house.logged_in(REGISTRAR, confirmed=True) as registrar:
        registrar.get(path)
        assert registrar.post(path, reason="superseded", way="now").status_code == 422
        assert registrar.post(path, reason="keyCompromise", way="now", since="kemarin").status_code == 422
        assert registrar.post(path, reason="keyCompromise", way="now", since="2999-01-01T00:00").status_code == 422
        assert status(house) is StatusWord.ISSUE
        assert registrar.post(path, reason="keyCompromise", way="now").status_code == 303
    assert status(house) is StatusWord.REVOKE


def test_a_reason_that_a_role_may_not_give_is_not_taken(house: ConsoleHouse) -> None:
    credential = house.office.enrolled()
    path = f"/console/certificates/{credential.certificate.serial_number:x}/revocation"
    with house.logged_in(ADMINISTRATOR, confirmed=True) as administrator:
        assert "superseded" not in administrator.get(path).text
        assert administrator.post(path, reason="superseded").status_code == 422
    with house.logged_in(REGISTRAR) as registrar:
        assert registrar.get(path).headers["location"].startswith("/console/confirm")
        assert registrar.get("/console/certificates/zz/revocation").status_code in (303, 404)
    with house.logged_in(APPROVER, confirmed=True) as approver:
        assert approver.get(path).status_code == 403


def test_several_are_proposed_together(house: ConsoleHouse) -> None:
    office = house.office
    serials = [f"{office.enrolled().certificate.serial_number:x}" for _ in range(2)]
    with house.logged_in(REGISTRAR, confirmed=True) as registrar:
        page = registrar.http.get("/console/revocations", params={"chosen": serials}).text
        assert all(serial in page for serial in serials)
        registrar.page = page
        sent = {"csrf": registrar.csrf, "reason": "superseded", "chosen": serials}
        proposed = registrar.http.post("/console/revocations", data=sent, follow_redirects=False)
        assert "Mencabut 2 sertifikat" in registrar.get(proposed.headers["location"]).text
        assert registrar.post("/console/revocations", reason="superseded").status_code == 422
        assert registrar.get("/console/revocations").status_code == 404
    assert len(office.people.office.certificates(office.caller(REGISTRAR), CertificateQuery())) == 2


def test_factors_are_reset_with_a_second_person_and_the_link_is_shown_once(house: ConsoleHouse) -> None:
    who = house.office.enrolled().signatory.id
    with (
        house.logged_in(REGISTRAR, confirmed=True) as registrar,
        house.logged_in(APPROVER, confirmed=True) as other,
    ):
        page = registrar.get(f"/console/officials/{who}").text
        assert "Ajukan faktor pertama" in page
        for _ in range(2):
            assert registrar.post(f"/console/officials/{who}/first-factor").status_code == 303
        approvals = set(re.findall(r"/console/approvals/[0-9a-f]{32}", other.get("/console/approvals").text))
        assert len(approvals) == 1, "asked for once"
        approval = approvals.pop()
        other.get(approval)
        other.post(f"{approval}/decision", decision="approve")
        registrar.get(approval)
        assert "/desk/link/" in registrar.post(f"{approval}/act").text
        assert registrar.post(f"{approval}/act").status_code == 422


def test_contacts_and_appointments_are_noted_and_withdrawn(house: ConsoleHouse) -> None:
    who = house.office.enrolled().signatory.id
    path = f"/console/officials/{who}"
    with house.logged_in(REGISTRAR) as registrar:
        registrar.get(path)
        assert registrar.post(f"{path}/contact", email="bukan surel").status_code == 422
        assert registrar.post(f"{path}/contact", email="wayan@example.org").status_code == 303
        assert "wayan@example.org" in registrar.get(path).text
        assert registrar.post(f"{path}/contact", email="").status_code == 303
        assert "wayan@example.org" not in registrar.get(path).text
        acting = {"form": "plh", "office": "Kepala Dinas Contoh", "starts": "2026-11-20", "ends": "2026-12-01"}
        for wrong in ({"starts": "besok"}, {"form": "x"}, {"ends": "2026-11-01"}, {"office": "1" * 18}):
            assert registrar.post(f"{path}/appointments", **acting | wrong).status_code == 422, wrong
        for _ in range(2):
            assert registrar.post(f"{path}/appointments", **acting).status_code == 303
        page = registrar.get(path).text
        assert page.count('name="appointment"') == 1, "sent twice, written once"
        assert "Kepala Dinas Contoh" in page
        appointment = re.search(r'name="appointment" value="([0-9a-f]+)"', page)
        assert appointment is not None
        assert registrar.post(f"{path}/appointments/withdrawal", appointment=appointment[1]).status_code == 303
        assert "Kepala Dinas Contoh" not in registrar.get(path).text
