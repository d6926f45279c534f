"""From an empty folder to a service that can start: token, database, hierarchy. Doing it again changes nothing.

teken.toml     settings, written once
hsm/           SoftHSM's configuration, token and PIN files (0700)
pki/           certificates of the ceremony, the public part of the audit key, and the transcript
checkpoints/   copies of the audit trail's checkpoints
teken.sqlite3  database
documents/     the vault
"""

import os
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurve

from api.audit.trust import CURVE, has_audit_key, make_audit_key, published_key
from api.hierarchy import read_hierarchy, write_certificate
from api.parts import PERIODS, Now, RandomBytes, Stores, hsm_settings, open_stores
from api.settings import Settings, load_settings
from api.settings_template import default_toml
from ca.ceremony import Hierarchy, run_ceremony
from ca.transcript import Transcript
from hsm_config.gate import Gate, open_gate
from hsm_config.private_keys import HsmEcKey, token_key
from hsm_config.settings import find_softhsm_module
from hsm_config.softhsm.initialise import initialise_token
from hsm_config.token_objects import list_labels, make_ec_key, make_kek, make_pepper
from store.audit import Act

SETTINGS: Final = "teken.toml"
TRANSCRIPT: Final = "ceremony.txt"

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
    3. The wrapping key and the pepper.
    4. The ceremony, where no hierarchy exists, with the audit key; in a demonstration one operator is enough.
    """
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
        if settings.demonstration and settings.audit.checkpoints_to is not None:
            settings.audit.checkpoints_to.mkdir(parents=True, exist_ok=True)
        born = any(settings.pki.certificates.glob("*.cer"))
        if born:
            read_hierarchy(settings.pki.certificates)  # complete, or an error that names what is missing
            if has_audit_key(settings.pki.certificates):
                return
        with open_gate(hsm_settings(settings)) as gate:
            if born:  # by a release that made no checkpoints yet
                new_audit_key(settings, stores, gate, now=now, actor="service")
                return
            make_service_keys(settings, gate, say)
            hold_ceremony(settings, stores, gate, confirm=say, now=now, random_bytes=random_bytes)


def make_service_keys(settings: Settings, gate: Gate, say: Say) -> None:
    """The keys that seal officials' keys, where they are missing."""
    labels = list_labels(gate)
    for label, make in ((settings.hsm.kek, make_kek), (settings.hsm.pepper, make_pepper)):
        if label not in labels:
            say(f"HSM: making {label}")
            make(gate, label)


def new_audit_key(settings: Settings, stores: Stores, gate: Gate, *, now: Now, actor: str) -> str:
    """Make the next audit key, publish its public part, note it in the trail; returns its label.

    Never done behind anybody's back once there was one: a lost audit key is to be noticed, not replaced.
    """
    folder = settings.pki.certificates

    def make(label: str, curve: EllipticCurve) -> HsmEcKey:
        """A key that was made and never published, because somebody was interrupted, has signed nothing: it serves."""
        return token_key(gate, label) if label in list_labels(gate) else make_ec_key(gate, label, curve)

    label = make_audit_key(folder, make)
    spki_sha256 = sha256(published_key(folder, label)).hexdigest()
    stores.audit.record(
        Act.KEY_CUSTODY, f"key:{label}", at=now(), actor=actor, reason="made", details={"spki_sha256": spki_sha256}
    )
    return label


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
    """Make the hierarchy, publish its certificates, keep the transcript. Raises `ca.errors.CaError`, `HsmError`."""
    transcript = Transcript(now)
    folder = settings.pki.certificates
    try:
        hierarchy = run_ceremony(
            names=settings.pki.names,
            make_key=partial(make_ec_key, gate),
            log=stores.certificates,
            crl_store=stores.crls,
            periods=PERIODS,
            now=now,
            random_bytes=random_bytes,
            confirm=confirm,
            transcript=transcript,
            actor=actor,
        )
        for label, certificate in hierarchy.certificates.items():
            write_certificate(folder, label, certificate)
        if not has_audit_key(folder):
            label = new_audit_key(settings, stores, gate, now=now, actor=actor)
            transcript.record(f"key {label} made on {CURVE.name}", public_key=published_key(folder, label))
    finally:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / TRANSCRIPT).write_text(transcript.render(), encoding="utf-8")
    return hierarchy
