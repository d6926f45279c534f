"""A client asks for a signatory's consent: the exact list first, then each document, then it waits for the answer."""

import base64
import hashlib
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from signer.activation import (
    ActivationRequest,
    ActivationState,
    DocumentWish,
    RequestedDocument,
    extra_time,
    task_of,
)
from signer.acts import Examined
from signer.authorisation import AuthorisedDigest, LaterUse, is_digest
from signer.errors import ActivationRefused, ActivationUnknown, CredentialUnknown
from signer.factors.model import Evidence
from signer.kinds import KindRules
from signer.model import Activation, Credential, FlowStep, SignatureLevel, SigningTask, StampPlacement
from signer.opening import usable_credential
from signer.ports import CredentialStore

MOST_DOCUMENTS: Final = 100  # CSC: `multisign` of a person, 1 to 100; every item is shown
LONGEST_NAME: Final = 200
LONGEST_REASON: Final = 500
LINK_BYTES: Final = 32
_ID_BYTES: Final = 16
_NONCE_BYTES: Final = 32
_LINK: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_UNSHOWABLE: Final = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
_NO_WISH: Final = DocumentWish(level=SignatureLevel.B_B)  # of a digest alone the application makes what it likes
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


class RequestStore(Protocol):
    """What is remembered of requests. Every move is one conditional update, with its audit entry."""

    def add(self, request: ActivationRequest, link_sha256: str) -> None: ...

    def get(self, request_id: str, client_id: str) -> ActivationRequest | None:
        """A request of that client."""
        ...

    def find(self, request_id: str) -> ActivationRequest | None:
        """Whosever it is."""
        ...

    def behind(self, link_sha256: str) -> ActivationRequest | None: ...

    def renew_link(self, request_id: str, link_sha256: str, *, at: datetime) -> bool:
        """Another link in the place of the one before; `False` where it was opened, or is open no more."""
        ...

    def arrived(self, request_id: str, position: int, document: bytes, *, pages: int, at: datetime) -> bool:
        """Keep the document; `False` where the request is open no more, or had it already."""
        ...

    def content(self, request_id: str, position: int) -> bytes | None:
        """A document that arrived, until it is signed or the request has ended."""
        ...

    def choose(self, request: ActivationRequest, position: int, *, left_out: bool, session: str, at: datetime) -> bool:
        """Leave a document out or take it in again; `False` where the request is open no more, or was changed since."""
        ...

    def place(
        self,
        request: ActivationRequest,
        position: int,
        placed: StampPlacement | None,
        *,
        session: str,
        at: datetime,
    ) -> bool:
        """Put a document's stamp there, `None`: where the client asked; `False` as `choose`."""
        ...

    def open(self, request_id: str, session: str, *, expires_at: datetime, at: datetime) -> bool:
        """Bind it to the session that came first, and begin its time; `False` where somebody else was first."""
        ...

    def count_try(self, request_id: str, session: str, *, seen: int, expires_at: datetime, at: datetime) -> bool:
        """Count one try before it is made, and set the time that the request has left; `False` where it is open no
        more, or another try than the `seen` ones was counted."""
        ...

    def count_failure(self, request_id: str, *, most: int, at: datetime) -> bool:
        """One try was found wrong; whether that was the last of `most`, which ends the request for good. A try that is
        still being made keeps it open."""
        ...

    def deny(self, request_id: str, session: str, *, reason: str | None, at: datetime) -> bool: ...

    def grant(
        self,
        request: ActivationRequest,
        activation: Activation,
        *,
        session: str,
        evidence: Evidence,
        transaction: bytes,
        at: datetime,
        later: LaterUse | None = None,
        round_id: str | None = None,
    ) -> bool:
        """`pending -> granted`, and the activation with its digests, in one transaction; `False` where it is open no
        more, or was changed since: of two approvals at once exactly one wins. `later`: it waits for its code;
        `round_id`: the round for which the factors were proven."""
        ...

    def signed(self, request_id: str, position: int, *, code: str | None, failure: str | None) -> None:
        """How the signing of one document ended; what came in is not needed any more."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedDocument:
    """One line of a client's list."""

    digest: str
    name: str
    wish: DocumentWish
    pages: int | None = None
    """The client's count, compared with ours where it is given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A new request, and the link to its page; the only moment at which the link's text exists here."""

    request: ActivationRequest
    link: str

    def __repr__(self) -> str:
        return f"Asked(request={self.request.id!r}, link=***)"


