"""What a notice says, Indonesian first and English below; no number of a person and no link that opens anything."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Final

from signer.factors.messages import FactorMessage
from signer.factors.model import FactorEvent
from signer.model import Secret
from signer.notices import Notice

_WITA: Final = timezone(timedelta(hours=8))
_MONTHS: Final = (
    "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember".split()  # noqa: SIM905
)

_BODY: Final = """\
Yth. {name},

Sertifikat tanda tangan elektronik Anda pada {organisation} berakhir pada {hari}.
Hubungi kantor pendaftaran sertifikat di instansi Anda untuk memperbaruinya sebelum tanggal itu.
Setelah berakhir, Anda tidak dapat menandatangani; tanda tangan yang sudah ada tetap dapat diperiksa.

Pesan ini tidak pernah meminta frasa sandi dan tidak memuat tautan.

--

Dear {name},

your certificate for electronic signatures at {organisation} ends on {day}.
Ask the registration office of your agency to renew it before that day.
Afterwards you cannot sign; signatures made before can still be verified.

This message never asks for a passphrase and contains no link.

Id: {id}
"""


_EVENTS: Final = {
    FactorEvent.ADDED: ("Faktor kedua ditambahkan", "A second factor was added"),
    FactorEvent.REMOVED: ("Faktor kedua dihapus", "A second factor was removed"),
    FactorEvent.LOCKED: ("Faktor kedua terkunci", "A second factor is locked"),
    FactorEvent.UNLOCKED: ("Faktor kedua dibuka kembali", "A second factor was unlocked"),
    FactorEvent.CLONED: ("Kunci sandi mungkin tersalin", "A passkey may have been copied"),
    FactorEvent.CODES_MADE: ("Kode pemulihan baru dibuat", "New recovery codes were made"),
    FactorEvent.CODE_USED: ("Kode pemulihan dipakai", "A recovery code was used"),
    FactorEvent.RESET: ("Semua faktor kedua dihapus oleh petugas", "All second factors were reset by the office"),
    FactorEvent.CODE_SESSION_OPENED: ("Sesi kode dibuka", "A session for codes was opened"),
    FactorEvent.CODE_SESSION_USED: ("Naskah ditandatangani dengan kode", "Documents were signed with a code"),
    FactorEvent.CODE_SESSION_ENDED: ("Sesi kode diakhiri", "A session for codes was ended"),
}
_TOLD: Final = """\
Yth. {name},

{apa} pada {hari}.
Jika bukan Anda yang melakukannya, segera hubungi kantor pendaftaran sertifikat di instansi Anda.

Pesan ini tidak pernah meminta frasa sandi atau kode, dan tidak memuat tautan.

--

Dear {name},

{what} on {day}.
If that was not you, tell the registration office of your agency at once.

This message never asks for a passphrase or a code, and contains no link.

Id: {id}
"""


_SIGNING_CODE: Final = """\
Yth. {name},

Kode tanda tangan elektronik: {code}
Untuk {files} naskah di aplikasi {application}. Berlaku sampai {hari}.
Ketikkan kode ini hanya di aplikasi itu, dan hanya jika Anda memang sedang menandatangani.
Jika bukan Anda yang memintanya, akhiri sesi kode di halaman meja Anda dan hubungi kantor pendaftaran sertifikat.

--

Dear {name},

code for your electronic signature: {code}
For {files} documents in the application {application}. It is good until {day}.
Type it in that application alone, and only if you are signing.
If you did not ask for it, end the session on your desk page and tell the registration office.
"""

_CODE: Final = """\
Yth. pengelola segel {name},

Kode aktivasi segel elektronik: {code}
Berlaku sampai {hari}. Berikan hanya kepada petugas aplikasi yang memang akan membubuhkan segel.
Jika tidak ada yang memintanya, abaikan pesan ini dan beri tahu pengelola layanan.

--

Dear keeper of the seal {name},

activation code of the electronic seal: {code}
It is good until {day}. Give it only to the operator of the application that is to seal.
If nobody asked for it, do nothing and tell the operator of the service.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Subject and body, plain text."""

    subject: str
    body: str


def message_for(notice: Notice) -> Message:
    """The mail about one certificate."""
    day = notice.not_after.astimezone(_WITA)
    subject = (
        f"Sertifikat Anda berakhir dalam {notice.step_days} hari / Your certificate ends within {notice.step_days} days"
    )
    body = _BODY.format(
        name=_line(notice.name),
        organisation=_line(notice.organisation),
        hari=_indonesian(day),
        day=f"{day:%Y-%m-%d}",
        id=notice.id,
    )
    return Message(subject=subject, body=body)


def message_about(message: FactorMessage) -> Message:
    """The mail about what happened to a person's factors."""
    what, english = _EVENTS[message.event]
    which, in_english = _which(message)
    at = message.at.astimezone(_WITA)
    body = _TOLD.format(
        name=_line(message.name),
        apa=f"{what}{which}",
        what=f"{english}{in_english}",
        hari=f"{_indonesian(at)} {at:%H.%M} WITA",
        day=f"{at:%Y-%m-%d %H:%M} WITA",
        id=message.id,
    )
    return Message(subject=f"{what} / {english}", body=body)


def message_to_sign(name: str, code: Secret, until: datetime, *, files: int, application: str) -> Message:
    """The mail with an official's code. It carries a secret: it is handed in and kept nowhere."""
    at = until.astimezone(_WITA)
    body = _SIGNING_CODE.format(
        name=_line(name),
        code=code.reveal(),
        files=files,
        application=_line(application),
        hari=f"{_indonesian(at)} {at:%H.%M} WITA",
        day=f"{at:%Y-%m-%d %H:%M} WITA",
    )
    return Message(subject="Kode tanda tangan elektronik / Code for your electronic signature", body=body)


def message_with_code(name: str, code: Secret, until: datetime) -> Message:
    """The mail with a seal's activation. It carries a secret: it is handed in and kept nowhere."""
    at = until.astimezone(_WITA)
    body = _CODE.format(
        name=_line(name),
        code=code.reveal(),
        hari=f"{_indonesian(at)} {at:%H.%M} WITA",
        day=f"{at:%Y-%m-%d %H:%M} WITA",
    )
    return Message(subject="Kode aktivasi segel elektronik / Activation code of a seal", body=body)


def _which(message: FactorMessage) -> tuple[str, str]:
    """Which application, and how many documents, where a message says it."""
    if message.application is None:
        return "", ""
    told, english = f" (aplikasi {_line(message.application)}", f" (application {_line(message.application)}"
    if message.documents is not None:
        told, english = f"{told}, {message.documents} naskah", f"{english}, documents: {message.documents}"
    return f"{told})", f"{english})"


def _indonesian(day: datetime) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _line(text: str) -> str:
    """One line: nobody's name writes a second one."""
    return " ".join(text.split())
