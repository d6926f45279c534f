"""Batches of a running service beside its single path: documents a second, over HTTP, with a real token.

    python -m benchmarks.batch                 # 100 documents, a person's batch, a sealed one, and one after the other
    python -m benchmarks.batch --documents 300

One service on SQLite with its worker inside, SoftHSM, B-LT with a visible stamp. Counted is what a client sees: from
closing the batch to the last finished document (a person's consent included), and for single documents from the first
request to the last answer, four at once. Adding the documents is shown apart.
"""

import argparse
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.integration.test_seals_live import seal_made
from tests.support.fresh import in_fresh_process
from tests.support.letters import letter
from tests.support.service import RunningService, running_service, write_settings

STAMP = {"page": -1}
PATIENT = {"signatures_per_minute": 1_000_000, "tokens_per_minute": 1_000_000}


def batch(service: RunningService, credential: str, count: int, passphrase: str | None) -> tuple[float, float]:
    """Documents a second while they are added, and from closing to the end."""
    bearer = service.bearer()
    opened = service.http.post("/v1/batches", json={"credential": credential, "stamp": STAMP}, headers=bearer)
    where = f"/v1/batches/{opened.raise_for_status().json()['id']}"
    begun = time.monotonic()
    for number in range(count):
        content = letter() + f"\n% {where} {number}\n".encode()
        headers = {**bearer, "Content-Type": "application/pdf"}
        service.http.post(f"{where}/documents", content=content, headers=headers).raise_for_status()
    closed = time.monotonic()
    service.http.post(f"{where}/close", headers=bearer).raise_for_status()
    while (counts := service.http.get(where, headers=bearer).json()["counts"])["finished"] < count:
        if passphrase is not None and counts["prepared"] == count:
            service.http.post(f"{where}/consent", json={"passphrase": passphrase}, headers=bearer).raise_for_status()
        time.sleep(0.1)
    return count / (closed - begun), count / (time.monotonic() - closed)


def single(service: RunningService, count: int) -> float:
    """Documents a second, one request each, four at once."""
    with ThreadPoolExecutor(4) as clients:
        begun = time.monotonic()
        answers = clients.map(
            lambda number: service.sign(letter() + f"\n% {number}\n".encode(), stamp=STAMP), range(count)
        )
        for answer in answers:
            answer.raise_for_status()
        return count / (time.monotonic() - begun)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--documents", type=int, default=100)
    count: int = parser.parse_args().documents
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        write_settings(data, limits=PATIENT, signing={"batch_documents": 1000})
        with running_service(data):
            pass
        seal, _ = in_fresh_process(seal_made, data, "demonstration", "127.0.0.0/8", count)
        with running_service(data, command="serve") as service:
            request = service.sign_request
            batch(service, request["credential"], 10, request["passphrase"])  # caches are warm
            added, signed = batch(service, request["credential"], count, request["passphrase"])
            _, sealed = batch(service, seal, count, None)
            alone = single(service, min(count, 40))
    print(f"added {added:.1f}/s, a person's batch {signed:.1f}/s, sealed {sealed:.1f}/s, single {alone:.1f}/s")


if __name__ == "__main__":
    main()
