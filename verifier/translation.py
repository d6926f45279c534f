"""From pyHanko's and certvalidator's outcomes to our words: the only place where the two meet."""

from pyhanko.sign.ades.report import AdESFailure, AdESIndeterminate
from pyhanko.sign.validation.errors import (
    CMSAlgorithmProtectionError,
    DisallowedAlgorithmError,
    SignatureValidationError,
)
from pyhanko_certvalidator.errors import (
    AlgorithmNotSupported,
    DSAParametersUnavailable,
    InvalidCertificateError,
    PathBuildingError,
    PathValidationError,
    PSSParameterMismatch,
)

from verifier.model import SubIndication

_BY_ADES = {
    AdESFailure.FORMAT_FAILURE: SubIndication.FORMAT_FAILURE,
    AdESFailure.HASH_FAILURE: SubIndication.HASH_FAILURE,
    AdESFailure.SIG_CRYPTO_FAILURE: SubIndication.SIG_CRYPTO_FAILURE,
    AdESIndeterminate.NO_SIGNING_CERTIFICATE_FOUND: SubIndication.NO_SIGNING_CERTIFICATE_FOUND,
    AdESIndeterminate.SIG_CONSTRAINTS_FAILURE: SubIndication.SIG_CONSTRAINTS_FAILURE,
}


def reason_of_integrity_error(error: Exception) -> tuple[SubIndication, str]:
    """Why pyHanko could not even compare digest and signature. What we do not understand is never "broken"."""
    if isinstance(error, (AlgorithmNotSupported, NotImplementedError, DSAParametersUnavailable)):
        return SubIndication.UNSUPPORTED, "the signature uses an algorithm that this version does not judge"
    if isinstance(error, PSSParameterMismatch):
        return SubIndication.SIG_CRYPTO_FAILURE, "the parameters of the signature do not fit the key"
    if isinstance(error, DisallowedAlgorithmError):
        return SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE, "the signature uses an algorithm that is no longer safe"
    if isinstance(error, CMSAlgorithmProtectionError):
        return SubIndication.SIG_CRYPTO_FAILURE, "the signature names other algorithms than it protects"
    if isinstance(error, SignatureValidationError):
        reason = _BY_ADES.get(error.ades_subindication, SubIndication.SIG_CONSTRAINTS_FAILURE)
        return reason, "the attributes of the signature are not as its format demands"
    return SubIndication.FORMAT_FAILURE, f"the signature container cannot be checked: {type(error).__name__}"


def reason_of_path_error(error: Exception) -> tuple[SubIndication, str]:
    """Why certvalidator accepts no chain; times and revocation are judged by us and never arrive here."""
    if isinstance(error, PathBuildingError):
        return SubIndication.NO_CERTIFICATE_CHAIN_FOUND, "the certificate does not chain to an issuer that we trust"
    if isinstance(error, (PathValidationError, InvalidCertificateError)):
        return SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE, "the chain breaks a rule of RFC 5280"
    return SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE, f"the chain cannot be checked: {type(error).__name__}"
