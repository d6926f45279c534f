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
CRL_ADDRESSES: Final = 8
"""Addresses of lists that one anchor may name."""
_KEYS: Final = frozenset({"name", "certified", "purposes", "from", "until", "historical", "crls", "source"})
_CERTIFICATE_SUFFIXES: Final = (".pem", ".crt", ".cer", ".der")


def load_anchors(folder: Path) -> tuple[TrustAnchorEntry, ...]:
    """Every anchor of `folder`: a certificate (PEM or DER) with a TOML file of the same stem beside it.

    The TOML names `name`, `certified` (true or false), `purposes` (some of `signature`, `timestamp`) and, where wanted,
    `from` and `until` (times with zone), `historical` (true: only for what is proven to be older than now), `crls`
    (addresses of the lists of its CAs, for the job that fetches them) and `source` (where it was taken from).

    Raises `AnchorRefused` for a pair that is incomplete or wrong.
    """
    if not folder.is_dir():
        raise AnchorRefused(f"the folder of trust anchors {folder} is absent: create it", field="anchors")
    return tuple(entry for _, entry in anchor_files(folder))


def anchor_files(folder: Path) -> tuple[tuple[Path, TrustAnchorEntry], ...]:
    """The same with the certificate's file of each. Raises `AnchorRefused`."""
    return tuple((path, _load(path)) for path in _certificate_files(folder))


def listed_crls(folder: Path) -> tuple[str, ...]:
    """The addresses of CRLs that the anchors of `folder` name, each once. Raises `AnchorRefused`."""
    found: dict[str, None] = {}
    for path in _certificate_files(folder):
        beside = path.with_suffix(".toml")
        found |= dict.fromkeys(_addresses(_table(beside, path), beside))
    return tuple(found)


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


def _certificate_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix in _CERTIFICATE_SUFFIXES)


def _table(beside: Path, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(beside.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise AnchorRefused(f"{path.name} has no {beside.name} beside it: write one", field="anchors") from None
    except tomllib.TOMLDecodeError as error:
        raise AnchorRefused(f"{beside.name} is not TOML: {error}", field="anchors") from None


def _addresses(table: dict[str, Any], beside: Path) -> list[str]:
    addresses = table.get("crls", [])
    fits = isinstance(addresses, list) and len(addresses) <= CRL_ADDRESSES
    if not fits or not all(isinstance(each, str) and each.startswith(("http://", "https://")) for each in addresses):
        raise AnchorRefused(f"{beside.name}: crls must list at most {CRL_ADDRESSES} http addresses", field="crls")
    return [str(each) for each in addresses]


def _load(path: Path) -> TrustAnchorEntry:
    beside = path.with_suffix(".toml")
    table = _table(beside, path)
    for key in sorted(table.keys() - _KEYS):
        raise AnchorRefused(f"{beside.name}: unknown setting {key}: remove it or correct its name", field=key)
    name, certified, purposes = table.get("name"), table.get("certified"), table.get("purposes")
    if not isinstance(name, str) or not name.strip():
        raise AnchorRefused(f"{beside.name}: name must be a text", field="name")
    if not isinstance(certified, bool):
        raise AnchorRefused(f"{beside.name}: certified must be true or false", field="certified")
    if not isinstance(purposes, list) or not purposes or not PURPOSES.issuperset(purposes):
        raise AnchorRefused(f"{beside.name}: purposes must name some of {sorted(PURPOSES)}", field="purposes")
    historical = table.get("historical", False)
    if not isinstance(historical, bool):
        raise AnchorRefused(f"{beside.name}: historical must be true or false", field="historical")
    if not isinstance(table.get("source", ""), str):
        raise AnchorRefused(f"{beside.name}: source must be a text", field="source")
    _addresses(table, beside)
    return TrustAnchorEntry(
        name=name,
        certificate=_certificate(path).public_bytes(Encoding.DER),
        certified=certified,
        purposes=frozenset(purposes),
        valid_from=_moment(table, "from", beside),
        valid_until=_moment(table, "until", beside),
        historical=historical,
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
