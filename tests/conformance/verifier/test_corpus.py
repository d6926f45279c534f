"""Real and hostile files of others. No forgery passes, nothing takes long, nothing raises; false alarms are counted.

Two readings of `accept`: under our own trust nobody else's signature passes at all; and, regardless of trust, "intact
and not changed in a forbidden way" must be false for every case with `accept=no`.
"""

import gzip
import time
from collections.abc import Iterator

import pytest

from tests.support.pki import make_pki
from tests.support.shared import CorpusCase, corpus
from tests.vectors.letters import trust_in
from verifier.limits import Limits
from verifier.model import Indication, ValidationReport
from verifier.policy import load_policy
from verifier.worker import WorkerPool

KNOWN_FALSE_ALARMS: frozenset[str] = frozenset()
LONGEST = 10.0
CASES = list(corpus())
PKI = make_pki()


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(2, Limits()) as workers:
        workers.warm()
        yield workers


def judge(case: CorpusCase, pool: WorkerPool) -> ValidationReport:
    content = case.path.read_bytes()
    if content.startswith(b"\x1f\x8b"):
        content = gzip.decompress(content)
    return pool.validate(content, load_policy("teken-1"), trust_in(PKI), PKI.at)


def untouched(report: ValidationReport) -> bool:
    """Whether the cryptography holds and nothing forbidden came later, whoever signed."""
    return bool(report.signatures) and all(
        each.intact and all(change.allowed for change in each.modifications) for each in report.signatures
    )


@pytest.mark.skipif(not CASES, reason="the corpus is absent: set TEKEN_SHARED")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.path.name[:40])
def test_a_strangers_file_gets_a_true_report_in_time(case: CorpusCase, pool: WorkerPool) -> None:
    start = time.monotonic()
    report = judge(case, pool)
    assert time.monotonic() - start < LONGEST
    assert report.indication is not Indication.TOTAL_PASSED, "nobody here is known to us"
    if case.accept == "no":
        assert not untouched(report), case.why


@pytest.mark.skipif(not CASES, reason="the corpus is absent: set TEKEN_SHARED")
def test_good_files_raise_no_new_false_alarm(pool: WorkerPool, capsys: pytest.CaptureFixture[str]) -> None:
    good = [case for case in CASES if case.accept == "yes"]
    alarms = {case.path.name: judge(case, pool).detail for case in good if not untouched(judge(case, pool))}
    with capsys.disabled():
        print(f"\n{len(alarms)} false alarms in {len(good)} good files:", alarms)  # noqa: T201  # the figure is the point
    assert alarms.keys() <= KNOWN_FALSE_ALARMS


def levels() -> list[tuple[CorpusCase, str]]:
    named = (("B-LTA", "LTA"), ("h0255-B-LT", "LT"), ("h0529-testPAdES_BB", "B"), ("h0504-pades-b-t", "T"))
    return [(case, level) for case in CASES for mark, level in named if mark in case.path.name]


@pytest.mark.parametrize(("case", "level"), levels(), ids=str)
def test_the_level_of_others_is_recognised(case: CorpusCase, level: str, pool: WorkerPool) -> None:
    assert judge(case, pool).signatures[0].level == f"PAdES-B-{level}"
