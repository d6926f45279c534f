"""Independent tools that say what they think of a signed PDF: poppler with NSS, OpenSSL, qpdf, MuPDF."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from asn1crypto import cms as asn1_cms
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

_RANGE = re.compile(rb"/ByteRange\s*\[\s*0 (\d+) (\d+) (\d+)\s*\]")


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    """A tool's run; its exit code and both outputs are the caller's to read."""
    return subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, errors="replace", check=False
    )


@dataclass(frozen=True)
class Anchors:
    """One trusted root, as files and as an NSS database."""

    root: Path
    intermediate: Path
    nss: Path

    @classmethod
    def make(cls, folder: Path, root: x509.Certificate, intermediate: x509.Certificate) -> "Anchors":
        """Write both certificates into `folder`, and the root into a new NSS database as trusted for everything."""
        anchors = cls(folder / "root.pem", folder / "intermediate.pem", folder / "nss")
        anchors.root.write_bytes(root.public_bytes(Encoding.PEM))
        anchors.intermediate.write_bytes(intermediate.public_bytes(Encoding.PEM))
        anchors.nss.mkdir()
        database = f"sql:{anchors.nss}"
        assert run("certutil", "-N", "-d", database, "--empty-password").returncode == 0
        trusted = run("certutil", "-A", "-d", database, "-n", "root", "-t", "C,C,C", "-a", "-i", anchors.root)
        assert trusted.returncode == 0, trusted.stderr
        return anchors

    def poppler_says(self, pdf: Path) -> str:
        """What pdfsig reports of every signature, with nothing trusted but our root."""
        return run("pdfsig", "-no-ocsp", "-nssdir", f"sql:{self.nss}", pdf).stdout

    def require_cms(self, cms: bytes, content: bytes) -> None:
        """OpenSSL verifies the signature (CAdES) and its chain; fails with OpenSSL's own words."""
        (self.root.parent / "content").write_bytes(content)
        (self.root.parent / "cms.der").write_bytes(cms)
        verified = run(
            *("openssl", "cms", "-verify", "-binary", "-cades", "-inform", "DER", "-in", self.root.parent / "cms.der"),
            *("-content", self.root.parent / "content", "-CAfile", self.root, "-purpose", "any", "-out", "/dev/null"),
        )
        assert verified.returncode == 0, verified.stderr

    def require_token(self, token: bytes, content: bytes) -> None:
        """OpenSSL verifies that the timestamp token is over `content`, and its chain."""
        (self.root.parent / "content").write_bytes(content)
        (self.root.parent / "token.der").write_bytes(token)
        verified = run(
            *("openssl", "ts", "-verify", "-data", self.root.parent / "content"),
            *("-token_in", "-in", self.root.parent / "token.der"),
            *("-CAfile", self.root, "-untrusted", self.intermediate),
        )
        assert "Verification: OK" in verified.stdout, verified.stderr


@dataclass(frozen=True)
class Embedded:
    """One signature or document timestamp as it lies in a file."""

    content: bytes
    cms: bytes

    @property
    def token(self) -> bytes | None:
        """The signature timestamp token, where there is one."""
        unsigned = asn1_cms.ContentInfo.load(self.cms)["content"]["signer_infos"][0]["unsigned_attrs"]
        return unsigned[0]["values"][0].dump() if len(unsigned) else None

    @property
    def signer(self) -> x509.Certificate:
        """The certificate that the signature names."""
        signed = asn1_cms.ContentInfo.load(self.cms)["content"]
        serial = signed["signer_infos"][0]["sid"].chosen["serial_number"].native
        (found,) = (each.chosen for each in signed["certificates"] if each.chosen.serial_number == serial)
        return x509.load_der_x509_certificate(found.dump())

    @property
    def value(self) -> bytes:
        """The signature value."""
        return asn1_cms.ContentInfo.load(self.cms)["content"]["signer_infos"][0]["signature"].native


def embedded(pdf: bytes, *, after: int = 0) -> list[Embedded]:
    """Every signature written behind offset `after`, in file order."""
    found = []
    for match in _RANGE.finditer(pdf, after):
        first, second, length = (int(number) for number in match.groups())
        contents = bytes.fromhex(pdf[first + 1 : second - 1].decode())
        found.append(Embedded(pdf[:first] + pdf[second : second + length], _without_padding(contents)))
    return found


def _without_padding(contents: bytes) -> bytes:
    assert contents[:2] == b"\x30\x82", "a SEQUENCE of at least 256 octets"
    return contents[: 4 + int.from_bytes(contents[2:4], "big")]


def qpdf_warnings(pdf: Path) -> set[str]:
    """What qpdf warns of, without file name, object and offset."""
    checked = run("qpdf", "--check", pdf)
    lines = (checked.stdout + checked.stderr).splitlines()
    return {
        re.sub(r"\(.*?\)|\d+|" + re.escape(str(pdf)), "", line)
        for line in lines
        if line.startswith(("WARNING", "ERROR"))
    }
