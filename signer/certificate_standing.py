"""How the certificate of a credential stands now, from the same status that goes into signatures."""

from datetime import datetime

from cryptography import x509
from cryptography.x509 import ocsp

from signer.errors import StatusUnavailable
from signer.model import Credential, CredentialState
from signer.ports import StatusSource
from signer.remote_model import CertificateStanding
from signer.status import genuine_crl, genuine_responses

_ENDED = {CredentialState.REVOKED: CertificateStanding.REVOKED}


def standing_of(credential: Credential, source: StatusSource, *, at: datetime) -> CertificateStanding:
    """Whether the certificate is good at `at` (aware): revoked before on hold before expired.

    Raises `StatusUnavailable` where nobody knows; an expired certificate needs no status.
    """
    if credential.state in _ENDED:
        return _ENDED[credential.state]
    certificate = credential.certificate
    if at > certificate.not_valid_after_utc:
        return CertificateStanding.EXPIRED
    issuer = credential.chain[1]
    data = source.status_for(credential.chain)
    known, reasons = 0, list[x509.ReasonFlags | None]()
    for der in data.ocsp_responses:
        for single in genuine_responses(der, issuer):
            if single.serial_number == certificate.serial_number:
                known += 1
                if single.certificate_status is ocsp.OCSPCertStatus.REVOKED:
                    reasons.append(single.revocation_reason)
                elif single.certificate_status is ocsp.OCSPCertStatus.UNKNOWN:
                    reasons.append(None)  # nobody issued it: it is not good for anything
    for der in data.crls:
        crl = genuine_crl(der, issuer)
        known += crl is not None
        entry = None if crl is None else crl.get_revoked_certificate_by_serial_number(certificate.serial_number)
        if entry is not None:
            reasons.append(_reason_in(entry))
    if not known:
        raise StatusUnavailable(f"no status of certificate {certificate.serial_number:x}")
    if not reasons:
        return CertificateStanding.VALID
    held = all(each is x509.ReasonFlags.certificate_hold for each in reasons)
    return CertificateStanding.SUSPENDED if held else CertificateStanding.REVOKED


def _reason_in(entry: x509.RevokedCertificate) -> x509.ReasonFlags | None:
    try:
        return entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    except x509.ExtensionNotFound:
        return None
