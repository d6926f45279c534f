"""Clients that generators make of docs/openapi.json: each is made, and signs a letter as docs/clients.md shows it."""

import hashlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.pages import ROOT
from tests.support.examples import Stage, examples, stage

pytestmark = [pytest.mark.hsm, pytest.mark.judge, pytest.mark.timeout(180)]

TOOLS = ROOT / ".tools" / "clients"
CONTRACT = ROOT / "docs" / "openapi.json"
MODULES = TOOLS / "typescript" / "node_modules"
GENERATOR = TOOLS / "openapi-generator-cli-7.25.0.jar"
GENERATOR_SHA256 = "41ce4f6b07f196676439d710759fa1ced7a08066d06ff1bf314681470289efae"
GUZZLE = Path("/usr/share/php/GuzzleHttp/autoload.php")
FETCH = "tests/conformance/clients/fetch gets it"

AUTOLOAD = f"""<?php
require '{GUZZLE}';
spl_autoload_register(function (string $class): void {{
    $file = __DIR__ . '/lib/' . str_replace('\\\\', '/', substr($class, strlen('Teken\\\\'))) . '.php';
    if (str_starts_with($class, 'Teken\\\\') && is_file($file)) {{
        require $file;
    }}
}});
"""
"""In the place of Composer's, which would have to be fetched as well."""


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage(tmp_path_factory.mktemp("generated") / "data") as made:
        yield made


def require(there: bool, what: str) -> None:
    if not there:
        pytest.skip(f"{what} is absent: {FETCH}")


def run(*words: str | Path, folder: Path) -> None:
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_typescript_signs(tmp_path: Path, staged: Stage) -> None:
    require(shutil.which("node") is not None and (MODULES / ".fetched").exists(), "openapi-typescript")
    (tmp_path / "node_modules").symlink_to(MODULES)
    shutil.copy(TOOLS / "typescript" / "package.json", tmp_path)
    (program,) = examples("docs/clients.md", "ts")
    (tmp_path / "sign.ts").write_text(program)
    made = ["--default-non-nullable=false", "-o", "teken.d.ts"]
    run("node", MODULES / ".bin" / "openapi-typescript", CONTRACT, *made, folder=tmp_path)
    strict = ["--strict", "--target", "es2022", "--module", "nodenext", "--skipLibCheck", "--types", "node"]
    run("node", MODULES / ".bin" / "tsc", *strict, "sign.ts", folder=tmp_path)

    said = staged.run(["node", "sign.js"], tmp_path)

    judge(staged, tmp_path, said)


def test_php_signs(tmp_path: Path, staged: Stage) -> None:
    require(shutil.which("java") is not None and GENERATOR.exists(), "openapi-generator")
    require(shutil.which("php") is not None and GUZZLE.exists(), "PHP with Guzzle")
    assert hashlib.sha256(GENERATOR.read_bytes()).hexdigest() == GENERATOR_SHA256
    words = ["generate", "-g", "php", "-i", CONTRACT, "-o", "teken", "--additional-properties=invokerPackage=Teken"]
    run("java", "-jar", GENERATOR, *words, folder=tmp_path)
    (tmp_path / "teken" / "autoload.php").write_text(AUTOLOAD)
    (program,) = examples("docs/clients.md", "php")
    (tmp_path / "sign.php").write_text(program)

    said = staged.run(["php", "sign.php"], tmp_path)

    judge(staged, tmp_path, said)


def judge(staged: Stage, folder: Path, said: str) -> None:
    """The program says that it is good, the service says so too, and it is the very letter, signed once."""
    assert said.splitlines()[-1] == "TOTAL-PASSED"
    signed = (folder / "signed.pdf").read_bytes()
    report = staged.service.verify(signed).json()
    assert (report["indication"], len(report["signatures"])) == ("TOTAL-PASSED", 1)
    assert signed.startswith((folder / "letter.pdf").read_bytes())
