"""Attacks of others, restated: other object numbers, another kind of section, the same signed bytes. None passes."""

from collections.abc import Iterator

import pytest

from tests.support.pki import make_pki
from tests.support.shared import CorpusCase, corpus
from tests.vectors.letters import trust_in
from tests.vectors.restated import restated
from verifier.document import open_document
from verifier.limits import Limits
from verifier.model import SignatureReport
from verifier.policy import load_policy
from verifier.validation import validate

PKI = make_pki()
STYLES = [(seed, streams) for seed in (1, 2) for streams in (False, True)]


def first(pdf: bytes) -> SignatureReport | None:
    return next(iter(validate(pdf, load_policy("teken-1"), trust_in(PKI), PKI.at).signatures), None)


def attacks() -> Iterator[CorpusCase]:
    """Those whose first signature holds, and whose later revisions are the attack: as objects, not as false offsets."""
    for case in corpus():
        if case.accept != "no" or case.expected != "modified":
            continue
        report = first(case.path.read_bytes())
        if report is None or not report.intact or all(each.allowed for each in report.modifications):
            continue
        if "cannot be read" not in report.detail:
            yield case


CASES = list(attacks())


@pytest.mark.skipif(not CASES, reason="the corpus is absent: set TEKEN_SHARED")
@pytest.mark.parametrize(("seed", "streams"), STYLES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.path.name[:40])
def test_an_attack_restated_is_still_an_attack(case: CorpusCase, seed: int, streams: bool) -> None:
    pdf = case.path.read_bytes()
    field = open_document(pdf, Limits()).fields[0]
    report = first(restated(pdf, field.end, field.revision, seed=seed, streams=streams))
    assert report is None or not report.passed
    assert report is None or not report.intact or any(not each.allowed for each in report.modifications)
