"""Seeds of authenticators, sealed by the HSM's pepper."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

from hsm_config.errors import HsmError
from hsm_config.small_secrets import SmallSecret, SmallSecrets
from signer.errors import KeyUnavailable
from signer.factors.model import SealedSeed


class HsmSeeds:
    """`signer.factors.ports.SeedVault` over the HSM."""

    def __init__(self, secrets: SmallSecrets) -> None:
        self._secrets = secrets

    def seal(self, secret: bytes, *, owner: str) -> SealedSeed:
        """Under today's pepper; raises `KeyUnavailable`."""
        with hsm_errors_as_ours():
            return SealedSeed(**asdict(self._secrets.seal(secret, owner=owner)))

    def open(self, sealed: SealedSeed, *, owner: str) -> bytes:
        """The seed; raises `KeyUnavailable`."""
        with hsm_errors_as_ours():
            return self._secrets.open(SmallSecret(**asdict(sealed)), owner=owner)

    def is_outdated(self, sealed: SealedSeed) -> bool:
        """Whether today's pepper is another one."""
        return self._secrets.is_outdated(SmallSecret(**asdict(sealed)))


@contextmanager
def hsm_errors_as_ours() -> Iterator[None]:
    """What the HSM says, as `KeyUnavailable`."""
    try:
        yield
    except HsmError as error:
        raise KeyUnavailable(str(error)) from error
