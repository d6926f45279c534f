"""OAuth clients of others as programs of their own, and the person whose browser they send to us."""

import base64
import html
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import pytest

from tests.support.person import Person

FOLDER: Final = Path(__file__).resolve().parents[1] / "conformance" / "oauth"
PACKAGES: Final = FOLDER / "node_modules"
_SECONDS: Final = 60


class Traveller(Person):
    """A person who comes from an application, and is led back to it."""

    def travel(self, url: str, answer: str = "approve") -> str:
        """From `url` through our pages, saying yes or no; the address of the application that it ends at."""
        parts = urlsplit(url)
        came = self.http.get(f"{self.service.url}{parts.path}?{parts.query}")
        for _ in range(6):
            if came.is_redirect and not came.headers["location"].startswith("/"):
                return str(came.headers["location"])
            came = self._followed(came)
            if (back := re.search(r'http-equiv="refresh" content="0; url=([^"]*)"', came.text)) is not None:
                return html.unescape(back[1])
            came = self._on(came, answer)
        raise AssertionError(came.text[-2000:])

    def _on(self, came: httpx.Response, answer: str) -> httpx.Response:
        """The form that leads on from this page: logging in, then yes or no."""
        page = came.text
        action = re.search(r'action="(/desk/o/[^"]+/(?:sign-in|approve))"', page)
        assert action is not None, (came.status_code, page[-2000:])
        form = {"csrf": self.field(page, "csrf")}
        if action[1].endswith("/sign-in"):
            return self._sent(action[1], form | {"assertion": self.device.get(self.options(page))})
        if answer == "refuse":
            return self._sent(action[1].replace("/approve", "/refuse"), form)
        if 'name="shown"' in page:
            proof = self.device.get(self.options(page))
            form |= {"shown": self.field(page, "shown"), "passphrase": self.passphrase, "assertion": proof}
        return self._sent(action[1], form)

    def _sent(self, path: str, form: Mapping[str, str]) -> httpx.Response:
        return self.http.post(f"{self.service.url}{path}", data=form)

    def _followed(self, came: httpx.Response) -> httpx.Response:
        while came.is_redirect and came.headers["location"].startswith("/"):
            came = self.http.get(f"{self.service.url}{came.headers['location']}")
        return came


def require_packages() -> None:
    """Skips where Node.js or the clients are absent."""
    if shutil.which("node") is None or not PACKAGES.is_dir():
        pytest.skip("clients in JavaScript are absent: npm ci --prefix tests/conformance/oauth")


def journey(
    script: str, setup: Mapping[str, Any], person: Traveller, prepare: Callable[[list[bytes]], bytes]
) -> dict[str, Any]:
    """What a client's program reports at its end; `prepare` makes the digest that it wants signed, for its chain."""
    words = ["node", str(FOLDER / script), json.dumps(setup)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=FOLDER) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        try:
            for line in program.stdout:
                said = json.loads(line)
                if "done" in said:
                    program.wait(_SECONDS)
                    done: dict[str, Any] = said["done"]
                    return done
                answer = _answer(said, person, prepare)
                program.stdin.write(json.dumps(answer) + "\n")
                program.stdin.flush()
        finally:
            if program.poll() is None:
                program.kill()
    raise AssertionError(f"{script} ended with {program.returncode}; what it said is above")


def _answer(said: Mapping[str, Any], person: Traveller, prepare: Callable[[list[bytes]], bytes]) -> Mapping[str, str]:
    if "visit" in said:
        return {"url": person.travel(said["visit"], said["answer"])}
    digest = prepare([base64.b64decode(each) for each in said["prepare"]])
    return {"digest": base64.b64encode(digest).decode()}
