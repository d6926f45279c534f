"""Milliseconds to validate one signed letter: ours in process, ours through a worker, plain pyHanko, in one run.

    python -m benchmarks.verify [--rounds N] [--kilobytes N ...] [--signatures N ...] [--objects N] [--many N]

Medians of wall-clock time on warm processes. Both sides know the same root and the same CRLs; plain pyHanko gets a
fresh validation context a document, as its documentation shows. Documents of many objects, once with a table and once
with object streams, and one of many signatures are measured once by plain pyHanko, because it takes so long.
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from io import BytesIO
from typing import Final

import pikepdf
from asn1crypto import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pikepdf import Array, Dictionary, ObjectStreamMode
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

_PAGES: Final = 200
Document = tuple[str, bytes, int]
"""Name, file, rounds of plain pyHanko."""


def main() -> None:
    """Parse the command line, measure, print one line a document."""
    parser = argparse.ArgumentParser(prog="benchmarks.verify", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rounds", type=int, default=15, help="measurements a cell (default 15)")
    parser.add_argument("--kilobytes", type=int, nargs="+", default=[20, 500], help="sizes of the letter")
    parser.add_argument("--signatures", type=int, nargs="+", default=[1, 3, 10], help="signatures on each letter")
    parser.add_argument("--objects", type=int, default=30_000, help="objects of the large documents; 0 leaves them out")
    parser.add_argument("--many", type=int, default=64, help="signatures of the last letter; 0 leaves it out")
    options = parser.parse_args()
    pki = make_pki()
    at = pki.at + timedelta(hours=1)
    print(f"{'document':>32} {'ours ms':>9} {'worker ms':>10} {'pyHanko ms':>11} {'ratio':>6}")
    with WorkerPool(1, Limits()) as pool:
        pool.warm()
        for name, pdf, plain_rounds in _documents(pki, options):
            _print_row(name, _row(pdf, pki, at, pool, (options.rounds, plain_rounds)))


def _documents(pki: Pki, options: argparse.Namespace) -> Iterator[Document]:
    for kilobytes in options.kilobytes:
        for count in options.signatures:
            yield f"{kilobytes} KB, {count} signed", _signed(pki, _letter(kilobytes), count), options.rounds
    for streams in (False, True) if options.objects else ():
        base = _of_many_objects(options.objects, streams=streams)
        for count in options.signatures:
            kind = "streams" if streams else "table"
            yield f"{options.objects} objects, {kind}, {count} signed", _signed(pki, base, count), 1
    if options.many:
        yield f"20 KB, {options.many} signed", _signed(pki, _letter(20), options.many), 1


def _letter(kilobytes: int) -> bytes:
    filler = b"%" + b"x" * 1022 + b"\n"
    stream = b"<< /Length %d >>\nstream\n%s\nendstream" % (1024 * kilobytes, filler * kilobytes)
    return pages("Surat dinas", extra=[stream])


def _of_many_objects(count: int, *, streams: bool) -> bytes:
    """Two hundred pages, each of which leads to its share of small objects that lead back to it."""
    pdf = pikepdf.new()
    for _ in range(_PAGES):
        pdf.add_blank_page(page_size=(595, 842))
    for page in pdf.pages:
        rows = [pdf.make_indirect(Dictionary(Row=each, Text="baris", Page=page.obj)) for each in range(count // _PAGES)]
        page.obj.PieceInfo = Dictionary(Teken=Array(rows))
        page.obj.Contents = pdf.make_stream(b"")
    out = BytesIO()
    pdf.save(out, object_stream_mode=ObjectStreamMode.generate if streams else ObjectStreamMode.disable)
    return out.getvalue()


def _signed(pki: Pki, pdf: bytes, count: int) -> bytes:
    for number in range(count):
        token_of = (pki, pki.at) if number == 0 else None
        pdf = sign(pdf, pki.official, field=f"Signature{number + 1}", claimed=pki.at, token_of=token_of)
    return pdf


def _row(pdf: bytes, pki: Pki, at: datetime, pool: WorkerPool, rounds: tuple[int, int]) -> tuple[float, float, float]:
    policy, trust = load_policy("teken-1"), trust_in(pki, at=at)
    if validate(pdf, policy, trust, at).indication is not Indication.TOTAL_PASSED:
        raise SystemExit("the letter does not pass: a benchmark of refusals says nothing")
    return (
        _median(lambda: validate(pdf, policy, trust, at), rounds[0]),
        _median(lambda: pool.validate(pdf, policy, trust, at), rounds[0]),
        _median(lambda: _plain(pdf, trust, pki, at), rounds[1]),
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
    if rounds > 1:
        action()
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        action()
        taken.append(1000 * (time.perf_counter() - start))
    return statistics.median(taken)


def _print_row(name: str, cells: tuple[float, float, float]) -> None:
    ours, worker, plain = cells
    print(f"{name:>32} {ours:>9.2f} {worker:>10.2f} {plain:>11.2f} {plain / ours:>5.1f}x")


if __name__ == "__main__":
    main()
