"""How staff get in at the console: passkeys, or passwords and codes, built once over the database and the HSM."""

from collections.abc import Callable
from dataclasses import dataclass

from api.consent.build import relying_party
from api.consent.seeds import HsmSeeds, hsm_errors_as_ours
from api.faces.console.ports import ConsoleDoors, ConsoleSettings
from api.failed_logins import FailedLogins
from api.given import Now, RandomBytes
from api.hsm import Hsm
from api.office.build import People
from api.services import Services
from api.settings import Settings
from hsm_config import passwords
from hsm_config.small_secrets import SmallSecrets
from signer.factors.checking import SecondFactors
from signer.factors.own import Holder, OwnFactors
from signer.factors.passkey import RelyingParty
from signer.factors.ports import SeedVault
from signer.factors.signing_in import SignIn
from signer.factors.staff import IDLE, LONGEST, StaffEntrance
from signer.factors.subjects import is_staff, staff_id_of
from signer.model import Secret
from store.database import Database
from store.factors import SqlFactorStore
from store.person_sessions import SqlPersonSessions
from store.staff import SqlStaffStore


class PasswordHashes:
    """`signer.factors.ports.PasswordHashing`."""

    def __init__(self, random_bytes: RandomBytes) -> None:
        self._random_bytes = random_bytes

    def hashed(self, password: Secret) -> str:
        """A new hash; raises `KeyUnavailable` where too many wait."""
        with hsm_errors_as_ours():
            return passwords.hashed(password.reveal(), self._random_bytes)

    def fits(self, hashed: str | None, password: Secret) -> bool:
        """Whether it is a hash of `password`; raises likewise."""
        with hsm_errors_as_ours():
            return passwords.fits(hashed, password.reveal())


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """The way in, and what a member of staff changes about their own factors."""

    logins: StaffEntrance
    factors: OwnFactors


def build_entrance(
    settings: Settings, database: Database, hsm: Hsm, *, now: Now, random_bytes: RandomBytes
) -> Entrance:
    """Over the same tables and the same pepper as officials' factors."""
    return entrance_over(
        database,
        HsmSeeds(SmallSecrets(hsm.gate, settings.hsm.pepper, random_bytes)),
        relying_party(settings),
        drift=settings.factors.totp_drift,
        now=now,
        random_bytes=random_bytes,
    )


def entrance_over(
    database: Database,
    seeds: SeedVault,
    party: RelyingParty,
    *,
    drift: int = 0,
    now: Now,
    random_bytes: RandomBytes,
) -> Entrance:
    """The objects in the order in which they need each other, whoever keeps the seeds."""
    staff, store, sessions = SqlStaffStore(database), SqlFactorStore(database), SqlPersonSessions(database)
    factors = SecondFactors(store=store, seeds=seeds, party=party, now=now, drift=drift)
    own = OwnFactors(
        store=store,
        sessions=sessions,
        factors=factors,
        seeds=seeds,
        holder=_holder(staff),
        party=party,
        now=now,
        random_bytes=random_bytes,
    )
    sign_in = SignIn(
        sessions=sessions,
        store=store,
        factors=factors,
        party=party,
        now=now,
        random_bytes=random_bytes,
        longest=LONGEST,
        idle=IDLE,
        lets_in=is_staff,
    )
    logins = StaffEntrance(
        sign_in=sign_in,
        own=own,
        factors=factors,
        store=store,
        sessions=sessions,
        passwords=staff,
        hashing=PasswordHashes(random_bytes),
        now=now,
    )
    return Entrance(logins=logins, factors=own)


def _holder(staff: SqlStaffStore) -> Callable[[str], Holder | None]:
    def holder(subject: str) -> Holder | None:
        member = staff.get(staff_id_of(subject))
        return Holder(subject=subject, name=member.id) if member is not None and member.active else None

    return holder


def console_doors(
    settings: Settings, services: Services, people: People, entrance: Entrance, *, now: Now
) -> ConsoleDoors:
    """Everything behind the pages of staff."""
    public_url = settings.server.public_url
    return ConsoleDoors(
        logins=entrance.logins,
        factors=entrance.factors,
        failed=FailedLogins(per_minute=settings.limits.failed_logins_per_minute, now=now),
        people=people,
        services=services,
        now=now,
        settings=ConsoleSettings(
            office=settings.pki.organisation,
            domain=public_url.split("//", 1)[1].split("/", 1)[0],
            public_url=public_url,
            secure=public_url.startswith("https:"),
        ),
    )
