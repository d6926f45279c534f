"""One hierarchy on disk for all judges."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca.profiles import E_SEAL
from tests.support.ca_court import Court
from tests.support.ca_hierarchy import PERSON, new_world


@pytest.fixture(scope="session")
def court(tmp_path_factory: pytest.TempPathFactory) -> Court:
    """Certificates as `root.pem` to `seal.pem`, CRLs as `root` and `full`, PEM (`.crl`) and DER.

    The hierarchy is as old as the test run, for the judges look at the clock.
    """
    world = new_world(at=datetime.now(UTC).replace(microsecond=0))
    court = Court(world, tmp_path_factory.mktemp("pki"))
    official, revoked = world.official(surname="Contoh", given_name="I Wayan", unit="Sekretariat"), world.official()
    seal = world.certificate(replace(PERSON, common_name="Segel Contoh", given_name=None, opaque_id=None), E_SEAL)
    world.revoke(revoked, x509.ReasonFlags.key_compromise)
    held, released = world.official(), world.official()
    for each in (held, released):
        world.revocations().hold(serial=each.serial_number, issuer_id="ca-1-g1", actor="officer-1")
    world.revocations().release(serial=released.serial_number, issuer_id="ca-1-g1", actor="officer-2")
    certificates = {
        "root.pem": world.root,
        "sub.pem": world.issuing_ca,
        "tsa.pem": world.hierarchy.tsu,
        "ocsp.pem": world.hierarchy.responder,
        "official.pem": official,
        "revoked.pem": revoked,
        "held.pem": held,
        "released.pem": released,
        "seal.pem": seal,
    }
    for name, certificate in certificates.items():
        court.certificate(name, certificate)
    for issuer_id, name in (("root-g1", "root"), ("ca-1-g1", "full")):
        current = world.crl_store.current(issuer_id)
        assert current is not None
        court.write(f"{name}.der", current.der)
        court.write(f"{name}.crl", x509.load_der_x509_crl(current.der).public_bytes(Encoding.PEM))
    return court
