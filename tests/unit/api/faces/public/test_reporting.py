"""The form in which a reader reports a suspicious document."""

from collections.abc import Iterator

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from signer.errors import FakeReportRefused
from tests.browser.server import ReportsInMemory, application

ODD = {"code": "ABCDE 23456", "place": "papan pengumuman", "text": "Nomor suratnya dua kali dipakai."}


@pytest.fixture
def reports() -> ReportsInMemory:
    return ReportsInMemory()


@pytest.fixture
def client(reports: ReportsInMemory) -> Iterator[TestClient[Litestar]]:
    with TestClient(application(reports=reports)) as client:
        client.follow_redirects = False
        yield client


@pytest.mark.parametrize(
    ("refused", "status", "said"),
    [
        (
            FakeReportRefused("no", field="text", reason="empty"),
            422,
            "Tulis kode dokumennya, atau apa yang mencurigakan.",
        ),
        (FakeReportRefused("no", field="place", reason="too-long"), 422, "Terlalu panjang; singkatkan."),
        (FakeReportRefused("no", field="text", reason="too-many"), 429, "Hari ini sudah terlalu banyak laporan."),
    ],
)
def test_a_refusal_shows_the_form_again_with_what_was_written_and_leads_to_the_field(
    client: TestClient[Litestar], reports: ReportsInMemory, refused: FakeReportRefused, status: int, said: str
) -> None:
    reports.refuse = refused
    answer = client.post("/report-fake", data=ODD)
    assert answer.status_code == status
    assert f'<a href="#{refused.field}">{said}' in answer.text
    assert ODD["text"] in answer.text
    assert answer.text.count('aria-invalid="true"') == 1


def test_another_site_cannot_have_its_visitors_report(client: TestClient[Litestar], reports: ReportsInMemory) -> None:
    for site in ("cross-site", "same-site"):
        assert client.post("/report-fake", data=ODD, headers={"sec-fetch-site": site}).status_code == 400
    assert reports.taken == []


@pytest.mark.parametrize("content", [b"text=" + b"x" * 20_000, b"\xff" * 100, b"text=a&text=b", b""])
def test_broken_forms_are_refused_or_asked_again(client: TestClient[Litestar], content: bytes) -> None:
    answer = client.post("/report-fake", content=content, headers={"content-type": "application/x-www-form-urlencoded"})
    assert answer.status_code in (303, 400, 413, 422)


def test_a_report_is_taken_in_and_its_number_told_on_a_page_of_its_own(
    client: TestClient[Litestar], reports: ReportsInMemory
) -> None:
    answer = client.post("/report-fake", data=ODD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/report-fake/ABCDE23456")
    assert [each.text for each in reports.taken] == [ODD["text"]]
    thanks = client.get(answer.headers["location"])
    assert thanks.status_code == 200
    assert "ABCDE 23456" in thanks.text
    assert thanks.headers["x-robots-tag"] == "noindex, nofollow"


@pytest.mark.parametrize("path", ["x", "ABCDE2345", "abcde23456", "ABCDE2345%3Cb%3E", "AAAAAAAAAA0"])
def test_what_can_be_no_number_of_a_report_is_not_repeated(client: TestClient[Litestar], path: str) -> None:
    assert client.get(f"/report-fake/{path}").status_code == 404


def test_a_code_that_was_handed_on_stands_in_the_form_escaped_and_cut(client: TestClient[Litestar]) -> None:
    form = client.get("/report-fake", params={"code": '"><script>x' + "A" * 200}).text
    assert "<script>x" not in form
    assert f'value="&#34;&gt;&lt;script&gt;x{"A" * 93}"' in form


def test_every_page_leads_to_the_form(client: TestClient[Litestar]) -> None:
    for path in ("/", "/scan", "/v/nonsense"):
        assert 'href="/report-fake' in client.get(path).text
