"""What the operator can do about a signature that did not pass: what is missing here, and the next step.

Beside `words`, which speaks to whoever holds the document: most of these need a certificate, a list or a setting.
"""

from dataclasses import dataclass
from typing import Final

from verifier.model import SubIndication
from verifier.words import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """What is missing, and what to do, in both languages."""

    missing: Text
    step: Text


_NOTHING: Final = Text(
    id="Tidak ada yang kurang pada kami: kesalahannya ada di dalam berkas.",
    en="Nothing is missing here: the fault is in the file.",
)
_ASK: Final = Text(id="Minta berkas lain kepada penerbitnya.", en="Ask its issuer for another file.")
_IN_FILE: Final = Remedy(missing=_NOTHING, step=_ASK)
_TIME: Final = Text(
    id="Bukti waktu: stempel waktu yang dipercaya, atau berkas ini tercatat pada kami sejak dahulu.",
    en="A proof of time: a timestamp that is trusted, or this file on our record since then.",
)
_TIME_ANCHOR: Final = Text(
    id="Bila berkas bercap waktu, impor akar otoritasnya: teken trust import FILE --name NAMA --purpose timestamp "
    "(--historical bila sudah berakhir).",
    en="If the file bears a timestamp, import its authority's root: teken trust import FILE --name NAME "
    "--purpose timestamp (--historical where it has ended).",
)


_PASSWORD: Final = Text(id="Kata sandi berkas.", en="The file's password.")
_ASK_PASSWORD: Final = Text(
    id="Jalankan lagi dengan --password dan ketik kata sandinya.", en="Run it again with --password and type it."
)


def _remedy(missing: tuple[str, str], step: tuple[str, str]) -> Remedy:
    return Remedy(missing=Text(id=missing[0], en=missing[1]), step=Text(id=step[0], en=step[1]))


REMEDIES: Final[dict[SubIndication, Remedy]] = {
    SubIndication.FORMAT_FAILURE: _IN_FILE,
    SubIndication.HASH_FAILURE: _IN_FILE,
    SubIndication.SIG_CRYPTO_FAILURE: _IN_FILE,
    SubIndication.DOCUMENT_CHANGED: _IN_FILE,
    SubIndication.REVOKED: _IN_FILE,
    SubIndication.EXPIRED: _IN_FILE,
    SubIndication.NOT_YET_VALID: _IN_FILE,
    SubIndication.SIG_CONSTRAINTS_FAILURE: _IN_FILE,
    SubIndication.TIMESTAMP_ORDER_FAILURE: _IN_FILE,
    SubIndication.NO_SIGNING_CERTIFICATE_FOUND: _IN_FILE,
    SubIndication.CHAIN_CONSTRAINTS_FAILURE: _remedy(
        ("Guna sertifikat yang diterima kebijakan.", "A usage of the certificate that the policy accepts."),
        (
            "Bandingkan guna sertifikat dengan berkas kebijakan; kebijakan baru memakai nomor versi baru.",
            "Compare the certificate's usage with the policy file; a new policy gets a new version.",
        ),
    ),
    SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE: _remedy(
        ("Rangkaian sertifikat yang benar sampai akar.", "A correct chain of certificates up to the root."),
        (
            "Periksa masa (from, until) akarnya dengan teken trust list, dan minta sertifikat antara kepada penerbit.",
            "See the root's times (from, until) with teken trust list, and ask the issuer for its intermediates.",
        ),
    ),
    SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE: Remedy(missing=_TIME, step=_TIME_ANCHOR),
    SubIndication.NO_CERTIFICATE_CHAIN_FOUND: _remedy(
        ("Akar penerbitnya di folder pki.anchors.", "Its issuer's root in the folder pki.anchors."),
        (
            (
                "Ambil sertifikat akar dari penerbitnya, cocokkan sidik jarinya lewat jalur lain, lalu: "
                "teken trust import FILE --name NAMA --purpose signature."
            ),
            (
                "Get the root certificate from its issuer, compare its fingerprint over another channel, then: "
                "teken trust import FILE --name NAME --purpose signature."
            ),
        ),
    ),
    SubIndication.REVOKED_NO_POE: Remedy(missing=_TIME, step=_TIME_ANCHOR),
    SubIndication.OUT_OF_BOUNDS_NO_POE: Remedy(missing=_TIME, step=_TIME_ANCHOR),
    SubIndication.NO_POE: Remedy(missing=_TIME, step=_TIME_ANCHOR),
    SubIndication.REVOCATION_OUT_OF_BOUNDS_NO_POE: Remedy(missing=_TIME, step=_TIME_ANCHOR),
    SubIndication.TRY_LATER: _remedy(
        (
            "Status yang cukup baru: tidak ada di dalam berkas dan tidak ada yang tersimpan pada kami.",
            "A status that is fresh enough: neither in the file nor kept by us.",
        ),
        (
            (
                "Tulis alamat CRL semua CA-nya pada anchor (teken trust import … --crl ALAMAT) dan host-nya di "
                "foreign.hosts; tugas anchor-crls mengambilnya."
            ),
            (
                "Name the CRL addresses of all its CAs at the anchor (teken trust import … --crl ADDRESS) and their "
                "hosts in foreign.hosts; the job anchor-crls fetches them."
            ),
        ),
    ),
    SubIndication.UNSUPPORTED: _remedy(
        ("Dukungan untuk jenis ini di versi ini.", "Support for this kind in this version."),
        ("Periksa dengan perangkat lunak lain.", "Check it with other software."),
    ),
    SubIndication.PASSWORD_NEEDED: Remedy(missing=_PASSWORD, step=_ASK_PASSWORD),
    SubIndication.PASSWORD_WRONG: Remedy(missing=_PASSWORD, step=_ASK_PASSWORD),
}
