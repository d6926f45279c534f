"""The whole contract against a running service, with requests that nobody thought of (schemathesis, every check)."""

import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest

from tests.support.letters import letter
from tests.support.service import (
    ROOT,
    RunningService,
    hire,
    hired,
    running_service,
    teken,
    write_settings,
)

FILE: Final = ROOT / "docs" / "openapi.json"
CONTRACT: Final = json.loads(FILE.read_text(encoding="utf-8"))
_APPLICATIONS: Final = "signatures|augmentations|verifications|activations|kinds|documents|events|webhooks|passphrases"
PARTS: Final = {
    "applications": f"^/v1/({_APPLICATIONS})|^/v1$|^/problems",
    "batches": "^/v1/batches",
    "staff": f"^/v1/(?!{_APPLICATIONS}|batches)",
    "oauth": r"^/(oauth2|revoke|\.well-known)",
    "pki": "^/pki",
    "csc": "^/csc",
    "gateway": "^/api",
}
"""Each part of the contract, by its addresses."""

_ONE_STATUS: Final = "positive_data_acceptance,negative_data_rejection,missing_required_header,ignored_auth"
EXCLUDED: Final = {"csc": _ONE_STATUS, "gateway": _ONE_STATUS, "oauth": "positive_data_acceptance"}
"""Contracts of others answer 400 to whatever is wrong, and take what they do not know: these checks ask for more."""

PATIENT: Final = {
    f"{name}_per_minute": 1_000_000
    for name in ("verifications", "codes", "tokens", "requests", "signatures", "failed_logins", "enrolments")
}
"""Limits that no run reaches; the limits themselves have tests of their own."""

SETTINGS: Final = """
hooks = "tests.support.generated_requests"
continue-on-failure = true

[checks]
# Well-formed, and refused for what it says: that is no fault of the contract. 400, 413 and 415 would be one.
positive_data_acceptance.expected-statuses = [
  "2xx", 304, 401, 403, 404, 409, 410, 412, 416, 422, 423, 428, 429
]
negative_data_rejection.expected-statuses = ["4xx"]
"""

EXAMPLES: Final = os.environ.get("TEKEN_TEST_EXAMPLES", "4")
"""How many requests of each kind are drawn for one operation; more by hand."""


def test_every_address_belongs_to_one_part() -> None:
    for path in CONTRACT["paths"]:
        assert [name for name, addresses in PARTS.items() if re.search(addresses, path)], path


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """A service with its demonstration, a member of staff of each role, and no limit that is met."""
    directory = tmp_path_factory.mktemp("contract") / "data"
    write_settings(directory, limits=PATIENT, signing={"passphrase_through_api": True}, csc={"basic": True})
    with running_service(directory) as running:
        hire(directory)
        hired(directory, "auditor", "auditor")
        yield running


@pytest.fixture(scope="module")
def environment(house: RunningService) -> Mapping[str, str]:
    """What `tests.support.generated_requests` reads: a token for each scope, and documents."""
    folder, tokens = house.directory.parent, dict[str, str]()
    staff = [
        (name, (folder / f"{name}.secret").read_text()) for name in ("kepala", "pendaftar", "pemeriksa", "auditor")
    ]
    for who in (house.client, *staff):
        answer = house.http.post("/oauth2/token", data={"grant_type": "client_credentials"}, auth=who).json()
        tokens |= dict.fromkeys(answer["scope"].split(), f"Bearer {answer['access_token']}")
    tokens |= {"csc": _remote(house), "gateway": _gateway(house), "client": _basic(*house.client)}
    (folder / "letter.pdf").write_bytes(letter())
    (folder / "signed.pdf").write_bytes(house.sign(letter()).raise_for_status().content)
    (folder / "schemathesis.toml").write_text(SETTINGS, encoding="utf-8")
    return {
        "TEKEN_TEST_TOKENS": json.dumps(tokens),
        "TEKEN_TEST_DOCUMENTS": f"{folder / 'letter.pdf'}:{folder / 'signed.pdf'}",
    }


def _remote(house: RunningService) -> str:
    """An application that may use credentials over the API of the Cloud Signature Consortium."""
    added = teken(house.directory, "client", "add", "Contoh", "--id", "contoh-csc", "--scope", "service", "--json")
    secret = json.loads(added.stdout)["client_secret"]
    return house.bearer(("contoh-csc", secret))["Authorization"]


def _gateway(house: RunningService) -> str:
    """An API credential of the gateway."""
    added = teken(house.directory, "esign", "add", "contoh", "--client", house.client[0], "--json")
    return _basic("contoh", json.loads(added.stdout)["password"])


def _basic(name: str, secret: str) -> str:
    return f"Basic {base64.b64encode(f'{name}:{secret}'.encode()).decode()}"


def _not_offered(part: str, house: RunningService) -> list[str]:
    """Addresses of another house's contract that answer 501 here, as the document and their own `info` say."""
    return [
        path
        for path, item in CONTRACT["paths"].items()
        if re.search(PARTS[part], path)
        and (_is_off(path, house) or not any(status < "300" for each in item.values() for status in each["responses"]))
    ]


def _is_off(path: str, house: RunningService) -> bool:
    """Whether it is a method that the service's `info` does not list."""
    method = re.fullmatch(r"(/csc/v[12])/(.+/.+)", path)
    if method is None or method[2].startswith("oauth2/"):
        return False
    return method[2] not in house.http.post(f"{method[1]}/info", json={}).json()["methods"]


def _phases(part: str) -> str:
    """All, and the one that follows links where the part has some."""
    operations = [item for path, item in CONTRACT["paths"].items() if re.search(PARTS[part], path)]
    return "examples,coverage,fuzzing" + (",stateful" if '"links"' in json.dumps(operations) else "")


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", PARTS)
def test_nothing_that_comes_is_answered_otherwise_than_promised(
    house: RunningService, environment: Mapping[str, str], part: str
) -> None:
    """No 5xx, no status, header or body that the document does not have, no wrong request accepted, none refused."""
    folder = house.directory.parent
    words = [
        *(Path(sys.executable).with_name("st"), "--config-file", folder / "schemathesis.toml", "run", FILE),
        *("--url", house.url, "--include-path-regex", PARTS[part], "--max-examples", EXAMPLES, "--no-color"),
        *("--phases", _phases(part)),
        *(("--exclude-checks", EXCLUDED[part]) if part in EXCLUDED else ()),
        *(each for path in _not_offered(part, house) for each in ("--exclude-path", path)),
        *("--generation-deterministic", "--output-truncate", "true"),
        *("--report", "json", "--report-json-path", folder / f"{part}.json"),
    ]
    done = subprocess.run(
        list(map(str, words)),
        cwd=ROOT,
        env={**os.environ, **environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    (folder / f"{part}.txt").write_text(done.stdout + done.stderr, encoding="utf-8")
    assert done.returncode == 0, _told(done.stdout)
    assert json.loads((folder / f"{part}.json").read_text())["test_cases"]["generated"] > 0


def _told(output: str) -> str:
    """What was found, without the documents that were sent."""
    return "\n".join(line[:400] for line in output[output.find("= FAILURES") :].splitlines())
