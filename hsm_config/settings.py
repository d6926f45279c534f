"""What the gate must be told: which module, which token, where its PIN lies, how its keys are called."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from hsm_config.errors import HsmMisconfigured

SOFTHSM_MODULES: Final = tuple(
    Path(folder) / "libsofthsm2.so"
    for folder in (
        "/usr/lib/softhsm",
        "/usr/lib/x86_64-linux-gnu/softhsm",
        "/usr/lib/aarch64-linux-gnu/softhsm",
        "/usr/local/lib/softhsm",
    )
)
"""Where Debian, Ubuntu and a build from source put SoftHSM."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyLabels:
    """CKA_LABEL of each permanent key. Labels are not unique in PKCS#11; the gate demands exactly one hit."""

    root: str = "root-g1"
    """Root CA, P-384; ceremony only."""
    issuing_ca: str = "ca-1-g1"
    """Issuing CA, P-384: certificates and CRLs."""
    ocsp: str = "ocsp-1"
    """Delegated OCSP responder, P-256."""
    tsu: str = "tsu-1"
    """Time-stamping unit, P-384."""
    kek: str = "kek-official-1"
    """AES-256 that wraps new officials' keys."""
    pepper: str = "pepper-1"
    """HMAC key without which no sealed key opens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HsmSettings:
    """One token. The PIN itself is never part of the settings: it is read from its file at each login."""

    module: Path
    """The vendor's PKCS#11 library, e.g. `/usr/lib/softhsm/libsofthsm2.so`."""
    token_label: str
    pin_file: Path
    """Holds the user PIN and nothing else; mode 0600 or stricter. With `pin_shares`, one share of it."""
    pin_shares: tuple[Path, ...] = ()
    """The other custodians' shares, where the PIN is shared: all of them are needed."""
    softhsm_conf: Path | None = None
    """SoftHSM only: set as SOFTHSM2_CONF before the module is loaded. `None` leaves the environment as it is."""
    keys: KeyLabels = field(default_factory=KeyLabels)
    vendor: str = "softhsm"
    """The row of `hsm_config.mechanisms.VENDORS`."""

    @property
    def transport_label(self) -> str:
        """CKA_LABEL of the key under which KEK and pepper reach this token."""
        return f"transport-{self.token_label}"


def find_softhsm_module(candidates: Sequence[Path] = SOFTHSM_MODULES) -> Path:
    """The first of `candidates` that exists; `HsmMisconfigured` names all of them and the fix when none does."""
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    tried = ", ".join(str(candidate) for candidate in candidates)
    raise HsmMisconfigured(f"SoftHSM is not installed (looked for {tried}): install the package softhsm2")
