"""Another house's real time-stamping services: a running service of this program, and OpenSSL's behind a socket."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography import x509

from api.outside_time import outside_authorities
from api.settings import OutsideTsaSettings
from signer.errors import TimestampUnavailable
from signer.outside_authority import CLOCK_SKEW
from signer.timestamping import TimestampAuthorities
from tests.support.local_servers import LocalHttp, local_http
from tests.support.pki import make_pki
from tests.support.service import RunningService
from tests.support.signing import counted_bytes
from tests.support.tsa import OpensslAuthority, OtherAuthority
from tests.unit.api.test_outside_time import dripping, with_outside
from verifier.model import TrustAnchorEntry
from verifier.trust import anchor_from

pytestmark = pytest.mark.hsm

DIGEST = sha256(b"a signature value").digest()
REPLY = {"Content-Type": "application/timestamp-reply"}


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def http() -> Iterator[LocalHttp]:
    with local_http() as server:
        yield server


def anchored(root: x509.Certificate, name: str) -> TrustAnchorEntry:
    return anchor_from(root, name=name, certified=False)


def test_the_first_good_one_of_many_bad_ones_stamps(service: RunningService, http: LocalHttp, tmp_path: Path) -> None:
    """One hangs, one sends rubbish, three answer about something else, one has ended; then the real ones."""
    other = make_pki(now())
    expired = other.tsu_with(not_after=now() - timedelta(seconds=30))
    bad = {
        "rubbish": lambda _: b"\x30\x80rubbish",
        "imprint": OtherAuthority(other, wrong_imprint=True, at=now()),
        "nonce": OtherAuthority(other, nonce=lambda nonce: nonce + 1, at=now()),
        "ended": OtherAuthority(other, unit=expired, at=now() - timedelta(seconds=31)),
        "refuses": OtherAuthority(other, status=2, at=now()),
    }
    for name, answer in bad.items():
        http.answers[f"/{name}"] = lambda body, answer=answer: (200, REPLY, answer(body))  # type: ignore[misc]
    openssl = OpensslAuthority(tmp_path, other.tsu)
    http.answers["/openssl"] = lambda body: (200, REPLY, openssl(body))
    root = x509.load_der_x509_certificate(service.http.get("/pki/certificates/root-g1.cer").content)
    with dripping(b"", b"") as hanging:
        outside = (
            OutsideTsaSettings(name="hangs", url=hanging.rstrip("/"), seconds=0.5),
            *(OutsideTsaSettings(name=name, url=http.url(f"/{name}")) for name in bad),
            OutsideTsaSettings(name="teken", url=f"{service.url}/pki/tsa", anchors=("Teken",)),
            OutsideTsaSettings(name="openssl", url=http.url("/openssl"), anchors=("Lain",)),
        )
        made = outside_authorities(
            with_outside(tmp_path, *outside),
            (anchored(root, "Teken"), anchored(other.root.certificate, "Lain")),
            now=now,
            random_bytes=counted_bytes(),
        )
        authorities = TimestampAuthorities(made, now=now)
        stamped = authorities.timestamp(DIGEST)
    assert stamped.chain[-1] == root
    assert abs(stamped.at - now()) <= CLOCK_SKEW
    counts = {each.name: (each.granted, each.failed) for each in authorities.counts()}
    assert counts == {"hangs": (0, 1), **dict.fromkeys(bad, (0, 1)), "teken": (1, 0), "openssl": (0, 0)}
    assert made[-1].timestamp(DIGEST, "sha256").chain == other.tsu.chain


def test_a_service_of_this_program_is_not_believed_without_its_anchor(service: RunningService, tmp_path: Path) -> None:
    own = OutsideTsaSettings(name="teken", url=f"{service.url}/pki/tsa")
    stranger = anchored(make_pki(now()).root.certificate, "Lain")
    (made,) = outside_authorities(with_outside(tmp_path, own), (stranger,), now=now, random_bytes=counted_bytes())
    with pytest.raises(TimestampUnavailable):
        made.timestamp(DIGEST, "sha256")
