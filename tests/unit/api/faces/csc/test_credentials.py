"""Checklist of csc.md, 14: "Listing and reading credentials"."""

import base64
import re
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from signer.model import CredentialState
from tests.support.csc import CLIENT, ECDSA, OTHER_CLIENT, OTHER_PERSON, PERSON, digest
from tests.unit.api.faces.csc.conftest import Scene
from tests.unit.api.faces.csc.test_transport import shape

FACES = ("v1", "v2")


def listed(scene: Scene, face: str, body: Any = None, **who: Any) -> list[str]:
    answer = scene.post(f"{face}/credentials/list", body, **who)
    assert answer.status_code == 200, answer.text
    told: list[str] = answer.json()["credentialIDs"]
    return told


def info(scene: Scene, face: str, credential_id: str, user: str | None = None, **more: Any) -> dict[str, Any]:
    answer = scene.post(f"{face}/credentials/info", {"credentialID": credential_id, **more}, user=user)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_a_user_bound_token_lists_the_persons_own_credentials(scene: Scene) -> None:
    for face in FACES:
        assert listed(scene, face, user=PERSON) == [scene.official.id]
        assert listed(scene, face, user=OTHER_PERSON) == [scene.other.id]


def test_a_client_bound_token_lists_only_seals_that_are_lent_to_that_client(scene: Scene) -> None:
    for face in FACES:
        assert listed(scene, face) == [scene.seal.id]
        assert listed(scene, face, **scene.court.token(OTHER_CLIENT)) == []


def test_nothing_in_the_request_lists_another_persons_credential(scene: Scene) -> None:
    others: list[dict[str, Any]] = [
        {"user_id": OTHER_PERSON, "filter": {"signatory": OTHER_PERSON}, "signatory_id": OTHER_PERSON},
        {"credentialID": scene.other.id, "credentialIDs": [scene.other.id], "all": True},
        {"maxResults": 100, "after": "", "limit": 1000, "offset": 0},
        {"clientData": OTHER_PERSON, "client_id": OTHER_CLIENT},
    ]
    for body in others:
        for face in FACES:
            for who in ({"user": PERSON}, {}):
                answer = scene.post(f"{face}/credentials/list", body, **who)
                assert scene.other.id not in answer.text


def test_a_user_id_beside_a_user_bound_token_is_refused(scene: Scene) -> None:
    for face in FACES:
        mine = scene.post(f"{face}/credentials/list", {"userID": PERSON}, user=PERSON)
        for_client = scene.post(f"{face}/credentials/list", {"userID": PERSON})
        assert shape(mine)["error_description"] == "userID parameter MUST be null"
        assert shape(for_client)["error_description"] == "Invalid parameter userID"


def test_a_page_token_of_another_caller_is_refused(scene: Scene) -> None:
    for number in range(3):
        scene.court.enrol(f"page-a{number}", "PERSONA234567")
        scene.court.enrol(f"page-b{number}", "PERSONB234567")
    token = scene.post("v1/credentials/list", {"maxResults": 1}, user="PERSONA234567").json()["nextPageToken"]

    for who in ("PERSONB234567", PERSON):
        answer = scene.post("v1/credentials/list", {"pageToken": token}, user=who)
        assert shape(answer)["error_description"] == "Invalid parameter pageToken"
    another = scene.court.token(OTHER_CLIENT, "PERSONA234567")
    assert scene.post("v1/credentials/list", {"pageToken": token}, **another).status_code == 400
    assert scene.post("v1/credentials/list", {"pageToken": "nobody"}, user="PERSONA234567").status_code == 400


def test_another_persons_credential_and_an_unknown_one_are_answered_byte_by_byte_alike(scene: Scene) -> None:
    for face in FACES:
        for who in ({"user": PERSON}, {}):
            answers = [
                scene.post(f"{face}/credentials/info", {"credentialID": each}, **who)
                for each in (scene.other.id, "cred-unknown", "x" * 500)
            ]
            assert {each.status_code for each in answers} == {400}
            assert len({each.content for each in answers}) == 1
            told = [{k: v for k, v in each.headers.items() if k != "x-request-id"} for each in answers]
            told = [{k: v for k, v in each.items() if not k.startswith("ratelimit")} for each in told]
            assert told[0] == told[1] == told[2]
            assert shape(answers[0])["error_description"] == "Invalid parameter credentialID"


