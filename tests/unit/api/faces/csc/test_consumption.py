"""Checklist of csc.md, 14: "SAD and consumption". The races are in tests/unit/signer/test_remote.py."""

import base64
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from signer.authorisation import AuthorisationState, Purpose
from signer.errors import KeyUnavailable
from signer.model import Credential, CredentialState
from store.audit import Act
from tests.support.csc import CLIENT, ECDSA, OTHER_CLIENT, OTHER_PERSON, PERSON, SHA256, digest
from tests.unit.api.faces.csc.conftest import Scene
from tests.unit.api.faces.csc.test_transport import shape

FRESH = (AuthorisationState.ACTIVE, 0)
NOT_COVERED = "Hash is not authorized by the SAD"
BAD_SAD = "Invalid parameter SAD"


def b64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def names(face: str) -> str:
    return "hash" if face == "v1" else "hashes"


def sign(
    scene: Scene,
    credential: Credential,
    digests: Sequence[bytes | str],
    *,
    sad: str | None = None,
    face: str = "v1",
    who: dict[str, str] | None = None,
    **more: Any,
) -> httpx.Response:
    body = {
        "credentialID": credential.id,
        names(face): [each if isinstance(each, str) else b64(each) for each in digests],
        "signAlgo": ECDSA,
        **({} if sad is None else {"SAD": sad}),
        **more,
    }
    return scene.post(f"{face}/signatures/signHash", body, **(who or scene.court.token(CLIENT, PERSON)))


def values(answer: httpx.Response) -> list[bytes]:
    assert answer.status_code == 200, answer.text
    return [base64.b64decode(each) for each in answer.json()["signatures"]]


def is_good(credential: Credential, imprint: bytes, value: bytes) -> None:
    public = credential.certificate.public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    public.verify(value, imprint, ec.ECDSA(Prehashed(hashes.SHA256())))


def refused(answer: httpx.Response, described: str) -> None:
    assert answer.status_code == 400, answer.text
    assert shape(answer) == {"error": "invalid_request", "error_description": described}


@pytest.mark.parametrize("order", [("v1", "v2"), ("v2", "v1")])
def test_an_authorisation_of_one_version_is_used_on_the_other(scene: Scene, order: tuple[str, str]) -> None:
    for got, used in (order, order[::-1]):
        imprint = digest(f"{order}{got}")
        body = {"credentialID": scene.seal.id, "numSignatures": 1, names(got): [b64(imprint)]}
        body |= {} if got == "v1" else {"hashAlgorithmOID": SHA256}
        sad = scene.post(f"{got}/credentials/authorize", body).json()["SAD"]

        (value,) = values(sign(scene, scene.seal, [imprint], sad=sad, face=used, who=scene.court.token()))
        is_good(scene.seal, imprint, value)


def test_three_digests_in_one_call_in_another_order(scene: Scene) -> None:
    all_of_them = [digest(f"three {each}") for each in range(3)]
    sad = scene.court.approved(scene.official, all_of_them)
    mixed = [all_of_them[2], all_of_them[0], all_of_them[1]]

    made = values(sign(scene, scene.official, mixed, sad=sad))

    for imprint, value in zip(mixed, made, strict=True):
        is_good(scene.official, imprint, value)
    assert scene.court.state(sad) == (AuthorisationState.SPENT, 3)


def test_three_calls_of_one(scene: Scene) -> None:
    all_of_them = [digest(f"calls {each}") for each in range(3)]
    sad = scene.court.approved(scene.official, all_of_them)
    for count, imprint in enumerate(all_of_them, start=1):
        (value,) = values(sign(scene, scene.official, [imprint], sad=sad, face="v2"))
        is_good(scene.official, imprint, value)
        assert scene.court.state(sad)[1] == count


def test_the_credential_token_itself_signs_without_a_sad(scene: Scene) -> None:
    imprint = digest("bearer is the SAD")
    sad = scene.court.approved(scene.official, [imprint])
    bearer = {"Authorization": f"Bearer {sad}"}

    again = sign(scene, scene.official, [imprint], sad="another", who=bearer)
    refused(again, BAD_SAD)
    (value,) = values(sign(scene, scene.official, [imprint], who=bearer, face="v2", operationMode="S"))

    is_good(scene.official, imprint, value)
    over = sign(scene, scene.official, [imprint], who=bearer)
    assert (over.status_code, shape(over)["error"]) == (401, "expired_token")


def test_the_same_token_in_both_places_is_accepted(scene: Scene) -> None:
    imprint = digest("both places")
    sad = scene.court.approved(scene.official, [imprint])

    values(sign(scene, scene.official, [imprint], sad=sad, who={"Authorization": f"Bearer {sad}"}))


