"""What the pages for signatories say when something was not right; Indonesian first."""

from typing import Final

from api.pages.text import Text
from signer.code_model import SessionEnd

NOT_PROVEN: Final = Text(
    "Frasa sandi atau faktor kedua tidak cocok, atau masih harus menunggu. Setiap kode hanya berlaku satu kali.",
    "The passphrase or the second factor is not right, or has to wait. Each code is good once.",
)
NOT_SIGNED_IN: Final = Text(
    "Tidak cocok, atau masih harus menunggu. Setiap kode hanya berlaku satu kali.",
    "That is not right, or has to wait. Each code is good once.",
)
TOO_MANY: Final = Text("Jumlah kunci sandi sudah penuh. Hapus satu dahulu.", "Too many passkeys. Remove one first.")
NO_PASSKEY: Final = Text(
    "Kunci sandi tidak dapat didaftarkan. Coba sekali lagi, atau pakai perangkat lain.",
    "The passkey could not be registered. Try again, or use another device.",
)
LAST_ONE: Final = Text(
    "Faktor terakhir tidak dapat dihapus. Tambahkan yang lain dahulu.",
    "The last factor cannot be removed. Add another one first.",
)
REFUSALS: Final = {
    "not-proven": NOT_PROVEN,
    "count": TOO_MANY,
    "known": NO_PASSKEY,
    "last-or-unknown": LAST_ONE,
}

REFUSED_LIST: Final = {
    "": Text(
        "Daftar ini sudah berubah sejak permintaannya dibuat: ada yang sudah ditandatangani, dibatalkan, atau belum "
        "gilirannya. Minta yang baru dari sistem asalnya.",
        "The list is not what it was when it was asked for: something was signed, cancelled, or is not due. Ask for a "
        "new one where it came from.",
    ),
    "changed": Text(
        "Daftar ini berubah di tab lain. Periksa sekali lagi, lalu setujui.",
        "The list was changed in another tab. Look at it again, then approve.",
    ),
    "choice": Text(
        "Dokumen ini tidak dapat dikeluarkan atau dimasukkan lagi: sedikitnya satu harus tersisa, dan setelah "
        "percobaan pertama tidak ada yang bertambah.",
        "This document cannot be left out or taken in: one at least stays, and nothing is added after the first try.",
    ),
    "no-reason": Text(
        "Tuliskan alasannya dalam satu baris, paling banyak 500 huruf.",
        "Write the reason on one line, 500 characters at most.",
    ),
    "quota-minute": Text(
        "Kuota menit ini tidak cukup untuk semuanya. Coba lagi sebentar, atau keluarkan sebagian.",
        "The quota of this minute has no room for all of them. Try again in a moment, or leave some out.",
    ),
    "quota-day": Text(
        "Kuota hari ini tidak cukup untuk semuanya. Coba lagi besok, atau keluarkan sebagian.",
        "The quota of this day has no room for all of them. Try again tomorrow, or leave some out.",
    ),
    "not-prepared": Text(
        "Dokumennya masih disiapkan. Coba lagi sebentar.", "The documents are still being prepared. Try again soon."
    ),
    "nothing-to-sign": Text(
        "Tidak ada lagi yang menunggu tanda tangan Anda.", "Nothing waits for your signature any more."
    ),
    "nothing-chosen": Text("Centang dahulu surat yang akan ditandatangani.", "Tick the letters to be signed first."),
    "too-many": Text(
        "Terlalu banyak sekaligus: paling banyak 500 surat dan 500 dokumen. Pilih sebagian.",
        "That is too many at once: 500 letters and 500 documents at most. Choose a part of them.",
    ),
    "not-open": Text(
        "Daftar ini sudah berakhir. Pilih sekali lagi di halaman depan meja Anda.",
        "This list has ended. Choose again on the front page of your desk.",
    ),
    "busy": Text(
        "Surat ini sedang ditandatangani pejabat lain. Coba lagi beberapa detik lagi.",
        "Another official is signing this letter at this moment. Try again in a few seconds.",
    ),
}
"""Why a list cannot be approved, returned or opened as it stands, by the word of the refusal."""

