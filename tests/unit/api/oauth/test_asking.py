"""What `/oauth2/authorize` is asked: every line of the checklist that needs no person, as one table."""

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest

from api.oauth.answering import answered, refused
from api.oauth.asking import AskRules, AuthorizeRequest, Destination, once, read_destination, read_request
from api.oauth.digests import read_digest
from api.oauth.refusals import NoRedirect, OAuthRefused
from signer.authorisation import Purpose

BACK = "https://aplikasi.contoh.go.id/kembali"
SHA256 = "2.16.840.1.101.3.4.2.1"
NEW = "https://cloudsignatureconsortium.org/2025/credential"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@dataclass(frozen=True)
class App:
    id: str = "e-office"
    scopes: frozenset[str] = frozenset({"service", "credential"})
    redirect_uris: tuple[str, ...] = (BACK, "https://aplikasi.contoh.go.id/lain?a=1")
    grants: frozenset[str] = frozenset({"authorization_code", "refresh_token"})


def octets(number: int, algorithm: str = "sha256") -> bytes:
    return hashlib.new(algorithm, b"surat %d" % number).digest()


def b64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def b64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


SERVICE = {
    "response_type": "code",
    "client_id": "e-office",
    "redirect_uri": BACK,
    "scope": "service",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
    "state": "keadaan",
}
OLD = SERVICE | {
    "scope": "credential",
    "credentialID": "kredensial-1",
    "numSignatures": "2",
    "hash": ",".join(b64url(octets(number)) for number in (1, 2)),
}
PLAIN = {name: value for name, value in OLD.items() if name != "hash"}
V2 = PLAIN | {"hashes": OLD["hash"], "hashAlgorithmOID": SHA256}


def details(**changed: Any) -> str:
    one = {
        "type": NEW,
        "credentialID": "kredensial-1",
        "numSignatures": 1,
        "hashAlgorithmOID": SHA256,
        "documentDigests": [{"hash": b64(octets(1)), "label": "Surat", "hashType": "DTBSR"}],
    }
    return json.dumps([{name: value for name, value in (one | changed).items() if value is not ...}])


RAR = SERVICE | {"scope": "", "authorization_details": details()}


def ask(
    asked: dict[str, str] | list[tuple[str, str]], app: App | None = None, **rules: Any
) -> tuple[AuthorizeRequest, Destination]:
    pairs = list(asked.items()) if isinstance(asked, dict) else asked
    found, doubled = once(pairs)
    to = read_destination(found, doubled, app or App())
    return read_request(found, doubled, app or App(), to, AskRules(**rules)), to


@pytest.mark.parametrize(
    ("asked", "named", "token_type"),
    [
        (OLD, "hash", "SAD"),
        (V2, "hashes", "Bearer"),
        (RAR, "authorization_details", "Bearer"),
        (RAR | {"scope": "credential"}, "authorization_details", "Bearer"),
        (RAR | {"credentialID": "kredensial-1", "numSignatures": "1"}, "authorization_details", "Bearer"),
        (
            RAR | {"scope": "credential", "hashes": b64url(octets(1)), "hashAlgorithmOID": SHA256},
            "authorization_details",
            "Bearer",
        ),
        (OLD | {"hashes": "", "hashAlgorithmOID": ""}, "hash", "SAD"),  # empty is absent
    ],
)
def test_credential_flow_with_hash_with_hashes_with_rar_and_with_both(
    asked: dict[str, str], named: str, token_type: str
) -> None:
    request, _ = ask(asked)

    assert request.credential is not None
    assert (request.credential.named, request.credential.token_type) == (named, token_type)
    assert request.credential.credential_id == "kredensial-1"
    assert request.credential.digests[0].value == octets(1).hex()
    assert request.scope == "credential"


def test_service_flow() -> None:
    request, _ = ask(SERVICE)

    assert (request.scope, request.credential, request.state) == ("service", None, "keadaan")


def test_scope_is_service_where_nothing_is_said() -> None:
    assert ask(SERVICE | {"scope": ""})[0].scope == "service"


