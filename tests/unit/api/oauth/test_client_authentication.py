"""One way to authenticate a client, whatever it authenticates with (RFC 6749, 2.3; RFC 7523; RFC 8705)."""

import asyncio
import base64
import hmac
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey
from litestar.exceptions import HTTPException

from api.failed_logins import FailedLogins
from api.oauth.client_authentication import ClientAuthentication
from api.oauth.client_certificates import CertificateRules, ClientCertificates
from api.oauth.errors import OAuthError
from api.oauth.jwks import public_keys
from api.oauth.offers import ASSERTION_TYPE
from tests.support.api_memory import NOON, Clock, MemoryClient, MemoryClients

ISSUER = "https://teken.example/tanda"
SECRET = "Ab3-_.~secret"
KEY = ECKey.generate_key("P-256")


def keys(*used: Any) -> tuple[Mapping[str, Any], ...]:
    return public_keys({"keys": [key.as_dict(private=False) for key in used]})


CLIENTS = (
    (MemoryClient(id="basic-1_.~", scopes=frozenset(), auth_methods=frozenset({"client_secret_basic"})), SECRET),
    (MemoryClient(id="post", scopes=frozenset(), auth_methods=frozenset({"client_secret_post"})), SECRET),
    (MemoryClient(id="dompet", scopes=frozenset(), public=True, auth_methods=frozenset({"none"})), ""),
    (MemoryClient(id="jwt", scopes=frozenset(), auth_methods=frozenset({"private_key_jwt"}), jwks=keys(KEY)), ""),
    (MemoryClient(id="here", scopes=frozenset(), networks=("192.0.2.0/24", "2001:db8::/32")), SECRET),
)


class Court:
    """The authentication with its clock and its clients."""

    def __init__(self, *authorities: x509.Certificate) -> None:
        self.clock = Clock()
        self.clients = MemoryClients({client.id: (client, secret) for client, secret in CLIENTS})
        self.authentication = ClientAuthentication(
            clients=self.clients,
            failed=FailedLogins(per_minute=5, now=self.clock),
            certificates=CertificateRules(authorities),
            issuer=ISSUER,
            now=self.clock,
        )

    def ask(
        self,
        form: Mapping[str, str],
        *authorization: str,
        peer: str = "192.0.2.7",
        public: bool = False,
        more: Mapping[str, Any] | None = None,
    ) -> str:
        headers = [(b"authorization", each.encode("latin-1")) for each in authorization]
        scope: Any = {"type": "http", "headers": headers, "client": (peer, 4711), **(more or {})}
        return self.authentication.client_of(scope, form, public=public).id

    def refusal(self, form: Mapping[str, str], *authorization: str, **how: Any) -> tuple[int, str]:
        with pytest.raises(HTTPException) as caught:
            self.ask(form, *authorization, **how)
        return caught.value.status_code, getattr(caught.value, "error", "")

    def assertion(
        self, key: Any = KEY, alg: str = "ES256", header: Mapping[str, Any] | None = None, **claims: Any
    ) -> str:
        now = int(self.clock().timestamp())
        said = {"iss": "jwt", "sub": "jwt", "aud": ISSUER, "exp": now + 60, "jti": f"j-{len(self.clients.assertions)}"}
        said = {name: value for name, value in {**said, **claims}.items() if value is not None}
        return jwt.encode({"alg": alg, **(header or {})}, said, key, algorithms=[alg])


@pytest.fixture
def court() -> Court:
    return Court()


def basic(client_id: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


def strictly_encoded(text: str) -> str:
    """As oauth4webapi writes it: `-`, `_`, `.` and `~` too."""
    return "".join(each if each.isalnum() else f"%{ord(each):02X}" for each in text)


def unsigned(assertion: str, header: Mapping[str, Any], secret: bytes) -> str:
    """The same claims under a header that asks for no key, or for one that everybody knows (RFC 8725, 2.1)."""
    head = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=")
    signed = head + b"." + assertion.split(".")[1].encode()
    mac = hmac.digest(secret, signed, "sha256") if secret else b""
    return (signed + b"." + base64.urlsafe_b64encode(mac).rstrip(b"=")).decode()


def jwt_form(assertion: str, **more: str) -> dict[str, str]:
    return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion, **more}


INVALID_CLIENT = (401, "invalid_client")
INVALID_REQUEST = (400, "invalid_request")


@pytest.mark.parametrize("encoded", [str, quote_plus, strictly_encoded])
def test_basic_is_read_encoded_and_not(court: Court, encoded: Any) -> None:
    assert court.ask({}, basic(encoded("basic-1_.~"), encoded(SECRET))) == "basic-1_.~"


