"""A root kept offline: its machine, its token under two custodians, and what travels between it and the service.

<root folder>/           on the machine of the root, which has no network
  softhsm2.conf tokens/  the root's token; its PINs are shared by the custodians, each in a folder of his own
  root.sqlite3           what the root ever issued, its CRLs, and an audit trail of its own
  ceremony.begun         while the first ceremony has not ended
<out>/                   what is carried away: certificates, CRL, transcript, its signature, the record to sign by hand
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from api.ceremony_record import record_page
from api.first_start import BEGUN, found_or_made, leave_mark
from api.given import Now, RandomBytes
from api.hierarchy import PublishedHierarchy
from api.settings import Settings
from api.stores import Stores
from api.succession import require_next
from ca.ceremony import (
    ISSUING_CA_ID,
    ROOT_ID,
    Ceremony,
    Hierarchy,
    begin_root,
    certify_ca,
    complete,
    generation_id,
    read_root_crl,
    renew_root_crl,
    request_ca,
    sign_transcript,
)
from ca.errors import Misconfigured
from ca.model import PublishedCrl
from ca.ports import CertificateLog, CrlStore
from ca.succession import Successor, complete_successor
from ca.transcript import Transcript
from hsm_config.gate import Gate, open_gate
from hsm_config.ownership import owning
from hsm_config.private_keys import token_key
from hsm_config.softhsm.initialise import initialise_token
from store.certificates import SqlCertificateLog, SqlCrlStore
from store.database import open_database

ROOT_TOKEN: Final = "root"  # noqa: S105 - a label
ROOT_CERTIFICATE: Final = f"{ROOT_ID}.cer"
ROOT_CRL: Final = f"{ROOT_ID}.crl"

Confirm = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Who holds a ceremony: two custodians, who confirm every step together."""

    custodians: tuple[str, ...]
    ask: Callable[[str, str], None]
    """Asks one custodian (by name) to confirm a step; raises where he does not."""

    @property
    def named(self) -> str:
        """All of them, as the trail and the transcript call them."""
        return " and ".join(self.custodians)

    def confirm(self, transcript: Transcript, step: str) -> None:
        """Dual control: nothing happens before everybody has confirmed it."""
        for custodian in self.custodians:
            self.ask(custodian, step)
        transcript.record(f"confirmed by {self.named}: {step}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RootMachine:
    """The root's token, open, and what its machine remembers."""

    folder: Path
    gate: Gate
    log: CertificateLog
    crls: CrlStore


@contextmanager
def open_root(
    settings: Settings, folder: Path, shares: Sequence[Path], random_bytes: RandomBytes
) -> Iterator[RootMachine]:
    """The root's token with both custodians' shares; token, shares and database are made where they are missing."""
    hsm = initialise_token(
        folder, label=ROOT_TOKEN, random_bytes=random_bytes, module=settings.hsm.module, custodians=shares
    )
    with open_database(f"sqlite+pysqlite:///{folder / 'root.sqlite3'}", 2) as database:
        database.upgrade()
        with owning(hsm), open_gate(hsm) as gate:
            yield RootMachine(folder=folder, gate=gate, log=SqlCertificateLog(database), crls=SqlCrlStore(database))


@dataclass(frozen=True, slots=True, kw_only=True)
class CeremonyDesk:
    """One ceremony at one machine: its people, its transcript, and where its results go."""

    settings: Settings
    people: People
    out: Path
    now: Now
    random_bytes: RandomBytes

    def root(self, machine: RootMachine) -> x509.Certificate:
        """The root and its first CRL. An interrupted ceremony is taken up again."""
        begun = machine.folder / BEGUN
        resuming = begun.exists()
        if not resuming:
            if machine.crls.current(ROOT_ID) is not None:
                raise Misconfigured(f"{machine.folder} holds a root already: a second one needs a folder of its own")
            leave_mark(begun)
        with self._recorded("root", lambda: token_key(machine.gate, ROOT_ID)) as transcript:
            it = self._ceremony(machine.log, machine.crls, machine.gate, transcript, resuming=resuming)
            certificate, crl = begin_root(it, resuming=resuming)
            self._write(ROOT_CERTIFICATE, certificate.public_bytes(Encoding.DER))
            self._write(ROOT_CRL, crl.der)
        begun.unlink()
        return certificate

    def request(
        self, log: CertificateLog, crls: CrlStore, gate: Gate, label: str, common_name: str
    ) -> x509.CertificateSigningRequest:
        """Key and request of an issuing CA, on its production token; a key that is there already serves."""
        with self._recorded(f"request-{label}", lambda: token_key(gate, label)) as transcript:
            it = self._ceremony(log, crls, gate, transcript, resuming=True)
            request = request_ca(it, label, common_name)
            self._write(f"{label}.csr", request.public_bytes(Encoding.PEM))
        return request

    def certify(
        self,
        machine: RootMachine,
        root: x509.Certificate,
        request: x509.CertificateSigningRequest,
        *,
        label: str,
        common_name: str,
    ) -> x509.Certificate:
        """The root signs the request; certificate and chain are carried back."""
        key = token_key(machine.gate, ROOT_ID, retry=False)
        with self._recorded(f"certify-{label}", lambda: key) as transcript:
            it = self._ceremony(machine.log, machine.crls, machine.gate, transcript, resuming=False)
            certificate = certify_ca(it, root, key, request, label=label, common_name=common_name)
            self._write(f"{label}.cer", certificate.public_bytes(Encoding.DER))
            chain = b"".join(each.public_bytes(Encoding.PEM) for each in (certificate, root))
            self._write(f"{label}.chain.pem", chain)
        return certificate

    def crl(self, machine: RootMachine, root: x509.Certificate) -> PublishedCrl:
        """The yearly CRL of the root."""
        key = token_key(machine.gate, ROOT_ID)
        with self._recorded("crl", lambda: key) as transcript:
            it = self._ceremony(machine.log, machine.crls, machine.gate, transcript, resuming=False)
            crl = renew_root_crl(it, root, key)
            self._write(ROOT_CRL, crl.der)
        return crl

    def complete(self, log: CertificateLog, crls: CrlStore, gate: Gate, carried: Path) -> Hierarchy:
        """Take over what came from the root's machine; make the time-stamping unit and the OCSP responder."""
        root = read_certificate(carried / ROOT_CERTIFICATE)
        key = token_key(gate, ISSUING_CA_ID, retry=False)
        with self._recorded("complete", lambda: key) as transcript:
            return complete(
                self._ceremony(log, crls, gate, transcript, resuming=True),
                root=root,
                root_crl=read_root_crl((carried / ROOT_CRL).read_bytes(), root),
                issuing_ca=read_certificate(carried / f"{ISSUING_CA_ID}.cer"),
                key=key,
            )

    def complete_successor(
        self, stores: Stores, gate: Gate, carried: Path, *, hierarchy: PublishedHierarchy, number: int
    ) -> Successor:
        """Take the next generation of the issuing CA over; make its OCSP responder. Raises `Misconfigured`."""
        label = generation_id(number)
        require_next(hierarchy, number)
        certificate = read_certificate(carried / f"{label}.cer")
        if any(certificate.subject == each.subject for each in hierarchy.authorities):
            raise Misconfigured(f"{label}.cer has the name of an older generation: a name is never used for two keys")
        key = token_key(gate, label, retry=False)
        with self._recorded(f"complete-{label}", lambda: key) as transcript:
            return complete_successor(
                self._ceremony(stores.certificates, stores.crls, gate, transcript, resuming=True),
                root=hierarchy.root,
                root_crl=read_root_crl((carried / ROOT_CRL).read_bytes(), hierarchy.root),
                issuing_ca=certificate,
                key=key,
                number=number,
            )

    def _ceremony(
        self, log: CertificateLog, crls: CrlStore, gate: Gate, transcript: Transcript, *, resuming: bool
    ) -> Ceremony:
        return Ceremony(
            names=self.settings.pki.names,
            make_key=partial(found_or_made, gate, resuming=resuming),
            log=log,
            crl_store=crls,
            periods=self.settings.status.periods,
            now=self.now,
            random_bytes=self.random_bytes,
            confirm=partial(self.people.confirm, transcript),
            transcript=transcript,
            actor=self.people.named,
        )

    @contextmanager
    def _recorded(self, name: str, key: Callable[[], ec.EllipticCurvePrivateKey]) -> Iterator[Transcript]:
        """A transcript that is written also when the ceremony stops; signed, with its record, when it ends well."""
        transcript = Transcript(self.now)
        self.out.mkdir(parents=True, exist_ok=True)
        try:
            yield transcript
        finally:
            (self.out / f"{name}.txt").write_text(transcript.render(), encoding="utf-8")
        text = (self.out / f"{name}.txt").read_bytes()
        signer = key()
        self._write(f"{name}.sig", sign_transcript(text, signer))
        self._write(f"{name}.pub", signer.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
        page = record_page(
            self.settings.pki.organisation,
            transcript,
            people=self.people.custodians,
            transcript_sha256=sha256(text).hexdigest(),
        )
        self._write(f"{name}.html", page.encode())

    def _write(self, name: str, content: bytes) -> None:
        """Whole or not at all; a later ceremony's file of the same name takes its place."""
        draft = self.out / f".{name}.{os.getpid()}"
        draft.write_bytes(content)
        draft.replace(self.out / name)


def read_certificate(path: Path) -> x509.Certificate:
    """A certificate (DER) that was carried here; raises `Misconfigured` for anything else."""
    try:
        return x509.load_der_x509_certificate(path.read_bytes())
    except OSError as error:
        raise Misconfigured(
            f"{path} cannot be read ({error.strerror}): carry it here from the root's machine"
        ) from None
    except ValueError:
        raise Misconfigured(f"{path} is no certificate in DER: carry it here again") from None


def read_request(path: Path) -> x509.CertificateSigningRequest:
    """A request (PEM) that was carried here; raises `Misconfigured` for anything else."""
    try:
        return x509.load_pem_x509_csr(path.read_bytes())
    except ValueError:
        raise Misconfigured(f"{path} is no request in PEM: make it with `teken ceremony request`") from None
