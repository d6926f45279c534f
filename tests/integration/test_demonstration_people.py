"""The people of a demonstration: made once, whatever grows; and nobody else's authenticator is ever told."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.service import change_settings, copied, log_of, running_service, teken

pytestmark = pytest.mark.hsm

AGENCIES = "id,name,seal\ndinas,Dinas Contoh,{seal}\n"
PEOPLE = "id,legal_name,agency,signs,office\nluh,Ni Luh Contoh,dinas,yes,Kepala\nrara,,dinas,,Konseptor\n"
MORE = "made,I Made Contoh,dinas,yes,Sekretaris\n"


def started(folder: Path, listed: Path) -> dict[str, Any]:
    """What a start with these lists leaves behind; one document is sealed where there is a seal."""
    with running_service(folder, arguments=("--no-demo", "--people", str(listed))) as service:
        file = folder / "demonstration" / "people.json"
        assert file.stat().st_mode & 0o777 == 0o600
        kept: dict[str, Any] = json.loads(file.read_text())
        client = (kept["client"]["id"], kept["client"]["secret"])
        for seal in kept["seals"].values():
            opened = service.http.post("/v1/batches", json={"credential": seal}, headers=service.bearer(client))
            assert opened.status_code == 201, opened.text
        return kept


def test_who_is_there_stays_who_is_new_is_made_and_seals_are_lent_at_each_start(born: Path, tmp_path: Path) -> None:
    folder, listed = copied(born, tmp_path / "data"), tmp_path / "lists"
    listed.mkdir()
    (listed / "agencies.csv").write_text(AGENCIES.format(seal=""))
    (listed / "people.csv").write_text(PEOPLE)
    before = started(folder, listed)
    assert (list(before["officials"]), before["seals"]) == (["luh"], {})
    (listed / "agencies.csv").write_text(AGENCIES.format(seal="yes"))
    (listed / "people.csv").write_text(PEOPLE + MORE)
    after = started(folder, listed)
    assert (after["client"], after["officials"]["luh"]) == (before["client"], before["officials"]["luh"])
    assert (list(after["officials"]), list(after["seals"])) == (["luh", "made"], ["dinas"])

    shown = teken(folder, "codes")
    assert shown.returncode == 0, shown.stderr
    assert after["officials"]["made"]["email"] in shown.stdout
    assert after["passphrase"] in shown.stdout
    secrets = (after["passphrase"], *(each["seed"] for each in after["officials"].values()))
    assert not [each for each in secrets if each in log_of(folder).read_text()]
    change_settings(folder, pki={"pen": 99999}, tsa={"clock": "chrony"})
    file = folder / "teken.toml"
    file.write_text(file.read_text().replace("demonstration = true", "demonstration = false"))
    refused = teken(folder, "codes")
    assert refused.returncode != 0
    assert "demonstration" in refused.stderr
    assert after["passphrase"] not in refused.stdout + refused.stderr
