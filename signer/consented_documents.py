"""Consent to documents that came with the request: each is signed, and how it ended is written down."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from signer.activation import ActivationRequest, RequestedDocument, task_of
from signer.activation_requests import RequestStore
from signer.errors import Refused, SignerError, Unavailable
from signer.model import Activation, OpenKey, SignedDocument, SigningTask
from signer.ports import ActivationStore


class Signing(Protocol):
    """`signer.service.SigningService`, as far as it is needed with a key that is open."""

    def sign_opened(self, task: SigningTask, key: OpenKey, redeem: Callable[[str], None], /) -> SignedDocument: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Redeeming:
    """Uses a consent up, digest by digest. `now` gives aware UTC."""

    activations: ActivationStore
    now: Callable[[], datetime]

    def of(self, activation: Activation) -> Callable[[str], None]:
        """What uses up a digest (SHA-256, hex) of this consent, or raises `ActivationRefused`."""

        def redeem(digest: str) -> None:
            self.activations.redeem(
                activation.id,
                client_id=activation.client_id,
                credential_id=activation.credential_id,
                digest=digest,
                at=self.now(),
            )

        return redeem


class ConsentedDocuments:
    """`signer.approving.Target` for documents of the request itself."""

    def __init__(self, *, requests: RequestStore, signing: Signing, redeeming: Redeeming) -> None:
        self._requests = requests
        self._signing = signing
        self._redeeming = redeeming

    def document(self, request: ActivationRequest, listed: RequestedDocument) -> bytes | None:
        """As it came in, while the request waits."""
        return self._requests.content(request.id, listed.position)

    def require_ready(self, request: ActivationRequest) -> None:
        """Nothing else can sign them: they are this request's own."""

    def sign(self, request: ActivationRequest, activation: Activation, key: OpenKey) -> None:
        """One after the other; a failure of one stops no other."""
        redeem = self._redeeming.of(activation)

        def sign(listed: RequestedDocument) -> SignedDocument:
            content = self.document(request, listed)
            if content is None:
                raise Unavailable("a document that had arrived is not there")
            return self._signing.sign_opened(task_of(request, listed, content), key, redeem)

        for listed in request.chosen:
            told(self._requests, request, listed, sign)

    def returned(self, request: ActivationRequest, reason: str | None) -> None:
        """The client reads of it with the request."""


def told(
    requests: RequestStore,
    request: ActivationRequest,
    listed: RequestedDocument,
    sign: Callable[[RequestedDocument], SignedDocument],
) -> None:
    """Sign one document and write down how it ended; raises only what nobody expected."""
    code = failure = None
    try:
        code = sign(listed).record.intent.code.token
    except Refused as refused:
        failure = refused.reason
    except SignerError:
        failure = "unavailable"
    except Exception:
        requests.signed(request.id, listed.position, code=None, failure="internal")
        raise
    requests.signed(request.id, listed.position, code=code, failure=failure)
