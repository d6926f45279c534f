"""`ObjectVault` keeps the vault's promises against an S3 server (moto, in an environment of its own)."""

import hashlib
import socket
import subprocess
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import httpx
import obstore
import pytest

from signer.document import Document
from store.documents import ObjectVault, open_vault
from store.errors import DocumentDamaged, DocumentTooLarge, VaultUnavailable
from tests.support.service import free_port
from tests.unit.store.samples import NOON, digest, together

SERVER = Path(__file__).resolve().parents[2] / ".venv-object-store" / "bin" / "moto_server"
PDF = b"%PDF-1.7 invented"


def options(endpoint: str) -> dict[str, object]:
    return {
        "endpoint": endpoint,
        "region": "us-east-1",
        "access_key_id": "test",
        "secret_access_key": "test",
        "client_options": {"allow_http": True},
        "retry_config": {"max_retries": 0},
    }


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """An S3 server on 127.0.0.1 with an empty bucket `vault`."""
    if not SERVER.exists():
        pytest.skip("the S3 server is absent: ./check makes .venv-object-store from requirements/object-store.txt")
    port = free_port()
    command = [str(SERVER), "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(url, server)
            httpx.put(f"{url}/vault").raise_for_status()
            yield url
        finally:
            server.terminate()


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert server.poll() is None, "the S3 server ended"
        try:
            httpx.get(url)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the S3 server did not answer within 30 seconds")


@pytest.fixture
def vault(endpoint: str, request: pytest.FixtureRequest) -> ObjectVault:
    """A vault under a prefix of this test's own."""
    vault = open_vault(f"s3://vault/{digest(request.node.name)[:8]}", limit=1000, options=options(endpoint))
    assert isinstance(vault, ObjectVault)
    return vault


def test_what_was_put_comes_back_by_its_digest(vault: ObjectVault) -> None:
    assert vault.put(PDF) == digest(PDF.decode())
    assert vault.get(digest(PDF.decode())) == PDF
    assert vault.get(vault.put(b"")) == b""
    assert vault.get(digest("something else")) is None


@pytest.mark.parametrize("name", ["", "..", "../../vault", "AB" * 32, "ab" * 32 + "\n"])
def test_what_is_no_digest_names_nothing(vault: ObjectVault, name: str) -> None:
    assert vault.get(name) is None


def test_the_same_bytes_are_put_once_also_by_eight_at_once(vault: ObjectVault) -> None:
    assert together(8, lambda _: vault.put(PDF)) == [digest(PDF.decode())] * 8
    assert len(obstore.list(vault._store).collect()) == 1


def test_one_octet_too_many_is_refused(vault: ObjectVault) -> None:
    with pytest.raises(DocumentTooLarge):
        vault.put(b"x" * 1001)
    assert obstore.list(vault._store).collect() == []


def test_damaged_bytes_are_neither_given_back_nor_taken_for_kept(vault: ObjectVault) -> None:
    sha256 = vault.put(PDF)
    obstore.put(vault._store, f"{sha256[:2]}/{sha256[2:4]}/{sha256}", b"something else")
    with pytest.raises(DocumentDamaged):
        vault.get(sha256)
    with pytest.raises(DocumentDamaged):
        vault.put(PDF)


def test_a_store_that_answers_is_well(vault: ObjectVault) -> None:
    assert vault.ping() is None
    assert vault.sweep(NOON) == 0


def test_a_store_that_does_not_answer_or_has_no_such_bucket_says_so(endpoint: str) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        silent = open_vault("s3://vault", options=options(f"http://127.0.0.1:{nobody.getsockname()[1]}"))
        for ask in (silent.ping, lambda: silent.put(PDF), lambda: silent.get(digest("x"))):
            with pytest.raises(VaultUnavailable) as caught:
                ask()
            assert "127.0.0.1" not in str(caught.value)
    missing = open_vault("s3://no-such-bucket", options=options(endpoint))
    for ask in (missing.ping, lambda: missing.put(PDF)):
        with pytest.raises(VaultUnavailable):
            ask()


MIB = 1024 * 1024


@pytest.fixture
def roomy(endpoint: str, request: pytest.FixtureRequest) -> ObjectVault:
    """A vault for documents of the usual sizes."""
    vault = open_vault(f"s3://vault/{digest(request.node.name)[:8]}", options=options(endpoint))
    assert isinstance(vault, ObjectVault)
    return vault


def in_file(mebibytes: int, folder: Path) -> Document:
    """That much of a document, in a file."""
    sha256 = hashlib.sha256()
    with (folder / "large.pdf").open("w+b") as file:
        for number in range(mebibytes):
            piece = number.to_bytes(4, "big") * (MIB // 4)
            sha256.update(piece)
            file.write(piece)
        file.flush()
        return Document.in_file(file, mebibytes * MIB, sha256)


def test_a_large_document_goes_and_comes_in_parts_and_never_lies_in_memory(roomy: ObjectVault, tmp_path: Path) -> None:
    document = in_file(108, tmp_path)
    tracemalloc.start()
    try:
        assert roomy.put(document) == document.sha256
        kept = roomy.open(document.sha256)
        assert kept is not None
        assert kept.sha256 == document.sha256
        assert kept[-4:] == document[-4:]
        assert kept[50 * MIB : 50 * MIB + 9] == document[50 * MIB : 50 * MIB + 9]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 48 * MIB
    (found,) = obstore.list(roomy._store).collect()
    assert found["size"] == len(document)
    assert "-" in str(found["e_tag"]), "the store's own mark of an object that came in parts"


def test_a_large_document_is_put_once_also_by_four_at_once(roomy: ObjectVault, tmp_path: Path) -> None:
    document = in_file(12, tmp_path)
    assert together(4, lambda _: roomy.put(document)) == [document.sha256] * 4
    assert roomy.put(document) == document.sha256
    assert len(obstore.list(roomy._store).collect()) == 1


def test_of_a_large_document_that_changed_on_the_way_nothing_is_kept(roomy: ObjectVault, tmp_path: Path) -> None:
    document = in_file(24, tmp_path)
    with (tmp_path / "large.pdf").open("r+b") as file:
        file.seek(23 * MIB)
        file.write(b"x")
    with pytest.raises(DocumentDamaged):
        roomy.put(document)
    assert obstore.list(roomy._store).collect() == []
    assert roomy.open(document.sha256) is None


def test_a_large_object_that_is_damaged_is_not_given_back(roomy: ObjectVault, tmp_path: Path) -> None:
    document = in_file(12, tmp_path)
    name = f"{document.sha256[:2]}/{document.sha256[2:4]}/{document.sha256}"
    obstore.put(roomy._store, name, document[: 11 * MIB])
    for ask in (lambda: roomy.open(document.sha256), lambda: roomy.put(document)):
        with pytest.raises(DocumentDamaged):
            ask()
