"""How long a reader waits for the verdict on a stored letter of a megabyte, asked of a running service.

    ./start                                            # in one terminal
    python -m benchmarks.citizen                       # in another: ./data, a 1 MB letter, 30 times
    python -m benchmarks.citizen --kilobytes 5000 --rounds 10 --write

The letter is signed through HTTP at the service's own level, with a stamp, and its page is then asked for by the code
in its QR: each answer is a validation of the stored bytes at that moment. Wall-clock time of one reader at a time on
this machine, the whole answer read; `--write` keeps the figures in `benchmarks/results/citizen.md`.
"""

import argparse
import os
import platform
import random
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Final

import httpx
import pikepdf

from api.first_start import settings_in
from benchmarks.load import signing_call
from tests.vectors.letters import pages

WISHED: Final = 1000
"""Milliseconds that a reader may wait at most for the verdict on a letter of a megabyte."""
RESULTS: Final = Path(__file__).parent / "results/citizen.md"


def main() -> None:
    """Sign, ask, print, and say whether it is as quick as wished."""
    options = _options()
    folder = options.data / "demonstration"
    url = settings_in(options.data).server.public_url
    letter = _enlarged(pages("Surat dinas"), options.kilobytes)
    with httpx.Client(base_url=url, timeout=60, headers={"Accept-Encoding": "gzip"}) as client:
        signed = signing_call(url, folder, letter, accept="application/json")(client)
        code = signed.raise_for_status().json()["code"]
        rows = {
            "verdict of the stored letter, `GET /v/{code}`": lambda: client.get(f"/v/{code}"),
            "picture of its first page": lambda: client.get(f"/v/{code}/pages/1.webp"),
        }
        measured = {name: _milliseconds(act, options.rounds) for name, act in rows.items()}
    table = _table(measured, len(letter))
    print(table)
    if options.write:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(table, encoding="utf-8")
    verdict = statistics.median(next(iter(measured.values())))
    print(f"{'as quick as wished' if verdict < WISHED else 'TOO SLOW'}: {verdict:.0f} of {WISHED} ms")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("data"), help="data folder of the running service")
    parser.add_argument("--kilobytes", type=int, default=1000, help="size of the letter")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--write", action="store_true", help="keep the figures")
    return parser.parse_args()


def _enlarged(letter: bytes, kilobytes: int) -> bytes:
    """The same letter with a picture's worth of bytes that do not compress."""
    with pikepdf.open(BytesIO(letter)) as pdf:
        filler = random.Random(7).randbytes(max(0, 1000 * kilobytes - len(letter)))  # noqa: S311 - no secret
        pdf.pages[0].obj.PieceInfo = pdf.make_stream(filler)
        out = BytesIO()
        pdf.save(out)
    return out.getvalue()


def _milliseconds(act: Callable[[], httpx.Response], rounds: int) -> list[float]:
    act().raise_for_status()
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        act().raise_for_status()
        taken.append(1000 * (time.perf_counter() - start))
    return taken


def _table(measured: dict[str, list[float]], size: int) -> str:
    load = os.getloadavg()[0]
    machine = f"Python {platform.python_version()}, {os.cpu_count()} cores, load {load:.0f}"
    lines = [
        "# What a reader waits for",
        "",
        f"`python -m benchmarks.citizen`, {datetime.now(UTC):%Y-%m-%d}, {machine}: a letter of {size / 1e6:.2f} MB.",
        "",
        "| | median ms | p95 ms | worst ms |",
        "| --- | ---: | ---: | ---: |",
    ]
    for name, taken in measured.items():
        p95 = statistics.quantiles(taken, n=20, method="inclusive")[-1]
        lines.append(f"| {name} | {statistics.median(taken):.0f} | {p95:.0f} | {max(taken):.0f} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
