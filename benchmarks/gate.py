"""How fast the gate is: token keys, wrapped keys, and the opening of a seal, on a SoftHSM token of its own.

    python -m benchmarks.gate --seconds 2 --threads 8

Prints one row a measurement: operations per second over all threads, and the median and 95th percentile of one
operation in milliseconds, waiting for the lock included. Run it on an otherwise idle machine and compare rows of one
run only.
"""

import argparse
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from hsm_config.gate import Gate, open_gate
from hsm_config.settings import HsmSettings
from hsm_config.softhsm.initialise import initialise_token
from hsm_config.token_objects import make_ec_key
from hsm_config.vault import HsmVault
from tests.support.token_secrets import make_kek, make_pepper

ECDSA = ec.ECDSA(hashes.SHA256())
PASSPHRASE = "kunci rahasia contoh"
LETTER = b"a letter's signed attributes, about this long: " * 4


def durations(operation: Callable[[], object], *, threads: int, seconds: float) -> tuple[list[float], float]:
    """Seconds that each operation took, from all threads together, and the seconds until the last one ended."""
    taken: list[float] = []
    begin = time.perf_counter()
    end = begin + seconds

    def repeat() -> None:
        while (start := time.perf_counter()) < end:
            operation()
            taken.append(time.perf_counter() - start)

    workers = [threading.Thread(target=repeat) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return taken, time.perf_counter() - begin


def operations(gate: Gate, settings: HsmSettings) -> dict[str, Callable[[], object]]:
    """Every operation worth a row, ready to be repeated."""
    make_kek(gate, settings.keys.kek)
    make_pepper(gate, settings.keys.pepper)
    small = make_ec_key(gate, settings.keys.ocsp, ec.SECP256R1())
    large = make_ec_key(gate, settings.keys.tsu, ec.SECP384R1())
    vault = HsmVault(gate, settings.keys, os.urandom)
    sealed, _ = vault.generate(key_id="k", signatory_id="s", passphrase=PASSPHRASE, make_csr=lambda _: None)
    key = vault.open(sealed, PASSPHRASE)
    return {
        "token key P-256, sign": lambda: small.sign(LETTER, ECDSA),
        "token key P-384, sign": lambda: large.sign(LETTER, ECDSA),
        "wrapped key P-256, unwrap + sign + destroy + verify": lambda: key.sign(LETTER, ECDSA),
        "canary": vault.canary,
        "seal opened (Argon2id 64 MiB)": lambda: vault.open(sealed, PASSPHRASE),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the PKCS#11 gate on a SoftHSM token made for this run.")
    parser.add_argument("--seconds", type=float, default=2.0, help="how long each row is measured (default: 2)")
    parser.add_argument("--threads", type=int, default=8, help="threads of the second table (default: 8)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        settings = initialise_token(Path(directory), label="teken-benchmark", random_bytes=os.urandom)
        with open_gate(settings) as gate:
            measured = operations(gate, settings)
            for threads in sorted({1, asked.threads}):
                print(f"\n{threads} thread{'s' if threads > 1 else ''}{'':44}  per second  median ms  95 % ms")
                for name, operation in measured.items():
                    taken, elapsed = durations(operation, threads=threads, seconds=asked.seconds)
                    rate, median = len(taken) / elapsed, statistics.median(taken) * 1000
                    slow = statistics.quantiles(taken, n=20)[-1] * 1000 if len(taken) > 1 else median
                    print(f"{name:<53}{rate:>12,.0f}{median:>11.2f}{slow:>9.2f}")


if __name__ == "__main__":
    main()
