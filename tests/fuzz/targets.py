"""What is fuzzed: each target takes bytes, and raises exactly when something is wrong with us.

`cms` and `token` read containers, `certificate` and `status` what they carry, `pdf` judges whole files, `xml` reads
trust lists.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from tests.support.pki import Pki, make_pki
from tests.vectors import containers
from tests.vectors.containers import Style, as_der, cms, embed
from tests.vectors.letters import add_validation_data, pages, sign, timestamp_document, trust_in
from tests.vectors.trust_lists import Service, trust_list
from verifier.certificates import certificate
from verifier.cms import Refused, parse_cms
from verifier.errors import AnchorRefused
from verifier.integrity import signature_holds, token_holds
from verifier.limits import Limits
from verifier.model import Indication, TrustSnapshot
from verifier.paths import material_of
from verifier.policy import ValidationPolicy, load_policy
from verifier.signature_value import Message
from verifier.status import StatusPool
from verifier.trust_list import read_trust_list
from verifier.validation import validate

LIMITS = Limits()
COVERED = b"what was signed"
HOUR = timedelta(hours=1)


class Finding(Exception):
    """Not an exception of ours, and still wrong."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """One way into the parsers."""

    seeds: Callable[[], list[bytes]]
    run: Callable[[bytes], None]
    traced: tuple[str, ...]
    """Folders and files whose lines count as coverage, as parts of their paths."""


@lru_cache(maxsize=1)
def pki() -> Pki:
    return make_pki()


@lru_cache(maxsize=1)
def _makers() -> list[containers.Maker]:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    big, small = rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP256R1())
    edwards = ed25519.Ed25519PrivateKey.generate()
    certified = {key: as_der(pki().certify(key.public_key())[0]) for key in (big, small, edwards)}  # type: ignore[arg-type]
    return [
        containers.rsa_maker(big, certified[big]),
        containers.pss_maker(big, certified[big], salt=20),
        containers.ecdsa_maker(small, certified[small], "0.4.0.127.0.7.1.1.4.1.3", plain=True),
        containers.edwards_maker(edwards, certified[edwards]),
    ]


def _containers() -> list[bytes]:
    styles = (Style(), Style(ber=True), Style(attributes=False), Style(by_key_identifier=True), Style(ordered=False))
    issuing = (as_der(pki().issuing.certificate),)
    found = [cms(COVERED, maker, style) for maker in _makers() for style in styles]
    tokens = [pki().token(hashlib.sha256(COVERED).digest())]
    chained = Style(certificates=issuing)
    return [*found, cms(COVERED, _makers()[0], chained, tokens=lambda _: tokens), *tokens]


def _read_container(data: bytes) -> None:
    try:
        signature_holds(parse_cms(data, LIMITS), Message(COVERED))
    except Refused:
        return


def _read_token(data: bytes) -> None:
    try:
        token_holds(data, Message(COVERED), LIMITS)
    except Refused:
        return


@lru_cache(maxsize=1)
def _letters() -> list[bytes]:
    own = pki()
    plain = sign(pages("Surat"), own.official, claimed=own.at)
    stamped = sign(pages("Surat", "Lampiran"), own.official, claimed=own.at, token_of=(own, own.at))
    crls = [own.crl(own.issuing), own.crl(own.root)]
    archived = timestamp_document(add_validation_data(stamped, own.official.chain, crls, []), own, own.at)
    twice = sign(plain, own.official, field="Signature2", claimed=own.at)
    bare = embed(pages("Surat"), lambda covered: cms(covered, _makers()[0], Style(ber=True)))
    return [plain, stamped, archived, twice, bare]


@lru_cache(maxsize=1)
def _rules() -> tuple[ValidationPolicy, TrustSnapshot]:
    return load_policy("teken-1"), trust_in(pki(), at=pki().at + HOUR)


def _judge(data: bytes) -> None:
    report = validate(data, *_rules(), pki().at + HOUR)
    if "cannot be judged" in report.detail:
        raise Finding(report.detail)
    if report.indication is Indication.TOTAL_PASSED and not any(_same_signed(data, seed) for seed in _letters()):
        raise Finding("a spoilt file passes")


def _same_signed(data: bytes, seed: bytes) -> bool:
    """Whether they differ at most inside of /Contents, whose padding and unsigned attributes nobody signed."""
    at, differing = 0, [index for index in range(min(len(data), len(seed))) if data[index] != seed[index]]
    if not differing:
        return True  # a longer or shorter end is the business of later revisions
    for index in differing:
        at = seed.rfind(b"/Contents <", 0, index + 1)
        if at < 0 or seed.find(b">", at) < index:
            return False
    return True


@lru_cache(maxsize=1)
def _status_data() -> tuple[bytes, ...]:
    own = pki()
    serial = own.official.certificate.serial_number
    revoked = own.crl(revoked={serial: own.at - HOUR})
    return own.crl(), revoked, own.crl(own.root), own.ocsp(own.official.certificate)


def _ask_status(data: bytes) -> None:
    own = pki()
    subject, issuer = certificate(as_der(own.official.certificate)), certificate(as_der(own.issuing.certificate))
    for pool in (StatusPool(crls=[data], ocsp_responses=[]), StatusPool(crls=[], ocsp_responses=[data])):
        for status in pool.statuses(subject, issuer):
            if status.revoked_at is None and data not in _status_data():
                raise Finding("a spoilt status says that a certificate is good")


def _read_certificate(data: bytes) -> None:
    try:
        own = certificate(data)
    except ValueError:
        return
    _ = own.key_kind, own.signature_digest, own.summary, own.key_usages, own.extended_key_usages, own.is_authority
    material_of(_rules()[1]).chains(own, "signature", ())


def _certificates() -> list[bytes]:
    own = pki()
    return [*(maker.certificate for maker in _makers()), *(as_der(each) for each in own.tsu.chain)]


def _lists() -> list[bytes]:
    service = Service(name="CA", certificate=as_der(pki().issuing.certificate))
    past = (("withdrawn", "2026-03-01T00:00:00Z"), ("granted", "2026-01-01T00:00:00Z"))
    return [trust_list(service), trust_list(Service(name="CA", certificate=service.certificate, states=past))]


def _read_list(data: bytes) -> None:
    try:
        read_trust_list(data, certified=False)
    except AnchorRefused:
        return


_OWN = "/verifier/"
TARGETS = {
    "cms": Target(seeds=_containers, run=_read_container, traced=(_OWN,)),
    "token": Target(seeds=_containers, run=_read_token, traced=(_OWN,)),
    "pdf": Target(seeds=_letters, run=_judge, traced=(_OWN, "/pyhanko/pdf_utils/", "/pyhanko/sign/")),
    "status": Target(seeds=lambda: list(_status_data()), run=_ask_status, traced=(_OWN,)),
    "certificate": Target(seeds=_certificates, run=_read_certificate, traced=(_OWN, "/pyhanko_certvalidator/")),
    "xml": Target(seeds=_lists, run=_read_list, traced=(_OWN,)),
}
