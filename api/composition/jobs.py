"""What this service does by the clock."""

from datetime import datetime, timedelta
from typing import Final

from api.alarms import tell
from api.archive import OutsideUnits
from api.composition.ground import Ground
from api.composition.parts import Parts
from api.esign.build import esign_jobs
from api.generations import publish_all, renew_responders
from api.jobs import STATUS, Job
from api.letters.build import forget_old
from api.stores import Stores
from store.foreign_addresses import SqlStatusAddresses
from store.oauth import SqlOAuthRequests
from store.oauth_tokens import SqlOAuthTokens

PORTION: Final = 100
"""Certificates whose OCSP answers one run of the job signs anew: about 0.3 s of the HSM, 36,000 in an hour."""
ENDED_KEPT: Final = timedelta(days=1)
"""How long tokens are known that have ended: whoever still brings one hears that it is over."""
ALARMS_EVERY: Final = timedelta(minutes=15)
"""How often alarms are written to the log; readiness and metrics tell them at once."""


def jobs_of(ground: Ground, parts: Parts) -> tuple[Job, ...]:
    """All of them, in the order in which those of one lane run."""
    return (
        Job(name="canary", every=timedelta(minutes=1), run=ground.canaries.sing),
        *_of_the_house(ground),
        *parts.jobs,
        *_of_the_archive(ground, parts),
        *parts.batches.timed,
        *parts.webhooks.jobs,
        *parts.consent.jobs,
        *esign_jobs(ground.settings, ground.stores.database, now=ground.now),
        Job(name="alarms", every=ALARMS_EVERY, run=lambda: tell(parts.watches)),
    )


def _of_the_house(ground: Ground) -> tuple[Job, ...]:
    stores, authority, now = ground.stores, ground.authority, ground.now
    patience = timedelta(seconds=ground.settings.jobs.interrupted_after_seconds)

    def settle() -> int:
        """A signing that was reserved and never ended was interrupted; the log says so."""
        return stores.signatures.settle_abandoned(before=now() - patience, at=now())

    return (
        *authority.audit.jobs(),
        Job(
            name="crl",
            every=timedelta(seconds=10),
            run=lambda: publish_all(authority.publishers),
            lane=STATUS,
            wake=authority.crl_wanted,
        ),
        Job(name="ocsp-answers", every=timedelta(seconds=10), run=lambda: authority.answers.renew_due(PORTION)),
        Job(name="responder", every=timedelta(hours=1), run=lambda: renew_responders(authority.generations)),
        Job(name="tsu", every=timedelta(hours=1), run=authority.units.renew),
        Job(name="retired-keys", every=timedelta(hours=1), run=lambda: authority.own.destroy_retired(stores.audit)),
        Job(name="interrupted-signings", every=patience / 2, run=settle),
        Job(name="interrupted-issuing", every=timedelta(minutes=5), run=authority.issuance.reconcile),
        Job(name="expired-requests", every=timedelta(hours=1), run=lambda: forget_old(stores.database, now())),
        Job(name="expired-tokens", every=timedelta(hours=1), run=lambda: _forget_tokens(stores, now() - ENDED_KEPT)),
        Job(name="vault-drafts", every=timedelta(days=1), run=lambda: stores.vault.sweep(now())),
    )


def _of_the_archive(ground: Ground, parts: Parts) -> tuple[Job, ...]:
    units = OutsideUnits(
        parts.authorities,
        SqlStatusAddresses(ground.stores.database),
        own_root=ground.authority.hierarchy.root,
        now=ground.now,
        random_bytes=ground.random_bytes,
    )
    portion = ground.settings.archive.each_run
    return (
        Job(name="outside-units", every=timedelta(minutes=10), run=units.learn),
        Job(name="renewals", every=timedelta(hours=1), run=lambda: parts.archive.renew_due(portion), lane="archive"),
    )


def _forget_tokens(stores: Stores, before: datetime) -> int:
    """What ended before then, of tokens and of requests for them."""
    requests, tokens = SqlOAuthRequests(stores.database), SqlOAuthTokens(stores.database)
    return stores.clients.purge_expired_tokens(before) + requests.purge(before=before) + tokens.purge(before=before)
