"""What the pages for signatories say when something was not right; Indonesian first."""

from typing import Final

from api.pages.text import Text

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
}
"""Headline, sentence, tone and icon of each page on which nothing can be approved."""

FACTORS: Final = {
    "totp": Text("Aplikasi autentikator", "Authenticator application"),
    "passkey": Text("Kunci sandi (passkey)", "Passkey"),
}
