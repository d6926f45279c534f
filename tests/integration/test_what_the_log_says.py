"""After everything that the other tests of this service did: it works, and its log has neither secrets nor faults."""

import json
import re

from tests.support.letters import letter
from tests.support.service import PASSPHRASE, RunningService

MISTYPED = "sembilan gunung menunggu hujan"


def test_afterwards_the_service_is_ready_and_signs(service: RunningService) -> None:
    assert service.http.get("/readyz").json()["status"] == "ready"
    answer = service.sign(letter())
    assert answer.status_code == 201
    assert service.verify(answer.content).json()["indication"] == "TOTAL-PASSED"


def test_no_secret_stands_in_the_log(service: RunningService) -> None:
    signed = service.sign(letter())
    token = service.token()
    service.http.get("/v1/signatures/x", headers={"Authorization": f"Bearer {token}"})
    service.http.get(f"/v/{signed.headers['teken-verification-code']}")
    service.sign(letter(), credential="nobody", passphrase=MISTYPED)
    hsm = service.directory / "hsm"
    secrets = {
        *(pin.read_text().strip() for pin in hsm.glob("*.pin")),
        *(service.client[1], service.sign_request["passphrase"], PASSPHRASE, MISTYPED, token),
        signed.headers["teken-verification-code"],
    }
    log = service.log.read_text()
    assert '"route": "/v1/signatures"' in log
    assert not [secret for secret in secrets if secret in log]
    assert not re.search(r"tk_[A-Za-z0-9_-]{20}", log)


def test_nothing_of_all_this_was_a_fault_of_ours(service: RunningService) -> None:
    answered = [json.loads(line) for line in service.log.read_text().splitlines() if line.startswith("{")]
    # who comes when all workers are busy is sent away, by design; whatever else answers 503 leaves an error of its own
    faults = [line for line in answered if line.get("error") != "WorkerBusy" and line.get("level") == "error"]
    assert not faults + [line for line in answered if line.get("status", 0) >= 500 and line["status"] != 503]
