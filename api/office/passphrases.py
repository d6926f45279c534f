"""The official's own change of a passphrase, whoever passes it on; the trail names the way that it came."""

from signer.credentials import CredentialService
from signer.model import Secret
from store.audit import Origin, acting


class Passphrases:
    """The same key and certificate under another passphrase."""

    def __init__(self, credentials: CredentialService) -> None:
        self._credentials = credentials

    def change(
        self, credential_id: str, old: Secret, new: Secret, *, actor: str, role: str, request_id: str | None = None
    ) -> None:
        """Raises as `CredentialService.change_passphrase`: the attempt is counted before `old` is tried."""
        with acting(Origin(actor=actor, role=role, request_id=request_id)):
            self._credentials.change_passphrase(credential_id, old, new, actor)
