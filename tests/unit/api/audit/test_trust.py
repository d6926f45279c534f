"""The audit key's public part: published once, never replaced, held to the token at every start."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from api.audit.trust import (
    CURVE,
    AuditKeyMissing,
    current_label,
    has_audit_key,
    key_in_use,
    make_audit_key,
    published_key,
    read_trust,
)
from tests.support.ca_hierarchy import new_world


class Token:
    """Keys by label."""

    def __init__(self) -> None:
        self.keys: dict[str, ec.EllipticCurvePrivateKey] = {}

    def make(self, label: str, curve: ec.EllipticCurve) -> ec.EllipticCurvePrivateKey:
        assert curve is CURVE
        self.keys[label] = ec.generate_private_key(curve)
        return self.keys[label]


def test_the_first_key_is_published_and_used(tmp_path: Path) -> None:
    token = Token()
    assert not has_audit_key(tmp_path / "pki")
    assert make_audit_key(tmp_path / "pki", token.make) == "audit-1"
    assert [path.name for path in (tmp_path / "pki").iterdir()] == ["audit-1.spki"]
    assert key_in_use(tmp_path / "pki", token.keys.__getitem__) is token.keys["audit-1"]


def test_the_tenth_key_comes_after_the_ninth(tmp_path: Path) -> None:
    token = Token()
    for _ in range(10):
        make_audit_key(tmp_path, token.make)
    assert current_label(tmp_path) == "audit-10"
    assert key_in_use(tmp_path, token.keys.__getitem__) is token.keys["audit-10"]


def test_a_published_key_is_never_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    token = Token()
    make_audit_key(tmp_path, token.make)
    before = published_key(tmp_path, "audit-1")
    monkeypatch.setattr("api.audit.trust._key_files", lambda _: {})
    with pytest.raises(FileExistsError):
        make_audit_key(tmp_path, token.make)
    assert published_key(tmp_path, "audit-1") == before
    assert len(list(tmp_path.iterdir())) == 1


def test_no_key_is_told_with_the_fix(tmp_path: Path) -> None:
    with pytest.raises(AuditKeyMissing, match="teken audit new-key"):
        key_in_use(tmp_path, Token().keys.__getitem__)
    with pytest.raises(AuditKeyMissing, match="teken start"):
        read_trust(tmp_path)


def test_another_key_on_the_token_is_told(tmp_path: Path) -> None:
    token = Token()
    make_audit_key(tmp_path, token.make)
    token.make("audit-1", CURVE)
    with pytest.raises(AuditKeyMissing, match="mount the right token"):
        key_in_use(tmp_path, token.keys.__getitem__)


def test_a_file_that_is_no_key_is_told(tmp_path: Path) -> None:
    (tmp_path / "audit-1.spki").write_bytes(b"no key")
    with pytest.raises(AuditKeyMissing, match="restore it from the ceremony"):
        read_trust(tmp_path)


def test_only_units_that_our_ca_issued_are_believed(tmp_path: Path) -> None:
    make_audit_key(tmp_path, Token().make)
    world, stranger = new_world(), new_world()
    for label, certificate in world.hierarchy.certificates.items():
        (tmp_path / f"{label}.cer").write_bytes(certificate.public_bytes(Encoding.DER))
    (tmp_path / "tsu-9999-1.cer").write_bytes(stranger.hierarchy.root.public_bytes(Encoding.DER))
    assert read_trust(tmp_path).units == (world.hierarchy.tsu,)
