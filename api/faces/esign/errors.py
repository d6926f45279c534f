"""How this face says no: JSON with `error`, one Indonesian sentence, and `status_code`, an integer.

Nothing that a caller sent is repeated, and nothing of an engine's own words.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from litestar import Request, Response
from litestar.exceptions import HTTPException

from api.problems import problem_of
from signer.errors import (
    ActivationRefused,
    CodeRefused,
    CredentialUnknown,
    CredentialUnusable,
    DocumentRefused,
    KindRefused,
    PassphraseLocked,
    PassphraseWrong,
    QuotaExceeded,
    Refused,
    RequestBegun,
    StampRefused,
    TextRefused,
    TooSoon,
)
from signer.notices import DeliveryFailed
from verifier.errors import TooLarge, VerificationRefused, WorkerBusy

NOT_REGISTERED: Final = 2011
WRONG_PASSPHRASE: Final = 2031
FILE_GONE: Final = 4044

_WAIT_SECONDS: Final = 5
"""What a client is told where our side failed and nobody knows for how long."""
_LOCKED_SECONDS: Final = 3600
"""The same where an officer has to unlock first."""


class EsignRefused(HTTPException):
    """A face's own refusal. `text`: one Indonesian sentence, without a secret, a number of a person or an address."""

    def __init__(
        self, text: str, *, status: int = 400, code: int | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail=text, status_code=status, headers=dict(headers or {}))
        self.text = text
        self.code = status if code is None else code


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is told of one error."""

    status: int
    text: str
    code: int
    headers: Mapping[str, str] = field(default_factory=dict)


_DOCUMENT: Final = {
    "not-a-pdf": "Berkas bukan PDF.",
    "encrypted": "PDF terkunci dengan kata sandi sehingga tidak dapat ditandatangani.",
    "too-large": "Berkas terlalu besar.",
    "dynamic-form": "PDF ini formulir XFA dinamis; cetak dahulu ke PDF biasa.",
    "xfa-and-signed": "PDF ini memuat formulir XFA dan sudah ditandatangani; gunakan naskah tanpa XFA.",
    "not-drawn": "Isian formulir PDF ini belum digambar; cetak dahulu ke PDF biasa.",
    "two-views": "PDF ini memuat dua versi isi yang berbeda; ekspor ulang, misalnya dengan mencetaknya ke PDF.",
    "locked-by-certification": "Penanda tangan sebelumnya mengunci dokumen ini sehingga tidak dapat ditambah lagi.",
    "fields-locked": "Penanda tangan sebelumnya mengunci isian dokumen ini sehingga tidak dapat ditambah lagi.",
    "ambiguous": "PDF ini memuat bagian bermakna ganda; ekspor ulang dari program pembuatnya.",
}
_STAMP: Final = {
    "no-such-page": "Halaman yang diminta tidak ada dalam dokumen (page).",
    "tag-not-found": "Tanda (tag_koordinat) tidak ditemukan dalam teks dokumen.",
    "bad-tag": "Tanda (tag_koordinat) terdiri atas 1 sampai 100 karakter.",
    "no-tags-here": "Tanda (tag_koordinat) tidak dapat dicari saat ini; gunakan koordinat.",
    "outside-page": "Letak tanda tangan berada di luar halaman (xAxis, yAxis).",
    "too-small": "Kotak tanda tangan terlalu kecil (width, height).",
    "no-such-letter": "Teks tanda tangan memuat huruf yang tidak tersedia (text).",
    "too-much-text": "Teks tanda tangan terlalu panjang (text).",
    "too-long-for-qr": "Isi QR terlalu panjang (linkQR).",
    "not-a-picture": "Gambar tanda tangan harus PNG atau JPEG yang utuh (imageTTD).",
    "not-for-pdfa-1": "Dokumen PDF/A-1 tidak mengizinkan gambar tembus pandang; gunakan gambar lain (imageTTD).",
    "picture-too-large": "Gambar tanda tangan terlalu besar (imageTTD).",
}
_CREDENTIAL: Final = {
    "suspended": "Sertifikat penanda tangan sedang ditangguhkan (SUSPEND).",
    "revoked": "Sertifikat penanda tangan sudah dicabut (REVOKE).",
    "expired": "Sertifikat penanda tangan sudah berakhir (EXPIRED).",
}
_SEAL: Final = {
    "seal-not-active": "Segel ini belum diizinkan untuk aplikasi Anda; hubungi pengelola segel.",
    "seal-deactivated": "Izin segel untuk aplikasi Anda sudah diakhiri; hubungi pengelola segel.",
    "seal-expired": "Izin segel untuk aplikasi Anda sudah berakhir; hubungi pengelola segel.",
    "seal-network": "Segel ini tidak diizinkan dari alamat jaringan Anda.",
    "seal-pin-needed": "Segel ini memakai PIN dan hanya dapat digunakan melalui API CSC; hubungi pengelola segel.",
    "seal-used-up": "Jumlah dokumen pada izin segel sudah habis; hubungi pengelola segel.",
}
_CODE: Final = {
    "too-many-files": "Kode sekali pakai ini untuk berkas yang lebih sedikit (totp).",
    "not-allowed": "Kode sekali pakai tidak diizinkan untuk kredensial API ini; kirim passphrase (passphrase).",
    "no-session": (
        "Penanda tangan belum membuka sesi kode untuk aplikasi ini, atau sesinya sudah berakhir; penanda tangan "
        "membukanya di halaman meja (/desk/codes)."
    ),
    "session-used-up": (
        "Sisa naskah pada sesi kode penanda tangan tidak cukup; penanda tangan membuka sesi baru di halaman meja "
        "(/desk/codes)."
    ),
}
_NOT_ALLOWED: Final = "not-allowed"
_HTTP: Final = {
    400: "Permintaan tidak dapat dibaca.",
    401: "Nama pengguna atau kata sandi aplikasi tidak cocok.",
    403: "Permintaan ini tidak diizinkan.",
    404: "Layanan ini tidak tersedia.",
    405: "Metode ini tidak didukung pada alamat tersebut.",
    408: "Isi permintaan terlalu lama sampai.",
    413: "Isi permintaan terlalu besar.",
    429: "Terlalu banyak permintaan; coba lagi nanti.",
    503: "Layanan sedang tidak tersedia; coba lagi nanti.",
}
_UNEXPECTED: Final = Told(status=500, text="Terjadi kesalahan pada layanan.", code=500)


def told_of(error: Exception, now: Callable[[], datetime]) -> Told:
    """What this face says about an error: by its kind, or the nearest base of it."""
    row = next((_TABLE[kind] for kind in type(error).__mro__ if kind in _TABLE), None)
    if row is not None:
        return row(error, now)
    return _AWAY if problem_of(error).status == _AWAY.status else _UNEXPECTED


def _own(error: EsignRefused, _: Callable[[], datetime]) -> Told:
    return Told(status=error.status_code, text=error.text, code=error.code, headers=error.headers or {})


def _locked(error: PassphraseLocked, now: Callable[[], datetime]) -> Told:
    text = "Terlalu banyak passphrase yang salah; coba lagi nanti atau hubungi petugas pendaftaran."
    seconds = _LOCKED_SECONDS if error.until is None else _seconds(error.until, now)
    return Told(status=429, text=text, code=429, headers={"Retry-After": str(seconds)})


def _used_up(error: QuotaExceeded, now: Callable[[], datetime]) -> Told:
    seconds = str(_seconds(error.until, now))
    text = "Kuota tanda tangan sudah habis; coba lagi nanti."
    return Told(status=429, text=text, code=429, headers={"Retry-After": seconds})


def _sealing(error: ActivationRefused, _: Callable[[], datetime]) -> Told:
    return Told(status=403, text=_SEAL.get(error.reason, "Pembubuhan segel tidak diizinkan."), code=403)


def _code(error: CodeRefused, _: Callable[[], datetime]) -> Told:
    text = _CODE.get(error.reason, "Kode sekali pakai tidak cocok atau sudah tidak berlaku (totp).")
    return Told(status=403, text=text, code=403) if error.reason == _NOT_ALLOWED else _bad(text)


def _too_soon(error: TooSoon, now: Callable[[], datetime]) -> Told:
    seconds = str(_seconds(error.until, now))
    text = "Kode baru saja dikirim; tunggu sebentar sebelum memintanya lagi."
    return Told(status=429, text=text, code=429, headers={"Retry-After": seconds})


def _kind(error: KindRefused, _: Callable[[], datetime]) -> Told:
    listed = f"Jenis naskah ini termasuk daftar {', '.join(error.lists)} dan tidak ditandatangani secara elektronik."
    return Told(status=403, text=listed if error.lists else "Jenis naskah harus disebutkan (kind).", code=403)


def _by_reason(texts: Mapping[str, str], otherwise: str) -> "Row":
    return lambda error, _: _bad(texts.get(error.reason, otherwise))


def _always(told: Told) -> "Row":
    return lambda _, __: told


def _of_http(error: HTTPException, _: Callable[[], datetime]) -> Told:
    status = error.status_code
    if status >= 500 and status != 503:
        return _UNEXPECTED
    kept = {"retry-after", "allow", "ratelimit", "ratelimit-policy"}
    headers = {name: value for name, value in (error.headers or {}).items() if name.lower() in kept}
    if status == 503 and not any(name.lower() == "retry-after" for name in headers):
        headers["Retry-After"] = str(_WAIT_SECONDS)
    return _plain(status if status in _HTTP else 400, headers)


def _plain(status: int, headers: Mapping[str, str] | None = None) -> Told:
    return Told(status=status, text=_HTTP[status], code=status, headers=headers or {})


def _bad(text: str, code: int = 400) -> Told:
    return Told(status=400, text=text, code=code)


def _seconds(until: datetime, now: Callable[[], datetime]) -> int:
    return max(1, math.ceil((until - now()).total_seconds()))


_AWAY: Final = _plain(503, {"Retry-After": str(_WAIT_SECONDS)})

Row = Callable[[Any, Callable[[], datetime]], Told]

_TABLE: Final[Mapping[type[Exception], Row]] = {
    EsignRefused: _own,
    PassphraseWrong: _always(_bad("Passphrase tidak cocok.", code=WRONG_PASSPHRASE)),
    PassphraseLocked: _locked,
    QuotaExceeded: _used_up,
    CredentialUnknown: _always(_bad("Penanda tangan belum terdaftar.", code=NOT_REGISTERED)),
    CredentialUnusable: _by_reason(_CREDENTIAL, "Sertifikat penanda tangan tidak dapat digunakan."),
    KindRefused: _kind,
    ActivationRefused: _sealing,
    CodeRefused: _code,
    TooSoon: _too_soon,
    DeliveryFailed: _always(
        Told(
            status=503,
            text="Surel berisi kode tidak dapat dikirim; coba lagi nanti.",
            code=503,
            headers={"Retry-After": "60"},
        )
    ),
    DocumentRefused: _by_reason(_DOCUMENT, "PDF ini rusak atau tidak dapat ditandatangani."),
    StampRefused: _by_reason(_STAMP, "Tanda tangan tidak dapat digambar seperti yang diminta."),
    TextRefused: _always(_bad("Teks memuat karakter kendali yang tidak diizinkan (reason, location, text).")),
    RequestBegun: _always(_plain(503, {"Retry-After": "3"})),
    Refused: _always(_bad("Permintaan ini tidak dapat dipenuhi.")),
    TooLarge: _always(_plain(413)),
    VerificationRefused: _always(_plain(400)),
    WorkerBusy: lambda error, _: _plain(503, {"Retry-After": str(error.retry_after)}),
    HTTPException: _of_http,
}


def esign_handler(now: Callable[[], datetime]) -> Callable[[Request[Any, Any, Any], Exception], Response[Any]]:
    """The handler of every error under this face's addresses."""

    def handle(_: Request[Any, Any, Any], error: Exception) -> Response[Any]:
        told = told_of(error, now)
        return Response(
            {"error": told.text, "status_code": told.code},
            status_code=told.status,
            media_type="application/json",
            headers={"Cache-Control": "no-store", **told.headers},
        )

    return handle
