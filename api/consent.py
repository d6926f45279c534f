"""Consent and factors, built once from the settings and the parts of the service."""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from api.faces.desk.ports import DeskDoors, DeskSettings
from api.given import Now, RandomBytes
from api.hsm import Hsm
from api.jobs import Job
from api.letters.build import kind_rules
from api.office.factors import factor_links
from api.seams import OfficialsKeys
from api.settings import Settings
from api.stores import Stores
from hsm_config.errors import HsmError
from hsm_config.small_secrets import SmallSecret, SmallSecrets
from signer.activation import ActivationRequest, challenge_of
from signer.activation_requests import ActivationRequests, Asked, WantedDocument
from signer.approving import Approving
from signer.credentials import CredentialService
from signer.errors import CredentialUnknown, CredentialUnusable, KeyUnavailable
from signer.factors import passkey as passkeys
from signer.factors.checking import SecondFactors
from signer.factors.enrolment import FactorDesk
from signer.factors.links import FactorLinks
from signer.factors.model import Proof, SealedSeed
from signer.factors.passkey import RelyingParty
from signer.factors.signing_in import SignIn
from signer.model import Secret
from signer.opening import usable_credential
from signer.service import SigningService
from store.activation_requests import SqlActivationRequests
from store.audit import Origin, acting
from store.factors import SqlFactorStore
from store.officials import SqlOfficialStore
from store.person_sessions import SqlPersonSessions


class HsmSeeds:
    """`signer.factors.ports.SeedVault` over the HSM."""

    def __init__(self, secrets: SmallSecrets) -> None:
        self._secrets = secrets

    def seal(self, secret: bytes, *, owner: str) -> SealedSeed:
        """Under today's pepper; raises `KeyUnavailable`."""
        with _hsm_errors_as_ours():
            return SealedSeed(**asdict(self._secrets.seal(secret, owner=owner)))

    def open(self, sealed: SealedSeed, *, owner: str) -> bytes:
        """The seed; raises `KeyUnavailable`."""
        with _hsm_errors_as_ours():
            return self._secrets.open(SmallSecret(**asdict(sealed)), owner=owner)

    def is_outdated(self, sealed: SealedSeed) -> bool:
        """Whether today's pepper is another one."""
        return self._secrets.is_outdated(SmallSecret(**asdict(sealed)))


@contextmanager
def _hsm_errors_as_ours() -> Any:
    try:
        yield
    except HsmError as error:
        raise KeyUnavailable(str(error)) from error


class AuditedRequests:
    """`ActivationRequests`, where every audit entry names the client that asked."""

    def __init__(self, requests: ActivationRequests) -> None:
        self._requests = requests
        self.read = requests.read

    def ask(self, client_id: str, credential_id: str, documents: tuple[WantedDocument, ...]) -> Asked:
        """As `ActivationRequests.ask`."""
        with acting(Origin(actor=client_id, role="client")):
            return self._requests.ask(client_id, credential_id, documents)

    def receive(self, client_id: str, request_id: str, position: int, pdf: bytes) -> ActivationRequest:
        """As `ActivationRequests.receive`."""
        with acting(Origin(actor=client_id, role="client")):
            return self._requests.receive(client_id, request_id, position, pdf)


class AuditedApproving:
    """`Approving`, where every audit entry names the signatory."""

    def __init__(self, approving: Approving) -> None:
        self._approving = approving
        self.behind = approving.behind
        self.document = approving.document

    def open(self, link: str, *, session: str, signatory_id: str) -> ActivationRequest:
        """As `Approving.open`."""
        with acting(_signatory(signatory_id)):
            return self._approving.open(link, session=session, signatory_id=signatory_id)

    def deny(self, link: str, *, session: str, signatory_id: str) -> ActivationRequest:
        """As `Approving.deny`."""
        with acting(_signatory(signatory_id)):
            return self._approving.deny(link, session=session, signatory_id=signatory_id)

    def approve(
        self, link: str, passphrase: Secret, proof: Proof, *, session: str, signatory_id: str
    ) -> ActivationRequest:
        """As `Approving.approve`."""
        with acting(_signatory(signatory_id)):
            return self._approving.approve(link, passphrase, proof, session=session, signatory_id=signatory_id)


