"""What the console says when something was not right; Indonesian first."""

from typing import Final

from api.pages.text import Text
from signer.people import Role

NOT_SIGNED_IN: Final = Text(
    "Tidak cocok, atau masih harus menunggu. Setiap kode hanya berlaku satu kali.",
    "That is not right, or has to wait. Each code is good once.",
)
NOT_PROVEN: Final = Text(
    "Kata sandi atau faktor kedua tidak cocok, atau masih harus menunggu. Setiap kode hanya berlaku satu kali.",
    "The password or the second factor is not right, or has to wait. Each code is good once.",
)
TOO_OFTEN: Final = Text(
    "Terlalu banyak percobaan dari jaringan ini. Tunggu satu menit.",
    "Too many attempts from this network. Wait a minute.",
)
NOT_ALIKE: Final = Text("Kedua kata sandi tidak sama.", "The two passwords differ.")
WEAK: Final = {
    "too-short": Text("Kata sandi terlalu pendek: paling sedikit 15 huruf.", "Too short: 15 characters at least."),
    "too-long": Text("Kata sandi terlalu panjang: paling banyak 256 huruf.", "Too long: 256 characters at most."),
    "repetitive": Text("Kata sandi mengulang sedikit huruf saja.", "It repeats a few characters only."),
    "common": Text(
        "Kata sandi ini termasuk yang pertama dicoba orang. Pakai kalimat beberapa kata.",
        "This one is tried first. Use a sentence of several words.",
    ),
}
NO_PASSKEY: Final = Text(
    "Kunci sandi tidak dapat didaftarkan. Coba sekali lagi, atau pakai perangkat lain.",
    "The passkey could not be registered. Try again, or use another device.",
)
FACTOR_REFUSALS: Final = {
    "not-proven": NOT_PROVEN,
    "not-confirmed": Text("Tunjukkan dahulu faktor Anda.", "Show your present factors first."),
    "count": Text("Jumlah kunci sandi sudah penuh. Hapus satu dahulu.", "Too many passkeys. Remove one first."),
    "known": NO_PASSKEY,
    "last-or-unknown": Text(
        "Faktor terakhir tidak dapat dihapus. Tambahkan yang lain dahulu.",
        "The last factor cannot be removed. Add another one first.",
    ),
}
FACTORS: Final = {
    "totp": Text("Aplikasi autentikator", "Authenticator application"),
    "passkey": Text("Kunci sandi (passkey)", "Passkey"),
}
ROLES: Final = {
    Role.ADMINISTRATOR: Text("Administrator", "Administrator"),
    Role.REGISTRAR: Text("Petugas pendaftaran", "Registrar"),
    Role.APPROVER: Text("Pemberi persetujuan", "Approver"),
    Role.AUDITOR: Text("Auditor", "Auditor"),
    Role.CUSTODIAN: Text("Pemegang kunci", "Custodian"),
}
REFUSED: Final = {
    401: Text("Silakan masuk", "Please log in"),
    403: Text("Anda tidak berwenang", "You may not do this"),
    404: Text("Halaman tidak ditemukan", "Page not found"),
    409: Text("Keadaannya sudah berubah", "Things have changed meanwhile"),
    422: Text("Ada yang belum benar", "Something is not right"),
    503: Text("Belum dapat dilakukan sekarang", "Not possible right now"),
}
EXPLAINED: Final = {
    403: Text(
        "Peran Anda tidak mencakup ini, atau formulirnya sudah lama. Percobaan ini tercatat.",
        "Your role does not include this, or the form was old. The attempt is on record.",
    ),
    404: Text("Alamatnya salah, atau yang dicari sudah tidak ada.", "The address is wrong, or it is gone."),
    503: Text(
        "Modul kunci atau layanan lain sedang tidak menjawab. Coba lagi sebentar.",
        "The key module or another service does not answer. Try again in a moment.",
    ),
}
STAFF_REFUSALS: Final = {
    "role": Text("Pilih satu peran.", "Choose a role."),
    "second-role": Text(
        "Nama akun ini sudah dipakai, atau orang ini sudah punya akun. Satu orang, satu peran.",
        "This name is taken, or this person has an account already. One person has one role.",
    ),
    "not-a-name": Text(
        "Nama akun: 1 sampai 64 huruf, angka, titik, garis atau garis bawah.",
        "A log-in name has 1 to 64 letters, digits, `.`, `-`, `~` and `_`.",
    ),
    "not-a-nik": Text("NIK terdiri atas 16 angka. Periksa lagi.", "A NIK has 16 digits. Check it."),
    "not-a-nip": Text("NIP terdiri atas 18 angka. Periksa lagi.", "A NIP has 18 digits. Check it."),
    "self": Text(
        "Akun sendiri tidak dapat dinonaktifkan. Minta administrator lain.",
        "Nobody disables their own account. Ask another administrator.",
    ),
}