class ActivationRequests:
    """The client's side of consent. `now` gives aware UTC; `waits`: how long a request waits for its signatory;
    `rehearse`: `signer.acts.SigningActs.rehearse`."""

    def __init__(
        self,
        *,
        requests: RequestStore,
        credentials: CredentialStore,
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
        waits: timedelta,
        rehearse: Callable[[SigningTask], Examined],
        most: int = MOST_DOCUMENTS,
        kinds: KindRules | None = None,
    ) -> None:
        self._requests = requests
        self._credentials = credentials
        self._now = now
        self._random_bytes = random_bytes
        self._waits = waits
        self._most = most
        self._rehearse = rehearse
        self._kinds = kinds

    def ask(self, client_id: str, credential_id: str, documents: Sequence[WantedDocument]) -> Asked:
        """A request for exactly these documents, each named once.

        Raises `ActivationRefused` for an empty, too long or doubled list and for names that cannot be shown,
        `CredentialUnknown`, `CredentialUnusable`, `KindRefused`; a request is kept, so it has no NIP for print.
        """
        self._require_list(documents)
        if any(each.wish.stamp is not None and each.wish.stamp.nip is not None for each in documents):
            raise _refused("A NIP cannot be kept with a request.", "stamp.nip", "not-kept")
        at = self._now()
        credential = usable_credential(self._credentials, credential_id, at=at)
        kinds = self._kinds
        if kinds is not None:
            for each in documents:
                kind, signatory_id = each.wish.letter.kind, credential.signatory.id
                kinds.require_allowed(kind, client_id=client_id, signatory_id=signatory_id)
        listed = tuple(
            RequestedDocument(position=place, digest=each.digest, name=each.name, wish=each.wish)
            for place, each in enumerate(documents, start=1)
        )
        return self.put(client_id, credential, listed)

    def ask_hashes(
        self,
        client_id: str,
        credential_id: str,
        digests: Sequence[AuthorisedDigest],
        *,
        origin: str,
        description: str | None = None,
    ) -> Asked:
        """A request for exactly these digests, which are signed later. What a client calls them is shown only where it
        can be.

        Raises `ActivationRefused` for an empty, too long or doubled list and for what is no digest,
        `CredentialUnknown`, `CredentialUnusable`; a seal asks nobody, so it is unknown here.
        """
        self._require_count(len(digests))
        if not all(is_digest(each.value) for each in digests):
            raise _refused("A digest is SHA-256, SHA-384 or SHA-512.", "digests", "not-a-digest")
        if len({each.value for each in digests}) != len(digests):
            raise _refused("The same digest stands there twice.", "digests", "doubled")
        credential = usable_credential(self._credentials, credential_id, at=self._now())
        if credential.is_seal:
            raise CredentialUnknown("There is no such credential. Check its id.", field="credential", reason="unknown")
        listed = tuple(
            RequestedDocument(
                position=place,
                digest=each.value,
                name=shown_name(each.label, otherwise=""),
                wish=_NO_WISH,
                purpose=each.purpose,
            )
            for place, each in enumerate(digests, start=1)
        )
        told = shown_name(description, otherwise="", longest=LONGEST_REASON) or None
        return self.put(client_id, credential, listed, origin=origin, description=told)

    def put(
        self,
        client_id: str,
        credential: Credential,
        documents: tuple[RequestedDocument, ...],
        *,
        batch_id: str | None = None,
        flow: FlowStep | None = None,
        origin: str | None = None,
        description: str | None = None,
    ) -> Asked:
        """A new request before its signatory; of a batch or a flow what is listed is here already."""
        at = self._now()
        request = ActivationRequest(
            id=self._random_bytes(_ID_BYTES).hex(),
            client_id=client_id,
            credential_id=credential.id,
            signatory_id=credential.signatory.id,
            documents=documents,
            state=ActivationState.PENDING,
            nonce=self._random_bytes(_NONCE_BYTES),
            tries=0,
            asked_at=at,
            expires_at=at + self._waits + extra_time(len(documents)),
            batch_id=batch_id,
            flow=flow,
            origin=origin,
            description=description,
        )
        link = self._new_link()
        self._requests.add(request, _hashed(link))
        return Asked(request=request, link=link)

    def asked_again(self, client_id: str, request_id: str) -> Asked | None:
        """The same request under another link, the one before being lost; `None` where it was opened already."""
        request, link = self.read(client_id, request_id), self._new_link()
        if not self._requests.renew_link(request.id, _hashed(link), at=self._now()):
            return None
        return Asked(request=request, link=link)

    def receive(self, client_id: str, request_id: str, position: int, pdf: bytes) -> ActivationRequest:
        """Take one document in. Raises `DocumentRefused` for one that may not be signed, `StampRefused` for a
        stamp that cannot be drawn, everything else as signing does before it asks for a factor, and `ActivationRefused`
        for one that is not the one of the list."""
        request = self.read(client_id, request_id)
        listed = request.document(position)
        if listed is None:
            raise ActivationUnknown("The list has no such document.", field="position", reason="not-listed")
        if not request.is_open(self._now()):
            raise _refused("This request is open no more. Ask anew.", "activation", "not-open")
        if hashlib.sha256(pdf).hexdigest() != listed.digest:
            raise _refused("This document is not the one of the list.", "document", "other-digest")
        pages = self._rehearse(task_of(request, listed, pdf)).intake.page_count
        if not self._requests.arrived(request.id, position, pdf, pages=pages, at=self._now()):
            raise _refused("This document is here already, or the request has ended.", "document", "not-awaited")
        return self.read(client_id, request_id)

    def read(self, client_id: str, request_id: str) -> ActivationRequest:
        """One of the client's own; raises `ActivationUnknown` for every other one, all alike."""
        request = self._requests.get(request_id, client_id)
        if request is None:
            raise ActivationUnknown("No activation of yours has this id.", field="activation", reason="unknown")
        return request

    def _new_link(self) -> str:
        return base64.urlsafe_b64encode(self._random_bytes(LINK_BYTES)).rstrip(b"=").decode()

    def _require_count(self, documents: int) -> None:
        if not 1 <= documents <= self._most:
            raise _refused(f"Name 1 to {self._most} documents.", "documents", "count")

    def _require_list(self, documents: Sequence[WantedDocument]) -> None:
        self._require_count(len(documents))
        if not all(_DIGEST.fullmatch(each.digest) for each in documents):
            raise _refused("A digest is SHA-256 in lower-case hex.", "documents.sha256", "not-a-digest")
        if len({each.digest for each in documents}) != len(documents):
            raise _refused("The same document stands there twice.", "documents", "doubled")
        for each in documents:
            if not 0 < len(each.name.strip()) <= LONGEST_NAME or not is_showable(each.name):
                raise _refused("A name has 1 to 200 characters that can be shown.", "documents.name", "unprintable")
            if each.wish.stamp is not None and each.wish.stamp.nip is not None:
                text = "A NIP is kept nowhere, so it cannot wait for consent. Leave it out."
                raise _refused(text, "documents.stamp.nip", "not-kept")


def link_hash(link: str) -> str | None:
    """How a link is known to the store; `None` for what is not even shaped like one."""
    return _hashed(link) if _LINK.fullmatch(link) else None


def shown_name(*names: str | None, otherwise: str, longest: int = LONGEST_NAME) -> str:
    """The first of `names` that people can be shown, cut to what a list bears."""
    found = next((each for each in names if each is not None and each.strip() and is_showable(each)), otherwise)
    return found[:longest]


def is_showable(text: str) -> bool:
    """No control character, and none that turns the direction of what is read (Unicode, Cf)."""
    return not any(unicodedata.category(character) in _UNSHOWABLE for character in text)


def _hashed(link: str) -> str:
    return hashlib.sha256(link.encode()).hexdigest()


def _refused(message: str, field: str, reason: str) -> ActivationRefused:
    return ActivationRefused(message, field=field, reason=reason)
