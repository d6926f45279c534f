"""The vault: PDFs by their SHA-256, created once and never changed, durable before their row exists.

A directory by default; an S3-compatible store in production. Both give a document back only after its digest was
computed again and found equal.
"""

import hashlib
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import S3Store

from signer.document import CHUNK, IN_MEMORY, Content, Document, new_spool
from store.errors import DocumentDamaged, DocumentTooLarge, VaultMisconfigured, VaultUnavailable

MAX_DOCUMENT = 116 * 1024 * 1024  # octets: the largest document that may be signed, and its signatures
DRAFT_AGE = timedelta(days=1)  # no put lasts that long, so an older draft belongs to a process that died

_PATIENCE: Final[dict[str, Any]] = {  # a request waits for this, and the library's own three minutes are too long
    "retry_config": {"max_retries": 2, "retry_timeout": timedelta(seconds=15)},
}
_PARTS: Final[dict[str, Any]] = {"chunk_size": 8 * 1024 * 1024, "max_concurrency": 3}  # what a put has in memory
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


class Vault(Protocol):
    """What both vaults are: `signer.ports.DocumentVault`, a sign of life, and tidiness."""

    def put(self, content: Content) -> str: ...

    def get(self, sha256: str) -> bytes | None: ...

    def open(self, sha256: str) -> Document | None:
        """As `get`, for reading in pieces: its digest was computed again, and a large one stays out of memory."""
        ...

    def ping(self) -> None:
        """Raises `VaultUnavailable` when nothing could be put or got; for readiness."""
        ...

    def sweep(self, now: datetime) -> int:
        """Remove what dead processes left half written; returns how many."""
        ...


class FileVault:
    """Documents as files in `root`, spread over folders `ab/cd/`. Safe for threads and processes of one host."""

    def __init__(self, root: Path, *, limit: int = MAX_DOCUMENT) -> None:
        self._root = root
        self._limit = limit

    def put(self, content: Content) -> str:
        """The digest (hex) under which `content` is now durable, also when it was there already.

        Raises `DocumentTooLarge`, `DocumentDamaged` when what is there already, or what was read of `content`, is not
        these bytes, and `VaultUnavailable` when the disk refuses.
        """
        document = _within(content, self._limit)
        digest = document.sha256
        folder = self._folder(digest)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            draft = folder / f".{secrets.token_hex(8)}"
            try:
                _write_durably(draft, document)
                os.link(draft, folder / digest)  # create-only: rename would replace
            except FileExistsError:
                self.open(digest)  # same digest, same bytes, unless the disk has lost them
            finally:
                draft.unlink(missing_ok=True)
            for each in (folder, folder.parent, self._root):
                _sync_folder(each)  # the name is durable too
        except OSError as error:
            raise VaultUnavailable(f"the vault's disk refused a document ({error.strerror})") from None
        return digest

    def get(self, sha256: str) -> bytes | None:
        """The bytes under this digest, or `None`; raises `DocumentDamaged` when they have another one."""
        if not _DIGEST.fullmatch(sha256):
            return None
        try:
            content = (self._folder(sha256) / sha256).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise VaultUnavailable(f"the vault's disk refused to read a document ({error.strerror})") from None
        return _checked(content, sha256)

    def open(self, sha256: str) -> Document | None:
        """See `Vault.open`; raises as `get` does."""
        if not _DIGEST.fullmatch(sha256):
            return None
        try:
            with (self._folder(sha256) / sha256).open("rb") as file:
                digest = hashlib.file_digest(file, "sha256")
                _require_digest(digest.hexdigest(), sha256)
                return Document.in_file(file, file.tell(), digest)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise VaultUnavailable(f"the vault's disk refused to read a document ({error.strerror})") from None

    def ping(self) -> None:
        """Raises `VaultUnavailable` when the folder is gone or cannot be written."""
        if not os.access(self._root, os.W_OK | os.X_OK):
            raise VaultUnavailable("the vault's folder is gone or cannot be written")

    def sweep(self, now: datetime) -> int:
        """Remove drafts that a dead process left more than a day before `now`; returns how many."""
        swept = 0
        for draft in self._root.glob("??/??/.*"):
            if now.timestamp() - draft.stat().st_mtime > DRAFT_AGE.total_seconds():
                draft.unlink(missing_ok=True)
                swept += 1
        return swept

    def _folder(self, digest: str) -> Path:
        return self._root / digest[:2] / digest[2:4]


