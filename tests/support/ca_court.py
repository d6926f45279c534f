"""A hierarchy on disk, as independent judges (OpenSSL, NSS, pkilint's commands) read it."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.support.ca_hierarchy import World


@dataclass
class Court:
    """Files in a folder, and a way to ask a judge about them."""

    world: World
    folder: Path

    def write(self, name: str, content: bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content)
        return path

    def certificate(self, name: str, certificate: x509.Certificate) -> None:
        self.write(name, certificate.public_bytes(Encoding.PEM))

    def ask(self, *command: str | Path, ok: bool = True) -> str:
        """What the judge says, on both streams; its exit code must be as expected."""
        asked = [str(part) for part in command]
        done = subprocess.run(asked, cwd=self.folder, capture_output=True, timeout=60, check=False)
        said = (done.stdout + done.stderr).decode(errors="replace")
        assert (done.returncode == 0) == ok, said
        return said
