"""The record to print: every step, lines to sign, and no word that becomes markup."""

from datetime import UTC, datetime

from api.ceremony_record import record_page
from ca.transcript import Transcript


def test_the_record_shows_every_step_and_a_line_for_everybody() -> None:
    transcript = Transcript(lambda: datetime(2026, 11, 21, 4, tzinfo=UTC))
    transcript.record("key root-g1 made", public_key=b"spki")
    transcript.record("<script>alert(1)</script>")
    page = record_page(
        "Pemerintah <Contoh>", transcript, people=("Ni Made & I", "I Ketut"), transcript_sha256="ab" * 32
    )
    assert "2026-11-21 04:00:00" in page
    assert transcript.steps[0].digests["public_key"] in page
    assert "<td>Ni Made &amp; I</td>" in page
    assert "<td>I Ketut</td>" in page
    assert "ab" * 32 in page
    assert "<script" not in page
    assert "Pemerintah &lt;Contoh&gt;" in page
    assert "http" not in page
