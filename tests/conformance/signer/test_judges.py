"""Every real document, signed at B-LT and B-LTA with a stamp, before the tools that citizens and auditors use."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path

import pytest

from signer.model import SignatureLevel, StampPlacement
from tests.conformance.signer.judges import Anchors, embedded, qpdf_warnings, run
from tests.support.archiving import House
from tests.support.letters import letter
from tests.support.pki import Pki, make_pki, new_unit
from tests.support.shared import documents
from tests.support.signing import Desk, request

pytestmark = pytest.mark.judge

LEVELS = [SignatureLevel.B_LT, SignatureLevel.B_LTA]
DOCUMENTS = [pytest.param(path, id=path.stem) for path in documents()] + [pytest.param(None, id="our letter")]


@dataclass(frozen=True)
class Bench:
    """The PKI of this run, valid now: the tools look at the clock themselves."""

    pki: Pki
    anchors: Anchors
    folder: Path


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    folder = tmp_path_factory.mktemp("judges")
    pki = make_pki(datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1))
    return Bench(pki, Anchors.make(folder, pki.root.certificate, pki.issuing.certificate), folder)


@dataclass(frozen=True)
class Case:
    original: bytes
    pdf: bytes
    path: Path


@pytest.fixture(params=LEVELS, ids=lambda level: level.value)
def level(request: pytest.FixtureRequest) -> SignatureLevel:
    return request.param


@pytest.fixture(params=DOCUMENTS)
def case(request: pytest.FixtureRequest, bench: Bench, level: SignatureLevel) -> Case:
    original = request.param.read_bytes() if request.param else letter()
    signed = sign(bench, original, level)
    path = bench.folder / "signed.pdf"
    path.write_bytes(signed)
    return Case(original, signed, path)


def sign(bench: Bench, document: bytes, level: SignatureLevel) -> bytes:
    return Desk(pki=bench.pki).service.sign(request(document=document, level=level, stamp=StampPlacement())).pdf


def test_every_judge_agrees(bench: Bench, case: Case, level: SignatureLevel) -> None:
    poppler = bench.anchors.poppler_says(case.path)
    assert "Signature is Valid." in poppler
    assert "Certificate is Trusted." in poppler
    assert "ETSI.CAdES.detached" in poppler
    ours = embedded(case.pdf, after=len(case.original))
    assert len(ours) == (2 if level is SignatureLevel.B_LTA else 1)
    bench.anchors.require_cms(ours[0].cms, ours[0].content)
    assert ours[0].token is not None
    bench.anchors.require_token(ours[0].token, ours[0].value)
    for archive in ours[1:]:
        bench.anchors.require_token(archive.cms, archive.content)
    mupdf = run("mutool", "sign", "-v", case.path).stdout
    assert "The signature is valid" in mupdf or "unchanged since signing" in mupdf
    original = bench.folder / "original.pdf"
    original.write_bytes(case.original)
    assert qpdf_warnings(case.path) <= qpdf_warnings(original)


def test_the_judges_are_awake(bench: Bench) -> None:
    """A changed octet and a foreign root must not pass, or the tests above prove nothing."""
    signed = sign(bench, letter(), SignatureLevel.B_T)
    changed = bench.folder / "changed.pdf"
    changed.write_bytes(signed[:1000] + bytes([signed[1000] ^ 1]) + signed[1001:])
    assert "Signature is Valid." not in bench.anchors.poppler_says(changed)
    foreign = make_pki(bench.pki.at)
    other = Desk(pki=foreign).service.sign(request(level=SignatureLevel.B_T)).pdf
    changed.write_bytes(other)
    assert "is Trusted" not in bench.anchors.poppler_says(changed)


@pytest.mark.parametrize("level", [SignatureLevel.B_B, SignatureLevel.B_T], ids=lambda level: level.value)
def test_one_revision_leaves_the_document_unchanged_since_signing(bench: Bench, level: SignatureLevel) -> None:
    path = bench.folder / "once.pdf"
    path.write_bytes(sign(bench, letter(), level))
    assert "unchanged since signing" in run("mutool", "sign", "-v", path).stdout
    assert "Total document signed" in run("pdfsig", "-nocert", path).stdout


@pytest.fixture(scope="module")
def house(bench: Bench) -> House:
    return House(pki=bench.pki)


@pytest.mark.parametrize(("low", "high"), list(combinations(SignatureLevel, 2)), ids=lambda level: level.value)
def test_every_judge_agrees_on_what_was_raised(
    bench: Bench, house: House, low: SignatureLevel, high: SignatureLevel
) -> None:
    raised = house.augmentation.augment(house.signed(low), high).pdf
    require_every_judge(bench, raised, stamps=_stamps(low, high))


def test_every_judge_agrees_on_what_was_renewed(bench: Bench, house: House) -> None:
    archived = house.signed(SignatureLevel.B_LTA)
    house.units.append(new_unit(bench.pki.issuing, bench.pki.at + timedelta(days=10)))  # lives longer: a gain
    renewed = house.augmentation.renew(archived).pdf
    require_every_judge(bench, renewed, stamps=2)


def _stamps(low: SignatureLevel, high: SignatureLevel) -> int:
    """How many document timestamps raising adds: one where there was no timestamp at all, one over the DSS."""
    return (low is SignatureLevel.B_B) + (high is SignatureLevel.B_LTA)


def require_every_judge(bench: Bench, pdf: bytes, *, stamps: int) -> None:
    path = bench.folder / "raised.pdf"
    path.write_bytes(pdf)
    poppler = bench.anchors.poppler_says(path)
    assert "Signature is Valid." in poppler
    assert "Certificate is Trusted." in poppler
    first, *archives = embedded(pdf)
    bench.anchors.require_cms(first.cms, first.content)
    if first.token is not None:
        bench.anchors.require_token(first.token, first.value)
    assert len(archives) == stamps
    for each in archives:
        bench.anchors.require_token(each.cms, each.content)
    mupdf = run("mutool", "sign", "-v", path).stdout
    assert "The signature is valid" in mupdf or "unchanged since signing" in mupdf
    original = bench.folder / "original.pdf"
    original.write_bytes(letter())
    assert qpdf_warnings(path) <= qpdf_warnings(original)
