"""The authorization server over a real database, an official with factors, applications, and a browser in between."""

import base64
import hashlib
import html
import json
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from httpx import Cookies, Response
from litestar import Litestar
from litestar import Response as Answer
from litestar.testing import TestClient

from api.auth import TokenService
from api.consent.doors import desk_doors
from api.faces.desk.ports import DeskDoors, DeskSettings
from api.faces.desk.router import desk_router
from api.faces.oauth.router import OAuthDoors, oauth_router
from api.faces.oauth.well_known import metadata_router
from api.framing import HeadAsGet
from api.headers import security_headers
from api.oauth.build import client_authentication
from api.oauth.server import OAuthGround, OAuthServices, PeopleGround, build_oauth, oauth_pages
from api.settings import OAuthSettings, Settings
from api.static.files import static_router
from signer.factors.passkey import RelyingParty
from store.authorisations import SqlAuthorisations
from store.client_model import Client, ClientState
from store.clients import SqlClientStore
from tests.support.consent import PARTY, ConsentHouse
from tests.support.office import PASSPHRASE

ISSUER: Final = "https://tte.contoh.go.id"
BACK: Final = "https://sikd.contoh.go.id/kembali"
SECRET: Final = "rahasia-aplikasi-contoh"
SHA256: Final = "2.16.840.1.101.3.4.2.1"
NEW: Final = "https://cloudsignatureconsortium.org/2025/credential"
VERIFIER: Final = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE: Final = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
"""Of `VERIFIER` (RFC 7636, appendix B)."""
SERVICE: Final = {
    "response_type": "code",
    "client_id": "sikd",
    "redirect_uri": BACK,
    "scope": "service",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
    "state": "keadaan-1",
}


def digest(number: int) -> bytes:
    """SHA-256 of an invented document."""
    return hashlib.sha256(b"surat %d" % number).digest()


def b64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def b64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


@dataclass
class Browser:
    """One browser: its cookies are nobody else's."""

    wire: TestClient[Litestar]
    cookies: Cookies = field(default_factory=Cookies)

    def get(self, path: str, **more: Any) -> Response:
        return self._call("GET", path, **more)

    def head(self, path: str, **more: Any) -> Response:
        return self._call("HEAD", path, **more)

    def post(self, path: str, **more: Any) -> Response:
        return self._call("POST", path, **more)

    def _call(self, method: str, path: str, **more: Any) -> Response:
        self.wire.cookies = self.cookies
        try:
            return self.wire.request(method, path, **more)
        finally:
            self.cookies = Cookies(self.wire.cookies)