def test_a_seal_that_is_lent_to_somebody_else_is_unknown(scene: Scene) -> None:
    theirs = scene.court.token(OTHER_CLIENT)

    answer = scene.post("v1/credentials/info", {"credentialID": scene.seal.id}, **theirs)

    assert shape(answer)["error_description"] == "Invalid parameter credentialID"


def test_a_credential_token_sees_its_own_credential_and_no_other_one_of_the_same_person(scene: Scene) -> None:
    second = scene.court.enrol("cred-second", PERSON, state=CredentialState.SUSPENDED)
    sad = scene.court.approved(scene.official, [digest("one")])
    token = {"Authorization": f"Bearer {sad}"}

    mine = scene.post("v2/credentials/info", {"credentialID": scene.official.id}, **token)
    other = scene.post("v2/credentials/info", {"credentialID": second.id}, **token)

    scene.court.credentials.set_state(second.id, CredentialState.REVOKED, actor="registrar", at=scene.court.clock())
    assert mine.status_code == 200
    assert shape(other)["error_description"] == "Invalid parameter credentialID"


@pytest.mark.parametrize("name", ["credentials/list", "signatures/timestamp", "credentials/authorize"])
def test_a_credential_token_is_no_service_token(scene: Scene, name: str) -> None:
    token = {"Authorization": f"Bearer {scene.court.approved(scene.official, [digest('two')])}"}
    for face in FACES:
        answer = scene.post(f"{face}/{name}", {}, **token)
        assert answer.status_code == 401
        assert shape(answer)["error"] == "invalid_token"


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50])
def test_paging_walks_through_all_once_each(scene: Scene, size: int) -> None:
    whose = f"WALKER{size}"
    for number in range(7):
        scene.court.enrol(f"{whose}-{number}", whose)
    walked: list[str] = []
    body: dict[str, Any] = {"maxResults": size}
    while True:
        told = scene.post("v1/credentials/list", body, user=whose).json()
        walked += told["credentialIDs"]
        if "nextPageToken" not in told:
            break
        assert len(told["credentialIDs"]) == size
        body["pageToken"] = told["nextPageToken"]

    assert walked == sorted(f"{whose}-{number}" for number in range(7))


@pytest.mark.parametrize("most", [0, -1, 10**9, "many", True, None, "", 1.5, [1]])
def test_a_size_that_makes_no_sense_is_the_servers_own(scene: Scene, most: Any) -> None:
    assert listed(scene, "v1", {"maxResults": most}, user=PERSON)[0] == scene.official.id


def test_only_valid_hides_what_does_not_sign_and_what_signs_comes_first(own_scene: Scene) -> None:
    scene, court = own_scene, own_scene.court
    start = court.pki.at - timedelta(days=9)
    expired = court.pki.official_with(not_before=start, not_after=court.pki.at - timedelta(days=1))
    court.enrol("a-expired", PERSON, holder=expired)
    revoked = court.enrol("b-revoked", PERSON)
    court.status.revoked[revoked.certificate.serial_number] = court.clock()
    court.enrol("c-suspended", PERSON, state=CredentialState.SUSPENDED)
    court.enrol("d-waiting", PERSON, state=CredentialState.RETIRED)

    all_of_them = listed(scene, "v2", {}, user=PERSON)
    told = scene.post("v2/credentials/list", {"onlyValid": True}, user=PERSON).json()

    assert all_of_them == ["cred-official", "a-expired", "b-revoked", "c-suspended"]
    assert told == {"credentialIDs": ["cred-official"], "onlyValid": True}


