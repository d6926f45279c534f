"""What schemathesis needs of this house: whose token a call takes, and bodies that no schema can describe."""

import json
import os

import schemathesis
from hypothesis import strategies as st
from schemathesis import AuthContext, Case

TOKENS = "TEKEN_TEST_TOKENS"
"""Environment: JSON, from a scope to the token of somebody who has it."""
DOCUMENTS = "TEKEN_TEST_DOCUMENTS"
"""Environment: paths of PDF files, joined by `:`."""


@schemathesis.auth(refresh_interval=None)
class TokenByScope:
    """The token of whoever may do what the operation says in `security`."""

    def get(self, _: Case, context: AuthContext) -> str | None:
        tokens = json.loads(os.environ[TOKENS])
        scopes = (scope for each in context.operation.definition.raw["security"] for scope in each.get("oauth2", ()))
        return next((tokens[scope] for scope in scopes), None)

    def set(self, case: Case, token: str | None, _: AuthContext) -> None:
        if token is not None:
            case.headers = {**(case.headers or {}), "Authorization": f"Bearer {token}"}


def _documents() -> list[bytes]:
    found = []
    for path in os.environ[DOCUMENTS].split(":"):
        with open(path, "rb") as file:
            found.append(file.read())
    return found


schemathesis.openapi.media_type("application/pdf", st.sampled_from(_documents()))
