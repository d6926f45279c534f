"""A year passes over a service with a real token: responder and time-stamping unit succeed themselves."""

import secrets
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509 import ocsp

from api.authority import Authority, build_authority
from api.first_start import initialise, prepare_folder
from api.hsm import open_hsm
from api.jobs import run_once
from api.stores import open_stores
from hsm_config.token_objects import list_labels
from store.audit import Act
from tests.support.fresh import in_fresh_process

pytestmark = pytest.mark.hsm


def a_year(folder: Path) -> dict[str, Any]:
    """Labels on the token and what the trail says, as time goes by."""
    warnings.simplefilter("ignore")
    passed = [timedelta(0)]

    def now() -> datetime:
        return datetime.now(UTC) + passed[0]

    settings = prepare_folder(folder, port=8000, fresh=True)
    initialise(settings, say=lambda _: None, now=now, random_bytes=secrets.token_bytes)
    seen: dict[str, Any] = {}
    with open_stores(settings) as stores, open_hsm(settings, secrets.token_bytes) as hsm:

        def process() -> Authority:
            return build_authority(settings, stores, hsm, now=now, random_bytes=secrets.token_bytes)

        def own_labels() -> list[str]:
            return [label for label in list_labels(hsm.gate) if label.startswith(("ocsp-", "tsu-"))]

        def pass_by(time: timedelta) -> None:
            passed[0] += time
            working.clock.look()
            for job in working.audit.jobs():
                run_once(job)

        working, other = process(), process()
        seen["at first"] = own_labels()
        pass_by(timedelta(days=21))
        seen["responder renewed"] = working.generations[-1].responder.renew()
        seen["too early to destroy"] = working.own.destroy_retired(stores.audit)
        seen["other took over"] = (
            other.generations[-1].responder.certificate == working.generations[-1].responder.certificate
        )
        seen["status of its own certificate"] = _status(working, working.generations[-1].responder.certificate)
        pass_by(timedelta(hours=2))
        seen["destroyed"] = working.own.destroy_retired(stores.audit)
        seen["after 21 days"] = own_labels()
        for _ in range(16):
            pass_by(timedelta(days=20))
            working.generations[-1].responder.renew()
            working.own.destroy_retired(stores.audit)
        seen["unit renewed"] = working.units.renew()
        seen["unit stamps"] = len(working.tsa.timestamp(bytes(32), "sha256")) > 1000
        other.clock.look()
        seen["other stamps with it"] = other.tsa.chain == working.tsa.chain
        pass_by(timedelta(hours=2))
        working.own.destroy_retired(stores.audit)
        seen["after a year"] = len(own_labels())
        seen["trail"] = [
            entry.object
            for entry in stores.audit.read(act=Act.KEY_CUSTODY, limit=1000)
            if entry.object.startswith(("key:ocsp-", "key:tsu-")) and "destroy" in entry.details
        ]
    return seen


def _status(authority: Authority, certificate: x509.Certificate) -> str:
    status = ocsp.load_der_ocsp_response(
        authority.generations[-1].responder.current().status_of(certificate)
    ).certificate_status
    return status.name


def test_keys_succeed_each_other_and_the_old_ones_end(tmp_path: Path) -> None:
    seen = in_fresh_process(a_year, tmp_path / "data")
    first_responder, first_unit = seen["at first"]
    assert seen["responder renewed"]
    assert seen["too early to destroy"] == 0
    assert seen["other took over"]
    assert seen["status of its own certificate"] == "GOOD"
    assert seen["destroyed"] == 1
    assert first_responder not in seen["after 21 days"]
    assert first_unit in seen["after 21 days"]
    assert seen["unit renewed"]
    assert seen["unit stamps"]
    assert seen["other stamps with it"]
    assert seen["after a year"] == 2
    assert seen["trail"][0] == f"key:{first_responder}"
    assert f"key:{first_unit}" in seen["trail"]
