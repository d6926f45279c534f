"""Routes that are carried out once under an `Idempotency-Key`, and keep the JSON that they answered."""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from litestar import Request

from api.auth import Principal
from api.letters.once import Told, fingerprint_of, key_of
from api.services import Services
from signer.document import Content

Answer = TypeVar("Answer", bound=msgspec.Struct)


def once(
    services: Services,
    request: Request[Principal, Any, Any],
    sent: tuple[msgspec.Struct, Content],
    kind: type[Answer],
    act: Callable[[], Answer],
) -> Answer:
    """What `act` answers; under a key, what the same request (its body and document are `sent`) was answered before.

    Raises `RequestRefused`, and as `act`, whose key is free again then.
    """
    key = key_of(request.headers)
    if key is None:
        return act()
    body, document = sent
    printed = fingerprint_of(("POST", request.url.path), body, document)
    told = services.letters.once.carry_out(
        request.user.client_id,
        key,
        printed,
        lambda: Told(status=200, headers={}, body=msgspec.json.encode(act())),
    )
    return msgspec.json.decode(told.body, type=kind)
