"""The examinations behind `teken doctor`: one function each, and every bad answer says how to mend it."""

import secrets
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Final

from api.compose import utc_now
from api.hierarchy import HierarchyMissing, read_hierarchy
from api.parts import open_hsm, open_stores, require_schema
from api.settings import Settings
from ca.ceremony import ISSUING_CA_ID, ROOT_ID
from hsm_config.errors import HsmError
from hsm_config.private_keys import token_key
from hsm_config.token_objects import list_labels
from store.errors import StoreError

SOON: Final = timedelta(days=30)
ENOUGH_DISK: Final = 1024**3
"""Bytes: about ten thousand letters."""


class Health(Enum):
    """How one examination ended."""

    WELL = "well"
    WARNING = "warning"
    ILL = "ill"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one examination found."""

    name: str
    health: Health
    text: str
    """What was found and, where it is not well, the next step."""


def diagnose(settings: Settings, now: Callable[[], datetime] = utc_now) -> tuple[Finding, ...]:
    """Every examination in order; none of them changes anything, and a failing one does not stop the others."""
    return (
        *_token(settings),
        *_store(settings, now()),
        *_certificates(settings, now()),
        _clock(),
        *_disk(settings),
    )


def _token(settings: Settings) -> Iterator[Finding]:
    """Module, token, PIN, wrapping key and pepper (by a canary), and the keys of the hierarchy."""
    try:
        with open_hsm(settings, secrets.token_bytes) as hsm:
            hsm.vault.canary()
            yield _well("token", f"{settings.hsm.token_label}: PIN accepted, canary key signs")
            labels = list_labels(hsm.gate)
            for label, certificate in read_hierarchy(settings.pki.certificates).certificates.items():
                if label not in labels:
                    if label != ROOT_ID:
                        yield _ill(f"key {label}", "not on this token: mount the right token, or restore its backup")
                elif token_key(hsm.gate, label).public_key() != certificate.public_key():
                    yield _ill(f"key {label}", f"is not the key of {label}.cer: the token belongs to another hierarchy")
    except HsmError as error:
        yield _ill("token", f"{error} ([hsm] in teken.toml)")
    except HierarchyMissing as error:
        yield _ill("hierarchy", str(error))


def _store(settings: Settings, at: datetime) -> Iterator[Finding]:
    """Database, audit trail, vault and CRLs."""
    try:
        with open_stores(settings) as stores:
            stores.database.ping()
            require_schema(stores)
            yield _well("database", f"answers, schema {stores.database.revision()}")
            broken = stores.audit.verify()
            if broken is None:
                yield _well("audit", "the chain is whole")
            else:
                yield _ill("audit", f"the chain breaks at entry {broken}: compare with the backup, tell the auditor")
            stores.vault.ping()
            yield _well("vault", "answers")
            for issuer in (ISSUING_CA_ID, ROOT_ID):
                crl = stores.crls.current(issuer)
                if crl is None or crl.next_update <= at:
                    yield _ill(f"CRL {issuer}", "none in date: run `teken work --once`; the root's takes a ceremony")
                else:
                    yield _well(f"CRL {issuer}", f"number {crl.number}, until {crl.next_update:%Y-%m-%d %H:%M} UTC")
    except StoreError as error:
        yield _ill("store", f"{error} ([store] in teken.toml)")


def _certificates(settings: Settings, at: datetime) -> Iterator[Finding]:
    try:
        hierarchy = read_hierarchy(settings.pki.certificates)
    except HierarchyMissing:
        return  # said by the token's examination
    for label in (ROOT_ID, ISSUING_CA_ID, hierarchy.tsu_label, hierarchy.responder_label):
        ends = hierarchy.certificates[label].not_valid_after_utc
        if ends <= at:
            yield _ill(label, f"ended on {ends:%Y-%m-%d}: issue its successor")
        elif ends - at < SOON and label != hierarchy.responder_label:
            yield _warning(label, f"ends on {ends:%Y-%m-%d}: plan its successor")
        else:
            yield _well(label, f"until {ends:%Y-%m-%d}")


def _clock() -> Finding:
    """Whether the system says that its clock is synchronised; nobody else can be asked without a network."""
    try:
        asked = subprocess.run(
            ["timedatectl", "show", "--property=NTPSynchronized", "--value"],
            capture_output=True,
            text=True,
            timeout=5,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return _warning("clock", "nobody here says whether it is synchronised: run chrony, timestamps depend on it")
    if asked.stdout.strip() == "yes":
        return _well("clock", "synchronised")
    return _warning("clock", "not synchronised: run chrony, timestamps depend on it")


def _disk(settings: Settings) -> Iterator[Finding]:
    if "://" in settings.store.vault:
        return
    folder = Path(settings.store.vault)
    if not folder.is_dir():
        return  # said already
    free = shutil.disk_usage(folder).free
    text = f"{free / 1024**3:.1f} GiB free for documents"
    yield _well("disk", text) if free >= ENOUGH_DISK else _ill("disk", f"{text}: make room")


def _well(name: str, text: str) -> Finding:
    return Finding(name=name, health=Health.WELL, text=text)


def _warning(name: str, text: str) -> Finding:
    return Finding(name=name, health=Health.WARNING, text=text)


def _ill(name: str, text: str) -> Finding:
    return Finding(name=name, health=Health.ILL, text=text)
