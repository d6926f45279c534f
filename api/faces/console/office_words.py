"""What the pages about people and certificates say; Indonesian first."""

from typing import Final

from cryptography import x509

from api.pages.text import Text
from ca.errors import CaRefused
from signer.appointments import ActingForm
from signer.bulk.model import RowKind, RowState
from signer.errors import Refused
from signer.people import ApprovalKind, ApprovalStage, Purpose, RegistrationState, StatusWord
from signer.seal_model import Refusal

STATUS: Final = {
    StatusWord.ISSUE: (Text("Aktif", "Active"), "good"),
    StatusWord.SUSPEND: (Text("Ditangguhkan", "Suspended"), "note"),
    StatusWord.EXPIRED: (Text("Berakhir", "Expired"), "unsure"),
    StatusWord.RENEW: (Text("Sedang diperpanjang", "Being renewed"), "record"),
    StatusWord.REVOKE: (Text("Dicabut", "Revoked"), "bad"),
    StatusWord.WAITING_FOR_VERIFICATION: (Text("Menunggu persetujuan", "Waits for approval"), "note"),
    StatusWord.NO_CERTIFICATE: (Text("Menunggu pejabatnya", "Waits for the official"), "record"),
    StatusWord.NEW: (Text("Belum terdaftar", "Not registered"), "unsure"),
    StatusWord.NOT_REGISTERED: (Text("Tidak dikenal", "Unknown"), "unsure"),
}
"""Where an official stands, and the tone of it."""

CERTIFICATE_STATUS: Final = STATUS | {StatusWord.RENEW: (Text("Sudah diganti", "Replaced by a newer one"), "unsure")}
"""The same for one certificate: here RENEW says that a newer one took its place."""

PURPOSES: Final = {
    Purpose.ENROLMENT: Text("Pendaftaran baru", "New enrolment"),
    Purpose.RENEWAL: Text("Perpanjangan", "Renewal"),
    Purpose.LOST_PASSPHRASE: Text("Frasa sandi hilang", "Lost passphrase"),
    Purpose.TRANSFER: Text("Mutasi", "Transfer"),
}
REGISTRATION_STATES: Final = {
    RegistrationState.PROPOSED: (Text("Menunggu persetujuan", "Waits for approval"), "note"),
    RegistrationState.APPROVED: (Text("Disetujui", "Approved"), "record"),
    RegistrationState.REJECTED: (Text("Ditolak", "Rejected"), "bad"),
    RegistrationState.COMPLETED: (Text("Selesai", "Completed"), "good"),
}
KINDS: Final = {
    ApprovalKind.ENROLMENT: Text("Sertifikat atas nama pejabat", "A certificate in an official's name"),
    ApprovalKind.BULK_REVOCATION: Text("Pencabutan sertifikat", "Revocation of certificates"),
    ApprovalKind.RELEASE: Text("Pelepasan penahanan", "Release of a hold"),
    ApprovalKind.FACTOR_RESET: Text("Faktor kedua pejabat", "An official's second factor"),
    ApprovalKind.PROFILE: Text("Versi profil sertifikat", "Version of a certificate profile"),
    ApprovalKind.CA_OPERATION: Text("Tindakan CA di luar jadwal", "An act of the CA out of turn"),
    ApprovalKind.IMPORT: Text("Impor pejabat dari berkas", "Import of officials from a file"),
    ApprovalKind.FOREIGN_DECISION: Text("Sertifikat dari CA lain", "Another CA's certificate"),
    ApprovalKind.FOREIGN_REVOCATION: Text("Pencabutan pada CA lain", "Revocation at another CA"),
    ApprovalKind.HANDOVER: Text("Penyerahan surat kepada Plh. atau Plt.", "A letter handed to a deputy"),
}
STAGES: Final = {
    ApprovalStage.WAITING: (Text("Menunggu keputusan", "Waits for a decision"), "note"),
    ApprovalStage.READY: (Text("Disetujui, belum dijalankan", "Approved, not carried out yet"), "record"),
    ApprovalStage.DONE: (Text("Selesai", "Done"), "good"),
    ApprovalStage.REJECTED: (Text("Ditolak", "Rejected"), "bad"),
    ApprovalStage.LAPSED: (Text("Lewat waktu", "Out of time"), "unsure"),
}
REASONS: Final = {
    x509.ReasonFlags.affiliation_changed: Text(
        "Pindah atau berhenti dari unitnya", "Affiliation changed (affiliationChanged)"
    ),
    x509.ReasonFlags.cessation_of_operation: Text("Tidak bertugas lagi", "No longer in office (cessationOfOperation)"),
    x509.ReasonFlags.key_compromise: Text(
        "Kunci atau frasa sandi diketahui orang lain", "Key or passphrase known to somebody else (keyCompromise)"
    ),
    x509.ReasonFlags.privilege_withdrawn: Text("Kewenangannya ditarik", "Privilege withdrawn (privilegeWithdrawn)"),
    x509.ReasonFlags.superseded: Text("Sudah ada sertifikat pengganti", "Superseded by another one (superseded)"),
    x509.ReasonFlags.unspecified: Text("Alasan lain", "Another reason (unspecified)"),
}
"""Reasons that staff may choose; which of them, says the role (`signer.revoking`)."""

