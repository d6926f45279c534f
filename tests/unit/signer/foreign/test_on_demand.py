"""A stranger's letter is raised with status that is fetched there and then, from listed hosts and from nobody else."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp

from api.bulk.issuers import StatusByRoot
from api.fetching import ListedFetcher
from api.judging import WorkerJudge
from signer.augmentation import AugmentationService
from signer.errors import DocumentRefused, StatusUnavailable
from signer.foreign.fetching import StatusFetcher
from signer.foreign.model import ForeignRules
from signer.foreign.on_demand import StatusOnDemand
from signer.model import SignatureLevel
from tests.support.archiving import POLICY, House, InProcess
from tests.support.foreign_ca import certify
from tests.support.letters import letter
from tests.support.local_servers import LocalHttp, local_http
from tests.support.pki import Holder, Pki, make_pki
from tests.unit.signer.foreign.test_status import Kept
from tests.vectors.letters import sign
from verifier.model import TrustSnapshot
from verifier.trust import anchor_from, build_snapshot


@pytest.fixture
def http() -> Iterator[LocalHttp]:
    with local_http() as server:
        yield server


@pytest.fixture
def others(http: LocalHttp) -> Pki:
    """Another house, whose CRLs are served where its certificates say."""
    pki = make_pki(label="Luar", base_url=http.url(""))
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = certify(
        pki, key.public_key(), crl=http.url("/pki/crl/ca-1-g1.crl"), ocsp=http.url("/pki/ocsp"), name="Ni Luh Luar"
    )
    pki = replace(pki, official=Holder(key=key, chain=(certificate, *pki.issuing.chain)))
    http.say("/pki/crl/ca-1-g1.crl", pki.crl(pki.issuing))
    http.say("/pki/crl/root-g1.crl", pki.crl(pki.root))
    http.answers["/pki/ocsp"] = lambda body: (200, {}, _answer(pki, body))
    return pki


def _answer(pki: Pki, body: bytes) -> bytes:
    assert ocsp.load_der_ocsp_request(body).serial_number == pki.official.certificate.serial_number
    return pki.ocsp(pki.official.certificate)


class BothTrusted:
    """Our root and theirs."""

    def __init__(self, house: House, others: Pki) -> None:
        self._house, self._others = house, others

    def snapshot(self, at: object) -> TrustSnapshot:
        ours = self._house.snapshot(self._house.clock)
        other = anchor_from(self._others.root.certificate, name="Luar", certified=False)
        return build_snapshot([*ours.anchors, other], crls=ours.crls)


def raising(house: House, others: Pki, kept: Kept, hosts: frozenset[str]) -> AugmentationService:
    rules = ForeignRules(anchors=(others.root.certificate,), policies=frozenset(), hosts=hosts)
    fetcher = StatusFetcher(kept=kept, fetch=ListedFetcher(hosts, seconds=5), rules=rules)
    status = StatusByRoot(
        root=house.pki.root.certificate,
        own=house.status,
        other=StatusOnDemand(kept=kept, fetcher=fetcher, now=lambda: house.clock),
    )
    judge = WorkerJudge(InProcess(), BothTrusted(house, others), policy=POLICY, now=lambda: house.clock)  # type: ignore[arg-type]
    return AugmentationService(judge=judge, authorities=house.authorities, status=status, now=lambda: house.clock)


def test_a_strangers_letter_is_raised_with_status_from_its_own_house(others: Pki, http: LocalHttp) -> None:
    house, kept = House(), Kept()
    theirs = sign(letter(), others.official, claimed=house.clock)
    service = raising(house, others, kept, frozenset({http.host}))
    made = service.augment(theirs, SignatureLevel.B_LTA)
    assert made.level is SignatureLevel.B_LTA
    asked = len(http.asked)
    assert asked > 0
    service.augment(theirs, SignatureLevel.B_LT)
    assert len(http.asked) == asked, "what is young is not fetched again"


def test_who_is_not_listed_is_not_asked(others: Pki, http: LocalHttp) -> None:
    house = House()
    theirs = sign(letter(), others.official, claimed=house.clock)
    with pytest.raises(StatusUnavailable):
        raising(house, others, Kept(), frozenset({"pki.example.org"})).augment(theirs, SignatureLevel.B_LTA)
    assert http.asked == []


@pytest.mark.parametrize("body", [b"", b"rubbish", b"\x30\x03\x02\x01\x00"])
def test_rubbish_is_no_status(others: Pki, http: LocalHttp, body: bytes) -> None:
    for path in ("/pki/crl/ca-1-g1.crl", "/pki/ocsp"):
        http.say(path, body)
    house = House()
    theirs = sign(letter(), others.official, claimed=house.clock)
    with pytest.raises(StatusUnavailable):
        raising(house, others, Kept(), frozenset({http.host})).augment(theirs, SignatureLevel.B_LT)


def test_who_was_revoked_there_is_not_helped_here(others: Pki, http: LocalHttp) -> None:
    house = House()
    serial = others.official.certificate.serial_number
    http.say("/pki/crl/ca-1-g1.crl", others.crl(others.issuing, {serial: house.clock}))
    http.say("/pki/ocsp", b"")
    theirs = sign(letter(), others.official, claimed=house.clock)
    with pytest.raises(DocumentRefused) as refused:
        raising(house, others, Kept(), frozenset({http.host})).augment(theirs, SignatureLevel.B_LTA)
    assert refused.value.reason == "not-valid"
