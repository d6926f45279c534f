"""A receipt that was refused is mended by staff: once, with its history, and sealed in a turn of its own."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from eoffice.compose import Office
from eoffice.errors import Outdated, Refused
from eoffice.features.vehicle_tax import mending
from eoffice.features.vehicle_tax.mending import begin_again, mend
from eoffice.features.vehicle_tax.model import BUNDLE, NAME, RECEIPT, Bundle, Phase, ReceiptState
from eoffice.features.vehicle_tax.sealing import Sealing
from eoffice.model import Record

from tests.unit.eoffice.conftest import DRAFTER, NOON
from tests.unit.eoffice.test_payments import ROW, csv_of
from tests.unit.eoffice.test_vehicle_tax_pages import Browser, browser, log_in, office, send

__all__ = ["browser", "office"]  # fixtures
RIGHT = {**ROW, "owner": "Ni Luh Benar", "principal": "2000000"}


@pytest.fixture
def refused(office: Office, browser: Browser) -> Record:
    """One of two receipts of a bundle that is done with; the other one is sealed."""
    log_in(browser, "gede")
    send(browser, csv_of(ROW, {**ROW, "reference": "PKB-2"}))
    (bundle,) = office.records.listed(NAME, BUNDLE)
    other, wrong = sorted(
        office.records.listed(NAME, RECEIPT), key=lambda each: each.key == f"dinas/{ROW['reference']}"
    )
    sealed = {**other.data, "code": "code", "sha256": office.files.keep(b"%PDF-")}
    office.records.change(other.id, version=0, state=ReceiptState.SEALED, data=sealed, at=NOON)
    over = replace(Bundle.of(bundle), batch="batch-of-old", sealed=1, refused=1)
    office.records.change(bundle.id, version=0, state=Phase.DONE, data=over.as_data(), at=NOON)
    said = {**wrong.data, "problem": "Nama salah. · The name is wrong."}
    return office.records.change(wrong.id, version=0, state=ReceiptState.REFUSED, data=said, at=NOON)


def test_staff_mends_a_row_from_the_page_of_its_feed(office: Office, browser: Browser, refused: Record) -> None:
    here = f"/vehicle-tax/receipts/{refused.id}"
    (bundle,) = office.records.listed(NAME, BUNDLE)
    feed = f"/vehicle-tax/feeds/{bundle.data['feed']}"
    assert (here in browser.get(feed).text, "Nama salah." in browser.get(feed).text) == (True, True)
    assert f'value="{ROW["owner"]}"' in browser.get(here).text
    form = {**RIGHT, "version": str(refused.version)}
    for field, wrong in (("plate", "?"), ("principal", "1.000"), ("paid_on", "2027-01-01"), ("owner", " ")):
        answer = browser.post(f"{here}/mend", data={**form, field: wrong, "channel": "Loket baru"})
        assert (answer.status_code, f"#field-{field}" in answer.text, "Loket baru" in answer.text) == (422, True, True)
    assert browser.post(f"{here}/mend", data={**form, "version": "0"}).status_code == 422
    log_in(browser, "wayan")
    assert browser.post(f"{here}/mend", data=form).status_code == 404
    assert office.records.get(refused.id) == refused

    log_in(browser, "gede")
    with ThreadPoolExecutor(4) as clicks:
        answers = list(clicks.map(lambda _: tried(office, refused), range(8)))
    assert answers.count("mended") == 1, answers
    assert "Diperbaiki" in browser.post(f"{here}/mend", data=form).text, "the second click is told what the first did"
    later = {**form, "owner": "Orang lain"}
    assert browser.post(f"{here}/mend", data=later).status_code == 422
    mended = office.records.get(refused.id)
    assert (mended.state, mended.version) == (ReceiptState.MENDED, refused.version + 1)
    assert (mended.data["payment"]["owner"], mended.data["payment"]["principal"]) == ("Ni Luh Benar", 2_000_000)
    assert mended.data["payment"]["reference"] == ROW["reference"]
    (before,) = mended.data["mends"]
    assert (before["by"], before["payment"], before["problem"]) == (
        "gede",
        refused.data["payment"],
        refused.data["problem"],
    )
    assert "I Gede Contoh" in browser.get(here).text
    known = send(browser, csv_of(ROW, RIGHT, {**ROW, "reference": "PKB-3"}))[2]
    assert "sudah ada dengan isi lain" in known, "two rows of one file never say two things"
    assert "Baris yang salah" not in send(browser, csv_of(ROW, {**ROW, "reference": "PKB-4"}))[2], "as it was before"
    assert "cabut bukti itu" in send(browser, csv_of({**ROW, "owner": "Orang lain"}))[2]


def tried(office: Office, receipt: Record) -> str:
    try:
        changed = mend(office, DRAFTER, receipt, RIGHT, version=receipt.version)
    except Outdated:
        return "outdated"
    return "mended" if changed.version == receipt.version + 1 else "known"


def test_its_bundle_has_one_more_turn_and_late_workers_decide_nothing(office: Office, refused: Record) -> None:
    begin_again(office)
    assert bundle_of(office, refused)[0] is Phase.DONE, "nothing was mended"
    mend(office, DRAFTER, refused, RIGHT, version=refused.version)
    with ThreadPoolExecutor(4) as workers:
        list(workers.map(lambda _: begin_again(office), range(8)))
    phase, bundle = bundle_of(office, refused)
    assert (phase, bundle.round, bundle.batch, bundle.refused, bundle.sealed) == (Phase.WAITING, 1, None, 0, 1)
    waiting = office.records.get(refused.id)
    assert (waiting.state, waiting.data["turn"]) == (ReceiptState.WAITING, 1)
    Sealing(office)._refuse(waiting, 0, "known to a worker of the first turn, which slept")
    assert office.records.get(refused.id) == waiting
    Sealing(office)._refuse(waiting, 1, "once more")
    again = office.records.get(refused.id)
    assert again.state == ReceiptState.REFUSED
    mend(office, DRAFTER, again, ROW, version=again.version)
    begin_again(office)
    assert bundle_of(office, refused)[1].round == 1, "it is under way; the next turn comes after it"
    assert office.records.get(refused.id).state == ReceiptState.MENDED


def test_a_receipt_is_mended_so_many_times(office: Office, refused: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mending, "MOST_MENDS", 1)
    mended = mend(office, DRAFTER, refused, RIGHT, version=refused.version)
    again = office.records.change(mended.id, version=mended.version, state=ReceiptState.REFUSED, at=NOON)
    with pytest.raises(Refused, match="1 times"):
        mend(office, DRAFTER, again, RIGHT, version=again.version)


def bundle_of(office: Office, receipt: Record) -> tuple[Phase, Bundle]:
    record = office.records.get(receipt.data["bundle"])
    return Phase(record.state), Bundle.of(record)
