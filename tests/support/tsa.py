"""Time-stamping authorities of others for tests: answers with exactly one thing wrong, and OpenSSL's responder."""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from asn1crypto import tsp
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.support.pki import POLICY, Holder, Pki
from tests.support.tst import timestamp_token

TSA_POLICY = f"{POLICY}.2.1"


@dataclass
class OtherAuthority:
    """Another house's unit behind a wire; each field is one thing to get wrong."""

    pki: Pki
    unit: Holder | None = None
    policy: str = TSA_POLICY
    status: int = 0
    at: datetime | None = None
    wrong_imprint: bool = False
    nonce: Callable[[int], int | None] = lambda nonce: nonce
    name_in_token: bool = True
    """Whether its certificate travels with the token."""
    asked: int = 0

    def __call__(self, request: bytes) -> bytes:
        self.asked += 1
        read = tsp.TimeStampReq.load(request)
        assert read["cert_req"].native is True
        digest = read["message_imprint"]["hashed_message"].native
        if self.wrong_imprint:
            digest = bytes(len(digest))
        unit = self.unit or self.pki.tsu
        carried = unit.chain[:-1] if self.name_in_token else ()
        assert isinstance(unit.key, ec.EllipticCurvePrivateKey)
        token = timestamp_token(
            digest,
            read["message_imprint"]["hash_algorithm"]["algorithm"].native,
            self.at or self.pki.at,
            unit.key,
            carried or unit.chain,
            policy=self.policy,
            nonce=self.nonce(read["nonce"].native),
        )
        if not self.name_in_token:
            token = token.replace(unit.certificate.public_bytes(Encoding.DER), unit.chain[1].public_bytes(Encoding.DER))
        body = (b"\x30\x03\x02\x01" + bytes([self.status])) + (token if self.status < 2 else b"")
        return b"\x30\x82" + len(body).to_bytes(2, "big") + body


class OpensslAuthority:
    """`openssl ts -reply`, as a small house would run it."""

    def __init__(self, folder: Path, unit: Holder, *, policy: str = TSA_POLICY) -> None:
        self._folder = folder
        key = unit.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / "tsu.key").write_bytes(key)
        (folder / "tsu.pem").write_bytes(unit.certificate.public_bytes(Encoding.PEM))
        (folder / "chain.pem").write_bytes(b"".join(each.public_bytes(Encoding.PEM) for each in unit.chain[1:-1]))
        (folder / "serial").write_text("01\n")
        (folder / "ts.conf").write_text(
            f"[tsa]\ndefault_tsa = own\n[own]\nserial = {folder}/serial\nsigner_cert = {folder}/tsu.pem\n"
            f"certs = {folder}/chain.pem\nsigner_key = {folder}/tsu.key\nsigner_digest = sha256\n"
            f"default_policy = {policy}\ndigests = sha256\naccuracy = secs:1\nordering = no\ntsa_name = no\n"
        )

    def __call__(self, request: bytes) -> bytes:
        query, reply = self._folder / "query", self._folder / "reply"
        query.write_bytes(request)
        subprocess.run(
            ["openssl", "ts", "-reply", "-config", self._folder / "ts.conf", "-queryfile", query, "-out", reply],
            check=True,
            capture_output=True,
        )
        return reply.read_bytes()
