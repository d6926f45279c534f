"""What is believed about a checkpoint: the audit keys and the time-stamping units, as public parts in one folder.

`audit-1.spki` (SubjectPublicKeyInfo, DER) beside the certificates of the ceremony; the name is the key's label on the
token. A bare public key and no certificate: a certificate of ours would let whoever operates the CA name another audit
key, and the trail is there to watch that very person. Its fingerprint stands in the ceremony's transcript, in every
checkpoint, and in the trail.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final, Protocol

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from api.hierarchy import PublishedHierarchy, read_hierarchy
from ca.signing import holds
from ca.timestamp_token import read_token
from ca.wire import SHA256
from signer.cms_check import CmsUnsound
from signer.errors import ForeignRefused
from signer.foreign.path import checked_path
from signer.outside_authority import CLOCK_SKEW
from signer.timestamp_check import certificates_in, check_token
from store.checkpoints import Checkpoint, signed_bytes
from verifier.trust import load_anchors

CURVE: Final = ec.SECP256R1()
_NAME: Final = re.compile(r"audit-(\d{1,4})\.spki")


class AuditKeyMissing(Exception):
    """No audit key, or not the one that is published; the text names the fix."""


class CheckpointUnsound(ValueError):
    """The signature or the timestamp of a checkpoint does not hold; the text says which."""


class _MakeKey(Protocol):
    def __call__(self, label: str, curve: ec.EllipticCurve, /) -> ec.EllipticCurvePrivateKey: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditTrust:
    """The public parts against which checkpoints are held."""

    keys: Mapping[str, ec.EllipticCurvePublicKey]
    """Audit keys by fingerprint, those that were replaced too."""
    units: tuple[x509.Certificate, ...]
    """Our time-stamping units, those of the past too; each was issued by our CA."""
    anchors: tuple[x509.Certificate, ...] = ()
    """Where the units of other houses chain to that stamp a checkpoint a day."""

    def check(self, checkpoint: Checkpoint) -> datetime:
        """When the checkpoint was stamped (aware, UTC). Raises `CheckpointUnsound`."""
        key = self.keys.get(checkpoint.content.key)
        if key is None or not holds(key, checkpoint.signature, signed_bytes(checkpoint.body)):
            raise CheckpointUnsound("it is not signed by an audit key of this house")
        at = self._stamped_at(checkpoint)
        if at < checkpoint.content.at:
            raise CheckpointUnsound("its timestamp is older than it says of itself")
        return at

    def check_outside(self, checkpoint: Checkpoint, token: bytes) -> datetime:
        """When another house saw the checkpoint (aware, UTC). Raises `CheckpointUnsound`."""
        try:
            unit, *offered = certificates_in(token)
            at = check_token(token, checkpoint.stamped, unit).at
            checked_path(unit, tuple(offered), self.anchors, frozenset(), at=at)
        except (CmsUnsound, ForeignRefused) as error:
            raise CheckpointUnsound(f"its timestamp of another house does not hold ({error})") from None
        if at + CLOCK_SKEW < checkpoint.content.at:
            raise CheckpointUnsound("its timestamp of another house is older than it says of itself")
        return at

    def _stamped_at(self, checkpoint: Checkpoint) -> datetime:
        """RFC 3161: imprint, message digest, and the signature of a unit that was valid then."""
        try:
            token = read_token(checkpoint.timestamp)
        except ValueError:
            raise CheckpointUnsound("its timestamp cannot be read") from None
        at = token.info.gen_time.as_datetime().replace(tzinfo=UTC)
        imprint = token.info.imprint
        if (imprint.hash.algorithm, imprint.digest) != (SHA256, checkpoint.stamped) or not token.digest_is_true:
            raise CheckpointUnsound("its timestamp is over something else")
        for unit in self.units:
            if unit.not_valid_before_utc <= at <= unit.not_valid_after_utc and holds(
                unit.public_key(), token.signature, token.signed
            ):
                return at
        raise CheckpointUnsound("its timestamp is not of a time-stamping unit of this house")


def read_trust(folder: Path, anchors: Path | None = None) -> AuditTrust:
    """Every audit key and every time-stamping unit in `folder`, and the anchors for timestamps in `anchors`.

    Raises `AuditKeyMissing`, `HierarchyMissing`, `AnchorRefused`.
    """
    files = _key_files(folder)
    if not files:
        raise AuditKeyMissing(f"{folder} holds no audit-*.spki: run `teken start` or `teken audit new-key`")
    keys = {fingerprint(key): key for key in map(_read_key, files.values())}
    entries = load_anchors(anchors) if anchors is not None else ()
    return AuditTrust(
        keys=keys,
        units=units_of(read_hierarchy(folder)),
        anchors=tuple(
            x509.load_der_x509_certificate(each.certificate) for each in entries if "timestamp" in each.purposes
        ),
    )


def units_of(hierarchy: PublishedHierarchy) -> tuple[x509.Certificate, ...]:
    """The time-stamping units that our issuing CA signed, in any generation; anybody else's certificate is none."""
    return tuple(
        certificate
        for label, certificate in hierarchy.certificates.items()
        if label.startswith("tsu-") and any(_issued_by(certificate, each) for each in hierarchy.authorities)
    )


