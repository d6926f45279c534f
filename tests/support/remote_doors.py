"""The doors that sign with an authorisation given before: each as calls that bring its secret (CSC API)."""

import base64
import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import httpx

from signer.authorisation import AuthorisationState
from signer.model import Credential
from tests.support.all_doors import CLIENT, AllDoors
from tests.support.csc import ECDSA

FRESH: Final = (AuthorisationState.ACTIVE, 0)
BAD_SAD: Final = (400, "invalid_request", "Invalid parameter SAD")
SAD_EXPIRED: Final = (400, "invalid_request", "SAD expired")
NO_CREDENTIAL: Final = (400, "invalid_request", "Invalid parameter credentialID")
DISABLED: Final = (400, "invalid_request", "The credential identified by credentialID is disabled")


def b64(octets: bytes) -> str:
    """Standard Base64."""
    return base64.b64encode(octets).decode()


@dataclass(frozen=True, kw_only=True)
class RemoteDoor:
    """What is sent is a thing: a digest, or a document."""

    name: str
    path: str
    new: Callable[[AllDoors], bytes]
    """A thing that was never there before."""
    digest: Callable[[bytes], bytes]
    """By what a thing is authorised."""
    body: Callable[[Sequence[bytes]], dict[str, Any]]
    answered: str
    """The member of the answer with one value for each thing."""
    not_covered: tuple[int, str, str]
    malformed: dict[str, Any]
    """What this face does not take, in a request that is good apart from it."""

    def __str__(self) -> str:
        return self.name

    def things(self, doors: AllDoors, count: int) -> list[bytes]:
        """So many new ones."""
        return [self.new(doors) for _ in range(count)]

    def approved(self, doors: AllDoors, credential: Credential, things: Sequence[bytes], **more: Any) -> str:
        """The SAD of an authorisation of these; `more`: as for `Court.approved`."""
        digests = [self.digest(each) for each in things]
        return doors.court.approved(credential, digests, **({"client_id": CLIENT} | more))

    def ask(
        self,
        doors: AllDoors,
        credential: Credential,
        things: Sequence[bytes],
        sad: str | None,
        *,
        who: dict[str, str] | None = None,
        **more: Any,
    ) -> httpx.Response:
        """By default as the person's own token of `CLIENT` allows."""
        known = who or doors.court.token(CLIENT, None if credential.is_seal else credential.signatory.id)
        body = {"credentialID": credential.id, **self.body(things), **({} if sad is None else {"SAD": sad}), **more}
        return doors.http.post(f"/csc/{self.path}", json=body, headers=known)

    def signed(self, answer: httpx.Response, count: int = 1) -> None:
        """As many values as things came back."""
        assert answer.status_code == 200, (self.name, answer.text)
        assert len(answer.json()[self.answered]) == count

    def refused(self, answer: httpx.Response, *told: tuple[int, str, str]) -> None:
        """The answer is one of these refusals, in the face's shape, with nothing signed in it."""
        assert answer.headers["content-type"].split(";")[0] == "application/json"
        body = answer.json()
        assert set(body) == {"error", "error_description"}, (self.name, answer.text)
        assert (answer.status_code, body["error"], body["error_description"]) in told, (self.name, answer.text)


def _entry(**more: Any) -> dict[str, Any]:
    return {"signature_format": "P", "conformance_level": "Ades-B-B", "signAlgo": ECDSA, **more}


def _hashes(name: str) -> Callable[[Sequence[bytes]], dict[str, Any]]:
    return lambda things: {name: [b64(each) for each in things], "signAlgo": ECDSA}


def _new_digest(_: AllDoors) -> bytes:
    return secrets.token_bytes(32)


def _sha256(document: bytes) -> bytes:
    return hashlib.sha256(document).digest()


def _sign_hash(face: str, field: str) -> RemoteDoor:
    return RemoteDoor(
        name=f"signHash-{face}",
        path=f"{face}/signatures/signHash",
        new=_new_digest,
        digest=bytes,
        body=_hashes(field),
        answered="signatures",
        not_covered=(400, "invalid_request", "Hash is not authorized by the SAD"),
        malformed={"signAlgo": "1.2.840.113549.1.1.11"},
    )


_FOREIGN: Final = (403, "invalid_hash", "Document or documentDigest does not match authorized hash")
DOCUMENTS: Final = RemoteDoor(
    name="signDoc-documents",
    path="v2/signatures/signDoc",
    new=AllDoors.new_pdf,
    digest=_sha256,
    body=lambda things: {"documents": [_entry(document=b64(each)) for each in things]},
    answered="DocumentWithSignature",
    not_covered=_FOREIGN,
    malformed={"operationMode": "X"},
)
DIGESTS: Final = RemoteDoor(
    name="signDoc-digests",
    path="v2/signatures/signDoc",
    new=_new_digest,
    digest=bytes,
    body=lambda things: {"documentDigests": [_entry(hashes=[b64(each) for each in things])]},
    answered="SignatureObject",
    not_covered=_FOREIGN,
    malformed={"operationMode": "X"},
)
REMOTE: Final = (_sign_hash("v1", "hash"), _sign_hash("v2", "hashes"), DOCUMENTS, DIGESTS)
