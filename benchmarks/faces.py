"""One signature with timestamp through each face, by callers at once: what each of them waits for.

    python -m benchmarks.faces                              # 8 callers, 10 seconds each
    python -m benchmarks.faces --callers 4 --seconds 20

A service of its own (SQLite, SoftHSM, its own time-stamp unit) signs the letter of the tests on the same cores, each
time as if it were another one, so nothing is answered from what is kept. Persons sign with their passphrase: some
officials, in turns, because letters of one official that come at once share one Argon2id run. A seal that was lent
needs no passphrase.
"""

import argparse
import base64
import hashlib
import itertools
import json
import os
import secrets
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx

from tests.integration.test_csc_live import ECDSA, SHA256, seal_lent
from tests.support.fresh import in_fresh_process
from tests.support.gateway import open_gateway
from tests.support.letters import letter
from tests.support.service import RunningService, enrolled, running_service, teken, write_settings

PATIENT = {
    "signatures_per_minute": 1_000_000,
    "requests_per_minute": 1_000_000,
    "tokens_per_minute": 1_000_000,
    "codes_per_minute": 1_000_000,
}
OFFICIALS = 8

Call = Callable[[httpx.Client, bytes], httpx.Response]
"""Signs one document; the last answer of what that takes."""


def rest(service: RunningService, officials: Sequence[dict[str, str]], **wanted: Any) -> Call:
    """`POST /v1/signatures` by each official in turn."""
    bearer, turns = service.bearer(), itertools.cycle(officials)

    def call(client: httpx.Client, pdf: bytes) -> httpx.Response:
        asked = json.dumps(next(turns) | wanted)
        files: Any = {"document": ("a.pdf", pdf, "application/pdf"), "request": (None, asked, "application/json")}
        return client.post("/v1/signatures", headers=bearer | {"Accept": "application/pdf"}, files=files)

    return call


def gateway(service: RunningService) -> Call:
    """`POST /api/sign/pdf` by the demonstration's official, at the level of the gateway, B-LT."""
    opened = open_gateway(service)

    def call(client: httpx.Client, pdf: bytes) -> httpx.Response:
        files = {"file": ("a.pdf", pdf, "application/pdf")}
        return client.post("/api/sign/pdf", auth=opened.auth, files=files, data=opened.fields())

    return call


class Csc:
    """An application with the scope `service`, and the seal that it was lent."""

    def __init__(self, service: RunningService) -> None:
        added = teken(service.directory, "client", "add", "E-Office", "--id", "eoffice", "--scope", "service", "--json")
        told = json.loads(added.stdout)
        self._seal = in_fresh_process(seal_lent, service.directory, told["client_id"])
        self._bearer = service.bearer((told["client_id"], told["client_secret"]))

    def _post(self, client: httpx.Client, method: str, **told: Any) -> httpx.Response:
        return client.post(f"/csc/v2/{method}", json=told, headers=self._bearer)

    def _sad(self, client: httpx.Client, digest: str) -> dict[str, Any]:
        asked = {"numSignatures": 1, "hashes": [digest], "hashAlgorithmOID": SHA256}
        answer = self._post(client, "credentials/authorize", credentialID=self._seal, **asked).raise_for_status()
        return {"credentialID": self._seal, "SAD": answer.json()["SAD"]}

    def sign_doc(self, client: httpx.Client, pdf: bytes) -> httpx.Response:
        """Authorised, then the document at B-T."""
        wanted = {"document": b64(pdf), "signature_format": "P", "conformance_level": "AdES-B-T", "signAlgo": ECDSA}
        sad = self._sad(client, b64(hashlib.sha256(pdf).digest()))
        return self._post(client, "signatures/signDoc", documents=[wanted], **sad)

    def sign_hash(self, client: httpx.Client, pdf: bytes) -> httpx.Response:
        """Authorised, then the digest, then the timestamp over the signature."""
        digest = b64(hashlib.sha256(pdf).digest())
        sad = self._sad(client, digest)
        signed = self._post(client, "signatures/signHash", hashes=[digest], signAlgo=ECDSA, **sad).raise_for_status()
        imprint = hashlib.sha256(base64.b64decode(signed.json()["signatures"][0])).digest()
        return self._post(client, "signatures/timestamp", hash=b64(imprint), hashAlgo=SHA256)


def b64(octets: bytes) -> str:
    """As JSON carries it."""
    return base64.b64encode(octets).decode()


def measured(service: RunningService, call: Call, callers: int, seconds: float) -> list[float]:
    """How long each signature took, seconds; raises where one is refused."""
    pdf, durations, failures = letter(), list[float](), list[str]()
    until = time.perf_counter() + seconds

    def keep_calling() -> None:
        with httpx.Client(base_url=service.url, timeout=60) as client:
            while time.perf_counter() < until and not failures:
                another = pdf + b"%" + secrets.token_hex(8).encode() + b"\n"
                before = time.perf_counter()
                answer = call(client, another)
                durations.append(time.perf_counter() - before)
                if not answer.is_success:
                    failures.append(answer.text[:300])

    threads = [threading.Thread(target=keep_calling) for _ in range(callers)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    if failures:
        raise SystemExit(failures[0])
    return durations


def main() -> None:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--callers", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=10.0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        write_settings(data, limits=PATIENT)
        with running_service(data) as service:
            csc = Csc(service)
            officials = [enrolled(data, f"I Wayan Contoh {number}") for number in range(OFFICIALS)]
            calls: dict[str, Call] = {
                "`POST /v1/signatures`, officials, B-T": rest(service, officials, level="B-T"),
                "`POST /v1/signatures`, officials, B-LT with stamp and QR": rest(
                    service, officials, level="B-LT", stamp={"page": -1}
                ),
                "`POST /api/sign/pdf` of the gateway, one official, B-LT": gateway(service),
                "CSC v2: authorize, signDoc, a seal, B-T": csc.sign_doc,
                "CSC v2: authorize, signHash, timestamp, a seal": csc.sign_hash,
            }
            print(f"{arguments.callers} callers, {arguments.seconds:.0f} s each, load {os.getloadavg()[0]:.1f}\n")
            print("| one signature | a second | median ms | p95 ms | worst ms |\n| --- | ---: | ---: | ---: | ---: |")
            for name, call in calls.items():
                print(f"\r{name} …", end="", file=sys.stderr, flush=True)
                print(_row(name, measured(service, call, arguments.callers, arguments.seconds), arguments.seconds))


def _row(name: str, taken: list[float], seconds: float) -> str:
    p95 = statistics.quantiles(taken, n=20, method="inclusive")[-1]
    figures = " | ".join(f"{each * 1000:.0f}" for each in (statistics.median(taken), p95, max(taken)))
    return f"| {name} | {len(taken) / seconds:.0f} | {figures} |"


if __name__ == "__main__":
    main()