def current_label(folder: Path) -> str:
    """The label of the youngest audit key. Raises `AuditKeyMissing`."""
    files = _key_files(folder)
    if not files:
        raise AuditKeyMissing(f"{folder} holds no audit-*.spki: run `teken start` or `teken audit new-key`")
    return f"audit-{max(files)}"


def key_in_use(folder: Path, key_of: Callable[[str], ec.EllipticCurvePrivateKey]) -> ec.EllipticCurvePrivateKey:
    """The youngest audit key, from the token by `key_of`. Raises `AuditKeyMissing` where it is not the published one,
    and what `key_of` raises where the token has none."""
    label = current_label(folder)
    key = key_of(label)
    if key.public_key() != _read_key(folder / f"{label}.spki"):
        raise AuditKeyMissing(
            f"key {label} is not that of {label}.spki: mount the right token, or run `teken audit new-key`"
        )
    return key


def make_audit_key(folder: Path, make: _MakeKey) -> str:
    """A new audit key, the next after the youngest one that is published; returns its label.

    Its public part is published as `<label>.spki`, whole or not at all; an existing file is never replaced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    label = f"audit-{max(_key_files(folder), default=0) + 1}"
    spki = _spki(make(label, CURVE).public_key())
    draft = folder / f".{label}.{os.getpid()}"
    draft.write_bytes(spki)
    try:
        os.link(draft, folder / f"{label}.spki")
    finally:
        draft.unlink()
    return label


def has_audit_key(folder: Path) -> bool:
    """Whether one was ever published here."""
    return bool(_key_files(folder))


def published_key(folder: Path, label: str) -> bytes:
    """SubjectPublicKeyInfo (DER) of one audit key."""
    return (folder / f"{label}.spki").read_bytes()


def fingerprint(key: ec.EllipticCurvePublicKey) -> str:
    """SHA-256 of the SubjectPublicKeyInfo, hex."""
    return sha256(_spki(key)).hexdigest()


def _spki(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _key_files(folder: Path) -> dict[int, Path]:
    return {int(name[1]): path for path in folder.glob("audit-*.spki") if (name := _NAME.fullmatch(path.name))}


def _read_key(path: Path) -> ec.EllipticCurvePublicKey:
    try:
        key = load_der_public_key(path.read_bytes())
    except ValueError:
        key = None
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise AuditKeyMissing(f"{path} holds no public key on an elliptic curve: restore it from the ceremony's output")
    return key


def _issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except Exception:  # whatever speaks against it, it is not one of ours
        return False
    return True
