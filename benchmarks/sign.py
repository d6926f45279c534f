"""Signing in process, ours beside plain pyHanko: the same documents, keys and tokens, in one run.

    python -m benchmarks.sign                      # by size, 20 KB to 100 MB, B-B to B-LTA, with stamps and without
    python -m benchmarks.sign --real               # the real documents, B-B, B-T, B-LT
    python -m benchmarks.sign --rounds 15 --only letter

Both sign the same bytes with the same software keys and the same in-process time-stamping unit. What is counted is
processor time, and the median of the rounds is shown; the two are alternated, so that a noisy machine disturbs both.
"Ours" is intake, signing and the final check, that is steps 1, 7 and 8 of the service; plain pyHanko checks nothing.
With a stamp ours is all nine steps, vault included, and draws a QR; pyHanko's is a line of text. Memory is what one
more signature adds to the process at its peak, as the kernel counts it. Documents beyond 1 MiB go through a file with
us; writing and hashing it on arrival is counted.
"""

import argparse
import ctypes
import gc
import hashlib
import io
import logging
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pikepdf

from signer.document import CHUNK, IN_MEMORY, Content, Document, new_spool
from signer.model import SignatureLevel, StampPlacement
from signer.ports import DocumentVault
from signer.result import require_sound
from signer.timestamping import TimestampAuthorities
from store.documents import FileVault
from tests.support.letters import letter, saved
from tests.support.pki import Pki, make_pki
from tests.support.plain_pyhanko import PkiTokens, plain_sign
from tests.support.shared import documents
from tests.support.signer_memory import PkiStatusSource, PkiTimestamper
from tests.support.signing import Desk, request, sign_pdf

MB = 1_000_000
Sign = Callable[[], object]


@dataclass(frozen=True)
class Subject:
    """One document, at one level, with a stamp or without."""

    name: str
    pdf: bytes
    level: SignatureLevel
    stamp: bool = False


def arrived(pdf: bytes) -> Content:
    """The document as the service has it once it arrived: hashed, and in a file that has no name where it is large."""
    if len(pdf) <= IN_MEMORY:
        return pdf
    spool, digest = new_spool(None), hashlib.sha256()
    for start in range(0, len(pdf), CHUNK):
        chunk = memoryview(pdf)[start : start + CHUNK]
        digest.update(chunk)
        spool.write(chunk)
    return Document.in_spool(spool, len(pdf), digest)


def ours(pki: Pki, vault: DocumentVault) -> Callable[[Subject], Sign]:
    """Our signing with its checks."""
    authorities = TimestampAuthorities([PkiTimestamper(pki=pki)], now=lambda: pki.at)
    source, desk = PkiStatusSource(pki=pki), Desk(pki=pki)
    desk.service.acts._vault = vault

    def plainly(subject: Subject) -> object:
        document = arrived(subject.pdf)
        signed = sign_pdf(document, pki, subject.level, authorities=authorities, source=source)
        require_sound(signed, document, pki.official.chain, subject.level)
        return signed

    def stamped(subject: Subject) -> object:
        asked = request(document=arrived(subject.pdf), level=subject.level, stamp=StampPlacement())
        return desk.service.sign(asked).document

    return lambda subject: partial(stamped if subject.stamp else plainly, subject)


def plain(pki: Pki) -> Callable[[Subject], Sign]:
    """pyHanko as it comes, with the key behind a naive `Signer`."""
    tokens = PkiTokens(pki)

    def sign(subject: Subject) -> object:
        stamper = tokens if subject.level.needs_timestamp else None
        return plain_sign(subject.pdf, pki, subject.level, at=pki.at, tokens=stamper, stamp=subject.stamp)

    return lambda subject: partial(sign, subject)


@dataclass(frozen=True)
class Measured:
    """What one signature costs."""

    cpu_ms: float
    a_second: float
    peak_mb: float


def compare(subject: Subject, rounds: int, makers: tuple[Callable[[Subject], Sign], ...]) -> list[Measured]:
    """Medians of each signer, rounds alternated."""
    signers = [make(subject) for make in makers]
    cpu: list[list[float]] = [[] for _ in signers]
    wall: list[list[float]] = [[] for _ in signers]
    for sign in signers:
        sign()  # caches and imports are warm in a service
    for _ in range(rounds):
        for index, sign in enumerate(signers):
            began, start = time.perf_counter(), time.process_time_ns()
            sign()
            cpu[index].append((time.process_time_ns() - start) / 1e6)
            wall[index].append(time.perf_counter() - began)
    return [
        Measured(statistics.median(cpu[index]), 1 / statistics.median(wall[index]), peak_of(sign))
        for index, sign in enumerate(signers)
    ]


