"""Remote signing over the same keys, acts and stores as everything else."""

from datetime import timedelta

from api.authority import Authority
from api.csc.audited import AuditedRemote
from api.csc.login import PasswordLogins
from api.csc.ports import CscServices
from api.failed_logins import FailedLogins
from api.given import Now, RandomBytes
from api.hsm import Hsm
from api.letters.build import quotas_of
from api.oauth.granting import Lifetimes
from api.oauth.server import OAuthServices
from api.parts import status_of_signatories
from api.seams.officials_keys import OfficialsKeys
from api.settings import OwnUnitPlace, Settings
from api.stores import Stores
from signer.accounts import Accounts
from signer.model import Credential
from signer.remote import RemoteSigning
from signer.remote_credentials import RemoteCredentials
from signer.remote_seals import SealAuthorising
from signer.seals import HOUSE_SEAL, SealService
from signer.service import SigningService
from signer.timestamp_query import own_token
from signer.timestamping import TimestampAuthorities
from store.accounts import SqlAccounts
from store.authorisations import SqlAuthorisations
from store.database import Database
from store.oauth_tokens import SqlOAuthTokens
from store.seal_pins import SqlSealKeepers
from store.seals import SqlSeals


class LentSeals:
    """`signer.remote.LentSeals` and `signer.remote_seals.SealLending`."""

    def __init__(self, service: SealService, store: SqlSeals) -> None:
        self.open = service.open
        self.permission_for = service.permission_for
        self.permission = store.permission
        self.take = store.take


def build_csc(
    settings: Settings,
    stores: Stores,
    hsm: Hsm,
    authority: Authority,
    *,
    authorities: TimestampAuthorities,
    signing: SigningService,
    seals: SealService,
    oauth: OAuthServices,
    now: Now,
    random_bytes: RandomBytes,
) -> CscServices:
    """Everything behind `/csc`."""
    lent, authorisations = SqlSeals(stores.database), SqlAuthorisations(stores.database)
    credentials = RemoteCredentials(
        credentials=stores.credentials,
        seals=lent,
        keepers=SqlSealKeepers(stores.database),
        pins=seals.pins,
        pins_taken=settings.csc.pins,
        status=status_of_signatories(stores, authority, now),
        most_personal=settings.factors.documents,
        most_sealed=settings.csc.seal_multisign,
        now=now,
    )
    remote = RemoteSigning(
        credentials=credentials,
        authorisations=authorisations,
        keys=OfficialsKeys(hsm.vault),
        seals=LentSeals(seals, lent),
        documents=signing,
        quotas=quotas_of(settings, stores.database, now=now),
        now=now,
        random_bytes=random_bytes,
    )
    sealing = SealAuthorising(
        credentials=credentials,
        authorisations=authorisations,
        seals=LentSeals(seals, lent),
        life=timedelta(seconds=settings.csc.seal_seconds),
        now=now,
        random_bytes=random_bytes,
    )
    ask = None if settings.tsa.own is OwnUnitPlace.UNUSED else authority.tsa.respond
    return CscServices(
        settings=settings.csc,
        issuer=settings.issuer,
        qualifiers=settings.oauth.signature_qualifiers,
        tls=settings.oauth.certificate_header is not None,
        organisation=settings.pki.organisation,
        bearers=oauth.bearers,
        revoke=lambda text, client_id: oauth.revoking.revoke(text, client_id=client_id),
        remote=AuditedRemote(remote, sealing, signing.acts, stores.audit, now=now),
        has_seals=lambda: any(_is_for_clients(each) for each in seals.all(limit=2)),
        timestamp=None if ask is None else lambda digest, name, nonce: own_token(ask, digest, name, nonce),
        stamps_signatures=bool(authorities.counts()),
        seconds=settings.limits.upload_seconds,
        now=now,
        logins=_logins(settings, stores, now=now, random_bytes=random_bytes) if settings.csc.basic else None,
    )


def _logins(settings: Settings, stores: Stores, *, now: Now, random_bytes: RandomBytes) -> PasswordLogins:
    own = settings.oauth
    return PasswordLogins(
        accounts=build_accounts(stores.database, now=now, random_bytes=random_bytes),
        tokens=SqlOAuthTokens(stores.database),
        active=stores.clients.active,
        failed=FailedLogins(per_minute=settings.limits.failed_logins_per_minute, now=now),
        lifetimes=Lifetimes(access=timedelta(minutes=own.token_minutes), refresh=timedelta(hours=own.refresh_hours)),
        now=now,
        random_bytes=random_bytes,
    )


def build_accounts(database: Database, *, now: Now, random_bytes: RandomBytes) -> Accounts:
    """Accounts of integrations alone; needs neither HSM nor CA."""
    return Accounts(SqlAccounts(database), now=now, random_bytes=random_bytes)


def _is_for_clients(seal: Credential) -> bool:
    return seal.signatory.id != HOUSE_SEAL
