"""The doors of `/csc/v1` and `/csc/v2`, made from the table of methods."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from litestar import Request, Response, Router, post
from litestar.concurrency import sync_to_thread
from litestar.handlers import HTTPRouteHandler

from api.bodies import UploadRoom
from api.csc.ports import Bearer, CscServices
from api.faces.csc.asked import Asked, Sender, language_of
from api.faces.csc.errors import NO_STORE, CscError, csc_handler, invalid, not_offered
from api.faces.csc.fields import Face, read, read_json
from api.faces.csc.methods import METHODS, Method
from api.faces.csc.refusals import in_their_words
from api.limits import TokenBuckets, network_of
from api.oauth.bearers import BearerOver, BearerUnknown
from api.problems import TOO_SLOW, RequestRefused
from api.routes import Routes
from signer.model import Secret
from signer.remote_model import Caller

PREFIX: Final = "/csc"
SMALL_BODY: Final = 256 * 1024
"""Where no document comes in: a thousand digests, and room."""

_MIB: Final = 1024 * 1024
_MOST_DIGITS: Final = 12


def csc_router(services: CscServices, *, room: UploadRoom, signing: TokenBuckets) -> Router:
    """Both versions; `room`: memory for documents in flight, `signing`: how often a client may sign."""
    return Routes(
        path=PREFIX,
        route_handlers=[
            _route(_Answering(method=method, face=face, services=services, room=room, signing=signing))
            for face in Face
            for method in METHODS
        ],
        exception_handlers={Exception: csc_handler(services.now)},
        opt={"exclude_from_compression": True},
    )


def operation_id(face: Face, name: str) -> str:
    """`CscV1CredentialsList`."""
    return f"Csc{face.value.title()}{''.join(word[0].upper() + word[1:] for word in name.split('/'))}"


def largest_body(method: Method, services: CscServices) -> int:
    """Octets of a request: Base64 makes three of documents into four."""
    if not method.documents:
        return SMALL_BODY
    return services.settings.max_document_mebibytes * _MIB * 4 // 3 + SMALL_BODY


def _route(answer: "_Answering") -> HTTPRouteHandler:
    method, face = answer.method, answer.face

    async def handler(request: Request[Any, Any, Any]) -> Response[Any]:
        return await answer(request)

    declared = post(
        f"/{face}/{method.name}",
        operation_id=operation_id(face, method.name),
        status_code=200,
        request_max_body_size=largest_body(method, answer.services),
        media_type="application/json",
    )
    return declared(handler)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answering:
    """One method of one version."""

    method: Method
    face: Face
    services: CscServices
    room: UploadRoom
    signing: TokenBuckets

    async def __call__(self, request: Request[Any, Any, Any]) -> Response[Any]:
        """1. Is it offered? 2. Who calls? 3. May they so often? 4. What do they say? 5. Done."""
        method, services = self.method, self.services
        if not method.is_offered(self.face, services):
            raise not_offered(method.name)
        bearer, caller = Secret(""), None
        if method.bearers:
            bearer = _bearer_in(request)
            caller = await sync_to_thread(self._caller, bearer, _address_of(request))
            request.scope["user"] = caller  # the log line names the client
        if method.signs and caller is not None:
            allowance = self.signing.take(caller.client_id)
            if not allowance.allowed:
                raise self.signing.refusal(allowance)
        with self._held(request):
            body = await self._body(request)
            accepted = request.headers.get("Accept-Language")
            told = await sync_to_thread(self._act, body, bearer, caller, accepted, _sender_of(request))
        return Response(told, status_code=204 if told is None else 200, headers=NO_STORE)

    async def _body(self, request: Request[Any, Any, Any]) -> bytes:
        try:
            async with asyncio.timeout(self.services.seconds):
                return await request.body()
        except TimeoutError:
            raise RequestRefused(TOO_SLOW, f"The body did not arrive within {self.services.seconds:g} s.") from None

    def _act(
        self, body: bytes, bearer: Secret, caller: Caller | None, accepted: str | None, sender: Sender
    ) -> dict[str, Any] | None:
        method = self.method
        values = read(method.fields(self.face), read_json(body))
        asked = Asked(
            face=self.face,
            values=values,
            services=self.services,
            language=language_of(values.get("lang"), accepted),
            bearer=bearer,
            by=caller,
            sender=sender,
        )
        if method.act is None:
            raise not_offered(method.name)
        with in_their_words(method.name):
            return method.act(asked)

    def _caller(self, bearer: Secret, address: str | None) -> Caller:
        try:
            found = self.services.bearers.of(bearer.reveal(), address)
        except BearerUnknown:
            raise _unknown_token() from None
        except BearerOver:
            raise CscError("expired_token", "The access token has expired or was revoked", status=401) from None
        if found.scope not in self.method.bearers:
            raise _unknown_token()
        return _caller_of(found, address)

    @contextmanager
    def _held(self, request: Request[Any, Any, Any]) -> Iterator[None]:
        """Memory for a body with documents, as much as it says to have; all that it may have where it says nothing."""
        if not self.method.documents:
            yield
            return
        most = largest_body(self.method, self.services)
        said = request.headers.get("Content-Length", "")
        size = min(int(said), most) if said.isascii() and said.isdigit() and len(said) <= _MOST_DIGITS else most
        self.room.take(size)
        try:
            yield
        finally:
            self.room.give_back(size)


def _bearer_in(request: Request[Any, Any, Any]) -> Secret:
    given = request.headers.getall("Authorization", [])
    scheme, _, text = (given[0] if len(given) == 1 else "").partition(" ")
    if scheme.lower() != "bearer" or not text.strip():
        raise invalid("Malformed authorization header")
    return Secret(text.strip())


def _caller_of(bearer: Bearer, address: str | None) -> Caller:
    return Caller(
        client_id=bearer.client_id, user_id=bearer.user_id, address=address, authorisation=bearer.authorisation
    )


def _address_of(request: Request[Any, Any, Any]) -> str | None:
    return None if request.client is None else request.client.host


def _sender_of(request: Request[Any, Any, Any]) -> Sender:
    headers = tuple(request.headers.getall("Authorization", []))
    return Sender(authorization=headers, address=_address_of(request), network=network_of(request.scope))


def _unknown_token() -> CscError:
    return CscError("invalid_token", "The access token is not valid", status=401)
