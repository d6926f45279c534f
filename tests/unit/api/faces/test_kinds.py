"""`GET /v1/kinds`: a client reads the lists that hold for itself."""

from datetime import UTC, datetime

from api.permissions import Permission
from signer.errors import KindRefused
from signer.kinds import KindList
from store.client_model import Client, ClientState
from store.clients import SqlClientStore
from store.database import open_database
from store.kinds import SqlKinds
from tests.support.api_memory import MemoryService
from tests.unit.api.faces.test_signatures import SIGN_BODY, send_form

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def names(service: MemoryService) -> list[str]:
    with service.http() as http:
        answer = http.get("/v1/kinds", headers=service.bearer())
    assert answer.status_code == 200
    return [each["name"] for each in answer.json()["lists"]]


def test_all_lists_hold_until_somebody_decides(kept: MemoryService) -> None:
    assert names(kept) == ["dikecualikan-2020", "dikecualikan-2021"]
    with open_database(kept.services.settings.store.url(), 1) as database:
        sikd = Client(id="sikd", name="SIKD", scopes=frozenset(), state=ClientState.ACTIVE, created_at=NOON)
        SqlClientStore(database).add(sikd, "00" * 32)
        SqlKinds(database).assign("sikd", ["dikecualikan-2021"], actor="admin", at=NOON)
    assert names(kept) == ["dikecualikan-2021"]


def test_it_needs_a_token_with_the_scope(kept: MemoryService) -> None:
    with kept.http() as http:
        assert http.get("/v1/kinds").status_code == 401
        reader = kept.bearer(scopes=frozenset({Permission.SIGNATURE_READ}))
        assert http.get("/v1/kinds", headers=reader).status_code == 403


def test_a_refused_kind_is_403_and_names_the_list(kept: MemoryService) -> None:
    excluded: tuple[KindList, ...] = kept.services.letters.kinds.lists_for("sikd")
    try:
        kept.services.letters.kinds.require_allowed("SK", client_id="sikd", signatory_id="official")
    except KindRefused as refused:
        kept.signing.fails_with = refused
    with kept.http() as http:
        answer = send_form(http, kept, SIGN_BODY | {"letter": {"kind": "SK"}})
    assert answer.status_code == 403
    assert answer.json()["type"] == "/problems/kind-refused"
    assert answer.json()["field"] == "letter.kind"
    assert excluded[1].name in answer.json()["detail"]
    assert "tanda tangan basah" in answer.json()["detail"]
