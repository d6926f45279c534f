"""Why a signature did not pass and what to do next, one sentence for each sub-indication, Indonesian and English.

Codes never change; these texts may. They claim no legal effect: the law decides that, not a program.
"""

from dataclasses import dataclass
from typing import Final

from verifier.model import ChangeKind, Modification, SubIndication


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
    SubIndication.PASSWORD_NEEDED: _text(
        "Berkas ini terkunci dengan kata sandi.", "The file is locked with a password."
    ),
    SubIndication.PASSWORD_WRONG: _text(
        "Kata sandi yang diisi tidak membuka berkas ini.", "The password that was given does not open the file."
    ),
}

NEXT_STEPS: Final[dict[SubIndication, Text]] = {
    SubIndication.FORMAT_FAILURE: _text(
        "Minta berkas aslinya kepada penanda tangan; berkas ini mungkin rusak atau pernah disimpan ulang.",
        "Ask the signatory for the original file; this one may be damaged or was saved anew by a program.",
    ),
    SubIndication.HASH_FAILURE: _text(
        "Jangan gunakan berkas ini; minta berkas aslinya kepada instansi penerbit.",
        "Do not use this file; ask the issuing office for the original.",
    ),
    SubIndication.SIG_CRYPTO_FAILURE: _text(
        "Jangan gunakan berkas ini; minta berkas aslinya kepada instansi penerbit.",
        "Do not use this file; ask the issuing office for the original.",
    ),
    SubIndication.DOCUMENT_CHANGED: _text(
        "Lihat daftar perubahan, lalu minta berkas aslinya kepada instansi penerbit.",
        "See the list of changes, then ask the issuing office for the original.",
    ),
    SubIndication.REVOKED: _text(
        "Hubungi instansi penerbit dan minta dokumen yang ditandatangani ulang.",
        "Contact the issuing office and ask for the document to be signed again.",
    ),
    SubIndication.EXPIRED: _text(
        "Hubungi instansi penerbit dan minta dokumen yang ditandatangani dengan sertifikat yang berlaku.",
        "Contact the issuing office and ask for the document signed with a certificate that is in force.",
    ),
    SubIndication.NOT_YET_VALID: _text(
        "Hubungi instansi penerbit; jam atau sertifikat penanda tangan perlu diperiksa.",
        "Contact the issuing office; the signatory's clock or certificate needs a check.",
    ),
    SubIndication.SIG_CONSTRAINTS_FAILURE: _text(
        "Minta penanda tangan memakai aplikasi tanda tangan yang mengikuti PAdES.",
        "Ask the signatory to use signing software that follows PAdES.",
    ),
    SubIndication.CHAIN_CONSTRAINTS_FAILURE: _text(
        "Minta dokumen yang ditandatangani dengan sertifikat untuk tanda tangan dokumen.",
        "Ask for the document signed with a certificate that is meant for signing documents.",
    ),
    SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE: _text(
        "Tanyakan rangkaian sertifikat yang benar kepada penerbit sertifikat.",
        "Ask the issuer of the certificate for its correct chain.",
    ),
    SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE: _text(
        "Minta dokumen yang ditandatangani ulang dengan algoritma masa kini, atau berkas dengan stempel waktu arsip.",
        "Ask for the document signed anew with an algorithm of today, or for a file with an archive timestamp.",
    ),
    SubIndication.NO_SIGNING_CERTIFICATE_FOUND: _text(
        "Minta berkas yang memuat sertifikat penanda tangan.", "Ask for a file that carries the signer's certificate."
    ),
    SubIndication.NO_CERTIFICATE_CHAIN_FOUND: _text(
        "Periksa juga di laman verifikasi nasional; pengelola dapat menambahkan penerbit ini ke daftar kepercayaan.",
        "Check with the national verifier too; the operator can add this issuer to the trust list.",
    ),
    SubIndication.REVOKED_NO_POE: _text(
        "Minta berkas dengan stempel waktu dari sebelum pencabutan, atau dokumen yang ditandatangani ulang.",
        "Ask for a file with a timestamp from before the revocation, or for the document signed again.",
    ),
    SubIndication.OUT_OF_BOUNDS_NO_POE: _text(
        "Minta berkas dengan stempel waktu arsip, atau tanyakan kepada instansi yang menyimpan aslinya sejak dahulu.",
        "Ask for a file with an archive timestamp, or ask the office that has kept the original since then.",
    ),
    SubIndication.REVOCATION_OUT_OF_BOUNDS_NO_POE: _text(
        "Minta berkas yang memuat data status (PAdES-B-LT) atau stempel waktu arsip.",
        "Ask for a file that carries its status data (PAdES-B-LT) or an archive timestamp.",
    ),
    SubIndication.NO_POE: _text(
        "Minta berkas dengan stempel waktu dari otoritas yang dikenal.",
        "Ask for a file with a timestamp of a known authority.",
    ),
    SubIndication.TIMESTAMP_ORDER_FAILURE: _text(
        "Minta berkas aslinya; urutan stempel waktunya perlu diperiksa oleh pembuatnya.",
        "Ask for the original; whoever made it needs to check the order of its timestamps.",
    ),
    SubIndication.TRY_LATER: _text(
        "Coba lagi nanti, atau minta berkas yang memuat data status (PAdES-B-LT).",
        "Try again later, or ask for a file that carries its status data (PAdES-B-LT).",
    ),
    SubIndication.UNSUPPORTED: _text(
        "Periksa dengan perangkat lunak lain yang mengenal jenis ini, misalnya laman verifikasi nasional.",
        "Check it with other software that knows this kind, such as the national verifier.",
    ),
    SubIndication.PASSWORD_NEEDED: _text(
        "Periksa sekali lagi dan isi kata sandi berkas; kata sandi itu tidak disimpan.",
        "Check it once more and give the file's password; it is not kept.",
    ),
    SubIndication.PASSWORD_WRONG: _text(
        "Periksa kata sandinya, atau minta kepada pengirim berkas.",
        "Check the password, or ask whoever sent the file.",
    ),
}

CHANGES: Final[dict[ChangeKind, Text]] = {
    ChangeKind.VALIDATION_DATA: _text(
        "data pembuktian atau keterangan berkas ditambahkan", "validation data or descriptions of the file were added"
    ),
    ChangeKind.DOCUMENT_TIMESTAMP: _text("stempel waktu dokumen ditambahkan", "a document timestamp was added"),
    ChangeKind.SIGNATURE: _text("tanda tangan lain ditambahkan", "another signature was added"),
    ChangeKind.FORM_FILLING: _text("isian formulir diisi", "a form field was filled in"),
    ChangeKind.ANNOTATION: _text("catatan atau anotasi diubah", "an annotation was changed"),
    ChangeKind.OTHER: _text("isi dokumen diubah", "the document was changed"),
}
"""What came after a signature, in one sentence without beginning: revision, page and field stand in front of it."""


def told(change: Modification) -> Text:
    """One change as people read it, with where it was made. Quotes the field's name: a stranger's text."""
    where = [f"Revisi {change.revision}"], [f"Revision {change.revision}"]
    for value, indonesian, english in ((change.page, "halaman", "page"), (change.field, "kolom", "field")):
        if value is not None:
            where[0].append(f"{indonesian} {value}")
            where[1].append(f"{english} {value}")
    permitted = ("diizinkan", "permitted") if change.allowed else ("tidak diizinkan", "not permitted")
    said = CHANGES[change.kind]
    return _text(
        f"{', '.join(where[0])}: {said.id} ({permitted[0]})", f"{', '.join(where[1])}: {said.en} ({permitted[1]})"
    )
