"""The certificates of our own hierarchy, as the ceremony left them in a folder: one DER file a certificate.

`root-g1.cer  ca-1-g1.cer  tsu-2026-1.cer  ocsp-2026-11-21.cer …`: the file's name is the label of its key on the token.
Of several units or responders the youngest is in use; older ones stay for whoever verifies what they signed. Of several
generations of the issuing CA (`ca-1-g1`, `ca-1-g2`, …) the newest issues; each has responders of its own.
"""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from ca.ceremony import ISSUING_CA_ID, ROOT_ID

_GENERATION: Final = re.compile(r"ca-1-g([1-9]\d{0,2})")


def generation_number(label: str) -> int | None:
    """Which generation of the issuing CA `ca-1-g<number>` is; `None` for every other label."""
    found = _GENERATION.fullmatch(label)
    return int(found[1]) if found else None


class HierarchyMissing(Exception):
    """The ceremony has not been held, or its certificates lie elsewhere; the text names the folder and the fix."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """One generation of the issuing CA, and the OCSP responder that answers for what it issued."""

    number: int
    id: str
    """`ca-1-g<number>`: label of its key, name in the log and in addresses."""
    certificate: x509.Certificate
    responder_label: str
    responder: x509.Certificate
    """Its responder in use."""

    def issued(self, certificate: x509.Certificate) -> bool:
        """Whether `certificate` names this generation as its issuer: no name is ever used for a second key."""
        return certificate.issuer == self.certificate.subject


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedHierarchy:
    """Our own certificates by the label of their key, and which of them are in use."""

    certificates: Mapping[str, x509.Certificate]
    tsu_label: str
    generations: tuple[Generation, ...]
    """Of the issuing CA, the oldest first; at least one."""

    @property
    def needed(self) -> frozenset[str]:
        """Labels of the keys that have to lie on the service's token: not the root's, nor a retired unit's or
        responder's. An older CA key is needed: it signs the CRL of what it issued."""
        keys = {label for each in self.generations for label in (each.id, each.responder_label)}
        return frozenset({*keys, self.tsu_label})

    @property
    def root(self) -> x509.Certificate:
        """The trust anchor of our own signatures."""
        return self.certificates[ROOT_ID]

    @property
    def issuing(self) -> Generation:
        """The newest generation: issues officials and time-stamping units."""
        return self.generations[-1]

    @property
    def issuing_ca(self) -> x509.Certificate:
        """The certificate of the generation that issues."""
        return self.issuing.certificate

    @property
    def authorities(self) -> tuple[x509.Certificate, ...]:
        """The certificates of every generation, the oldest first."""
        return tuple(each.certificate for each in self.generations)

    @property
    def tsu(self) -> x509.Certificate:
        """The time-stamping unit in use."""
        return self.certificates[self.tsu_label]

    def generation(self, id: str) -> Generation:
        """The generation of this id; raises `HierarchyMissing`."""
        for each in self.generations:
            if each.id == id:
                return each
        raise HierarchyMissing(f"{id}.cer is gone: put it back from the backup")

    def issued(self, certificate: x509.Certificate) -> bool:
        """Whether one of the generations issued `certificate`."""
        return any(each.issued(certificate) for each in self.generations)

    def issuer_of(self, certificate: x509.Certificate) -> Generation:
        """The generation that issued one of our certificates; raises `HierarchyMissing`."""
        for each in self.generations:
            if each.issued(certificate):
                return each
        name = certificate.issuer.rfc4514_string()
        raise HierarchyMissing(f"the certificate of {name} is gone: put it back from the backup")

    def above(self, certificate: x509.Certificate) -> tuple[x509.Certificate, ...]:
        """The chain of one of our certificates without itself, root last; raises `HierarchyMissing`."""
        return self.issuer_of(certificate).certificate, self.root


def read_hierarchy(folder: Path) -> PublishedHierarchy:
    """Every certificate in `folder`; raises `HierarchyMissing` when a role has none."""
    certificates = {path.stem: x509.load_der_x509_certificate(path.read_bytes()) for path in folder.glob("*.cer")}

    def youngest(prefix: str, issuer: x509.Certificate | None = None) -> str:
        labels = [
            label
            for label, certificate in certificates.items()
            if label.startswith(prefix) and (issuer is None or certificate.issuer == issuer.subject)
        ]
        if not labels:
            advice = "put it back from the backup" if certificates else "run `teken ceremony`"
            whose = f" of {issuer.subject.rfc4514_string()}" if issuer else ""
            raise HierarchyMissing(f"{folder} holds no {prefix}*.cer{whose}: {advice}, or correct [pki] certificates")
        return max(labels, key=lambda label: certificates[label].not_valid_before_utc)

    youngest(ROOT_ID)
    youngest(ISSUING_CA_ID)
    generations = []
    for number, label in sorted((int(name[1]), name[0]) for name in map(_GENERATION.fullmatch, certificates) if name):
        responder = youngest("ocsp-", certificates[label])
        generations.append(
            Generation(
                number=number,
                id=label,
                certificate=certificates[label],
                responder_label=responder,
                responder=certificates[responder],
            )
        )
    return PublishedHierarchy(certificates=certificates, tsu_label=youngest("tsu-"), generations=tuple(generations))


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


def der_of(certificates: Iterable[tuple[str, x509.Certificate]]) -> dict[str, bytes]:
    """Certificates by id, as they are served under `/pki/certificates/`."""
    return {label: certificate.public_bytes(Encoding.DER) for label, certificate in certificates}


def common_name(certificate: x509.Certificate) -> str:
    """The common name of one of our own certificates, which all have one."""
    return str(certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)
