"""Which version of a profile issues: chosen by two people, at once in force, and what the lints judge by."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from api.office.profiles import ProfilesInForce
from ca.ceremony import ISSUING_CA_ID
from ca.csr import request_for
from ca.errors import LintObjected, Misconfigured
from ca.lints.house_validity import house_validity
from ca.profiles import OFFICIAL, OFFICIAL_2
from ca.subjects import name_of
from signer.people import Role
from store.audit import Act, AuditTrail
from store.database import Database
from store.profiles import SqlProfileChoices
from tests.support.api_memory import MemoryService
from tests.support.ca_hierarchy import NAMES, PERSON, new_world
from tests.support.office_doors import *  # noqa: F403 - its fixtures
from tests.support.office_doors import Door, Http

CHOICE = {"profile": "official", "version": 2}


def chosen(administrator: Door, approver: Door, choice: dict[str, object]) -> dict[str, object]:
    approval = administrator.post("/v1/profiles/choices/proposal", choice).json()["id"]
    assert approver.post(f"/v1/approvals/{approval}/decision", {"approve": True}).status_code == 200
    return {**choice, "approval": approval}


@pytest.mark.parametrize("role", [each for each in Role if each is not Role.ADMINISTRATOR])
def test_only_an_administrator_proposes(http: Http, service: MemoryService, role: Role) -> None:
    door = Door(http, service, role)
    assert door.post("/v1/profiles/choices/proposal", CHOICE).status_code == 403
    assert door.post("/v1/profiles/choices", {**CHOICE, "approval": "x"}).status_code in (403, 409)


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"version": 3}, "version", "unknown"),
        ({"profile": "emperor"}, "version", "unknown"),
        ({"version": 1}, "version", "unchanged"),
        ({"version": 0}, "version", "invalid"),
    ],
)
def test_what_cannot_be_chosen_is_named(
    administrator: Door, change: dict[str, object], field: str, reason: str
) -> None:
    answer = administrator.post("/v1/profiles/choices/proposal", {**CHOICE, **change})
    assert answer.status_code in (400, 422)
    assert (answer.json()["field"], answer.json()["reason"]) == (field, reason)


def test_a_version_is_in_force_when_a_second_person_agreed_and_not_before(
    administrator: Door, approver: Door, auditor: Door, database: Database
) -> None:
    in_force = ProfilesInForce(SqlProfileChoices(database))
    approval = administrator.post("/v1/profiles/choices/proposal", CHOICE).json()
    assert (approval["kind"], "365 days instead of 730" in approval["summary"]) == ("profile", True)
    act = {**CHOICE, "approval": approval["id"]}
    assert administrator.post("/v1/profiles/choices", act).json()["reason"] == "proposed"
    assert in_force(OFFICIAL) is OFFICIAL
    approver.post(f"/v1/approvals/{approval['id']}/decision", {"approve": True})
    assert administrator.post("/v1/profiles/choices", {**act, "profile": "e-seal"}).json()["reason"] == "other"
    done = administrator.post("/v1/profiles/choices", act)
    assert (done.status_code, done.json()["inForce"]) == (200, True)
    assert in_force(OFFICIAL) is OFFICIAL_2
    assert administrator.post("/v1/profiles/choices", act).json()["reason"] == "unchanged"
    listed = {
        (each["profile"], each["version"]): each["inForce"] for each in approver.get("/v1/profiles").json()["items"]
    }
    assert (listed["official", 1], listed["official", 2], listed["tsu", 1]) == (False, True, True)
    (entry,) = AuditTrail(database).read(act=Act.PROFILE_CHOOSE)
    assert (entry.actor, entry.object) == ("administrator", "profile:official")
    assert administrator.post("/v1/profiles/choices", chosen(administrator, approver, {**CHOICE, "version": 1})).json()[
        "inForce"
    ]
    assert in_force(OFFICIAL) is OFFICIAL


def test_issuing_follows_the_version_in_force_without_a_restart(
    administrator: Door, approver: Door, database: Database
) -> None:
    world = new_world()
    service = world.issuance(in_force=ProfilesInForce(SqlProfileChoices(database)))

    def issue() -> tuple[int, str]:
        key = ec.generate_private_key(ec.SECP256R1())
        made = service.issue(request_for(key, PERSON.common_name), PERSON, OFFICIAL, "officer-1")
        row = world.log.find(serial=made.serial_number, issuer_id=ISSUING_CA_ID)
        assert row is not None
        return (made.not_valid_after_utc - world.clock()).days, row.profile

    assert issue() == (730, "official/1")
    administrator.post("/v1/profiles/choices", chosen(administrator, approver, CHOICE))
    assert issue() == (365, "official/2")


def test_the_lints_judge_by_the_version_in_force() -> None:
    world = new_world()
    at, key = world.clock().replace(microsecond=0), ec.generate_private_key(ec.SECP256R1())
    issuer, name = world.issuer(), name_of(PERSON, OFFICIAL, NAMES)
    draft = issuer.draft(OFFICIAL, serial=1 << 130, subject=name, public_key=key.public_key(), at=at)
    assert issuer.prepare(draft, lints=[house_validity], at=at)
    with pytest.raises(LintObjected, match=r"house\.validity"):
        issuer.prepare(replace(draft, profile=OFFICIAL_2), lints=[house_validity], at=at)


def test_a_choice_that_this_release_does_not_know_stops_issuing(database: Database) -> None:
    class Newer:
        def version_of(self, profile: str) -> int | None:
            return 99

        def choose(self, *_: object, **__: object) -> None:
            raise NotImplementedError

    with pytest.raises(Misconfigured, match="newer release"):
        ProfilesInForce(Newer())(OFFICIAL)