FORMS: Final = {
    ActingForm.PLT: Text("Plt. — pelaksana tugas", "the post is vacant"),
    ActingForm.PLH: Text("Plh. — pelaksana harian", "its holder is briefly away"),
    ActingForm.PJ: Text("Pj. — penjabat", "interim head of a region"),
    ActingForm.PJS: Text("Pjs. — penjabat sementara", "interim, for a short time"),
}
ROWS: Final = {
    RowState.WAITING: (Text("Belum", "Not yet"), "unsure"),
    RowState.RESERVED: (Text("Sedang diproses", "In work"), "record"),
    RowState.REGISTERED: (Text("Terdaftar", "Registered"), "good"),
    RowState.DONE: (Text("Selesai", "Done"), "good"),
    RowState.FAILED: (Text("Ditolak", "Refused"), "bad"),
}
ROW_KINDS: Final = {
    RowKind.OFFICIAL: Text("Pejabat baru", "New official"),
    RowKind.TRANSFER: Text("Mutasi", "Transfer"),
    RowKind.ACTING: Text("Penugasan", "Acting appointment"),
}
SEAL_OVER: Final = {
    None: (Text("Berlaku", "In force"), "good"),
    Refusal.NOT_ACTIVE: (Text("Belum mulai", "Not yet"), "unsure"),
    Refusal.DEACTIVATED: (Text("Diakhiri", "Ended"), "bad"),
    Refusal.EXPIRED: (Text("Lewat waktu", "Out of time"), "unsure"),
    Refusal.USED_UP: (Text("Habis dipakai", "Used up"), "unsure"),
    Refusal.NETWORK: (Text("Berlaku", "In force"), "good"),
}

