import os
import stat
from functools import partial
from pathlib import Path

import pytest

from hsm_config.errors import HsmMisconfigured
from hsm_config.pin import Pin, make_pin_file, pin_file_of, read_pin, read_shared_pin

PIN = "invented-pin-4711"


def pin_file(tmp_path: Path, content: bytes = PIN.encode(), mode: int = 0o600) -> Path:
    path = tmp_path / "user.pin"
    path.write_bytes(content)
    path.chmod(mode)
    return path


def test_a_pin_is_read_without_its_line_end(tmp_path: Path) -> None:
    assert read_pin(pin_file(tmp_path, b"invented-pin-4711\n")).reveal() == PIN


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620, 0o660])
def test_a_pin_file_open_to_others_is_refused_with_its_fix(tmp_path: Path, mode: int) -> None:
    path = pin_file(tmp_path, mode=mode)
    with pytest.raises(HsmMisconfigured, match=f"chmod 600 {path}") as refusal:
        read_pin(path)
    assert PIN not in str(refusal.value)


@pytest.mark.parametrize("content", [b"", b"\n", b"a" * 256, b"two\nlines", b"\xff\xfe", b"nul\0nul"])
def test_what_is_not_one_line_of_text_is_no_pin(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(HsmMisconfigured, match="PIN"):
        read_pin(pin_file(tmp_path, content))


def test_a_missing_pin_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(HsmMisconfigured, match=r"absent\.pin"):
        read_pin(tmp_path / "absent.pin")


def test_a_folder_is_no_pin_file(tmp_path: Path) -> None:
    with pytest.raises(HsmMisconfigured, match="not a regular file"):
        read_pin(tmp_path)


def test_a_pin_shows_in_no_repr() -> None:
    pin = Pin(PIN)
    assert PIN not in f"{pin} {pin!r} {[pin]}"


def test_a_new_pin_file_belongs_to_its_owner_alone_whatever_the_umask(tmp_path: Path) -> None:
    path, before = tmp_path / "new.pin", os.umask(0)
    try:
        make_pin_file(path, os.urandom)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(bytes.fromhex(read_pin(path).reveal())) == 16


def test_a_pin_file_is_never_overwritten(tmp_path: Path) -> None:
    path = pin_file(tmp_path)
    with pytest.raises(HsmMisconfigured, match="exists already"):
        make_pin_file(path, os.urandom)
    assert read_pin(path).reveal() == PIN


@pytest.mark.parametrize(
    "source",
    [
        "/etc/teken/user.pin",
        "pkcs11:token=ops?pin-source=file:/etc/teken/user.pin",
        "pkcs11:token=ops?pin-source=file:///etc/teken/user.pin",
        "pkcs11:token=ops?module-name=softhsm2&pin-source=%2Fetc%2Fteken%2Fuser.pin",
    ],
)
def test_a_pin_source_names_a_file(source: str) -> None:
    assert pin_file_of(source) == Path("/etc/teken/user.pin")


@pytest.mark.parametrize(
    "source",
    ["pkcs11:token=ops", "pkcs11:?pin-source=|/bin/cat", "pkcs11:?pin-source=/a&pin-source=/b", "pkcs11:?pin-source="],
)
def test_a_uri_without_one_pin_file_is_refused(source: str) -> None:
    with pytest.raises(HsmMisconfigured, match="pin-source"):
        pin_file_of(source)


def test_a_pin_inside_a_uri_is_refused_and_not_repeated() -> None:
    with pytest.raises(HsmMisconfigured, match="pin-value") as refusal:
        pin_file_of(f"pkcs11:token=ops?pin-value={PIN}")
    assert PIN not in str(refusal.value)


def _octets(octet: int, size: int) -> bytes:
    return bytes([octet]) * size


def test_a_shared_pin_is_the_exclusive_or_of_all_shares_and_of_none_alone(tmp_path: Path) -> None:
    shares = [tmp_path / "a.pin", tmp_path / "b.pin"]
    for number, share in enumerate(shares, start=1):
        make_pin_file(share, partial(_octets, number * 0x11))
    assert read_shared_pin(shares[0], shares[1:]).reveal() == "33" * 16
    assert read_shared_pin(shares[0], ()).reveal() == "11" * 16


@pytest.mark.parametrize("content", ["1234", "zz" * 16, "11" * 15])
def test_what_is_no_share_is_refused_without_being_quoted(tmp_path: Path, content: str) -> None:
    whole, other = tmp_path / "a.pin", tmp_path / "b.pin"
    make_pin_file(whole, lambda size: b"\x11" * size)
    other.write_text(content)
    other.chmod(0o600)
    with pytest.raises(HsmMisconfigured, match="no share of a PIN") as refusal:
        read_shared_pin(whole, [other])
    assert content not in str(refusal.value)
