"""A receipt that Teken refused: mended in the office, through the death of the office, to one seal for its payment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx
import pytest
from eoffice.compose import Office
from eoffice.errors import Outdated
from eoffice.features.vehicle_tax.intake import take_in
from eoffice.features.vehicle_tax.mending import begin_again, mend
from eoffice.features.vehicle_tax.model import BUNDLE, NAME, RECEIPT, ReceiptState
from eoffice.features.vehicle_tax.payments import Payment
from eoffice.features.vehicle_tax.sealing import Sealing
from eoffice.model import Record
from msgspec.structs import replace
from teken.types import Indication, ItemState

from tests.integration.clients.test_vehicle_tax_live import HEAD, Died, feed, office_at, states, worked
from tests.integration.test_seals_live import seal_made
from tests.support.fresh import in_fresh_process
from tests.support.service import RunningService
from tests.support.waiting import follow

pytestmark = [pytest.mark.hsm, pytest.mark.timeout(240)]

REFERENCE = "PKB-000001"
EXCLUDED = "laporan keuangan"
"""A kind that Teken takes from nobody."""


def test_a_refused_receipt_is_mended_and_sealed_once(
    service: RunningService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, _ = service.client
    seal, _ = in_fresh_process(seal_made, service.directory, client, "127.0.0.0/8", 20)
    calls: list[tuple[str, str]] = []
    with office_at(service, seal, tmp_path / "office") as office:
        take_in(office, feed(3), agency_id="bapenda", owner_id=HEAD.id)
        add = office.teken.batches.add
        with monkeypatch.context() as wrong:
            wrong.setattr(office.teken.batches, "add", noting(calls, add, kind=EXCLUDED))
            follow(lambda: worked(office), lambda phases: set(phases) == {"done"})
        assert states(office, RECEIPT) == {"sealed": 2, "refused": 1}
        refused = receipt_of(office)
        assert "jenis surat ini tidak ditandatangani secara elektronik" in refused.data["problem"]

        row = {**asdict(Payment.of_data(refused.data["payment"])), "owner": "Ni Luh Benar", "principal": "2000000"}
        said = {name: str(value) for name, value in row.items()}
        with ThreadPoolExecutor(4) as clicks:
            assert sum(clicks.map(lambda _: mends(office, refused, said), range(8))) == 1
        (first,) = {batch for batch, _ in calls}
        office.teken.batches.retry(first)  # a worker that is late: what it knew as failed is over for good
        begin_again(office)
        with monkeypatch.context() as dying:  # Teken has it, and the office never heard
            dying.setattr(office.teken.batches, "add", noting(calls, add, dies=True))
            with pytest.raises(Died):
                Sealing(office).step()

    with office_at(service, seal, tmp_path / "office") as office:
        monkeypatch.setattr(office.teken.batches, "add", noting(calls, office.teken.batches.add))
        follow(lambda: worked(office), lambda phases: set(phases) == {"done"})
        assert states(office, RECEIPT) == {"sealed": 3}
        begin_again(office)
        assert states(office, BUNDLE) == {"done": 1}, "and that is all"
        receipt = receipt_of(office)
        require_one_seal(office, receipt, {batch for batch, _ in calls})
        of_the_receipt = [key for _, key in calls if key.startswith(receipt.id)]
        assert len(set(of_the_receipt)) == 2, "a key for each turn, the first one never again"
        assert of_the_receipt[0] not in of_the_receipt[1:]


def noting(
    calls: list[tuple[str, str]], add: Callable[..., Any], *, kind: str | None = None, dies: bool = False
) -> Callable[..., Any]:
    """Adds to a batch, and notes to which and under which key; the receipt of this test under another kind, or as the
    last act of the office."""

    def adding(batch: str, pdf: bytes, letter: Any, *, key: str) -> Any:
        calls.append((batch, key))
        of_this_test = letter.number == REFERENCE
        answer = add(batch, pdf, replace(letter, kind=kind) if kind and of_this_test else letter, key=key)
        if dies:
            raise Died
        return answer

    return adding


def mends(office: Office, receipt: Record, row: dict[str, str]) -> bool:
    """Whether this click was the one that did it."""
    try:
        changed = mend(office, HEAD, receipt, row, version=receipt.version)
    except Outdated:
        return False
    return changed.state == ReceiptState.MENDED


def receipt_of(office: Office) -> Record:
    found = office.records.by_key(NAME, RECEIPT, f"bapenda/{REFERENCE}")
    assert found is not None
    return found


def require_one_seal(office: Office, receipt: Record, batches: set[str]) -> None:
    """Of all that Teken has of the payment, one is sealed: what the office keeps, and what everybody verifies."""
    items = [item for batch in batches for item in office.teken.batches.documents(batch)]
    of_it = {each.state: each.code for each in items if each.external_id == receipt.id}
    assert of_it == {ItemState.CANCELLED: None, ItemState.FINISHED: receipt.data["code"]}
    assert (len(batches), len(items)) == (2, 4)
    report = office.teken.verifications.upload(office.files.read(receipt.data["sha256"]))
    assert (report.indication, report.signatures[0].is_seal) == (Indication.TOTAL_PASSED, True)
    assert REFERENCE in httpx.get(office.teken.signatures.get(receipt.data["code"]).links.page).text
