"""Files of every shape, signed at every level, before PDFBox with Bouncy Castle and qpdf."""

import io
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest

from signer.model import SignatureLevel, StampPlacement
from tests.conformance.signer.java import JavaJudge
from tests.conformance.signer.judges import qpdf_warnings
from tests.support.letters import blank, conforming, letter, saved
from tests.support.pki import Pki, make_pki
from tests.support.signing import Desk, request

pytestmark = pytest.mark.judge


def resaved(**options: object) -> bytes:
    with pikepdf.open(io.BytesIO(letter())) as opened:
        return saved(opened, **options)


SHAPES = {
    "plain": letter,
    "object streams": lambda: resaved(object_stream_mode=pikepdf.ObjectStreamMode.generate),
    "no object streams": lambda: resaved(object_stream_mode=pikepdf.ObjectStreamMode.disable),
    "linearised": lambda: resaved(linearize=True),
    "rotated": lambda: saved(blank(rotate=90)),
    "PDF/A-1": lambda: conforming("a-1b"),
    "PDF/A and PDF/UA": lambda: conforming("a-2a", "ua-1"),
}


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki()


@pytest.fixture(scope="module")
def judge() -> Iterator[JavaJudge]:
    with JavaJudge() as judge:
        yield judge


@pytest.mark.parametrize("stamp", [None, StampPlacement()], ids=["invisible", "stamped"])
@pytest.mark.parametrize("level", SignatureLevel, ids=lambda level: level.value)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_file_of_any_shape_is_signed_twice_and_holds(
    judge: JavaJudge, pki: Pki, tmp_path: Path, *, shape: str, level: SignatureLevel, stamp: StampPlacement | None
) -> None:
    document, path = SHAPES[shape](), tmp_path / "letter.pdf"
    path.write_bytes(document)
    before = qpdf_warnings(path)
    for stamped in (stamp, None):
        asked = request(document=document, level=level, stamp=stamped)
        document = Desk(pki=pki).service.sign(asked).pdf
        path.write_bytes(document)
        assert judge.signature_faults(path) == ""
        assert qpdf_warnings(path) <= before


def test_the_judge_is_awake(judge: JavaJudge, pki: Pki, tmp_path: Path) -> None:
    signed, path = Desk(pki=pki).service.sign(request(level=SignatureLevel.B_T)).pdf, tmp_path / "letter.pdf"
    path.write_bytes(signed[:1000] + bytes([signed[1000] ^ 1]) + signed[1001:])
    assert judge.signature_faults(path) != ""
    path.write_bytes(letter())
    assert judge.signature_faults(path) == "no signature"
