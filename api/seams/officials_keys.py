"""What signing needs of keys, from the HSM."""

from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from hsm_config.carrying import CarriedKey as HsmCarriedKey
from hsm_config.errors import HsmError, SealNotOpened
from hsm_config.private_keys import WrappedEcKey
from hsm_config.vault import HsmVault
from hsm_config.vault import SealedKey as HsmSealedKey
from signer.authorisation import CarriedKey
from signer.errors import KeyUnavailable, PassphraseWrong
from signer.model import SealedKey, Secret
from signer.ports import CsrMaker


class OfficialsKeys:
    """`signer.ports.KeyVault` over the HSM."""

    def __init__(self, vault: HsmVault) -> None:
        self._vault = vault

    def generate(
        self, *, key_id: str, signatory_id: str, passphrase: Secret, make_csr: CsrMaker
    ) -> tuple[SealedKey, x509.CertificateSigningRequest]:
        """A new sealed key and its CSR; raises `KeyUnavailable`."""
        with _hsm_errors_as_ours():
            sealed, csr = self._vault.generate(
                key_id=key_id, signatory_id=signatory_id, passphrase=passphrase.reveal(), make_csr=make_csr
            )
        return SealedKey(**asdict(sealed)), csr

    def require_ready(self) -> None:
        """Raises `KeyUnavailable` where the token does not answer."""
        with _hsm_errors_as_ours():
            self._vault.canary()

    def open(self, key: SealedKey, passphrase: Secret) -> ec.EllipticCurvePrivateKey:
        """The key behind the seal; raises `PassphraseWrong` or `KeyUnavailable`."""
        with _hsm_errors_as_ours():
            return self._vault.open(HsmSealedKey(**asdict(key)), passphrase.reveal())

    def generate_seal(
        self, *, key_id: str, signatory_id: str, make_csr: CsrMaker
    ) -> tuple[SealedKey, x509.CertificateSigningRequest]:
        """A new key of an organisation, without a passphrase, and its CSR; raises `KeyUnavailable`."""
        with _hsm_errors_as_ours():
            sealed, csr = self._vault.generate(
                key_id=key_id, signatory_id=signatory_id, passphrase=None, make_csr=make_csr
            )
        return SealedKey(**asdict(sealed)), csr

    def open_seal(self, key: SealedKey) -> ec.EllipticCurvePrivateKey:
        """The key of an organisation; raises `KeyUnavailable`, also for a person's."""
        try:
            with _hsm_errors_as_ours():
                return self._vault.open(HsmSealedKey(**asdict(key)), None)
        except PassphraseWrong:
            raise _no_seal() from None

    def sign_all(self, key: ec.EllipticCurvePrivateKey, digests: Sequence[bytes]) -> tuple[bytes, ...]:
        """Signature values over SHA-256 `digests`, in one turn of the HSM; raises `KeyUnavailable`."""
        if not isinstance(key, WrappedEcKey):
            raise TypeError("only a key that this vault opened signs here")
        with _hsm_errors_as_ours():
            return key.sign_all(digests)

    def reseal(self, key: SealedKey, old: Secret, new: Secret) -> SealedKey:
        """The same key under `new` and today's KEK and pepper; raises `PassphraseWrong` or `KeyUnavailable`."""
        with _hsm_errors_as_ours():
            sealed = self._vault.reseal(HsmSealedKey(**asdict(key)), old.reveal(), new.reveal())
        return SealedKey(**asdict(sealed))

    def reseal_seal(self, key: SealedKey) -> SealedKey:
        """The key of an organisation under today's KEK and pepper; raises `KeyUnavailable`, also for a person's."""
        try:
            with _hsm_errors_as_ours():
                return SealedKey(**asdict(self._vault.reseal(HsmSealedKey(**asdict(key)), None, None)))
        except PassphraseWrong:
            raise _no_seal() from None

    def carry(self, key: ec.EllipticCurvePrivateKey, secret: Secret, *, owner: str) -> CarriedKey:
        """A key that is open, under a random secret for the authorisation `owner`; raises `KeyUnavailable`."""
        if not isinstance(key, WrappedEcKey):
            raise TypeError("only a key that this vault opened is carried on")
        with _hsm_errors_as_ours():
            return CarriedKey(**asdict(self._vault.carry(key, secret.reveal(), owner=owner)))

    def open_carried(self, carried: CarriedKey, secret: Secret, *, owner: str) -> ec.EllipticCurvePrivateKey:
        """The key again; raises `PassphraseWrong` for another secret, `KeyUnavailable`."""
        with _hsm_errors_as_ours():
            return self._vault.open_carried(HsmCarriedKey(**asdict(carried)), secret.reveal(), owner=owner)

    def is_outdated(self, key: SealedKey) -> bool:
        """Whether today's KEK or pepper is another one than the key's."""
        return self._vault.is_outdated(HsmSealedKey(**asdict(key)))


def _no_seal() -> KeyUnavailable:
    return KeyUnavailable("this is no seal of an organisation, or its row was changed")


@contextmanager
def _hsm_errors_as_ours() -> Any:
    try:
        yield
    except SealNotOpened:
        raise PassphraseWrong(
            "The passphrase does not open this key.", field="passphrase", reason="wrong-passphrase"
        ) from None
    except HsmError as error:
        raise KeyUnavailable(str(error)) from error