_AGAINST: Final = {
    "changed": Text(
        "Surat ini berubah sejak Anda membukanya, misalnya karena orang lain menandatanganinya. Buka lagi dari daftar.",
        "It changed since you opened it, as when somebody else signed it. Open it again from the list.",
    ),
    "not-open": Text(
        "Sudah diputuskan, ditarik, atau waktunya habis.", "It was decided, withdrawn, or its time is over."
    ),
    "other-session": Text("Sedang dibuka di peramban lain.", "It is open in another browser."),
    "other-credential": Text(
        "Memakai sertifikat Anda yang lain; tandatangani tersendiri.",
        "It uses another certificate of yours; sign it by itself.",
    ),
    "suspended": Text("Sertifikat Anda sedang dihentikan sementara.", "Your certificate is suspended."),
    "revoked": Text("Sertifikat Anda sudah dicabut.", "Your certificate is revoked."),
    "retired": Text("Memakai sertifikat Anda yang lama.", "It uses your old certificate."),
    "expired": Text("Masa berlaku sertifikat Anda sudah habis.", "Your certificate has expired."),
    "unknown-step": Text("Surat ini bukan giliran Anda lagi.", "It is not your turn on this letter any more."),
    "not-yet": Text("Belum giliran Anda.", "It is not your turn yet."),
    "cancelled": Text("Penandatanganannya dibatalkan.", "Its signing was cancelled."),
    "already-signed": Text("Sudah ditandatangani.", "It is signed already."),
    "kind-excluded": Text(
        "Jenis surat ini tidak boleh ditandatangani secara elektronik.",
        "This kind of letter may not be signed electronically.",
    ),
    "no-appointment": Text(
        "Tidak ada penugasan Plt. atau Plh. yang berlaku hari ini untuk jabatan itu.",
        "No acting appointment to that office is in force today.",
    ),
}
"""Why something is no part of a list that is approved, by the word of the refusal."""


def against(word: str) -> Text:
    """Why something cannot be approved with the rest; the stable word itself where there is no sentence for it."""
    known = _AGAINST.get(word) or REFUSED_LIST.get(word) or _FAILURES.get(word)
    return known or Text(f"Tidak dapat ditandatangani sekarang ({word}).", f"It cannot be signed now ({word}).")


_FAILURES: Final = {
    "not-a-pdf": Text("Bukan berkas PDF.", "It is no PDF."),
    "encrypted": Text("Berkasnya terkunci kata sandi.", "The file is locked by a password."),
    "timestamp-unavailable": Text("Stempel waktu belum didapat.", "No timestamp was to be had."),
    "status-unavailable": Text("Status sertifikat belum didapat.", "The certificate's status was not to be had."),
    "interrupted": Text("Terhenti di tengah jalan.", "It was interrupted."),
    "unavailable": Text("Layanan sedang terganggu.", "A service did not answer."),
    "internal": Text("Terjadi kesalahan pada sistem ini.", "Something went wrong here."),
    "quota-minute": Text("Kuota menit itu sudah habis.", "The quota of that minute was used up."),
    "quota-day": Text("Kuota hari itu sudah habis.", "The quota of that day was used up."),
}
_FAILED: Final = Text("Tidak dapat ditandatangani", "It could not be signed")


def failure_in_words(word: str) -> Text:
    """Why a document was not signed; the stable word itself where there is no sentence for it."""
    known = _FAILURES.get(word) or _AGAINST.get(word)
    return known or Text(f"{_FAILED.id} ({word}).", f"{_FAILED.en} ({word}).")


