"""What is fitted around the archive: its alarm, a count that is not made at each scrape, units of other houses."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.x509.ocsp import load_der_ocsp_response

from api.archive import KeptProgress, OutsideUnits, archive_alarms
from api.kept import KEEP
from api.metrics import Metrics
from api.seams.own_ca import OwnStatus
from ca.model import PublishedCrl
from signer.archive import ArchiveProgress
from signer.timestamping import TimestampAuthorities
from tests.support.pki import NOON, Pki, make_pki
from tests.support.signer_memory import PkiTimestamper

GOOD = ArchiveProgress(documents=9, unexamined=1, due=2, overdue=0, failing=0, next_due_at=None)


def test_an_overdue_renewal_is_an_alarm() -> None:
    assert list(archive_alarms(GOOD)) == []
    (alarm,) = archive_alarms(replace(GOOD, overdue=3))
    assert alarm.name == "archive-overdue"
    assert "3 archived documents" in alarm.text


def test_the_archive_is_counted_once_a_minute() -> None:
    asked: list[datetime] = []
    clock = [NOON]

    def look(at: datetime) -> ArchiveProgress:
        asked.append(at)
        return GOOD

    progress = KeptProgress(look=look, now=lambda: clock[0])
    for seconds in (0, 30, 59, 60, 61):
        clock[0] = NOON + timedelta(seconds=seconds)
        assert progress() == GOOD
    assert asked == [NOON, NOON + KEEP]


def test_the_metrics_say_where_the_archive_stands() -> None:
    text = Metrics(dict, archive=lambda: GOOD).text().decode()
    assert 'teken_archive_documents{state="all"} 9.0' in text
    assert 'teken_archive_documents{state="due"} 2.0' in text


@dataclass
class Stranger(PkiTimestamper):
    """An authority whose unit nobody knows before it has answered."""

    met: bool = False

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        return self.pki.tsu.chain if self.met else ()

    def timestamp(self, digest: bytes, algorithm: str) -> Any:
        self.met = not self.broken
        return super().timestamp(digest, algorithm)


@dataclass
class Addresses:
    added: list[tuple[x509.Certificate, ...]] = field(default_factory=list)

    def add_chain(self, chain: tuple[x509.Certificate, ...], at: datetime) -> None:
        self.added.append(chain)


def test_the_status_of_another_houses_unit_is_fetched_from_its_first_token_on() -> None:
    own, other = make_pki(), make_pki(label="Luar")
    stranger = Stranger(pki=other, name="other", broken=True)
    authorities = TimestampAuthorities([PkiTimestamper(pki=own), stranger], now=lambda: NOON)
    addresses = Addresses()
    units = OutsideUnits(
        authorities,
        addresses,  # type: ignore[arg-type]
        own_root=own.root.certificate,
        now=lambda: NOON,
        random_bytes=bytes,
    )
    assert units.learn() == 0
    stranger.broken = False
    assert [units.learn(), units.learn()] == [1, 0]
    assert addresses.added == [other.tsu.chain]
    assert stranger.asked == 2
    assert authorities.likely_chain() == own.tsu.chain


@dataclass
class Responder:
    """Answers about the official."""

    pki: Pki

    @property
    def certificate(self) -> x509.Certificate:
        return self.pki.responder.certificate

    def status_of(self, certificate: x509.Certificate) -> bytes:
        return self.pki.ocsp(certificate)


@dataclass
class Crls:
    pki: Pki

    def current(self, issuer_id: str) -> PublishedCrl:
        der = self.pki.crl(self.pki.root if issuer_id == "root" else self.pki.issuing, {}, NOON)
        until = NOON + timedelta(days=1)
        return PublishedCrl(
            issuer_id=issuer_id, number=1, der=der, this_update=NOON, next_update=until, sha256=issuer_id
        )


def test_a_certificate_that_has_ended_is_answered_for_by_the_list_that_keeps_such_ones() -> None:
    pki = make_pki()
    clock = [NOON]
    source = OwnStatus(
        responders={pki.issuing.certificate.subject: ("ca", lambda: Responder(pki))},  # type: ignore[arg-type, dict-item]
        crls=Crls(pki),  # type: ignore[arg-type]
        root_id="root",
        now=lambda: clock[0],
    )

    def issuers() -> list[x509.Name]:
        data = source.status_for(pki.official.chain)
        assert load_der_ocsp_response(data.ocsp_responses[0]).serial_number == pki.official.certificate.serial_number
        return [x509.load_der_x509_crl(der).issuer for der in data.crls]

    assert issuers() == [pki.root.certificate.subject]
    clock[0] = pki.official.certificate.not_valid_after_utc
    assert issuers() == [pki.root.certificate.subject, pki.issuing.certificate.subject]
