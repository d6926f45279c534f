"""`store.documents`: what was put is durable, never changed, and never given back damaged."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from store.documents import FileVault, ObjectVault, open_vault
from store.errors import DocumentDamaged, DocumentTooLarge, VaultMisconfigured, VaultUnavailable
from tests.unit.store.samples import NOON, digest, together

PDF = b"%PDF-1.7 invented"


@pytest.fixture
def vault(tmp_path: Path) -> FileVault:
    vault = open_vault(tmp_path / "vault", limit=1000)
    assert isinstance(vault, FileVault)
    return vault


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_what_was_put_comes_back_by_its_digest(vault: FileVault) -> None:
    assert vault.get(vault.put(PDF)) == PDF
    assert vault.get(vault.put(b"")) == b""
    assert vault.get(digest("something else")) is None


@pytest.mark.parametrize("name", ["", "..", "../../etc/passwd", "AB" * 32, "ab" * 31, "ab" * 32 + "\n", "/" * 64])
def test_what_is_no_digest_names_nothing(vault: FileVault, name: str) -> None:
    assert vault.get(name) is None


def test_the_same_bytes_are_kept_once_also_from_eight_at_once(vault: FileVault, tmp_path: Path) -> None:
    assert len(set(together(8, lambda _: vault.put(PDF)))) == 1
    assert len(files(tmp_path)) == 1


def test_one_octet_too_many_is_refused_before_anything_is_written(vault: FileVault, tmp_path: Path) -> None:
    vault.put(b"x" * 1000)
    with pytest.raises(DocumentTooLarge, match="1000"):
        vault.put(b"x" * 1001)
    assert len(files(tmp_path)) == 1


def test_damaged_bytes_are_neither_given_back_nor_taken_for_kept(vault: FileVault, tmp_path: Path) -> None:
    sha256 = vault.put(PDF)
    files(tmp_path)[0].write_bytes(PDF + b" ")
    with pytest.raises(DocumentDamaged, match=sha256):
        vault.get(sha256)
    with pytest.raises(DocumentDamaged):
        vault.put(PDF)
    assert len(files(tmp_path)) == 1


def test_bytes_are_on_disk_before_their_name_and_both_before_put_returns(
    vault: FileVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    fsync, link = os.fsync, os.link

    def traced_fsync(handle: int) -> None:
        steps.append("sync folder" if os.path.isdir(f"/proc/self/fd/{handle}") else "sync bytes")
        fsync(handle)

    def traced_link(source: Path, target: Path) -> None:
        steps.append("name")
        link(source, target)

    monkeypatch.setattr(os, "fsync", traced_fsync)
    monkeypatch.setattr(os, "link", traced_link)
    vault.put(PDF)
    assert steps == ["sync bytes", "name", "sync folder", "sync folder", "sync folder"]


def test_a_disk_that_refuses_leaves_no_draft_and_says_so(
    vault: FileVault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(VaultUnavailable, match="No space left"):
        vault.put(PDF)
    assert files(tmp_path) == []


def test_a_vault_whose_folder_is_gone_says_so(vault: FileVault, tmp_path: Path) -> None:
    vault.ping()
    (tmp_path / "vault").rmdir()
    with pytest.raises(VaultUnavailable):
        vault.ping()


def test_drafts_of_dead_processes_are_swept_after_a_day(vault: FileVault, tmp_path: Path) -> None:
    kept = vault.put(PDF)
    folder = tmp_path / "vault" / kept[:2] / kept[2:4]
    for name, age in ((".old", timedelta(days=1, seconds=1)), (".young", timedelta(hours=23))):
        (folder / name).write_bytes(b"half a doc")
        moment = (NOON - age).timestamp()
        os.utime(folder / name, (moment, moment))
    os.utime(folder / kept, (0, 0))
    assert vault.sweep(NOON) == 1
    assert vault.sweep(NOON) == 0
    assert [path.name for path in files(folder)] == [".young", kept]


@pytest.mark.parametrize(
    "place",
    ["http://bucket", "s3://", "s3://key:secret@bucket", "s3://bucket?endpoint=x", "gs://bucket", "file:///tmp"],
)
def test_a_place_that_is_neither_folder_nor_bucket_is_refused(place: str) -> None:
    with pytest.raises(VaultMisconfigured, match=r"store\.vault") as caught:
        open_vault(place)
    assert "secret@" not in str(caught.value)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(VaultMisconfigured, match=r"store\.vault"):
        open_vault(tmp_path / "file" / "vault")


def test_options_that_the_client_does_not_know_are_refused() -> None:
    with pytest.raises(VaultMisconfigured, match="options"):
        open_vault("s3://bucket", options={"nonsense": "x"})


def test_a_bucket_opens_an_object_vault() -> None:
    assert isinstance(open_vault("s3://bucket/letters", options={"region": "id"}), ObjectVault)
