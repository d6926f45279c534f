"""The events of officials' credentials and certificates, for the clients that they concern."""

from datetime import datetime
from typing import Final

from cryptography import x509
from sqlalchemy import select
from sqlalchemy.orm import Session

from signer.events import EventType
from signer.model import CredentialState
from store.events import tell_of_credential
from store.people_tables import CredentialCertificateRow
from store.tables import CertificateRow, CredentialRow

_TYPES: Final = {
    CredentialState.ACTIVE: EventType.CERTIFICATE_RESUMED,
    CredentialState.SUSPENDED: EventType.CERTIFICATE_SUSPENDED,
    CredentialState.REVOKED: EventType.CERTIFICATE_REVOKED,
}
"""A credential that is retired had another one take its place, of which `certificate.issued` tells."""


def tell_issued(
    session: Session, credential_id: str, signatory_id: str, certificate: x509.Certificate, *, at: datetime
) -> None:
    """A credential has its certificate; who had something signed by its official before learns its id."""
    ends = certificate.not_valid_after_utc.isoformat()
    told = {"serial": f"{certificate.serial_number:040x}", "notAfter": ends}
    tell_of_credential(session, EventType.CERTIFICATE_ISSUED, credential_id, signatory_id, at=at, data=told)


def tell_moved(session: Session, credential_id: str, state: CredentialState, *, at: datetime) -> None:
    """A credential came into `state`. That a certificate of our own CA is revoked, its certificate log tells, when its
    status says so."""
    row = CredentialCertificateRow
    serial = session.scalar(
        select(row.serial).where(row.credential_id == credential_id).order_by(row.not_after.desc()).limit(1)
    )
    if state not in _TYPES or serial is None:
        return
    own = select(CertificateRow.serial).where(CertificateRow.serial == serial)
    if state is CredentialState.REVOKED and session.scalar(own) is not None:
        return
    signatory_id = session.scalar(select(CredentialRow.signatory_id).where(CredentialRow.id == credential_id))
    told = {"serial": f"{serial:040x}"}
    tell_of_credential(session, _TYPES[state], credential_id, str(signatory_id), at=at, data=told)
