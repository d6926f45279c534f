"""The objects of consent over one database, whoever gives keys, seeds and the signing service; tests give their own."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from signer.activation import ActivationKind
from signer.activation_requests import MOST_DOCUMENTS, ActivationRequests
from signer.approving import TRANSACTION, TRIES, Approving
from signer.authorisation import KeyCarrier
from signer.batch import BatchService
from signer.batch_ports import BatchItems
from signer.code_sessions import CodeSessions
from signer.consented_batch import BatchConsents, ConsentedBatch
from signer.consented_documents import ConsentedDocuments, Redeeming
from signer.consented_hashes import ConsentedHashes
from signer.consented_step import ConsentedStep, StepConsents
from signer.credentials import CredentialService
from signer.factors.checking import SecondFactors
from signer.factors.enrolment import FactorDesk
from signer.factors.links import FactorLinks
from signer.factors.passkey import RelyingParty
from signer.factors.ports import SeedVault
from signer.factors.signing_in import SignIn
from signer.handing_over import HandingOver
from signer.inbox import Inbox
from signer.kinds import KindRules
from signer.looking import Looking
from signer.placing import Placing
from signer.ports import CredentialStore, DocumentVault, KeyVault
from signer.proving import Proving
from signer.quotas import Quotas
from signer.round_progress import RoundProgress
from signer.rounds import Rounds
from signer.service import SigningService
from signer.workflow import Flows
from store.activation_requests import SqlActivationRequests
from store.activations import SqlActivationStore
from store.authorisations import SqlAuthorisations
from store.bulk import SqlAppointmentStore, SqlContacts
from store.code_sessions import SqlCodeSessions
from store.database import Database
from store.factors import SqlFactorStore
from store.flows import SqlFlows
from store.handovers import SqlHandovers
from store.history import SqlHistory
from store.officials import SqlOfficialStore
from store.person_sessions import SqlFactorLinks, SqlPersonSessions
from store.rounds import SqlRounds
from store.stamp_places import SqlStampPlaces
from store.waiting import SqlWaiting


def at_once(work: Callable[[], None]) -> None:
    """Work that is done before its caller goes on."""
    work()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What consent stands on. `now` gives aware UTC; `random_bytes` a CSPRNG's octets."""

    database: Database
    credentials: CredentialStore
    enrolment: CredentialService
    keys: KeyVault
    vault: DocumentVault
    seeds: SeedVault
    party: RelyingParty
    signing: SigningService
    batches: BatchService
    batch_items: BatchItems
    flows: Flows
    carrier: KeyCarrier
    now: Callable[[], datetime]
    random_bytes: Callable[[int], bytes]
    reachable: Callable[[str], bool]
    """Whether mail reaches a person."""
    kinds: KindRules | None = None
    quotas: Quotas | None = None
    beside: Callable[[Callable[[], None]], None] = at_once
    """Starts work that goes on after the answer to whoever asked for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How long, how often, how many."""

    drift: int = 0
    idle: timedelta = field(default=timedelta(minutes=30))
    links: timedelta = field(default=timedelta(hours=72))
    waits: timedelta = field(default=timedelta(minutes=15))
    transaction: timedelta = TRANSACTION
    tries: int = TRIES
    documents: int = MOST_DOCUMENTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembled:
    """Everything about consent and its factors."""

    store: SqlFactorStore
    sessions: SqlPersonSessions
    requests: SqlActivationRequests
    officials: SqlOfficialStore
    factors: SecondFactors
    sign_in: SignIn
    links: FactorLinks
    desk: FactorDesk
    asking: ActivationRequests
    batch_consents: BatchConsents
    step_consents: StepConsents
    batch: ConsentedBatch
    step: ConsentedStep
    approving: Approving
    placing: Placing
    authorisations: SqlAuthorisations
    inbox: Inbox
    handing_over: HandingOver
    code_sessions: CodeSessions
    looking: Looking
    rounds: Rounds
    round_progress: RoundProgress
    kept_rounds: SqlRounds
    kept_history: SqlHistory
    appointments: SqlAppointmentStore
    contacts: SqlContacts

    def person_at(self, email: str) -> str | None:
        """Whose e-mail address this is; of nobody where it is not one person's."""
        found = [each for each in map(self.officials.get, self.contacts.signatories_at(email)) if each is not None]
        people = [each.signatory.id for each in found if not each.signatory.is_seal]
        return people[0] if len(people) == 1 else None


