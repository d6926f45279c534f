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
from cryptography.hazmat.primitives.serialization import Encoding

from api.alarms import Watch
from api.audit.guard import GuardedCertificateLog
from api.audit.office import AuditOffice, audit_guard, audit_office, outside_stamping
from api.bulk.build import certified_roots
from api.bulk.issuers import ChosenIssuer, KeptStatusOfOthers, StatusByRoot, fingerprints
from api.current import Current, CurrentUnit
from api.generations import AnswersOfAll, GenerationAtWork, next_to_end, responders_by_issuer
from api.hierarchy import Generation, PublishedHierarchy, read_hierarchy
from api.jobs import Job, Wake
from api.letters.build import kind_rules, quotas_of
from api.office.build import CertificateHolds, People, build_people
from api.office.operations import Operation
from api.office.profiles import ProfilesInForce
from api.outside_time import outside_authorities
from api.own_keys import OwnKeys, ResponderKeys
from api.permissions import ROLE_SCOPES
from api.seams import OfficialsKeys, OwnIssuer, OwnStatus, OwnTimestamper, PublishedTrust
from api.settings import OwnUnitPlace, Settings
from api.timekeeping import Timekeeper, timekeeper
from ca.ceremony import ROOT_ID
from ca.crl import CrlPublisher, is_final
from ca.errors import LogRefused, Misconfigured
from ca.issuance import IssuanceService
from ca.issuer import MINIMUM_LIFE, Issuer
from ca.lints import CERTIFICATE_LINTS
from ca.patient_key import PatientKey
from ca.presigned import PresignedAnswers
from ca.revocation import RevocationService
from ca.timestamp import TimestampAuthority
from hsm_config.gate import Gate, open_gate
from hsm_config.ownership import owning
from hsm_config.private_keys import token_key
from hsm_config.settings import HsmSettings, KeyLabels
from hsm_config.token_objects import list_labels
from hsm_config.vault import HsmVault
from signer.credentials import CredentialService
from signer.foreign.exchange import FileExchange
from signer.foreign.status import ForeignStatus
from signer.intake import IntakeLimits
from signer.model import VerificationCode
from signer.ports import TextFinder, Timestamper
from signer.service import SigningService
from signer.stamp_catalogue import StampCatalogue
from signer.timestamping import TimestampAuthorities
from store.activations import SqlActivationStore
from store.archive import SqlArchive
from store.audit import AuditTrail
from store.bulk import SqlAppointmentStore
from store.certificates import SqlCertificateLog, SqlCrlStore, SqlTimestampLog
from store.checkpoints import SqlCheckpoints
from store.clients import SqlClientStore
from store.credentials import SqlCredentialStore
from store.custody import SqlCustodyStore
from store.database import Database, open_database
from store.documents import Vault, open_vault
from store.errors import DatabaseMisconfigured, VaultMisconfigured
from store.foreign import SqlForeignLog, SqlForeignStatus
from store.letters import SqlLetters
from store.ocsp_answers import SqlOcspAnswerStore
from store.profiles import SqlProfileChoices
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

Now = Callable[[], datetime]
RandomBytes = Callable[[int], bytes]


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
        vendor=hsm.vendor,
    )


