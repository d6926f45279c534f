"""What both verification answers read out of a validation report (contract, 8): one word, one list, one time."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from typing import Final

from cryptography import x509
from cryptography.utils import CryptographyDeprecationWarning

from verifier.certificates import certificate
from verifier.model import Indication, SignatureKind, SignatureReport, SubIndication, ValidationReport


class Word(StrEnum):
    """The judgement of a file in one word. Only a full pass is `VALID`."""

    VALID = "VALID"
    INVALID = "INVALID"
    INDETERMINATE = "INDETERMINATE"
    NO_SIGNATURE = "NO_SIGNATURE"


_OF_INDICATION: Final = {
    Indication.TOTAL_PASSED: Word.VALID,
    Indication.TOTAL_FAILED: Word.INVALID,
    Indication.INDETERMINATE: Word.INDETERMINATE,
    Indication.NO_SIGNATURE: Word.NO_SIGNATURE,
}
_NOT_OF_THE_CERTIFICATE: Final = frozenset(
    {
        SubIndication.FORMAT_FAILURE,
        SubIndication.HASH_FAILURE,
        SubIndication.SIG_CRYPTO_FAILURE,
        SubIndication.DOCUMENT_CHANGED,
        SubIndication.SIG_CONSTRAINTS_FAILURE,
    }
)
"""What speaks against a signature although its certificate is trusted."""


def word_of(report: ValidationReport) -> Word:
    """The one word; raises `KeyError` for a file that nobody could read.

    A file with timestamps alone has no signature, unless something in it is broken.
    """
    word = _OF_INDICATION[report.indication]
    return word if signatures_of(report) or word is Word.INVALID else Word.NO_SIGNATURE


def signatures_of(report: ValidationReport) -> tuple[SignatureReport, ...]:
    """Its signatures in signing order, without document timestamps."""
    return tuple(each for each in report.signatures if each.kind is SignatureKind.SIGNATURE)


def is_whole(signature: SignatureReport) -> bool:
    """Whether what was signed is what is in the file: digest and value hold, and no later revision changed it."""
    return signature.intact and signature.reason is not SubIndication.DOCUMENT_CHANGED


def is_trusted(signature: SignatureReport, *, certified_only: bool) -> bool:
    """Whether the certificate was good at the time used; `certified_only`: and its anchor counts as *tersertifikasi*.

    A chain is in the report only where it ends at an anchor.
    """
    good = bool(signature.certificates) and (signature.passed or signature.reason in _NOT_OF_THE_CERTIFICATE)
    return good and (signature.certified is True or not certified_only)


def signed_at(signature: SignatureReport, report: ValidationReport) -> datetime:
    """The best that is known of when: timestamp, the signer's own word, what is proven, the time of this judgement."""
    stated = signature.facts.stated_at if signature.facts else None
    stamped = signature.timestamp.time if signature.timestamp else None
    return stamped or signature.claimed_at or stated or signature.proven_at or report.validated_at


def signer_certificate(signature: SignatureReport) -> x509.Certificate | None:
    """Where there is one that can be read."""
    return read_certificate(signature.facts.certificate) if signature.facts and signature.facts.certificate else None


def read_certificate(der: bytes) -> x509.Certificate | None:
    """One certificate; `None` for what cannot be read, for strangers' files hold anything."""
    try:
        with tolerating_zero():
            return certificate(der).pyca
    except ValueError:
        return None


@contextmanager
def tolerating_zero() -> Iterator[None]:
    """Strangers' certificates with serial number 0 are read like any other, as in `verifier.validation`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)
        yield


def written_out(name: x509.Name) -> str:
    """A name in the order of the certificate: `C=ID,O=Pemerintah Contoh,CN=Ni Contoh Satu`."""
    return ",".join(part.rfc4514_string() for part in name.rdns)


def common_name(name: x509.Name) -> str:
    """Its common name, else all of it."""
    named = name.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(named[-1].value) if named else written_out(name)


def class_in_words(report: ValidationReport) -> str:
    """The class of the signatures, as one Indonesian sentence; empty where there is none."""
    classes = {each.certified for each in signatures_of(report)}
    if not classes:
        return ""
    if None in classes:
        return "Kelas sertifikat belum dapat dipastikan."
    return _CLASSES[frozenset(classes)]


_CLASSES: Final[dict[frozenset[bool | None], str]] = {
    frozenset({True}): "Tanda tangan elektronik tersertifikasi.",
    frozenset({False}): "Tanda tangan elektronik tidak tersertifikasi.",
    frozenset({True, False}): "Sebagian tanda tangan elektronik tersertifikasi, sebagian tidak.",
}
