"""What every part of the service stands on: what is remembered, who judges, the token, the CA."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import structlog

from api.audit.place import require_place
from api.authority import Authority, build_authority
from api.custody import StoredCanaries, tidy_token
from api.given import Now, RandomBytes
from api.hsm import Hsm, hsm_settings, open_hsm
from api.letters.build import note_kinds
from api.office.identity_key import require_identity_key
from api.settings import Settings
from api.stores import Stores, open_stores, require_schema
from api.verification import Verification, open_verification
from hsm_config.gate import Gate

_log = structlog.get_logger("teken.start")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Open until the service ends."""

    settings: Settings
    stores: Stores
    verification: Verification
    hsm: Hsm
    canaries: StoredCanaries
    authority: Authority
    now: Now
    random_bytes: RandomBytes


@contextmanager
def open_ground(settings: Settings, *, now: Now, random_bytes: RandomBytes) -> Iterator[Ground]:
    """Raises the configuration errors of each part.

    1. The database is of this release, and the one that these settings and this host belong to.
    2. Strangers' files are judged in processes of their own.
    3. The token is tidied up, and its canaries are stored.
    4. The CA is at work.
    """
    with open_stores(settings) as stores:
        require_schema(stores)
        require_place(settings)
        require_identity_key(settings.people.identity_key_file, stores.database)
        note_kinds(settings, stores.database, now=now)
        tidy = partial(_tidy, settings, stores, now)
        with (
            open_verification(settings, stores, now) as verification,
            open_hsm(settings, random_bytes, tidy=tidy) as hsm,
        ):
            canaries = StoredCanaries(stores.custody, hsm.vault, now=now)
            canaries.store_missing()
            yield Ground(
                settings=settings,
                stores=stores,
                verification=verification,
                hsm=hsm,
                canaries=canaries,
                authority=build_authority(settings, stores, hsm, now=now, random_bytes=random_bytes),
                now=now,
                random_bytes=random_bytes,
            )


def _tidy(settings: Settings, stores: Stores, now: Now, gate: Gate) -> None:
    """At start: what killed writers left on the token goes, and the log says what else is odd there."""
    for line in tidy_token(hsm_settings(settings), settings.pki.certificates, stores, gate, now=now):
        _log.warning("token", said=line)
