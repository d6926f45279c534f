"""Pictures of pages, for browsers that show no PDF inside of a page: telephones."""

import hashlib
import shutil
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from threading import BoundedSemaphore
from typing import Final

import structlog

from eoffice.errors import NotFound

SECONDS: Final = 30
"""How long one PDF may take; then its process is killed."""
AT_ONCE: Final = 2
"""Processes."""
KEPT: Final = timedelta(days=7)
"""How long pictures lie there; they are drawn anew when somebody looks again."""
_DRAWING: Final = Path(__file__).with_name("drawing.py")
_LOG: Final = structlog.get_logger("eoffice.pictures")


class PagePictures:
    """A folder of pictures, each set under the digest of its PDF."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder
        self._room = BoundedSemaphore(AT_ONCE)

    def count(self, pdf: bytes) -> int:
        """How many pages there are pictures of; 0 where none can be drawn."""
        return sum(1 for _ in self._drawn(pdf).glob("*.webp"))

    def page(self, pdf: bytes, number: int) -> bytes:
        """The picture of one page, from 1, as WebP. Raises `NotFound`."""
        try:
            return (self._drawn(pdf) / f"{number}.webp").read_bytes()
        except FileNotFoundError:
            raise NotFound("Gambar halaman tidak ada. · There is no such picture.", field="page") from None

    def forget(self, at: datetime) -> None:
        """Remove those that were drawn longer than `KEPT` ago."""
        for each in self._folder.iterdir():
            if each.stat().st_mtime < (at - KEPT).timestamp():
                shutil.rmtree(each, ignore_errors=True)

    def _drawn(self, pdf: bytes) -> Path:
        folder = self._folder / hashlib.sha256(pdf).hexdigest()
        if not folder.exists():
            with self._room, tempfile.TemporaryDirectory(dir=self._folder) as made:
                if not _draw(pdf, Path(made)):
                    return folder
                whole = Path(shutil.copytree(made, f"{made}-whole"))
                try:
                    whole.rename(folder)
                except OSError:  # somebody else was faster
                    shutil.rmtree(whole, ignore_errors=True)
        return folder


def _draw(pdf: bytes, folder: Path) -> bool:
    """Pictures of what can be drawn; a file that cannot has none. False where time ran out: it may go better later."""
    command = [sys.executable, "-I", str(_DRAWING), str(folder)]
    try:
        subprocess.run(command, input=pdf, timeout=SECONDS, check=True, capture_output=True, env={})
    except subprocess.TimeoutExpired:
        _LOG.warning("the pages took too long")
        return False
    except subprocess.CalledProcessError:
        _LOG.warning("the pages cannot be drawn")
    return True
