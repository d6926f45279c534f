"""What schemathesis needs of this house: whose token a call takes, and bodies that no schema can describe."""

import json
import os
from pathlib import Path
from typing import Any, Final

import schemathesis
from hypothesis import strategies as st
from schemathesis import AuthContext, Case, HookContext

TOKENS: Final = "TEKEN_TEST_TOKENS"
"""Environment: JSON, from a scope to the token of somebody who has it."""
DOCUMENTS: Final = "TEKEN_TEST_DOCUMENTS"
"""Environment: paths of PDF files, joined by `:`."""
_BESIDE: Final = "Teken-Request"
_DER: Final = ("application/ocsp-request", "application/timestamp-query")


@schemathesis.auth(refresh_interval=None)
class TokenByScope:
    """The token of whoever may do what the operation says in `security`."""

    def get(self, _: Case, context: AuthContext) -> str | None:
        tokens = json.loads(os.environ[TOKENS])
        required = context.operation.definition.raw.get("security", ())
        scopes = [scope for each in required for scope in each.get("oauth2", ())]
        return next((tokens[scope] for scope in scopes if scope in tokens), None)

    def set(self, case: Case, token: str | None, _: AuthContext) -> None:
        if token is not None:
            case.headers = {**(case.headers or {}), "Authorization": f"Bearer {token}"}


@schemathesis.hook
def before_call(_: HookContext, case: Case, __: Any) -> None:
    """The JSON comes once: beside a raw document in its header, else within the form (no schema can say that)."""
    if case.method == "POST" and case.media_type == "multipart/form-data" and case.headers:
        case.headers.pop(_BESIDE, None)


@schemathesis.hook
def map_body(_: HookContext, body: Any) -> Any:
    """Whole numbers as clients write them: JSON Schema calls 24.0 an integer, and this service does not."""
    return _whole(body)


@schemathesis.hook
def filter_case(_: HookContext, case: Case) -> bool:
    """A raw document comes with its JSON; what a form says twice is refused (RFC 6749, 3.2)."""
    needed = any(each.name == _BESIDE for each in case.operation.headers)
    return not (needed and case.media_type == "application/pdf" and _BESIDE not in (case.headers or {}))


def _whole(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: _whole(each) for name, each in value.items()}
    return [_whole(each) for each in value] if isinstance(value, list) else value


_PDFS: Final = [Path(path).read_bytes() for path in os.environ[DOCUMENTS].split(":")]
schemathesis.openapi.media_type("application/pdf", st.sampled_from(_PDFS))
for _kind in _DER:
    schemathesis.openapi.media_type(_kind, st.binary(min_size=1, max_size=200))
    schemathesis.serializer(_kind)(lambda _, value: {"data": value})
