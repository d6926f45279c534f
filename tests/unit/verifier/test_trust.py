"""Anchors come from files that say what they are for; anything unclear is refused by name."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from tests.support.pki import Pki
from verifier.errors import AnchorRefused
from verifier.trust import anchor_from, build_snapshot, load_anchors

TOML = 'name = "Akar Contoh"\ncertified = true\npurposes = ["signature"]\nuntil = 2026-08-18T00:00:00Z\n'


def folder(tmp_path: Path, pki: Pki, toml: str | None = TOML, encoding: Encoding = Encoding.PEM) -> Path:
    (tmp_path / "akar.pem").write_bytes(pki.root.certificate.public_bytes(encoding))
    if toml is not None:
        (tmp_path / "akar.toml").write_text(toml, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
def test_a_folder_of_anchors_is_loaded(tmp_path: Path, pki: Pki, encoding: Encoding) -> None:
    (anchor,) = load_anchors(folder(tmp_path, pki, encoding=encoding))
    assert anchor.name == "Akar Contoh"
    assert anchor.certified
    assert anchor.purposes == {"signature"}
    assert anchor.valid_from is None
    assert anchor.valid_until is not None
    assert anchor.certificate == pki.root.certificate.public_bytes(Encoding.DER)


@pytest.mark.parametrize(
    ("toml", "field"),
    [
        (None, "anchors"),
        ("name = ", "anchors"),
        (TOML + "extra = 1\n", "extra"),
        (TOML.replace('"Akar Contoh"', '" "'), "name"),
        (TOML.replace("true", '"yes"'), "certified"),
        (TOML.replace('["signature"]', '["everything"]'), "purposes"),
        (TOML.replace('["signature"]', "[]"), "purposes"),
        (TOML.replace("T00:00:00Z", ""), "until"),
    ],
)
def test_an_unclear_anchor_is_refused_by_name(tmp_path: Path, pki: Pki, toml: str | None, field: str) -> None:
    with pytest.raises(AnchorRefused) as refusal:
        load_anchors(folder(tmp_path, pki, toml))
    assert refusal.value.field == field


def test_what_is_no_certificate_and_no_folder_is_refused(tmp_path: Path, pki: Pki) -> None:
    (folder(tmp_path, pki) / "akar.pem").write_bytes(b"nothing")
    for path in (tmp_path, tmp_path / "absent"):
        with pytest.raises(AnchorRefused):
            load_anchors(path)


def test_two_anchors_of_one_name_are_refused(pki: Pki) -> None:
    anchor = anchor_from(pki.root.certificate, name="Teken", certified=False)
    with pytest.raises(AnchorRefused):
        build_snapshot([anchor, anchor])
    assert build_snapshot([anchor], intermediates=[pki.issuing.certificate]).fingerprint