def assemble(ground: Ground, rules: Rules) -> Assembled:
    """Each object once, in the order in which they need each other."""
    database, now, random_bytes = ground.database, ground.now, ground.random_bytes
    store, sessions, requests = SqlFactorStore(database), SqlPersonSessions(database), SqlActivationRequests(database)
    officials = SqlOfficialStore(database)
    factors = SecondFactors(store=store, seeds=ground.seeds, party=ground.party, now=now, drift=rules.drift)
    sign_in = SignIn(
        sessions=sessions,
        store=store,
        factors=factors,
        party=ground.party,
        now=now,
        random_bytes=random_bytes,
        idle=rules.idle,
    )
    links = FactorLinks(links=SqlFactorLinks(database), now=now, random_bytes=random_bytes, lifetime=rules.links)
    desk = FactorDesk(
        store=store,
        links=links,
        sessions=sessions,
        sign_in=sign_in,
        factors=factors,
        seeds=ground.seeds,
        credentials=ground.enrolment,
        official=officials.get,
        party=ground.party,
        now=now,
        random_bytes=random_bytes,
    )
    asking = ActivationRequests(
        requests=requests,
        credentials=ground.credentials,
        now=now,
        random_bytes=random_bytes,
        waits=rules.waits,
        most=rules.documents,
        rehearse=ground.signing.acts.rehearse,
        kinds=ground.kinds,
    )
    batch_consents = BatchConsents(
        asking=asking, batches=ground.batches, items=ground.batch_items, credentials=ground.credentials, now=now
    )
    step_consents = StepConsents(
        asking=asking,
        flows=ground.flows,
        credentials=ground.credentials,
        rehearse=ground.signing.acts.rehearse,
        now=now,
    )
    redeeming = Redeeming(activations=SqlActivationStore(database), now=now)
    batch = ConsentedBatch(batches=ground.batches, items=ground.batch_items)
    step = ConsentedStep(requests=requests, flows=ground.flows, vault=ground.vault, redeeming=redeeming)
    proving = Proving(
        credentials=ground.credentials,
        keys=ground.keys,
        factors=factors,
        signing=ground.signing,
        random_bytes=random_bytes,
    )
    approving = Approving(
        requests=requests,
        credentials=ground.credentials,
        proving=proving,
        targets={
            ActivationKind.DOCUMENTS: ConsentedDocuments(
                requests=requests, signing=ground.signing, redeeming=redeeming
            ),
            ActivationKind.BATCH: batch,
            ActivationKind.STEP: step,
            ActivationKind.HASHES: ConsentedHashes(),
        },
        carrier=ground.carrier,
        quotas=ground.quotas,
        now=now,
        random_bytes=random_bytes,
        transaction=rules.transaction,
        tries=rules.tries,
    )
    placing = Placing(
        requests=requests,
        approving=approving,
        own=SqlStampPlaces(database),
        boxes=ground.signing.acts.stamps.boxes,
        examine=ground.signing.acts.examine,
        rehearse=ground.signing.acts.rehearse,
        now=now,
    )
    waiting = SqlWaiting(database)
    inbox = Inbox(
        store=waiting,
        credentials=ground.credentials,
        batches=ground.batches,
        flows=SqlFlows(database),
        ask_batch=batch_consents,
        ask_step=step_consents,
        now=now,
    )
    looking = Looking(
        requests=requests,
        document=approving.document,
        batches=ground.batches,
        items=ground.batch_items,
        flows=SqlFlows(database),
        vault=ground.vault,
        credentials=ground.credentials,
        now=now,
    )
    kept_rounds = SqlRounds(database)
    rounds = Rounds(
        store=kept_rounds,
        inbox=inbox,
        approving=approving,
        proving=proving,
        beside=ground.beside,
        now=now,
        random_bytes=random_bytes,
        transaction=rules.transaction,
        tries=rules.tries,
    )
    return Assembled(
        store=store,
        sessions=sessions,
        requests=requests,
        officials=officials,
        factors=factors,
        sign_in=sign_in,
        links=links,
        desk=desk,
        asking=asking,
        batch_consents=batch_consents,
        step_consents=step_consents,
        batch=batch,
        step=step,
        approving=approving,
        placing=placing,
        authorisations=SqlAuthorisations(database),
        inbox=inbox,
        handing_over=HandingOver(
            flows=ground.flows,
            store=SqlHandovers(database),
            waiting=waiting,
            appointments=SqlAppointmentStore(database),
            credentials=ground.credentials,
            official=officials.get,
            rehearse=ground.signing.acts.rehearse,
            now=now,
        ),
        code_sessions=CodeSessions(
            SqlCodeSessions(database),
            signing=ground.signing,
            factors=factors,
            challenges=sessions,
            official=officials.get,
            reachable=ground.reachable,
            carrier=ground.carrier,
            secrets=ground.seeds,
            now=now,
            random_bytes=random_bytes,
        ),
        looking=looking,
        rounds=rounds,
        round_progress=RoundProgress(behind=approving.behind, batch=batch.progress, now=now),
        kept_rounds=kept_rounds,
        kept_history=SqlHistory(database),
        appointments=SqlAppointmentStore(database),
        contacts=SqlContacts(database),
    )
