"""The house is held: who may import whom, and a picture of the structure that does not lie."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.pages import EVERY_ROOM, ROOMS, ROOT


def _tree_in_the_picture() -> set[str]:
    picture = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    return set(re.findall(rf"^((?:{'|'.join(EVERY_ROOM)})/\S+\.py)\s", picture, re.MULTILINE))


def _tree_on_disk() -> set[str]:
    modules = (path for room in EVERY_ROOM for path in (ROOT / room).rglob("*.py"))
    return {
        str(path.relative_to(ROOT))
        for path in modules
        if path.name not in ("__init__.py", "__main__.py") and "versions" not in path.parts
    }


def test_the_picture_shows_every_module_and_no_other() -> None:
    drawn, real = _tree_in_the_picture(), _tree_on_disk()
    assert drawn - real == set(), "docs/architecture.md names modules that do not exist"
    assert real - drawn == set(), "docs/architecture.md lacks modules"


def test_imports_keep_to_the_rules() -> None:
    checked = subprocess.run(
        [Path(sys.executable).with_name("lint-imports")], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout


def test_the_client_package_needs_what_it_says_and_nothing_else() -> None:
    imported = {name for path in (ROOT / "clients" / "sdk" / "src").rglob("*.py") for name in _imported(path)}
    stated = tomllib.loads((ROOT / "clients" / "sdk" / "pyproject.toml").read_text(encoding="utf-8"))
    needed = {re.split(r"\W", each)[0] for each in stated["project"]["dependencies"]}
    assert imported - set(sys.stdlib_module_names) - {"teken"} == needed == {"httpx", "msgspec"}


def test_whatever_asks_over_http_imports_of_this_repository_the_client_package_alone() -> None:
    imported = {name for path in (ROOT / "clients").rglob("*.py") for name in _imported(path)}
    assert imported.isdisjoint({*ROOMS, "tests"})


def test_the_service_does_not_use_its_own_client() -> None:
    modules = (path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
    assert all("teken" not in _imported(path) for path in modules)


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (each.name.partition(".")[0] for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]


def test_the_lock_never_asks_for_pyhankos_own_pkcs11() -> None:
    for lock in ("run.txt", "dev.txt"):
        text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
        version = re.search(r"^pyhanko==(\d+)\.(\d+)", text, re.MULTILINE)
        assert version is not None
        assert (int(version[1]), int(version[2])) >= (0, 38)
        assert "pkcs11]" not in text


def test_composing_the_service_never_loads_pyhankos_own_pkcs11() -> None:
    code = "import api.compose, sys; sys.exit('pyhanko.sign.pkcs11' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_the_worker_that_parses_strangers_files_never_loads_the_hsm() -> None:
    code = "import verifier.worker, sys; sys.exit('pkcs11' in sys.modules or 'sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_locks_name_no_host_and_every_file_has_its_hash() -> None:
    for lock in (ROOT / "requirements").glob("*.txt"):
        text = lock.read_text(encoding="utf-8")
        assert "://" not in text
        assert text.count("--hash=sha256:") >= len(re.findall(r"^[a-z0-9]\S*==", text, re.MULTILINE))
