"""The next generation of the issuing CA, made on one token and published beside the present one."""

from collections.abc import Callable
from functools import partial

from api.first_start import found_or_made
from api.given import Now, RandomBytes
from api.hierarchy import PublishedHierarchy, keep_certificate, read_hierarchy
from api.settings import Settings
from api.stores import Stores
from ca.ceremony import ROOT_ID, Ceremony, sign_transcript
from ca.errors import Misconfigured
from ca.succession import Successor, succeed
from ca.transcript import Transcript
from hsm_config.gate import Gate
from hsm_config.private_keys import token_key
from hsm_config.token_objects import list_labels


def require_next(hierarchy: PublishedHierarchy, number: int) -> None:
    """Nothing, or `Misconfigured` where generation `number` does not follow the newest."""
    newest = hierarchy.issuing.number
    if number <= newest:
        raise Misconfigured(f"generation {number} exists already: {hierarchy.issuing.id} issues")
    if number != newest + 1:
        raise Misconfigured(f"generation {number} does not follow {hierarchy.issuing.id}: the next one is {newest + 1}")


def hold_succession(
    settings: Settings,
    stores: Stores,
    gate: Gate,
    *,
    number: int,
    confirm: Callable[[str], None],
    now: Now,
    random_bytes: RandomBytes,
    actor: str,
) -> Successor:
    """Generation `number` with the root's key on the service's token; transcript and the root's signature over it lie
    beside the certificates.

    One that was interrupted is taken up again: until its certificate is published, nothing has changed for the service.
    Raises `ca.errors.CaError`, `HsmError`, `HierarchyMissing`.
    """
    folder = settings.pki.certificates
    hierarchy = read_hierarchy(folder)
    require_next(hierarchy, number)
    if ROOT_ID not in list_labels(gate):
        raise Misconfigured(f"{ROOT_ID} is not on this token: use `teken ceremony request`, `certify` and `complete`")
    transcript, text = Transcript(now), folder / f"succession-g{number}.txt"

    def announce(step: str) -> None:
        text.write_text(transcript.render(), encoding="utf-8")  # before each step: a power cut leaves one as well
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
    root_key = token_key(gate, ROOT_ID, retry=False)
    try:
        made = succeed(it, hierarchy.root, root_key, number=number)
    finally:
        text.write_text(transcript.render(), encoding="utf-8")
    text.with_suffix(".sig").write_bytes(sign_transcript(text.read_bytes(), root_key))
    publish_successor(settings, made)
    return made


def publish_successor(settings: Settings, made: Successor) -> None:
    """The responder first: from the moment on in which the CA's certificate lies there, the new generation issues."""
    folder = settings.pki.certificates
    keep_certificate(folder, made.responder.label, made.responder.certificate)
    keep_certificate(folder, made.id, made.certificate)
    read_hierarchy(folder)