def test_a_secret_in_the_form(court: Court) -> None:
    assert court.ask({"client_id": "post", "client_secret": SECRET}) == "post"


def test_a_method_that_is_not_registered_proves_nothing(court: Court) -> None:
    assert court.refusal({}, basic("post", SECRET)) == INVALID_CLIENT
    assert court.refusal({"client_id": "basic-1_.~", "client_secret": SECRET}) == INVALID_CLIENT
    assert court.refusal({"client_id": "jwt"}, public=True) == INVALID_CLIENT
    assert court.refusal({"client_id": "post"}, public=True) == INVALID_CLIENT
    assert court.refusal({}, basic("dompet", ""), public=True) == INVALID_CLIENT
    assert court.refusal(jwt_form(court.assertion(iss="post", sub="post"))) == INVALID_CLIENT


def test_a_public_client_comes_only_where_it_may(court: Court) -> None:
    assert court.ask({"client_id": "dompet"}, public=True) == "dompet"
    assert court.refusal({"client_id": "dompet"}) == INVALID_CLIENT
    assert court.refusal({"client_id": "nobody"}, public=True) == INVALID_CLIENT
    assert court.refusal({}, public=True) == INVALID_CLIENT


def test_two_proofs_at_once_are_refused_and_not_counted(court: Court) -> None:
    proof = court.assertion()
    offers: list[tuple[dict[str, str], list[str]]] = [
        ({"client_id": "post", "client_secret": SECRET}, [basic("basic-1_.~", SECRET)]),
        ({"client_secret": SECRET}, [basic("basic-1_.~", SECRET)]),
        (jwt_form(proof), [basic("jwt", SECRET)]),
        (jwt_form(proof, client_secret=SECRET, client_id="jwt"), []),
        ({}, [basic("basic-1_.~", SECRET), basic("basic-1_.~", SECRET)]),
        ({"client_id": "other"}, [basic("basic-1_.~", SECRET)]),
    ]
    for form, headers in offers * 8:
        assert court.refusal(form, *headers) == INVALID_REQUEST
    assert court.ask({}, basic("basic-1_.~", SECRET)) == "basic-1_.~"


def test_only_who_tried_basic_is_challenged(court: Court) -> None:
    for form, headers, challenged in (
        ({}, [basic("basic-1_.~", "wrong")], True),
        ({}, ["Bearer x"], True),
        ({"client_id": "post", "client_secret": "wrong"}, [], False),
        ({}, [], False),
    ):
        with pytest.raises(OAuthError) as caught:
            court.ask(form, *headers)
        assert ("WWW-Authenticate" in (caught.value.headers or {})) is challenged


@pytest.mark.parametrize("way", ["post", "jwt", "dompet"])
def test_every_way_is_counted(court: Court, way: str) -> None:
    forms = {
        "post": {"client_id": "post", "client_secret": "wrong"},
        "jwt": jwt_form(court.assertion(ECKey.generate_key("P-256"))),
        "dompet": {"client_id": "dompet"},
    }
    assert [court.refusal(forms[way])[0] for _ in range(6)] == [401] * 5 + [429]


@pytest.mark.parametrize("peer", ["192.0.2.200", "::ffff:192.0.2.9", "2001:db8::1"])
def test_a_client_comes_from_its_networks(court: Court, peer: str) -> None:
    assert court.ask({}, basic("here", SECRET), peer=peer) == "here"


@pytest.mark.parametrize("peer", ["198.51.100.1", "2001:db9::1", "testclient", ""])
def test_a_client_from_elsewhere_is_nobody(court: Court, peer: str) -> None:
    assert court.refusal({}, basic("here", SECRET), peer=peer) == INVALID_CLIENT


@pytest.mark.parametrize(
    ("key", "alg"),
    [
        (KEY, "ES256"),
        (ECKey.generate_key("P-384"), "ES384"),
        (RSAKey.generate_key(2048), "RS256"),
        (RSAKey.generate_key(2048), "PS256"),
        (OKPKey.generate_key("Ed25519"), "Ed25519"),
    ],
)
def test_an_assertion_of_a_registered_key(court: Court, key: Any, alg: str) -> None:
    court.clients.clients["jwt"] = replace(CLIENTS[3][0], jwks=keys(ECKey.generate_key("P-256"), key)), ""
    assert court.ask(jwt_form(court.assertion(key, alg))) == "jwt"
    assert court.ask(jwt_form(court.assertion(key, alg), client_id="jwt")) == "jwt"


