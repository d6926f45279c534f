"""Checklist of csc.md, 14: "Seals, explicit mode": the PIN of a seal, and who keeps one."""

import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from signer.authorisation import AuthorisationKind, secret_hash
from signer.errors import ActivationRefused
from signer.factors.counters import LOCK_AT, WAIT_FROM
from signer.model import Secret
from signer.seal_model import Refusal
from store.audit import Act
from store.seal_pins import SqlSealPins
from tests.support.api_memory import settings_in
from tests.support.csc import CLIENT, HOME, OTHER_CLIENT, OTHER_PERSON, PERSON, digest
from tests.unit.api.faces.csc.conftest import Scene, a_database, a_scene
from tests.unit.api.faces.csc.test_consumption import refused, sign, values
from tests.unit.api.faces.csc.test_seals import authorize, extend, listed
from tests.unit.api.faces.csc.test_transport import shape

FACES = ("v1", "v2")
WRONG = {"v1": "invalid_pin", "v2": "invalid_authentication_data"}
LOCKED = {"v1": "PIN locked", "v2": "Credential locked"}
DISABLED = "The credential identified by credentialID is disabled"


@pytest.fixture(scope="module")
def takes_pins(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Scene]:
    """A house that takes PINs."""
    folder = tmp_path_factory.mktemp("pins")
    with (
        a_database(folder, sqlite_template) as database,
        a_scene(database, settings_in(folder), pins_taken=True) as made,
    ):
        yield made


@pytest.fixture
def fresh(takes_pins: Scene) -> Scene:
    """The house with another seal, lent as the first one was: what happens to it harms no other test."""
    name = secrets.token_hex(4)
    seal = takes_pins.court.enrol(f"cred-{name}", f"seal-{name.upper()}")
    return replace(takes_pins, seal=seal, permission=takes_pins.court.lend(seal.id))


@pytest.fixture
def pinned(fresh: Scene) -> tuple[Scene, str]:
    """Its seal has a PIN."""
    return fresh, fresh.court.seals.pins.set(fresh.seal.signatory.id).reveal()


def entered(face: str, pin: Any) -> dict[str, Any]:
    return {"PIN": pin} if face == "v1" else {"authData": [{"id": "PIN", "value": pin}]}


def seal_with(scene: Scene, face: str, pin: Any, **who: Any) -> httpx.Response:
    return authorize(scene, face, entered(face, pin), **who)


@pytest.mark.parametrize("face", FACES)
def test_a_seal_with_a_pin_signs_with_it_and_says_so(pinned: tuple[Scene, str], face: str) -> None:
    scene, pin = pinned
    body = {"credentialID": scene.seal.id, "authInfo": True, "lang": "en"}
    told = scene.post(f"{face}/credentials/info", body).json()
    if face == "v1":
        assert told["authMode"] == "explicit"
        assert told["PIN"] == {
            "presence": "true",
            "format": "A",
            "label": "PIN",
            "description": "The PIN of this electronic seal",
        }
        assert told["OTP"] == {"presence": "false"}
        assert not {"PIN", "OTP"} & set(scene.post("v1/credentials/info", {"credentialID": scene.seal.id}).json())
    else:
        assert (told["auth"]["mode"], told["auth"]["expression"]) == ("explicit", "PIN")
        assert [(each["type"], each["id"], each["format"]) for each in told["auth"]["objects"]] == [
            ("Password", "PIN", "A")
        ]
    assert (told["SCAL"], told["key"]["status"]) == ("1", "enabled")
    imprint = digest(f"pinned {face}")

    sad = authorize(scene, face, listed(face, imprint) | entered(face, pin)).json()["SAD"]

    assert values(sign(scene, scene.seal, [imprint], sad=sad, face=face, who=scene.court.token()))
    made = scene.court.authorisations.behind(secret_hash(sad))
    assert made is not None
    assert (made.kind, made.scal, made.factors) == (AuthorisationKind.EXPLICIT, 1, ("client", "pin"))


def test_an_explicit_authorisation_is_extended_like_another(pinned: tuple[Scene, str]) -> None:
    scene, pin = pinned
    sad = authorize(scene, "v1", {"numSignatures": 2} | entered("v1", pin)).json()["SAD"]
    imprint = digest("extended with a pin")
    new = extend(scene, sad, "v1", imprint).json()["SAD"]
    assert values(sign(scene, scene.seal, [imprint], sad=new, who=scene.court.token()))