def peak_of(sign: Sign) -> float:
    """Megabytes that one more signature adds to this process at its peak."""
    gc.collect()
    # What is free goes back to the kernel, or it would hide what is taken.
    ctypes.CDLL(None).malloc_trim(0)  # type: ignore[no-untyped-call]  # a function of the C library
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # forget the highest resident size (proc(5))
    before = _resident("VmRSS")
    sign()
    return max((_resident("VmHWM") - before) / 1000, 0.0)


def _resident(name: str) -> int:
    """A figure of this process in kilobytes."""
    with open("/proc/self/status", encoding="ascii") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith(name))


def filled(size: int) -> bytes:
    """The letter with an image's worth of noise in it, that size."""
    with pikepdf.open(io.BytesIO(letter())) as opened:
        opened.Root.Contoh = opened.make_stream(random.Random(0).randbytes(size))  # noqa: S311 - noise, not a secret
        return saved(opened)


def crowded(*, packed: bool) -> bytes:
    """The letter with 30,000 objects more, behind a table or in object streams."""
    mode = pikepdf.ObjectStreamMode.generate if packed else pikepdf.ObjectStreamMode.disable
    with pikepdf.open(io.BytesIO(letter())) as opened:
        objects = [opened.make_indirect(pikepdf.Dictionary(N=number)) for number in range(30_000)]
        opened.Root.Contoh = opened.make_indirect(pikepdf.Array(objects))
        return saved(opened, object_stream_mode=mode)


def sizes() -> Iterator[Subject]:
    """The letter at every level, with and without a stamp; then larger and fuller documents at B-T."""
    for level in SignatureLevel:
        yield Subject("20 KB letter", letter(), level)
    for level in (SignatureLevel.B_T, SignatureLevel.B_LT):
        yield Subject("20 KB letter", letter(), level, stamp=True)
    larger = {
        "500 KB": lambda: filled(500_000),
        "30,000 objects, table": lambda: crowded(packed=False),
        "30,000 objects, packed": lambda: crowded(packed=True),
        "20 MB": lambda: filled(20 * MB),
        "100 MB": lambda: filled(100 * MB),
    }
    for name, make in larger.items():
        pdf = make()
        for stamp in (False, True):
            yield Subject(name, pdf, SignatureLevel.B_T, stamp=stamp)


def real() -> Iterator[Subject]:
    """Our letter and the real documents."""
    for name, pdf in [("letter", letter()), *((path.stem, path.read_bytes()) for path in documents())]:
        for level in (SignatureLevel.B_B, SignatureLevel.B_T, SignatureLevel.B_LT):
            yield Subject(name, pdf, level)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7, help="measurements of each kind (default: 7)")
    parser.add_argument("--only", default="", help="only documents whose name contains this")
    parser.add_argument("--real", action="store_true", help="the real documents instead of made ones")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)  # pyHanko's remarks about the documents are not our subject
    pki = make_pki(datetime.now(UTC).replace(microsecond=0))
    with tempfile.TemporaryDirectory() as folder:
        show(real() if options.real else sizes(), options, (plain(pki), ours(pki, FileVault(Path(folder)))))


def show(
    subjects: Iterator[Subject], options: argparse.Namespace, makers: tuple[Callable[[Subject], Sign], ...]
) -> None:
    """The table, a line as soon as it is measured."""
    columns = ("CPU ms", "a second", "peak MB")
    print(f"{'document':<24}{'KB':>8} {'level':<6}{'stamp':<6}", end="")
    print("".join(f"{who + ' ' + what:>18}" for what in columns for who in ("pyHanko", "ours")), f"{'CPU ratio':>10}")
    for subject in subjects:
        if options.only not in subject.name:
            continue
        theirs, mine = compare(subject, options.rounds, makers)
        print(f"{subject.name:<24}{len(subject.pdf) / 1000:>8.0f} {subject.level.value:<6}", end="")
        print(f"{'yes' if subject.stamp else 'no':<6}", end="")
        print(f"{theirs.cpu_ms:>18.1f}{mine.cpu_ms:>18.2f}{theirs.a_second:>18.1f}{mine.a_second:>18.1f}", end="")
        print(f"{theirs.peak_mb:>18.1f}{mine.peak_mb:>18.1f}{theirs.cpu_ms / mine.cpu_ms:>10.1f}x", flush=True)


if __name__ == "__main__":
    main()