@pytest.mark.parametrize("kind", ["credential", NEW])
def test_what_a_digest_is_of_where_the_client_does_not_say(kind: str) -> None:
    open_ = [{"hash": b64(octets(1)), "label": "Surat"}]
    request, _ = ask(RAR | {"authorization_details": details(type=kind, documentDigests=open_)})

    assert request.credential is not None
    assert request.credential.digests[0].purpose is (None if kind == "credential" else Purpose.DTBSR)


def test_details_are_given_back_as_they_were_spelled_with_everything_resolved() -> None:
    """`hashType` as sent."""
    listed = [{"hash": b64url(octets(1)), "label": "Surat", "hashType": "dtbsr"}]
    text = details(documentDigests=listed, credentialID=None, signatureQualifier="id_contoh_aes")
    request, _ = ask(RAR | {"authorization_details": text}, qualifiers=frozenset({"id_contoh_aes"}))

    assert request.credential is not None
    assert request.credential.details is not None
    assert request.credential.details.echo("kredensial-7") == {
        "type": NEW,
        "credentialID": "kredensial-7",
        "numSignatures": 1,
        "hashAlgorithmOID": SHA256,
        "documentDigests": [{"hash": b64(octets(1)), "label": "Surat", "hashType": "dtbsr"}],
    }


def test_thirty_digests_in_the_url() -> None:
    """30 digests in the URL."""
    many = ",".join(b64url(octets(number)) for number in range(30))
    request, _ = ask(V2 | {"hashes": many, "numSignatures": "30"})

    assert request.credential is not None
    assert len(request.credential.digests) == 30


def rar(**changed: Any) -> dict[str, str]:
    return RAR | {"authorization_details": details(**changed)}


BAD = "invalid_authorization_details"
REQ = "invalid_request"

