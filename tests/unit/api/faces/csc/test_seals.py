"""Checklist of csc.md, 14: "Seals, explicit mode, extendTransaction, login". No seal of this house has a PIN."""

from typing import Any

import httpx
import pytest

from signer.authorisation import AuthorisationState, secret_hash
from signer.model import CredentialState
from store.audit import Act
from tests.support.csc import CLIENT, OTHER_CLIENT, PASSPHRASE, PERSON, SHA256, digest
from tests.unit.api.faces.csc.conftest import Scene
from tests.unit.api.faces.csc.test_consumption import b64, names, refused, sign, values
from tests.unit.api.faces.csc.test_transport import shape

FACES = ("v1", "v2")
TOO_MANY = "Numbers of signatures is too high"
NO_MATCH = "numSignatures does not match the number of hashes"


def authorize(scene: Scene, face: str, body: dict[str, Any] | None = None, **who: Any) -> httpx.Response:
    good = {"credentialID": scene.seal.id, "numSignatures": 1}
    return scene.post(f"{face}/credentials/authorize", good | (body or {}), **who)


def listed(face: str, *digests: bytes) -> dict[str, Any]:
    more = {} if face == "v1" else {"hashAlgorithmOID": SHA256}
    return {names(face): [b64(each) for each in digests], **more}


def extend(scene: Scene, sad: str, face: str, *digests: bytes, **who: Any) -> httpx.Response:
    body = {"credentialID": scene.seal.id, "SAD": sad, **(listed(face, *digests) if digests else {})}
    return scene.post(f"{face}/credentials/extendTransaction", body, **who)


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("empty", [None, "", []])
def test_a_seal_needs_nothing_but_the_clients_authentication(scene: Scene, face: str, empty: Any) -> None:
    imprint = digest(f"{face}{empty!r}")
    more = {"PIN": "", "OTP": None} if face == "v1" else {"authData": empty}
    told = authorize(scene, face, listed(face, imprint) | more).json()

    assert set(told) == {"SAD", "expiresIn"}
    assert told["expiresIn"] == 300
    assert values(sign(scene, scene.seal, [imprint], sad=told["SAD"], face=face, who=scene.court.token()))


def test_a_factor_that_nobody_would_check_is_refused(scene: Scene) -> None:
    for face, more, name in (
        ("v1", {"PIN": "123456"}, "PIN"),
        ("v1", {"OTP": "123456"}, "OTP"),
        ("v2", {"authData": [{"id": "PIN", "value": "123456"}]}, "authData"),
    ):
        answer = authorize(scene, face, more)
        refused(answer, f"Invalid parameter {name}")
        assert "123456" not in answer.text


def test_a_personal_credential_even_with_the_right_passphrase_as_pin(scene: Scene) -> None:
    for face in FACES:
        for more in ({}, {"PIN": PASSPHRASE} if face == "v1" else {"authData": []}):
            body = {"credentialID": scene.official.id, "numSignatures": 1, **more}
            answer = scene.post(f"{face}/credentials/authorize", body, user=PERSON)
            assert answer.status_code == 400
            assert shape(answer)["error"] == "invalid_request"
            assert PASSPHRASE not in answer.text
        plain = {"credentialID": scene.official.id, "numSignatures": 1}
        mine = scene.post(f"{face}/credentials/authorize", plain, user=PERSON)
        refused(mine, "credential is authorized through oauth2/authorize")
        refused(scene.post(f"{face}/credentials/authorize", plain), "Invalid parameter credentialID")


def test_a_pin_seal_is_not_offered(scene: Scene) -> None:
    v1 = scene.post("v1/credentials/info", {"credentialID": scene.seal.id, "authInfo": True}).json()
    v2 = scene.post("v2/credentials/info", {"credentialID": scene.seal.id, "authInfo": True}).json()

    assert v1["authMode"] == "implicit"
    assert not {"PIN", "OTP"} & set(v1)
    assert v2["auth"] == {"mode": "explicit", "objects": []}


