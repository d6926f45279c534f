"""The CA of a province at work: 50,000 certificates, 5,000 revoked, in SQLite, with keys in SoftHSM.

    python -m benchmarks.issue --province
    python -m benchmarks.province --seconds 3 --officials 50000

Every operation as the service does it, database and audit trail included, in one process; beside it the raw signatures
of the token, which are the limit. Then revocations under load: how long until OCSP and CRL say so.
"""

import argparse
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import cycle
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from api.given import utc_now
from hsm_config.private_keys import token_key
from tests.support.province import ISSUER, OFFICIALS, Province, province

REVOCATIONS = 10
HALF_LIFE = timedelta(hours=6)


def durations(operation: Callable[[], object], seconds: float) -> list[float]:
    """Seconds that each operation took; at least three of them."""
    taken: list[float] = []
    end = time.perf_counter() + seconds
    while len(taken) < 3 or time.perf_counter() < end:
        start = time.perf_counter()
        operation()
        taken.append(time.perf_counter() - start)
    return taken


def operations(it: Province) -> dict[str, Callable[[], object]]:
    """Every operation worth a row, ready to be repeated."""
    published = it.authority.hierarchy
    ca_key, ocsp_key = token_key(it.hsm.gate, ISSUER), token_key(it.hsm.gate, published.issuing.responder_label)
    serials = iter(cycle(it.serials[1000:2000]))
    digest = bytes(32)
    return {
        "raw HSM signature, P-384": lambda: ca_key.sign(digest, ec.ECDSA(hashes.SHA384())),
        "raw HSM signature, P-256": lambda: ocsp_key.sign(digest, ec.ECDSA(hashes.SHA256())),
        "certificate": it.issue,
        "OCSP, kept": lambda: it.authority.answers.respond(it.question(next(serials))),
        "OCSP, with nonce": lambda: it.authority.answers.respond(it.question(next(serials), nonce=True)),
        "OCSP, two signed anew": lambda: it.authority.answers.renew(ISSUER, next(serials)),
        "OCSP, what is due": lambda: it.stores.answers.due(
            issuer_id=ISSUER, before=utc_now() - HALF_LIFE, at=utc_now(), limit=100
        ),
        "timestamp": lambda: it.authority.tsa.timestamp(digest, "sha256"),
        "CRL, built": it.authority.publishers[0].publish,
        "CRL, nothing to do": it.authority.publishers[0].publish_if_due,
    }


@contextmanager
def load(it: Province) -> Iterator[None]:
    """Clients that ask for status and officers who enrol, without a pause, in this process."""
    stop = threading.Event()
    serials = iter(cycle(it.serials[2000:3000]))

    def ask() -> None:
        while not stop.is_set():
            it.authority.answers.respond(it.question(next(serials)))

    def enrol() -> None:
        while not stop.is_set():
            it.issue()

    threads = [threading.Thread(target=work) for work in (ask, enrol)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def revocations(it: Province, count: int = REVOCATIONS) -> tuple[list[float], list[float]]:
    """Seconds from the call of `revoke` until OCSP says revoked, and until the CRL lists it, each for itself."""
    told, listed = [], []
    for serial in it.serials[:count]:
        began = time.perf_counter()
        it.authority.revocation.revoke(serial=serial, issuer_id=ISSUER, reason=None, actor="benchmark")
        if not it.is_revoked_by_ocsp(serial):
            raise RuntimeError("OCSP still says good after a revocation")
        told.append(time.perf_counter() - began)
        while not it.is_listed(serial):
            time.sleep(0.01)
        listed.append(time.perf_counter() - began)
    return told, listed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=3.0, help="how long to repeat each operation (default: 3)")
    parser.add_argument("--officials", type=int, default=OFFICIALS, help="certificates, a tenth of them revoked")
    arguments = parser.parse_args()
    run(arguments.seconds, arguments.officials)


def run(seconds: float, officials: int = OFFICIALS) -> None:
    """Print every row."""
    with (
        tempfile.TemporaryDirectory() as folder,
        province(Path(folder) / "data", officials=officials, revoked=officials // 10) as it,
    ):
        print(f"{'operation':32} {'per second':>10} {'median ms':>10} {'p95 ms':>8}")
        for name, operation in operations(it).items():
            operation()
            taken = sorted(durations(operation, seconds))
            median, p95 = statistics.median(taken) * 1e3, taken[int(len(taken) * 0.95)] * 1e3
            print(f"{name:32} {len(taken) / sum(taken):10,.0f} {median:10.3f} {p95:8.3f}")
        crl = it.stores.crls.current(ISSUER)
        print(f"CRL with {officials // 10:,} entries: {len(crl.der if crl else b'') / 1024:.0f} KiB")
        with it.publishing():
            for name, busy in (("idle", False), ("under load", True)):
                _print_revocations(it, name, busy)


def _print_revocations(it: Province, name: str, busy: bool) -> None:
    if busy:
        with load(it):
            told, listed = revocations(it)
    else:
        told, listed = revocations(it)
        del it.serials[:REVOCATIONS]
    for what, taken in (("OCSP says revoked", told), ("CRL lists it", listed)):
        print(f"{name}: {what:18} median {statistics.median(taken):.3f} s, worst {max(taken):.3f} s")


if __name__ == "__main__":
    main()
