"""From an empty folder to a service that can start: token, database, hierarchy. Doing it again changes nothing.

teken.toml     settings, written once
hsm/           SoftHSM's configuration, token and PIN files (0700)
pki/           certificates of the ceremony, the public part of the audit key, and the transcript
checkpoints/   copies of the audit trail's checkpoints
teken.sqlite3  database
documents/     the vault
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurve

from api.audit.trust import CURVE, has_audit_key, make_audit_key, published_key
from api.custody import Custody
from api.given import Now, RandomBytes
from api.hierarchy import HierarchyMissing, keep_certificate, read_hierarchy
from api.hsm import hsm_settings
from api.office.identity_key import keep_identity_key
from api.settings import Settings
from api.settings_file import load_settings
from api.settings_template import default_toml
from api.stores import Stores, open_stores
from ca.ceremony import ISSUING_CA_ID, ROOT_ID, Ceremony, Hierarchy, run_ceremony, sign_transcript
from ca.transcript import Transcript
from hsm_config.gate import Gate, open_gate
from hsm_config.ownership import owning
from hsm_config.private_keys import HsmEcKey, token_key
from hsm_config.settings import find_softhsm_module
from hsm_config.softhsm.initialise import initialise_token
from hsm_config.token_objects import list_labels, make_ec_key, remove_leftovers
from store.audit import Act

SETTINGS: Final = "teken.toml"
TRANSCRIPT: Final = "ceremony.txt"
BEGUN: Final = "ceremony.begun"

Say = Callable[[str], None]


class FolderInUse(Exception):
    """A fresh start was asked for in a folder that already holds something."""


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


def initialise(settings: Settings, *, say: Say, now: Now, random_bytes: RandomBytes) -> None:
    """Everything that a service needs before it starts, in the order in which it is needed.

    1. SoftHSM's token, where the settings name SoftHSM.
    2. The database's schema.
    3. The key under which personal numbers are hashed, while nobody is registered yet.
    4. The wrapping key and the pepper.
    5. In a demonstration the ceremony, where no hierarchy exists, with the audit key; one operator is enough, and one
       that was interrupted is taken up again. Otherwise it is an act of its own, with people watching:
       `HierarchyMissing`.

    Of two that start at once, the second waits. Raises the parts' errors.
    """
    with _alone_in(settings.pki.certificates.parent):
        _initialise(settings, say=say, now=now, random_bytes=random_bytes)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _initialise(settings: Settings, *, say: Say, now: Now, random_bytes: RandomBytes) -> None:
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
        keep_people_findable(settings, stores, now=now, random_bytes=random_bytes, actor="first start")
        if settings.demonstration and settings.audit.checkpoints_to is not None:
            settings.audit.checkpoints_to.mkdir(parents=True, exist_ok=True)
        born = any(settings.pki.certificates.glob("*.cer")) and not is_interrupted(settings)
        if born:
            read_hierarchy(settings.pki.certificates)  # complete, or an error that names what is missing
            if has_audit_key(settings.pki.certificates):
                return
        own = hsm_settings(settings)
        with owning(own) as ownership, open_gate(own) as gate:
            if born:  # by a release that made no checkpoints yet
                new_audit_key(settings, stores, gate, now=now, actor="service")
                return
            if not settings.demonstration:
                raise HierarchyMissing(
                    f"{settings.pki.certificates} holds no hierarchy: hold the ceremony first, `teken custody make`"
                    " for KEK and pepper, then `teken ceremony`"
                )
            make_service_keys(settings, stores, gate, tidy=ownership.alone, say=say, now=now)
            hold_ceremony(settings, stores, gate, confirm=say, now=now, random_bytes=random_bytes)


def keep_people_findable(
    settings: Settings, stores: Stores, *, now: Now, random_bytes: RandomBytes, actor: str
) -> None:
    """The key under which personal numbers are hashed; `SettingsError` where it was lost after somebody registered."""
    file = settings.people.identity_key_file
    keep_identity_key(file, stores.database, now=now, random_bytes=random_bytes, actor=actor)


def make_service_keys(settings: Settings, stores: Stores, gate: Gate, *, tidy: bool, say: Say, now: Now) -> None:
    """KEK and pepper where they are missing, after what an interrupted run left behind was removed (`tidy`: nobody
    else is logged in). One that does not work was cut off while it was received: its package brings it again."""
    own = hsm_settings(settings)
    custody = Custody(
        hsm=own, gate=gate, store=stores.custody, audit=stores.audit, now=now, say=say, actor="first start"
    )
    if tidy:
        for line in remove_leftovers(gate, list_labels(gate)).removed:
            say(f"HSM: removed {line}")
        custody.drop_broken()
    custody.make_missing()


def new_audit_key(settings: Settings, stores: Stores, gate: Gate, *, now: Now, actor: str) -> str:
    """Make the next audit key, publish its public part, note it in the trail; returns its label.

    Never done behind anybody's back once there was one: a lost audit key is to be noticed, not replaced.
    """
    folder = settings.pki.certificates
    # a key that was made and never published, because somebody was interrupted, has signed nothing: it serves
    label = make_audit_key(folder, partial(found_or_made, gate))
    spki_sha256 = sha256(published_key(folder, label)).hexdigest()
    stores.audit.record(
        Act.KEY_CUSTODY, f"key:{label}", at=now(), actor=actor, reason="made", details={"spki_sha256": spki_sha256}
    )
    return label


def is_interrupted(settings: Settings) -> bool:
    """Whether a ceremony was begun here and did not come to its end."""
    return (settings.pki.certificates / BEGUN).exists()


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
    """Make the hierarchy on one token, publish its certificates, keep the transcript and the root's signature over it.

    A ceremony that was interrupted is taken up again: its keys and certificates are verified and kept. Raises
    `ca.errors.CaError`, `HsmError`, and `HierarchyMissing` for a token that belongs to another hierarchy.
    """
    folder = settings.pki.certificates
    resuming = is_interrupted(settings)
    if not resuming:
        _mark_begun(settings, gate)
    transcript = Transcript(now)

    def keep() -> None:
        (folder / TRANSCRIPT).write_text(transcript.render(), encoding="utf-8")

    def announce(step: str) -> None:
        keep()  # before each step, so that a power cut leaves one as well
        confirm(step)

    it = Ceremony(
        names=settings.pki.names,
        make_key=partial(found_or_made, gate),
        log=stores.certificates,
        crl_store=stores.crls,
        periods=settings.status.periods,
        now=now,
        random_bytes=random_bytes,
        confirm=announce,
        transcript=transcript,
        actor=actor,
    )
    try:
        hierarchy = run_ceremony(it, resuming=resuming)
        for label, certificate in hierarchy.certificates.items():
            keep_certificate(folder, label, certificate)
        if not has_audit_key(folder):
            label = new_audit_key(settings, stores, gate, now=now, actor=actor)
            transcript.record(f"key {label} made on {CURVE.name}", public_key=published_key(folder, label))
    finally:
        keep()
    signature = sign_transcript((folder / TRANSCRIPT).read_bytes(), token_key(gate, ROOT_ID))
    (folder / TRANSCRIPT).with_suffix(".sig").write_bytes(signature)
    (folder / BEGUN).unlink()
    return hierarchy


def _mark_begun(settings: Settings, gate: Gate) -> None:
    """Leave a mark before the first key is made: whoever finds it knows that the keys on the token are of this
    ceremony. Without it they may be another hierarchy's, and nobody guesses."""
    folder = settings.pki.certificates
    taken = sorted({ROOT_ID, ISSUING_CA_ID}.intersection(list_labels(gate)))
    if taken or any(folder.glob("*.cer")):
        raise HierarchyMissing(
            f"a hierarchy exists already, in {folder} or on the token ({', '.join(taken) or 'no key'}): put"
            f" {folder.name}/ and the database back from their backup; where nothing of it is needed (a demonstration"
            f" that was cut off), remove {folder.parent} and start again"
        )
    folder.mkdir(parents=True, exist_ok=True)
    leave_mark(folder / BEGUN)


def leave_mark(path: Path) -> None:
    """A durable file that says: a ceremony was begun here."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("A ceremony was begun here and has not ended: the next run takes it up again.\n")
        file.flush()
        os.fsync(descriptor)


def found_or_made(gate: Gate, label: str, curve: EllipticCurve, *, resuming: bool = True) -> HsmEcKey:
    """The key that an interrupted run made under `label`, or a new one; unless `resuming`, a taken label is refused."""
    if resuming and label in list_labels(gate):
        return token_key(gate, label)
    return make_ec_key(gate, label, curve)