def test_an_assertion_by_the_older_name_of_ed25519(court: Court) -> None:
    key = OKPKey.generate_key("Ed25519")
    court.clients.clients["jwt"] = replace(CLIENTS[3][0], jwks=keys(key)), ""
    head, body = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")
        for part in (
            {"alg": "EdDSA"},
            {"iss": "jwt", "sub": "jwt", "aud": ISSUER, "exp": NOON.timestamp() + 9, "jti": "1"},
        )
    )
    signed = head + b"." + body
    signature = base64.urlsafe_b64encode(key.private_key.sign(signed)).rstrip(b"=")
    assert court.ask(jwt_form((signed + b"." + signature).decode())) == "jwt"


@pytest.mark.parametrize(
    "audience",
    [ISSUER, f"{ISSUER}/oauth2/token", f"{ISSUER}/oauth2/pushed_authorize", [ISSUER, f"{ISSUER}/oauth2/token"]],
)
def test_an_assertion_for_us(court: Court, audience: Any) -> None:
    assert court.ask(jwt_form(court.assertion(aud=audience))) == "jwt"


NOW = int(NOON.timestamp())


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "https://other.example"},
        {"aud": [ISSUER, "https://other.example"]},
        {"aud": []},
        {"aud": None},
        {"aud": {"iss": ISSUER}},
        {"aud": ISSUER + "/"},
        {"exp": None},
        {"exp": NOW},
        {"exp": NOW - 1},
        {"exp": NOW + 301},
        {"exp": "soon"},
        {"exp": True},
        {"exp": float("nan")},
        {"exp": float("inf")},
        {"nbf": NOW + 31},
        {"iat": NOW + 31},
        {"iat": "now"},
        {"iss": "post"},
        {"iss": None},
        {"sub": "post"},
        {"sub": None},
        {"sub": 7},
        {"jti": None},
        {"jti": ""},
        {"jti": 7},
        {"jti": "j" * 257},
    ],
)
def test_an_assertion_that_says_something_else_is_refused(court: Court, claims: dict[str, Any]) -> None:
    assert court.refusal(jwt_form(court.assertion(**claims))) == INVALID_CLIENT
    assert not court.clients.assertions


def test_an_assertion_is_good_once_and_only_until_its_end(court: Court) -> None:
    first, second = court.assertion(jti="a"), court.assertion(jti="b")
    assert court.ask(jwt_form(first)) == "jwt"
    assert court.refusal(jwt_form(first)) == INVALID_CLIENT
    assert all(expires_at >= NOON + timedelta(seconds=60) for expires_at in court.clients.assertions.values())
    court.clock.forward(60)
    assert court.refusal(jwt_form(second)) == INVALID_CLIENT


def test_an_assertion_that_the_registered_key_did_not_sign_is_refused(court: Court) -> None:
    other = ECKey.generate_key("P-256")
    forged = [
        court.assertion(other),
        court.assertion(other, header={"jwk": other.as_dict(private=False)}),
        court.assertion(header={"jku": "https://evil.example/jwks", "crit": ["jku"]}),
        court.assertion(RSAKey.generate_key(2048), "RS256"),
        unsigned(court.assertion(), {"alg": "none"}, b""),
        unsigned(court.assertion(), {"alg": "HS256"}, KEY.as_pem(private=False)),
        court.assertion().rsplit(".", 1)[0] + ".",
        court.assertion() + "A",
        "a.b.c",
        "..",
        "",
    ]
    for assertion in forged:
        court.clock.forward(60)
        assert court.refusal(jwt_form(assertion))[1] in ("invalid_client", "invalid_request")
    assert not court.clients.assertions


def test_an_assertion_of_another_type_is_refused(court: Court) -> None:
    form = {"client_assertion": court.assertion(), "client_assertion_type": "urn:example:saml"}
    assert court.refusal(form) == INVALID_REQUEST
    assert court.refusal({"client_assertion": court.assertion()}) == INVALID_REQUEST


def test_an_assertion_of_another_client_than_the_form_names_is_refused(court: Court) -> None:
    assert court.refusal(jwt_form(court.assertion(), client_id="post")) == INVALID_CLIENT


