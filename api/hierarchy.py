"""The certificates of our own hierarchy, as the ceremony left them in a folder: one DER file a certificate.

`root-g1.cer  ca-1-g1.cer  tsu-2026-1.cer  ocsp-2026-11-21.cer …`: the file's name is the label of its key on the token.
Of several units or responders the youngest is in use; older ones stay for whoever verifies what they signed.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca.ceremony import ISSUING_CA_ID, ROOT_ID


class HierarchyMissing(Exception):
    """The ceremony has not been held, or its certificates lie elsewhere; the text names the folder and the fix."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedHierarchy:
    """Our own certificates by the label of their key, and which of them are in use."""

    certificates: Mapping[str, x509.Certificate]
    tsu_label: str
    responder_label: str

    @property
    def needed(self) -> frozenset[str]:
        """Labels of the keys that have to lie on the service's token: not the root's, and none that has a successor."""
        return frozenset({ISSUING_CA_ID, self.tsu_label, self.responder_label})

    @property
    def root(self) -> x509.Certificate:
        """The trust anchor of our own signatures."""
        return self.certificates[ROOT_ID]

    @property
    def issuing_ca(self) -> x509.Certificate:
        """Issues officials, time-stamping units and OCSP responders."""
        return self.certificates[ISSUING_CA_ID]

    @property
    def tsu(self) -> x509.Certificate:
        """The time-stamping unit in use."""
        return self.certificates[self.tsu_label]

    @property
    def responder(self) -> x509.Certificate:
        """The OCSP responder in use."""
        return self.certificates[self.responder_label]


def read_hierarchy(folder: Path) -> PublishedHierarchy:
    """Every certificate in `folder`; raises `HierarchyMissing` when a role has none."""
    certificates = {path.stem: x509.load_der_x509_certificate(path.read_bytes()) for path in folder.glob("*.cer")}

    def youngest(prefix: str) -> str:
        labels = [label for label in certificates if label.startswith(prefix)]
        if not labels:
            advice = "put it back from the backup" if certificates else "run `teken ceremony`"
            raise HierarchyMissing(f"{folder} holds no {prefix}*.cer: {advice}, or correct [pki] certificates")
        return max(labels, key=lambda label: certificates[label].not_valid_before_utc)

    for label in (ROOT_ID, ISSUING_CA_ID):
        youngest(label)
    return PublishedHierarchy(certificates=certificates, tsu_label=youngest("tsu-"), responder_label=youngest("ocsp-"))


def keep_certificate(folder: Path, label: str, certificate: x509.Certificate) -> None:
    """As `write_certificate`, and content with a file that holds this very certificate already."""
    path = folder / f"{label}.cer"
    if not path.exists() or path.read_bytes() != certificate.public_bytes(Encoding.DER):
        write_certificate(folder, label, certificate)


def write_certificate(folder: Path, label: str, certificate: x509.Certificate) -> None:
    """Create `<label>.cer`, whole or not at all; an existing file is never replaced (`FileExistsError`)."""
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".{label}.{os.getpid()}"
    draft.write_bytes(certificate.public_bytes(Encoding.DER))
    try:
        os.link(draft, folder / f"{label}.cer")
    finally:
        draft.unlink()
