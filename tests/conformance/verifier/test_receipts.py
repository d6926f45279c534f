"""Receipts conform to PDF/A-2a, says veraPDF, whatever the verdict and whoever signed."""

from dataclasses import replace
from pathlib import Path

import pytest

from api.receipts.drawing import draw_receipt
from api.receipts.words import ReceiptWords
from tests.conformance.signer.java import JavaJudge
from tests.unit.api.faces.public.examples import CERTIFICATE, NOON, PASSED, SETTINGS, UPLOADS, upload

pytestmark = pytest.mark.judge


def test_every_receipt_is_pdf_a_2a(tmp_path: Path) -> None:
    words = ReceiptWords(SETTINGS, public_url="https://teken.contoh.go.id")
    strange = replace(CERTIFICATE, subject="\u65e5\u672c \u1b05\u1b13 <x>")
    results = UPLOADS | {"strange": upload(replace(PASSED, signer=strange))}
    with JavaJudge() as judge:
        for name, result in results.items():
            path = tmp_path / f"{name}.pdf"
            path.write_bytes(draw_receipt(words.of(result), NOON))
            assert judge.faults("2a", path) == "", name
