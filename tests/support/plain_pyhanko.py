"""Signing with pyHanko as it comes, over the same keys: the reference that ours is compared with, and raced against."""

import io
from datetime import datetime
from functools import lru_cache

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.stamp import TextStampStyle
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from signer.model import SignatureLevel
from tests.support.pki import Holder, Pki


def as_asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    """pyca's certificate as asn1crypto's."""
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))


class KeySigner(signers.Signer):
    """The ten lines that give pyHanko a pyca key."""

    def __init__(self, holder: Holder) -> None:
        registry = SimpleCertificateStore()
        registry.register_multiple([as_asn1(certificate) for certificate in holder.chain[:-1]])
        super().__init__(signing_cert=as_asn1(holder.certificate), cert_registry=registry)
        self._key = holder.key

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        assert digest_algorithm == "sha256"
        return bytes(72) if dry_run else self._key.sign(data, ec.ECDSA(hashes.SHA256()))


class PkiTokens(TimeStamper):
    """The test PKI's unit as pyHanko's timestamper."""

    def __init__(self, pki: Pki) -> None:
        super().__init__()
        self._pki = pki

    async def async_request_tsa_response(self, req: object) -> object:
        from asn1crypto import cms, tsp

        imprint = req["message_imprint"]  # type: ignore[index]  # asn1crypto's TimeStampReq
        algorithm = imprint["hash_algorithm"]["algorithm"].native
        nonce = req["nonce"].native  # type: ignore[index]  # asn1crypto's TimeStampReq
        token = self._pki.token(imprint["hashed_message"].native, algorithm, nonce=nonce)
        return tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": cms.ContentInfo.load(token)})


@lru_cache(maxsize=8)
def _evidence(pki: Pki, at: datetime) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    """OCSP answers and CRLs of that moment: others make them, and a signer does not pay for it."""
    answers = tuple(pki.ocsp(each.certificate, at=at) for each in (pki.official, pki.tsu))
    return answers, tuple(pki.crl(issuer, at=at) for issuer in (pki.issuing, pki.root))


def plain_sign(
    document: bytes,
    pki: Pki,
    level: SignatureLevel,
    *,
    at: datetime,
    tokens: TimeStamper | None,
    stamp: bool = False,
) -> bytes:
    """`document` with one signature of the test official, everything done by pyHanko; its `stamp` is a line of text."""
    from asn1crypto import crl, ocsp

    context = None
    if level.needs_validation_data:
        answers, lists = _evidence(pki, at)
        context = ValidationContext(
            trust_roots=[as_asn1(pki.root.certificate)],
            other_certs=[as_asn1(pki.issuing.certificate), as_asn1(pki.responder.certificate)],
            ocsps=[ocsp.OCSPResponse.load(answer) for answer in answers],
            crls=[crl.CertificateList.load(each) for each in lists],
            moment=at,
            revocation_mode="hard-fail",
        )
    metadata = PdfSignatureMetadata(
        field_name="Signature-1",
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
        embed_validation_info=context is not None,
        validation_context=context,
        use_pades_lta=level is SignatureLevel.B_LTA,
    )
    out = io.BytesIO()
    shown = {
        "stamp_style": TextStampStyle(stamp_text="%(signer)s"),
        "new_field_spec": fields.SigFieldSpec("Signature-1", on_page=-1, box=(300, 40, 510, 112)),
    }
    signer = signers.PdfSigner(metadata, KeySigner(pki.official), timestamper=tokens, **(shown if stamp else {}))
    signer.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(document), strict=False), output=out)
    return out.getvalue()
