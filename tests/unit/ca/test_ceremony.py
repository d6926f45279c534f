"""The birth of a hierarchy: what comes out, who was asked, what was written down."""

import secrets
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from ca.ceremony import Ceremony, Hierarchy, run_ceremony
from ca.errors import Misconfigured, SigningKeyUnavailable
from ca.model import CertificateState, StatusPeriods
from ca.transcript import Transcript
from tests.support.ca_hierarchy import NAMES, Clock, new_world
from tests.support.ca_keys import RemoteKey, SilentKey
from tests.support.ca_memory import MemoryCertificateLog, MemoryCrlStore


class Rehearsal:
    """One ceremony with everything in view."""

    def __init__(self, *, stop_at: str | None = None, silent: str | None = None) -> None:
        self.keys: dict[str, RemoteKey] = {}
        self.asked: list[str] = []
        self.log, self.store, self.clock = MemoryCertificateLog(), MemoryCrlStore(), Clock()
        self.transcript = Transcript(self.clock)
        self.resuming = False
        self._stop_at, self._silent = stop_at, silent

    def make_key(self, label: str, curve: ec.EllipticCurve) -> ec.EllipticCurvePrivateKey:
        if label in self.keys:
            assert self.resuming
            return self.keys[label]
        kind = SilentKey if label == self._silent else RemoteKey
        self.keys[label] = kind(ec.generate_private_key(curve))
        return self.keys[label]

    def take_up_again(self) -> None:
        """The next run: keys and rows are still there, and nobody says no any more."""
        self.resuming, self._stop_at = True, None
        self.transcript = Transcript(self.clock)

    def confirm(self, what: str) -> None:
        self.asked.append(what)
        if self._stop_at is not None and self._stop_at in what:
            raise KeyboardInterrupt

    def run(self, *, resuming: bool = False) -> Hierarchy:
        return run_ceremony(self.it, resuming=resuming)

    @property
    def it(self) -> Ceremony:
        return Ceremony(
            names=NAMES,
            make_key=self.make_key,
            log=self.log,
            crl_store=self.store,
            periods=StatusPeriods(),
            now=self.clock,
            random_bytes=secrets.token_bytes,
            confirm=self.confirm,
            transcript=self.transcript,
            actor="custodians 1 and 2",
        )


def test_four_certificates_and_a_root_crl_come_out() -> None:
    rehearsal = Rehearsal()
    hierarchy = rehearsal.run()
    assert set(hierarchy.certificates) == {"root-g1", "ca-1-g1", "tsu-2026-1", "ocsp-2026-11-21"}
    hierarchy.root.verify_directly_issued_by(hierarchy.root)
    hierarchy.issuing_ca.verify_directly_issued_by(hierarchy.root)
    hierarchy.tsu.verify_directly_issued_by(hierarchy.issuing_ca)
    hierarchy.responder.verify_directly_issued_by(hierarchy.issuing_ca)
    assert hierarchy.root_crl == rehearsal.store.current("root-g1")
    assert hierarchy.root_crl.number == 1


def test_each_certificate_belongs_to_the_key_of_its_name() -> None:
    rehearsal = Rehearsal()
    hierarchy = rehearsal.run()
    assert {label: key.public_key() for label, key in rehearsal.keys.items()} == {
        label: certificate.public_key() for label, certificate in hierarchy.certificates.items()
    }


def test_every_certificate_stands_in_the_log_under_its_issuer() -> None:
    rehearsal = Rehearsal()
    hierarchy = rehearsal.run()
    rows = {(row.issuer_id, row.profile): row for row in rehearsal.log.rows.values()}
    assert set(rows) == {
        ("root-g1", "root-ca/1"),
        ("root-g1", "issuing-ca/1"),
        ("ca-1-g1", "tsu/1"),
        ("ca-1-g1", "ocsp-responder/1"),
    }
    assert {row.state for row in rows.values()} == {CertificateState.ISSUED}
    assert rows["root-g1", "root-ca/1"].der == hierarchy.root.public_bytes(Encoding.DER)
    assert set(rehearsal.log.intents) == set(rehearsal.log.rows)