WRONG: list[tuple[str, dict[str, str], str]] = [
    ("no code_challenge", SERVICE | {"code_challenge": ""}, REQ),
    ("a short code_challenge", SERVICE | {"code_challenge": "A" * 42}, REQ),
    ("a long code_challenge", SERVICE | {"code_challenge": "A" * 129}, REQ),
    ("method plain", SERVICE | {"code_challenge_method": "plain"}, REQ),
    ("method missing", SERVICE | {"code_challenge_method": ""}, REQ),
    ("response_type missing", SERVICE | {"response_type": ""}, REQ),
    ("response_type=token", SERVICE | {"response_type": "token"}, "unsupported_response_type"),
    ("response_type=code token", SERVICE | {"response_type": "code token"}, "unsupported_response_type"),
    ("hash with hashes", OLD | {"hashes": OLD["hash"], "hashAlgorithmOID": SHA256}, REQ),
    ("hash with scope service", SERVICE | {"hash": OLD["hash"]}, REQ),
    ("hashes with scope service", SERVICE | {"hashes": OLD["hash"]}, REQ),
    ("details with scope service", SERVICE | {"authorization_details": details()}, REQ),
    ("both scopes at once", OLD | {"scope": "service credential"}, "invalid_scope"),
    ("credential-creation", SERVICE | {"scope": "credential-creation"}, "invalid_scope"),
    ("credential-deletion", SERVICE | {"scope": "credential-deletion"}, "invalid_scope"),
    ("a scope of /v1", SERVICE | {"scope": "signature:create"}, "invalid_scope"),
    ("hashes without hashAlgorithmOID", V2 | {"hashAlgorithmOID": ""}, REQ),
    ("wrong digest length, hash", OLD | {"hash": "QUJD,QUJD"}, REQ),
    ("wrong digest length, hashes", V2 | {"hashes": OLD["hash"] + "QUJD"}, REQ),
    ("digests of two lengths", OLD | {"hash": f"{b64(octets(1))},{b64(octets(2, 'sha512'))}"}, REQ),
    ("no Base64", OLD | {"hash": "!!!,???"}, REQ),
    ("an empty digest among others", OLD | {"hash": OLD["hash"] + ","}, REQ),
    ("SHA-1", V2 | {"hashAlgorithmOID": "1.3.14.3.2.26", "hashes": b64(octets(1, "sha1"))}, REQ),
    ("SHA-1 by its length", OLD | {"hash": b64(octets(1, "sha1")), "numSignatures": "1"}, REQ),
    ("numSignatures 0", OLD | {"numSignatures": "0"}, REQ),
    ("numSignatures negative", OLD | {"numSignatures": "-1"}, REQ),
    ("numSignatures above multisign", OLD | {"numSignatures": "101"}, REQ),
    ("numSignatures missing", OLD | {"numSignatures": ""}, REQ),
    ("numSignatures no number", OLD | {"numSignatures": "true"}, REQ),
    ("numSignatures in other digits", OLD | {"numSignatures": "٢"}, REQ),
    ("numSignatures one too many", OLD | {"numSignatures": "3"}, REQ),
    ("numSignatures one too few", OLD | {"numSignatures": "1"}, REQ),
    ("duplicate digests", OLD | {"hash": f"{b64(octets(1))},{b64url(octets(1))}"}, REQ),
    ("duplicate digests counted once", OLD | {"hash": f"{b64(octets(1))},{b64(octets(1))}", "numSignatures": "1"}, REQ),
    ("personal credential without digests", PLAIN, REQ),
    ("no credential named", OLD | {"credentialID": ""}, REQ),
    ("a qualifier that no credential here has", OLD | {"credentialID": "", "signatureQualifier": "eu_eidas_qes"}, REQ),
    ("a long description", OLD | {"description": "x" * 501}, REQ),
    ("long clientData", OLD | {"clientData": "x" * 1025}, REQ),
    ("a control character", OLD | {"description": "a\x00b"}, REQ),
    ("RAR: no JSON", RAR | {"authorization_details": "[{"}, BAD),
    ("RAR: no array", RAR | {"authorization_details": "{}"}, BAD),
    ("RAR: deep", RAR | {"authorization_details": "[" * 3000}, BAD),
    ("RAR: unknown type", rar(type="payment"), BAD),
    ("RAR: two objects", RAR | {"authorization_details": f"[{details()[1:-1]},{details()[1:-1]}]"}, BAD),
    (
        "RAR: SODR",
        rar(documentDigests=[{"hash": b64(octets(1)), "label": "x", "hashType": "SODR"}]),
        BAD,
    ),
    ("RAR: no digests", rar(documentDigests=[]), BAD),
    ("RAR: a digest that is none", rar(documentDigests=["x"]), BAD),
    ("RAR: no algorithm", rar(hashAlgorithmOID=...), BAD),
    ("RAR: a boolean count", rar(numSignatures=True), BAD),
    ("RAR: no count", rar(numSignatures=...), BAD),
    ("RAR: another count than digests", rar(numSignatures=2), REQ),
    ("RAR: no label", rar(type="credential", documentDigests=[{"hash": b64(octets(1))}]), BAD),
    ("RAR contradicting credentialID", RAR | {"credentialID": "kredensial-2"}, BAD),
    ("RAR contradicting numSignatures", RAR | {"numSignatures": "2"}, BAD),
    ("RAR contradicting hashes", RAR | {"hashes": b64(octets(2)), "hashAlgorithmOID": SHA256}, BAD),
    ("RAR contradicting hash", RAR | {"hash": b64(octets(2))}, BAD),
]


@pytest.mark.parametrize(("asked", "error"), [line[1:] for line in WRONG], ids=[line[0] for line in WRONG])
def test_what_is_refused(asked: dict[str, str], error: str) -> None:
    with pytest.raises(OAuthRefused) as refusal:
        ask(asked)

    assert refusal.value.error == error
    assert octets(1).hex() not in refusal.value.description


@pytest.mark.parametrize("name", ["response_type", "scope", "hash", "code_challenge", "state", "credentialID"])
def test_a_repeated_parameter(name: str) -> None:
    with pytest.raises(OAuthRefused) as refusal:
        ask([*OLD.items(), (name, OLD[name])])

    assert (refusal.value.error, refusal.value.description) == ("invalid_request", f"Repeated parameter {name}")