class ObjectVault:
    """Documents as objects of one bucket; the bucket should keep versions and lock objects."""

    def __init__(self, store: S3Store, *, limit: int = MAX_DOCUMENT) -> None:
        self._store = store
        self._limit = limit

    def put(self, content: Content) -> str:
        """As `FileVault.put`; durable is what the object store calls so."""
        document = _within(content, self._limit)
        digest = document.sha256
        try:
            if len(document) <= IN_MEMORY:
                obstore.put(self._store, _key(digest), document.content(), mode="create", use_multipart=False)
            else:
                self._put_large(document)
        except AlreadyExistsError:
            self.open(digest)  # same digest, same bytes, unless the store has lost them
        except (BaseError, OSError) as error:  # no such bucket is a FileNotFoundError
            raise VaultUnavailable(f"the object store refused a document ({type(error).__name__})") from None
        return digest

    def get(self, sha256: str) -> bytes | None:
        """As `FileVault.get`."""
        if not _DIGEST.fullmatch(sha256):
            return None
        try:
            content = bytes(obstore.get(self._store, _key(sha256)).bytes())
        except FileNotFoundError:
            return None
        except (BaseError, OSError) as error:
            raise VaultUnavailable(f"the object store does not answer ({type(error).__name__})") from None
        return _checked(content, sha256)

    def open(self, sha256: str) -> Document | None:
        """See `Vault.open`; a large one comes into a file that has no name."""
        if not _DIGEST.fullmatch(sha256):
            return None
        digest, size = hashlib.sha256(), 0
        with new_spool(None) as spool:
            try:
                for chunk in obstore.get(self._store, _key(sha256)).stream(min_chunk_size=CHUNK):
                    digest.update(chunk)
                    size += spool.write(bytes(chunk))
            except FileNotFoundError:
                return None
            except (BaseError, OSError) as error:
                raise VaultUnavailable(f"the object store does not answer ({type(error).__name__})") from None
            _require_digest(digest.hexdigest(), sha256)
            return Document.in_spool(spool, size, digest)

    def _put_large(self, document: Document) -> None:
        """In parts, which cannot be create-only: under its own digest another writer can only write the same."""
        try:
            obstore.head(self._store, _key(document.sha256))
        except FileNotFoundError:
            self._put_parts(document)
        else:
            raise AlreadyExistsError

    def _put_parts(self, document: Document) -> None:
        chunks = _CheckedChunks(document)
        try:
            obstore.put(self._store, _key(document.sha256), chunks, use_multipart=True, **_PARTS)
        except (BaseError, OSError):
            if chunks.damage is not None:  # the store may also fail at breaking off what it was given so far
                raise chunks.damage from None
            raise

    def ping(self) -> None:
        """Raises `VaultUnavailable` when the bucket does not answer."""
        try:
            obstore.list(self._store, offset="~").collect()  # behind every digest, so the answer is short
        except (BaseError, OSError) as error:
            raise VaultUnavailable(f"the object store does not answer ({type(error).__name__})") from None

    def sweep(self, now: datetime) -> int:  # noqa: ARG002 - the other vault needs it
        """Nothing to do: an object is there whole or not at all."""
        return 0


def open_vault(
    place: str | Path, *, limit: int = MAX_DOCUMENT, options: Mapping[str, Any] | None = None
) -> FileVault | ObjectVault:
    """The vault at `place`: a folder, made if it is absent, or `s3://<bucket>`; `limit` in octets a document.

    `options` go to the S3 client (`endpoint`, `region`, `access_key_id`, `secret_access_key`, `client_options` …).
    Raises `VaultMisconfigured` for a place that is neither, or cannot be made.
    """
    if isinstance(place, str) and "://" in place:
        return _open_bucket(place, limit, dict(options or {}))
    root = Path(place)
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise VaultMisconfigured(f"store.vault: the folder cannot be made ({error.strerror}); choose another") from None
    return FileVault(root, limit=limit)


def _open_bucket(url: str, limit: int, options: dict[str, Any]) -> ObjectVault:
    parts = urlsplit(url)
    if parts.scheme != "s3" or not parts.hostname or parts.username or parts.query:
        raise VaultMisconfigured("store.vault: write a folder or s3://<bucket>; keys and endpoint are settings apart")
    try:
        store = S3Store(parts.hostname, prefix=parts.path.strip("/") or None, **_PATIENCE | options)
    except BaseError as error:
        raise VaultMisconfigured(f"store.vault: the S3 options do not fit ({type(error).__name__})") from None
    return ObjectVault(store, limit=limit)


def _within(content: Content, limit: int) -> Document:
    if len(content) > limit:
        raise DocumentTooLarge(f"the vault takes {limit} octets a document, not {len(content)}")
    return Document.of(content)


def _checked(content: bytes, sha256: str) -> bytes:
    _require_digest(hashlib.sha256(content).hexdigest(), sha256)
    return content


def _require_digest(found: str, sha256: str) -> None:
    if found != sha256:
        raise DocumentDamaged(f"the stored bytes are not those of {sha256}: restore them from the backup")


class _CheckedChunks:
    """A document's octets in pieces; raises `DocumentDamaged` instead of ending where their digest is another."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self.damage: DocumentDamaged | None = None

    def __iter__(self) -> Iterator[bytes]:
        digest = hashlib.sha256()
        for chunk in self._document.chunks():
            digest.update(chunk)
            yield chunk
        try:
            _require_digest(digest.hexdigest(), self._document.sha256)
        except DocumentDamaged as damage:
            self.damage = damage
            raise


def _key(digest: str) -> str:
    return f"{digest[:2]}/{digest[2:4]}/{digest}"


def _write_durably(path: Path, document: Document) -> None:
    with path.open("xb") as file:
        for chunk in _CheckedChunks(document):
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