def test_people_are_asked_before_every_step_and_read_the_fingerprint_aloud() -> None:
    rehearsal = Rehearsal()
    hierarchy = rehearsal.run()
    fingerprint = hierarchy.root.fingerprint(hashes.SHA256()).hex(":").upper()
    steps = ("key root-g1", "root-ca/1", fingerprint, "next CRL", "key ca-1-g1", "issuing-ca/1")
    steps += ("key tsu-2026-1", "tsu/1", "key ocsp-2026-11-21", "ocsp-responder/1")
    assert len(rehearsal.asked) == len(steps)
    assert all(step in asked for step, asked in zip(steps, rehearsal.asked, strict=True))


def test_the_transcript_names_every_artefact_by_its_hash_and_no_secret() -> None:
    rehearsal = Rehearsal()
    hierarchy = rehearsal.run()
    text = rehearsal.transcript.render()
    artefacts = [one.public_bytes(Encoding.DER) for one in hierarchy.certificates.values()]
    for artefact in (*artefacts, hierarchy.root_crl.der):
        assert sha256(artefact).hexdigest() in text
    assert text.startswith("Key ceremony: transcript\n\n  1. 2026-11-21T04:00:00Z  ceremony of Pemerintah")
    assert text.endswith("  ceremony ended\n")
    assert "PRIVATE" not in text


def test_who_says_no_stops_the_ceremony_and_the_transcript_remains() -> None:
    rehearsal = Rehearsal(stop_at="fingerprint")
    with pytest.raises(KeyboardInterrupt):
        rehearsal.run()
    assert set(rehearsal.keys) == {"root-g1"}
    assert "issued root-ca/1 to root-g1" in rehearsal.transcript.steps[-1].what
    assert "ended" not in rehearsal.transcript.render()


def test_a_token_that_is_gone_stops_the_ceremony() -> None:
    with pytest.raises(SigningKeyUnavailable):
        Rehearsal(silent="ca-1-g1").run()


def test_a_second_root_in_the_same_store_is_refused() -> None:
    rehearsal = Rehearsal()
    rehearsal.run()
    made = len(rehearsal.keys)
    with pytest.raises(Misconfigured, match="exists already"):
        rehearsal.run()
    assert len(rehearsal.keys) == made


STEPS = (
    "key root-g1",
    "root-ca/1",
    "fingerprint",
    "next CRL",
    "key ca-1-g1",
    "issuing-ca/1",
    "key tsu-2026-1",
    "tsu/1",
    "key ocsp-",
    "ocsp-responder/1",
)


@pytest.mark.parametrize("step", STEPS)
def test_an_interrupted_ceremony_is_taken_up_again_and_keeps_what_exists(step: str) -> None:
    rehearsal = Rehearsal(stop_at=step)
    with pytest.raises(KeyboardInterrupt):
        rehearsal.run()
    keys, rows = dict(rehearsal.keys), dict(rehearsal.log.rows)
    rehearsal.take_up_again()
    hierarchy = rehearsal.run(resuming=True)
    hierarchy.issuing_ca.verify_directly_issued_by(hierarchy.root)
    hierarchy.responder.verify_directly_issued_by(hierarchy.issuing_ca)
    assert keys.items() <= rehearsal.keys.items()
    assert rows.items() <= rehearsal.log.rows.items()
    assert len(rehearsal.log.rows) == 4
    assert hierarchy.root_crl.number == 1


def test_a_key_that_was_certified_as_something_else_stops_the_ceremony() -> None:
    rehearsal = Rehearsal()
    rehearsal.run()
    rehearsal.take_up_again()
    rehearsal.keys["ca-1-g1"] = rehearsal.keys["tsu-2026-1"]
    with pytest.raises(Misconfigured, match="has a certificate as tsu/1"):
        rehearsal.run(resuming=True)


def test_a_hierarchy_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        new_world().hierarchy.certificates["root-g1"] = new_world().issuing_ca
