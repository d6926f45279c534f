"""From certvalidator's outcomes to our words: the only place where the two meet."""

from pyhanko_certvalidator.errors import (
    AlgorithmNotSupported,
    InvalidCertificateError,
    PathBuildingError,
    PathValidationError,
)

from verifier.model import SubIndication


def reason_of_path_error(error: Exception) -> tuple[SubIndication, str]:
    """Why certvalidator accepts no chain; times and revocation are judged by us and never arrive here."""
    if isinstance(error, AlgorithmNotSupported):
        return SubIndication.UNSUPPORTED, f"a certificate of the chain uses what this version does not judge: {error}"
    if isinstance(error, PathBuildingError):
        return SubIndication.NO_CERTIFICATE_CHAIN_FOUND, "the certificate does not chain to an issuer that we trust"
    if isinstance(error, (PathValidationError, InvalidCertificateError)):
        return SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE, "the chain breaks a rule of RFC 5280"
    return SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE, f"the chain cannot be checked: {type(error).__name__}"
