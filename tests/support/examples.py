"""Examples of written pages, executed as they stand there, while an official consents to what they ask for."""

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.pages import read
from tests.support.letters import letter
from tests.support.person import Person
from tests.support.service import RunningService, running_service, write_settings

ORIGIN = "http://localhost:8000"
"""One origin for passkeys, whatever port the service has."""


def examples(page: str, language: str) -> list[str]:
    """The blocks of a page in one language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```", read(page), re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A service, its application, and an official who says yes."""

    service: RunningService
    signatory: Person

    @property
    def environment(self) -> dict[str, str]:
        """As the pages want it."""
        said, (client_id, secret) = self.service.sign_request, self.service.client
        known = {"URL": self.service.url, "CLIENT": client_id, "SECRET": secret}
        known |= {"CREDENTIAL": said["credential"], "PASSPHRASE": said["passphrase"]}
        return {f"TEKEN_{name}": value for name, value in known.items()}

    def approve(self, page: str) -> None:
        """The official opens the page and signs."""
        path = "/desk/a/" + page.strip().rpartition("/")[2]
        assert "Sudah Anda setujui" in self.signatory.approve(self.signatory.see(path))

    def run(self, words: Sequence[str | Path], folder: Path, **other: str) -> str:
        """A program in `folder`, beside `letter.pdf`; consent is given to each page that it prints. What it printed.

        `other`: what is different in its environment.
        """
        (folder / "letter.pdf").write_bytes(letter())
        own = {"PATH": os.environ["PATH"], "HOME": str(folder)}
        with (folder / "errors").open("w+b") as errors:
            program = subprocess.Popen(
                words, cwd=folder, env=own | self.environment | other, stdout=subprocess.PIPE, stderr=errors, text=True
            )
            assert program.stdout is not None
            said = []
            with program.stdout:
                for line in program.stdout:
                    said.append(line)
                    if "/desk/a/" in line:
                        self.approve(line)
            assert program.wait(timeout=60) == 0, "".join(said) + (folder / "errors").read_text(errors="replace")
        return "".join(said)


@contextmanager
def stage(folder: Path) -> Iterator[Stage]:
    """A running service with its data in `folder`."""
    write_settings(folder, server={"public_url": ORIGIN}, events={"networks": ["127.0.0.0/8"]})
    with running_service(folder) as service:
        said = service.sign_request
        person = Person(service, said["credential"], said["passphrase"])
        with closing(person.http):
            yield Stage(service=service, signatory=person)
