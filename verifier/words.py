"""The message catalogue: for every reason and every headline a sentence in Indonesian and English, and a next step.

Codes never change; these texts may. They say *valid*, *utuh*, *dikenali*, and claim no legal effect: the law decides
that, not a program. Placeholders in braces are filled by whoever knows the office or the register.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from verifier.model import SubIndication


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One sentence in both languages."""

    id: str
    en: str

    def filled(self, **values: str) -> "Text":
        """The same with its placeholders filled; values may be a stranger's text, so pages escape the result."""
        return Text(id=self.id.format(**values), en=self.en.format(**values))


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What one state says: a headline, a sentence, and what to do next."""

    headline: Text
    sentence: Text
    next_step: Text


class Headline(Enum):
    """What a page says first. The names are wire names; the order is that of precedence, worst first."""

    UNREADABLE = "unreadable"
    CHANGED = "changed"
    BROKEN = "broken"
    NOT_OURS = "not-ours"
    NOT_VALID = "not-valid"
    UNKNOWN_ISSUER = "unknown-issuer"
    NO_PROOF_OF_TIME = "no-proof-of-time"
    UNPROVEN = "unproven"
    CANNOT_CHECK_NOW = "cannot-check-now"
    NO_SIGNATURE = "no-signature"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"
    VALID_ENDED_SINCE = "valid-ended-since"
    VALID_WITH_ADDITIONS = "valid-with-additions"
    SEAL_VALID = "seal-valid"
    VALID = "valid"
    ON_RECORD = "on-record"
    UNFINISHED = "unfinished"


def _text(indonesian: str, english: str) -> Text:
    return Text(id=indonesian, en=english)


_GENUINE_COPY: Final = _text(
    "Minta salinan asli kepada instansi penerbit.", "Ask the issuing office for the genuine copy."
)
_CONTACT: Final = _text("Hubungi instansi penerbit.", "Contact the issuing office.")
_COMPARE: Final = _text(
    "Cocokkan isi lembar Anda dengan tampilan ini, halaman demi halaman.",
    "Compare your copy with this view, page by page.",
)
_EXPERT: Final = _text(
    "Periksa di layanan verifikasi nasional, atau perlihatkan rincian teknis kepada ahlinya.",
    "Use the national verification service, or show the technical details to an expert.",
)
_LATER: Final = _text("Coba lagi nanti.", "Try again later.")

HEADLINES: Final[dict[Headline, Words]] = {
    Headline.UNREADABLE: Words(
        headline=_text("Berkas tidak dapat dibaca", "This file cannot be read"),
        sentence=_text("Berkas tidak dapat dibaca sebagai PDF.", "The file cannot be read as PDF."),
        next_step=_text(
            "Unduh lagi berkas aslinya, lalu unggah di sini.", "Download the original again and upload it."
        ),
    ),
    Headline.CHANGED: Words(
        headline=_text("Isi berkas telah diubah", "This file has been changed"),
        sentence=_text(
            "Berkas ini berbeda dari yang ditandatangani. Jangan gunakan.",
            "It differs from what was signed. Do not rely on it.",
        ),
        next_step=_GENUINE_COPY,
    ),
    Headline.BROKEN: Words(
        headline=_text("Tanda tangan tidak valid", "Signature not valid"),
        sentence=_text(
            "Tanda tangan dalam berkas ini rusak atau tidak dibuat dengan benar.",
            "The signature in this file is damaged or was not made correctly.",
        ),
        next_step=_GENUINE_COPY,
    ),
    Headline.NOT_OURS: Words(
        headline=_text("Bukan dokumen kami", "Not one of our documents"),
        sentence=_text(
            "Kode atau berkas ini tidak tercatat di {instansi}.",
            "This code or file is not in the register of {instansi}.",
        ),
        next_step=_text("Ketik ulang kodenya, atau laporkan.", "Type the code again, or report it."),
    ),
    Headline.NOT_VALID: Words(
        headline=_text("Tanda tangan tidak valid", "Signature not valid"),
        sentence=_text(
            "Sertifikat belum berlaku, sudah dicabut, atau sudah berakhir saat dokumen ditandatangani.",
            "The certificate was not yet valid, revoked, or expired when the document was signed.",
        ),
        next_step=_CONTACT,
    ),
    Headline.UNKNOWN_ISSUER: Words(
        headline=_text("Penanda tangan belum dapat dipastikan", "We cannot confirm the signer"),
        sentence=_text(
            "Berkas utuh, tetapi penerbit sertifikatnya tidak kami kenal.",
            "The file is intact, but we do not know who issued the certificate.",
        ),
        next_step=_EXPERT,
    ),
    Headline.NO_PROOF_OF_TIME: Words(
        headline=_text("Waktu penandatanganan belum dapat dipastikan", "We cannot confirm the time of signing"),
        sentence=_text(
            "Berkas utuh, tetapi sertifikat kini sudah berakhir atau dicabut dan tidak ada bukti bahwa dokumen "
            "ditandatangani sebelumnya.",
            "The file is intact, but the certificate has since ended or been revoked, and nothing proves that the "
            "document was signed before.",
        ),
        next_step=_CONTACT,
    ),
    Headline.UNPROVEN: Words(
        headline=_text("Tanda tangan belum dapat dipastikan", "We cannot confirm the signature"),
        sentence=_text(
            "Berkas ini memuat tanda tangan yang tidak dapat kami nilai.",
            "This file holds a signature that we cannot judge.",
        ),
        next_step=_EXPERT,
    ),
    Headline.CANNOT_CHECK_NOW: Words(
        headline=_text("Belum dapat diperiksa", "Cannot check right now"),
        sentence=_text(
            "Berkas utuh, tetapi status sertifikat belum dapat diperiksa. Ini bukan berarti dokumennya palsu.",
            "The file is intact, but the status of the certificate is not available now. This does not mean the "
            "document is false.",
        ),
        next_step=_LATER,
    ),
    Headline.NO_SIGNATURE: Words(
        headline=_text("Tidak ada tanda tangan elektronik", "No electronic signature"),
        sentence=_text(
            "Berkas ini tidak memuat tanda tangan elektronik. QR saja bukan tanda tangan. Menggabung atau memisah PDF "
            "menghapus tanda tangannya.",
            "This file holds no electronic signature. A QR code alone is none. Merging or splitting a PDF removes its "
            "signatures.",
        ),
        next_step=_text("Gunakan QR atau PDF aslinya.", "Use the QR code or the original PDF."),
    ),
    Headline.WITHDRAWN: Words(
        headline=_text("Dokumen dicabut", "Document withdrawn"),
        sentence=_text(
            "Tanda tangannya valid, tetapi dokumen dicabut oleh {instansi} pada {tanggal}. Alasan: {alasan}.",
            "The signature is good, but {instansi} withdrew the document on {tanggal}. Reason: {alasan}.",
        ),
        next_step=_text("Baca keputusan pencabutannya.", "Read the decree of withdrawal."),
    ),
    Headline.SUPERSEDED: Words(
        headline=_text("Sudah diganti dokumen baru", "Replaced by a newer document"),
        sentence=_text(
            "Asli, tetapi digantikan oleh {nomor} sejak {tanggal}.", "Genuine, but replaced by {nomor} since {tanggal}."
        ),
        next_step=_text("Buka dokumen yang baru.", "Open the newer one."),
    ),
    Headline.VALID_ENDED_SINCE: Words(
        headline=_text("Dokumen asli dan utuh", "Genuine and unchanged"),
        sentence=_text(
            "Sertifikat berlaku saat ditandatangani dan kini sudah berakhir. Tanda tangannya tetap valid.",
            "The certificate was good when signed and has since expired. The signature stays valid.",
        ),
        next_step=_text("Lihat bukti waktunya.", "See the proof of time."),
    ),
    Headline.VALID_WITH_ADDITIONS: Words(
        headline=_text("Asli; ada tambahan sesudahnya", "Genuine; something was added later"),
        sentence=_text(
            "Tanda tangan valid. Perubahan sesudahnya hanya penambahan yang diizinkan.",
            "The signature is valid. Only permitted additions were made later.",
        ),
        next_step=_text("Lihat daftar tambahannya.", "See the list of additions."),
    ),
    Headline.SEAL_VALID: Words(
        headline=_text("Dokumen asli dan utuh", "Genuine and unchanged"),
        sentence=_text(
            "Disegel oleh {instansi} dan tidak berubah sejak itu.", "Sealed by {instansi}, unchanged since."
        ),
        next_step=_COMPARE,
    ),
    Headline.VALID: Words(
        headline=_text("Dokumen asli dan utuh", "Genuine and unchanged"),
        sentence=_text("Ditandatangani oleh {nama} dan tidak berubah sejak itu.", "Signed by {nama}, unchanged since."),
        next_step=_COMPARE,
    ),
    Headline.ON_RECORD: Words(
        headline=_text("Tercatat. Bandingkan dengan lembar Anda", "On record. Compare with your copy"),
        sentence=_text(
            "Kode ini milik dokumen berikut. Keutuhan lembar Anda belum diperiksa.",
            "The code belongs to the document below; your copy itself was not checked.",
        ),
        next_step=_COMPARE,
    ),
    Headline.UNFINISHED: Words(
        headline=_text("Belum selesai ditandatangani", "Not fully signed yet"),
        sentence=_text("{n} dari {m} penanda tangan.", "{n} of {m} signers."),
        next_step=_LATER,
    ),
}

REASON_HEADLINES: Final[dict[SubIndication, Headline]] = {
    SubIndication.FORMAT_FAILURE: Headline.BROKEN,
    SubIndication.HASH_FAILURE: Headline.CHANGED,
    SubIndication.SIG_CRYPTO_FAILURE: Headline.CHANGED,
    SubIndication.DOCUMENT_CHANGED: Headline.CHANGED,
    SubIndication.REVOKED: Headline.NOT_VALID,
    SubIndication.EXPIRED: Headline.NOT_VALID,
    SubIndication.NOT_YET_VALID: Headline.NOT_VALID,
    SubIndication.SIG_CONSTRAINTS_FAILURE: Headline.UNPROVEN,
    SubIndication.CHAIN_CONSTRAINTS_FAILURE: Headline.UNPROVEN,
    SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE: Headline.UNPROVEN,
    SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE: Headline.UNPROVEN,
    SubIndication.NO_SIGNING_CERTIFICATE_FOUND: Headline.UNPROVEN,
    SubIndication.NO_CERTIFICATE_CHAIN_FOUND: Headline.UNKNOWN_ISSUER,
    SubIndication.REVOKED_NO_POE: Headline.NO_PROOF_OF_TIME,
    SubIndication.OUT_OF_BOUNDS_NO_POE: Headline.NO_PROOF_OF_TIME,
    SubIndication.REVOCATION_OUT_OF_BOUNDS_NO_POE: Headline.NO_PROOF_OF_TIME,
    SubIndication.NO_POE: Headline.NO_PROOF_OF_TIME,
    SubIndication.TIMESTAMP_ORDER_FAILURE: Headline.UNPROVEN,
    SubIndication.TRY_LATER: Headline.CANNOT_CHECK_NOW,
    SubIndication.UNSUPPORTED: Headline.UNPROVEN,
}

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

RELATIONS: Final[dict[str, Text]] = {
    "same-bytes": _text(
        "Berkas ini sama persis dengan yang terdaftar.", "This file is identical to the registered one."
    ),
    "extends": _text(
        "Berkas ini adalah berkas terdaftar dengan tambahan di belakangnya.",
        "This is the registered file with later additions.",
    ),
    "not-registered": _text(
        "Berkas ini tidak terdaftar pada kami. Hasil di atas hanya menilai berkasnya.",
        "This file is not registered here. The result above judges the file alone.",
    ),
}