@pytest.mark.parametrize("face", FACES)
def test_without_a_pin_with_nonsense_and_with_a_wrong_one(pinned: tuple[Scene, str], face: str) -> None:
    scene, pin = pinned
    lent = scene.court.lent.permission(scene.permission)
    missing = {
        "v1": "Missing (or invalid type) string parameter PIN",
        "v2": "Missing (or invalid type) array parameter authData",
    }
    refused(authorize(scene, face), missing[face])
    if face == "v1":
        refused(authorize(scene, face, entered(face, pin) | {"OTP": "123456"}), "Invalid parameter OTP")
    else:
        for nonsense in (
            [{"id": "PIN", "value": 7}],
            [{"id": "PIN"}],
            [{"id": "OTP", "value": pin}],
            [{"id": "PIN", "value": pin}, {"id": "PIN", "value": pin}],
        ):
            refused(authorize(scene, face, {"authData": nonsense}), "Invalid parameter authData")
    assert standing(scene) == (0, False)

    answer = seal_with(scene, face, "SALAH" * 5)

    assert (answer.status_code, shape(answer)["error"]) == (400, WRONG[face])
    assert "SALAH" not in answer.text
    assert standing(scene) == (1, False)  # although the answer is a 4xx
    assert scene.court.lent.permission(scene.permission) == lent  # nothing was taken of what is lent
    assert scene.court.entries(Act.SEAL_USE)[-1].reason == Refusal.PIN_WRONG


def test_one_counter_for_both_versions_and_a_lock_at_the_tenth(pinned: tuple[Scene, str]) -> None:
    scene, pin = pinned
    for number in range(1, LOCK_AT + 1):
        face = FACES[number % 2]
        assert shape(seal_with(scene, face, "SALAH"))["error"] == WRONG[face]
        assert standing(scene) == (number, number == LOCK_AT)
        if number == WAIT_FROM:  # an early retry is refused, and the right one as well
            assert shape(seal_with(scene, "v1", pin))["error"] == "invalid_pin"
            assert standing(scene) == (number, False)
        scene.court.clock.forward(3600 if number < LOCK_AT else 0)
        scene.court.lend(scene.seal.id)
    for face in FACES:
        refused(seal_with(scene, face, pin), LOCKED[face])
    scene.court.seals.pins.unlock(scene.seal.signatory.id)

    assert seal_with(scene, "v2", pin).status_code == 200
    assert standing(scene) == (0, False)