@dataclass(kw_only=True)
class AuthorisingHouse:
    """All of it. `browser` keeps cookies as one does; `app` calls for an application."""

    house: ConsentHouse
    settings: Settings
    clients: SqlClientStore
    services: OAuthServices
    browser: Browser
    app: Browser

    @property
    def credential(self) -> str:
        return self.house.credential.id

    def add(self, name: str, **differences: Any) -> Client:
        """A registered application; its secret is `SECRET`."""
        good = Client(
            id=name,
            name=f"Aplikasi {name.upper()}",
            scopes=frozenset({"service", "credential"}),
            state=ClientState.ACTIVE,
            created_at=self.house.office.at,
            grants=frozenset({"authorization_code", "refresh_token", "client_credentials"}),
            redirect_uris=(BACK,),
        )
        client = replace(good, **differences)
        secret = None if client.public else hashlib.sha256(SECRET.encode()).hexdigest()
        self.clients.add(client, secret, actor="operator")
        return client

    def another_browser(self) -> Browser:
        return Browser(self.app.wire)

    # what an application asks

    def old(self, *numbers: int, **changed: str) -> dict[str, str]:
        """Version 1's names."""
        asked = [b64url(digest(number)) for number in numbers or (1,)]
        named = {"credentialID": self.credential, "numSignatures": str(len(asked)), "hash": ",".join(asked)}
        return SERVICE | {"scope": "credential"} | named | changed

    def new(self, *numbers: int, **changed: str) -> dict[str, str]:
        """Version 2's names."""
        asked = self.old(*numbers)
        return asked | {"hash": "", "hashes": asked["hash"], "hashAlgorithmOID": SHA256} | changed

    def rar(self, *numbers: int, **changed: Any) -> dict[str, str]:
        """Rich authorisation."""
        listed = [
            {"hash": b64(digest(number)), "label": f"Surat {number}", "hashType": "DTBSR"} for number in numbers or (1,)
        ]
        one = {
            "type": NEW,
            "credentialID": self.credential,
            "numSignatures": len(listed),
            "hashAlgorithmOID": SHA256,
            "documentDigests": listed,
        }
        told = {name: value for name, value in (one | changed).items() if value is not None}
        return SERVICE | {"scope": "", "authorization_details": json.dumps([told])}

    def authorize(self, asked: dict[str, str], browser: Browser | None = None) -> Response:
        """The browser comes from the application."""
        return (browser or self.browser).get("/oauth2/authorize", params=asked)

    def opened(self, asked: dict[str, str]) -> str:
        """The path of the transaction's pages."""
        answer = self.authorize(asked)
        assert answer.status_code == 303, (answer.status_code, answer.headers.get("location"), answer.text[-600:])
        return str(answer.headers["location"])

    # what a person does

    def see(self, path: str, browser: Browser | None = None) -> Response:
        return (browser or self.browser).get(path)

    def send(self, path: str, page: Response, **form: str) -> Response:
        """A form of `page`; where it leads to another of our pages, that page."""
        answer = self.browser.post(path, data={"csrf": field_of(page, "csrf"), **form})
        return self.see(answer.headers["location"]) if answer.status_code == 303 else answer

    def sign_in(self, path: str) -> Response:
        """With the passkey, from the login page of a transaction."""
        page = self.see(path)
        return self.send(f"{path}/sign-in", page, assertion=self.house.device.get(options_of(page)))

    def asked(self, asked: dict[str, str]) -> tuple[str, Response]:
        """Logged in, and on the page of what is asked."""
        path = self.opened(asked)
        page = self.see(path)
        return path, self.sign_in(path) if "/sign-in" in page.text else page

    def approve(self, path: str, page: Response, **form: str) -> Response:
        """With passphrase and passkey, or what `form` says instead."""
        proof = {} if "code" in form or "assertion" in form else {"assertion": self.device(page)}
        shown = {"passphrase": PASSPHRASE.reveal(), "shown": field_of(page, "shown")}
        return self.send(f"{path}/approve", page, **{**shown, **proof, **form})

    def device(self, page: Response) -> str:
        return self.house.device.get(options_of(page))

    def back(self, asked: dict[str, str]) -> dict[str, str]:
        """The whole way of a person who says yes: what comes back to the application."""
        first = self.authorize(asked)
        if first.status_code == 302:  # nothing had to be asked
            return answer_of(first)
        path = str(first.headers["location"])
        page = self.see(path)
        page = self.sign_in(path) if "/sign-in" in page.text else page
        if "http-equiv" in page.text:
            return answer_of(page)
        return answer_of(self.approve(path, page) if 'name="shown"' in page.text else self.allow(path, page))

    def allow(self, path: str, page: Response) -> Response:
        return self.send(f"{path}/approve", page)

    # what an application does then

    def token(self, form: dict[str, str], *, auth: tuple[str, str] | None = ("sikd", SECRET)) -> Response:
        return self.app.post("/oauth2/token", data=form, auth=auth)

    def exchanged(self, code: str, *, auth: tuple[str, str] | None = ("sikd", SECRET), **changed: str) -> Response:
        form = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER, "redirect_uri": BACK}
        return self.token({name: value for name, value in (form | changed).items() if value}, auth=auth)

    def tokens(self, asked: dict[str, str]) -> dict[str, Any]:
        answer = self.exchanged(self.back(asked)["code"])
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def forward(self, **time: float) -> None:
        self.house.forward(**time)


