"""Signing in process, ours beside plain pyHanko: the same documents, keys and tokens, in one run.

    python -m benchmarks.sign                      # our letter and the real documents, B-B, B-T, B-LT
    python -m benchmarks.sign --rounds 15 --only letter

Both sign the same bytes with the same software keys and the same in-process time-stamping unit. What is counted is
processor time, and the median of the rounds is shown; the two are alternated, so that a noisy machine disturbs both.
"Ours" is intake, signing and the final check, that is steps 1, 7 and 8 of the service; plain pyHanko checks nothing.
"""

import argparse
import logging
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from signer.model import SignatureLevel
from signer.result import require_sound
from signer.timestamping import TimestampAuthorities
from tests.support.letters import letter
from tests.support.pki import Pki, make_pki
from tests.support.plain_pyhanko import PkiTokens, plain_sign
from tests.support.shared import documents
from tests.support.signer_memory import PkiStatusSource, PkiTimestamper
from tests.support.signing import sign_pdf

LEVELS = (SignatureLevel.B_B, SignatureLevel.B_T, SignatureLevel.B_LT)


def ours(pki: Pki) -> Callable[[bytes, SignatureLevel], bytes]:
    """Our signing with its checks."""
    authorities = TimestampAuthorities([PkiTimestamper(pki=pki)], now=lambda: pki.at)
    source = PkiStatusSource(pki=pki)

    def sign(document: bytes, level: SignatureLevel) -> bytes:
        signed = sign_pdf(document, pki, level, authorities=authorities, source=source)
        require_sound(signed, document, pki.official.chain, level)
        return signed.pdf

    return sign


def plain(pki: Pki) -> Callable[[bytes, SignatureLevel], bytes]:
    """pyHanko as it comes, with the key behind a naive `Signer`."""
    tokens = PkiTokens(pki)

    def sign(document: bytes, level: SignatureLevel) -> bytes:
        return plain_sign(document, pki, level, at=pki.at, tokens=tokens if level.needs_timestamp else None)

    return sign


def compare(
    document: bytes, level: SignatureLevel, rounds: int, signers: tuple[Callable[[bytes, SignatureLevel], bytes], ...]
) -> list[float]:
    """Median CPU milliseconds of each signer, rounds alternated."""
    spent: list[list[float]] = [[] for _ in signers]
    for sign in signers:
        sign(document, level)  # caches and imports are warm in a service
    for _ in range(rounds):
        for index, sign in enumerate(signers):
            start = time.process_time_ns()
            sign(document, level)
            spent[index].append((time.process_time_ns() - start) / 1e6)
    return [statistics.median(times) for times in spent]


def subjects(only: str) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each document whose name contains `only`."""
    for name, read in [("letter", letter), *((path.stem, path.read_bytes) for path in documents())]:
        if only in name:
            yield name, read()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7, help="measurements of each kind (default: 7)")
    parser.add_argument("--only", default="", help="only documents whose name contains this")
    options = parser.parse_args()
    logging.getLogger("pyhanko").setLevel(logging.CRITICAL)  # its remarks about the documents are not our subject
    pki = make_pki(datetime.now(UTC).replace(microsecond=0))
    signers = (plain(pki), ours(pki))
    print(f"{'document':<24}{'KB':>7}  {'level':<6}{'pyHanko ms':>11}{'ours ms':>9}{'ratio':>8}")
    for name, document in subjects(options.only):
        for level in LEVELS:
            theirs, mine = compare(document, level, options.rounds, signers)
            row = f"{name:<24}{len(document) / 1000:>7.0f}  {level.value:<6}"
            print(f"{row}{theirs:>11.1f}{mine:>9.2f}{theirs / mine:>7.1f}x")


if __name__ == "__main__":
    main()