@contextmanager
def open_hsm(
    settings: Settings, random_bytes: RandomBytes, *, tidy: Callable[[Gate], object] | None = None
) -> Iterator[Hsm]:
    """Log in to the token, in this process and once; `tidy` is called first where nobody else is logged in."""
    own = hsm_settings(settings)
    with owning(own) as ownership, open_gate(own) as gate:
        if tidy is not None and ownership.alone:
            tidy(gate)
        ownership.share()
        yield Hsm(gate=gate, vault=HsmVault(gate, own.keys, random_bytes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """The CA at work: issues, revokes, publishes status, stamps time."""

    hierarchy: PublishedHierarchy
    generations: tuple[GenerationAtWork, ...]
    """Of the issuing CA, the oldest first."""
    issuance: IssuanceService
    """Of the newest generation: everything new."""
    revocation: RevocationService
    answers: AnswersOfAll
    """The OCSP door."""
    crl_wanted: Wake
    """Wakes the job that publishes CRLs."""
    publishers: tuple[CrlPublisher, ...]
    """The generations' first, in their order; the root's where its key is here."""
    units: Current[TimestampAuthority]
    tsa: CurrentUnit
    """The door of the time-stamping unit in use."""
    clock: Timekeeper
    own: OwnKeys
    audit: AuditOffice
    officials_elsewhere: bool
    """Whether another CA certifies new officials."""


def build_authority(settings: Settings, stores: Stores, hsm: Hsm, *, now: Now, random_bytes: RandomBytes) -> Authority:
    """Everything whose keys lie on the token. The root's key is there in a demonstration only."""
    names, periods = settings.pki.names, settings.status.periods
    hierarchy = read_hierarchy(settings.pki.certificates)
    guard = audit_guard(settings, stores.checkpoints, now=now)

    def require_act(issuer_id: str) -> None:
        """The trail is proven, and that CA has not said its last word."""
        guard.require()
        if is_final(stores.crls.current(issuer_id)):
            raise LogRefused("the last CRL of this CA was published: it issues and revokes nothing any more")

    log = GuardedCertificateLog(stores.database, require_act)
    generations = tuple(
        _at_work(settings, stores, hsm, each, hierarchy.root, log=log, now=now, random_bytes=random_bytes)
        for each in hierarchy.generations
    )
    issuance = generations[-1].issuance
    if issuance is None:
        raise Misconfigured(f"{generations[-1].id} ends within {MINIMUM_LIFE.days} days: set up its successor")
    publishers = [each.publisher for each in generations]
    if ROOT_ID in list_labels(hsm.gate):
        root_key = PatientKey(token_key(hsm.gate, ROOT_ID))
        publishers.append(
            CrlPublisher(
                issuer_id=ROOT_ID,
                certificate=hierarchy.root,
                key=root_key,
                log=stores.certificates,
                crl_store=stores.crls,
                periods=periods,
                now=now,
            )
        )
    own = OwnKeys(settings=settings, gate=hsm.gate, issuance=issuance, now=now)
    answers = AnswersOfAll([each.answers for each in generations])
    crl_wanted = Wake()
    clock = timekeeper(settings.tsa, stores.audit, now=now)
    units = own.unit(
        stores.timestamps, clock=clock.time, policy_oid=names.oid(*TIMESTAMP_POLICY), random_bytes=random_bytes
    )
    tsa = CurrentUnit(units)
    return Authority(
        hierarchy=hierarchy,
        generations=generations,
        issuance=issuance,
        revocation=RevocationService(
            log=log,
            ask_for_crl=lambda _: crl_wanted(),
            renew_status=answers.renew,
            allow_hold=settings.pki.allow_hold,
            now=now,
        ),
        answers=answers,
        crl_wanted=crl_wanted,
        publishers=tuple(publishers),
        units=units,
        tsa=tsa,
        clock=clock,
        own=own,
        audit=audit_office(
            settings,
            stores.audit,
            stores.checkpoints,
            guard=guard,
            key_of=partial(token_key, hsm.gate),
            timestamp=tsa.timestamp,
            now=now,
        ),
        officials_elsewhere=settings.foreign.officials,
    )


def _at_work(
    settings: Settings,
    stores: Stores,
    hsm: Hsm,
    generation: Generation,
    root: x509.Certificate,
    *,
    log: GuardedCertificateLog,
    now: Now,
    random_bytes: RandomBytes,
) -> GenerationAtWork:
    """One generation with its keys; near its end it issues nothing any more, and serves what it issued."""
    id, certificate, periods = generation.id, generation.certificate, settings.status.periods
    issuance = None
    if certificate.not_valid_after_utc - now() >= MINIMUM_LIFE:
        issuance = IssuanceService(
            log=log,
            issuer=Issuer(
                id=id,
                certificate=certificate,
                key=PatientKey(token_key(hsm.gate, id, retry=False)),  # an unknown outcome is never signed again
                chain=(root,),
                names=settings.pki.names,
                now=now,
            ),
            lints=CERTIFICATE_LINTS,
            now=now,
            random_bytes=random_bytes,
            publish_status=lambda serial: answers.renew(id, serial),
            in_force=ProfilesInForce(SqlProfileChoices(stores.database)),
        )
    keys = ResponderKeys(
        settings=settings,
        gate=hsm.gate,
        generation_id=id,
        issuance=issuance,
        has_ended=lambda: is_final(stores.crls.current(id)),
        periods=periods,
        now=now,
    )
    responder = keys.responder(stores.certificates)
    answers = PresignedAnswers(
        issuer_id=id, responder=responder.current, store=stores.answers, periods=periods, now=now
    )
    return GenerationAtWork(
        published=generation,
        issuance=issuance,
        publisher=CrlPublisher(
            issuer_id=id,
            certificate=certificate,
            key=PatientKey(token_key(hsm.gate, id)),
            log=stores.certificates,
            crl_store=stores.crls,
            periods=periods,
            now=now,
        ),
        keys=keys,
        responder=responder,
        answers=answers,
        crls=stores.crls,
        now=now,
    )


def build_credentials(
    stores: Stores, hsm: Hsm, authority: Authority, *, now: Now, random_bytes: RandomBytes
) -> CredentialService:
    """Enrols officials with keys of our HSM and certificates of our CA, or of the one that certifies them instead."""
    own = OwnIssuer(
        issuer_id_of=lambda certificate: authority.hierarchy.issuer_of(certificate).id,
        issuance=authority.issuance,
        revocation=authority.revocation,
        issuers=(authority.hierarchy.issuing_ca, authority.hierarchy.root),
    )
    return CredentialService(
        credentials=stores.credentials,
        keys=OfficialsKeys(hsm.vault),
        issuer=ChosenIssuer(
            own=own,
            other=FileExchange(log=SqlForeignLog(stores.database), now=now),
            is_own=authority.hierarchy.issued,
            use_other=authority.officials_elsewhere,
        ),
        now=now,
        random_bytes=random_bytes,
    )


def build_office(
    settings: Settings,
    stores: Stores,
    authority: Authority,
    credentials: CredentialService,
    *,
    now: Now,
    random_bytes: RandomBytes,
) -> People:
    """Staff, registrations and approvals over the same database, keys and CA."""
    holds = CertificateHolds(
        revocation=authority.revocation, issuer_ids=tuple(each.id for each in authority.generations)
    )
    newest = authority.generations[-1]

    def publish(_: str) -> str:
        """The CRL of every generation that still publishes; the newest refuses where none does."""
        publishing = [each for each in authority.generations if not each.has_ended()] or [newest]
        return " and ".join(f"CRL {each.publisher.publish().number}" for each in publishing)

    def publish_last(_: str) -> str:
        """Of the oldest generation that still publishes: an older one ends before its successors."""
        return f"CRL {next_to_end(authority.generations).publisher.publish_last().number}, the last one"

    acts = {
        Operation.CRL: publish,
        Operation.NEXT_TSU: authority.own.next_unit,
        Operation.NEXT_RESPONDER: newest.keys.next_responder,
        Operation.LAST_CRL: publish_last,
    }

    def require_possible(operation: Operation) -> None:
        if operation is Operation.NEXT_RESPONDER:
            newest.keys.require_responder_possible()
        elif operation is Operation.LAST_CRL:
            next_to_end(authority.generations).publisher.require_ended()

    return build_people(
        settings,
        stores.database,
        credentials,
        holds,
        acts,
        require_possible=require_possible,
        now=now,
        random_bytes=random_bytes,
    )


def build_outside_stamping(
    settings: Settings, stores: Stores, *, now: Now, random_bytes: RandomBytes
) -> tuple[tuple[Job, ...], tuple[Watch, ...]]:
    """Another house's stamp over our checkpoints, with connections of its own: its failures are not the signers'."""
    folder = settings.pki.anchors
    known = load_anchors(folder) if folder is not None else ()
    outside = outside_authorities(settings, known, now=now, random_bytes=random_bytes)
    return outside_stamping(settings, stores.checkpoints, outside, now=now)


def build_timestamping(
    settings: Settings, authority: Authority, *, now: Now, random_bytes: RandomBytes
) -> TimestampAuthorities:
    """Our own unit and those of others in the order of the settings; one object a process."""
    own = (OwnTimestamper(authority.tsa),)
    folder = settings.pki.anchors
    known = (*(load_anchors(folder) if folder is not None else ()), own_anchor(authority.hierarchy.root))
    outside = outside_authorities(settings, known, now=now, random_bytes=random_bytes)
    in_order: dict[OwnUnitPlace, tuple[Timestamper, ...]] = {
        OwnUnitPlace.FIRST: (*own, *outside),
        OwnUnitPlace.LAST: (*outside, *own),
        OwnUnitPlace.UNUSED: outside,
    }
    return TimestampAuthorities(in_order[settings.tsa.own], now=now)


def own_status(stores: Stores, authority: Authority, now: Now) -> OwnStatus:
    """The status of what our own CA issued."""
    return OwnStatus(responders=responders_by_issuer(authority.generations), crls=stores.crls, root_id=ROOT_ID, now=now)


def build_signing(
    settings: Settings,
    stores: Stores,
    hsm: Hsm,
    authority: Authority,
    authorities: TimestampAuthorities,
    *,
    now: Now,
    random_bytes: RandomBytes,
    texts: TextFinder | None = None,
) -> SigningService:
    """Signs with officials' keys, our own status, and the time of `authorities`; tags are looked for by `texts`."""
    return SigningService(
        credentials=stores.credentials,
        keys=OfficialsKeys(hsm.vault),
        activations=stores.activations,
        log=stores.signatures,
        vault=stores.vault,
        authorities=authorities,
        status=StatusByRoot(
            root=authority.hierarchy.root,
            own=own_status(stores, authority, now),
            other=ForeignStatus(SqlForeignStatus(stores.database)),
        ),
        certified_anchors=fingerprints(certified_roots(settings)),
        appointments=SqlAppointmentStore(stores.database) if settings.signing.check_appointments else None,
        kinds=kind_rules(settings, stores.database),
        letters=SqlLetters(stores.database),
        quotas=quotas_of(settings, stores.database, now=now),
        verify_url=lambda code: page_address(settings, code),
        now=now,
        random_bytes=random_bytes,
        limits=IntakeLimits(bytes=settings.signing.max_document_bytes),
        require_trail=authority.audit.guard.require,
        stamps=StampCatalogue(settings.signing.stamps, default=settings.signing.stamp),
        texts=texts,
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
    """Our own root, never *certified*, and the anchors that the operator put into the folder.

    A root that stands there already, because it certifies our issuing CA, has the name and the class that it has there.
    """
    hierarchy = read_hierarchy(settings.pki.certificates)
    folder = settings.pki.anchors
    configured = load_anchors(folder) if folder is not None else ()
    known = {each.certificate for each in configured}
    ours = () if hierarchy.root.public_bytes(Encoding.DER) in known else (own_anchor(hierarchy.root),)
    return PublishedTrust(
        anchors=(*ours, *configured),
        intermediates=hierarchy.authorities,
        crls=stores.crls,
        issuer_ids=(ROOT_ID, *(each.id for each in hierarchy.generations)),
        others=KeptStatusOfOthers(stores.database),
    )


def own_anchor(root: x509.Certificate) -> TrustAnchorEntry:
    """Our root under its common name."""
    name = root.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value
    return anchor_from(root, name=str(name), certified=False)
