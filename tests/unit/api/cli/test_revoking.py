"""`teken revoke`: options that do not go together are told before anything is opened or asked."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from api.cli.officials import revoke


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--reason", "superseded", "--raise-reason"), "raised to keyCompromise only"),
        (("--reason", "superseded", "--invalid-since", "2026-01-01"), "goes with keyCompromise only"),
        (("--reason", "keyCompromise", "--raise-reason", "--approval", "x"), "as it was proposed"),
        (("--reason", "keyCompromise", "--invalid-since", "2026-01-01", "--approval", "x"), "as it was proposed"),
        (("--reason", "certificateHold"), "Invalid value"),
    ],
)
def test_what_does_not_go_together_is_told_first(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    done = CliRunner().invoke(revoke, ["2a", *words, "--data", str(tmp_path), "--as", "pendaftar"])
    assert done.exit_code == 2
    assert said in done.output
