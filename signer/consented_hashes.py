"""Consent to digests alone: the application has the documents, and signs later with the code that it gets."""

from signer.activation import ActivationRequest, RequestedDocument
from signer.model import Activation, OpenKey


class ConsentedHashes:
    """`signer.approving.Target`. The grant itself is all there is to do: it carries the key on."""

    def document(self, request: ActivationRequest, listed: RequestedDocument) -> bytes | None:  # noqa: ARG002 - the port
        """Never ours."""
        return None

    def require_ready(self, request: ActivationRequest) -> None:
        """A digest can always be signed."""

    def sign(self, request: ActivationRequest, activation: Activation, key: OpenKey) -> None:
        """Not now."""

    def returned(self, request: ActivationRequest, reason: str | None) -> None:
        """The application hears of it with the redirect."""
