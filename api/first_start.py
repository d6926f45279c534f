"""From an empty folder to a service that can start: token, database, hierarchy. Doing it again changes nothing.

teken.toml     settings, written once
hsm/           SoftHSM's configuration, token and PIN files (0700)
pki/           certificates of the ceremony, and its transcript
teken.sqlite3  database
documents/     the vault
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from api.hierarchy import HierarchyMissing, read_hierarchy, write_certificate
from api.parts import PERIODS, Now, RandomBytes, Stores, hsm_settings, open_stores
from api.settings import Settings, load_settings
from api.settings_template import default_toml
from ca.ceremony import ROOT_ID, Hierarchy, run_ceremony
from ca.transcript import Transcript
from hsm_config.gate import Gate, open_gate
from hsm_config.settings import find_softhsm_module
from hsm_config.softhsm.initialise import initialise_token
from hsm_config.token_objects import list_labels, make_ec_key, make_kek, make_pepper

SETTINGS: Final = "teken.toml"
TRANSCRIPT: Final = "ceremony.txt"

Say = Callable[[str], None]


class FolderInUse(Exception):
    """A fresh start was asked for in a folder that already holds something."""


class CeremonyInterrupted(Exception):
    """An earlier ceremony ended in the middle, and is not gone on with; the text names what to remove."""


def settings_in(folder: Path) -> Settings:
    """The settings of a data folder; raises `api.settings.SettingsError`."""
    return load_settings(folder / SETTINGS)


def prepare_folder(folder: Path, *, port: int, fresh: bool) -> Settings:
    """The folder with its settings file; an existing one is read, not changed. Raises `FolderInUse`."""
    if fresh and folder.exists() and any(folder.iterdir()):
        raise FolderInUse(f"{folder} is not empty: name another folder, or remove it yourself")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / SETTINGS
    if not path.exists():
        draft = folder / f".{SETTINGS}.{os.getpid()}"
        draft.write_text(default_toml(folder, port, module=find_softhsm_module()), encoding="utf-8")
        draft.rename(path)
    return load_settings(path)


def initialise(settings: Settings, folder: Path, *, say: Say, now: Now, random_bytes: RandomBytes) -> None:
    """Everything that a service needs before it starts, in the order in which it is needed.

    1. SoftHSM's token, where the settings name SoftHSM.
    2. The database's schema.
    3. The wrapping key and the pepper.
    4. In a demonstration the ceremony, where no hierarchy exists. Otherwise it is an act of its own, with people
       watching: `HierarchyMissing`.

    Of two that start in one `folder` at once, the second waits. Raises `CeremonyInterrupted` and the parts' errors.
    """
    with _alone_in(folder):
        _initialise(settings, folder, say=say, now=now, random_bytes=random_bytes)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _initialise(settings: Settings, folder: Path, *, say: Say, now: Now, random_bytes: RandomBytes) -> None:
    if settings.hsm.softhsm_conf is not None:
        initialise_token(
            settings.hsm.softhsm_conf.parent,
            label=settings.hsm.token_label,
            random_bytes=random_bytes,
            module=settings.hsm.module,
        )
    with open_stores(settings) as stores:
        if stores.database.revision() != stores.database.head():
            say("Database: migrating to the newest schema")
            stores.database.upgrade()
        if _is_complete(settings):
            return
        with open_gate(hsm_settings(settings)) as gate:
            refuse_half_made(settings, folder, stores, gate)
            make_service_keys(settings, gate, say)
            if not settings.demonstration:
                read_hierarchy(settings.pki.certificates)
            hold_ceremony(settings, stores, gate, confirm=say, now=now, random_bytes=random_bytes)


def _is_complete(settings: Settings) -> bool:
    """Whether every role of the hierarchy has its certificate."""
    try:
        read_hierarchy(settings.pki.certificates)
    except HierarchyMissing:
        return False
    return True


def refuse_half_made(settings: Settings, folder: Path, stores: Stores, gate: Gate) -> None:
    """Raises `CeremonyInterrupted` where a hierarchy was begun and has no certificates.

    Keys of a ceremony that nobody watched to its end are not used: it is held again from its beginning.
    """
    labels = list_labels(gate)
    if ROOT_ID not in labels and "" not in labels:  # "": a key whose making was interrupted
        return
    if settings.demonstration and not stores.credentials.list(limit=1):
        outside = "" if str(folder.resolve()) in settings.store.database_url else ", empty the database"
        raise CeremonyInterrupted(
            f"an earlier first start of {folder} was interrupted in the middle of the key ceremony. Nothing is"
            f" enrolled or signed there yet, so nothing is lost: remove the folder {folder}{outside} and start again"
        )
    raise CeremonyInterrupted(
        f"the token has keys of a hierarchy whose certificates are not all in {settings.pki.certificates}. If a backup"
        f" has them, put them back. If the ceremony was interrupted ({TRANSCRIPT} there ends with its last step), hold"
        " it again with an empty token and an empty database"
    )


def make_service_keys(settings: Settings, gate: Gate, say: Say) -> None:
    """The keys that seal officials' keys, where they are missing."""
    labels = list_labels(gate)
    for label, make in ((settings.hsm.kek, make_kek), (settings.hsm.pepper, make_pepper)):
        if label not in labels:
            say(f"HSM: making {label}")
            make(gate, label)


def hold_ceremony(
    settings: Settings,
    stores: Stores,
    gate: Gate,
    *,
    confirm: Say,
    now: Now,
    random_bytes: RandomBytes,
    actor: str = "ceremony",
) -> Hierarchy:
    """Make the hierarchy, publish its certificates, keep the transcript. Raises `ca.errors.CaError`, `HsmError`.

    The transcript is written before each step, so that a power cut leaves one as well.
    """
    transcript = Transcript(now)
    folder = settings.pki.certificates
    folder.mkdir(parents=True, exist_ok=True)

    def keep() -> None:
        (folder / TRANSCRIPT).write_text(transcript.render(), encoding="utf-8")

    def announce(step: str) -> None:
        keep()
        confirm(step)

    try:
        hierarchy = run_ceremony(
            names=settings.pki.names,
            make_key=partial(make_ec_key, gate),
            log=stores.certificates,
            crl_store=stores.crls,
            periods=PERIODS,
            now=now,
            random_bytes=random_bytes,
            confirm=announce,
            transcript=transcript,
            actor=actor,
        )
        for label, certificate in hierarchy.certificates.items():
            write_certificate(folder, label, certificate)
    finally:
        keep()
    return hierarchy
