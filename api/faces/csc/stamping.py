"""`signatures/timestamp` (1.0.4.0, 11.10; 2.0.0.2, 11.13): a token of our own authority."""

import base64
import re
from typing import Any, Final

from api.faces.csc.algorithms import digest_algorithm, read_digests
from api.faces.csc.asked import Asked
from api.faces.csc.errors import bad_value, not_offered

_NONCE: Final = re.compile("[0-9A-Fa-f]{1,64}")


def timestamp(asked: Asked) -> dict[str, Any]:
    """A token over one digest; a nonce that was sent is in it."""
    if asked.services.timestamp is None:
        raise not_offered("signatures/timestamp")
    algorithm = digest_algorithm(asked.text("hashAlgo"), "hashAlgo")
    (digest,) = read_digests([asked.text("hash")], algorithm)
    nonce = asked.values["nonce"]
    if nonce is not None and not _NONCE.fullmatch(nonce):
        raise bad_value("nonce")
    number = None if nonce is None else int(nonce, 16)
    token = asked.services.timestamp(bytes.fromhex(digest.value), algorithm, number)
    return {"timestamp": base64.b64encode(token).decode()}
