"""Questions to the raw bytes: each good answer, and each bad one."""

from datetime import timedelta

import pytest

from tests.support.pki import Pki
from tests.vectors.letters import content, pages, sign
from verifier.document import open_document
from verifier.limits import Limits
from verifier.model import Indication, SubIndication, TrustSnapshot
from verifier.policy import ValidationPolicy
from verifier.structure import overlap_fault, range_fault, tail_fault
from verifier.validation import validate

PDF = b"%PDF-1.7 head <00ff> tail %%EOF"
GAP = (PDF.index(b"<"), PDF.index(b">") + 1)
GOOD = (0, GAP[0], GAP[1], len(PDF) - GAP[1])


def test_a_range_around_exactly_one_hex_string_is_good() -> None:
    assert range_fault(PDF, GOOD) is None


@pytest.mark.parametrize(
    "wrong",
    [
        (),
        (0, 1),
        (1, GAP[0] - 1, GAP[1], GOOD[3]),
        (0, GAP[0] - 1, GAP[1], GOOD[3]),
        (0, GAP[0] + 1, GAP[1], GOOD[3]),
        (0, GAP[0], GAP[1] + 1, GOOD[3] - 1),
        (0, GAP[0], GAP[1] - 1, GOOD[3] + 1),
        (0, GAP[0], GAP[1], GOOD[3] + 1),
        (0, GAP[0], GAP[1], 0),
        (0, 0, GAP[1], GOOD[3]),
        (0, -1, -1, 0),
        (0, GAP[1], GAP[0], GOOD[3]),
        (*GOOD, 0),
    ],
)
def test_any_other_range_is_a_fault(wrong: tuple[int, ...]) -> None:
    assert range_fault(PDF, wrong) is not None


def test_two_signatures_never_share_a_gap() -> None:
    assert overlap_fault([(0, 10, 20, 5), (0, 30, 40, 5)]) is None
    assert overlap_fault([(0, 10, 20, 5), (0, 10, 20, 15)]) is not None
    assert overlap_fault([(0, 10, 20, 5), (0, 15, 40, 5)]) is not None


def test_behind_the_signed_bytes_only_named_revisions_may_stand() -> None:
    revision = b" more startxref 1 %%EOF\n"
    assert tail_fault(PDF, len(PDF), 0) is None
    assert tail_fault(PDF + b"\r\n", len(PDF), 0) is None
    assert tail_fault(PDF + revision, len(PDF), 1) is None
    assert tail_fault(PDF + revision, len(PDF), 0) is not None
    assert tail_fault(PDF + revision + revision, len(PDF), 1) is not None
    assert tail_fault(PDF + revision + b"x", len(PDF), 1) is not None
    assert tail_fault(PDF + b" " * 3, len(PDF), 0) is not None


def hybrid(*, agreeing: bool) -> bytes:
    """A file as office programs write it: a classic table, and a stream with what old readers do not see.

    Where the views disagree, the stream also finds the content (object 5) elsewhere than the first table does.
    """
    out = bytearray(pages("Rp 1.000", spare="Rp 9.000"))
    previous = int(bytes(out[out.rindex(b"startxref") :]).split()[1])
    hidden = len(out)
    out += b"9 0 obj\n<< /Hidden true >>\nendobj\n"
    other = len(out)
    out += b"5 0 obj\n%s\nendobj\n" % content("Rp 9.000")
    rows = {9: hidden} if agreeing else {5: other, 9: hidden}
    body = b"".join(b"\x01" + place.to_bytes(4, "big") + b"\0\0" for place in rows.values())
    index = b" ".join(b"%d 1" % number for number in rows)
    stream = len(out)
    out += (
        b"8 0 obj\n<< /Type /XRef /W [1 4 2] /Index [%s] /Size 10 /Root 1 0 R /Length %d >>\nstream\n%s\nendstream\n"
        b"endobj\n" % (index, len(body), body)
    )
    start = len(out)
    out += (
        b"xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 10 /Root 1 0 R /ID [<00> <00>] /Prev %d /XRefStm %d >>\n"
        % (
            previous,
            stream,
        )
    )
    out += b"startxref\n%d\n%%%%EOF\n" % start
    return bytes(out)


def test_a_hybrid_file_whose_views_agree_is_judged_like_any_other(
    pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot
) -> None:
    pdf = sign(hybrid(agreeing=True), pki.official, claimed=pki.at)
    assert open_document(pdf, Limits()).reader.xrefs.hybrid_xrefs_present
    report = validate(pdf, policy, trust, pki.at + timedelta(hours=1))
    assert report.indication is Indication.TOTAL_PASSED, report.detail


def test_a_hybrid_file_whose_views_disagree_never_passes(
    pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot
) -> None:
    pdf = sign(hybrid(agreeing=False), pki.official, claimed=pki.at)
    report = validate(pdf, policy, trust, pki.at + timedelta(hours=1))
    assert report.reason is SubIndication.DOCUMENT_CHANGED
    assert "hybrid" in report.detail
