"""Where the status of other issuers' certificates is found: read from each chain once, when it was accepted."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import pairwise
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from signer.foreign.addresses import crl_addresses, ocsp_addresses
from signer.foreign.model import AnswerState, StatusAddress
from store.bulk_tables import ForeignAddressRow, ForeignAnswerRow, ForeignCertificateRow
from store.credentials import certificates_of
from store.database import Database

_PORTION: Final = 200
_NEW: Final = (
    select(ForeignAnswerRow.leaf_sha256, ForeignAnswerRow.credential_id, ForeignAnswerRow.chain)
    .where(
        ForeignAnswerRow.state == AnswerState.ACCEPTED.value,
        ~exists().where(ForeignCertificateRow.sha256 == ForeignAnswerRow.leaf_sha256),
    )
    .order_by(ForeignAnswerRow.leaf_sha256)
    .limit(_PORTION)
)
_DUE: Final = (
    select(ForeignAddressRow.url, ForeignAddressRow.about, ForeignCertificateRow.der, ForeignCertificateRow.issuer)
    .join(ForeignCertificateRow, ForeignCertificateRow.sha256 == ForeignAddressRow.certificate_sha256)
    .order_by(ForeignAddressRow.due_at, ForeignAddressRow.url, ForeignAddressRow.about)
)


class SqlStatusAddresses:
    """`signer.foreign.ports.StatusAddresses`. Derived from the answers that stand in the trail, so not in it itself."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def learn(self, at: datetime) -> None:
        """Index the chains that were accepted since the last call."""
        while True:
            with self._database.transaction() as session:
                found = session.execute(_NEW).all()
                for row in found:
                    _index(session, row.credential_id, tuple(certificates_of(row.chain)), at)
            if len(found) < _PORTION:
                return

    def add_chain(self, chain: tuple[x509.Certificate, ...], at: datetime) -> None:
        """A chain of nobody's credential, a time-stamping unit's, whose status is fetched from now on as well."""
        with self._database.transaction() as session:
            _index(session, None, chain, at)

    def due(self, at: datetime, *, limit: int) -> tuple[StatusAddress, ...]:
        """Those to be asked now; a certificate that has ended needs no younger status."""
        query = _DUE.where(ForeignAddressRow.due_at <= at, ForeignAddressRow.needed_until > at).limit(limit)
        with self._database.transaction() as session:
            return tuple(
                StatusAddress(
                    url=row.url,
                    about=row.about,
                    certificate=x509.load_der_x509_certificate(row.der),
                    issuer=x509.load_der_x509_certificate(row.issuer),
                )
                for row in session.execute(query)
            )

    def credentials_of(self, issuer: x509.Certificate) -> Mapping[int, str]:
        """Every official's certificate of `issuer`, also of credentials that ended."""
        query = select(ForeignCertificateRow.serial, ForeignCertificateRow.credential_id).where(
            ForeignCertificateRow.issuer_sha256 == _sha256(issuer), ForeignCertificateRow.credential_id.is_not(None)
        )
        with self._database.transaction() as session:
            return {row.serial: row.credential_id for row in session.execute(query)}

    def settle(self, address: StatusAddress, *, due_at: datetime, failure: str | None) -> None:
        """When it is asked next, and what was wrong."""
        with self._database.transaction() as session:
            session.execute(
                update(ForeignAddressRow)
                .where(ForeignAddressRow.url == address.url, ForeignAddressRow.about == address.about)
                .values(due_at=due_at, failure=failure)
            )

    def failing(self, at: datetime) -> tuple[tuple[str, str], ...]:
        """Address and word of each that gave nothing good when it was last asked, and that is still needed."""
        query = (
            select(ForeignAddressRow.url, ForeignAddressRow.failure)
            .where(ForeignAddressRow.failure.is_not(None), ForeignAddressRow.needed_until > at)
            .distinct()
            .order_by(ForeignAddressRow.url)
        )
        with self._database.transaction() as session:
            return tuple((row.url, row.failure) for row in session.execute(query))

    def authorities(self) -> tuple[x509.Certificate, ...]:
        """The CAs between officials and their anchors."""
        query = (
            select(ForeignCertificateRow.der)
            .where(ForeignCertificateRow.credential_id.is_(None))
            .order_by(ForeignCertificateRow.sha256)
        )
        with self._database.transaction() as session:
            return tuple(x509.load_der_x509_certificate(der) for der in session.scalars(query))


def _index(session: Session, credential_id: str | None, chain: tuple[x509.Certificate, ...], at: datetime) -> None:
    """Every certificate of `chain` below its anchor, and where its status is found: due at once."""
    for certificate, issuer in pairwise(chain):
        sha256 = _sha256(certificate)
        session.merge(
            ForeignCertificateRow(
                sha256=sha256,
                credential_id=credential_id if certificate is chain[0] else None,
                issuer_sha256=_sha256(issuer),
                serial=certificate.serial_number,
                der=certificate.public_bytes(Encoding.DER),
                issuer=issuer.public_bytes(Encoding.DER),
            )
        )
        session.flush()
        for url, about in _places(certificate):
            ends = certificate.not_valid_after_utc
            where = ForeignAddressRow.url == url, ForeignAddressRow.about == about
            known = session.scalar(select(ForeignAddressRow.needed_until).where(*where))
            if known is not None and known > ends:
                session.execute(update(ForeignAddressRow).where(*where).values(due_at=at))
                continue
            session.execute(delete(ForeignAddressRow).where(*where))
            row = {"url": url, "about": about, "certificate_sha256": sha256, "needed_until": ends, "due_at": at}
            session.add(ForeignAddressRow(**row))
            session.flush()


def _places(certificate: x509.Certificate) -> Iterator[tuple[str, str]]:
    for url in dict.fromkeys(crl_addresses(certificate)):
        yield url, ""
    for url in dict.fromkeys(ocsp_addresses(certificate)):
        yield url, _sha256(certificate)


def _sha256(certificate: x509.Certificate) -> str:
    return certificate.fingerprint(hashes.SHA256()).hex()
