"""`kill -9` in the middle of issuing, wrapping and CRL writing, with a real token and database.

The middle of a first start is in test_custody_crash.py, of a checkpoint in test_audit_faults.py, of signing in
test_crash.py.
"""

import json
import os
import random
import secrets
import signal
import time
import traceback
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import select

from api.authority import Authority, build_authority
from api.custody import tidy_token
from api.first_start import settings_in
from api.given import utc_now
from api.hsm import Hsm, hsm_settings, open_hsm
from api.stores import Stores, open_stores
from ca.ceremony import ISSUING_CA_ID
from ca.csr import request_for
from ca.profiles import OFFICIAL
from hsm_config.gate import Gate
from store.audit import Act
from store.tables import CertificateRow, CrlRow
from tests.support.ca_hierarchy import PERSON
from tests.support.fresh import in_fresh_process
from tests.support.service import copied
from tests.support.signing import PASSPHRASE

pytestmark = [pytest.mark.hsm]

KILLS = 3
ACT_SECONDS = 0.15
"""Longer than one act takes: the kills fall anywhere in it."""


@dataclass(frozen=True, kw_only=True)
class Works:
    """The parts of a service that is at work."""

    stores: Stores
    hsm: Hsm
    authority: Authority


ALL = 1_000_000

Work = Callable[[Works], int]
"""One act; returns what its caller was given: the serial of a certificate, the number of a CRL."""


def issue(works: Works) -> int:
    csr = request_for(ec.generate_private_key(ec.SECP256R1()), PERSON.common_name)
    return works.authority.issuance.issue(csr, PERSON, OFFICIAL, "officer-1").serial_number


def wrap(works: Works) -> int:
    works.hsm.vault.generate(
        key_id=secrets.token_hex(10), signatory_id="K5QXA2LBONUWC3TB", passphrase=PASSPHRASE, make_csr=lambda _: None
    )
    return 0


def write_crl(works: Works) -> int:
    return works.authority.publishers[0].publish().number


def at_work(folder: Path, opened: ExitStack) -> Works:
    """Everything open, as in a service that starts: what a killed writer left on the token is removed."""
    settings = settings_in(folder)
    stores = opened.enter_context(open_stores(settings))

    def tidy(gate: Gate) -> None:
        tidy_token(hsm_settings(settings), settings.pki.certificates, stores, gate, now=utc_now)

    hsm = opened.enter_context(open_hsm(settings, secrets.token_bytes, tidy=tidy))
    authority = build_authority(settings, stores, hsm, now=utc_now, random_bytes=secrets.token_bytes)
    return Works(stores=stores, hsm=hsm, authority=authority)


@dataclass(frozen=True, kw_only=True)
class Struck:
    """A process that worked until it was killed."""

    given: list[int]
    """What its callers were given."""
    in_the_middle: bool


def killed_at(work: Work, folder: Path, seconds: float) -> Struck:
    """Let a child of this process act and act, and kill it `seconds` after its first act."""
    reading, telling = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            with ExitStack() as opened:
                works = at_work(folder, opened)
                while True:
                    os.write(telling, b"begun\n")
                    os.write(telling, f"{work(works)}\n".encode())
        finally:
            os._exit(1)  # nobody ends it but the kill
    os.close(telling)
    with os.fdopen(reading) as told:
        first = [told.readline() for _ in range(2)]
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
        lines = [line.strip() for line in (*first, *told)]
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "the worker failed before it was killed"
    return Struck(given=[int(line) for line in lines if line.isdigit()], in_the_middle=lines[-1] == "begun")


def looked_at(folder: Path, given: list[int], work: Work) -> None:
    """Start again in a child of this process, which fails where something is not as it must be."""
    child = os.fork()
    if child == 0:
        try:
            with ExitStack() as opened:
                works = at_work(folder, opened)
                works.stores.certificates.abandon_stale(before=utc_now(), at=utc_now())  # as after ten minutes
                look(works, folder, given, work)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0, "see the traceback of the child"


def look(works: Works, folder: Path, given: list[int], work: Work) -> None:
    """What an auditor sees after each kill."""
    stores = works.stores
    assert stores.audit.verify() is None
    works.hsm.vault.canary()
    settings = settings_in(folder)
    tidied = tidy_token(hsm_settings(settings), settings.pki.certificates, stores, works.hsm.gate, now=utc_now)
    assert tidied == (), "no orphan on the token"

    rows = states(stores)
    issued = [name for name, state in rows.items() if state == "issued"]
    assert set(rows.values()) <= {"issued", "abandoned"}
    for act, there in ((Act.CERTIFICATE_RESERVE, rows), (Act.CERTIFICATE_ISSUE, issued)):
        assert objects(stores, act) == sorted(f"certificate:{issuer}/{serial:020x}" for issuer, serial in there)
    published = stores.audit.read(act=Act.CRL_PUBLISH, limit=ALL)
    assert sorted((entry.object, json.loads(entry.details)["number"]) for entry in published) == crls(stores)

    crl = stores.crls.current(ISSUING_CA_ID)
    assert crl is not None
    old = x509.load_der_x509_crl(crl.der)
    assert old.is_signature_valid(works.authority.hierarchy.issuing_ca.public_key())  # type: ignore[arg-type] - an EC key
    if work is issue:
        assert len(given) == len(set(given)), "no serial twice"
        assert {(ISSUING_CA_ID, serial) for serial in given} <= set(issued)
    if work is write_crl:
        assert crl.number >= max(given), "what was published is served, or what came after it"


def states(stores: Stores) -> dict[tuple[str, int], str]:
    """The state of every certificate, by issuer and serial."""
    with stores.database.transaction() as session:
        found = session.execute(select(CertificateRow.issuer_id, CertificateRow.serial, CertificateRow.state)).all()
    return {(issuer, serial): state for issuer, serial, state in found}


def crls(stores: Stores) -> list[tuple[str, int]]:
    """Every CRL, as the trail names them."""
    with stores.database.transaction() as session:
        found = session.execute(select(CrlRow.issuer_id, CrlRow.number)).all()
    return sorted((f"issuer:{issuer}", number) for issuer, number in found)


def objects(stores: Stores, act: Act) -> list[str]:
    """What the trail says was acted upon."""
    return sorted(entry.object for entry in stores.audit.read(act=act, limit=ALL))


def strike(folder: Path, work: Work, seed: int) -> int:
    """Kill `work` three times and look each time; how often it was in the middle. The seed chooses the moments."""
    draw = random.Random(seed)  # noqa: S311 - moments, not secrets
    given: list[int] = []
    in_the_middle = 0
    for _ in range(KILLS):
        struck = killed_at(work, folder, draw.uniform(0, ACT_SECONDS))
        given += struck.given
        in_the_middle += struck.in_the_middle
        looked_at(folder, given, work)
    assert len(given) >= KILLS
    return in_the_middle


WORKS = pytest.mark.parametrize("work", [issue, wrap, write_crl], ids=lambda work: work.__name__)


@WORKS
def test_killed_at_work_nothing_is_half_done(born: Path, tmp_path: Path, work: Work) -> None:
    assert in_fresh_process(strike, copied(born, tmp_path / "data"), work, 0) > 0


@WORKS
@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_killed_fifty_times_at_work_nothing_is_half_done(born: Path, tmp_path: Path, work: Work) -> None:
    folder = copied(born, tmp_path / "data")
    in_the_middle = sum(in_fresh_process(strike, folder, work, seed) for seed in range(1, 18))
    assert in_the_middle > 17 * KILLS / 2, "the kills came between the acts"
