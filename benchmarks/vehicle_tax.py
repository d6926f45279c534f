"""A day of vehicle tax through the e-office: a feed of payments, from its arrival to the last sealed receipt kept.

    python -m benchmarks.vehicle_tax                       # 1,000 payments
    python -m benchmarks.vehicle_tax --payments 10000 --kill

One Teken on SQLite with its worker inside, SoftHSM, B-LT with a visible stamp; the e-office beside it, also on SQLite,
on the same cores. With `--kill`, Teken is killed when a third is sealed, and started again; at two thirds Teken is
killed and the office begun anew. At the end each receipt is counted here and in Teken's batches: a benchmark that loses
or doubles one fails.
"""

import argparse
import csv
import io
import os
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

from eoffice.compose import Office, carrying, compose
from eoffice.features.vehicle_tax.intake import how_far, take_in
from eoffice.features.vehicle_tax.model import BUNDLE, NAME, RECEIPT
from eoffice.features.vehicle_tax.payments import COLUMNS
from eoffice.model import Agency, Record
from eoffice.settings import Settings, TekenSettings

from tests.integration.test_seals_live import seal_made
from tests.support.fresh import in_fresh_process
from tests.support.service import RunningService, launch, log_of, running_service, wait_until_ready, write_settings

Opened = Callable[[], AbstractContextManager[Office]]
PATIENT = {"signatures_per_minute": 1_000_000, "requests_per_minute": 1_000_000, "tokens_per_minute": 1_000_000}


def feed(count: int) -> bytes:
    """So many payments, CSV."""
    rows = io.StringIO()
    writer = csv.writer(rows)
    writer.writerow(COLUMNS)
    for number in range(count):
        paid = ("2026-01-02", f"DK {number % 9999 + 1} AB", "I Gede Contoh", "Contoh 150", "2027-01-02")
        writer.writerow((f"PKB-{number:06d}", *paid, 1_000_000 + number, 660_000, 35_000, 0, "Bank Contoh"))
    return rows.getvalue().encode()


@contextmanager
def office_at(service: RunningService, seal: str, folder: Path) -> Iterator[Office]:
    """An e-office of one agency, at work."""
    client, secret = service.client
    folder.mkdir(exist_ok=True)
    (folder / "secret").write_text(secret)
    house = TekenSettings(url=service.url, client=client, secret_file=folder / "secret")
    with compose(Settings(folder=folder, teken=house)) as office:
        agency = Agency(id="bapenda", name="Badan Pendapatan Contoh", code="BPD", address="Jalan Contoh 1", seal=seal)
        office.people.put_agency(agency)
        with carrying(office):
            yield office


def run(service: RunningService, opened: Opened, count: int, *, kill: bool) -> tuple[float, float, float]:
    """Seconds until the feed is kept, from then until its last receipt is sealed and kept, and of Teken's processor."""
    begun, used = time.monotonic(), 0.0
    with opened() as office:
        taken = take_in(office, feed(count), agency_id="bapenda", owner_id=None)
        kept = time.monotonic()
        _follow(office, taken, until=count // 3 if kill else count)
        if kill:
            used += _kill_and_start(service)
            _follow(office, taken, until=2 * count // 3)
    if kill:
        used += _kill_and_start(service)
    with opened() as office:
        _follow(office, taken, until=count)
        sealed = time.monotonic()
        _require_all(office, taken, count)
    return kept - begun, sealed - kept, used + service.processor_seconds()


def _follow(office: Office, taken: Record, *, until: int) -> None:
    """Until so many are sealed; the progress is told."""
    office.wake.set()
    while (progress := how_far(office, taken)).waiting and progress.sealed < until:
        print(f"\r{progress.sealed} sealed", end="", file=sys.stderr, flush=True)
        time.sleep(0.5)


def _kill_and_start(service: RunningService) -> float:
    """Seconds of the processor that the killed one had used."""
    used = service.processor_seconds()
    service.process.send_signal(signal.SIGKILL)
    service.process.wait(timeout=30)
    service.process = launch(service.directory, "serve", "--port", str(service.port))
    wait_until_ready(service.port, service.process, log_of(service.directory))
    return used


def _require_all(office: Office, taken: Record, count: int) -> None:
    batches = {str(each.data["batch"]) for each in office.records.listed(NAME, BUNDLE, limit=1_000)}
    finished = sum(office.teken.batches.get(each).counts.finished for each in batches)
    sealed = office.records.count(NAME, RECEIPT, state="sealed")
    if not count == sealed == finished == how_far(office, taken).sealed:
        raise SystemExit(f"{count} payments, {sealed} receipts, {finished} sealed documents")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--payments", type=int, default=1_000)
    parser.add_argument("--kill", action="store_true")
    arguments = parser.parse_args()
    count: int = arguments.payments
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        write_settings(data, limits=PATIENT)
        with running_service(data):
            pass
        seal, _ = in_fresh_process(seal_made, data, "demonstration", "127.0.0.0/8", count + 500)
        with running_service(data, command="serve") as service:
            opened = partial(office_at, service, seal, Path(folder) / "office")
            kept, sealed, used = run(service, opened, count, kill=arguments.kill)
    print("| payments | kept, s | sealed, s | a second | processor ms each, office and Teken | load | killed |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | --- |")
    each = (resource.getrusage(resource.RUSAGE_SELF).ru_utime + used) / count * 1000
    figures = f"{kept:.1f} | {sealed:.0f} | {count / sealed:.1f} | {each:.0f} | {os.getloadavg()[1]:.0f}"
    print(f"| {count} | {figures} | {'Teken twice, the office once' if arguments.kill else 'nobody'} |")


if __name__ == "__main__":
    main()
