"""Consent and factors, built once from the settings and the parts of the service."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from api.consent.assembly import Ground, Rules, assemble
from api.consent.audited import AuditedRequests
from api.consent.doors import desk_doors
from api.consent.seeds import HsmSeeds
from api.faces.desk.ports import DeskDoors, DeskSettings
from api.given import Now, RandomBytes
from api.hsm import Hsm
from api.jobs import Job
from api.letters.build import kind_rules, quotas_of
from api.oauth.server import OAuthGround, OAuthServices, PeopleGround, build_oauth, oauth_pages
from api.seams.officials_keys import OfficialsKeys
from api.settings import Settings
from api.stores import Stores
from hsm_config.small_secrets import SmallSecrets
from signer.batch import BatchService
from signer.batch_ports import BatchItems
from signer.code_sessions import CodeSessions
from signer.consented_documents import Redeeming
from signer.credentials import CredentialService
from signer.factors.links import FactorLinks
from signer.factors.passkey import RelyingParty
from signer.handing_over import HandingOver
from signer.service import SigningService
from signer.workflow import Flows
from store.activation_requests import SqlActivationRequests
from store.activations import SqlActivationStore
from store.authorisations import SqlAuthorisations

CONTENTS_KEPT: Final = timedelta(hours=1)
"""How long after its request expired a document is kept; nobody can consent to it then, but a consent that was given
in the last moment may still be signing."""
REQUESTS_KEPT: Final = timedelta(days=1)
"""How long a client can still read of a request that nobody granted."""

ROUNDS_KEPT: Final = timedelta(days=7)
"""How long a round can still be looked at after its time; what it signed is in the history for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentParts:
    """Everything about consent: the door of clients, the pages of people, the timed work."""

    requests: AuditedRequests
    authorisations: SqlAuthorisations
    oauth: OAuthServices
    doors: DeskDoors
    links: FactorLinks
    code_sessions: CodeSessions
    handing_over: HandingOver
    redeeming: Redeeming
    jobs: tuple[Job, ...]

    def first_factors(self, signatory_id: str) -> str:
        """The path behind which somebody who has just enrolled adds factors; good once."""
        return f"/desk/link/{self.links.invite(signatory_id, actor='enrolment')}"

    def page_of(self, public_url: str) -> Callable[[str], str]:
        """The address of a request's page by its link."""
        return lambda link: f"{public_url}/desk/a/{link}"


def relying_party(settings: Settings) -> RelyingParty:
    """Who asks for passkeys: our own origin, under the host name or the domain of the settings."""
    scheme, _, rest = settings.server.public_url.partition("://")
    host = rest.partition("/")[0]
    name = settings.factors.passkey_domain or host.rpartition(":")[0] or host
    return RelyingParty(id=name, name="Teken", origin=f"{scheme}://{host}")


def build_consent(
    settings: Settings,
    stores: Stores,
    hsm: Hsm,
    *,
    signing: SigningService,
    credentials: CredentialService,
    batches: BatchService,
    batch_items: BatchItems,
    flows: Flows,
    picture: Callable[[bytes, int], bytes],
    sheets: Callable[[bytes], tuple[tuple[float, float], ...]],
    beside: Callable[[Callable[[], None]], None],
    reachable: Callable[[str], bool],
    now: Now,
    random_bytes: RandomBytes,
) -> ConsentParts:
    """Over the same database, keys and vault as signing. `reachable`: whether mail reaches a person."""
    own, party, keys = settings.factors, relying_party(settings), OfficialsKeys(hsm.vault)
    ground = Ground(
        database=stores.database,
        credentials=stores.credentials,
        enrolment=credentials,
        keys=keys,
        carrier=keys,
        vault=stores.vault,
        seeds=HsmSeeds(SmallSecrets(hsm.gate, settings.hsm.pepper, random_bytes)),
        reachable=reachable,
        party=party,
        signing=signing,
        batches=batches,
        batch_items=batch_items,
        flows=flows,
        now=now,
        random_bytes=random_bytes,
        kinds=kind_rules(settings, stores.database),
        quotas=quotas_of(settings, stores.database, now=now),
        beside=beside,
    )
    rules = Rules(
        drift=own.totp_drift,
        idle=timedelta(minutes=own.idle_minutes),
        links=timedelta(hours=settings.people.link_hours),
        waits=timedelta(minutes=own.wait_minutes),
        transaction=timedelta(seconds=own.transaction_seconds),
        tries=own.tries,
        documents=own.documents,
    )
    parts = assemble(ground, rules)
    requests = AuditedRequests(parts.asking, parts.batch_consents, parts.step_consents)

    def client_name(client_id: str) -> str:
        client = stores.clients.get(client_id)
        return client.name if client is not None else client_id

    oauth = OAuthGround(
        database=stores.database,
        clients=stores.clients,
        authorisations=parts.authorisations,
        carrier=keys,
        now=now,
        random_bytes=random_bytes,
    )
    people = PeopleGround(
        credentials=stores.credentials,
        own=lambda signatory_id: stores.credentials.list(signatory_id=signatory_id),
        client_name=client_name,
        asking=requests,
    )
    pages = oauth_pages(settings, oauth, people)
    doors = desk_doors(
        parts,
        authorizing=pages.authorizing,
        applications=pages.applications,
        credentials=stores.credentials,
        own_credentials=lambda signatory_id: stores.credentials.list(signatory_id=signatory_id),
        party=lambda: party,
        client_name=client_name,
        picture=picture,
        sheets=sheets,
        settings=DeskSettings(
            office=settings.pki.organisation,
            domain=party.origin.partition("://")[2],
            secure=settings.server.public_url.startswith("https:"),
        ),
        now=now,
    )
    return ConsentParts(
        requests=requests,
        oauth=build_oauth(settings, oauth),
        authorisations=parts.authorisations,
        doors=doors,
        links=parts.links,
        code_sessions=parts.code_sessions,
        handing_over=parts.handing_over,
        redeeming=Redeeming(activations=SqlActivationStore(stores.database), now=now),
        jobs=(
            Job(name="ended-logins", every=timedelta(hours=1), run=lambda: parts.sessions.purge(now())),
            Job(
                name="carried-keys",
                every=timedelta(minutes=1),
                run=lambda: parts.authorisations.forget_keys(now()),
            ),
            Job(
                name="ended-rounds",
                every=timedelta(hours=1),
                run=lambda: parts.kept_rounds.purge(before=now() - ROUNDS_KEPT),
            ),
            Job(name="ended-requests", every=timedelta(minutes=10), run=lambda: purge(parts.requests, now())),
        ),
    )


def purge(requests: SqlActivationRequests, at: datetime) -> int:
    """An hour after it expired, what a request brought is forgotten; a day after, what nobody granted as a whole."""
    return requests.forget_contents(before=at - CONTENTS_KEPT) + requests.purge(before=at - REQUESTS_KEPT)
