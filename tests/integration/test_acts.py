"""Signatures, initials, certifications and locks on one file: judged by our verifier and by poppler after each act."""

import io
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader

from signer.errors import DocumentRefused, StampRefused, TextRefused
from signer.model import Certify, FieldLock, LockAction, SignatureLevel, SignedDocument, SigningAct, StampPlacement
from tests.support.letters import blank, saved
from tests.support.pki import Pki
from tests.support.signing import Desk, request
from tests.vectors.letters import trust_in
from verifier.model import Indication, SignatureKind, ValidationReport
from verifier.policy import load_policy
from verifier.validation import validate

SECOND, THIRD = "credential-2", "credential-3"
LEVELS = (SignatureLevel.B_B, SignatureLevel.B_LT)


@pytest.fixture(scope="module")
def desk() -> Desk:
    made = Desk()
    for name in (SECOND, THIRD):
        made.enrol(made.pki.official_with(), name)
    return made


def sign(desk: Desk, document: bytes | None = None, **asked: Any) -> SignedDocument:
    differences = {"level": SignatureLevel.B_LT} | asked | ({} if document is None else {"document": document})
    return desk.service.sign(request(**differences))


def judged(pki: Pki, pdf: bytes) -> ValidationReport:
    at = pki.at + timedelta(minutes=1)
    return validate(pdf, load_policy("teken-1"), trust_in(pki, at=at), at)


def require_all_good(desk: Desk, pdf: bytes, count: int, folder: Path) -> None:
    report = judged(desk.pki, pdf)
    assert report.indication is Indication.TOTAL_PASSED, [(each.field_name, each.detail) for each in report.signatures]
    assert len(report.signatures) == count
    path = folder / "letter.pdf"
    path.write_bytes(pdf)
    said = subprocess.run(["pdfsig", "-nocert", path], capture_output=True, text=True, check=False).stdout
    stamps = sum(each.kind is SignatureKind.DOCUMENT_TIMESTAMP for each in report.signatures)
    assert said.count("Signature is Valid.") == count - stamps, said  # poppler does not judge timestamps


def require_unchanged_for_pyhanko(pdf: bytes) -> None:
    """Its own rules, as it comes: nothing that followed is a change which a signature forbids."""
    reader = PdfFileReader(io.BytesIO(pdf))
    for signature in reader.embedded_regular_signatures:
        signature.compute_integrity_info()
        said = signature.summarise_integrity_info()
        assert said["docmdp_ok"] is True, signature.field_name


def form(*names: str) -> bytes:
    """A page with text fields."""
    pdf = blank()
    fields = [
        pdf.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot,
                Subtype=pikepdf.Name.Widget,
                FT=pikepdf.Name.Tx,
                T=pikepdf.String(name),
                Rect=[100, 700, 300, 720],
                P=pdf.pages[0].obj,
            )
        )
        for name in names
    ]
    pdf.pages[0].Annots = pikepdf.Array(fields)
    pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array(fields))
    return saved(pdf)


