"""Judging: the worker processes, and what they trust."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from api.anchors import known_anchors
from api.bulk.issuers import KeptStatusOfOthers
from api.given import Now
from api.hierarchy import common_name, read_hierarchy
from api.seams.published_trust import PublishedTrust
from api.settings import Settings, SettingsError
from api.stores import Stores
from ca.ceremony import ROOT_ID
from verifier.errors import PolicyRefused
from verifier.limits import MIB, Limits
from verifier.model import TrustAnchorEntry
from verifier.policy import ValidationPolicy, load_policy
from verifier.service import VerificationService
from verifier.trust import anchor_from
from verifier.worker import WorkerPool


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """Judging, with the processes that do it."""

    service: VerificationService
    pool: WorkerPool


@contextmanager
def open_verification(
    settings: Settings, stores: Stores, now: Now, *, policy: str | None = None
) -> Iterator[Verification]:
    """The worker pool and the service over it; needs no HSM. `policy`: another one than that of the settings.

    Raises `SettingsError` where there is no such policy.
    """
    own = settings.verification
    limits = Limits(
        document_bytes=own.max_document_bytes,
        wall_seconds=float(own.seconds),
        cpu_seconds=own.seconds,
        address_space=own.memory_mib * MIB,
    )
    with WorkerPool(own.workers, limits, queue_length=own.queue) as pool:
        service = VerificationService(
            pool,
            trust_of(settings, stores),
            stores.register,
            policy=policy_named(policy or own.policy),
            limits=limits,
            now=now,
        )
        yield Verification(service=service, pool=pool)


def policy_named(name: str) -> ValidationPolicy:
    """The policy with this name and version; raises `SettingsError`."""
    try:
        return load_policy(name)
    except PolicyRefused as error:
        raise SettingsError(f"verification.policy: {error}") from None


def trust_of(settings: Settings, stores: Stores) -> PublishedTrust:
    """Our own root, never *certified*, and the anchors that the operator put into the folder.

    A root that stands there already, because it certifies our issuing CA, has the name and the class that it has there.
    """
    hierarchy = read_hierarchy(settings.pki.certificates)
    configured = known_anchors(settings)
    known = {each.certificate for each in configured}
    ours = () if hierarchy.root.public_bytes(Encoding.DER) in known else (own_anchor(hierarchy.root),)
    return PublishedTrust(
        anchors=(*ours, *configured),
        intermediates=hierarchy.authorities,
        crls=stores.crls,
        issuer_ids=(ROOT_ID, *(each.id for each in hierarchy.generations)),
        others=KeptStatusOfOthers(stores.database),
    )


def own_anchor(root: x509.Certificate) -> TrustAnchorEntry:
    """Our root under its common name."""
    return anchor_from(root, name=common_name(root), certified=False)
