"""`signatures/signHash` (1.0.4.0, 11.9; 2.0.0.2, 11.10)."""

import base64
from typing import Any

from api.faces.csc.algorithms import digest_of_signature, read_digests
from api.faces.csc.asked import Asked
from api.faces.csc.errors import bad_value, not_offered
from api.faces.csc.fields import Face
from signer.authorisation import Purpose


def sign_hash(asked: Asked) -> dict[str, Any]:
    """Signature values, in the order of the digests: ECDSA as a DER sequence."""
    require_synchronous(asked)
    algorithm = digest_of_signature(asked.text("signAlgo"), asked.values["signAlgoParams"])
    texts = asked.values["hash" if asked.face is Face.V1 else "hashes"]
    digests = read_digests(texts, algorithm, purpose=Purpose.DTBSR)
    values = asked.services.remote.sign_hashes(asked.caller, asked.text("credentialID"), digests, asked.sad())
    return {"signatures": [base64.b64encode(each).decode() for each in values]}


def require_synchronous(asked: Asked) -> None:
    """`S`, or nothing said; `response_uri` is never fetched."""
    mode = asked.values.get("operationMode")
    if mode == "A":
        raise not_offered("operationMode A")
    if mode not in (None, "S"):
        raise bad_value("operationMode")