def test_names_number_dates_scal_mode_and_objects_are_there_with_and_without_details(scene: Scene) -> None:
    for face in FACES:
        for credential_id, user in ((scene.official.id, PERSON), (scene.seal.id, None)):
            for more in ({}, {"certInfo": True, "authInfo": True}, {"certificates": "none"}, {"certificates": "chain"}):
                told = info(scene, face, credential_id, user, **more)
                cert = told["cert"]
                assert all(cert[name] for name in ("issuerDN", "subjectDN", "status"))
                assert re.fullmatch(r"(?:[0-9a-f]{2})+", cert["serialNumber"])
                assert re.fullmatch(r"\d{14}Z", cert["validFrom"])
                assert re.fullmatch(r"\d{14}Z", cert["validTo"])
                assert told["SCAL"] in ("1", "2")
                assert type(told["multisign"]) is int
                assert told["key"]["algo"] == [ECDSA]
                assert (told["key"]["len"], told["key"]["curve"]) == (256, "1.2.840.10045.3.1.7")
                if face == "v1":
                    assert told["authMode"] == ("oauth2code" if user else "implicit")
                    assert "auth" not in told
                else:
                    mine = {"mode": "oauth2code", "objects": None}
                    assert told["auth"] == (mine if user else {"mode": "explicit", "objects": []})
                    assert "authMode" not in told


@pytest.mark.parametrize(("wanted", "count"), [("none", None), ("single", 1), ("chain", 3), (None, 1)])
def test_as_many_certificates_as_were_asked_for(scene: Scene, wanted: str | None, count: int | None) -> None:
    told = info(scene, "v1", scene.official.id, PERSON, certificates=wanted)["cert"]

    if count is None:
        assert "certificates" not in told
        return
    assert len(told["certificates"]) == count
    leaf = x509.load_der_x509_certificate(base64.b64decode(told["certificates"][0]))
    assert leaf == scene.official.certificate


def test_another_word_for_certificates_is_refused(scene: Scene) -> None:
    answer = scene.post("v1/credentials/info", {"credentialID": scene.seal.id, "certificates": "all"})

    assert shape(answer)["error_description"] == "Invalid parameter certificates"


@pytest.mark.parametrize(("held", "status"), [(True, "suspended"), (False, "revoked")])
def test_the_status_follows_a_revocation_and_a_hold_at_once(own_scene: Scene, held: bool, status: str) -> None:
    court, leaf = own_scene.court, own_scene.official.certificate
    before = info(own_scene, "v2", own_scene.official.id, PERSON)
    if held:
        court.status.held.add(leaf.serial_number)
    else:
        court.status.revoked[leaf.serial_number] = court.clock()

    after = info(own_scene, "v2", own_scene.official.id, PERSON)

    assert (before["cert"]["status"], before["key"]["status"]) == ("valid", "enabled")
    assert (after["cert"]["status"], after["key"]["status"]) == (status, "disabled")


def test_every_algorithm_that_is_listed_signs_and_verifies(scene: Scene) -> None:
    for algorithm in info(scene, "v2", scene.seal.id)["key"]["algo"]:
        imprint = digest(f"with {algorithm}")
        sad = scene.court.sealed(scene.seal.id, [imprint])
        body = {
            "credentialID": scene.seal.id,
            "SAD": sad,
            "hashes": [base64.b64encode(imprint).decode()],
            "signAlgo": algorithm,
        }
        (value,) = scene.post("v2/signatures/signHash", body).json()["signatures"]
        public = scene.seal.certificate.public_key()
        assert isinstance(public, ec.EllipticCurvePublicKey)
        public.verify(base64.b64decode(value), imprint, ec.ECDSA(Prehashed(hashes.SHA256())))


def test_scal_is_2_for_persons_and_1_for_a_seal(scene: Scene) -> None:
    for face in FACES:
        assert info(scene, face, scene.official.id, PERSON)["SCAL"] == "2"
        assert info(scene, face, scene.seal.id)["SCAL"] == "1"


def test_the_list_of_version_2_tells_everything_of_each(scene: Scene) -> None:
    body = {"credentialInfo": True, "certificates": "chain", "certInfo": True, "authInfo": True}
    told = scene.post("v2/credentials/list", body, user=OTHER_PERSON).json()

    (one,) = told["credentialInfos"]
    alone = info(scene, "v2", scene.other.id, OTHER_PERSON, certificates="chain", certInfo=True, authInfo=True)
    assert one == {"credentialID": scene.other.id, **alone}
    assert len(one["cert"]["certificates"]) == 3
    assert one["cert"]["policy"]


def test_no_number_of_a_person_is_told(scene: Scene) -> None:
    told = scene.post("v2/credentials/list", {"credentialInfo": True, "certificates": "none"}, user=PERSON).text

    assert not re.search(r"(?<![0-9a-f])\d{16,18}(?![0-9a-f])", told)
    assert CLIENT not in told