def field_of(page: Response, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found is not None, (name, page.status_code, page.text[-1500:])
    return html.unescape(found[1])


def options_of(page: Response) -> str:
    found = re.search(r'data-options="([^"]*)"', page.text)
    assert found is not None, page.text[-1500:]
    return html.unescape(found[1])


def answer_of(page: Response) -> dict[str, str]:
    """What an answer tells the application: of a redirect, or of the page that leads on."""
    if page.is_redirect:
        address = page.headers["location"]
    else:
        found = re.search(r'http-equiv="refresh" content="0; url=([^"]*)"', page.text)
        assert found is not None, (page.status_code, page.text[-1500:])
        address = html.unescape(found[1])
    assert address.startswith(BACK + "?"), address
    told = parse_qs(urlsplit(address).query, strict_parsing=True)
    assert all(len(values) == 1 for values in told.values()), told
    return {name: values[0] for name, values in told.items()}


def pages_of(
    house: ConsentHouse,
    settings: Settings,
    clients: SqlClientStore,
    *,
    party: Callable[[], RelyingParty] = lambda: PARTY,
) -> tuple[DeskDoors, OAuthServices]:
    """As `api/consent/build.py` fits them."""

    def client_name(client_id: str) -> str:
        client = clients.get(client_id)
        return client.name if client is not None else client_id

    ground = OAuthGround(
        database=house.database,
        clients=clients,
        authorisations=SqlAuthorisations(house.database),
        carrier=house.office.vault,
        now=lambda: house.office.at,
        random_bytes=secrets.token_bytes,
    )
    people = PeopleGround(
        credentials=house.office.kept,
        own=lambda who: house.office.kept.list(signatory_id=who),
        client_name=client_name,
        asking=house.asking,
    )
    pages = oauth_pages(settings, ground, people)
    doors = desk_doors(
        house.parts,
        authorizing=pages.authorizing,
        applications=pages.applications,
        credentials=house.office.kept,
        own_credentials=lambda who: house.office.kept.list(signatory_id=who),
        party=party,
        client_name=client_name,
        picture=lambda *_: b"",
        sheets=lambda _: ((595.0, 842.0),),
        settings=DeskSettings(office="Pemerintah Provinsi Contoh", domain="tte.contoh.go.id", secure=True),
        now=lambda: house.office.at,
    )
    return doors, build_oauth(settings, ground)


def oauth_doors(
    house: ConsentHouse, settings: Settings, clients: SqlClientStore, services: OAuthServices
) -> OAuthDoors:
    return OAuthDoors(
        services=services,
        tokens=TokenService(
            clients=clients,
            life=timedelta(minutes=settings.oauth.token_minutes),
            now=lambda: house.office.at,
            random_bytes=secrets.token_bytes,
        ),
        authentication=client_authentication(settings, clients, now=lambda: house.office.at),
    )


def settings_of(settings: Settings, **oauth: Any) -> Settings:
    """The same of a service that browsers reach as `ISSUER`."""
    return replace(
        settings,
        server=replace(settings.server, public_url=ISSUER),
        factors=replace(settings.factors, documents=100),
        oauth=replace(OAuthSettings(), **oauth),
    )


@contextmanager
def authorising_house(house: ConsentHouse, **oauth: Any) -> Iterator[AuthorisingHouse]:
    """The whole in one process, with the application `sikd`; the official has a passkey and an authenticator."""
    settings, clients = settings_of(house.office.settings, **oauth), SqlClientStore(house.database)
    doors, services = pages_of(house, settings, clients)
    application = Litestar(
        [
            desk_router(doors, lambda _, error: Answer("", status_code=getattr(error, "status_code", 500))),
            oauth_router(oauth_doors(house, settings, clients, services), now=lambda: house.office.at, before=[]),
            metadata_router(services.document),
            static_router(),
        ],
        before_send=[security_headers(https=True)],
        openapi_config=None,
    )
    application.asgi_handler = HeadAsGet(application.asgi_handler)
    with TestClient(application, base_url=ISSUER) as wire:
        wire.follow_redirects = False
        made = AuthorisingHouse(
            house=house,
            settings=settings,
            clients=clients,
            services=services,
            browser=Browser(wire),
            app=Browser(wire),
        )
        made.add("sikd")
        yield made
