"""What every judge says of every shape of a signed document at every level: the rows of docs/judges.md.

    python -m tests.conformance.signer.table docs/judges.md     writes the page anew, where every judge is at hand

A row is a shape at a level, a cell what one judge says. A judge that was not asked has its reason in the notes; one
that is not installed is absent, and never taken for one that accepts.
"""

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.serialization import Encoding

from signer.model import Certify, SignatureLevel, StampPlacement
from tests.conformance.signer.java import JavaJudge, has_java_judges
from tests.conformance.signer.judges import Anchors, Embedded, embedded, qpdf_warnings, run
from tests.support.archiving import House
from tests.support.letters import conforming, letter
from tests.support.pki import Holder, Pki, make_pki, new_unit
from tests.support.signing import Desk, request
from tests.vectors import file_shapes
from tests.vectors.letters import trust_in
from verifier.policy import load_policy
from verifier.validation import validate

ACCEPTS: Final = "accepts"
ABSENT: Final = "absent here"

_NO_TIMESTAMP: Final = "not asked (1)"
_CLAIMS_NOTHING: Final = "not asked (2)"
_NOTES: Final = """\
(1) A signature at B-B has no timestamp.
(2) The document claims neither PDF/A nor PDF/UA.

What the judges are asked:

- **Teken**: our own verifier, policy `teken-1`, with the root as its only anchor. Every signature and every document
  timestamp passes.
- **pdfsig** (poppler with NSS): every signature is valid, its certificate trusted. It does not judge document
  timestamps ("has not yet been verified"), and poppler 22.12 cannot judge a second signature by the same certificate,
  so several signers are several certificates here.
- **MuPDF**: every signature is valid. It has no view of document timestamps.
- **OpenSSL cms**: CMS, CAdES attributes and chain of every signature. **OpenSSL ts**: every timestamp token and every
  document timestamp, with its chain.
- **qpdf**: warns of nothing that it did not warn of before the signature.
- **NSS** (`vfychain`): the chain of every signatory, as that of somebody who signs.
- **PDFBox** with Bouncy Castle: byte range, digest and signature value of every signature and document timestamp.
- **veraPDF**: the document still conforms to what it claims.
"""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One signed document, and what it was before."""

    original: bytes
    pdf: bytes
    signers: tuple[Holder, ...]
    flavour: str | None = None
    """What veraPDF calls the standard that it claims."""


@dataclass
class Bench:
    """One PKI that is valid now, for the tools look at the clock themselves; and where files go."""

    folder: Path
    java: JavaJudge | None
    pki: Pki = field(default_factory=lambda: make_pki(datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1)))

    @cached_property
    def anchors(self) -> Anchors:
        return Anchors.make(self.folder, self.pki.root.certificate, self.pki.issuing.certificate)

    @cached_property
    def second(self) -> Holder:
        return self.pki.official_with(name="Ni Made Contoh", opaque_id="L7ZXA2LBONUWC3TC")

    @cached_property
    def organisation(self) -> Holder:
        return self.pki.official_with(name="Dinas Contoh", opaque_id="M8ZXA2LBONUWC3TD")

    def sign(self, document: bytes, level: SignatureLevel, holder: Holder | None = None, **how: object) -> bytes:
        pki = self.pki if holder is None else replace(self.pki, official=holder)
        return Desk(pki=pki).service.sign(request(document=document, level=level, **how)).pdf

    def case(
        self,
        document: bytes,
        level: SignatureLevel,
        *holders: Holder,
        stamp: bool = False,
        flavour: str | None = None,
        certify: Certify | None = None,
    ) -> Case:
        """`document` signed by each of `holders` in turn, the official alone where none is named."""
        signers, pdf = holders or (self.pki.official,), document
        for number, holder in enumerate(signers):
            placed = StampPlacement() if stamp and not number else None
            pdf = self.sign(pdf, level, holder, stamp=placed, certify=certify if not number else None)
        return Case(original=document, pdf=pdf, signers=signers, flavour=flavour)

    def raised(self, level: SignatureLevel) -> Case | None:
        """Signed at B-B, raised later."""
        if level is SignatureLevel.B_B:
            return None
        house = House(pki=self.pki)
        pdf = house.augmentation.augment(house.signed(SignatureLevel.B_B), level).pdf
        return Case(original=letter(), pdf=pdf, signers=(self.pki.official,))

    def renewed(self, level: SignatureLevel) -> Case | None:
        """Archived, and archived again before the first stamp ends."""
        if level is not SignatureLevel.B_LTA:
            return None
        house = House(pki=self.pki)
        archived = house.signed(level)
        house.units.append(new_unit(self.pki.issuing, self.pki.at + timedelta(days=10)))  # lives longer: a gain
        pdf = house.augmentation.renew(archived).pdf
        return Case(original=letter(), pdf=pdf, signers=(self.pki.official,))


Maker = Callable[[Bench, SignatureLevel], Case | None]

SHAPES: Final[dict[str, Maker]] = {
    "invisible": lambda bench, level: bench.case(letter(), level),
    "visible stamp": lambda bench, level: bench.case(letter(), level, stamp=True),
    "PDF/A-1b": lambda bench, level: bench.case(conforming("a-1b"), level, stamp=True, flavour="1b"),
    "PDF/A-2a": lambda bench, level: bench.case(conforming("a-2a"), level, stamp=True, flavour="2a"),
    "PDF/A-3b": lambda bench, level: bench.case(conforming("a-3b"), level, stamp=True, flavour="3b"),
    "PDF/UA-1": lambda bench, level: bench.case(conforming("ua-1"), level, stamp=True, flavour="ua1"),
    "PDF 2.0 (PDF/A-4)": lambda bench, level: bench.case(file_shapes.pdf_2(), level, stamp=True, flavour="4"),
    "several signers": lambda bench, level: bench.case(
        letter(), level, bench.pki.official, bench.second, bench.organisation, stamp=True
    ),
    "certified": lambda bench, level: bench.case(letter(), level, certify=Certify.FORMS_AND_SIGNATURES),
    "an organisation's": lambda bench, level: bench.case(letter(), level, bench.organisation, stamp=True),
    "raised from B-B": lambda bench, level: bench.raised(level),
    "renewed": lambda bench, level: bench.renewed(level),
    "cross-reference stream": lambda bench, level: bench.case(file_shapes.with_xref_stream(), level, stamp=True),
    "object streams": lambda bench, level: bench.case(file_shapes.with_object_streams(), level, stamp=True),
    "linearised": lambda bench, level: bench.case(file_shapes.linearised(), level, stamp=True),
    "hybrid": lambda bench, level: bench.case(file_shapes.word_hybrid(), level, stamp=True),
    "form": lambda bench, level: bench.case(file_shapes.form(need_appearances=True), level, stamp=True),
}


def _signatures(case: Case) -> list[Embedded]:
    """Those of people, not those of time-stamping units."""
    found = embedded(case.pdf, after=len(case.original))
    names = {each.certificate for each in case.signers}
    return [each for each in found if each.signer in names]


def _written(bench: Bench, pdf: bytes, name: str = "signed.pdf") -> Path:
    path = bench.folder / name
    path.write_bytes(pdf)
    return path


def _teken(bench: Bench, case: Case) -> str:
    report = validate(case.pdf, load_policy("teken-1"), trust_in(bench.pki), datetime.now(UTC))
    wrong = [each.detail for each in report.signatures if not each.passed]
    return ACCEPTS if report.signatures and not wrong else "; ".join(wrong) or report.detail


def _pdfsig(bench: Bench, case: Case) -> str:
    said = bench.anchors.poppler_says(_written(bench, case.pdf))
    count = len(case.signers)
    valid, trusted = said.count("Signature is Valid."), said.count("Certificate is Trusted.")
    return ACCEPTS if (valid, trusted) == (count, count) else said


def _mupdf(bench: Bench, case: Case) -> str:
    said = run("mutool", "sign", "-v", _written(bench, case.pdf)).stdout
    valid = said.count("The signature is valid") + said.count("unchanged since signing")
    return ACCEPTS if valid == len(case.signers) else said


def _openssl_cms(bench: Bench, case: Case) -> str:
    signatures = _signatures(case)
    for each in signatures:
        bench.anchors.require_cms(each.cms, each.content)
    return ACCEPTS if len(signatures) == len(case.signers) else f"{len(signatures)} signatures"


def _openssl_ts(bench: Bench, case: Case) -> str:
    found = embedded(case.pdf, after=len(case.original))
    people = _signatures(case)
    archives = [each for each in found if each.signer not in {every.certificate for every in case.signers}]
    tokens = [(each.token, each.value) for each in people if each.token is not None]
    for token, content in (*tokens, *((each.cms, each.content) for each in archives)):
        bench.anchors.require_token(token, content)
    return ACCEPTS if tokens or archives else _NO_TIMESTAMP


def _qpdf(bench: Bench, case: Case) -> str:
    before = qpdf_warnings(_written(bench, case.original, "original.pdf"))
    more = qpdf_warnings(_written(bench, case.pdf)) - before
    return "; ".join(sorted(more)) or ACCEPTS


def _nss(bench: Bench, case: Case) -> str:
    for each in case.signers:
        leaf = bench.folder / "leaf.pem"
        leaf.write_bytes(each.certificate.public_bytes(Encoding.PEM))
        database = f"sql:{bench.anchors.nss}"
        said = run("vfychain", "-d", database, "-u", "4", "-a", leaf, "-a", bench.anchors.intermediate)
        if "Chain is good!" not in said.stderr:
            return said.stderr
    return ACCEPTS


def _pdfbox(bench: Bench, case: Case) -> str:
    assert bench.java is not None
    return bench.java.signature_faults(_written(bench, case.pdf)) or ACCEPTS


def _verapdf(bench: Bench, case: Case) -> str:
    if case.flavour is None:
        return _CLAIMS_NOTHING
    assert bench.java is not None
    return bench.java.faults(case.flavour, _written(bench, case.pdf)) or ACCEPTS


_JAVA: Final = "java"
JUDGES: Final[dict[str, tuple[str | None, Callable[[Bench, Case], str]]]] = {
    "Teken": (None, _teken),
    "pdfsig": ("pdfsig", _pdfsig),
    "MuPDF": ("mutool", _mupdf),
    "OpenSSL cms": ("openssl", _openssl_cms),
    "OpenSSL ts": ("openssl", _openssl_ts),
    "qpdf": ("qpdf", _qpdf),
    "NSS": ("vfychain", _nss),
    "PDFBox": (_JAVA, _pdfbox),
    "veraPDF": (_JAVA, _verapdf),
}
"""Each judge, and the program without which it is absent."""


def is_present(program: str | None) -> bool:
    """Whether a judge can be asked on this machine."""
    return has_java_judges() if program == _JAVA else program is None or shutil.which(program) is not None


def verdicts(bench: Bench, shape: str, level: SignatureLevel) -> tuple[str, ...] | None:
    """What each judge says, in the order of `JUDGES`; `None` where there is no such document."""
    case = SHAPES[shape](bench, level)
    if case is None:
        return None
    return tuple(ask(bench, case) if is_present(program) else ABSENT for program, ask in JUDGES.values())


def row(shape: str, level: SignatureLevel, said: tuple[str, ...]) -> str:
    """One line of the table."""
    return f"| {shape} | {level.value} | {' | '.join(said)} |"


def head() -> str:
    """The two lines above the rows."""
    names = ("shape", "level", *JUDGES)
    return f"| {' | '.join(names)} |\n|{' --- |' * len(names)}"


@contextmanager
def open_bench(folder: Path) -> Iterator[Bench]:
    """A bench with its Java process, where that can be had."""
    with ExitStack() as stack:
        yield Bench(folder, stack.enter_context(JavaJudge()) if has_java_judges() else None)


def page(rows: list[str]) -> str:
    """docs/judges.md."""
    return f"""\
# What independent judges say

Each shape of document that we sign, at each level, before the tools that citizens, auditors and archives have. The
table is printed at the end of `pytest -m judge tests/conformance/signer/test_table.py`, which fails where a judge does
not accept, and where this page says something else.

{head()}
{chr(10).join(rows)}

There is no row for a document that cannot be: nothing is raised to B-B, and only what is archived (B-LTA) is renewed.

{_NOTES}"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, open_bench(Path(folder)) as bench:
        rows = [
            row(shape, level, said)
            for shape in SHAPES
            for level in SignatureLevel
            if (said := verdicts(bench, shape, level)) is not None
        ]
    Path(sys.argv[1]).write_text(page(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
