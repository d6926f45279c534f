"""PDFs, each under its own digest: written once, whole or not at all, and never changed."""

import hashlib
import os
import secrets
from pathlib import Path

from eoffice.errors import NotFound


class Files:
    """A folder of documents."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder

    def keep(self, content: bytes) -> str:
        """Its SHA-256, lower-case hex; on disk when this returns."""
        digest = hashlib.sha256(content).hexdigest()
        path = self._path(digest)
        if path.exists():
            return digest
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{digest}.{secrets.token_hex(4)}")
        with draft.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        return digest

    def read(self, digest: str) -> bytes:
        """Raises `NotFound` also where the bytes are no longer those."""
        try:
            content = self._path(digest).read_bytes()
        except FileNotFoundError:
            content = b""
        if hashlib.sha256(content).hexdigest() != digest:
            raise NotFound("Berkas tidak ada lagi. · The file is gone: restore it from the backup.", field="file")
        return content

    def _path(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest
