"""KEK and pepper reach a second token, which then opens what the first one sealed: the recovery drill (12.2, 17 i)."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from hsm_config.errors import TransportRefused
from hsm_config.package import Purpose, read_package, write_package
from hsm_config.settings import HsmSettings
from tests.support.fresh import in_fresh_process
from tests.support.softhsm import new_token
from tests.unit.hsm_config import custody_scenarios as scenarios

pytestmark = pytest.mark.hsm


@dataclass(frozen=True, kw_only=True)
class Custody:
    """Two tokens, and the packages of both."""

    production: HsmSettings
    recovery: HsmSettings
    packages: list[Path]

    def packages_of(self, token: HsmSettings) -> list[Path]:
        half = len(self.packages) // 2
        mine = 0 if token is self.production else 1
        return [path for place, path in enumerate(self.packages) if place % half == mine]


@pytest.fixture(scope="module")
def custody(tmp_path_factory: pytest.TempPathFactory) -> Custody:
    """KEK and pepper born once, received by both tokens."""
    folder = tmp_path_factory.mktemp("custody")
    production = new_token(folder / "production", "production")
    recovery = new_token(folder / "recovery", "recovery")
    public = [in_fresh_process(scenarios.export, token) for token in (production, recovery)]
    packages = in_fresh_process(scenarios.bear_both, production, public, folder / "packages")
    both = Custody(production=production, recovery=recovery, packages=packages)
    for token in (production, recovery):
        assert in_fresh_process(scenarios.take, token, both.packages_of(token)) == ["ok", "ok"]
    return both


def test_the_drill_a_key_sealed_on_one_token_signs_on_the_other(custody: Custody) -> None:
    sealed = in_fresh_process(scenarios.seal, custody.production)
    assert in_fresh_process(scenarios.sign_with, custody.recovery, sealed) == "ok"


def test_a_token_that_was_not_in_the_ceremony_opens_nothing(custody: Custody, tmp_path: Path) -> None:
    sealed = in_fresh_process(scenarios.seal, custody.production)
    stranger = new_token(tmp_path, "stranger")
    public = in_fresh_process(scenarios.export, stranger)
    packages = in_fresh_process(scenarios.bear_both, stranger, [public], tmp_path / "packages")
    assert in_fresh_process(scenarios.take, stranger, packages) == ["ok", "ok"]
    assert in_fresh_process(scenarios.sign_with, stranger, sealed).startswith("SealNotOpened")


def test_both_tokens_hold_the_same_keys_and_nothing_else(custody: Custody) -> None:
    seen = [
        in_fresh_process(scenarios.inspect, token, custody.packages_of(token))
        for token in (custody.production, custody.recovery)
    ]
    assert seen[0] == seen[1]
    assert seen[0]["born"] == [True, True]
    assert seen[0]["objects"] == ((), (), (), ())


@pytest.fixture(scope="module")
def restored(custody: Custody) -> dict[str, Any]:
    """What the recovery token says of its keys."""
    return in_fresh_process(scenarios.inspect, custody.recovery, custody.packages_of(custody.recovery))


HARDENED = {
    "PRIVATE": True,
    "SENSITIVE": True,
    "EXTRACTABLE": False,
    "COPYABLE": False,
    "MODIFIABLE": False,
    "ENCRYPT": False,
    "DECRYPT": False,
    "VERIFY": False,
    "DERIVE": False,
    "NEVER_EXTRACTABLE": False,  # the price of a key that was born movable
}
KEK = {**HARDENED, "WRAP": True, "UNWRAP": True, "SIGN": False, "ALLOWED_MECHANISMS": [0x210A]}
PEPPER = {**HARDENED, "WRAP": False, "UNWRAP": False, "SIGN": True, "ALLOWED_MECHANISMS": [0x251]}


@pytest.mark.parametrize("name", KEK)
def test_a_restored_kek_has_each_attribute_of_its_hardening(restored: dict[str, Any], name: str) -> None:
    assert restored["kek"][name] == KEK[name]


@pytest.mark.parametrize("name", PEPPER)
def test_a_restored_pepper_has_each_attribute_of_its_hardening(restored: dict[str, Any], name: str) -> None:
    assert restored["pepper"][name] == PEPPER[name]


def test_a_restored_kek_can_be_neither_changed_nor_copied_nor_wrapped(restored: dict[str, Any]) -> None:
    assert "0x1b" in restored["switch"]
    assert "0x1b" in restored["copy"]
    assert all("KeyUnextractable" in heard for heard in restored["wrap"])


def test_a_changed_package_is_refused_and_leaves_nothing_on_the_token(custody: Custody, tmp_path: Path) -> None:
    token = new_token(tmp_path, "third")
    public = in_fresh_process(scenarios.export, token)
    for package in in_fresh_process(scenarios.bear_both, token, [public], tmp_path / "packages"):
        heard, labels = in_fresh_process(scenarios.take_changed, token, package)
        wrapped, proof, transport_key, label = heard
        assert wrapped.startswith("TransportRefused")
        assert proof.startswith("TransportRefused")
        assert "holds another key than it proves" in proof
        assert "for the token with transport key 0000" in transport_key
        assert label.startswith("HsmMisconfigured: a key needs a label")
        assert labels == ("transport-third",)


def test_a_package_of_another_token_is_refused(custody: Custody) -> None:
    theirs = custody.packages_of(custody.recovery)
    heard = in_fresh_process(scenarios.take, custody.production, theirs)
    assert all("take the package that was made for this token" in each for each in heard)


def test_a_package_is_received_once(custody: Custody) -> None:
    heard = in_fresh_process(scenarios.take, custody.recovery, custody.packages_of(custody.recovery))
    assert all("is taken" in each for each in heard)


def test_a_package_is_its_owners_alone_and_never_overwritten(custody: Custody) -> None:
    path = custody.packages[0]
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(TransportRefused, match="never overwritten"):
        write_package(path.parent, read_package(path))


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b'{"version": 2}', b"\xff", b"x" * 20_000], ids=lambda content: repr(content[:8])
)
def test_a_file_that_is_no_package_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "package.json"
    path.write_bytes(content)
    with pytest.raises(TransportRefused, match="no transport package"):
        read_package(path)


def test_a_package_reads_as_it_was_written(custody: Custody, tmp_path: Path) -> None:
    package = read_package(custody.packages[0])
    assert package.purpose is Purpose.KEK
    renamed = replace(package, label="kek-official-9")
    assert read_package(write_package(tmp_path, renamed)) == renamed
