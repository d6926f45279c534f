"""A passkey in software: what a device answers to `create()` and `get()`, right, or wrong in one chosen respect."""

import hashlib
import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from secrets import token_bytes
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

USER_PRESENT, USER_VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass(slots=True, kw_only=True)
class SoftAuthenticator:
    """One device with one passkey (WebAuthn Level 3, 6)."""

    rp_id: str = "tte.contoh.go.id"
    origin: str = "https://tte.contoh.go.id"
    verified: bool = True
    """Whether it recognised its holder."""
    count: int = 0
    """Its signature counter; grows with each use, where `counts`."""
    counts: bool = True
    credential_id: bytes = field(default_factory=lambda: token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def create(self, options: str) -> str:
        """The answer to creation options, as the browser's `toJSON()` writes it."""
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + cbor2.dumps(cose)
        data = self._data(ATTESTED) + attested
        statement = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        told = {"clientDataJSON": self._client_data("webauthn.create", options), "attestationObject": statement}
        return self._answer(told)

    def get(self, options: str) -> str:
        """The answer to request options."""
        client_data, data = self._client_data("webauthn.get", options), self._data(0)
        signature = self.key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(hashes.SHA256()))
        told = {"clientDataJSON": client_data, "authenticatorData": data, "signature": signature}
        return self._answer(told)

    def _data(self, flags: int) -> bytes:
        self.count += self.counts
        flags |= USER_PRESENT | (USER_VERIFIED if self.verified else 0)
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client_data(self, kind: str, options: str) -> bytes:
        told = {"type": kind, "challenge": json.loads(options)["challenge"], "origin": self.origin}
        return json.dumps(told | {"crossOrigin": False}).encode()

    def _answer(self, response: dict[str, bytes]) -> str:
        name = _url(self.credential_id)
        told: dict[str, Any] = {
            "id": name,
            "rawId": name,
            "type": "public-key",
            "response": {key: _url(value) for key, value in response.items()},
            "clientExtensionResults": {},
        }
        return json.dumps(told)


def _url(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()
