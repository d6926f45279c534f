"""Receipts of vehicle tax, sealed in bulk: a feed through deaths of the office and of the service, to the citizen."""

import csv
import io
import secrets
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import teken
from eoffice.app import create_app
from eoffice.compose import Office, compose
from eoffice.features.vehicle_tax.model import BUNDLE, NAME, RECEIPT, Phase, ReceiptState
from eoffice.features.vehicle_tax.payments import COLUMNS
from eoffice.features.vehicle_tax.sealing import Sealing, seal
from eoffice.features.vehicle_tax.tokens import new_token
from eoffice.features.vehicle_tax.withdrawing import ask_to_withdraw
from eoffice.model import Agency, Person, Role
from eoffice.settings import Settings, TekenSettings
from litestar.testing import TestClient
from teken.types import BatchState, Indication, StandingWord

from api.authority import build_authority
from api.batches.build import build_seals
from api.first_start import settings_in
from api.given import utc_now
from api.hsm import open_hsm
from api.stores import open_stores
from tests.integration.test_seals_live import seal_made
from tests.support.fresh import in_fresh_process
from tests.support.service import RunningService, copied, start_service
from tests.support.waiting import follow

pytestmark = [pytest.mark.hsm, pytest.mark.timeout(300)]

PAYMENTS = 40
IN_A_BUNDLE = 15
HEAD = Person(
    id="luh", name="Ni Luh Contoh", office="Kepala", agency_id="bapenda", roles=frozenset({Role.STAFF, Role.LEADER})
)


class Died(BaseException):
    """What no handler catches."""


def feed(count: int, *, prefix: str = "PKB") -> bytes:
    rows = io.StringIO()
    writer = csv.writer(rows)
    writer.writerow(COLUMNS)
    for number in range(count):
        plate = f"DK {number + 1} AB"
        amounts = (1_000_000 + number, 660_000, 35_000, 0)
        paid = ("2026-01-02", plate, "I Gede Contoh", "Contoh 150", "2027-01-02")
        writer.writerow((f"{prefix}-{number:06d}", *paid, *amounts, "Bank Contoh"))
    return rows.getvalue().encode()


@contextmanager
def office_at(service: RunningService, credential: str, folder: Path) -> Iterator[Office]:
    client, secret = service.client
    folder.mkdir(exist_ok=True)
    (folder / "secret").write_text(secret)
    house = TekenSettings(url=service.url, client=client, secret_file=folder / "secret")
    with compose(Settings(folder=folder, teken=house), now=CLOCK) as office:
        office.people.put_agency(
            Agency(id="bapenda", name="Badan Pendapatan Contoh", code="BPD", address="Jalan Contoh 1", seal=credential)
        )
        office.people.put_person(HEAD)
        yield office


class Clock:
    """Moves on with each look, so that no pause and no lease of a dead worker lasts."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


CLOCK = Clock()


def worked(office: Office) -> dict[str, int]:
    """Its bundles by phase, after one turn of the feature's duty, an hour later."""
    CLOCK.ahead += timedelta(hours=1)
    office.duties.do_due()
    return states(office, BUNDLE)


def states(office: Office, kind: str) -> dict[str, int]:
    known = [*ReceiptState] if kind == RECEIPT else [*Phase]
    counts = {each.value: office.records.count(NAME, kind, state=each.value) for each in known}
    return {state: count for state, count in counts.items() if count}


