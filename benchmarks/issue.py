"""How fast the CA is: certificates, revocation lists, OCSP answers and timestamps, with keys and logs in memory.

    python -m benchmarks.issue --seconds 2
    python -m benchmarks.issue --province         with SoftHSM, SQLite and 50,000 certificates

Prints one row a measurement: operations per second on one core, and the median and 95th percentile of one operation
in milliseconds. `--province` measures the whole service: HSM, database, audit trail. Compare rows of one run only.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256

from asn1crypto import tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from benchmarks.province import run
from ca.csr import request_for
from ca.lints import CERTIFICATE_LINTS
from ca.lints.pkilint_rules import pkilint_rules
from ca.model import CertificateState, IssuedCertificate
from ca.profiles import OFFICIAL
from tests.support.ca_hierarchy import PERSON, World, new_world

P256 = ec.SECP256R1()


def durations(operation: Callable[[], object], seconds: float) -> list[float]:
    """Seconds that each operation took; at least three of them."""
    taken: list[float] = []
    end = time.perf_counter() + seconds
    while len(taken) < 3 or time.perf_counter() < end:
        start = time.perf_counter()
        operation()
        taken.append(time.perf_counter() - start)
    return taken


def issuing(world: World, *, with_pkilint: bool) -> Callable[[], object]:
    """One official's certificate, through all steps; its key pair and request are made on the way."""
    lints = [lint for lint in CERTIFICATE_LINTS if with_pkilint or lint is not pkilint_rules]
    service = world.issuance(lints=lints)

    def issue() -> x509.Certificate:
        request = request_for(ec.generate_private_key(P256), PERSON.common_name)
        return service.issue(request, PERSON, OFFICIAL, "benchmark")

    return issue


def question(world: World, *, with_nonce: bool) -> bytes:
    """An OCSP request about an official."""
    builder = ocsp.OCSPRequestBuilder().add_certificate(world.official(), world.issuing_ca, hashes.SHA256())
    if with_nonce:
        builder = builder.add_extension(x509.OCSPNonce(bytes(32)), critical=False)
    return builder.build().public_bytes(Encoding.DER)


def with_revoked(count: int) -> World:
    """A world in which that many certificates are revoked."""
    world = new_world()
    for serial in range(2**128, 2**128 + count):
        world.log.rows["ca-1-g1", serial] = IssuedCertificate(
            serial=serial,
            issuer_id="ca-1-g1",
            profile=str(OFFICIAL),
            state=CertificateState.REVOKED,
            der=None,
            subject="",
            spki_sha256=None,
            not_before=world.clock(),
            not_after=world.clock() + timedelta(days=730),
            revoked_at=world.clock(),
            reason=x509.ReasonFlags.superseded,
        )
    return world


def operations() -> dict[str, Callable[[], object]]:
    """Every operation worth a row, ready to be repeated."""
    world = new_world()
    responder, tsa, digest = world.responder(), world.tsa(), sha256(b"a letter").digest()
    plain, nonced = question(world, with_nonce=False), question(world, with_nonce=True)
    imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": digest}
    query = tsp.TimeStampReq({"version": 1, "message_imprint": imprint, "nonce": 7, "cert_req": True}).dump()
    many = with_revoked(5_000).publisher()
    return {
        "certificate, all lints": issuing(world, with_pkilint=True),
        "certificate, without pkilint": issuing(new_world(), with_pkilint=False),
        "OCSP, P-256": lambda: responder.respond(plain),
        "OCSP, P-256, with nonce": lambda: responder.respond(nonced),
        "timestamp in process, P-384": lambda: tsa.timestamp(digest, "sha256"),
        "timestamp by request, P-384": lambda: tsa.respond(query),
        "CRL with 5,000 entries": many.publish,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2.0, help="how long to repeat each operation (default: 2)")
    parser.add_argument("--province", action="store_true", help="with SoftHSM, SQLite and 50,000 certificates")
    arguments = parser.parse_args()
    if arguments.province:
        run(arguments.seconds)
        return
    print(f"{'operation':32} {'per second':>10} {'median ms':>10} {'p95 ms':>8}")
    for name, operation in operations().items():
        operation()
        taken = sorted(durations(operation, arguments.seconds))
        median, p95 = statistics.median(taken) * 1e3, taken[int(len(taken) * 0.95)] * 1e3
        print(f"{name:32} {len(taken) / sum(taken):10,.0f} {median:10.3f} {p95:8.3f}")


if __name__ == "__main__":
    main()
