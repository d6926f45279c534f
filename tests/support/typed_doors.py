"""The doors at which a passphrase is typed: each as one whole call that signs a new document, or is refused.

The desk is one as well: its pages ask for a second factor beside it, and never say which of the two was wrong.
"""

import json
import secrets
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import httpx

from signer.model import Credential
from tests.support.all_doors import CLIENT, RIGHT, AllDoors, send_form

Ask = Callable[[], httpx.Response]
"""One call, prepared; everything that comes before it is done."""
Prepare = Callable[[AllDoors, str, Credential, str], Ask]
Compare = Callable[[httpx.Response, httpx.Response], None]


@dataclass(frozen=True, kw_only=True)
class Told:
    """How a face says no: its status, and what its error says in its own words."""

    status: int
    word: object


@dataclass(frozen=True, kw_only=True)
class TypedDoor:
    """`prepare(doors, passphrase, credential, client)` gives the call."""

    name: str
    prepare: Prepare
    once: Prepare
    """The same as a call that may be sent again."""
    repeated: Compare
    """Looks at what came back for the first and for a later one."""
    malformed: Prepare
    """The same with something in it that this face does not take."""
    said: Callable[[httpx.Response], object]
    """The word by which a client tells refusals apart; fails where the error has another shape than this face's."""
    wrong: Told
    locked: Told
    suspended: Told
    revoked: Told
    expired: Told

    def __str__(self) -> str:
        return self.name

    def ask(
        self,
        doors: AllDoors,
        credential: Credential,
        passphrase: str = RIGHT,
        *,
        client: str = CLIENT,
    ) -> httpx.Response:
        """Prepared and called."""
        return self.prepare(doors, passphrase, credential, client)()

    def refused(self, answer: httpx.Response, told: Told) -> None:
        """The answer is this refusal, in this face's shape, without a secret in it."""
        assert answer.status_code == told.status, (self.name, answer.status_code, answer.text)
        assert self.said(answer) == told.word, (self.name, answer.text)
        assert RIGHT not in answer.text


def problem_word(answer: httpx.Response) -> object:
    """The last part of a problem's type, and its reason."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == answer.status_code
    return problem["type"].rpartition("/")[2], problem.get("reason")


def gateway_word(answer: httpx.Response) -> object:
    """`status_code` of the gateway's errors."""
    assert answer.headers["content-type"].startswith("application/json"), answer.text
    told: dict[str, Any] = answer.json()
    assert set(told) == {"error", "status_code"}
    assert answer.headers["cache-control"] == "no-store"
    return told["status_code"]


def _document(doors: AllDoors, passphrase: str, credential: Credential, client: str, **more: str) -> Ask:
    told = json.dumps({"credential": credential.id, "passphrase": passphrase, "level": "B-B"} | more)
    files = {"document": ("surat.pdf", doors.new_pdf(), "application/pdf"), "request": (None, told)}
    return lambda: doors.http.post("/v1/signatures", files=files, headers=doors.bearer(client))


def _document_once(doors: AllDoors, passphrase: str, credential: Credential, client: str) -> Ask:
    told = json.dumps({"credential": credential.id, "passphrase": passphrase, "level": "B-B"})
    files = {"document": ("surat.pdf", doors.new_pdf(), "application/pdf"), "request": (None, told)}
    key = {"Idempotency-Key": secrets.token_hex(10)}
    return lambda: doors.http.post("/v1/signatures", files=files, headers=doors.bearer(client) | key)


def _batch(doors: AllDoors, passphrase: str, credential: Credential, client: str, **more: str) -> Ask:
    where = doors.batch(doors.new_pdf(), credential=credential.id, client=client)
    consent = {"passphrase": passphrase} | more
    return lambda: doors.http.post(f"{where}/consent", json=consent, headers=doors.bearer(client))


def _step(doors: AllDoors, passphrase: str, credential: Credential, client: str, **more: str) -> Ask:
    where = doors.flow(credential.id, client=client)
    told = {"credential": credential.id, "passphrase": passphrase} | more
    return lambda: doors.http.post(f"{where}/steps/1", json=told, headers=doors.bearer(client))


def _gateway_v1(doors: AllDoors, passphrase: str, credential: Credential, client: str, **more: str) -> Ask:
    fields = {"nik": doors.niks[credential.id], "passphrase": passphrase, "tampilan": "invisible"} | more
    document = doors.new_pdf()
    return lambda: send_form(doors, "/api/sign/pdf", fields, document, client)


def _gateway_v2(doors: AllDoors, passphrase: str, credential: Credential, client: str, **more: str) -> Ask:
    body = {
        "nik": doors.niks[credential.id],
        "passphrase": passphrase,
        "file": [b64encode(doors.new_pdf()).decode()],
        "signatureProperties": [{"tampilan": "INVISIBLE"} | more],
    }
    return lambda: doors.http.post("/api/v2/sign/pdf", json=body, auth=doors.gateway[client])


def _same(first: httpx.Response, again: httpx.Response) -> None:
    """The first answer again."""
    assert (again.status_code, again.content) == (first.status_code, first.content), again.text


def _same_document(first: httpx.Response, again: httpx.Response) -> None:
    _same(first, again)
    assert again.headers["id_dokumen"] == first.headers["id_dokumen"]


def _refused_again(*words: object) -> Compare:
    def check(_: httpx.Response, again: httpx.Response) -> None:
        assert (again.status_code, problem_word(again)) == words, again.text

    return check


def _rest(
    name: str,
    prepare: Prepare,
    *,
    once: Prepare | None = None,
    repeated: Callable[[httpx.Response, httpx.Response], None],
) -> TypedDoor:
    return TypedDoor(
        name=name,
        prepare=prepare,
        once=once or prepare,
        repeated=repeated,
        malformed=partial(prepare, unheard="of"),
        said=problem_word,
        wrong=Told(status=403, word=("passphrase-wrong", "wrong")),
        locked=Told(status=423, word=("passphrase-locked", "wait")),
        suspended=Told(status=409, word=("credential-unusable", "suspended")),
        revoked=Told(status=409, word=("credential-unusable", "revoked")),
        expired=Told(status=409, word=("credential-unusable", "expired")),
    )


_BAD: Final = Told(status=400, word=400)

DOCUMENT: Final = _rest("document", _document, once=_document_once, repeated=_same)
BATCH: Final = _rest("batch", _batch, repeated=_refused_again(409, ("batch-refused", "nothing-to-sign")))
STEP: Final = _rest("step", _step, repeated=_refused_again(409, ("flow-refused", "already-signed")))


def _gateway(name: str, prepare: Prepare, repeated: Compare) -> TypedDoor:
    return TypedDoor(
        name=name,
        prepare=prepare,
        once=prepare,
        repeated=repeated,
        malformed=partial(prepare, tampilan="sometimes"),
        said=gateway_word,
        wrong=Told(status=400, word=2031),
        locked=Told(status=429, word=429),
        suspended=_BAD,
        revoked=_BAD,
        expired=_BAD,
    )


GATEWAY_V1: Final = _gateway("gateway-v1", _gateway_v1, _same_document)
GATEWAY_V2: Final = _gateway("gateway-v2", _gateway_v2, _same)
DOORS: Final = (DOCUMENT, BATCH, STEP, GATEWAY_V1, GATEWAY_V2)
