"""What the citizen reads: one catalogue of headlines, sentences and facts, Indonesian first.

The states are the fourteen that a citizen may meet, in order of precedence, and those of letters that are over, of
signings that were stopped, of digests and of files that cannot be read. A text claims no legal effect: it says *valid*,
*utuh*, *dikenali*, and nothing stronger.
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from api.pages.text import Text
from verifier.model import Relation, SubIndication


class Tone(Enum):
    """How loud a statement is; the value is the class name in the style sheet. Shape and words always repeat it."""

    GOOD = "good"
    BAD = "bad"
    WARNING = "warning"
    UNSURE = "unsure"
    NOTE = "note"
    RECORD = "record"
    SAMPLE = "sample"


class State(Enum):
    """The one headline of a page; the worst comes first."""

    CHANGED = auto()
    NOT_OURS = auto()
    SAMPLE = auto()
    NOT_VALID = auto()
    WITHDRAWN = auto()
    REPLACED = auto()
    EXPIRED = auto()
    UNCONFIRMED = auto()
    TRY_LATER = auto()
    NO_SIGNATURE = auto()
    UNREADABLE = auto()
    DIGEST_UNKNOWN = auto()
    ON_RECORD = auto()
    STOPPED = auto()
    BEING_SIGNED = auto()
    GENUINE_ENDED_SINCE = auto()
    GENUINE_WITH_ADDITIONS = auto()
    GENUINE = auto()

    @property
    def is_good(self) -> bool:
        """Whether the page may show a green shield."""
        return self in (State.GENUINE, State.GENUINE_ENDED_SINCE, State.GENUINE_WITH_ADDITIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """How a state looks and what it is called."""

    title: Text
    tone: Tone
    icon: str
    """Name of a symbol in the sprite."""
    next_step: Text


HEADLINES: Final = {
    State.CHANGED: Headline(
        title=Text("Isi berkas telah diubah", "This file has been changed"),
        tone=Tone.BAD,
        icon="octagon-cross",
        next_step=Text(
            "Mintalah berkas asli kepada instansi yang menerbitkannya.",
            "Ask the issuing office for the genuine copy.",
        ),
    ),
    State.NOT_OURS: Headline(
        title=Text("Bukan dokumen kami", "Not one of our documents"),
        tone=Tone.BAD,
        icon="octagon-minus",
        next_step=Text(
            "Bila Anda mengetik kode, periksa kembali. Bila kode atau berkasnya memang demikian, laporkan kepada kami.",
            "If you typed a code, check it once more. If the code or file is really so, report it to us.",
        ),
    ),
    State.SAMPLE: Headline(
        title=Text("Dokumen uji coba", "Test document"),
        tone=Tone.SAMPLE,
        icon="flask",
        next_step=Text(
            "Jangan gunakan dokumen ini untuk keperluan apa pun.", "Do not use this document for any purpose."
        ),
    ),
    State.NOT_VALID: Headline(
        title=Text("Tanda tangan tidak valid", "Signature not valid"),
        tone=Tone.BAD,
        icon="octagon-cross",
        next_step=Text(
            "Hubungi instansi yang menerbitkan dokumen ini.", "Contact the office that issued this document."
        ),
    ),
    State.WITHDRAWN: Headline(
        title=Text("Dokumen dicabut", "Document withdrawn"),
        tone=Tone.WARNING,
        icon="diamond-ban",
        next_step=Text(
            "Jangan gunakan lagi. Tanyakan kepada instansi yang menerbitkannya.",
            "Do not use it any more. Ask the issuing office.",
        ),
    ),
    State.REPLACED: Headline(
        title=Text("Sudah diganti dokumen baru", "Replaced by a newer document"),
        tone=Tone.NOTE,
        icon="diamond-arrow",
        next_step=Text("Gunakan dokumen penggantinya.", "Use the document that took its place."),
    ),
    State.EXPIRED: Headline(
        title=Text("Masa berlaku dokumen sudah berakhir", "This document has ended"),
        tone=Tone.UNSURE,
        icon="document",
        next_step=Text(
            "Tanyakan kepada instansi penerbitnya apakah ada yang baru.", "Ask the issuing office for a newer one."
        ),
    ),
    State.UNCONFIRMED: Headline(
        title=Text("Penanda tangan belum dapat dipastikan", "We cannot confirm the signer"),
        tone=Tone.UNSURE,
        icon="circle-question",
        next_step=Text(
            "Periksa juga di layanan verifikasi nasional, atau tanyakan kepada instansi penerbitnya.",
            "Try the national verification service too, or ask the issuing office.",
        ),
    ),
    State.TRY_LATER: Headline(
        title=Text("Belum dapat diperiksa", "Cannot check right now"),
        tone=Tone.UNSURE,
        icon="cloud",
        next_step=Text("Silakan coba lagi beberapa saat lagi.", "Please try again in a while."),
    ),
    State.NO_SIGNATURE: Headline(
        title=Text("Tidak ada tanda tangan elektronik", "No electronic signature"),
        tone=Tone.UNSURE,
        icon="document",
        next_step=Text(
            "Pindai QR pada lembarnya, atau unggah PDF aslinya. Menggabung atau memecah PDF menghapus tanda tangannya.",
            "Scan the QR on the sheet, or upload the original PDF. Merging or splitting a PDF destroys its signatures.",
        ),
    ),
    State.UNREADABLE: Headline(
        title=Text("Berkas tidak dapat dibaca", "The file cannot be read"),
        tone=Tone.UNSURE,
        icon="document",
        next_step=Text(
            "Unggah PDF asli seperti yang Anda terima, bukan foto, hasil pindai, atau berkas terkunci.",
            "Upload the original PDF as you received it, not a photo, a scan or a locked file.",
        ),
    ),
    State.DIGEST_UNKNOWN: Headline(
        title=Text("Sidik jari ini tidak tercatat", "This digest is not on record"),
        tone=Tone.UNSURE,
        icon="circle-question",
        next_step=Text(
            "Bila Anda bersedia, unggah berkasnya. Hanya begitu tanda tangannya dapat diperiksa.",
            "If you agree, upload the file: only then its signatures can be checked.",
        ),
    ),
    State.ON_RECORD: Headline(
        title=Text("Tercatat. Bandingkan dengan lembar Anda", "On record. Compare with your copy"),
        tone=Tone.RECORD,
        icon="document-tick",
        next_step=Text(
            "QR dapat disalin ke kertas lain. Cocokkan isi lembar Anda dengan tampilan ini, halaman demi halaman.",
            "A QR can be copied onto another paper. Compare your sheet with what is shown here, page by page.",
        ),
    ),
    State.STOPPED: Headline(
        title=Text("Penandatanganan dihentikan", "The signing was stopped"),
        tone=Tone.UNSURE,
        icon="circle-pause",
        next_step=Text(
            "Dokumen ini tidak akan dilengkapi. Tanyakan kepada instansi penerbitnya.",
            "It will not be completed. Ask the issuing office.",
        ),
    ),
    State.BEING_SIGNED: Headline(
        title=Text("Belum selesai ditandatangani", "Not fully signed yet"),
        tone=Tone.RECORD,
        icon="clock",
        next_step=Text("Buka halaman ini lagi nanti.", "Come back to this page later."),
    ),
    State.GENUINE_ENDED_SINCE: Headline(
        title=Text("Dokumen asli dan utuh", "Genuine and unchanged"),
        tone=Tone.GOOD,
        icon="shield-note",
        next_step=Text(
            "Lihat bukti waktunya pada rincian teknis di bawah.",
            "See the proof of time in the technical details below.",
        ),
    ),
    State.GENUINE_WITH_ADDITIONS: Headline(
        title=Text("Asli; ada tanda tangan tambahan", "Genuine; more signatures added"),
        tone=Tone.GOOD,
        icon="shield-plus",
        next_step=Text(
            "Daftar tambahannya ada pada rincian teknis di bawah.",
            "The additions are listed in the technical details below.",
        ),
    ),
    State.GENUINE: Headline(
        title=Text("Dokumen asli dan utuh", "Genuine and unchanged"),
        tone=Tone.GOOD,
        icon="shield-tick",
        next_step=Text(
            "Bila Anda memegang lembar cetak, bandingkan isinya dengan berkas ini.",
            "If you hold a printed sheet, compare it with this file.",
        ),
    ),
}

TITLE_OTHER_ADDITIONS: Final = Text("Asli; ada tambahan yang diizinkan", "Genuine; permitted additions made later")
TITLE_ON_RECORD_ONLY: Final = Text("Kode ini tercatat", "This code is on record")
TITLE_TIMESTAMP_UNCONFIRMED: Final = Text(
    "Stempel waktu belum dapat dipastikan", "We cannot confirm the document timestamp"
)

CHANGED: Final = Text(
    "Berkas ini berbeda dari yang ditandatangani. Jangan gunakan.",
    "It differs from what was signed. Do not rely on it.",
)
NOT_IN_REGISTER: Final = Text(
    "Kode atau berkas ini tidak tercatat di {office}.", "This code or file is not in our register."
)
CLAIMS_TO_BE_OURS: Final = Text(
    "Berkas ini mengaku berasal dari kami, tetapi tidak tercatat di {office}.",
    "This file claims to come from us, but it is not in our register.",
)
SAMPLE: Final = Text(
    "Ditandatangani dengan sertifikat uji. Hanya contoh.", "Signed with a test certificate. A sample only."
)
SAMPLE_SEAL: Final = Text(
    "Disegel dengan sertifikat uji. Hanya contoh.", "Sealed with a test certificate. A sample only."
)
ON_RECORD: Final = Text(
    "Kode ini milik dokumen berikut. Keutuhan lembar Anda belum diperiksa.",
    "The code belongs to the document below; your copy itself was not checked.",
)
ON_RECORD_ONLY: Final = Text(
    "Sifat naskahnya tidak mengizinkan rincian ditampilkan. Unggah berkasnya untuk memeriksa keutuhannya.",
    "The letter's secrecy allows no details here. Upload the file to check that it is intact.",
)
DIGEST_UNKNOWN: Final = Text(
    "{office} tidak menyimpan berkas yang sama persis. Berkas Anda mungkin dari instansi lain, ditambah "
    "tanda tangan sesudahnya, atau diubah.",
    "{office} keeps no file that is exactly the same. Yours may be another office's, may bear a later signature, or "
    "may have been changed.",
)
TRY_LATER: Final = Text(
    "Layanan status sedang terganggu. Ini bukan berarti dokumennya palsu.",
    "A status service is down. This does not mean the document is false.",
)
NO_SIGNATURE: Final = Text(
    "Cetakan, hasil pindai, atau foto tidak memuat tanda tangan elektronik. QR saja bukan tanda tangan.",
    "A print, scan or photo carries none. A QR alone is not a signature.",
)
TIMESTAMP_ONLY: Final = Text(
    "Berkas ini hanya memuat stempel waktu, tanpa tanda tangan siapa pun.",
    "This file carries a timestamp only, and nobody's signature.",
)
LOCKED: Final = {
    SubIndication.PASSWORD_NEEDED: Text(
        "Berkas ini terkunci dengan kata sandi. Unggah lagi dan isi kata sandinya.",
        "The file is locked with a password. Upload it again with its password.",
    ),
    SubIndication.PASSWORD_WRONG: Text(
        "Kata sandi itu tidak membuka berkas ini. Unggah lagi dengan kata sandi yang benar.",
        "That password does not open the file. Upload it again with the right one.",
    ),
}
UNREADABLE: Final = Text("Berkas tidak dapat dibaca sebagai PDF.", "The file cannot be read as a PDF.")

SIGNED_BY: Final = Text(
    "Ditandatangani {who} dan tidak berubah sejak itu.", "Signed by {who}, and unchanged since then."
)
INITIALLED_BY: Final = Text(
    "Diparaf {who} dan tidak berubah sejak itu.", "Initialled by {who}, and unchanged since then."
)
SEALED_BY: Final = Text(
    "Segel elektronik {who}, dan tidak berubah sejak itu.", "Electronic seal of {who}, and unchanged since then."
)
SEALED_BY_NOBODY_NAMED: Final = Text("Tidak berubah sejak disegel.", "Unchanged since it was sealed.")
SIGNED_BY_NOBODY_NAMED: Final = Text("Tidak berubah sejak ditandatangani.", "Unchanged since it was signed.")
SIGNED_BY_MANY: Final = Text("{count} penanda tangan, terakhir {who}", "{count} signers, last of them {who}")
ENDED_SINCE: Final = Text(
    "Sertifikat berlaku saat ditandatangani dan kini sudah berakhir. Tanda tangannya tetap valid.",
    "The certificate was good when signed and has since expired. The signature stays valid.",
)
ONLY_ADDITIONS: Final = Text(
    "Perubahan sesudahnya hanya penambahan yang diizinkan.", "Only permitted additions were made later."
)

WITHDRAWN: Final = Text("Dokumen ini sudah DICABUT pada {day}.", "It was WITHDRAWN on {day}.")
VALID_BUT_WITHDRAWN: Final = Text(
    "Tanda tangan valid, tetapi dokumen ini sudah DICABUT pada {day}.",
    "The signature is valid, but this document was WITHDRAWN on {day}.",
)
REPLACED: Final = Text("Dokumen ini sudah DIGANTI dengan {other} sejak {day}.", "It was REPLACED by {other} on {day}.")
VALID_BUT_REPLACED: Final = Text(
    "Asli, tetapi sudah DIGANTI dengan {other} sejak {day}.", "Genuine, but REPLACED by {other} since {day}."
)
EXPIRED: Final = Text("Dokumen ini berlaku sampai {day}.", "It held until {day}.")
VALID_BUT_EXPIRED: Final = Text(
    "Tanda tangan valid, tetapi dokumen ini hanya berlaku sampai {day}.",
    "The signature is valid, but this document held until {day} only.",
)
MISSING_SIGNATURES: Final = Text("{signed} dari {of} penanda tangan.", "{signed} of {of} signers.")
ANOTHER_DOCUMENT: Final = Text("dokumen lain", "another document")

INTACT: Final = Text("Berkas utuh", "The file is intact")
SIGNED_PART_INTACT: Final = Text("Bagian yang ditandatangani utuh", "The signed part is intact")
BUT: Final = Text("{whole}, tetapi {reason}.", "{whole}, but {reason}.")
NOT_KNOWN: Final = Text(
    "Keutuhannya belum dapat dipastikan: {reason}.", "We cannot tell whether it is intact: {reason}."
)
INCOMPLETE: Final = Text("pemeriksaan belum lengkap", "the check is not complete")

REASONS: Final = {
    SubIndication.FORMAT_FAILURE: Text(
        "susunan tanda tangannya tidak menurut aturan", "the signature is not built by the rules"
    ),
    SubIndication.HASH_FAILURE: Text(
        "isinya berbeda dari yang ditandatangani", "the content differs from what was signed"
    ),
    SubIndication.SIG_CRYPTO_FAILURE: Text("nilai tanda tangannya tidak cocok", "the signature value does not match"),
    SubIndication.DOCUMENT_CHANGED: Text(
        "ada perubahan sesudahnya yang tidak diizinkan", "changes that are not permitted were made later"
    ),
    SubIndication.REVOKED: Text(
        "sertifikat sudah dicabut sebelum ditandatangani", "the certificate had already been revoked"
    ),
    SubIndication.EXPIRED: Text(
        "sertifikat sudah berakhir sebelum ditandatangani", "the certificate had already expired"
    ),
    SubIndication.NOT_YET_VALID: Text(
        "sertifikat belum berlaku saat ditandatangani", "the certificate was not valid yet at signing"
    ),
    SubIndication.SIG_CONSTRAINTS_FAILURE: Text(
        "tanda tangannya tidak memenuhi syarat kebijakan kami", "the signature does not meet our policy"
    ),
    SubIndication.CHAIN_CONSTRAINTS_FAILURE: Text(
        "sertifikatnya tidak diperuntukkan bagi tanda tangan seperti ini",
        "the certificate is not meant for such a signature",
    ),
    SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE: Text(
        "rantai sertifikatnya tidak dapat disusun", "the chain of certificates cannot be built"
    ),
    SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE: Text(
        "algoritmanya kini terlalu lemah dan tidak ada bukti waktunya",
        "its algorithm is too weak today and there is no proof of time",
    ),
    SubIndication.NO_SIGNING_CERTIFICATE_FOUND: Text(
        "sertifikat penanda tangan tidak ada di dalamnya", "the signer's certificate is not in it"
    ),
    SubIndication.NO_CERTIFICATE_CHAIN_FOUND: Text(
        "penerbit sertifikatnya tidak kami kenal", "we do not know who issued the certificate"
    ),
    SubIndication.REVOKED_NO_POE: Text(
        "sertifikatnya kini dicabut dan tidak ada bukti bahwa tanda tangan dibuat sebelumnya",
        "the certificate is revoked now and nothing proves that the signature was made before",
    ),
    SubIndication.OUT_OF_BOUNDS_NO_POE: Text(
        "masa berlaku sertifikat atau penerbitnya sudah berakhir dan kami tidak menyimpan bukti dari masa berlakunya",
        "the certificate or its issuer's has ended and we keep no proof from its lifetime",
    ),
    SubIndication.REVOCATION_OUT_OF_BOUNDS_NO_POE: Text(
        "status sertifikatnya tidak lagi dapat dibuktikan", "the certificate's status can no longer be proven"
    ),
    SubIndication.NO_POE: Text(
        "tidak ada bukti kapan tanda tangan dibuat", "nothing proves when the signature was made"
    ),
    SubIndication.TIMESTAMP_ORDER_FAILURE: Text(
        "urutan stempel waktunya bertentangan", "the order of its timestamps is contradictory"
    ),
    SubIndication.TRY_LATER: Text(
        "layanan status sedang terganggu; coba lagi nanti", "a status service is down; try again later"
    ),
    SubIndication.UNSUPPORTED: Text(
        "cara tanda tangannya belum dapat kami nilai", "we cannot judge this way of signing yet"
    ),
    SubIndication.PASSWORD_NEEDED: Text("berkasnya terkunci dengan kata sandi", "the file is locked with a password"),
    SubIndication.PASSWORD_WRONG: Text("kata sandinya tidak membuka berkas ini", "the password does not open the file"),
}
"""A reason as the second half of a sentence; the first letter is raised where it stands alone."""

DIGEST_KNOWN: Final = Text(
    "Sidik jarinya sama, jadi berkas Anda sama persis dengan yang terdaftar dan diperiksa di sini.",
    "The digest is the same, so your file is identical to the registered one that was checked here.",
)
DIGEST_OF_AN_OLDER_VERSION: Final = Text(
    "Sidik jarinya milik berkas yang terdaftar. Kami menyimpan versi yang lebih baru, dengan bukti tambahan agar tetap "
    "dapat diperiksa.",
    "The digest is that of a registered file. We keep a later version, with more proof so that it stays verifiable.",
)

RELATIONS: Final = {
    Relation.SAME_BYTES: Text(
        "Berkas ini sama persis dengan yang terdaftar.", "It is identical to the registered file."
    ),
    Relation.EXTENDS: Text(
        "Berkas ini adalah berkas terdaftar dengan tambahan di belakangnya.",
        "It is the registered file with later additions.",
    ),
    Relation.NOT_REGISTERED: Text(
        "Berkas ini tidak terdaftar pada kami. Hasil di atas hanya menilai berkasnya.",
        "It is not registered with us. The result above judges the file alone.",
    ),
}