def dictionary_of(pdf: bytes, field: str) -> dict[str, Any]:
    """The signature dictionary of a field, and the field's own name for who cannot see it."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        for each in opened.Root.AcroForm.Fields:
            if str(each.T) == field:
                value = each.V
                return {
                    "reason": str(value.get("/Reason", "")),
                    "label": str(each.get("/TU", "")),
                    "lock": "/Lock" in each,
                    "reference": [str(one.TransformMethod) for one in value.get("/Reference", [])],
                }
    raise AssertionError(f"no field {field}")


def test_initials_before_a_signature_stay_valid_and_are_never_called_a_signature(desk: Desk, tmp_path: Path) -> None:
    first = sign(desk, act=SigningAct.INITIALS)
    require_all_good(desk, first.pdf, 1, tmp_path)
    second = sign(desk, first.pdf, credential_id=SECOND, act=SigningAct.INITIALS, stamp=StampPlacement(x=60, y=60))
    require_all_good(desk, second.pdf, 2, tmp_path)
    third = sign(desk, second.pdf, credential_id=THIRD)
    require_all_good(desk, third.pdf, 3, tmp_path)
    acts = [each.record.intent.act for each in (first, second, third)]
    assert acts == [SigningAct.INITIALS, SigningAct.INITIALS, SigningAct.SIGNATURE]
    names = [each.record.outcome.field_name for each in (first, second, third)]  # type: ignore[union-attr]  # signed
    assert names == ["Paraf-1", "Paraf-2", "Signature-1"]
    initials = dictionary_of(third.pdf, "Paraf-1")
    assert initials["reason"] == "Paraf"
    assert "anda tangan" not in initials["label"]
    assert dictionary_of(third.pdf, "Signature-1")["reason"] == ""


def test_initials_take_no_stamp_of_a_signature(desk: Desk) -> None:
    with pytest.raises(StampRefused):
        sign(desk, act=SigningAct.INITIALS, stamp=StampPlacement(template="official"))
    with pytest.raises(StampRefused):
        sign(desk, stamp=StampPlacement(template="paraf"))


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("certify", [Certify.FORMS_AND_SIGNATURES, Certify.ANNOTATIONS_TOO])
def test_a_certification_that_allows_signatures_stays_valid_under_them(
    desk: Desk, tmp_path: Path, level: SignatureLevel, certify: Certify
) -> None:
    first = sign(desk, certify=certify, level=level)
    assert dictionary_of(first.pdf, "Signature-1")["reference"] == ["/DocMDP"]
    require_all_good(desk, first.pdf, 1, tmp_path)
    second = sign(desk, first.pdf, credential_id=SECOND, level=level)
    require_all_good(desk, second.pdf, 2, tmp_path)


@pytest.mark.parametrize("level", [*LEVELS, SignatureLevel.B_LTA])
def test_a_certification_that_forbids_all_changes_is_good_and_ends_it(
    desk: Desk, tmp_path: Path, level: SignatureLevel
) -> None:
    first = sign(desk, certify=Certify.NO_CHANGES, level=level)
    require_all_good(desk, first.pdf, 2 if level is SignatureLevel.B_LTA else 1, tmp_path)
    assert judged(desk.pki, first.pdf).signatures[0].level == f"PAdES-{level.value}"
    require_unchanged_for_pyhanko(first.pdf)
    for act in SigningAct:
        with pytest.raises(DocumentRefused) as refused:
            sign(desk, first.pdf, credential_id=SECOND, act=act)
        assert refused.value.reason == "locked-by-certification"


@pytest.mark.parametrize("level", [*LEVELS, SignatureLevel.B_LTA])
def test_the_last_signature_closes_the_document(desk: Desk, tmp_path: Path, level: SignatureLevel) -> None:
    first = sign(desk, form("nilai"), level=SignatureLevel.B_T)
    closing = FieldLock(action=LockAction.ALL, closes=True)
    second = sign(desk, first.pdf, credential_id=SECOND, level=level, lock=closing, stamp=StampPlacement())
    require_all_good(desk, second.pdf, 3 if level is SignatureLevel.B_LTA else 2, tmp_path)
    require_unchanged_for_pyhanko(second.pdf)
    said = dictionary_of(second.pdf, "Signature-2")
    assert (said["lock"], said["reference"]) == (True, ["/FieldMDP"])
    with pytest.raises(DocumentRefused) as refused:
        sign(desk, second.pdf, credential_id=THIRD)
    assert refused.value.reason == "locked-by-certification"
    filled = second.pdf + _filling(second.pdf, "nilai")
    assert judged(desk.pki, filled).indication is Indication.TOTAL_FAILED


@pytest.mark.parametrize(
    ("certify", "lock"),
    [
        (None, FieldLock(action=LockAction.INCLUDE, fields=("nilai",), closes=True)),
        (None, FieldLock(action=LockAction.EXCLUDE, fields=("nilai",), closes=True)),
        (Certify.FORMS_AND_SIGNATURES, FieldLock(action=LockAction.ALL, closes=True)),
    ],
)
def test_what_closes_the_document_locks_all_of_it(desk: Desk, certify: Certify | None, lock: FieldLock) -> None:
    with pytest.raises(DocumentRefused) as refused:
        sign(desk, form("nilai"), certify=certify, lock=lock)
    assert (refused.value.field, refused.value.reason) == ("lock.closes", "lock-closes")


def test_only_the_first_signature_certifies(desk: Desk) -> None:
    first = sign(desk, level=SignatureLevel.B_B)
    with pytest.raises(DocumentRefused) as refused:
        sign(desk, first.pdf, credential_id=SECOND, certify=Certify.FORMS_AND_SIGNATURES)
    assert (refused.value.field, refused.value.reason) == ("certify", "not-first")


def test_named_fields_are_locked_and_others_still_sign(desk: Desk, tmp_path: Path) -> None:
    lock = FieldLock(action=LockAction.INCLUDE, fields=("nilai",))
    first = sign(desk, form("nilai", "catatan"), lock=lock)
    said = dictionary_of(first.pdf, "Signature-1")
    assert (said["lock"], said["reference"]) == (True, ["/FieldMDP"])
    second = sign(desk, first.pdf, credential_id=SECOND)
    require_all_good(desk, second.pdf, 2, tmp_path)


def test_a_locked_field_that_changes_breaks_the_signature(desk: Desk) -> None:
    lock = FieldLock(action=LockAction.INCLUDE, fields=("nilai",))
    first = sign(desk, form("nilai", "catatan"), certify=Certify.FORMS_AND_SIGNATURES, lock=lock)
    with pikepdf.open(io.BytesIO(first.pdf)) as opened:
        assert [str(each.T) for each in opened.Root.AcroForm.Fields][:2] == ["nilai", "catatan"]
    filled = first.pdf + _filling(first.pdf, "nilai")
    assert judged(desk.pki, filled).indication is Indication.TOTAL_FAILED


def _filling(pdf: bytes, name: str) -> bytes:
    """One more revision in which a field has a value."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    for reference in writer.root["/AcroForm"].raw_get("/Fields"):
        field = reference.get_object()
        if field["/T"] == name:
            field["/V"] = generic.pdf_string("1.000.000")
            writer.update_container(field)
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()[len(pdf) :]


