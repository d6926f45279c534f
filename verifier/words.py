"""Why a signature did not pass, one sentence for each sub-indication, in Indonesian and English.

Codes never change; these texts may. They claim no legal effect: the law decides that, not a program.
"""

from dataclasses import dataclass
from typing import Final

from verifier.model import SubIndication


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One sentence in both languages."""

    id: str
    en: str


def _text(indonesian: str, english: str) -> Text:
    return Text(id=indonesian, en=english)


REASONS: Final[dict[SubIndication, Text]] = {
    SubIndication.FORMAT_FAILURE: _text(
        "Susunan tanda tangan dalam berkas ini tidak benar.", "The signature in this file is not built correctly."
    ),
    SubIndication.HASH_FAILURE: _text("Isi yang ditandatangani sudah diubah.", "What was signed has been changed."),
    SubIndication.SIG_CRYPTO_FAILURE: _text(
        "Nilai tanda tangan tidak cocok dengan sertifikatnya.", "The signature value does not fit its certificate."
    ),
    SubIndication.DOCUMENT_CHANGED: _text(
        "Setelah ditandatangani, berkas diubah dengan cara yang tidak diizinkan.",
        "After signing, the file was changed in a way that is not permitted.",
    ),
    SubIndication.REVOKED: _text(
        "Sertifikat sudah dicabut sebelum dokumen ditandatangani.",
        "The certificate had been revoked before the document was signed.",
    ),
    SubIndication.EXPIRED: _text(
        "Sertifikat sudah berakhir sebelum dokumen ditandatangani.",
        "The certificate had expired before the document was signed.",
    ),
    SubIndication.NOT_YET_VALID: _text(
        "Sertifikat belum berlaku saat dokumen ditandatangani.",
        "The certificate was not yet valid when the document was signed.",
    ),
    SubIndication.SIG_CONSTRAINTS_FAILURE: _text(
        "Keterangan di dalam tanda tangan tidak memenuhi ketentuannya.",
        "The attributes of the signature do not meet its rules.",
    ),
    SubIndication.CHAIN_CONSTRAINTS_FAILURE: _text(
        "Sertifikat ini tidak diterbitkan untuk menandatangani dokumen.",
        "This certificate was not issued for signing documents.",
    ),
    SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE: _text(
        "Rangkaian sertifikatnya tidak benar.", "Its chain of certificates is not correct."
    ),
    SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE: _text(
        "Algoritma tanda tangan ini tidak lagi cukup aman, dan tidak ada bukti waktu yang lebih awal.",
        "The algorithm of this signature is no longer safe enough, and nothing proves an earlier time.",
    ),
    SubIndication.NO_SIGNING_CERTIFICATE_FOUND: _text(
        "Sertifikat penanda tangan tidak ada di dalam berkas.", "The signer's certificate is not in the file."
    ),
    SubIndication.NO_CERTIFICATE_CHAIN_FOUND: _text(
        "Penerbit sertifikat tidak ada dalam daftar kepercayaan kami.",
        "The issuer of the certificate is not on our trust list.",
    ),
    SubIndication.REVOKED_NO_POE: _text(
        "Sertifikat sudah dicabut, dan tidak ada bukti bahwa dokumen ditandatangani sebelumnya.",
        "The certificate is revoked, and nothing proves that the document was signed before.",
    ),
    SubIndication.OUT_OF_BOUNDS_NO_POE: _text(
        "Masa berlaku sertifikat atau penerbitnya sudah berakhir, dan tidak ada bukti dari masa berlakunya.",
        "The certificate or its issuer has ended, and there is no proof from its time of validity.",
    ),
    SubIndication.REVOCATION_OUT_OF_BOUNDS_NO_POE: _text(
        "Keterangan status berasal dari luar masa berlaku penerbitnya.",
        "The status comes from outside its issuer's time of validity.",
    ),
    SubIndication.NO_POE: _text(
        "Tidak ada bukti waktu yang dapat dipercaya.", "There is no proof of time that can be trusted."
    ),
    SubIndication.TIMESTAMP_ORDER_FAILURE: _text(
        "Urutan stempel waktunya tidak masuk akal.", "The order of the timestamps makes no sense."
    ),
    SubIndication.TRY_LATER: _text(
        "Status sertifikat belum dapat diperiksa.", "The status of the certificate is not available now."
    ),
    SubIndication.UNSUPPORTED: _text(
        "Jenis tanda tangan atau berkas ini belum dapat kami nilai.",
        "This kind of signature or file is not judged by this version.",
    ),
}
