"""An official with a browser and a passkey, on the pages of a running service."""

import html
import re
import secrets

import httpx

from api.consent.build import relying_party
from api.given import utc_now
from api.office.factors import factor_links
from api.settings_file import load_settings
from store.credentials import SqlCredentialStore
from store.database import open_database
from tests.support.authenticator import SoftAuthenticator
from tests.support.service import RunningService


class Person:
    """An official with one device, on the pages of a service that may be another process by the next request."""

    def __init__(self, service: RunningService, credential: str, passphrase: str) -> None:
        self.service = service
        self.passphrase = passphrase
        self.http = httpx.Client(timeout=60, trust_env=False)  # its cookies outlive the process that gave them
        settings = load_settings(service.directory / "teken.toml")
        party = relying_party(settings)
        self.device = SoftAuthenticator(rp_id=party.id, origin=party.origin)
        with open_database(settings.store.url(), 2) as database:
            known = SqlCredentialStore(database).get(credential)
            assert known is not None
            links = factor_links(settings, database, now=utc_now, random_bytes=secrets.token_bytes)
            link = links.invite(known.signatory.id, actor="registrar")
        self.send(f"/desk/link/{link}", passphrase=passphrase)
        asked = self.send("/desk/passkey", csrf=self.field(self.see("/desk/factors"), "csrf"))
        answer = self.device.create(self.options(asked))
        self.send("/desk/passkey/answer", csrf=self.field(asked, "csrf"), assertion=answer, label="Ponsel dinas")
        assert "Ponsel dinas" in self.see("/desk/factors")

    def see(self, path: str) -> str:
        """A page, wherever it leads."""
        answer = self.http.get(f"{self.service.url}{path}", follow_redirects=True)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[-500:])
        return answer.text

    def send(self, path: str, **form: str) -> str:
        """A form, and the page that it leads to."""
        answer = self.http.post(f"{self.service.url}{path}", data=form)
        if answer.is_redirect:
            return self.see(answer.headers["location"])
        assert answer.status_code in (200, 422), (path, answer.status_code)
        return answer.text

    def approve(self, page: str) -> str:
        """The form of the page, with passphrase and passkey."""
        action = re.search(r'action="(/desk/a/[^"]+/approve)"', page)
        assert action is not None, page
        proof = self.device.get(self.options(page))
        form = {name: self.field(page, name) for name in ("csrf", "shown")}
        return self.send(action[1], **form, passphrase=self.passphrase, assertion=proof)

    @staticmethod
    def field(page: str, name: str) -> str:
        found = re.search(rf'name="{name}" value="([^"]*)"', page)
        assert found is not None, (name, page[-2000:])
        return found[1]

    @staticmethod
    def options(page: str) -> str:
        found = re.search(r'data-options="([^"]*)"', page)
        assert found is not None, page[-2000:]
        return html.unescape(found[1])
