"""Whatever is asked for, what comes out is sound, keeps the original, and pyHanko's validator agrees."""

import io
from dataclasses import dataclass, replace
from datetime import timedelta

from cryptography import x509
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from signer.model import SignatureLevel, SignedAs, StampedToken, StampPlacement
from tests.support.letters import blank, saved
from tests.support.pki import Holder, make_pki
from tests.support.plain_pyhanko import as_asn1
from tests.support.signing import Desk, request
from tests.support.tsa import TSA_POLICY
from tests.support.tst import timestamp_token

PKI = make_pki()
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=120)
drawable = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0x7E)
    | st.characters(min_codepoint=0xC0, max_codepoint=0xFF)
    | st.characters(min_codepoint=0x1B05, max_codepoint=0x1B33),
    max_size=120,
)
placements = (
    st.builds(
        StampPlacement,
        page=st.sampled_from([1, 2, -1, -2]),
        width=st.floats(140, 300),
        height=st.floats(50, 120),
    )
    | st.none()
)


@settings(max_examples=20, deadline=None)
@given(
    level=st.sampled_from(SignatureLevel),
    reason=texts,
    location=texts,
    office=drawable,
    placement=placements,
    rotate=st.sampled_from([0, 90, 180, 270]),
)
def test_what_is_signed_validates(
    *, level: SignatureLevel, reason: str, location: str, office: str, placement: StampPlacement | None, rotate: int
) -> None:
    document = saved(blank(2, rotate=rotate))
    asked = request(
        document=document,
        level=level,
        reason=reason,
        location=location,
        stamp=placement,
        signed_as=SignedAs(office=office, on_behalf="a.n. Gubernur Contoh"),
    )
    signed = Desk(pki=PKI).service.sign(asked)
    assert signed.pdf.startswith(document)
    (signature,) = PdfFileReader(io.BytesIO(signed.pdf)).embedded_regular_signatures
    context = ValidationContext(trust_roots=[as_asn1(PKI.root.certificate)], moment=PKI.at + timedelta(minutes=1))
    status = validate_pdf_signature(signature, signer_validation_context=context)
    assert status.intact
    assert status.valid
    assert status.trusted
    assert status.modification_level.name in {"NONE", "LTA_UPDATES"}
    assert (status.timestamp_validity is not None) == level.needs_timestamp
    assert signature.sig_object.get("/Reason", "") == reason
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"


MORE_CERTIFICATES = tuple(make_pki(label=f"G{number}").issuing.certificate for number in range(2, 12))


@dataclass
class Heavy:
    """An authority whose tokens carry any number of certificates, known beforehand or not."""

    carried: int
    chain: tuple[x509.Certificate, ...] = PKI.tsu.chain
    name: str = "heavy"
    asked: int = 0

    def timestamp(self, digest: bytes, algorithm: str) -> StampedToken:
        self.asked += 1
        more = (PKI.tsu.certificate, *(MORE_CERTIFICATES * 4)[: self.carried])
        token = timestamp_token(digest, algorithm, PKI.at, PKI.tsu.key, more, policy=TSA_POLICY)
        return StampedToken(token=token, chain=PKI.tsu.chain)


@settings(max_examples=30, deadline=None)
@given(
    level=st.sampled_from([SignatureLevel.B_T, SignatureLevel.B_LTA]),
    chain=st.integers(0, len(MORE_CERTIFICATES)),
    first=st.integers(0, 40),
    later=st.integers(0, 40),
    announced=st.booleans(),
)
def test_the_room_is_never_too_small(
    *, level: SignatureLevel, chain: int, first: int, later: int, announced: bool
) -> None:
    """However long the chain and however large the token: at most one attempt is in vain, and none once it is known."""
    longer = (PKI.official.chain[0], *MORE_CERTIFICATES[:chain], *PKI.official.chain[1:])
    unit = Heavy(first, chain=PKI.tsu.chain if announced else ())
    holder = PKI.official if level is SignatureLevel.B_LTA else Holder(key=PKI.official.key, chain=longer)
    desk = Desk(pki=replace(PKI, official=holder), timestampers=[unit])
    once = desk.service.sign(request(level=level)).pdf
    before, needed = unit.asked, 2 if level is SignatureLevel.B_LTA else 1
    unit.carried = later
    twice = desk.service.sign(request(document=once, level=level)).pdf
    assert twice.startswith(once)
    assert needed <= before <= needed + 1
    assert unit.asked - before <= needed + (1 if later > first else 0)
