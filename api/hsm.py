"""The token, opened once by a process."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from api.given import RandomBytes
from api.settings import Settings
from hsm_config.gate import Gate, open_gate
from hsm_config.ownership import owning
from hsm_config.settings import HsmSettings, KeyLabels
from hsm_config.vault import HsmVault


@dataclass(frozen=True, slots=True, kw_only=True)
class Hsm:
    """The open token."""

    gate: Gate
    vault: HsmVault


def hsm_settings(settings: Settings) -> HsmSettings:
    """The HSM's settings in its own words."""
    hsm = settings.hsm
    return HsmSettings(
        module=hsm.module,
        token_label=hsm.token_label,
        pin_file=hsm.pin_file,
        softhsm_conf=hsm.softhsm_conf,
        keys=KeyLabels(kek=hsm.kek, pepper=hsm.pepper),
        vendor=hsm.vendor,
    )


@contextmanager
def open_hsm(
    settings: Settings, random_bytes: RandomBytes, *, tidy: Callable[[Gate], object] | None = None
) -> Iterator[Hsm]:
    """Log in to the token, in this process and once; `tidy` is called first where nobody else is logged in."""
    own = hsm_settings(settings)
    with owning(own) as ownership, open_gate(own) as gate:
        if tidy is not None and ownership.alone:
            tidy(gate)
        ownership.share()
        yield Hsm(gate=gate, vault=HsmVault(gate, own.keys, random_bytes))
