"""Whatever is asked for, what comes out is sound, keeps the original, and pyHanko's validator agrees."""

import io
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from signer.model import SignatureLevel, SignedAs, StampPlacement
from tests.support.letters import blank, saved
from tests.support.pki import make_pki
from tests.support.plain_pyhanko import as_asn1
from tests.support.signing import Desk, request

PKI = make_pki()
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=120)
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
    office=texts,
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
