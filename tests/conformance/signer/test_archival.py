"""PDF/A and PDF/UA in, PDF/A and PDF/UA out: veraPDF is asked before and after signing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from signer.model import SignatureLevel, SignedAs, StampPlacement
from tests.conformance.signer.java import JavaJudge
from tests.support.letters import conforming, letter
from tests.support.pki import Pki, make_pki
from tests.support.signing import Desk, request

pytestmark = pytest.mark.judge

KINDS = [
    pytest.param(("a-1b",), "1b", id="PDF/A-1b"),
    pytest.param(("a-2a",), "2a", id="PDF/A-2a"),
    pytest.param(("a-2b",), "2b", id="PDF/A-2b"),
    pytest.param(("a-3b",), "3b", id="PDF/A-3b"),
    pytest.param(("a-4",), "4", id="PDF/A-4"),
    pytest.param(("ua-1",), "ua1", id="PDF/UA-1"),
    pytest.param(("a-2a", "ua-1"), "2a", id="PDF/A-2a of both"),
    pytest.param(("a-2a", "ua-1"), "ua1", id="PDF/UA-1 of both"),
]


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki()


@pytest.fixture(scope="module")
def judge() -> Iterator[JavaJudge]:
    with JavaJudge() as judge:
        yield judge


@pytest.mark.parametrize("stamp", [None, StampPlacement()], ids=["invisible", "stamped"])
@pytest.mark.parametrize("level", SignatureLevel, ids=lambda level: level.value)
@pytest.mark.parametrize(("standards", "flavour"), KINDS)
def test_what_conformed_still_does(
    judge: JavaJudge,
    pki: Pki,
    tmp_path: Path,
    *,
    standards: tuple[str, ...],
    flavour: str,
    level: SignatureLevel,
    stamp: StampPlacement | None,
) -> None:
    path = tmp_path / "letter.pdf"
    path.write_bytes(conforming(*standards))
    assert judge.faults(flavour, path) == ""
    once = Desk(pki=pki).service.sign(request(document=path.read_bytes(), level=level, stamp=stamp)).pdf
    path.write_bytes(once)
    assert judge.faults(flavour, path) == ""
    twice = Desk(pki=pki).service.sign(request(document=once, level=level)).pdf
    path.write_bytes(twice)
    assert judge.faults(flavour, path) == ""


@pytest.mark.parametrize(("standards", "flavour"), KINDS)
def test_footers_and_balinese_letters_conform_too(
    judge: JavaJudge, pki: Pki, tmp_path: Path, standards: tuple[str, ...], flavour: str
) -> None:
    path = tmp_path / "letter.pdf"
    says = SignedAs(office="ᬕᬸᬩᭂᬃᬦᬸᬃ ᬩᬮᬶ", on_behalf="a.n. GUBERNUR CONTOH")
    asked = request(
        document=conforming(*standards), footer="footer", stamp=StampPlacement(template="surat"), signed_as=says
    )
    path.write_bytes(Desk(pki=pki).service.sign(asked).pdf)
    assert judge.faults(flavour, path) == ""


def test_a_second_stamp_keeps_conformance(judge: JavaJudge, pki: Pki, tmp_path: Path) -> None:
    path = tmp_path / "letter.pdf"
    once = Desk(pki=pki).service.sign(request(document=conforming("ua-1"), stamp=StampPlacement())).pdf
    path.write_bytes(Desk(pki=pki).service.sign(request(document=once, stamp=StampPlacement())).pdf)
    assert judge.faults("ua1", path) == ""


def test_the_judge_is_awake(judge: JavaJudge, tmp_path: Path) -> None:
    path = tmp_path / "letter.pdf"
    path.write_bytes(letter())
    assert "2b" not in judge.faults("2b", path) != ""
    path.write_bytes(conforming("a-2b"))
    assert "7.1" in judge.faults("ua1", path)
