"""The last look: nothing that is not exactly the original plus a good signature is released."""

from dataclasses import replace

import pytest

from signer.document import Document
from signer.errors import ResultUnsound
from signer.model import SignatureLevel
from signer.pades import SignedPdf
from signer.result import require_sound
from signer.timestamping import TimestampAuthorities
from tests.support.letters import letter
from tests.support.pki import Pki, make_pki
from tests.support.signer_memory import PkiStatusSource, PkiTimestamper
from tests.support.signing import sign_pdf

ECDSA_WITH_SHA256 = b"300A06082A8648CE3D040302"


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki()


@pytest.fixture(scope="module")
def signed(pki: Pki) -> SignedPdf:
    return sign_pdf(
        letter(),
        pki,
        SignatureLevel.B_T,
        authorities=TimestampAuthorities([PkiTimestamper(pki=pki)], now=lambda: pki.at),
        source=PkiStatusSource(pki=pki),
    )


def changed(pdf: bytes, at: int) -> bytes:
    return pdf[:at] + bytes([pdf[at] ^ 1]) + pdf[at + 1 :]


def value_at(signed: SignedPdf) -> int:
    """Where the hexadecimal signature value begins: behind its algorithm identifier, before the token."""
    return signed.pdf.index(ECDSA_WITH_SHA256, signed.contents[0]) + len(ECDSA_WITH_SHA256) + 4


def with_octets(signed: SignedPdf, pdf: bytes) -> SignedPdf:
    return replace(signed, document=Document.of(pdf))


def faults(signed: SignedPdf) -> dict[str, SignedPdf]:
    start, end = signed.contents
    pdf = signed.pdf
    somewhere = pdf.index(b"/ByteRange", end) + 14
    return {
        "the original changed": with_octets(signed, changed(pdf, 100)),
        "our revision changed": with_octets(signed, changed(pdf, len(pdf) - 20)),
        "the byte range changed": with_octets(signed, changed(pdf, somewhere)),
        "an embedded certificate changed": with_octets(signed, changed(pdf, start + 400)),
        "the signature value changed": with_octets(signed, changed(pdf, value_at(signed) + 40)),
        "contents elsewhere": replace(signed, contents=(start + 2, end)),
        "no byte range beside": with_octets(signed, pdf.replace(b"/ByteRange", b"/ByteRonge")),
        "cut off": with_octets(signed, pdf[:-10]),
        "not hex": with_octets(signed, pdf[: start + 1] + b"Z" + pdf[start + 2 :]),
    }


def test_the_good_one_passes(pki: Pki, signed: SignedPdf) -> None:
    require_sound(signed, letter(), pki.official.chain, SignatureLevel.B_T)


@pytest.mark.parametrize(
    "fault",
    [
        "the original changed",
        "our revision changed",
        "the byte range changed",
        "an embedded certificate changed",
        "the signature value changed",
        "contents elsewhere",
        "no byte range beside",
        "cut off",
        "not hex",
    ],
)
def test_every_fault_is_caught(pki: Pki, signed: SignedPdf, fault: str) -> None:
    with pytest.raises(ResultUnsound):
        require_sound(faults(signed)[fault], letter(), pki.official.chain, SignatureLevel.B_T)


def test_another_certificate_of_the_same_key_is_not_the_one(pki: Pki, signed: SignedPdf) -> None:
    renewed = pki.official_with(key=pki.official.key)
    with pytest.raises(ResultUnsound):
        require_sound(signed, letter(), renewed.chain, SignatureLevel.B_T)


def test_a_token_that_was_not_asked_for_is_noticed(pki: Pki, signed: SignedPdf) -> None:
    with pytest.raises(ResultUnsound):
        require_sound(signed, letter(), pki.official.chain, SignatureLevel.B_B)


@pytest.fixture(scope="module")
def archived(pki: Pki) -> SignedPdf:
    return sign_pdf(
        letter(),
        pki,
        SignatureLevel.B_LTA,
        authorities=TimestampAuthorities([PkiTimestamper(pki=pki)], now=lambda: pki.at),
        source=PkiStatusSource(pki=pki),
    )


def archive_faults(signed: SignedPdf) -> dict[str, bytes]:
    pdf, last = signed.pdf, signed.revision_end
    contents = pdf.index(b"/Contents", last)
    store = pdf.index(b"/OCSPs", last)
    return {
        "the DSS changed": changed(pdf, store + 8),
        "the token changed": changed(pdf, contents + 300),
        "the end changed": changed(pdf, len(pdf) - 9),
        "something behind it": pdf + b"\n% more\n",
        "cut off": pdf[:-3],
        "no document timestamp": pdf[:last],
        "no byte range": pdf[:last] + pdf[last:].replace(b"/ByteRange", b"/ByteRonge"),
    }


def test_a_sound_archive_timestamp_passes(pki: Pki, archived: SignedPdf) -> None:
    require_sound(archived, letter(), pki.official.chain, SignatureLevel.B_LTA)


@pytest.mark.parametrize(
    "fault",
    [
        "the DSS changed",
        "the token changed",
        "the end changed",
        "something behind it",
        "cut off",
        "no document timestamp",
        "no byte range",
    ],
)
def test_every_fault_of_the_archive_timestamp_is_caught(pki: Pki, archived: SignedPdf, fault: str) -> None:
    with pytest.raises(ResultUnsound):
        require_sound(
            with_octets(archived, archive_faults(archived)[fault]),
            letter(),
            pki.official.chain,
            SignatureLevel.B_LTA,
        )
