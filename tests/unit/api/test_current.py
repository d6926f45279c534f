"""Successors: made in time, taken over by every process within a minute; then the old key is destroyed."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from api.current import Current
from api.hierarchy import Generation, PublishedHierarchy
from api.retired_keys import destroy_retired, retired_labels
from ca.responder_renewal import OwnCertificate
from store.audit import Act, AuditTrail
from store.database import Database
from tests.support.api_memory import NOON, Clock

KEY = ec.generate_private_key(ec.SECP256R1())


def named(label: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, label)])


def a_certificate(label: str, *, since=NOON, issuer: str = "ca-1-g1") -> x509.Certificate:
    builder = x509.CertificateBuilder(
        named(issuer), named(label), KEY.public_key(), 7, since, since + timedelta(days=30)
    )
    return builder.sign(KEY, hashes.SHA256())


@dataclass
class Folder:
    """The published certificates, as all processes see them."""

    certificates: dict[str, x509.Certificate] = field(default_factory=lambda: {"ocsp-1": a_certificate("ocsp-1")})

    def newest(self) -> tuple[str, x509.Certificate]:
        label = max(self.certificates, key=lambda each: self.certificates[each].not_valid_before_utc)
        return label, self.certificates[label]

    def process(self, clock: Clock, successor: OwnCertificate | None = None) -> Current[str]:
        """What one process has."""
        return Current(
            newest=self.newest,
            build=lambda label, _: f"responder of {label}",
            new_if_due=lambda _: successor,
            publish=self.certificates.__setitem__,
            now=clock,
        )


def successor() -> OwnCertificate:
    certificate = a_certificate("ocsp-2", since=NOON + timedelta(days=20))
    return OwnCertificate(label="ocsp-2", key=KEY, certificate=certificate)


def test_nothing_changes_until_a_successor_is_due() -> None:
    current = Folder().process(Clock())
    assert not current.renew()
    assert current.current() == "responder of ocsp-1"


def test_the_job_makes_the_successor_and_switches() -> None:
    folder = Folder()
    current = folder.process(Clock(), successor())
    assert current.renew()
    assert current.current() == "responder of ocsp-2"
    assert current.certificate is folder.certificates["ocsp-2"]


def test_every_other_process_takes_over_within_a_minute_and_without_a_job() -> None:
    folder, clock = Folder(), Clock()
    other = folder.process(clock)
    folder.process(clock, successor()).renew()
    clock.forward(59)
    assert other.current() == "responder of ocsp-1"
    clock.forward(1)
    assert other.current() == "responder of ocsp-2"


def test_a_process_that_sees_anothers_successor_makes_none() -> None:
    folder, clock = Folder(), Clock()
    late = folder.process(clock, OwnCertificate(label="ocsp-3", key=KEY, certificate=a_certificate("ocsp-3")))
    folder.process(clock, successor()).renew()
    assert late.renew()
    assert set(folder.certificates) == {"ocsp-1", "ocsp-2"}


def test_the_present_one_answers_while_its_successor_is_made() -> None:
    folder, answered = Folder(), list[str]()

    def issuing_asks_the_responder(_: x509.Certificate) -> OwnCertificate:
        answered.append(current.current())
        return successor()

    current = Current(
        newest=folder.newest,
        build=lambda label, _: label,
        new_if_due=issuing_asks_the_responder,
        publish=folder.certificates.__setitem__,
        now=Clock(),
    )
    assert current.renew()
    assert answered == ["ocsp-1"]
    assert current.current() == "ocsp-2"


def test_a_successor_that_cannot_be_used_leaves_the_present_one_in_place() -> None:
    folder, clock = Folder(), Clock()

    def build(label: str, _: x509.Certificate) -> str:
        if label != "ocsp-1":
            raise OSError("its key is not on this token")
        return label

    current = Current(
        newest=folder.newest,
        build=build,
        new_if_due=lambda _: None,
        publish=folder.certificates.__setitem__,
        now=clock,
    )
    folder.certificates["ocsp-2"] = successor().certificate
    clock.forward(61)
    assert current.current() == "ocsp-1"


def hierarchy() -> PublishedHierarchy:
    since = {"ocsp-1": 0, "ocsp-2": 20, "tsu-2026-1": 0, "root-g1": 0, "ca-1-g1": 0}
    certificates = {label: a_certificate(label, since=NOON + timedelta(days=days)) for label, days in since.items()}
    responder = certificates["ocsp-2"]
    first = Generation(
        number=1,
        id="ca-1-g1",
        certificate=certificates["ca-1-g1"],
        responder_label="ocsp-2",
        responder=responder,
    )
    return PublishedHierarchy(certificates=certificates, tsu_label="tsu-2026-1", generations=(first,))


@pytest.mark.parametrize(("minutes", "retired"), [(59, ()), (60, ("ocsp-1",))])
def test_a_key_is_retired_an_hour_after_its_successor_was_made(minutes: int, retired: tuple[str, ...]) -> None:
    at = NOON + timedelta(days=20, minutes=minutes)
    on_token = ["ca-1-g1", "kek", "ocsp-1", "ocsp-2", "root-g1", "tsu-2026-1", "ocsp-unknown"]
    assert retired_labels(hierarchy(), on_token, at) == retired


def test_what_is_gone_from_the_token_is_not_retired_again() -> None:
    assert retired_labels(hierarchy(), ["ocsp-2", "tsu-2026-1"], NOON + timedelta(days=21)) == ()


def test_the_trail_names_a_key_before_it_is_destroyed(database: Database) -> None:
    trail, destroyed = AuditTrail(database), list[str]()

    def destroy(label: str) -> None:
        (entry,) = trail.read(act=Act.KEY_CUSTODY)
        assert entry.object == f"key:{label}"
        destroyed.append(label)

    count = destroy_retired(
        hierarchy=hierarchy(),
        on_token=["ocsp-1", "ocsp-2"],
        destroy=destroy,
        trail=trail,
        at=NOON + timedelta(days=21),
    )
    assert (count, destroyed) == (1, ["ocsp-1"])
