"""A signing service over memory with good collaborators; a test replaces the one that it wants to be bad."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric import ec

from signer.cms_signer import CmsSigner
from signer.document import Content
from signer.intake import IntakeLimits, inspect
from signer.kinds import KindRules
from signer.model import Credential, CredentialState, Secret, Signatory, SignatureLevel, SignRequest
from signer.pades import SignatureText, SignedPdf, finish_pdf, prepare_pdf, room_for
from signer.ports import KeyVault, StatusSource, TextFinder, Timestamper
from signer.service import SigningService
from signer.stamp_catalogue import StampCatalogue
from signer.status import collect
from signer.timestamping import TimestampAuthorities
from tests.support.letters import letter
from tests.support.pki import ORGANISATION, ORGANISATION_ID, Holder, Pki, make_pki
from tests.support.signer_memory import (
    MemoryActivationStore,
    MemoryCredentialStore,
    MemoryKeyVault,
    MemorySignatureLog,
    MemoryVault,
    PkiStatusSource,
    PkiTimestamper,
)

PASSPHRASE = "tujuh gunung menunggu hujan"
CREDENTIAL = "credential-1"
SIGNATORY = Signatory(
    id="K5QXA2LBONUWC3TB",
    name="I Wayan Contoh",
    organisation=ORGANISATION,
    organisation_identifier=ORGANISATION_ID,
)


def counted_bytes() -> Callable[[int], bytes]:
    """Octets that look random, differ at each call and are the same in each run."""
    counter = itertools.count()

    def draw(size: int) -> bytes:
        seed = sha256(str(next(counter)).encode()).digest()
        return (seed * (size // len(seed) + 1))[:size]

    return draw


@dataclass(kw_only=True)
class Desk:
    """Everything that one signing needs, reachable for a test."""

    pki: Pki = field(default_factory=make_pki)
    now: datetime | None = None
    keys: KeyVault | None = None
    status: StatusSource | None = None
    timestampers: list[Timestamper] | None = None
    limits: IntakeLimits | None = None
    stamps: StampCatalogue | None = None
    texts: TextFinder | None = None
    kinds: KindRules | None = None

    def __post_init__(self) -> None:
        self.clock = self.now or self.pki.at
        self.software = MemoryKeyVault()
        self.credentials = MemoryCredentialStore()
        self.activations = MemoryActivationStore()
        self.log = MemorySignatureLog()
        self.vault = MemoryVault()
        self.enrol(self.pki.official)
        self.service = SigningService(
            credentials=self.credentials,
            keys=self.keys or self.software,
            activations=self.activations,
            log=self.log,
            vault=self.vault,
            authorities=TimestampAuthorities(
                self.timestampers if self.timestampers is not None else [PkiTimestamper(pki=self.pki)],
                now=lambda: self.clock,
            ),
            status=self.status or PkiStatusSource(pki=self.pki),
            verify_url=lambda code: f"https://tte.contoh.go.id/v/{code.token}",
            now=lambda: self.clock,
            random_bytes=counted_bytes(),
            limits=self.limits,
            stamps=self.stamps,
            texts=self.texts,
            kinds=self.kinds,
        )

    def enrol(self, holder: Holder, credential_id: str = CREDENTIAL, state: CredentialState | None = None) -> None:
        """A credential for `holder`'s key and chain, sealed under `PASSPHRASE`."""
        assert isinstance(holder.key, ec.EllipticCurvePrivateKey)
        sealed = self.software.seal(
            holder.key, key_id=f"key of {credential_id}", signatory_id=SIGNATORY.id, passphrase=Secret(PASSPHRASE)
        )
        credential = Credential(
            id=credential_id,
            signatory=SIGNATORY,
            key=sealed,
            chain=holder.chain,
            state=state or CredentialState.ACTIVE,
        )
        self.credentials.add(credential, actor="registrar", at=self.clock)


def sign_pdf(
    document: Content, pki: Pki, level: SignatureLevel, *, authorities: TimestampAuthorities, source: StatusSource
) -> SignedPdf:
    """`document` signed by the official of `pki`, its two acts after one another and without a service around."""
    intake, chain = inspect(document, IntakeLimits()), pki.official.chain
    assert isinstance(pki.official.key, ec.EllipticCurvePrivateKey)
    room = room_for(chain, level, authorities)
    prepared = prepare_pdf(
        intake, SignatureText(signed_at=pki.at, name=SIGNATORY.name), None, name="Signature-1", room=room
    )
    return finish_pdf(
        prepared,
        CmsSigner(pki.official.key, chain).value(prepared.digest),
        level,
        chain=chain,
        decode_limits=intake.decode_limits,
        authorities=authorities,
        status_of=lambda chains: collect(source, chains, now=lambda: pki.at),
    )


def request(**differences: object) -> SignRequest:
    """A good request; `differences` are fields of `SignRequest`."""
    good = SignRequest(document=letter(), credential_id=CREDENTIAL, passphrase=Secret(PASSPHRASE), client_id="e-office")
    return replace(good, **differences)  # type: ignore[arg-type]  # fields by name
