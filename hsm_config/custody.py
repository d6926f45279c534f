"""The versions of KEK and pepper on one token: made, received, compared. One code for a first start and a ceremony."""

from collections.abc import Callable, Sequence
from pathlib import Path

from hsm_config.gate import Gate
from hsm_config.package import Package, Purpose, key_sha256, read_package, write_package
from hsm_config.transport import bear, make_transport_key, receive

Say = Callable[[str], None]


def make_version(
    gate: Gate,
    label: str,
    purpose: Purpose,
    *,
    transport_label: str,
    folder: Path,
    others: Sequence[bytes] = (),
    say: Say,
) -> tuple[Path, ...]:
    """A new KEK or pepper under `label`, on this token for good, and a package for each token that shall have it.

    `others`: transport public keys (SubjectPublicKeyInfo, DER) of the other tokens: a key that was born without them
    never reaches them. A package of an interrupted run, which lies in `folder` and was not received yet, is received
    instead of making another key. Raises as `hsm_config.transport` does.
    """
    own = make_transport_key(gate, transport_label)
    kept = folder / file_name(label, own)
    if kept.exists():
        say(f"HSM: receiving {label} from the package of the interrupted run")
        receive(gate, transport_label, read_package(kept))
        return (kept,)
    say(f"HSM: making {label} for {1 + len(others)} token(s)")
    packages = bear(gate, label, purpose, (own, *others))
    # ours is written last: where it lies in the folder, the others' do as well
    paths = tuple(write_package(folder, package) for package in reversed(packages))
    receive(gate, transport_label, packages[0])
    return tuple(reversed(paths))


def file_name(label: str, transport_key: bytes) -> str:
    """How the package of `label` for the token of `transport_key` is called."""
    return Package.name_of(label, key_sha256(transport_key))