def test_a_seal_that_is_not_assigned_to_the_client_is_unknown_to_it(scene: Scene) -> None:
    for face in FACES:
        refused(authorize(scene, face, **scene.court.token(OTHER_CLIENT)), "Invalid parameter credentialID")
        refused(authorize(scene, face, **scene.court.token(CLIENT, PERSON)), "Invalid parameter credentialID")


def test_from_a_network_outside_the_list(own_scene: Scene) -> None:
    court = own_scene.court
    second = court.enrol("cred-far", "seal-FAR")
    court.lend(second.id, networks=["198.51.100.0/24"])
    answer = own_scene.post("v1/credentials/authorize", {"credentialID": second.id, "numSignatures": 1})

    assert answer.status_code == 400
    assert shape(answer)["error"] == "unauthorized_client"
    assert court.entries(Act.SEAL_USE)[-1].reason == "seal-network"


def test_an_authorisation_is_used_only_from_where_the_seal_is_lent_to(own_scene: Scene) -> None:
    court, imprint = own_scene.court, digest("moved away")
    sad = court.sealed(own_scene.seal.id, [imprint])
    court.seals.deactivate(own_scene.permission)
    court.lend(own_scene.seal.id, networks=["198.51.100.0/24"])  # still assigned, and from elsewhere

    refused(sign(own_scene, own_scene.seal, [imprint], sad=sad, who=court.token()), "Invalid parameter SAD")


def test_a_seal_that_was_taken_back_or_suspended(own_scene: Scene) -> None:
    court, imprint = own_scene.court, digest("taken back")
    sad = court.sealed(own_scene.seal.id, [imprint])
    court.credentials.set_state(own_scene.seal.id, CredentialState.SUSPENDED, actor="registrar", at=court.clock())
    disabled = "The credential identified by credentialID is disabled"
    refused(authorize(own_scene, "v1"), disabled)
    refused(sign(own_scene, own_scene.seal, [imprint], sad=sad, who=court.token()), disabled)
    court.credentials.set_state(own_scene.seal.id, CredentialState.ACTIVE, actor="registrar", at=court.clock())
    court.seals.deactivate(own_scene.permission)

    refused(sign(own_scene, own_scene.seal, [imprint], sad=sad, who=court.token()), "Invalid parameter credentialID")
    refused(authorize(own_scene, "v1"), "Invalid parameter credentialID")


def test_count_only_up_to_its_total_and_its_day(own_scene: Scene) -> None:
    court = own_scene.court
    court.seals.deactivate(own_scene.permission)
    court.lend(own_scene.seal.id, documents=5, hours=24)
    told = authorize(own_scene, "v2", {"numSignatures": 3}).json()
    for each in range(3):
        values(sign(own_scene, own_scene.seal, [digest(f"count {each}")], sad=told["SAD"], who=court.token()))
    refused(sign(own_scene, own_scene.seal, [digest("4")], sad=told["SAD"], who=court.token()), "Invalid parameter SAD")

    refused(authorize(own_scene, "v2", {"numSignatures": 3}), TOO_MANY)  # two of the five are left
    rest = authorize(own_scene, "v2", {"numSignatures": 2}).json()
    court.clock.forward(24 * 3600)
    refused(
        sign(own_scene, own_scene.seal, [digest("5")], sad=rest["SAD"], who=court.token()),
        "Invalid parameter credentialID",
    )


def test_the_count_comes_out_of_what_the_seal_is_lent_for(own_scene: Scene) -> None:
    court = own_scene.court
    before = court.lent.permission(own_scene.permission)
    authorize(own_scene, "v1", {"numSignatures": 7})
    after = court.lent.permission(own_scene.permission)

    assert before is not None
    assert after is not None
    assert after.used - before.used == 7


@pytest.mark.parametrize("count", [0, -1, -100])
def test_no_signatures_at_all(scene: Scene, count: int) -> None:
    refused(authorize(scene, "v1", {"numSignatures": count}), "Invalid value for parameter numSignatures")


def test_more_than_multisign(scene: Scene) -> None:
    refused(authorize(scene, "v2", {"numSignatures": 101}), TOO_MANY)


