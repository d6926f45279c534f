"""What the service is made of, part by part: each function builds one part from the settings, once.

`api/compose.py` joins them into the running service; the command line takes only those that it needs.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from cryptography import x509

from api.hierarchy import PublishedHierarchy, read_hierarchy, write_certificate
from api.responder import CurrentResponder
from api.seams import OfficialsKeys, OwnIssuer, OwnStatus, OwnTimestamper, PublishedTrust
from api.settings import Settings
from ca.ceremony import ISSUING_CA_ID, ROOT_ID
from ca.crl import CrlPublisher
from ca.issuance import IssuanceService
from ca.issuer import Issuer
from ca.lints import CERTIFICATE_LINTS
from ca.model import StatusPeriods
from ca.ocsp import OcspResponder
from ca.responder_renewal import renew_responder_if_due
from ca.revocation import RevocationService
from ca.timestamp import TimestampAuthority
from hsm_config.gate import Gate, open_gate
from hsm_config.private_keys import token_key
from hsm_config.settings import HsmSettings, KeyLabels
from hsm_config.token_objects import list_labels, make_ec_key
from hsm_config.vault import HsmVault
from signer.credentials import CredentialService
from signer.intake import IntakeLimits
from signer.model import VerificationCode
from signer.service import SigningService
from store.activations import SqlActivationStore
from store.audit import AuditTrail
from store.certificates import SqlCertificateLog, SqlCrlStore, SqlTimestampLog
from store.clients import SqlClientStore
from store.credentials import SqlCredentialStore
from store.database import Database, open_database
from store.documents import Vault, open_vault
from store.errors import DatabaseMisconfigured, VaultMisconfigured
from store.signatures import SqlRegister, SqlSignatureLog
from verifier.limits import MIB, Limits
from verifier.model import TrustAnchorEntry
from verifier.policy import load_policy
from verifier.service import VerificationService
from verifier.trust import anchor_from, load_anchors
from verifier.worker import WorkerPool

TIMESTAMP_POLICY: Final = (2, 1)
"""Arc of the time-stamping policy under our own OID."""

VALIDATION_POLICY: Final = "teken-1"
PERIODS: Final = StatusPeriods()

Now = Callable[[], datetime]
RandomBytes = Callable[[int], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """Everything that is remembered."""

    database: Database
    vault: Vault
    certificates: SqlCertificateLog
    crls: SqlCrlStore
    timestamps: SqlTimestampLog
    credentials: SqlCredentialStore
    activations: SqlActivationStore
    signatures: SqlSignatureLog
    register: SqlRegister
    clients: SqlClientStore
    audit: AuditTrail


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
            timestamps=SqlTimestampLog(database),
            credentials=SqlCredentialStore(database),
            activations=SqlActivationStore(database),
            signatures=SqlSignatureLog(database),
            register=SqlRegister(database),
            clients=SqlClientStore(database),
            audit=AuditTrail(database),
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Hsm:
    """The open token."""

    gate: Gate
    vault: HsmVault


def hsm_settings(settings: Settings) -> HsmSettings:
    """The HSM's settings in its own words."""
    hsm = settings.hsm
    return HsmSettings(
        module=hsm.module,
        token_label=hsm.token_label,
        pin_file=hsm.pin_file,
        softhsm_conf=hsm.softhsm_conf,
        keys=KeyLabels(kek=hsm.kek, pepper=hsm.pepper),
    )


