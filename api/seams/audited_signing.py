"""What doors need of signing, with who asked in every audit entry."""

from collections.abc import Callable

from signer.model import OpenKey, Secret, SignedDocument, SigningTask, SignRequest
from signer.service import SigningService
from store.audit import Origin, acting


class AuditedSigning:
    """`api.services.Signing`: every audit entry of a signing names the client that asked."""

    def __init__(self, signing: SigningService) -> None:
        self._signing = signing

    def sign(self, request: SignRequest) -> SignedDocument:
        """As `SigningService.sign`."""
        with acting(Origin(actor=request.client_id, role="client")):
            return self._signing.sign(request)

    def prove(self, client_id: str, credential_id: str, passphrase: Secret) -> None:
        """Only the passphrase is tried, counted as for a signature; raises as `SigningService.open`."""
        with acting(Origin(actor=client_id, role="client")):
            self._signing.open(credential_id, passphrase)

    def sign_opened(self, task: SigningTask, key: OpenKey, redeem: Callable[[str], None]) -> SignedDocument:
        """As `SigningService.sign_opened`; a person's consent, whose entries name the person already."""
        return self._signing.sign_opened(task, key, redeem)
