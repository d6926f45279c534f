"""What schemathesis needs of this house: whose token a call takes, and bodies that no schema can describe."""

import json
import os
from pathlib import Path
from typing import Any, Final

import schemathesis
from hypothesis import strategies as st
from schemathesis import AuthContext, Case, HookContext

TOKENS: Final = "TEKEN_TEST_TOKENS"
"""Environment: JSON, from a scope or scheme to what goes into `Authorization` there."""
DOCUMENTS: Final = "TEKEN_TEST_DOCUMENTS"
"""Environment: paths of PDF files, joined by `:`."""
_BESIDE: Final = "Teken-Request"
_SECRET: Final = frozenset({"client_id", "client_secret"})
FORM: Final = "multipart/form-data"
_FILES: Final = (
    "text/csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/x-pem-file",
    "application/pkix-cert",
    "application/pkcs7-mime",
    "application/octet-stream",
)
_DER: Final = ("application/ocsp-request", "application/timestamp-query")


@schemathesis.hook
def before_load_schema(_: HookContext, document: dict[str, Any]) -> None:
    """Files are drawn here: an example of one is text, and schemathesis sends such bodies as bytes alone."""
    for item in document["paths"].values():
        for operation in item.values():
            for kind in ("application/pdf", *_FILES):
                operation.get("requestBody", {}).get("content", {}).get(kind, {}).pop("example", None)


@schemathesis.auth(refresh_interval=None)
class CredentialsOfTheOperation:
    """What goes into `Authorization`, by what the operation says in `security`."""

    def get(self, _: Case, context: AuthContext) -> str | None:
        known = json.loads(os.environ[TOKENS])
        for required in context.operation.definition.raw.get("security", ()):
            for scheme, scopes in required.items():
                found = known.get(scopes[0] if scopes else scheme)
                if found is not None:
                    return str(found)
        return None

    def set(self, case: Case, authorization: str | None, _: AuthContext) -> None:
        if authorization is not None:
            case.headers = {**(case.headers or {}), "Authorization": authorization}


@schemathesis.hook
def before_call(_: HookContext, case: Case, __: Any) -> None:
    """The JSON comes once: beside a raw document in its header, else within the form (no schema can say that)."""
    if case.method == "POST" and case.media_type == FORM and case.headers:
        case.headers.pop(_BESIDE, None)


@schemathesis.hook
def map_body(_: HookContext, body: Any) -> Any:
    """Whole numbers as clients write them: JSON Schema calls 24.0 an integer, and this service does not."""
    return _whole(body)


@schemathesis.hook
def filter_case(_: HookContext, case: Case) -> bool:
    """What is well-formed by the document, and not by a rule that it cannot hold."""
    body = case.body if isinstance(case.body, dict) else {}
    if case.media_type == "application/pdf":  # a raw document comes with its JSON
        return all(each.name != _BESIDE for each in case.operation.headers) or _BESIDE in (case.headers or {})
    if case.media_type == FORM:  # drawn empty where only its content type is known
        return body.get("request", {}) not in ("", b"", None)
    if case.media_type == "application/x-www-form-urlencoded":  # RFC 6749, 3.2 and 2.3: each parameter once, one secret
        return not any(isinstance(value, list) for value in body.values()) and not _SECRET & body.keys()
    return True


def _whole(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: _whole(each) for name, each in value.items()}
    return [_whole(each) for each in value] if isinstance(value, list) else value


_PDFS: Final = [Path(path).read_bytes() for path in os.environ[DOCUMENTS].split(":")]
schemathesis.openapi.media_type("application/pdf", st.sampled_from(_PDFS))
for _kind in (*_DER, *_FILES):
    schemathesis.openapi.media_type(_kind, st.binary(min_size=1, max_size=200))
    schemathesis.serializer(_kind)(lambda _, value: {"data": value})
