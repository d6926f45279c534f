"""Every shape at every level before every judge; the run ends with the table, and docs/judges.md has it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from signer.model import SignatureLevel
from tests.conformance.signer import table
from tests.conformance.signer.table import ABSENT, ACCEPTS, JUDGES, SHAPES, Bench, is_present, open_bench, row, verdicts
from tests.support.letters import letter

pytestmark = pytest.mark.judge

PAGE = Path(__file__).resolve().parents[3] / "docs" / "judges.md"


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with open_bench(tmp_path_factory.mktemp("table")) as bench:
        yield bench


@pytest.mark.parametrize("level", SignatureLevel, ids=lambda level: level.value)
@pytest.mark.parametrize("shape", SHAPES)
def test_every_judge_accepts(
    bench: Bench, shape: str, level: SignatureLevel, record_property: Callable[[str, object], None]
) -> None:
    said = verdicts(bench, shape, level)
    if said is None:
        assert not any(line.startswith(f"| {shape} | {level.value} |") for line in page_lines())
        return
    record_property("judges", row(shape, level, said))
    refusing = {name: word for name, word in zip(JUDGES, said, strict=True) if word not in (ACCEPTS, ABSENT)}
    assert all(word.startswith("not asked (") for word in refusing.values()), refusing
    assert any(agrees(said, line) for line in page_lines() if line.startswith(f"| {shape} | {level.value} |")), (
        "the page says something else: python -m tests.conformance.signer.table docs/judges.md"
    )


def page_lines() -> list[str]:
    return PAGE.read_text(encoding="utf-8").splitlines()


def agrees(said: tuple[str, ...], line: str) -> bool:
    """Whether the page's row says the same, as far as the judges are at hand."""
    written = [cell.strip() for cell in line.strip("|").split("|")][2:]
    return all(here in (ABSENT, there) for here, there in zip(said, written, strict=True))


def test_the_page_is_complete() -> None:
    """Its head, its notes, and no row that nobody asked for; every judge was at hand when it was written."""
    text = PAGE.read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith(("| shape", "| ---"))]
    assert text == table.page(rows)
    assert ABSENT not in text
    assert {tuple(cell.strip() for cell in line.split("|")[1:3]) for line in rows} <= {
        (shape, level.value) for shape in SHAPES for level in SignatureLevel
    }


@pytest.mark.parametrize("name", ["Teken", "pdfsig", "MuPDF", "OpenSSL cms", "PDFBox"])
def test_a_judge_that_accepts_is_awake(bench: Bench, name: str) -> None:
    """An octet of the page is another one: nobody accepts it."""
    program, ask = JUDGES[name]
    if not is_present(program):
        pytest.skip(f"{name} is absent: {program} is not installed")
    case = bench.case(letter(), SignatureLevel.B_T)
    assert ask(bench, case) == ACCEPTS
    changed = replace(case, pdf=case.pdf[:1000] + bytes([case.pdf[1000] ^ 1]) + case.pdf[1001:])
    try:
        said = ask(bench, changed)
    except AssertionError as error:  # OpenSSL's own words
        said = str(error)
    assert said != ACCEPTS


@pytest.mark.parametrize("name", ["pdfsig", "OpenSSL ts", "NSS"])
def test_a_stranger_is_trusted_by_nobody(bench: Bench, name: str, tmp_path: Path) -> None:
    program, ask = JUDGES[name]
    if not is_present(program):
        pytest.skip(f"{name} is absent: {program} is not installed")
    stranger = Bench(tmp_path, None)
    case = stranger.case(letter(), SignatureLevel.B_T)
    assert ask(stranger, case) == ACCEPTS
    try:
        said = ask(bench, case)
    except AssertionError as error:
        said = str(error)
    assert said != ACCEPTS


@pytest.mark.parametrize(("name", "flavour"), [("veraPDF", "2b")])
def test_a_document_that_claims_too_much_is_noticed(bench: Bench, name: str, flavour: str) -> None:
    program, ask = JUDGES[name]
    if not is_present(program):
        pytest.skip(f"{name} is absent: mvn -q -f tests/conformance/java/pom.xml dependency:copy-dependencies")
    assert ask(bench, replace(bench.case(letter(), SignatureLevel.B_B), flavour=flavour)) != ACCEPTS


def test_a_file_that_was_cut_is_noticed_by_qpdf(bench: Bench) -> None:
    if not is_present("qpdf"):
        pytest.skip("qpdf is absent")
    case = bench.case(letter(), SignatureLevel.B_B)
    assert JUDGES["qpdf"][1](bench, replace(case, pdf=case.pdf[:-300])) != ACCEPTS
