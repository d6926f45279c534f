"""One hierarchy and its letters for all tests of this room; keys are slow to make, letters too."""

from datetime import timedelta

import pytest

from tests.support.pki import Pki, make_pki
from tests.vectors.letters import pages, sign, trust_in
from verifier.model import TrustSnapshot
from verifier.policy import ValidationPolicy, load_policy


@pytest.fixture(scope="session")
def pki() -> Pki:
    return make_pki()


@pytest.fixture(scope="session")
def policy() -> ValidationPolicy:
    return load_policy("teken-1")


@pytest.fixture(scope="session")
def trust(pki: Pki) -> TrustSnapshot:
    return trust_in(pki, at=pki.at + timedelta(hours=1))


@pytest.fixture(scope="session")
def letter_b_b(pki: Pki) -> bytes:
    return sign(pages("Surat dinas"), pki.official, claimed=pki.at)


@pytest.fixture(scope="session")
def letter_b_t(pki: Pki) -> bytes:
    return sign(pages("Surat dinas"), pki.official, claimed=pki.at, token_of=(pki, pki.at))
