"""The answer of `POST /api/sign/verify` (contract, 8.1), key by key as its clients read it."""

from datetime import tzinfo

import msgspec

from api.faces.esign.judged import (
    Word,
    common_name,
    is_trusted,
    is_whole,
    read_certificate,
    signatures_of,
    signed_at,
    signer_certificate,
    word_of,
    written_out,
)
from api.faces.esign.moments import local_period, local_time
from verifier.model import SignatureReport, TimestampReport, ValidationReport


class TimestampInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Who stamped the time; both `null` without a timestamp."""

    name: str | None
    tsa_cert_validity: str | None


class SignerInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Who signed; texts are `null` where the certificate cannot be read."""

    issuer_dn: str | None
    signer_name: str | None
    signer_dn: str | None
    signer_cert_validity: str | None
    cert_user_certified: bool


class SignatureOnDocument(msgspec.Struct, frozen=True, kw_only=True):
    """The signature itself."""

    signed_using_tsa: bool
    reason: str | None
    document_integrity: bool
    signature_value: str
    signed_in: str
    location: str | None
    hash_value: str | None


class Detail(msgspec.Struct, frozen=True, kw_only=True):
    """One signature."""

    signature_field: str
    info_tsa: TimestampInfo
    info_signer: SignerInfo
    signature_document: SignatureOnDocument


class VerdictV1(msgspec.Struct, frozen=True, kw_only=True):
    """The whole answer; it never has a key `error`."""

    nama_dokumen: str
    jumlah_signature: int
    notes: str | None
    details: tuple[Detail, ...]
    summary: str | None

    @classmethod
    def of(
        cls, report: ValidationReport, *, name: str, notes: str, zone: tzinfo, certified_only: bool = False
    ) -> "VerdictV1":
        """`name`: of the uploaded file; `notes`: the verdict in one or two sentences; raises as `word_of`."""
        word = word_of(report)
        unsigned = word is Word.NO_SIGNATURE
        details = tuple(
            _detail(each, report, zone=zone, certified_only=certified_only) for each in signatures_of(report)
        )
        return cls(
            nama_dokumen=name,
            jumlah_signature=len(details),
            notes=None if unsigned else notes,
            details=details,
            summary=None if unsigned else word.value,
        )


def _detail(each: SignatureReport, report: ValidationReport, *, zone: tzinfo, certified_only: bool) -> Detail:
    facts = each.facts
    return Detail(
        signature_field=each.field_name,
        info_tsa=_timestamp_info(each.timestamp, zone),
        info_signer=_signer_info(each, zone, certified_only=certified_only),
        signature_document=SignatureOnDocument(
            signed_using_tsa=each.timestamp is not None,
            reason=facts.reason if facts else None,
            document_integrity=is_whole(each),
            signature_value="",  # empty on the wire; whoever wants the value has the file
            signed_in=local_time(signed_at(each, report), zone),
            location=facts.location if facts else None,
            hash_value=facts.signed_digest.hex() if facts and facts.signed_digest else None,
        ),
    )


def _timestamp_info(timestamp: TimestampReport | None, zone: tzinfo) -> TimestampInfo:
    if timestamp is None:
        return TimestampInfo(name=None, tsa_cert_validity=None)
    unit = read_certificate(timestamp.chain[0]) if timestamp.chain else None
    validity = local_period(unit.not_valid_before_utc, unit.not_valid_after_utc, zone) if unit else None
    return TimestampInfo(name=timestamp.authority, tsa_cert_validity=validity)


def _signer_info(each: SignatureReport, zone: tzinfo, *, certified_only: bool) -> SignerInfo:
    trusted = is_trusted(each, certified_only=certified_only)
    certificate = signer_certificate(each)
    if certificate is None:
        return SignerInfo(
            issuer_dn=None,
            signer_name=None,
            signer_dn=None,
            signer_cert_validity=None,
            cert_user_certified=trusted,
        )
    return SignerInfo(
        issuer_dn=written_out(certificate.issuer),
        signer_name=common_name(certificate.subject),
        signer_dn=written_out(certificate.subject),
        signer_cert_validity=local_period(certificate.not_valid_before_utc, certificate.not_valid_after_utc, zone),
        cert_user_certified=trusted,
    )
