"""Milliseconds to validate one signed letter: ours in process, ours through a worker, plain pyHanko, in one run.

    python -m benchmarks.verify [--rounds N] [--kilobytes N ...] [--signatures N ...]

Medians of wall-clock time on warm processes. Both sides know the same root and the same CRLs; plain pyHanko gets a
fresh validation context a document, as its documentation shows.
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO

from asn1crypto import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from tests.support.pki import Pki, make_pki
from tests.vectors.letters import pages, sign, trust_in
from verifier.limits import Limits
from verifier.model import Indication, TrustSnapshot
from verifier.policy import load_policy
from verifier.validation import validate
from verifier.worker import WorkerPool


def main() -> None:
    """Parse the command line, measure, print one line a document."""
    parser = argparse.ArgumentParser(prog="benchmarks.verify", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rounds", type=int, default=15, help="measurements a cell (default 15)")
    parser.add_argument("--kilobytes", type=int, nargs="+", default=[20, 500], help="sizes of the letter")
    parser.add_argument("--signatures", type=int, nargs="+", default=[1, 3, 10], help="signatures on each letter")
    options = parser.parse_args()
    pki = make_pki()
    at = pki.at + timedelta(hours=1)
    print(f"{'document':>22} {'ours ms':>9} {'worker ms':>10} {'pyHanko ms':>11} {'ratio':>6}")
    with WorkerPool(1, Limits()) as pool:
        pool.warm()
        for kilobytes in options.kilobytes:
            for count in options.signatures:
                pdf = _letter(pki, kilobytes, count)
                _print_row(f"{kilobytes} KB, {count} signed", _row(pdf, pki, at, pool, options.rounds))


def _letter(pki: Pki, kilobytes: int, count: int) -> bytes:
    filler = b"%" + b"x" * 1022 + b"\n"
    stream = b"<< /Length %d >>\nstream\n%s\nendstream" % (1024 * kilobytes, filler * kilobytes)
    pdf = pages("Surat dinas", extra=[stream])
    for number in range(count):
        token_of = (pki, pki.at) if number == 0 else None
        pdf = sign(pdf, pki.official, field=f"Signature{number + 1}", claimed=pki.at, token_of=token_of)
    return pdf


def _row(pdf: bytes, pki: Pki, at: datetime, pool: WorkerPool, rounds: int) -> tuple[float, float, float]:
    policy, trust = load_policy("teken-1"), trust_in(pki, at=at)
    if validate(pdf, policy, trust, at).indication is not Indication.TOTAL_PASSED:
        raise SystemExit("the letter does not pass: a benchmark of refusals says nothing")
    return (
        _median(lambda: validate(pdf, policy, trust, at), rounds),
        _median(lambda: pool.validate(pdf, policy, trust, at), rounds),
        _median(lambda: _plain(pdf, trust, pki, at), rounds),
    )


def _plain(pdf: bytes, trust: TrustSnapshot, pki: Pki, at: datetime) -> None:
    context = ValidationContext(
        trust_roots=[x509.Certificate.load(pki.root.certificate.public_bytes(Encoding.DER))],
        other_certs=[x509.Certificate.load(each) for each in trust.intermediates],
        crls=list(trust.crls),
        moment=at,
        allow_fetching=False,
        revocation_mode="soft-fail",
    )
    for embedded in PdfFileReader(BytesIO(pdf)).embedded_signatures:
        status = asyncio.run(async_validate_pdf_signature(embedded, signer_validation_context=context))
        if not (status.intact and status.valid):
            raise SystemExit("plain pyHanko does not find the letter intact")


def _median(action: Callable[[], object], rounds: int) -> float:
    action()
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        action()
        taken.append(1000 * (time.perf_counter() - start))
    return statistics.median(taken)


def _print_row(name: str, cells: tuple[float, float, float]) -> None:
    ours, worker, plain = cells
    print(f"{name:>22} {ours:>9.2f} {worker:>10.2f} {plain:>11.2f} {plain / ours:>5.1f}x")


if __name__ == "__main__":
    main()
