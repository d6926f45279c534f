"""Published attacks, rebuilt by program, fail although their root is trusted; the honest letter beside them passes."""

from datetime import timedelta

import pytest

from tests.support.pki import Pki, make_pki
from tests.vectors.attacks import ATTACKS, Vector, build_all, letter
from tests.vectors.letters import trust_in
from verifier.model import Indication, SubIndication
from verifier.policy import load_policy
from verifier.validation import validate

POLICY = load_policy("teken-1")
MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki()


@pytest.fixture(scope="module")
def vectors(pki: Pki) -> dict[str, Vector]:
    return {vector.name: vector for vector in build_all(pki)}


def test_the_honest_letter_passes(pki: Pki) -> None:
    assert validate(letter(pki), POLICY, trust_in(pki), pki.at + MINUTE).indication is Indication.TOTAL_PASSED


@pytest.mark.parametrize("name", [attack.__name__ for attack in ATTACKS])
def test_an_attack_fails_in_its_own_way(name: str, vectors: dict[str, Vector], pki: Pki) -> None:
    vector = vectors[name]
    report = validate(vector.pdf, POLICY, trust_in(pki), pki.at + MINUTE)
    assert report.indication not in (Indication.TOTAL_PASSED, Indication.NO_SIGNATURE), vector.why
    for reason in SubIndication:
        if f"{reason.name}." in vector.why or f"{reason.name}," in vector.why:
            assert report.reason is reason, vector.why


@pytest.mark.parametrize("name", ["content_overwritten", "page_swapped", "page_added", "annotation_over_the_sum"])
def test_the_report_names_the_revision_and_the_signed_bytes_still_hold(
    name: str, vectors: dict[str, Vector], pki: Pki
) -> None:
    (signature,) = validate(vectors[name].pdf, POLICY, trust_in(pki), pki.at + MINUTE).signatures
    assert signature.intact
    assert [(change.revision, change.allowed) for change in signature.modifications] == [(3, False)]
