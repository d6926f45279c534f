"""The judges that run on Java: veraPDF for PDF/A and PDF/UA, PDFBox with Bouncy Castle for signatures.

Fetched by hand, once (Java 17 and Maven):  mvn -q -f tests/conformance/java/pom.xml dependency:copy-dependencies
"""

import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

_HERE = Path(__file__).resolve().parents[1] / "java"


def has_java_judges() -> bool:
    """Whether they were fetched, and Java can run them."""
    return shutil.which("java") is not None and any((_HERE / "jars").glob("validation-model-*.jar"))


class JavaJudge:
    """One Java process that answers questions about files, one after the other."""

    def __enter__(self) -> Self:
        jars = _HERE / "jars"
        if not has_java_judges():
            pytest.skip("veraPDF is absent: mvn -q -f tests/conformance/java/pom.xml dependency:copy-dependencies")
        command = ["java", "-Xshare:auto", "-cp", f"{jars}/*", str(_HERE / "Judge.java")]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def faults(self, flavour: str, pdf: Path) -> str:
        """What veraPDF finds against `pdf` as `1b`, `2a`, `ua1` ...; empty where it conforms."""
        return self._ask(flavour, pdf)

    def signature_faults(self, pdf: Path) -> str:
        """What PDFBox and Bouncy Castle find against the signatures of `pdf`; empty where all hold."""
        return self._ask("pdfbox", pdf)

    def _ask(self, judge: str, pdf: Path) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(f"{judge}\t{pdf}", file=self._process.stdin, flush=True)
        verdict, _, wrong = self._process.stdout.readline().rstrip("\n").partition("\t")
        assert verdict in ("ok", "no"), "the judge has died"
        return wrong