def test_a_lock_of_all_fields_ends_it_politely(desk: Desk, tmp_path: Path) -> None:
    first = sign(desk, form("nilai"), lock=FieldLock(action=LockAction.ALL))
    require_all_good(desk, first.pdf, 1, tmp_path)
    with pytest.raises(DocumentRefused, match="locks every field") as refused:
        sign(desk, first.pdf, credential_id=SECOND)
    assert refused.value.reason == "fields-locked"


def test_what_a_lock_leaves_out_is_the_name_that_the_next_signature_takes(desk: Desk, tmp_path: Path) -> None:
    lock = FieldLock(action=LockAction.EXCLUDE, fields=("Kepala Dinas", "catatan"))
    first = sign(desk, form("nilai", "catatan"), lock=lock)
    second = sign(desk, first.pdf, credential_id=SECOND)
    assert second.record.outcome is not None
    assert second.record.outcome.field_name == "Kepala Dinas"
    require_all_good(desk, second.pdf, 2, tmp_path)
    with pytest.raises(DocumentRefused, match="but these: Kepala Dinas, catatan"):
        sign(desk, second.pdf, credential_id=THIRD)


@pytest.mark.parametrize(
    ("lock", "reason"),
    [
        (FieldLock(action=LockAction.INCLUDE, fields=("tidak ada",)), "no-such-field"),
        (FieldLock(action=LockAction.INCLUDE), "lock-fields"),
        (FieldLock(action=LockAction.EXCLUDE), "lock-fields"),
        (FieldLock(action=LockAction.ALL, fields=("nilai",)), "lock-fields"),
    ],
)
def test_a_lock_that_makes_no_sense_is_refused_before_the_passphrase(desk: Desk, lock: FieldLock, reason: str) -> None:
    opened = desk.software.opened
    with pytest.raises(DocumentRefused) as refused:
        sign(desk, form("nilai"), lock=lock)
    assert (refused.value.field, refused.value.reason) == ("lock.fields", reason)
    assert desk.software.opened == opened


def test_a_locked_name_is_a_text_like_any_other(desk: Desk) -> None:
    with pytest.raises(TextRefused):
        sign(desk, form("nilai"), lock=FieldLock(action=LockAction.EXCLUDE, fields=("a\x00b",)))
