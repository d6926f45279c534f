"""A file of officials at the console: checked, kept, proposed, taken in; what is wrong is named."""

import re

import pytest
from httpx import Response

from signer.people import Role
from tests.support.console import ConsoleHouse, Person

REGISTRAR, APPROVER = Role.REGISTRAR, Role.APPROVER
GOOD = "nama,unit_kerja\n" + "".join(f"Pejabat Contoh {'ABCDE'[n]},Dinas Contoh\n" for n in range(5))


def sent(person: Person, content: str, *, way: str = "keep", csrf: str | None = None) -> Response:
    person.get("/console/imports")
    data = {"csrf": person.csrf if csrf is None else csrf, "way": way}
    files = {"file": ("pejabat.csv", content.encode(), "text/csv")}
    return person.http.post("/console/imports", data=data, files=files, follow_redirects=False)


def test_every_bad_cell_is_named_and_nothing_is_kept(house: ConsoleHouse) -> None:
    with house.logged_in(REGISTRAR) as registrar:
        answer = sent(registrar, "nama,surel\nPejabat Contoh,bukan surel\n,a@example.org\n")
        assert answer.status_code == 422
        assert "2 kesalahan" in answer.text
        assert "surel" in answer.text
        assert "Belum ada berkas" in registrar.get("/console/imports").text


@pytest.mark.parametrize("content", ["nama,nik\nPejabat Contoh,1\n", "aneh\nx\n", ""])
def test_what_is_no_file_of_officials_is_refused(house: ConsoleHouse, content: str) -> None:
    with house.logged_in(REGISTRAR) as registrar:
        assert sent(registrar, content).status_code == 422
        assert sent(registrar, content, way="check").status_code == 422


def test_a_check_alone_keeps_nothing(house: ConsoleHouse) -> None:
    with house.logged_in(REGISTRAR) as registrar:
        answer = sent(registrar, GOOD, way="check")
        assert answer.status_code == 200
        assert "Tidak ada kesalahan" in answer.text
        assert "Belum ada berkas" in registrar.get("/console/imports").text


def test_only_registrars_send_files_and_only_from_this_page(house: ConsoleHouse) -> None:
    with house.logged_in(APPROVER) as approver:
        assert sent(approver, GOOD).status_code == 403
    with house.logged_in(REGISTRAR) as registrar:
        assert sent(registrar, GOOD, csrf="0" * 64).status_code == 403
        assert registrar.get("/console/imports/unknown").status_code == 404
        assert registrar.post("/console/imports/unknown/proposal").status_code == 404


def test_a_file_is_approved_whole_and_each_row_is_taken_once(house: ConsoleHouse) -> None:
    with house.logged_in(REGISTRAR) as registrar, house.logged_in(APPROVER, confirmed=True) as approver:
        place = sent(registrar, GOOD).headers["location"]
        assert sent(registrar, GOOD).headers["location"] == place, "the same file is the same import"
        assert "belum diajukan" in registrar.get(place).text
        assert registrar.post(f"{place}/run").status_code == 422, "nobody approved it"
        for _ in range(2):
            registrar.get(place)
            assert registrar.post(f"{place}/proposal").status_code == 303
        approvals = set(re.findall(r"/console/approvals/[0-9a-f]{32}", approver.get("/console/approvals").text))
        assert len(approvals) == 1, "asked for once"
        assert "Pejabat Contoh C" in approver.get(place).text
        approval = approvals.pop()
        assert "5 baris" in approver.get(approval).text
        assert approver.post(f"{approval}/decision", decision="approve").status_code == 303
        registrar.get(place)
        for _ in range(2):
            assert registrar.post(f"{place}/run").status_code == 303
        assert "Selesai" in registrar.get(place).text
        assert "registered" in registrar.get(place, format="csv").text
    found = house.office.people.office.open_registrations(house.office.caller(REGISTRAR))
    assert sorted(each.signatory.name for each in found) == [f"Pejabat Contoh {letter}" for letter in "ABCDE"]
