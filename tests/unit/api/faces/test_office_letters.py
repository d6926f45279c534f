"""Letters withdrawn by the office, whichever application had them signed."""

from api.permissions import ROLE_PERMISSIONS
from signer.model import SignatureRecord
from signer.people import Role
from store.database import Database
from store.signatures import SqlSignatureLog
from tests.support.api_memory import MemoryService
from tests.support.office_doors import *  # noqa: F403 - its fixtures
from tests.support.office_doors import Http
from tests.unit.store.samples import intent, signed

ADMINISTRATOR, REGISTRAR, APPROVER, AUDITOR, CUSTODIAN = Role


def test_a_registrar_withdraws_any_applications_letter_and_nobody_else_does(
    http: Http, service: MemoryService, database: Database
) -> None:
    log = SqlSignatureLog(database)
    log.reserve(intent())
    log.record(intent().code, signed())
    service.signing.records[intent().code.token] = SignatureRecord(intent=intent(), outcome=signed())
    address, why = f"/v1/letters/{intent().code.token}/withdrawal", {"reason": "ordered"}
    for role in (ADMINISTRATOR, APPROVER, AUDITOR, CUSTODIAN):
        rights = frozenset(str(each) for each in ROLE_PERMISSIONS[role])
        assert http.post(address, json=why, headers=service.bearer(role.value, scopes=rights)).status_code == 403
    rights = frozenset(str(each) for each in ROLE_PERMISSIONS[REGISTRAR])
    headers = service.bearer(REGISTRAR.value, scopes=rights)
    assert http.post(f"/v1/letters/{'0' * 26}/withdrawal", json=why, headers=headers).status_code == 404
    done = http.post(address, json=why, headers=headers)
    assert (done.status_code, done.json()["state"]) == (201, "withdrawn")