def certificate_of(
    subject: str,
    *,
    by: tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None = None,
    usage: x509.ObjectIdentifier | None = ExtendedKeyUsageOID.CLIENT_AUTH,
    until: datetime = NOON + timedelta(days=30),
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """A certificate for a TLS client, by an authority or by itself; with no usage, an authority's own."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    issuer, issuer_key = (by[0].subject, by[1]) if by else (name, key)
    builder = x509.CertificateBuilder(issuer, name, key.public_key(), 7, NOON - timedelta(days=1), until)
    is_ca = usage is None
    builder = builder.add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
    )
    if is_ca:
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        builder = builder.add_extension(
            x509.KeyUsage(False, False, False, False, False, True, True, False, False), critical=True
        )
    else:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    return builder.sign(issuer_key, hashes.SHA256()), key


AUTHORITY = certificate_of("CA Aplikasi Contoh", usage=None)


def shown(certificate: x509.Certificate) -> bytes:
    return b":" + base64.b64encode(certificate.public_bytes(Encoding.DER)) + b":"


def seen(value: bytes) -> Mapping[str, Any]:
    return {"teken.client_certificate": value}


@pytest.fixture
def tls() -> Court:
    court = Court(AUTHORITY[0])
    court.clients.clients["tls"] = (
        MemoryClient(
            id="tls", scopes=frozenset(), auth_methods=frozenset({"tls_client_auth"}), tls_subject="CN=aplikasi.example"
        ),
        "",
    )
    return court


def test_a_certificate_of_a_named_authority_with_the_registered_subject(tls: Court) -> None:
    certificate, _ = certificate_of("aplikasi.example", by=AUTHORITY)
    pem = quote(certificate.public_bytes(Encoding.PEM).decode(), safe="").encode()
    for value in (shown(certificate), pem):
        assert tls.ask({"client_id": "tls"}, more=seen(value)) == "tls"


@pytest.mark.parametrize(
    "certificate",
    [
        certificate_of("lain.example", by=AUTHORITY),
        certificate_of("aplikasi.example"),
        certificate_of("aplikasi.example", by=certificate_of("CA Aplikasi Contoh", usage=None)),
        certificate_of("aplikasi.example", by=AUTHORITY, usage=ExtendedKeyUsageOID.SERVER_AUTH),
        certificate_of("aplikasi.example", by=AUTHORITY, until=NOON),
    ],
    ids=["subject", "self-signed", "same-name", "for-servers", "expired"],
)
def test_another_certificate_is_nobodys(tls: Court, certificate: tuple[x509.Certificate, Any]) -> None:
    assert tls.refusal({"client_id": "tls"}, more=seen(shown(certificate[0]))) == INVALID_CLIENT


@pytest.mark.parametrize(
    "value", [b"", b":", b"::", b":AAAA:", b"MIIB", b"%2D%2D", b":" + b"A" * 20_000 + b":", b"\xff"]
)
def test_what_is_no_certificate_is_nobodys(tls: Court, value: bytes) -> None:
    assert tls.refusal({"client_id": "tls"}, more=seen(value)) == INVALID_CLIENT


def test_without_a_named_authority_no_subject_is_believed(tls: Court) -> None:
    bare = Court()
    bare.clients.clients["tls"] = tls.clients.clients["tls"]
    certificate, _ = certificate_of("aplikasi.example", by=AUTHORITY)
    assert bare.refusal({"client_id": "tls"}, more=seen(shown(certificate))) == INVALID_CLIENT


def test_exactly_the_registered_certificate(court: Court) -> None:
    certificate, _ = certificate_of("aplikasi.example")
    client = MemoryClient(
        id="self",
        scopes=frozenset(),
        auth_methods=frozenset({"self_signed_tls_client_auth"}),
        tls_thumbprint=certificate.fingerprint(hashes.SHA256()).hex(),
    )
    court.clients.clients["self"] = client, ""
    assert court.ask({"client_id": "self"}, more=seen(shown(certificate))) == "self"
    other, _ = certificate_of("aplikasi.example")
    assert court.refusal({"client_id": "self"}, more=seen(shown(other))) == INVALID_CLIENT
    assert court.refusal({"client_id": "self"}) == INVALID_CLIENT
    court.clients.clients["self"] = replace(client, auth_methods=frozenset({"tls_client_auth"})), ""
    assert court.refusal({"client_id": "self"}, more=seen(shown(certificate))) == INVALID_CLIENT


@pytest.mark.parametrize(
    ("peer", "values", "believed"),
    [
        ("10.0.0.5", [b"x"], True),
        ("::ffff:10.0.0.5", [b"x"], True),
        ("10.0.0.6", [b"x"], False),
        ("10.0.0.5", [b"x", b"x"], False),
        ("10.0.0.5", [], False),
        (None, [b"x"], False),
    ],
)
def test_the_field_is_believed_from_a_named_proxy_alone(peer: str | None, values: list[bytes], believed: bool) -> None:
    came: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        came.append(scope)

    around = ClientCertificates(app, header="Client-Cert", proxies=["10.0.0.5/32"])
    headers = [(b"host", b"x"), *((b"Client-Cert", value) for value in values)]
    scope: Any = {"type": "http", "headers": headers, "client": None if peer is None else (peer, 1)}
    asyncio.run(around(scope, None, None))  # type: ignore[arg-type] # it passes both on unread
    assert came[0]["headers"] == [(b"host", b"x")]
    assert ("teken.client_certificate" in came[0]) is believed
