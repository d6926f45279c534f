"""The package in which a KEK or a pepper travels to one token, as a small JSON file that opens only there."""

import json
import os
from dataclasses import dataclass
from enum import Enum
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from hsm_config.errors import TransportRefused

VERSION: Final = 1
LARGEST: Final = 16 * 1024
"""Bytes; a package has about two thousand."""


class Purpose(Enum):
    """What the key inside is for."""

    KEK = "kek"
    PEPPER = "pepper"


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """One key for one token."""

    label: str
    """CKA_LABEL that it gets."""
    purpose: Purpose
    transport_key: str
    """SHA-256 in hex of the transport key's SubjectPublicKeyInfo: which token it is for."""
    wrap_mechanism: int
    """PKCS#11 number by which the KEK wraps."""
    wrapped: bytes
    """The key under RSA-OAEP."""
    proof: bytes
    """Made by the key when it was born: a wrapped P-256 key, or an HMAC."""
    witness: bytes
    """What the proof is checked with: SubjectPublicKeyInfo of that P-256 key; empty for a pepper."""

    @property
    def file_name(self) -> str:
        """Names key and token: packages of several tokens fit into one folder."""
        return self.name_of(self.label, self.transport_key)

    @staticmethod
    def name_of(label: str, transport_key: str) -> str:
        """The same from its parts."""
        return f"{label}.for-{transport_key[:16]}.json"


def key_sha256(spki: bytes) -> str:
    """How a transport key is called in packages and transcripts."""
    return sha256(spki).hexdigest()


def write_package(folder: Path, package: Package) -> Path:
    """Create the package's file, mode 0600, durable when this returns; an existing one is never replaced."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / package.file_name
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise TransportRefused(f"{path} exists already: a package is never overwritten") from None
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        json.dump(_tree(package), file, indent=1)
        file.write("\n")
        file.flush()
        os.fsync(descriptor)
    return path


def read_package(path: Path) -> Package:
    """The package in `path`; raises `TransportRefused` for anything else."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        return _package(json.loads(content))
    except OSError as error:
        raise TransportRefused(f"{path} cannot be read ({error.strerror}): name the package of this token") from None
    except (ValueError, KeyError, TypeError):
        raise TransportRefused(f"{path} is no transport package of version {VERSION}") from None


def _tree(package: Package) -> dict[str, Any]:
    return {
        "version": VERSION,
        "label": package.label,
        "purpose": package.purpose.value,
        "transport_key": package.transport_key,
        "wrap_mechanism": package.wrap_mechanism,
        "wrapped": package.wrapped.hex(),
        "proof": package.proof.hex(),
        "witness": package.witness.hex(),
    }


def _package(tree: dict[str, Any]) -> Package:
    if tree.pop("version") != VERSION:
        raise ValueError("version")
    return Package(
        label=str(tree.pop("label")),
        purpose=Purpose(tree.pop("purpose")),
        transport_key=str(tree.pop("transport_key")),
        wrap_mechanism=int(tree.pop("wrap_mechanism")),
        wrapped=bytes.fromhex(tree.pop("wrapped")),
        proof=bytes.fromhex(tree.pop("proof")),
        witness=bytes.fromhex(tree.pop("witness")),
    )
