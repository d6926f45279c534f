"""Words of the pages about machines and figures; Indonesian first."""

from typing import Final

from api.endings import EndingKind, Successor
from api.oauth.methods import AuthMethod
from api.office.jobs import JobState
from api.pages.text import Text
from api.permissions import Permission
from api.verification_counts import Face, Outcome
from signer.api_credentials import GeometryReading
from signer.hooks.model import DeliveryState, WebhookState

FACES: Final = {
    Face.PAGE: Text("Halaman warga", "Citizens' page"),
    Face.API: Text("Aplikasi (REST)", "Applications (REST)"),
    Face.GATEWAY: Text("Gerbang e-sign", "e-sign gateway"),
}
OUTCOMES: Final = {
    Outcome.PASSED: Text("Valid dan utuh", "Valid and unchanged"),
    Outcome.FAILED: Text("Diubah atau tidak valid", "Changed or not valid"),
    Outcome.UNSURE: Text("Belum dapat dipastikan", "Cannot be confirmed"),
    Outcome.UNSIGNED: Text("Tanpa tanda tangan", "Without a signature"),
    Outcome.UNREADABLE: Text("Tidak terbaca", "Unreadable"),
    Outcome.NOT_FOUND: Text("Tidak tercatat", "Not on record"),
}
NO_PERIOD: Final = {
    "no-day": Text("Tulis tanggalnya sebagai tahun-bulan-hari.", "Write days as year-month-day."),
    "before-the-first": Text("Hari terakhir mendahului hari pertama.", "The last day lies before the first one."),
    "too-long": Text("Paling lama lima tahun sekaligus.", "Five years at once, and no more."),
}
JOB_STATES: Final = {
    JobState.QUEUED: (Text("Menunggu", "Queued"), "record", "clock"),
    JobState.RUNNING: (Text("Berjalan", "Running"), "record", "pulse"),
    JobState.FAILED: (Text("Gagal", "Failed"), "bad", None),
    JobState.CANCELLED: (Text("Dibatalkan", "Cancelled"), "unsure", "octagon-minus"),
    JobState.DONE: (Text("Selesai", "Done"), "good", None),
}
"""Words, tone, and a shape where the tone's is not the right one."""
JOB_REFUSALS: Final = {
    "ended": Text("Hanya pekerjaan yang menunggu atau berjalan dapat dibatalkan.", "Only a job that waits or runs."),
    "not-ended-badly": Text(
        "Hanya pekerjaan yang gagal atau dibatalkan dapat diulang.", "Only a failed or cancelled job is begun anew."
    ),
    "unknown": Text("Pekerjaan ini sudah tidak ada.", "There is no such job any more."),
}
ENDINGS: Final = {
    EndingKind.ROOT: Text("Sertifikat CA induk", "Root CA certificate"),
    EndingKind.ISSUING_CA: Text("Sertifikat CA penerbit", "Issuing CA certificate"),
    EndingKind.CRL: Text("Daftar pencabutan (CRL)", "Revocation list (CRL)"),
    EndingKind.RESPONDER: Text("Penjawab OCSP", "OCSP responder"),
    EndingKind.UNIT: Text("Kunci stempel waktu (TSA)", "Time-stamping key (TSA)"),
}
SUCCESSORS: Final = {
    Successor.JOB: Text("diperbarui sendiri", "renewed by itself"),
    Successor.CEREMONY: Text("lewat upacara kunci", "takes a ceremony"),
}
CHECKS: Final = {
    "ok": (Text("Baik", "Well"), "good"),
    "warning": (Text("Perlu dilihat", "Warning"), "note"),
    "failed": (Text("Tidak menjawab", "Failed"), "bad"),
}
WEBHOOK_STATES: Final = {
    WebhookState.ACTIVE: (Text("Aktif", "Active"), "good"),
    WebhookState.PAUSED: (Text("Dijeda", "Paused"), "unsure"),
    WebhookState.FAILING: (Text("Gagal terus", "Failing"), "bad"),
}
DELIVERY_STATES: Final = {
    DeliveryState.WAITING: (Text("Menunggu", "Waiting"), "record"),
    DeliveryState.DELIVERED: (Text("Terkirim", "Delivered"), "good"),
    DeliveryState.FAILED: (Text("Gagal", "Failed"), "bad"),
}
CLIENT_REFUSALS: Final = {
    "taken": Text("Pengenal ini sudah dipakai. Pilih yang lain.", "This identifier is taken: choose another one."),
    "not-an-id": Text("Pengenal hanya huruf, angka, titik dan garis.", "Letters, digits, dots and dashes only."),
    "not-json": Text("Kumpulan kunci ini bukan JSON.", "This key set is no JSON object."),
    "no-secret": Text("Aplikasi ini masuk tanpa rahasia.", "This application authenticates without a secret."),
}
"""What is refused most; everything else is said in the words of the registration."""
METHODS: Final = (
    (AuthMethod.BASIC.value, Text("Rahasia (client_secret)", "Secret")),
    (AuthMethod.PRIVATE_KEY_JWT.value, Text("Kunci sendiri (private_key_jwt)", "Key of its own")),
    (AuthMethod.TLS.value, Text("Sertifikat TLS menurut subjek", "TLS certificate by subject")),
    (AuthMethod.SELF_SIGNED_TLS.value, Text("Sertifikat TLS menurut sidik jari", "TLS certificate by thumbprint")),
    (AuthMethod.NONE.value, Text("Tanpa rahasia (aplikasi publik, PKCE)", "Public client, PKCE")),
)
SCOPES: Final = {
    Permission.ACTIVATION_CREATE: Text("Meminta persetujuan pejabat", "Ask signatories for consent"),
    Permission.AUGMENTATION_CREATE: Text("Menaikkan tingkat tanda tangan", "Raise documents to a higher level"),
    Permission.CREDENTIAL: Text("CSC: menandatangani yang disetujui orangnya", "CSC: sign what a person approved"),
    Permission.CREDENTIAL_LIST: Text("Melihat kredensial yang boleh dipakainya", "See credentials it may use"),
    Permission.ENROLMENT_CREATE: Text("Meminta pendaftaran pejabat", "Ask that somebody is enrolled"),
    Permission.EVENT_READ: Text("Membaca peristiwanya sendiri", "Read its own events"),
    Permission.PASSPHRASE_CHANGE: Text("Meneruskan penggantian frasa sandi", "Pass on changes of passphrases"),
    Permission.SERVICE: Text("CSC: memanggil layanan", "CSC: call the service"),
    Permission.SIGNATURE_CREATE: Text("Menandatangani", "Have documents signed"),
    Permission.SIGNATURE_READ: Text("Membaca yang ditandatanganinya", "Read what it had signed"),
    Permission.SIGNATURE_WITHDRAW: Text("Mencabut suratnya sendiri", "Withdraw its own letters"),
    Permission.WEBHOOK_MANAGE: Text("Mengatur webhooknya", "Manage its webhooks"),
}
GEOMETRIES: Final = (
    (GeometryReading.AUTO.value, Text("Otomatis", "Automatic")),
    (GeometryReading.CORNER.value, Text("Sudut kanan atas", "Upper right corner")),
    (GeometryReading.SIZE.value, Text("Ukuran", "Size")),
)
GATEWAY_REFUSALS: Final = {
    "bad-name": Text(
        "Nama pengguna: 1 sampai 64 huruf, angka, titik atau garis, dan paling sedikit satu huruf.",
        "A user name has 1 to 64 letters, digits, dots and dashes, and a letter among them.",
    ),
    "taken": Text("Nama pengguna ini sudah dipakai.", "This user name is taken."),
    "unknown": Text("Aplikasi seperti itu tidak ada.", "There is no such application."),
}
WEBHOOK_REFUSALS: Final = {
    "unknown": Text("Pengiriman ini sudah tidak ada.", "There is no such delivery any more."),
    "no-day": Text("Tulis tanggalnya sebagai tahun-bulan-hari.", "Write the day as year-month-day."),
}
KIND_REFUSALS: Final = {"unknown": Text("Daftar atau aplikasi seperti itu tidak ada.", "No such list or application.")}
STAMP_REFUSALS: Final = {
    "too-long": Text("Paling banyak 200 huruf untuk setiap teks.", "200 characters for each text at most."),
    "control": Text("Ada huruf yang tidak terlihat; tulis ulang.", "A control character is in it; type it anew."),
}
