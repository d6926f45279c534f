"""Writing anchors into the folder from which `trust` reads them: one certificate and one TOML file for each."""

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from verifier.errors import AnchorRefused
from verifier.model import TrustAnchorEntry
from verifier.trust import anchor_files, load_anchors

_OTHER: Final = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAnchor:
    """An anchor to be written."""

    entry: TrustAnchorEntry
    source: str
    """Where it was taken from, for whoever reads the folder."""
    crls: Sequence[str] = ()


def add_anchor(folder: Path, anchor: NewAnchor) -> Path:
    """Write one anchor beside the others; returns the certificate's file. Raises `AnchorRefused`.

    An anchor of the same certificate and name is replaced; another one of the same name is refused.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for known in load_anchors(folder):
        if known.name == anchor.entry.name and known.certificate != anchor.entry.certificate:
            message = f"another anchor is called {known.name!r} already: choose another name"
            raise AnchorRefused(message, field="name")
    return _write(folder, _stem(anchor.entry), anchor)


def replace_list(folder: Path, label: str, anchors: Iterable[NewAnchor]) -> int:
    """Write all anchors of one trust list in place of those that it brought before; returns how many there are.

    `label`: what its files begin with; nothing else in the folder is touched. Raises `AnchorRefused`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    prefix = f"list-{_OTHER.sub('-', label.lower()).strip('-')}-"
    before = {path for path in folder.iterdir() if path.name.startswith(prefix)}
    foreign = {each.name for each in load_anchors(folder)} - _names_in(folder, prefix)
    written: set[Path] = set()
    for each in anchors:
        if each.entry.name in foreign:
            raise AnchorRefused(f"another anchor is called {each.entry.name!r} already: rename that one", field="name")
        path = _write(folder, prefix + _stem(each.entry), each)
        written |= {path, path.with_suffix(".toml")}
    for path in sorted(before - written):
        path.unlink()
    return len(written) // 2


def read_certificate(content: bytes) -> x509.Certificate:
    """One certificate, PEM or DER. Raises `AnchorRefused`."""
    load = x509.load_pem_x509_certificate if b"-----BEGIN" in content else x509.load_der_x509_certificate
    try:
        return load(content)
    except ValueError:
        raise AnchorRefused("the file is not one certificate, PEM or DER", field="anchors") from None


def _names_in(folder: Path, prefix: str) -> set[str]:
    return {entry.name for path, entry in anchor_files(folder) if path.name.startswith(prefix)}


def _stem(entry: TrustAnchorEntry) -> str:
    window = f"{entry.valid_from}{entry.valid_until}{sorted(entry.purposes)}"
    mark = hashlib.sha256(entry.certificate + window.encode()).hexdigest()[:16]
    return f"{_OTHER.sub('-', entry.name.lower()).strip('-')[:40]}-{mark}"


def _write(folder: Path, stem: str, anchor: NewAnchor) -> Path:
    certificate = x509.load_der_x509_certificate(anchor.entry.certificate)
    path = folder / f"{stem}.pem"
    path.with_suffix(".toml").write_text(_toml(anchor), encoding="utf-8")
    path.write_bytes(certificate.public_bytes(Encoding.PEM))
    return path


def _toml(anchor: NewAnchor) -> str:
    entry = anchor.entry
    lines = [
        f"name = {json.dumps(entry.name)}",
        f"certified = {json.dumps(entry.certified)}",
        f"purposes = {json.dumps(sorted(entry.purposes))}",
        f"historical = {json.dumps(entry.historical)}",
        f"source = {json.dumps(anchor.source)}",
        f"crls = {json.dumps(list(anchor.crls))}",
    ]
    lines += [f"{key} = {_time(value)}" for key, value in _window(entry) if value is not None]
    return "\n".join(lines) + "\n"


def _window(entry: TrustAnchorEntry) -> tuple[tuple[str, datetime | None], ...]:
    return ("from", entry.valid_from), ("until", entry.valid_until)


def _time(value: datetime) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%SZ")
