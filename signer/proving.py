"""Passphrase and second factor of one signatory, both tried whatever the first one was, and never told which failed."""

import contextlib
from collections.abc import Callable
from typing import Protocol

from signer.errors import PassphraseLocked, PassphraseWrong, SignerError
from signer.factors.checking import SecondFactors
from signer.factors.model import Evidence, Proof, RecoveryProof
from signer.model import OpenKey, Secret
from signer.ports import CredentialStore, KeyVault


class Opening(Protocol):
    """`signer.service.SigningService`, as far as a consent needs it."""

    def open(self, credential_id: str, passphrase: Secret, /) -> OpenKey: ...


class Proving:
    """Both factors for one consent."""

    def __init__(
        self,
        *,
        credentials: CredentialStore,
        keys: KeyVault,
        factors: SecondFactors,
        signing: Opening,
        random_bytes: Callable[[int], bytes],
    ) -> None:
        self._credentials = credentials
        self._keys = keys
        self._factors = factors
        self._signing = signing
        self._random_bytes = random_bytes

    def prove(
        self, signatory_id: str, credential_id: str, passphrase: Secret, proof: Proof, *, challenge: bytes
    ) -> tuple[OpenKey, Evidence] | None:
        """The open key and what was proven; `None` where one of the two was not right, locked, or has to wait.

        A code is used up also where the passphrase was wrong. `challenge`: what a passkey has to have signed.
        """
        if isinstance(proof, RecoveryProof):
            raise ValueError("a recovery code signs nothing")
        evidence = self._factors.check(signatory_id, proof, challenge=challenge)
        try:
            key = self._open_in_even_time(credential_id, passphrase)
        except (PassphraseWrong, PassphraseLocked):
            return None
        return None if evidence is None else (key, evidence)

    def _open_in_even_time(self, credential_id: str, passphrase: Secret) -> OpenKey:
        """As long as with a key that may be tried, also where the passphrase is locked and nothing is."""
        try:
            return self._signing.open(credential_id, passphrase)
        except PassphraseLocked:
            credential = self._credentials.get(credential_id)
            if credential is not None:
                with contextlib.suppress(SignerError):
                    self._keys.open(credential.key, Secret(self._random_bytes(16).hex()))
            raise
