"""Whom a call means: a NIK as it arrives, and whether its person may sign."""

import re
from collections.abc import Mapping
from typing import Any, Final

from api.esign.signers import Signers
from api.faces.esign.bodies import plain_text
from api.faces.esign.errors import NOT_REGISTERED, EsignRefused
from signer.identity import NIK_DIGITS
from signer.model import Secret
from signer.people import Official, StatusWord

_LONGEST_EMAIL: Final = 254
_DIGITS: Final = re.compile(r"[0-9]{1,16}")
_STATES: Final = {
    StatusWord.EXPIRED: "sertifikat penanda tangan sudah berakhir",
    StatusWord.RENEW: "sertifikat penanda tangan sedang diperbarui",
    StatusWord.WAITING_FOR_VERIFICATION: "pendaftaran penanda tangan menunggu persetujuan petugas",
    StatusWord.NEW: "pendaftaran penanda tangan belum dilanjutkan",
    StatusWord.NO_CERTIFICATE: "penanda tangan belum memiliki sertifikat",
    StatusWord.SUSPEND: "sertifikat penanda tangan sedang ditangguhkan",
    StatusWord.REVOKE: "sertifikat penanda tangan sudah dicabut",
}


def nik_of(text: str) -> Secret:
    """A NIK, with the leading zeros that clients lose; raises `EsignRefused`, which never quotes it."""
    digits = text.strip()
    if not digits:
        raise EsignRefused("NIK wajib diisi (nik).")
    if _DIGITS.fullmatch(digits) is None:
        raise EsignRefused("NIK terdiri atas 16 angka (nik).")
    return Secret(digits.zfill(NIK_DIGITS))


def email_of(text: str) -> str | None:
    """An address, as far as it has to be one to find somebody; `None` where nothing is said."""
    plain = text.strip()
    if len(plain) > _LONGEST_EMAIL:
        raise EsignRefused("Surel terlalu panjang (email).")
    return plain or None


def person_in(body: Mapping[str, Any], signers: Signers) -> Official | None:
    """Whom `nik`, `email` or both of a JSON body name; raises `EsignRefused` where they name two."""
    nik, email = (plain_text(body.get(name)) or "" for name in ("nik", "email"))
    address = email_of(email)
    if not nik.strip() and address is None:
        raise EsignRefused("NIK atau surel penanda tangan wajib diisi (nik, email).")
    found = () if address is None else signers.at(address)
    if len(found) > 1:
        raise EsignRefused("Surel ini dipakai lebih dari satu penanda tangan; kirim NIK (nik).")
    official = signers.by_nik(nik_of(nik)) if nik.strip() else None
    if not nik.strip():
        return found[0] if found else None
    if found and (official is None or found[0].signatory.id != official.signatory.id):
        raise EsignRefused("NIK dan surel menunjuk penanda tangan yang berbeda (nik, email).")
    return official


def require_may_sign(official: Official | None, signers: Signers) -> str:
    """The credential of somebody whose state is `ISSUE`; raises `EsignRefused` for everybody else."""
    word = signers.status(official)
    if official is None or word is StatusWord.NOT_REGISTERED:
        raise EsignRefused("Penanda tangan belum terdaftar.", code=NOT_REGISTERED)
    if word is not StatusWord.ISSUE or official.credential_id is None:
        why = _STATES.get(word, "sertifikat penanda tangan tidak dapat digunakan")
        raise EsignRefused(f"Belum dapat menandatangani: {why} ({word.value}).")
    return official.credential_id
