"""What is vendored is what the manifest says, and the trimmed style sheet is what the script writes."""

import base64
import hashlib
import tomllib

import pytest

from api.static.files import ASSETS, asset
from api.static.trim_bootstrap import SOURCE, TARGET, subset, templates

MANIFEST = tomllib.loads((ASSETS / "vendor/manifest.toml").read_text(encoding="utf-8"))
FILES = {
    f"{package['folder']}/{name}": digest
    for package in MANIFEST["package"]
    for name, digest in package["files"].items()
}


@pytest.mark.parametrize("name", FILES)
def test_a_vendored_file_has_the_digest_of_its_release(name: str) -> None:
    digest = hashlib.sha384((ASSETS / name).read_bytes()).digest()
    assert FILES[name] == "sha384-" + base64.b64encode(digest).decode()


def test_nothing_is_vendored_without_a_line_in_the_manifest() -> None:
    present = {path.relative_to(ASSETS).as_posix() for path in (ASSETS / "vendor").rglob("*") if path.is_file()}
    assert present - {"vendor/manifest.toml"} == FILES.keys()


@pytest.mark.parametrize("package", MANIFEST["package"], ids=lambda package: str(package["name"]))
def test_every_package_brings_its_licence(package: dict[str, str]) -> None:
    assert package["licence"] in {"0BSD", "MIT", "OFL-1.1", "Apache-2.0"}
    assert (ASSETS / package["folder"] / "LICENSE").is_file()
    assert package["folder"].endswith(f"-{package['version']}")


def test_the_committed_subset_is_what_the_script_writes() -> None:
    assert TARGET.read_text(encoding="utf-8") == subset(SOURCE.read_text(encoding="utf-8"), templates())


def test_the_subset_keeps_what_a_template_uses_and_drops_the_rest() -> None:
    css = "/*! kept */.a{--bs-x:1;color:var(--bs-y)}.b{color:red}:root{--bs-y:1;--bs-z:2}p .a{x:y}"
    assert subset(css, '<i class="a"></i>').split("*/\n")[-1] == ".a{color:var(--bs-y)}:root{--bs-y:1;}\n"


def test_dark_colours_follow_the_readers_system() -> None:
    css = "[data-bs-theme=dark]{--bs-y:2}a{color:var(--bs-y)}"
    assert "@media (prefers-color-scheme:dark){:root{--bs-y:2}}" in subset(css, "<a>")


def test_our_own_style_stays_small() -> None:
    assert len((ASSETS / "teken.css").read_bytes()) < 10_000


def test_an_address_changes_with_the_content_unless_its_folder_names_the_version() -> None:
    assert asset("teken.css").startswith("/static/teken.css?v=")
    assert asset("vendor/bootstrap-5.3.9/LICENSE") == "/static/vendor/bootstrap-5.3.9/LICENSE"


def test_an_asset_that_is_not_there_is_an_error_at_once() -> None:
    with pytest.raises(FileNotFoundError):
        asset("nothing.css")
