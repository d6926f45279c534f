"""What signs, certifies and registers: each function builds one part from the settings, once.

`api/compose.py` joins them into the running service; the command line takes only those that it needs.
"""

from api.alarms import Watch
from api.anchors import known_anchors
from api.audit.office import outside_stamping
from api.authority import Authority
from api.bulk.foreign import certified_roots
from api.bulk.issuers import ChosenIssuer, StatusByRoot, fingerprints
from api.generations import next_to_end, responders_by_issuer
from api.given import Now, RandomBytes
from api.hsm import Hsm
from api.jobs import Job
from api.letters.build import kind_rules, quotas_of
from api.office.build import People, build_people
from api.office.holds import CertificateHolds
from api.office.operations import Operation
from api.outside_time import outside_authorities
from api.seams.officials_keys import OfficialsKeys
from api.seams.own_ca import OwnIssuer, OwnStatus, OwnTimestamper
from api.settings import OwnUnitPlace, Settings
from api.stores import Stores
from api.verification import own_anchor
from ca.ceremony import ROOT_ID
from signer.credentials import CredentialService
from signer.foreign.exchange import FileExchange
from signer.foreign.status import ForeignStatus
from signer.intake import IntakeLimits
from signer.model import VerificationCode
from signer.ports import TextFinder, Timestamper
from signer.seals import SealService
from signer.service import SigningService
from signer.stamp_catalogue import StampCatalogue
from signer.timestamping import TimestampAuthorities
from store.bulk import SqlAppointmentStore
from store.foreign import SqlForeignLog, SqlForeignStatus
from store.letters import SqlLetters


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
    seals: SealService,
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
        seals=seals,
        require_possible=require_possible,
        now=now,
        random_bytes=random_bytes,
    )


def build_outside_stamping(
    settings: Settings, stores: Stores, *, now: Now, random_bytes: RandomBytes
) -> tuple[tuple[Job, ...], tuple[Watch, ...]]:
    """Another house's stamp over our checkpoints, with connections of its own: its failures are not the signers'."""
    outside = outside_authorities(settings, known_anchors(settings), now=now, random_bytes=random_bytes)
    return outside_stamping(settings, stores.checkpoints, outside, now=now)


def build_timestamping(
    settings: Settings, authority: Authority, *, now: Now, random_bytes: RandomBytes
) -> TimestampAuthorities:
    """Our own unit and those of others in the order of the settings; one object a process."""
    own = (OwnTimestamper(authority.tsa),)
    known = (*known_anchors(settings), own_anchor(authority.hierarchy.root))
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


def status_of_signatories(stores: Stores, authority: Authority, now: Now) -> StatusByRoot:
    """The status of everybody who signs here, whoever certified them."""
    return StatusByRoot(
        root=authority.hierarchy.root,
        own=own_status(stores, authority, now),
        other=ForeignStatus(SqlForeignStatus(stores.database)),
    )


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
        status=status_of_signatories(stores, authority, now),
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