ENDINGS: Final = {
    "granted": (
        Text("Sudah Anda setujui", "You have approved it"),
        Text("Dokumen berikut sudah ditandatangani.", "The documents below are signed."),
        "good",
        "circle-tick",
    ),
    "denied": (
        Text("Anda menolak permintaan ini", "You refused this request"),
        Text("Tidak ada yang ditandatangani.", "Nothing was signed."),
        "record",
        "octagon-minus",
    ),
    "ended": (
        Text("Permintaan ini sudah ditutup", "This request is closed"),
        Text(
            "Terlalu banyak percobaan yang salah. Tidak ada yang ditandatangani.",
            "Too many wrong attempts. Nothing was signed.",
        ),
        "unsure",
        "clock",
    ),
    "expired": (
        Text("Waktu permintaan ini sudah habis", "This request has expired"),
        Text("Tidak ada yang ditandatangani.", "Nothing was signed."),
        "unsure",
        "clock",
    ),
    "last-try": (
        Text("Percobaan terakhir belum selesai", "The last attempt has not ended"),
        Text(
            "Masih diperiksa, atau terputus. Muat ulang halaman ini setengah menit lagi. Kalau terputus, permintaan "
            "ini ditutup, dan dokumen yang belum ditandatangani dapat diminta lagi.",
            "It is still being checked, or was cut off. Reload this page in half a minute. If it was cut off, this "
            "request is closed, and what is not signed can be asked for again.",
        ),
        "unsure",
        "clock",
    ),
    "other-session": (
        Text("Permintaan ini dibuka di peramban lain", "This request was opened in another browser"),
        Text(
            "Lanjutkan di sana, atau minta yang baru dari sistem asalnya.",
            "Go on there, or ask for a new one where it came from.",
        ),
        "unsure",
        "globe",
    ),
    "incomplete": (
        Text("Dokumen masih dikirim", "The documents are still arriving"),
        Text("Muat ulang halaman ini sebentar lagi.", "Reload this page in a moment."),
        "unsure",
        "clock",
    ),
    "unknown": (
        Text("Permintaan tidak ditemukan", "Request not found"),
        Text("Tautannya salah, sudah lama, atau bukan untuk Anda.", "The link is wrong, is old, or is not for you."),
        "unsure",
        "circle-question",
    ),
    "over": (
        Text("Permintaan ini sudah selesai", "This request has ended"),
        Text(
            "Sudah dijawab, atau waktunya habis. Mulai lagi dari aplikasinya.",
            "It was answered, or its time is over. Start again from the application.",
        ),
        "unsure",
        "clock",
    ),
    "client": (
        Text("Aplikasi tidak dikenal", "Unknown application"),
        Text(
            "Aplikasi yang mengirim Anda ke sini tidak terdaftar. Tidak ada yang dikirim kembali.",
            "The application that sent you here is not registered. Nothing was sent back.",
        ),
        "unsure",
        "circle-question",
    ),
    "redirect": (
        Text("Alamat tujuan tidak terdaftar", "The address to go back to is not registered"),
        Text(
            "Demi keamanan Anda tidak ada yang dikirim ke sana. Beri tahu pengelola aplikasinya.",
            "For your safety nothing was sent there. Tell whoever runs the application.",
        ),
        "unsure",
        "circle-question",
    ),
    "request-uri": (
        Text("Permintaan ini tidak berlaku lagi", "This request is not good any more"),
        Text(
            "Sudah dipakai, waktunya habis, atau milik aplikasi lain. Mulai lagi dari aplikasinya.",
            "It was used, its time is over, or it is another application's. Start again from the application.",
        ),
        "unsure",
        "clock",
    ),
    "too-long": (
        Text("Alamat ini terlalu panjang", "This address is too long"),
        Text(
            "Aplikasinya harus mengirim daftar panjang dengan cara lain.",
            "The application has to send long lists in another way.",
        ),
        "unsure",
        "circle-question",
    ),
}
"""Headline, sentence, tone and icon of each page on which nothing can be approved."""

FACTORS: Final = {
    "totp": Text("Aplikasi autentikator", "Authenticator application"),
    "passkey": Text("Kunci sandi (passkey)", "Passkey"),
}

CODE_REFUSALS: Final = {
    "out-of-bounds": Text(
        "Jumlah naskah atau jam di luar batas. Periksa kedua angkanya.",
        "The number of documents or hours is out of bounds. Look at both numbers.",
    ),
    "not-allowed": Text(
        "Aplikasi ini tidak diizinkan memakai kode. Pilih yang lain.",
        "This application is not allowed codes. Choose another one.",
    ),
    "no-certificate": Text(
        "Sertifikat Anda sedang tidak dapat dipakai. Hubungi petugas pendaftaran.",
        "Your certificate cannot be used now. Ask the registration office.",
    ),
    "no-address": Text(
        "Surel Anda belum tercatat, atau layanan ini belum mengirim surel. Hubungi petugas pendaftaran.",
        "No e-mail address of yours is known, or this service sends no mail yet. Ask the registration office.",
    ),
    "too-many": Text(
        "Sudah terlalu banyak sesi yang terbuka. Akhiri satu dahulu.", "Too many sessions are open. End one first."
    ),
    "not-open": Text("Sesi itu sudah berakhir.", "That session is over already."),
}
"""Why a session for codes is not opened or ended, by the word of the refusal."""

CODE_ENDS: Final = {
    SessionEnd.REVOKED: Text("Anda akhiri", "You ended it"),
    SessionEnd.REPLACED: Text("Diganti sesi yang baru", "Another session took its place"),
    SessionEnd.WRONG_CODES: Text("Diakhiri: terlalu banyak kode salah", "Ended: too many wrong codes"),
    SessionEnd.CREDENTIAL: Text(
        "Diakhiri: sertifikat, frasa sandi atau faktor Anda berubah",
        "Ended: your certificate, passphrase or factors changed",
    ),
    SessionEnd.APPLICATION: Text(
        "Diakhiri: kredensial aplikasi diubah administrator",
        "Ended: administrators changed the application's credential",
    ),
    SessionEnd.OVER: Text("Waktu atau jumlahnya habis", "Its time or its number is used up"),
}
"""Why a session for codes is over."""
