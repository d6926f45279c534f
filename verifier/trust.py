"""Whom a validation may believe: anchors from a folder, and the snapshot that crosses into the worker."""

import tomllib
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from verifier.errors import AnchorRefused
from verifier.model import TrustAnchorEntry, TrustSnapshot

PURPOSES: Final = frozenset({"signature", "timestamp"})
_KEYS: Final = frozenset({"name", "certified", "purposes", "from", "until"})
_CERTIFICATE_SUFFIXES: Final = (".pem", ".crt", ".cer", ".der")


def load_anchors(folder: Path) -> tuple[TrustAnchorEntry, ...]:
    """Every anchor of `folder`: a certificate (PEM or DER) with a TOML file of the same stem beside it.

    The TOML names `name`, `certified` (true or false), `purposes` (some of `signature`, `timestamp`) and, where the
    anchor is historical, `from` and `until` (times with zone).

    Raises `AnchorRefused` for a pair that is incomplete or wrong.
    """
    if not folder.is_dir():
        raise AnchorRefused(f"the folder of trust anchors {folder} is absent: create it", field="anchors")
    files = sorted(path for path in folder.iterdir() if path.suffix in _CERTIFICATE_SUFFIXES)
    return tuple(_load(path) for path in files)


def anchor_from(
    certificate: x509.Certificate, *, name: str, certified: bool, purposes: Iterable[str] = PURPOSES
) -> TrustAnchorEntry:
    """An anchor without end; for our own root, which is never `certified`."""
    return TrustAnchorEntry(
        name=name,
        certificate=certificate.public_bytes(Encoding.DER),
        certified=certified,
        purposes=frozenset(purposes),
    )


def build_snapshot(
    anchors: Iterable[TrustAnchorEntry],
    *,
    intermediates: Iterable[x509.Certificate] = (),
    crls: Iterable[bytes] = (),
    ocsp_responses: Iterable[bytes] = (),
) -> TrustSnapshot:
    """Everything that a validation may believe, as plain data. Raises `AnchorRefused` for two anchors of one name."""
    entries = tuple(anchors)
    names = [each.name for each in entries]
    for name in names:
        if names.count(name) > 1:
            raise AnchorRefused(f"two trust anchors are called {name!r}: rename one", field="name")
    return TrustSnapshot(
        anchors=entries,
        intermediates=tuple(each.public_bytes(Encoding.DER) for each in intermediates),
        crls=tuple(crls),
        ocsp_responses=tuple(ocsp_responses),
    )


def _load(path: Path) -> TrustAnchorEntry:
    beside = path.with_suffix(".toml")
    try:
        table = tomllib.loads(beside.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise AnchorRefused(f"{path.name} has no {beside.name} beside it: write one", field="anchors") from None
    except tomllib.TOMLDecodeError as error:
        raise AnchorRefused(f"{beside.name} is not TOML: {error}", field="anchors") from None
    for key in sorted(table.keys() - _KEYS):
        raise AnchorRefused(f"{beside.name}: unknown setting {key}: remove it or correct its name", field=key)
    name, certified, purposes = table.get("name"), table.get("certified"), table.get("purposes")
    if not isinstance(name, str) or not name.strip():
        raise AnchorRefused(f"{beside.name}: name must be a text", field="name")
    if not isinstance(certified, bool):
        raise AnchorRefused(f"{beside.name}: certified must be true or false", field="certified")
    if not isinstance(purposes, list) or not purposes or not PURPOSES.issuperset(purposes):
        raise AnchorRefused(f"{beside.name}: purposes must name some of {sorted(PURPOSES)}", field="purposes")
    return TrustAnchorEntry(
        name=name,
        certificate=_certificate(path).public_bytes(Encoding.DER),
        certified=certified,
        purposes=frozenset(purposes),
        valid_from=_moment(table, "from", beside),
        valid_until=_moment(table, "until", beside),
    )


def _certificate(path: Path) -> x509.Certificate:
    content = path.read_bytes()
    load = x509.load_pem_x509_certificate if b"-----BEGIN" in content else x509.load_der_x509_certificate
    try:
        return load(content)
    except ValueError:
        raise AnchorRefused(f"{path.name} is not one certificate, PEM or DER", field="anchors") from None


def _moment(table: dict[str, Any], key: str, path: Path) -> datetime | None:
    value = table.get(key)
    if value is None:
        return None
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise AnchorRefused(f"{path.name}: {key} must be a time with its zone, like 2024-01-31T00:00:00Z", field=key)
    return value.astimezone(UTC)
