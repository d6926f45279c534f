"""Room that was too small, authorities that change, and a DSS that is not filled twice."""

import io
from dataclasses import dataclass
from typing import Any

import pikepdf
import pytest
from cryptography import x509

from signer.errors import ResultUnsound
from signer.model import SignatureLevel, StampedToken
from tests.support.letters import letter
from tests.support.pki import Pki, make_pki
from tests.support.signer_memory import PkiTimestamper
from tests.support.signing import Desk, request
from tests.support.tst import timestamp_token


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki()


@dataclass
class Growing:
    """An authority whose tokens carry more and more certificates, beyond what its chain lets expect."""

    pki: Pki
    sizes: list[int]
    asked: int = 0
    name: str = "growing"

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        return self.pki.tsu.chain

    def timestamp(self, digest: bytes, algorithm: str) -> StampedToken:
        copies = self.sizes[min(self.asked, len(self.sizes) - 1)]
        self.asked += 1
        unit = self.pki.tsu
        more = [unit.certificate, *(self.pki.issuing.certificate for _ in range(copies))]
        token = timestamp_token(digest, algorithm, self.pki.at, unit.key, more, policy="1.3.6.1.4.1.32473.1.2.1")
        return StampedToken(token=token, chain=unit.chain)


def test_room_that_was_too_small_is_made_once_more(pki: Pki) -> None:
    unit = Growing(pki, [9])
    desk = Desk(pki=pki, timestampers=[unit])
    desk.service.sign(request(level=SignatureLevel.B_T))
    assert unit.asked == 2
    desk.service.sign(request(level=SignatureLevel.B_T))
    assert unit.asked == 3  # the size is known by now


def test_a_token_that_keeps_growing_ends_in_an_error_not_in_a_loop(pki: Pki) -> None:
    unit = Growing(pki, [9, 29])
    desk = Desk(pki=pki, timestampers=[unit])
    with pytest.raises(ResultUnsound):
        desk.service.sign(request(level=SignatureLevel.B_T))
    assert unit.asked == 2


@dataclass
class FailsLater:
    """Answers once and never again."""

    inner: PkiTimestamper
    name: str = "fails later"

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        return self.inner.chain

    def timestamp(self, digest: bytes, algorithm: str) -> StampedToken:
        token = self.inner.timestamp(digest, algorithm)
        self.inner.broken = True
        return token


def dss(pdf: bytes) -> dict[str, list[bytes]]:
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        store: Any = opened.Root.DSS
        return {key: [stream.read_bytes() for stream in store[key]] for key in ("/Certs", "/OCSPs", "/CRLs")}


def test_the_dss_speaks_for_whoever_gave_the_archive_timestamp(pki: Pki) -> None:
    other = pki.tsu_with()
    second = Pki(
        at=pki.at, root=pki.root, issuing=pki.issuing, official=pki.official, tsu=other, responder=pki.responder
    )
    desk = Desk(pki=pki, timestampers=[FailsLater(PkiTimestamper(pki=pki)), PkiTimestamper(pki=second)])
    signed = desk.service.sign(request(level=SignatureLevel.B_LTA))
    held = {x509.load_der_x509_certificate(der) for der in dss(signed.pdf)["/Certs"]}
    assert {pki.tsu.certificate, other.certificate} <= held


def test_a_second_signature_adds_only_what_is_new_to_the_dss(pki: Pki) -> None:
    desk = Desk(pki=pki)
    once = desk.service.sign(request(level=SignatureLevel.B_LT)).pdf
    twice = desk.service.sign(request(document=once, level=SignatureLevel.B_LTA)).pdf
    assert dss(twice) == dss(once)


def test_every_entry_of_the_signature_dictionary_is_ours(pki: Pki) -> None:
    asked = request(level=SignatureLevel.B_B, reason="Persetujuan", location="Denpasar")
    with pikepdf.open(io.BytesIO(Desk(pki=pki).service.sign(asked).pdf)) as opened:
        signature: Any = opened.Root.AcroForm.Fields[0].V
        said = {key: str(signature[key]) for key in signature.keys() if key not in ("/Contents", "/ByteRange")}  # noqa: SIM118  # a pikepdf dictionary iterates otherwise
    assert said == {
        "/Type": "/Sig",
        "/Filter": "/Adobe.PPKLite",
        "/SubFilter": "/ETSI.CAdES.detached",
        "/M": "D:20261121040000Z",
        "/Name": "I Wayan Contoh",
        "/Reason": "Persetujuan",
        "/Location": "Denpasar",
        "/Prop_Build": said["/Prop_Build"],
    }


def test_the_documents_own_metadata_is_left_alone(pki: Pki) -> None:
    original, signed = letter(), Desk(pki=pki).service.sign(request()).pdf
    with pikepdf.open(io.BytesIO(original)) as before, pikepdf.open(io.BytesIO(signed)) as after:
        assert after.Root.Metadata.read_bytes() == before.Root.Metadata.read_bytes()
        assert after.docinfo.get("/ModDate") == before.docinfo.get("/ModDate")
