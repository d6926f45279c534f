"""A service with as many officials as a province has: SQLite, SoftHSM, and rows that were never issued one by one.

with province(folder) as it:                       # 50,000 certificates, 5,000 of them revoked
    it.authority.revocation.revoke(…)

Opens the gate of its process: use it in a process of its own.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from sqlalchemy import insert

from api.authority import Authority, build_authority
from api.first_start import initialise, prepare_folder
from api.generations import publish_all
from api.given import utc_now
from api.hsm import Hsm, open_hsm
from api.jobs import Job, running_jobs
from api.stores import Stores, open_stores
from ca.csr import request_for
from ca.model import Subject
from ca.profiles import OFFICIAL
from ca.serials import new_serial
from store.base import table_of
from store.status_tables import OcspAnswerRow
from store.tables import CertificateRow

OFFICIALS: Final = 50_000
REVOKED: Final = 5_000
ISSUER: Final = "ca-1-g1"
_AT_ONCE: Final = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Province:
    """The service, open; `serials` are those of the certificates in force that were filled in."""

    stores: Stores
    hsm: Hsm
    authority: Authority
    serials: list[int]

    def issue(self) -> x509.Certificate:
        """One more certificate, by all the steps."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = Subject(
            common_name="I Wayan Contoh",
            given_name="I Wayan Contoh",
            organisation="Pemerintah Provinsi Contoh",
            organisation_identifier="NTRID-0000000000",
            opaque_id="MFRGGZDFMZTWQ2LK",
        )
        return self.authority.issuance.issue(request_for(key, subject.common_name), subject, OFFICIAL, "benchmark")

    def question(self, serial: int, *, nonce: bool = False) -> bytes:
        """An OCSP request (DER) as clients send it."""
        issuer = self.authority.hierarchy.issuing_ca
        key_hash = x509.SubjectKeyIdentifier.from_public_key(issuer.public_key()).digest
        name = hashes.Hash(hashes.SHA1())  # noqa: S303 - an identifier in OCSP
        name.update(issuer.subject.public_bytes())
        builder = ocsp.OCSPRequestBuilder().add_certificate_by_hash(
            name.finalize(),
            key_hash,
            serial,
            hashes.SHA1(),  # noqa: S303 - an identifier in OCSP
        )
        if nonce:
            builder = builder.add_extension(x509.OCSPNonce(secrets.token_bytes(32)), critical=False)
        return builder.build().public_bytes(Encoding.DER)

    def is_revoked_by_ocsp(self, serial: int) -> bool:
        """What a client is told."""
        answer = ocsp.load_der_ocsp_response(self.authority.answers.respond(self.question(serial)).der)
        return answer.certificate_status is ocsp.OCSPCertStatus.REVOKED

    def is_listed(self, serial: int) -> bool:
        """Whether the current CRL has it."""
        crl = self.stores.crls.current(ISSUER)
        return crl is not None and serial.to_bytes(17, "big") in crl.der

    @contextmanager
    def publishing(self) -> Iterator[None]:
        """With the job that publishes CRLs, as the service runs it."""
        crl = Job(
            name="crl",
            every=timedelta(seconds=10),
            run=lambda: publish_all(self.authority.publishers),
            wake=self.authority.crl_wanted,
        )
        with running_jobs([crl]):
            yield


@contextmanager
def province(folder: Path, *, officials: int = OFFICIALS, revoked: int = REVOKED) -> Iterator[Province]:
    """The service in a new folder. Its filled-in certificates all have the bytes of one real certificate."""
    settings = prepare_folder(folder, port=8000, fresh=True)
    initialise(settings, say=lambda _: None, now=utc_now, random_bytes=secrets.token_bytes)
    with open_stores(settings) as stores, open_hsm(settings, secrets.token_bytes) as hsm:
        authority = build_authority(settings, stores, hsm, now=utc_now, random_bytes=secrets.token_bytes)
        it = Province(stores=stores, hsm=hsm, authority=authority, serials=[])
        filled = _fill(stores, it.issue(), utc_now().replace(microsecond=0), officials, revoked)
        it.serials.extend(filled)
        yield it


def _fill(stores: Stores, model: x509.Certificate, at: datetime, officials: int, revoked: int) -> list[int]:
    serials = [new_serial(secrets.token_bytes) for _ in range(officials)]
    certificates, answers = table_of(CertificateRow), table_of(OcspAnswerRow)
    common = {
        "issuer_id": ISSUER,
        "profile": str(OFFICIAL),
        "subject": model.subject.rfc4514_string(),
        "reserved_at": at,
        "tbs": model.tbs_certificate_bytes,
        "tbs_sha256": "0" * 64,
        "linters": "none",
        "der": model.public_bytes(Encoding.DER),
        "not_before": model.not_valid_before_utc,
        "not_after": model.not_valid_after_utc,
    }
    for start in range(0, officials, _AT_ONCE):
        portion = list(enumerate(serials))[start : start + _AT_ONCE]
        rows = [
            {
                **common,
                "serial": serial,
                "spki_sha256": f"{serial:064x}",
                "state": "revoked" if place < revoked else "issued",
                "revoked_at": at if place < revoked else None,
                "reason": "superseded" if place < revoked else None,
            }
            for place, serial in portion
        ]
        kept = [
            {
                "issuer_id": ISSUER,
                "serial": serial,
                "hash_name": name,
                "der": b"\0" * 1000,
                "this_update": at,
                "next_update": at + timedelta(hours=12),
            }
            for _, serial in portion
            for name in ("sha1", "sha256")
        ]
        with stores.database.transaction() as session:
            session.execute(insert(certificates), rows)
            session.execute(insert(answers), kept)
    return serials[revoked:]