SAME_NAME: Final = Text(
    "Sudah ada pejabat dengan nama dan unit kerja ini. Lanjutkan hanya kalau memang orang lain.",
    "There is an official of this name and unit already. Go on only if this is somebody else.",
)
SAME_SEAL: Final = Text("Sudah ada segel aktif bernama ini.", "There is an active seal of this name already.")
LENT_ALREADY: Final = Text(
    "Aplikasi ini sudah punya izin yang berlaku. Beri izin tambahan hanya kalau memang perlu.",
    "A permission of this application stands already. Give another one only where it is needed.",
)
NO_FILE: Final = Text("Pilih berkas CSV atau XLSX dahulu.", "Choose a CSV or XLSX file first.")
NO_NAME: Final = Text("Nama lengkap wajib diisi.", "The full name is needed.")
NOT_A_NIK: Final = Text("NIK terdiri atas 16 angka. Periksa lagi.", "A NIK has 16 digits. Check it.")
NO_REASON: Final = Text("Pilih alasan pencabutan.", "Choose a reason for the revocation.")
NO_DATE: Final = Text("Tanggal tidak dapat dibaca.", "This is no date.")
NO_NUMBER: Final = Text("Isi dengan angka.", "Write a number.")
NO_DEPUTY_CHOSEN: Final = Text("Pilih siapa yang menerima surat ini.", "Choose who gets the letter.")
NOTHING_CHOSEN: Final = Text("Pilih paling sedikit satu.", "Choose one at least.")
_GENERAL: Final = "Belum dapat dilakukan. Periksa isian Anda, atau muat ulang halaman ini."
_TOLD: Final = {
    "not-an-address": "Ini bukan alamat surel.",
    "dates": "Hari terakhir harus sesudah hari pertama, paling lama satu tahun.",
    "personal-number": "NIK atau NIP tidak boleh ada di sini.",
    "not-a-nik": NOT_A_NIK.id,
    "not-a-nip": "NIP terdiri atas 18 angka. Periksa lagi.",
    "not-in-name": "Nama keluarga harus bagian akhir dari nama lengkap.",
    "too-long": "Terlalu panjang untuk sertifikat: paling banyak 64 huruf.",
    "registered": "Sudah ada pejabat dengan nomor ini. Cari namanya.",
    "unprintable": "Tulis tanpa spasi di awal dan akhir, dan jangan biarkan kosong.",
    "hold-not-allowed": "Penahanan tidak diizinkan pada layanan ini.",
    "no-credential": "Pejabat ini tidak punya sertifikat yang aktif.",
    "suspended": "Sertifikat ini sedang ditangguhkan.",
    "revoked": "Sertifikat ini sudah dicabut.",
    "retired": "Sertifikat ini sudah diganti.",
    "open": "Pejabat ini masih punya pendaftaran yang berjalan.",
    "state": "Sertifikatnya tidak aktif, jadi tidak dapat diperpanjang. Daftarkan lagi.",
    "ended": "Sertifikatnya sudah berakhir. Daftarkan pejabat ini lagi.",
    "not-approved": "Pendaftaran ini belum disetujui, atau sudah selesai.",
    "own": "Tidak seorang pun menyetujui usulannya sendiri. Minta orang lain.",
    "role": "Peran Anda tidak boleh melakukan ini.",
    "expired": "Waktunya sudah lewat. Ajukan lagi.",
    "used": "Sudah dijalankan.",
    "rejected": "Sudah ditolak. Ajukan lagi bila perlu.",
    "proposed": "Belum ada yang menyetujui.",
    "in-the-future": "Waktu itu belum terjadi.",
    "other-issuer": "Sertifikat ini diterbitkan CA lain; pencabutannya diminta kepada penerbitnya.",
    "has-one": "Pejabat ini sudah punya faktor kedua. Ajukan pengaturan ulang.",
    "no-network": "Tulis jaringan seperti 192.0.2.0/24, satu per baris.",
    "out-of-bounds": "Di luar batas yang boleh.",
    "unknown": "Tidak ditemukan. Periksa lagi, atau muat ulang halaman.",
    "reason-text": "Tulis alasannya, 1 sampai 200 huruf.",
    "no-deputy": "Penugasannya sudah berakhir, atau sertifikatnya sedang tidak dapat dipakai.",
    "twice": "Pejabat itu sudah menandatangani atau memaraf surat ini sebagai dirinya sendiri.",
    "begun": "Surat ini sedang dibuka untuk ditandatangani, dan persetujuan ini sudah terpakai. Ajukan lagi nanti.",
    "unknown-step": "Surat ini tidak menunggu lagi.",
    "busy": "Surat ini sedang ditandatangani. Coba lagi sebentar lagi.",
    "text": "Isi dengan 1 sampai 128 huruf.",
}


def told(refused: Refused | CaRefused) -> Text:
    """Why something was refused; what the service says stands in English."""
    known, english = _TOLD.get(refused.reason, _GENERAL), str(refused)
    if " / " in english:  # services that speak both say Indonesian first
        known, english = english.split(" / ", 1)
    return Text(known, english)