@pytest.mark.parametrize("face", FACES)
def test_digests_are_as_many_as_signatures_and_none_twice(scene: Scene, face: str) -> None:
    one, two = digest("b1"), digest("b2")
    for count, digests in ((1, [one, two]), (2, [one]), (2, [one, one]), (1, [one, one]), (3, [one, two])):
        refused(authorize(scene, face, {"numSignatures": count} | listed(face, *digests)), NO_MATCH)


def test_digests_of_a_seal_are_enforced(scene: Scene) -> None:
    sad = authorize(scene, "v1", listed("v1", digest("bound"))).json()["SAD"]

    refused(
        sign(scene, scene.seal, [digest("free")], sad=sad, who=scene.court.token()),
        "Hash is not authorized by the SAD",
    )


def test_digests_on_version_2_need_their_algorithm(scene: Scene) -> None:
    answer = authorize(scene, "v2", {"hashes": [b64(digest("x"))]})
    refused(answer, "Missing (or invalid type) string parameter hashAlgorithmOID")
    for oid in ("1.3.14.3.2.26", "2.16.840.1.101.3.4.2.8", "nonsense"):
        answer = authorize(scene, "v2", {"hashes": [b64(digest("x"))], "hashAlgorithmOID": oid})
        refused(answer, "Invalid parameter hashAlgorithmOID")
    wrong = authorize(scene, "v2", {"hashes": [b64(digest("x"))], "hashAlgorithmOID": "2.16.840.1.101.3.4.2.2"})
    refused(wrong, "Invalid digest value length")
    refused(authorize(scene, "v1", {"hash": []}), "Empty hash array")


@pytest.mark.parametrize("face", FACES)
def test_serial_signatures_by_extending(scene: Scene, face: str) -> None:
    sad, who = authorize(scene, face, {"numSignatures": 3}).json()["SAD"], scene.court.token()
    for each in range(3):
        imprint = digest(f"serial {face} {each}")
        if each:
            told = extend(scene, sad, face, imprint).json()
            assert set(told) == {"SAD", "expiresIn"}
            assert 0 < told["expiresIn"] <= 300
            assert told["SAD"] != sad
            sad = told["SAD"]
        assert values(sign(scene, scene.seal, [imprint], sad=sad, face=face, who=who))


@pytest.mark.parametrize("face", FACES)
def test_digests_of_an_extension_bind_a_count(scene: Scene, face: str) -> None:
    sad, who = authorize(scene, face, {"numSignatures": 2}).json()["SAD"], scene.court.token()
    named, other = digest(f"named {face}"), digest(f"other {face}")
    sad = extend(scene, sad, face, named).json()["SAD"]

    wrong = sign(scene, scene.seal, [other], sad=sad, face=face, who=who)
    refused(wrong, "Hash is not authorized by the SAD")
    assert values(sign(scene, scene.seal, [named], sad=sad, face=face, who=who))
    refused(sign(scene, scene.seal, [other], sad=sad, face=face, who=who), "Hash is not authorized by the SAD")


def test_the_old_sad_is_dead_after_an_extension(scene: Scene) -> None:
    one, two = digest("old one"), digest("old two")
    sad = authorize(scene, "v1", {"numSignatures": 2} | listed("v1", one, two)).json()["SAD"]
    new = extend(scene, sad, "v1").json()["SAD"]

    refused(sign(scene, scene.seal, [one], sad=sad, who=scene.court.token()), "Invalid parameter SAD")
    refused(extend(scene, sad, "v1"), "Invalid parameter SAD")
    assert values(sign(scene, scene.seal, [one, two], sad=new, who=scene.court.token()))


