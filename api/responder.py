"""The OCSP responder in use, which changes while the service runs: certificates of responders live thirty days."""

from collections.abc import Callable

from cryptography import x509

from api.hierarchy import PublishedHierarchy
from ca.ocsp import OcspAnswer, OcspResponder
from ca.responder_renewal import OwnCertificate


class CurrentResponder:
    """Answers with the youngest responder; `renew` looks for a younger one, and makes one when it is time."""

    def __init__(
        self,
        *,
        read: Callable[[], PublishedHierarchy],
        responder_of: Callable[[str, x509.Certificate], OcspResponder],
        new_if_due: Callable[[x509.Certificate], OwnCertificate | None],
        publish: Callable[[str, x509.Certificate], None],
    ) -> None:
        """`responder_of` builds a responder from key label and certificate; `new_if_due` issues a successor of a
        certificate that ends soon; `publish` writes a certificate beside the others."""
        self._read = read
        self._responder_of = responder_of
        self._new_if_due = new_if_due
        self._publish = publish
        hierarchy = read()
        self._label = hierarchy.responder_label
        self._responder = responder_of(self._label, hierarchy.responder)

    def current(self) -> OcspResponder:
        """The responder of this moment."""
        return self._responder

    def respond(self, request: bytes, /) -> OcspAnswer:
        """OCSPRequest in, answer out; never raises."""
        return self._responder.respond(request)

    def renew(self) -> bool:
        """Take over what another process made, or make the successor; whether the responder changed."""
        hierarchy = self._read()
        if hierarchy.responder_label == self._label:
            made = self._new_if_due(hierarchy.responder)
            if made is None:
                return False
            self._publish(made.label, made.certificate)
            hierarchy = self._read()
        self._responder = self._responder_of(hierarchy.responder_label, hierarchy.responder)
        self._label = hierarchy.responder_label
        return True