@pytest.mark.parametrize(
    ("scopes", "grants"),
    [
        (frozenset({"credential"}), App().grants),
        (frozenset(), App().grants),
        (App().scopes, frozenset({"client_credentials"})),
    ],
)
def test_client_not_allowed_the_scope_or_the_grant(scopes: frozenset[str], grants: frozenset[str]) -> None:
    """`unauthorized_client`."""
    with pytest.raises(OAuthRefused) as refusal:
        ask(SERVICE, App(scopes=scopes, grants=grants))

    assert refusal.value.error == "unauthorized_client"


@pytest.mark.parametrize(
    "given",
    [
        "https://aplikasi.contoh.go.id/kembali/",
        "https://aplikasi.contoh.go.id/Kembali",
        "https://aplikasi.contoh.go.id/kembali?x=1",
        "https://lain.contoh.go.id/kembali",
        "https://aplikasi.contoh.go.id:443/kembali",
        "",
    ],
)
def test_unregistered_redirect_uri_or_one_that_differs_a_little(given: str) -> None:
    """By a slash, by case, by a query; or none where several are registered."""
    with pytest.raises(NoRedirect) as refusal:
        ask(SERVICE | {"redirect_uri": given})

    assert refusal.value.reason == "redirect"


def test_no_redirect_for_an_unknown_client_or_a_doubled_address() -> None:
    found, doubled = once(list(SERVICE.items()))
    with pytest.raises(NoRedirect):
        read_destination(found, doubled, None)
    with pytest.raises(NoRedirect):
        ask([*SERVICE.items(), ("client_id", "e-office")])
    with pytest.raises(NoRedirect):
        ask([*SERVICE.items(), ("redirect_uri", BACK)])


def test_the_address_may_be_left_out_where_exactly_one_is_registered() -> None:
    request, _ = ask(SERVICE | {"redirect_uri": ""}, App(redirect_uris=(BACK,)))

    assert (request.redirect_uri, request.redirect_named) == (BACK, False)


def test_state_and_iss_on_success_and_on_every_error() -> None:
    _, to = ask(SERVICE | {"state": "a b&c=ü"})
    told = "state=a%20b%26c%3D%C3%BC&iss=https%3A%2F%2Ftte.contoh.go.id"

    assert answered(to, "https://tte.contoh.go.id", code="xyz") == f"{BACK}?code=xyz&{told}"
    error = OAuthRefused("access_denied", "No")
    assert refused(to, "https://tte.contoh.go.id", error) == (f"{BACK}?error=access_denied&error_description=No&{told}")


@pytest.mark.parametrize(
    ("registered", "answer"),
    [
        ("https://a.contoh.go.id/lain?a=1", "https://a.contoh.go.id/lain?a=1&code=x&iss=i"),
        ("id.go.contoh.app:/kembali", "id.go.contoh.app:/kembali?code=x&iss=i"),
        ("contoh:///kembali", "contoh:///kembali?code=x&iss=i"),
    ],
)
def test_a_registered_address_is_kept_as_it_is(registered: str, answer: str) -> None:
    to = Destination(client_id="e-office", redirect_uri=registered, redirect_named=True, state=None)

    assert answered(to, "i", code="x") == answer


@pytest.mark.parametrize(
    "spelled",
    [
        b64(octets(3)),
        b64(octets(3)).rstrip("="),
        b64url(octets(3)),
        b64url(octets(3)) + "=",
        quote(b64(octets(3)), safe=""),
        b64(octets(3)).replace("+", " "),
    ],
)
def test_every_accepted_spelling_of_a_digest_is_the_same_digest(spelled: str) -> None:
    assert read_digest(spelled) == octets(3)


@pytest.mark.parametrize("text", ["", "A", "====", "YQ==\x00", "Y=Q=", "YR", "%", "ä" * 43, "A" * 500])
def test_what_is_no_digest(text: str) -> None:
    assert read_digest(text) is None
