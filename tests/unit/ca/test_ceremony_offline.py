"""A root kept offline: two machines with logs and keys of their own, and only files between them."""

import secrets
from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from ca.ceremony import (
    ISSUING_CA_ID,
    ISSUING_CA_NAME,
    ROOT_ID,
    Ceremony,
    Hierarchy,
    begin_root,
    certify_ca,
    complete,
    read_root_crl,
    renew_root_crl,
    request_ca,
    sign_transcript,
    take_over,
)
from ca.errors import Misconfigured, RequestRefused
from ca.model import StatusPeriods
from ca.transcript import Transcript
from tests.support.ca_hierarchy import NAMES, Clock
from tests.support.ca_keys import RemoteKey
from tests.support.ca_memory import MemoryCertificateLog, MemoryCrlStore


class Machine:
    """One machine of the ceremony: its token, its stores, its transcript."""

    def __init__(self) -> None:
        self.keys: dict[str, RemoteKey] = {}
        self.clock, self.log, self.crls = Clock(), MemoryCertificateLog(), MemoryCrlStore()
        self.transcript = Transcript(self.clock)
        self.asked: list[str] = []

    def make_key(self, label: str, curve: ec.EllipticCurve) -> ec.EllipticCurvePrivateKey:
        return self.keys.setdefault(label, RemoteKey(ec.generate_private_key(curve)))

    @property
    def it(self) -> Ceremony:
        return Ceremony(
            names=NAMES,
            make_key=self.make_key,
            log=self.log,
            crl_store=self.crls,
            periods=StatusPeriods(),
            now=self.clock,
            random_bytes=secrets.token_bytes,
            confirm=self.asked.append,
            transcript=self.transcript,
            actor="custodians",
        )


class Offline:
    """The whole ceremony, as far as it is asked for."""

    def __init__(self) -> None:
        self.vault, self.service = Machine(), Machine()
        self.root, self.crl = begin_root(self.vault.it)
        self.request = request_ca(self.service.it, ISSUING_CA_ID, ISSUING_CA_NAME)

    @property
    def root_key(self) -> RemoteKey:
        return self.vault.keys[ROOT_ID]

    def certify(self, request: x509.CertificateSigningRequest | None = None) -> x509.Certificate:
        return certify_ca(
            self.vault.it,
            self.root,
            self.root_key,
            request or self.request,
            label=ISSUING_CA_ID,
            common_name=ISSUING_CA_NAME,
        )

    def complete(self, **differences: object) -> Hierarchy:
        given = {
            "root": self.root,
            "root_crl": read_root_crl(self.crl.der, self.root),
            "key": self.service.keys[ISSUING_CA_ID],
        }
        if "issuing_ca" not in differences:
            given["issuing_ca"] = self.certify()
        return complete(self.service.it, **(given | differences))  # type: ignore[arg-type] - fields by name


def test_root_and_issuing_ca_never_share_a_token_and_make_one_hierarchy() -> None:
    offline = Offline()
    hierarchy = offline.complete()
    assert set(offline.vault.keys) == {ROOT_ID}
    assert set(offline.service.keys) == {ISSUING_CA_ID, hierarchy.tsu_id, hierarchy.responder_id}
    hierarchy.issuing_ca.verify_directly_issued_by(offline.root)
    hierarchy.tsu.verify_directly_issued_by(hierarchy.issuing_ca)
    assert offline.service.crls.current(ROOT_ID) == hierarchy.root_crl
    assert hierarchy.root_crl.der == offline.crl.der


def test_the_digest_of_the_request_is_compared_where_it_is_made_and_where_it_is_signed() -> None:
    offline = Offline()
    offline.certify()
    (made,) = (step.digests["request"] for step in offline.service.transcript.steps if "request" in step.digests)
    assert any(made in asked for asked in offline.vault.asked)


def test_a_completion_that_was_interrupted_is_taken_up_again() -> None:
    offline = Offline()
    first = offline.complete(issuing_ca=(issued := offline.certify()))
    again = offline.complete(issuing_ca=issued)
    assert again == first


def test_a_request_that_its_key_did_not_sign_is_not_certified() -> None:
    offline = Offline()
    der = bytearray(offline.request.public_bytes(Encoding.DER))
    der[-1] ^= 1
    with pytest.raises(RequestRefused, match="possession"):
        offline.certify(x509.load_der_x509_csr(bytes(der)))


def test_another_key_or_another_root_does_not_complete_the_hierarchy() -> None:
    offline, other = Offline(), Offline()
    for differences in (
        {"key": other.service.keys[ISSUING_CA_ID]},
        {"root": other.root},
        {"issuing_ca": other.certify()},
    ):
        with pytest.raises(Misconfigured):
            offline.complete(**differences)
    assert offline.service.crls.current(ROOT_ID) is None


@pytest.mark.parametrize(
    "broken",
    [lambda _: b"", lambda _: b"0\x00", lambda der: der[:-1] + bytes([der[-1] ^ 1]), lambda _: Offline().crl.der],
    ids=["empty", "no CRL", "changed", "of another root"],
)
def test_what_is_no_crl_of_this_root_is_refused(broken: Callable[[bytes], bytes]) -> None:
    offline = Offline()
    with pytest.raises(Misconfigured, match="this is no CRL of"):
        read_root_crl(broken(offline.crl.der), offline.root)


def test_the_yearly_crl_is_taken_over_once_and_never_an_older_one() -> None:
    offline = Offline()
    offline.complete()
    offline.vault.clock.at += timedelta(days=200)
    newer = renew_root_crl(offline.vault.it, offline.root, offline.root_key)
    store, at = offline.service.crls, offline.vault.clock()
    for _ in range(2):
        take_over(store, read_root_crl(newer.der, offline.root), at)
        current = store.current(ROOT_ID)
        assert current is not None
        assert current.number == 2
    with pytest.raises(Misconfigured, match="bring a newer one"):
        take_over(store, read_root_crl(offline.crl.der, offline.root), at)


def test_the_transcript_is_signed_by_the_new_root() -> None:
    offline = Offline()
    text = offline.vault.transcript.render().encode()
    signature = sign_transcript(text, offline.root_key)
    public = offline.root_key.public_key()
    public.verify(signature, text, ec.ECDSA(hashes.SHA384()))
    with pytest.raises(InvalidSignature):
        public.verify(signature, text + b" ", ec.ECDSA(hashes.SHA384()))


def test_a_second_root_on_the_same_machine_is_refused() -> None:
    offline = Offline()
    with pytest.raises(Misconfigured, match="exists already"):
        begin_root(offline.vault.it)