def _signatory(signatory_id: str) -> Origin:
    return Origin(actor=signatory_id, role="signatory")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentParts:
    """Everything about consent: the door of clients, the pages of people, the timed work."""

    requests: AuditedRequests
    doors: DeskDoors
    links: FactorLinks
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
    picture: Callable[[bytes, int], bytes],
    now: Now,
    random_bytes: RandomBytes,
) -> ConsentParts:
    """Over the same database, keys and vault as signing."""
    own, database, party = settings.factors, stores.database, relying_party(settings)
    store, sessions, requests = SqlFactorStore(database), SqlPersonSessions(database), SqlActivationRequests(database)
    officials, keys = SqlOfficialStore(database), OfficialsKeys(hsm.vault)
    seeds = HsmSeeds(SmallSecrets(hsm.gate, settings.hsm.pepper, random_bytes))
    factors = SecondFactors(store=store, seeds=seeds, party=party, now=now, drift=own.totp_drift)
    sign_in = SignIn(
        sessions=sessions,
        store=store,
        factors=factors,
        party=party,
        now=now,
        random_bytes=random_bytes,
        idle=timedelta(minutes=own.idle_minutes),
    )
    links = factor_links(settings, database, now=now, random_bytes=random_bytes)
    desk = FactorDesk(
        store=store,
        links=links,
        sessions=sessions,
        sign_in=sign_in,
        factors=factors,
        seeds=seeds,
        credentials=credentials,
        official=officials.get,
        party=party,
        now=now,
        random_bytes=random_bytes,
    )
    approving = Approving(
        requests=requests,
        activations=stores.activations,
        credentials=stores.credentials,
        keys=keys,
        factors=factors,
        signing=signing,
        vault=stores.vault,
        now=now,
        random_bytes=random_bytes,
        transaction=timedelta(seconds=own.transaction_seconds),
        tries=own.tries,
    )

    def options(request: ActivationRequest) -> str | None:
        held = store.held(request.signatory_id).passkeys
        return passkeys.request_options(party, challenge=challenge_of(request), allowed=held) if held else None

    def may_sign(request: ActivationRequest) -> bool:
        try:
            usable_credential(stores.credentials, request.credential_id, at=now())
        except (CredentialUnknown, CredentialUnusable):
            return False
        return True

    def client_name(client_id: str) -> str:
        client = stores.clients.get(client_id)
        return client.name if client is not None else client_id

    doors = DeskDoors(
        approvals=AuditedApproving(approving),
        logins=sign_in,
        factors=desk,
        official=officials.get,
        client_name=client_name,
        request_options=options,
        may_sign=may_sign,
        confirmed=lambda session: session.confirmed(now()),
        picture=picture,
        settings=DeskSettings(
            office=settings.pki.organisation,
            domain=party.origin.partition("://")[2],
            secure=settings.server.public_url.startswith("https:"),
        ),
    )
    return ConsentParts(
        requests=AuditedRequests(
            ActivationRequests(
                requests=requests,
                credentials=stores.credentials,
                vault=stores.vault,
                now=now,
                random_bytes=random_bytes,
                waits=timedelta(minutes=own.wait_minutes),
                most=own.documents,
                examine=signing.acts.examine,
                kinds=kind_rules(settings, database),
            )
        ),
        doors=doors,
        links=links,
        jobs=(
            Job(name="ended-logins", every=timedelta(hours=1), run=lambda: sessions.purge(now())),
            Job(name="ended-requests", every=timedelta(hours=1), run=lambda: _purge(requests, now())),
        ),
    )


def _purge(requests: SqlActivationRequests, at: datetime) -> int:
    """A day after it expired, a request that nobody granted is forgotten."""
    return requests.purge(before=at - timedelta(days=1))
