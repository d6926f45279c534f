"""An official's browser on the way of an application: authorization endpoint, login, approval, and back."""

import html
import re
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.support.person import Person
from tests.support.service import RunningService

BACK: Final = "https://eoffice.contoh.go.id/kembali"
VERIFIER: Final = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE: Final = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
"""Of `VERIFIER` (RFC 7636, appendix B)."""


@dataclass(kw_only=True)
class Journey:
    """One application that sends one official to the service and back."""

    service: RunningService
    person: Person
    client: tuple[str, str]
    secrets: list[str] = field(default_factory=list)
    """Every code, token and handle that came along, for who looks for them in logs."""

    def back(self, asked: dict[str, str]) -> dict[str, str]:
        """The whole way of a person who says yes: what comes back to the application."""
        answer = self._get("/oauth2/authorize", asked)
        if answer.status_code == 302:  # allowed before, so nobody is asked
            return self._told(answer)
        assert answer.status_code == 303, (answer.status_code, answer.text[-600:])
        path = str(answer.headers["location"])
        page = self._page(self._get(path))
        if "/sign-in" in page.text:
            proof = self.person.device.get(Person.options(page.text))
            page = self._send(f"{path}/sign-in", page, assertion=proof)
        if "http-equiv" not in page.text:
            page = self._send(f"{path}/approve", page, **self._yes(page))
        return self._told(page)

    def asked(self, **more: str) -> dict[str, str]:
        """The parameters that every request has."""
        good = {
            "response_type": "code",
            "client_id": self.client[0],
            "redirect_uri": BACK,
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            "state": "keadaan-1",
        }
        return good | more

    def exchanged(self, code: str, **more: str) -> dict[str, Any]:
        """What the token endpoint gives for it; `client_secret_basic`, the id in the header alone."""
        form = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER, "redirect_uri": BACK}
        answer = self.service.http.post("/oauth2/token", data=form | more, auth=self.client)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        self.secrets += [told[name] for name in ("access_token", "refresh_token") if name in told]
        return told

    def pushed(self, asked: dict[str, str]) -> str:
        """The `request_uri` of RFC 9126."""
        answer = self.service.http.post("/oauth2/pushed_authorize", data=asked, auth=self.client)
        assert answer.status_code == 201, answer.text
        self.secrets.append(answer.json()["request_uri"].rpartition(":")[2])
        return str(answer.json()["request_uri"])

    def _told(self, page: httpx.Response) -> dict[str, str]:
        told = _answer_in(page)
        self.secrets.append(told["code"])
        return told

    def _yes(self, page: httpx.Response) -> dict[str, str]:
        if 'name="shown"' not in page.text:
            return {}
        return {
            "shown": Person.field(page.text, "shown"),
            "passphrase": self.person.passphrase,
            "assertion": self.person.device.get(Person.options(page.text)),
        }

    def _get(self, path: str, parameters: dict[str, str] | None = None) -> httpx.Response:
        return self.person.http.get(f"{self.service.url}{path}", params=parameters)

    def _page(self, answer: httpx.Response) -> httpx.Response:
        while answer.is_redirect and not answer.headers["location"].startswith("https:"):
            answer = self._get(answer.headers["location"])
        return answer

    def _send(self, path: str, page: httpx.Response, **form: str) -> httpx.Response:
        told = {"csrf": Person.field(page.text, "csrf"), **form}
        return self._page(self.person.http.post(f"{self.service.url}{path}", data=told))


def _answer_in(page: httpx.Response) -> dict[str, str]:
    """Of a redirect, or of the page that leads on."""
    if page.is_redirect:
        address = str(page.headers["location"])
    else:
        found = re.search(r'http-equiv="refresh" content="0; url=([^"]*)"', page.text)
        assert found is not None, (page.status_code, page.text[-1500:])
        address = html.unescape(found[1])
    assert address.startswith(BACK + "?"), address
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query, strict_parsing=True).items()}