def test_a_try_stays_counted_when_everything_after_it_fails(
    pinned: tuple[Scene, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    scene, _ = pinned

    def broken(*_: Any) -> bool:
        raise RuntimeError("the database went away")

    monkeypatch.setattr(SqlSealPins, "accept", broken)
    assert seal_with(scene, "v1", "SALAH").status_code == 500
    assert standing(scene) == (1, False)


def test_the_right_one_starts_the_count_anew(pinned: tuple[Scene, str]) -> None:
    scene, pin = pinned
    for _ in range(3):
        seal_with(scene, "v1", "SALAH")
    assert seal_with(scene, "v2", pin).status_code == 200
    assert standing(scene) == (0, False)


def test_nobody_tries_a_pin_to_whom_the_seal_is_not_lent(pinned: tuple[Scene, str]) -> None:
    scene, pin = pinned
    refused(seal_with(scene, "v1", "SALAH", **scene.court.token(OTHER_CLIENT)), "Invalid parameter credentialID")
    scene.court.seals.deactivate(scene.permission)
    scene.court.lend(scene.seal.id, networks=["198.51.100.0/24"])
    assert shape(seal_with(scene, "v1", pin))["error"] == "unauthorized_client"
    assert standing(scene) == (0, False)


@pytest.mark.parametrize("face", FACES)
def test_a_pin_seal_while_the_switch_is_off_is_not_offered(own_scene: Scene, face: str) -> None:
    pin = own_scene.court.seals.pins.set(own_scene.seal.signatory.id).reveal()
    told = own_scene.post(f"{face}/credentials/info", {"credentialID": own_scene.seal.id}).json()

    assert told["key"]["status"] == "disabled"
    refused(seal_with(own_scene, face, pin), DISABLED)
    refused(authorize(own_scene, face), DISABLED)
    assert standing(own_scene) == (0, False)
    own_scene.court.seals.pins.remove(own_scene.seal.signatory.id)
    assert authorize(own_scene, face).status_code == 200


def test_a_renewed_seal_keeps_its_pin_and_no_other_door_goes_around_it(pinned: tuple[Scene, str]) -> None:
    scene, pin = pinned
    renewed = scene.court.seals.renew(scene.seal.id, actor="administrator")
    scene.court.lend(renewed.id)

    with pytest.raises(ActivationRefused) as without:  # as every other door asks
        scene.court.seals.permission_for(renewed.id, CLIENT, HOME)
    body = {"credentialID": renewed.id, "numSignatures": 1}

    assert without.value.reason == Refusal.PIN_NEEDED
    assert scene.post("v1/credentials/authorize", body | {"PIN": pin}).status_code == 200


def test_no_pin_is_in_the_database(own_scene: Scene, tmp_path: Path) -> None:
    pin = own_scene.court.seals.pins.set(own_scene.seal.signatory.id).reveal()
    own_scene.court.seals.pins.require(own_scene.seal.signatory.id, Secret(pin))
    kept = b"".join(each.read_bytes() for each in tmp_path.glob("csc.db*"))
    assert len(kept) > 0
    assert pin.encode() not in kept


def standing(scene: Scene) -> tuple[int, bool]:
    found = scene.court.seals.pins.standing(scene.seal.signatory.id)
    assert found is not None
    return found.failures, found.locked


# --- keepers -----------------------------------------------------------------------------------------------------


@pytest.fixture
def kept(fresh: Scene) -> Iterator[Scene]:
    """PERSON keeps the seal, and no other one."""
    keepers, seal_id, at = fresh.court.keepers, fresh.seal.signatory.id, fresh.court.clock()
    assert keepers.name(seal_id, PERSON, at=at)
    yield fresh
    keepers.dismiss(seal_id, PERSON, at=at)


@pytest.mark.parametrize("face", FACES)
def test_a_keeper_s_login_lists_reads_and_uses_the_seal(kept: Scene, face: str) -> None:
    ids = kept.post(f"{face}/credentials/list", {}, user=PERSON).json()["credentialIDs"]
    assert ids == [kept.official.id, kept.seal.id]  # one's own before the seals that one keeps
    assert kept.post(f"{face}/credentials/info", {"credentialID": kept.seal.id}, user=PERSON).status_code == 200
    imprint, who = digest(f"kept {face}"), kept.court.token(CLIENT, PERSON)
    sad = authorize(kept, face, listed(face, imprint), **who).json()["SAD"]

    assert values(sign(kept, kept.seal, [imprint], sad=sad, face=face, who=kept.court.token(CLIENT, PERSON)))
    made = kept.court.authorisations.behind(secret_hash(sad))
    assert made is not None
    assert (made.user_id, made.client_id) == (PERSON, CLIENT)


def test_somebody_else_s_login_neither_sees_nor_uses_it(kept: Scene) -> None:
    for user, client in ((OTHER_PERSON, CLIENT), (PERSON, OTHER_CLIENT)):  # no keeper; a client that it is not lent to
        who = kept.court.token(client, user)
        assert kept.seal.id not in kept.post("v2/credentials/list", {}, **who).json()["credentialIDs"]
        refused(authorize(kept, "v1", **who), "Invalid parameter credentialID")


def test_a_keeper_s_sad_is_the_keeper_s_alone(kept: Scene) -> None:
    court, imprint = kept.court, digest("whose sad")
    court.keepers.name(kept.seal.signatory.id, OTHER_PERSON, at=court.clock())
    mine = authorize(kept, "v1", listed("v1", imprint), **court.token(CLIENT, PERSON)).json()["SAD"]
    clients = authorize(kept, "v1", listed("v1", imprint)).json()["SAD"]
    for sad, who in ((mine, None), (mine, OTHER_PERSON), (clients, PERSON)):
        bearer = court.token(CLIENT, who)
        refused(sign(kept, kept.seal, [imprint], sad=sad, who=bearer), "Invalid parameter SAD")
        refused(extend(kept, sad, "v1", **bearer), "Invalid parameter SAD")
    assert values(sign(kept, kept.seal, [imprint], sad=mine, who=court.token(CLIENT, PERSON)))
    assert values(sign(kept, kept.seal, [imprint], sad=clients, who=court.token(CLIENT)))


def test_who_keeps_it_no_more_uses_nothing_of_what_they_got(kept: Scene) -> None:
    court, imprint = kept.court, digest("dismissed")
    sad = authorize(kept, "v1", listed("v1", imprint), **court.token(CLIENT, PERSON)).json()["SAD"]
    assert court.keepers.dismiss(kept.seal.signatory.id, PERSON, at=court.clock())
    assert not court.keepers.dismiss(kept.seal.signatory.id, PERSON, at=court.clock())

    answer = sign(kept, kept.seal, [imprint], sad=sad, who=court.token(CLIENT, PERSON))

    refused(answer, "Invalid parameter credentialID")
    assert [each.reason for each in court.entries(Act.SEAL_KEEPER)[-2:]] == ["named", "dismissed"]


def test_what_a_keeper_seals_comes_out_of_what_is_lent(kept: Scene) -> None:
    before = kept.court.lent.permission(kept.permission)
    authorize(kept, "v1", {"numSignatures": 3}, **kept.court.token(CLIENT, PERSON))
    after = kept.court.lent.permission(kept.permission)
    assert before is not None
    assert after is not None
    assert after.used - before.used == 3