def test_a_feed_is_sealed_through_deaths_of_both_and_nothing_is_lost_or_doubled(
    born: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eoffice.features.vehicle_tax.intake.IN_A_BUNDLE", IN_A_BUNDLE)
    monkeypatch.setattr("eoffice.features.vehicle_tax.sealing.BUDGET", timedelta(0))  # one step at a time
    monkeypatch.setattr("eoffice.compose._PATIENCE", teken.Retries(seconds=1))
    folder = copied(born, tmp_path / "data")
    credential, _ = in_fresh_process(seal_made, folder, "demonstration", "127.0.0.0/8", PAYMENTS - 10)
    service = start_service(folder, command="serve")
    try:
        with office_at(service, credential, tmp_path / "office") as office, pushed(office) as said:
            assert (said["new"], said["waiting"], said["sealed"]) == (PAYMENTS, PAYMENTS, 0)
            with monkeypatch.context() as dying:  # in the middle of a bundle, after some of it was sent
                dying.setattr(office.teken.batches, "add", dies_after(7, office.teken.batches.add))
                with pytest.raises(Died):
                    Sealing(office).step()
            assert states(office, BUNDLE) == {"filling": 1, "waiting": 2}

        service.stop(signal.SIGKILL)
        with office_at(service, credential, tmp_path / "office") as office:
            seal(office)  # and waits, for the service is away
            assert states(office, RECEIPT) == {"waiting": PAYMENTS}

        service = start_service(folder, command="serve")
        with office_at(service, credential, tmp_path / "office") as office:
            follow(lambda: worked(office), lambda phases: "sealing" in phases)
            service.stop(signal.SIGKILL)  # while it seals

        service = start_service(folder, command="serve")
        with office_at(service, credential, tmp_path / "office") as office:
            follow(lambda: worked(office), lambda phases: set(phases) == {"done", "failed"})
            assert states(office, RECEIPT) == {"sealed": PAYMENTS - 10, "waiting": 10}
            in_fresh_process(lend, folder, credential, 100)
            follow(lambda: worked(office), lambda phases: set(phases) == {"done"})
            assert states(office, RECEIPT) == {"sealed": PAYMENTS}
            require_one_seal_each(office)
            require_the_citizens_verdict(office)
    finally:
        service.stop()


def lend(folder: Path, credential: str, documents: int) -> None:
    """The seal may be used for so many more."""
    settings = settings_in(folder)
    with open_stores(settings) as stores, open_hsm(settings, secrets.token_bytes) as hsm:
        authority = build_authority(settings, stores, hsm, now=utc_now, random_bytes=secrets.token_bytes)
        seals = build_seals(stores, hsm, authority, now=utc_now, random_bytes=secrets.token_bytes)
        seals.activate(credential, "demonstration", ["127.0.0.0/8"], documents=documents, life=timedelta(hours=1))


@contextmanager
def pushed(office: Office) -> Iterator[dict[str, Any]]:
    """What the payment system is told of its feed, pushed twice; and what is refused at that door."""
    who = {"Authorization": f"Bearer {new_token(office, HEAD, 'Sistem pembayaran')}"}
    with TestClient(create_app(office, work=False)) as client:
        for wrong in ({}, {"Authorization": "Bearer pkb_0"}):
            assert client.post("/vehicle-tax/api/feeds", content=feed(1), headers=wrong).status_code == 401
        refused = client.post("/vehicle-tax/api/feeds", content=b"no feed", headers=who)
        assert (refused.status_code, refused.json()["field"]) == (422, "document")
        said = [client.post("/vehicle-tax/api/feeds", content=feed(PAYMENTS), headers=who).json() for _ in range(2)]
        assert said[0] == said[1] == client.get(f"/vehicle-tax/api/feeds/{said[0]['feed']}", headers=who).json()
        yield said[0]


def dies_after(count: int, act: Callable[..., Any]) -> Callable[..., Any]:
    """Does it so many times, and no more."""
    left = iter(range(count))

    def acting(*args: Any, **kwargs: Any) -> Any:
        if next(left, None) is None:
            raise Died
        return act(*args, **kwargs)

    return acting


def require_one_seal_each(office: Office) -> None:
    """Every payment has one receipt with a code of its own, and Teken has sealed as many documents."""
    receipts = office.records.listed(NAME, RECEIPT, limit=1_000)
    assert len({each.data["code"] for each in receipts}) == len({each.data["sha256"] for each in receipts}) == PAYMENTS
    batches = {each.data["batch"] for each in office.records.listed(NAME, BUNDLE)}
    assert len(batches) == 3
    counted = [office.teken.batches.get(each) for each in batches]
    assert {each.state for each in counted} == {BatchState.COMPLETED}
    assert sum(each.counts.finished for each in counted) == sum(each.documents for each in counted) == PAYMENTS


def require_the_citizens_verdict(office: Office) -> None:
    """By its code and by its bytes: sealed by the agency, and neither owner nor plate; withdrawn as soon as it is."""
    receipt = office.records.by_key(NAME, RECEIPT, "bapenda/PKB-000031")
    assert receipt is not None
    report = office.teken.verifications.upload(office.files.read(receipt.data["sha256"]))
    assert (report.indication, report.signatures[0].is_seal) == (Indication.TOTAL_PASSED, True)
    page = office.teken.signatures.get(receipt.data["code"]).links.page
    seen = httpx.get(page).text
    assert "PKB-000031" in seen
    assert "Gede" not in seen
    assert "DK 32" not in seen
    ask_to_withdraw(office, HEAD, receipt, note="Pembayaran dibatalkan bank", version=receipt.version)
    worked(office)
    assert office.records.get(receipt.id).state == ReceiptState.WITHDRAWN
    assert office.teken.letters.standing(receipt.data["code"]).state is StandingWord.WITHDRAWN
