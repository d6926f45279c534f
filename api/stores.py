"""Everything that is remembered: database, vault, and what is read and written in them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from api.permissions import ROLE_SCOPES
from api.settings import Settings
from store.activations import SqlActivationStore
from store.archive import SqlArchive
from store.audit import AuditTrail
from store.certificates import SqlCertificateLog, SqlCrlStore, SqlTimestampLog
from store.checkpoints import SqlCheckpoints
from store.clients import SqlClientStore
from store.credentials import SqlCredentialStore
from store.custody import SqlCustodyStore
from store.database import Database, open_database
from store.documents import Vault, open_vault
from store.errors import DatabaseMisconfigured, VaultMisconfigured
from store.ocsp_answers import SqlOcspAnswerStore
from store.signatures import SqlRegister, SqlSignatureLog


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """Everything that is remembered."""

    database: Database
    vault: Vault
    certificates: SqlCertificateLog
    crls: SqlCrlStore
    answers: SqlOcspAnswerStore
    timestamps: SqlTimestampLog
    credentials: SqlCredentialStore
    activations: SqlActivationStore
    signatures: SqlSignatureLog
    register: SqlRegister
    clients: SqlClientStore
    audit: AuditTrail
    custody: SqlCustodyStore
    checkpoints: SqlCheckpoints
    archive: SqlArchive


@contextmanager
def open_stores(settings: Settings) -> Iterator[Stores]:
    """Database and vault; connects lazily and migrates nothing.

    Where there is a hierarchy, a database file or a vault that is not there was lost: `StoreError`, because opening
    would make an empty one in its place.
    """
    if any(settings.pki.certificates.glob("*.cer")):
        _refuse_lost_places(settings)
    vault = open_vault(
        settings.store.vault, limit=2 * settings.signing.max_document_bytes, options=settings.store.vault_options()
    )
    with open_database(settings.store.url(), settings.server.threads) as database:
        yield Stores(
            database=database,
            vault=vault,
            certificates=SqlCertificateLog(database),
            crls=SqlCrlStore(database),
            answers=SqlOcspAnswerStore(database),
            timestamps=SqlTimestampLog(database),
            credentials=SqlCredentialStore(database),
            activations=SqlActivationStore(database),
            signatures=SqlSignatureLog(database),
            register=SqlRegister(database),
            clients=SqlClientStore(database, ROLE_SCOPES),
            audit=AuditTrail(database),
            custody=SqlCustodyStore(database),
            checkpoints=SqlCheckpoints(database),
            archive=SqlArchive(database),
        )


def require_schema(stores: Stores) -> None:
    """The database has the schema of this release; else `DatabaseMisconfigured`."""
    revision, head = stores.database.revision(), stores.database.head()
    if revision is None:
        raise DatabaseMisconfigured("the database is empty: restore it, or run `teken db upgrade` for a new one")
    if revision != head:
        raise DatabaseMisconfigured(f"schema {revision}, this release needs {head}: run `teken db upgrade`")


def _refuse_lost_places(settings: Settings) -> None:
    vault, (driver, _, file) = settings.store.vault, settings.store.url().partition(":///")
    if driver.startswith("sqlite") and not Path(file).is_file():
        raise DatabaseMisconfigured(f"the database {file} is gone: mount or restore it, or correct database_url")
    if "://" not in vault and not Path(vault).is_dir():
        raise VaultMisconfigured(f"the vault {vault} is gone: mount or restore it, or correct vault")