SPELLINGS: dict[str, Callable[[bytes], str]] = {
    "standard": b64,
    "standard, not padded": lambda each: b64(each).rstrip("="),
    "url": lambda each: base64.urlsafe_b64encode(each).decode(),
    "url, not padded": lambda each: base64.urlsafe_b64encode(each).decode().rstrip("="),
    "percent": lambda each: quote(b64(each), safe=""),
    "percent, url": lambda each: quote(base64.urlsafe_b64encode(each).decode(), safe=""),
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_every_accepted_spelling_of_a_digest_is_the_same_digest(scene: Scene, name: str) -> None:
    imprint = b"\xfb\xff\xfe" + digest(name)[3:]  # with + and / in it
    sad = scene.court.approved(scene.official, [imprint])

    (value,) = values(sign(scene, scene.official, [SPELLINGS[name](imprint)], sad=sad))

    is_good(scene.official, imprint, value)


def test_two_spellings_of_one_digest_are_twice_the_same(scene: Scene) -> None:
    imprint = b"\xfb\xff\xfe" + digest("two spellings")[3:]
    sad = scene.court.approved(scene.official, [imprint, digest("another")])

    refused(sign(scene, scene.official, [b64(imprint), SPELLINGS["url"](imprint)], sad=sad), NOT_COVERED)
    assert scene.court.state(sad) == FRESH


def test_a_sad_with_the_bearer_of_somebody_else_touches_nothing(scene: Scene) -> None:
    imprint = digest("not yours")
    sad, court = scene.court.approved(scene.official, [imprint]), scene.court
    callers = {
        "another user": court.token(CLIENT, OTHER_PERSON),
        "another client": court.token(OTHER_CLIENT, PERSON),
        "client-bound": court.token(CLIENT),
        "another authorisation": {"Authorization": f"Bearer {court.approved(scene.official, [digest('x')])}"},
    }
    for name, who in callers.items():
        for face in ("v1", "v2"):
            answer = sign(scene, scene.official, [imprint], sad=sad, who=who, face=face)
            assert answer.status_code == 400, name
            assert shape(answer)["error_description"] in (BAD_SAD, "Invalid parameter credentialID")
    assert court.state(sad) == FRESH
    values(sign(scene, scene.official, [imprint], sad=sad))


def test_a_seals_sad_with_another_clients_bearer(scene: Scene) -> None:
    imprint, court = digest("lent to both"), scene.court
    court.lend(scene.seal.id, OTHER_CLIENT)
    sad = court.sealed(scene.seal.id, [imprint])

    refused(sign(scene, scene.seal, [imprint], sad=sad, who=court.token(OTHER_CLIENT)), BAD_SAD)
    assert court.state(sad) == FRESH
    court.lent.end(court.lent.newest(scene.seal.id, OTHER_CLIENT)[0].id, credential_id=None, at=court.clock())


def test_a_sad_of_one_credential_on_another_one(scene: Scene) -> None:
    imprint, court = digest("credential A"), scene.court
    second = court.enrol("cred-b", PERSON)
    sad = court.approved(scene.official, [imprint])

    refused(sign(scene, second, [imprint], sad=sad), BAD_SAD)
    assert court.state(sad) == FRESH


def test_the_same_digest_again_after_success(scene: Scene) -> None:
    one, two = digest("once"), digest("twice")
    sad = scene.court.approved(scene.official, [one, two])
    values(sign(scene, scene.official, [one], sad=sad))

    for _ in range(2):
        refused(sign(scene, scene.official, [one], sad=sad), NOT_COVERED)
    refused(sign(scene, scene.official, [one, two], sad=sad), NOT_COVERED)
    assert scene.court.state(sad) == (AuthorisationState.ACTIVE, 1)
    values(sign(scene, scene.official, [two], sad=sad))
    refused(sign(scene, scene.official, [two], sad=sad), BAD_SAD)  # all of it is used up


def test_a_replay_after_a_failure_of_the_hsm_is_refused(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    imprint = digest("the HSM failed")
    sad = scene.court.approved(scene.official, [imprint, digest("rest")])

    def away(*_: object) -> tuple[bytes, ...]:
        raise KeyUnavailable("the token is away")

    with monkeypatch.context() as patched:
        patched.setattr(scene.court.software, "sign_all", away)
        failed = sign(scene, scene.official, [imprint], sad=sad)

    assert failed.status_code == 503
    assert shape(failed)["error"] == "temporarily_unavailable"
    assert "token is away" not in failed.text
    assert scene.court.state(sad) == (AuthorisationState.ACTIVE, 1)
    refused(sign(scene, scene.official, [imprint], sad=sad), NOT_COVERED)
    outcome = scene.court.entries(Act.ACTIVATION_SIGN)[-1]
    assert "key-unavailable" in outcome.details


def test_a_replay_after_a_lost_answer_is_refused(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """The signature was made, and the database went away before the outcome could be written: nobody got it."""
    imprint = digest("the answer was lost")
    sad = scene.court.approved(scene.official, [imprint, digest("rest of it")])

    def lost(*_: object, **__: object) -> None:
        raise ConnectionError("gone")

    with monkeypatch.context() as patched:
        patched.setattr(scene.court.authorisations, "outcome", lost)
        answer = sign(scene, scene.official, [imprint], sad=sad)

    assert answer.status_code == 500
    assert "signatures" not in answer.json()
    refused(sign(scene, scene.official, [imprint], sad=sad), NOT_COVERED)


def test_more_signatures_than_authorised_in_one_call_and_spread(scene: Scene) -> None:
    sad = scene.court.sealed(scene.seal.id, [], count=2)
    who = scene.court.token()

    refused(sign(scene, scene.seal, [digest(f"m{each}") for each in range(3)], sad=sad, who=who), NOT_COVERED)
    assert scene.court.state(sad) == FRESH
    values(sign(scene, scene.seal, [digest("m0")], sad=sad, who=who))
    refused(sign(scene, scene.seal, [digest("m1"), digest("m2")], sad=sad, who=who), NOT_COVERED)
    values(sign(scene, scene.seal, [digest("m1")], sad=sad, who=who))
    refused(sign(scene, scene.seal, [digest("m2")], sad=sad, who=who), BAD_SAD)


def test_a_digest_that_was_not_authorised_and_one_among_good_ones(scene: Scene) -> None:
    good = [digest(f"good {each}") for each in range(3)]
    sad = scene.court.approved(scene.official, good)

    refused(sign(scene, scene.official, [digest("foreign")], sad=sad), NOT_COVERED)
    refused(sign(scene, scene.official, [good[0], digest("foreign"), good[2]], sad=sad), NOT_COVERED)
    assert scene.court.state(sad) == FRESH
    assert len(values(sign(scene, scene.official, good, sad=sad))) == 3


def test_the_same_digest_twice_in_one_call(scene: Scene) -> None:
    for credential, sad, who in (
        (scene.official, scene.court.approved(scene.official, [digest("d"), digest("e")]), None),
        (scene.seal, scene.court.sealed(scene.seal.id, [], count=2), scene.court.token()),
    ):
        refused(sign(scene, credential, [digest("d"), digest("d")], sad=sad, who=who), NOT_COVERED)
        assert scene.court.state(sad) == FRESH


def test_the_right_octets_with_another_algorithm(scene: Scene) -> None:
    imprint = digest("of another algorithm") + b"16 octets beyond"
    sad = scene.court.approved(scene.official, [imprint])  # 48 octets: SHA-384

    refused(sign(scene, scene.official, [imprint], sad=sad, face="v2"), "Invalid digest value length")
    refused(sign(scene, scene.official, [imprint[:32]], sad=sad, face="v2"), NOT_COVERED)
    assert scene.court.state(sad) == FRESH


def test_a_digest_of_a_document_is_not_for_sign_hash(scene: Scene) -> None:
    imprint = digest("SDR")
    sad = scene.court.approved(scene.official, [imprint], purpose=Purpose.SDR)

    refused(sign(scene, scene.official, [imprint], sad=sad), NOT_COVERED)
    assert scene.court.state(sad) == FRESH


def test_a_digest_of_signed_attributes_is_for_sign_hash(scene: Scene) -> None:
    imprint = digest("DTBSR")
    sad = scene.court.approved(scene.official, [imprint], purpose=Purpose.DTBSR)

    values(sign(scene, scene.official, [imprint], sad=sad))


def test_an_expired_sad(own_scene: Scene) -> None:
    imprint = digest("late")
    sad, seal = own_scene.court.approved(own_scene.official, [imprint]), own_scene.court.sealed("cred-seal", [imprint])
    own_scene.court.clock.forward(300)

    refused(sign(own_scene, own_scene.official, [imprint], sad=sad), "SAD expired")
    refused(sign(own_scene, own_scene.seal, [imprint], sad=seal, who=own_scene.court.token()), "SAD expired")
    assert own_scene.court.state(sad) == FRESH


def test_a_sad_that_expires_between_check_and_update(own_scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    imprint, court = digest("in between"), own_scene.court
    sad = court.approved(own_scene.official, [imprint])
    consume = court.authorisations.consume

    def slowly(*given: Any, **named: Any) -> bool:
        court.clock.forward(400)
        return consume(*given, **named | {"at": court.clock()})

    monkeypatch.setattr(court.authorisations, "consume", slowly)
    refused(sign(own_scene, own_scene.official, [imprint], sad=sad), "SAD expired")
    assert court.state(sad) == FRESH


@pytest.mark.parametrize("state", [AuthorisationState.REVOKED, AuthorisationState.APPROVED])
def test_an_authorisation_that_was_revoked_or_not_yet_exchanged(scene: Scene, state: AuthorisationState) -> None:
    imprint = digest(state)
    sad = scene.court.approved(scene.official, [imprint], state=state)

    refused(sign(scene, scene.official, [imprint], sad=sad), BAD_SAD)


def test_no_sad_with_a_service_token(scene: Scene) -> None:
    answer = sign(scene, scene.official, [digest("x")])

    refused(answer, "Missing (or invalid type) string parameter SAD")


@pytest.mark.parametrize("fate", ["disabled", "expired", "revoked", "held"])
def test_what_happened_to_the_key_or_certificate_after_the_authorisation(own_scene: Scene, fate: str) -> None:
    court, official, imprint = own_scene.court, own_scene.official, digest(fate)
    sad = court.approved(official, [imprint], seconds=300)
    number = official.certificate.serial_number
    if fate == "disabled":
        court.credentials.set_state(official.id, CredentialState.SUSPENDED, actor="registrar", at=court.clock())
    elif fate == "revoked":
        court.status.revoked[number] = court.clock()
    elif fate == "held":
        court.status.held.add(number)
    else:
        court.clock.at = official.certificate.not_valid_after_utc
        court.clock.forward(1)

    answer = sign(own_scene, official, [imprint], sad=sad)

    disabled = "The credential identified by credentialID is disabled"
    subject = official.certificate.subject.rfc4514_string()
    refused(answer, f"Signing certificate '{subject}' is expired." if fate == "expired" else disabled)
    assert court.state(sad) == FRESH


@pytest.mark.parametrize(
    ("more", "described"),
    [
        ({"signAlgo": "1.2.840.113549.1.1.11"}, "Invalid parameter signAlgo"),
        ({"signAlgo": ""}, "Missing (or invalid type) string parameter signAlgo"),
        ({"hash": []}, "Empty hash array"),
        ({"hash": ["!!"]}, "Invalid Base64 hash string parameter"),
        ({"hash": ["AAAA"]}, "Invalid digest value length"),
        ({"hash": "text"}, "Missing (or invalid type) array parameter hash"),
        ({"signAlgoParams": "MAA="}, "Invalid parameter signAlgoParams"),
    ],
)
def test_a_malformed_request_uses_nothing_up_and_the_good_one_works(
    scene: Scene, more: dict[str, Any], described: str
) -> None:
    imprint = digest(described + str(more))
    sad = scene.court.approved(scene.official, [imprint])

    refused(sign(scene, scene.official, [imprint], sad=sad, **more), described)
    assert scene.court.state(sad) == FRESH
    values(sign(scene, scene.official, [imprint], sad=sad))


def test_a_value_that_does_not_verify_is_not_released(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    imprint = digest("a wrong value")
    sad = scene.court.approved(scene.official, [imprint])
    good = scene.court.software.sign_all

    def of_something_else(key: ec.EllipticCurvePrivateKey, digests: Sequence[bytes]) -> tuple[bytes, ...]:
        return good(key, [digest("something else") for _ in digests])

    monkeypatch.setattr(scene.court.software, "sign_all", of_something_else)
    answer = sign(scene, scene.official, [imprint], sad=sad)

    assert answer.status_code == 500
    assert shape(answer)["error"] == "server_error"
    assert scene.court.state(sad) == (AuthorisationState.SPENT, 1)


def test_every_use_and_every_refusal_is_in_the_trail_under_the_clients_name(own_scene: Scene) -> None:
    imprint, court = digest("audited"), own_scene.court
    sad = court.approved(own_scene.official, [imprint])
    refused(sign(own_scene, own_scene.official, [digest("no")], sad=sad), NOT_COVERED)
    values(sign(own_scene, own_scene.official, [imprint], sad=sad))

    consumed, signed = court.entries(Act.ACTIVATION_CONSUME), court.entries(Act.ACTIVATION_SIGN)
    assert [each.outcome for each in consumed] == ["refused", "done"]
    assert {each.actor for each in (*consumed, *signed)} == {CLIENT}
    assert consumed[0].reason == "digest"
    assert imprint.hex() in consumed[1].details
    assert all(sad not in each.details for each in (*consumed, *signed))


def test_secrets_are_stored_only_as_hashes(own_scene: Scene, tmp_path: Any) -> None:
    court, imprint = own_scene.court, digest("dump")
    texts = [
        court.approved(own_scene.official, [imprint]),
        court.sealed(own_scene.seal.id, [imprint]),
        court.sealed(own_scene.seal.id, [], count=3),
    ]
    token = court.token()["Authorization"].split()[1]
    values(sign(own_scene, own_scene.official, [imprint], sad=texts[0]))

    dump = b"".join(each.read_bytes() for each in tmp_path.rglob("csc.db*"))

    assert imprint.hex().encode() in dump
    for secret in (*texts, token):
        assert secret.encode() not in dump
