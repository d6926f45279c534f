"""Validation data is believed only when it is genuine, fresh and good."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.x509.ocsp import OCSPCertStatus

from signer.errors import CredentialUnusable, StatusUnavailable
from signer.model import ValidationData
from signer.status import collect
from tests.support.pki import Pki, make_pki
from tests.support.signer_memory import PkiStatusSource


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki()


@dataclass(frozen=True)
class Given:
    """Says the same about every chain."""

    data: ValidationData

    def status_for(self, chain: tuple[x509.Certificate, ...]) -> ValidationData:
        return self.data


def good(pki: Pki) -> ValidationData:
    return PkiStatusSource(pki=pki).status_for(pki.official.chain)


def gather(pki: Pki, data: ValidationData) -> ValidationData:
    return collect(Given(data), (pki.official.chain,), now=lambda: pki.at)


def test_missing_status_is_refused(pki: Pki) -> None:
    for lacking in (replace(good(pki), crls=()), replace(good(pki), ocsp_responses=(), crls=good(pki).crls[1:])):
        with pytest.raises(StatusUnavailable):
            gather(pki, lacking)


def test_stale_status_is_refused(pki: Pki) -> None:
    old = pki.at - timedelta(days=3)
    stale = PkiStatusSource(pki=pki, at=old).status_for(pki.official.chain)
    with pytest.raises(StatusUnavailable):
        gather(pki, stale)


def test_status_from_the_future_is_refused(pki: Pki) -> None:
    early = PkiStatusSource(pki=pki, at=pki.at + timedelta(hours=1)).status_for(pki.official.chain)
    with pytest.raises(StatusUnavailable):
        gather(pki, early)


def test_status_signed_by_strangers_is_no_status(pki: Pki) -> None:
    stranger = make_pki()
    forged = stranger.ocsp(pki.official.certificate)
    data = replace(good(pki), ocsp_responses=(forged,), crls=(stranger.crl(), pki.crl(pki.root)))
    with pytest.raises(StatusUnavailable):
        gather(pki, data)


def test_an_ocsp_response_of_somebody_without_the_right_is_no_status(pki: Pki) -> None:
    forged = pki.ocsp(pki.official.certificate, responder=pki.official)
    with pytest.raises(StatusUnavailable):
        gather(pki, replace(good(pki), ocsp_responses=(forged,), crls=(pki.crl(pki.root),)))


@pytest.mark.parametrize("where", ["ocsp", "crl"])
def test_a_revoked_signatory_is_told_so_whoever_says_it(pki: Pki, where: str) -> None:
    own = pki.official.certificate
    if where == "ocsp":
        data = replace(good(pki), ocsp_responses=(pki.ocsp(own, OCSPCertStatus.REVOKED),))
    else:
        data = replace(good(pki), crls=(pki.crl(revoked={own.serial_number: pki.at}), pki.crl(pki.root)))
    with pytest.raises(CredentialUnusable) as refused:
        gather(pki, data)
    assert refused.value.reason == "revoked"


def test_a_revoked_time_stamping_unit_is_our_fault_not_the_callers(pki: Pki) -> None:
    source = PkiStatusSource(pki=pki, revoked={pki.tsu.certificate.serial_number: pki.at})
    with pytest.raises(StatusUnavailable):
        collect(source, (pki.official.chain, pki.tsu.chain), now=lambda: pki.at)


def test_good_status_is_collected_once_for_all_chains(pki: Pki) -> None:
    data = collect(PkiStatusSource(pki=pki), (pki.official.chain, pki.tsu.chain), now=lambda: pki.at)
    assert len(data.ocsp_responses) == 2
    assert len(data.crls) == len(set(data.crls)) == 2
    assert {pki.official.certificate, pki.tsu.certificate, pki.responder.certificate} <= set(data.certificates)