def test_never_more_digests_than_signatures_are_left(scene: Scene) -> None:
    one, two = digest("fit one"), digest("fit two")
    bound = authorize(scene, "v1", {"numSignatures": 2} | listed("v1", one, two)).json()["SAD"]
    refused(extend(scene, bound, "v1", digest("third")), TOO_MANY)
    values(sign(scene, scene.seal, [one], sad=bound, who=scene.court.token()))
    refused(extend(scene, bound, "v1", digest("third")), TOO_MANY)
    refused(extend(scene, bound, "v1", two), "Hash is not authorized by the SAD")
    counted = authorize(scene, "v2", {"numSignatures": 2}).json()["SAD"]

    refused(extend(scene, counted, "v2", digest("1"), digest("2"), digest("3")), TOO_MANY)


def test_extending_what_is_not_yours_spent_or_a_persons(scene: Scene) -> None:
    court, imprint = scene.court, digest("not extended")
    personal = court.approved(scene.official, [imprint])
    body = {"credentialID": scene.official.id, "SAD": personal}
    for face in FACES:
        answer = scene.post(f"{face}/credentials/extendTransaction", body, user=PERSON)
        refused(answer, "extendTransaction is not available for this credential")
        refused(extend(scene, personal, face), "Invalid parameter SAD")
        refused(extend(scene, "nobody", face), "Invalid parameter SAD")
    spent = court.sealed(scene.seal.id, [imprint])
    values(sign(scene, scene.seal, [imprint], sad=spent, who=court.token()))
    refused(extend(scene, spent, "v1"), "Invalid parameter SAD")
    court.lend(scene.seal.id, OTHER_CLIENT)
    mine = court.sealed(scene.seal.id, [imprint])
    refused(extend(scene, mine, "v1", **court.token(OTHER_CLIENT)), "Invalid parameter SAD")
    assert court.state(mine)[0] is AuthorisationState.ACTIVE


def test_extending_what_has_expired_and_never_beyond_the_hard_end(own_scene: Scene) -> None:
    court = own_scene.court
    court.seals.deactivate(own_scene.permission)
    court.lend(own_scene.seal.id, hours=0.2)  # 720 seconds
    sad = authorize(own_scene, "v1", {"numSignatures": 9}).json()["SAD"]
    court.clock.forward(299)
    sad = extend(own_scene, sad, "v1").json()["SAD"]
    court.clock.forward(299)
    told = extend(own_scene, sad, "v1").json()
    assert told["expiresIn"] == 720 - 598
    late = court.authorisations.behind(secret_hash(told["SAD"]))
    assert late is not None
    assert late.expires_at == late.hard_end
    court.lend(own_scene.seal.id, hours=1)
    court.clock.forward(122)

    refused(extend(own_scene, told["SAD"], "v1"), "SAD expired")


@pytest.mark.parametrize("header", ["Basic YTpi", "Basic ???", "Digest x", None])
def test_login_while_it_is_switched_off(scene: Scene, header: str | None) -> None:
    for face in FACES:
        headers = {} if header is None else {"Authorization": header}
        answer = scene.http.post(f"/csc/{face}/auth/login", json={"rememberMe": True}, headers=headers)
        assert answer.status_code == 501
        assert shape(answer)["error"] == "not_implemented"


def test_revoking_a_token_of_the_same_client_and_of_nobody_else(scene: Scene) -> None:
    court = scene.court
    mine, theirs = court.token(CLIENT), court.token(OTHER_CLIENT)
    texts = [each["Authorization"].split()[1] for each in (mine, theirs)]
    for face in FACES:
        refused(scene.post(f"{face}/auth/revoke", {"token": texts[1]}), "Invalid string parameter token")
        refused(scene.post(f"{face}/auth/revoke", {"token": "nobody"}), "Invalid string parameter token")
        hint = {"token": texts[0], "token_type_hint": "nonsense"}
        refused(scene.post(f"{face}/auth/revoke", hint), "Invalid parameter token_type_hint")
    assert scene.post("v1/credentials/list", {}, **theirs).status_code == 200

    gone = scene.post("v2/auth/revoke", {"token": texts[0], "token_type_hint": "access_token"})

    assert (gone.status_code, gone.content) == (204, b"")
    assert scene.post("v1/credentials/list", {}, **mine).status_code == 401
    refused(scene.post("v1/auth/revoke", {"token": texts[0]}), "Invalid string parameter token")
