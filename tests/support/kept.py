"""The desk of `tests.support.signing` with everything remembered for real; several officials, several clients."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from signer.kinds import KindRules, load_lists
from signer.model import LetterMetadata, SignatureLevel, SignedDocument
from signer.service import SigningService
from signer.timestamping import TimestampAuthorities
from store.activations import SqlActivationStore
from store.audit import AuditTrail
from store.client_model import Client, ClientState
from store.clients import SqlClientStore
from store.credentials import SqlCredentialStore
from store.database import Database
from store.documents import open_vault
from store.kinds import SqlKinds
from store.letters import SqlLetters
from store.signatures import SqlSignatureLog
from tests.support.signer_memory import PkiStatusSource, PkiTimestamper
from tests.support.signing import CREDENTIAL, Desk, counted_bytes, request

SECOND = "credential-2"
CLIENTS = ("e-office", "permits")


@dataclass
class KeptDesk:
    """A signing service over `database`, with two officials and two clients."""

    database: Database
    folder: Path
    desk: Desk = field(default_factory=Desk)

    def __post_init__(self) -> None:
        desk, database = self.desk, self.database
        desk.enrol(desk.pki.official_with(), SECOND)
        self.credentials, self.log = SqlCredentialStore(database), SqlSignatureLog(database)
        for name in (CREDENTIAL, SECOND):
            known = desk.credentials.get(name)
            assert known is not None
            self.credentials.add(known, actor="registrar", at=desk.clock)
        for name in CLIENTS:
            added = Client(id=name, name=name, scopes=frozenset(), state=ClientState.ACTIVE, created_at=desk.clock)
            SqlClientStore(database).add(added, "00" * 32)
        self.letters, self.trail = SqlLetters(database), AuditTrail(database)
        self.vault = open_vault(self.folder / "vault")
        self.service = SigningService(
            credentials=self.credentials,
            keys=desk.software,
            activations=SqlActivationStore(database),
            log=self.log,
            vault=self.vault,
            authorities=TimestampAuthorities([PkiTimestamper(pki=desk.pki)], now=lambda: desk.clock),
            status=PkiStatusSource(pki=desk.pki),
            verify_url=lambda code: f"https://tte.contoh.go.id/v/{code.token}",
            now=lambda: desk.clock,
            random_bytes=counted_bytes(),
            kinds=KindRules(load_lists(), SqlKinds(database)),
            letters=self.letters,
        )

    def sign(self, document: bytes | None = None, *, client: str = "e-office", **asked: Any) -> SignedDocument:
        """One letter signed at B-B; `asked` are fields of the letter, or `credential_id`."""
        differences: dict[str, Any] = {"client_id": client, "level": SignatureLevel.B_B}
        for name in ("credential_id", "passphrase", "level"):
            if name in asked:
                differences[name] = asked.pop(name)
        if document is not None:
            differences["document"] = document
        return self.service.sign(request(letter=LetterMetadata(**asked), **differences))

    def attempts(self) -> int:
        """Passphrases that were tried, in the trail."""
        return sum(each.act == "passphrase.attempt" for each in self.trail.read(limit=1000))

    def acts(self) -> list[str]:
        """What the trail says, in order."""
        return [each.act for each in self.trail.read(limit=1000)]