@contextmanager
def open_hsm(settings: Settings, random_bytes: RandomBytes) -> Iterator[Hsm]:
    """Log in to the token, in this process and once."""
    own = hsm_settings(settings)
    with open_gate(own) as gate:
        yield Hsm(gate=gate, vault=HsmVault(gate, own.keys, random_bytes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """The CA at work: issues, revokes, publishes status, stamps time."""

    hierarchy: PublishedHierarchy
    issuance: IssuanceService
    revocation: RevocationService
    publishers: tuple[CrlPublisher, ...]
    responder: CurrentResponder
    tsa: TimestampAuthority


def build_authority(settings: Settings, stores: Stores, hsm: Hsm, *, now: Now, random_bytes: RandomBytes) -> Authority:
    """Everything whose keys lie on the token. The root's key is there in a demonstration only."""
    names, folder = settings.pki.names, settings.pki.certificates
    hierarchy = read_hierarchy(folder)
    issuing_key = token_key(hsm.gate, ISSUING_CA_ID)
    issuer = Issuer(
        id=ISSUING_CA_ID,
        certificate=hierarchy.issuing_ca,
        key=token_key(hsm.gate, ISSUING_CA_ID, retry=False),  # an unknown outcome is never signed again
        chain=(hierarchy.root,),
        names=names,
        now=now,
    )
    issuance = IssuanceService(
        log=stores.certificates, issuer=issuer, lints=CERTIFICATE_LINTS, now=now, random_bytes=random_bytes
    )
    publisher_of = partial(CrlPublisher, log=stores.certificates, crl_store=stores.crls, periods=PERIODS, now=now)
    publishers = [publisher_of(issuer_id=ISSUING_CA_ID, certificate=hierarchy.issuing_ca, key=issuing_key)]
    if ROOT_ID in list_labels(hsm.gate):
        root_key = token_key(hsm.gate, ROOT_ID)
        publishers.append(publisher_of(issuer_id=ROOT_ID, certificate=hierarchy.root, key=root_key))
    responder_of = partial(
        OcspResponder, log=stores.certificates, issuer_id=ISSUING_CA_ID, issuer=hierarchy.issuing_ca, periods=PERIODS
    )
    responder = CurrentResponder(
        read=lambda: read_hierarchy(folder),
        responder_of=lambda label, own: responder_of(certificate=own, key=token_key(hsm.gate, label), now=now),
        new_if_due=lambda current: renew_responder_if_due(
            current=current,
            make_key=partial(make_ec_key, hsm.gate),
            issuance=issuance,
            names=names,
            periods=PERIODS,
            now=now,
            actor="renewal",
        ),
        publish=partial(write_certificate, folder),
    )
    return Authority(
        hierarchy=hierarchy,
        issuance=issuance,
        revocation=RevocationService(log=stores.certificates, ask_for_crl=lambda _: publishers[0].publish(), now=now),
        publishers=tuple(publishers),
        responder=responder,
        tsa=TimestampAuthority(
            certificate=hierarchy.tsu,
            chain=(hierarchy.issuing_ca, hierarchy.root),
            key=token_key(hsm.gate, hierarchy.tsu_label),
            policy_oid=names.oid(*TIMESTAMP_POLICY),
            log=stores.timestamps,
            now=now,
            random_bytes=random_bytes,
        ),
    )


def build_credentials(
    stores: Stores, hsm: Hsm, authority: Authority, *, now: Now, random_bytes: RandomBytes
) -> CredentialService:
    """Enrols officials with keys of our HSM and certificates of our CA."""
    issuer = OwnIssuer(
        issuer_id=ISSUING_CA_ID,
        issuance=authority.issuance,
        revocation=authority.revocation,
        issuers=(authority.hierarchy.issuing_ca, authority.hierarchy.root),
    )
    return CredentialService(
        credentials=stores.credentials,
        keys=OfficialsKeys(hsm.vault),
        issuer=issuer,
        now=now,
        random_bytes=random_bytes,
    )


def build_signing(
    settings: Settings, stores: Stores, hsm: Hsm, authority: Authority, *, now: Now, random_bytes: RandomBytes
) -> SigningService:
    """Signs with officials' keys, our own status and our own time."""
    return SigningService(
        credentials=stores.credentials,
        keys=OfficialsKeys(hsm.vault),
        activations=stores.activations,
        log=stores.signatures,
        vault=stores.vault,
        timestampers=(OwnTimestamper(authority.tsa),),
        status=OwnStatus(responder=authority.responder.current, crls=stores.crls, root_id=ROOT_ID),
        verify_url=lambda code: page_address(settings, code),
        now=now,
        random_bytes=random_bytes,
        limits=IntakeLimits(bytes=settings.signing.max_document_bytes),
    )


def page_address(settings: Settings, code: VerificationCode) -> str:
    """The address of the citizen's page of one signing, as the QR holds it."""
    return f"{settings.server.public_url}/v/{code.token}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """Judging, with the processes that do it."""

    service: VerificationService
    pool: WorkerPool


@contextmanager
def open_verification(settings: Settings, stores: Stores, now: Now) -> Iterator[Verification]:
    """The worker pool and the service over it; needs no HSM."""
    own = settings.verification
    limits = Limits(
        document_bytes=own.max_document_bytes,
        wall_seconds=float(own.seconds),
        cpu_seconds=own.seconds,
        address_space=own.memory_mib * MIB,
    )
    with WorkerPool(own.workers, limits, queue_length=own.queue) as pool:
        service = VerificationService(
            pool,
            trust_of(settings, stores),
            stores.register,
            policy=load_policy(VALIDATION_POLICY),
            limits=limits,
            now=now,
        )
        yield Verification(service=service, pool=pool)


def trust_of(settings: Settings, stores: Stores) -> PublishedTrust:
    """Our own root, never *certified*, and the anchors that the operator put into the folder."""
    hierarchy = read_hierarchy(settings.pki.certificates)
    folder = settings.pki.anchors
    configured = load_anchors(folder) if folder is not None else ()
    return PublishedTrust(
        anchors=(own_anchor(hierarchy.root), *configured),
        intermediates=(hierarchy.issuing_ca,),
        crls=stores.crls,
        issuer_ids=(ROOT_ID, ISSUING_CA_ID),
    )


def own_anchor(root: x509.Certificate) -> TrustAnchorEntry:
    """Our root under its common name."""
    name = root.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value
    return anchor_from(root, name=str(name), certified=False)
