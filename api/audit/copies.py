"""Checkpoints outside of the database: one JSON file each, created once and never written again.

The folder belongs on a place that the database's administrator does not own: a write-once share, a log host, an
auditor's disk. A file is there before its checkpoint is in the database, so no checkpoint is without its copy.
"""

import base64
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from store.checkpoints import Checkpoint

_IN_ONE_FOLDER: Final = 10_000
_MAX_OCTETS: Final = 8 * 1024 * 1024


class CopyRefused(Exception):
    """A copy cannot be written or read; the text names the file and the fix."""


class CopiesFolder:
    """`<folder>/000004/0000042017.json`: the copy of checkpoint 42017."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, checkpoint: Checkpoint) -> bool:
        """Write the copy, whole, flushed to the disk, or not at all. `False` where one is there: it is not touched.

        Raises `CopyRefused`, also where the folder is absent: a share that is not mounted must not be hidden.
        """
        path = self._path(checkpoint.content.number)
        try:
            self._folder.stat()
            path.parent.mkdir(exist_ok=True)
            return _create(path, json.dumps(to_json(checkpoint), ensure_ascii=False).encode())
        except OSError as error:
            raise CopyRefused(
                f"audit.checkpoints_to: {path} cannot be written ({error.strerror}); mount or make the folder"
            ) from error

    def write_stamp(self, number: int, token: bytes) -> None:
        """Beside the copy, as `0000042017.tst`: a timestamp of another house; one that is there is not touched.

        Raises `CopyRefused`.
        """
        path = self._path(number).with_suffix(".tst")
        try:
            self._folder.stat()
            path.parent.mkdir(exist_ok=True)
            _create(path, token)
        except OSError as error:
            raise CopyRefused(
                f"audit.checkpoints_to: {path} cannot be written ({error.strerror}); mount or make the folder"
            ) from error

    def stamps(self) -> dict[int, bytes]:
        """Timestamps of other houses by checkpoint. Raises `CopyRefused` for what cannot be read."""
        found = {}
        for path in sorted(self._folder.glob("*/*.tst")):
            try:
                if path.stat().st_size > _MAX_OCTETS or not path.stem.isdigit():
                    raise CopyRefused(f"{path} is no timestamp over a checkpoint")
                found[int(path.stem)] = path.read_bytes()
            except OSError as error:
                raise CopyRefused(f"{path} cannot be read ({error.strerror})") from error
        return found

    def read(self, number: int) -> Checkpoint | None:
        """The copy of one checkpoint, or `None`. Raises `CopyRefused` for a file that is no checkpoint."""
        path = self._path(number)
        try:
            if path.stat().st_size > _MAX_OCTETS:
                raise CopyRefused(f"{path} is too large for a checkpoint")
            return from_json(json.loads(path.read_bytes()))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, RecursionError) as error:
            raise CopyRefused(f"{path} is no copy of a checkpoint ({type(error).__name__})") from error

    def numbers(self) -> Iterator[int]:
        """The numbers of all copies, in order. Raises `CopyRefused` where the folder is absent."""
        if not self._folder.is_dir():
            raise CopyRefused(f"audit.checkpoints_to: {self._folder} is no folder; mount it or make it")
        return iter(sorted(int(path.stem) for path in self._folder.glob("*/*.json") if path.stem.isdigit()))

    def _path(self, number: int) -> Path:
        return self._folder / f"{number // _IN_ONE_FOLDER:06d}" / f"{number:010d}.json"


def to_json(checkpoint: Checkpoint) -> dict[str, Any]:
    """The checkpoint as JSON: the signed text as it is, octets in Base64."""
    return {
        "body": checkpoint.body,
        "signature": base64.b64encode(checkpoint.signature).decode(),
        "timestamp": base64.b64encode(checkpoint.timestamp).decode(),
    }


def from_json(found: Any) -> Checkpoint:
    """The checkpoint again; raises `ValueError` for anything else."""
    match found:
        case {"body": str(body), "signature": str(signature), "timestamp": str(timestamp), **rest} if not rest:
            return Checkpoint(
                body=body,
                signature=base64.b64decode(signature, validate=True),
                timestamp=base64.b64decode(timestamp, validate=True),
            )
    raise ValueError("this is no checkpoint")


def _create(path: Path, content: bytes) -> bool:
    draft = path.with_name(f".{path.stem}.{os.getpid()}")
    try:
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return True
