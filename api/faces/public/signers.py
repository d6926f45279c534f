"""Who signed, as far as the certificate proves it, the register knows the office, and secrecy lets us say it."""

from dataclasses import dataclass
from typing import Final

from api.faces.public.privacy import Disclosure
from api.pages.text import Text
from signer.model import SignatureRecord, SignedAs
from verifier.model import SignatureReport

CERTIFIED: Final = Text("tersertifikasi", "certified")
NOT_CERTIFIED: Final = Text("tidak tersertifikasi", "not certified")

_NO_OFFICE: Final = SignedAs()


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """One signer for the page. A name without an anchor is only what the file says of itself."""

    name: str | None
    """`None` where secrecy hides it."""
    on_behalf: str | None
    office: str | None
    agency: str | None
    issuer: str | None
    """Only of a certificate whose chain ends at an anchor of ours: no borrowed names."""
    standing: Text | None
    """Certified or not, computed from the anchor and from nothing else; `None` without an anchor."""
    sealed: bool
    """A body's seal: then no person and no office is named, and no body but the certificate's, whatever the register
    says."""

    @property
    def phrase(self) -> str | None:
        """Name, office and agency in one line; of a seal the body, and what the seal is called."""
        if self.sealed:
            return f"{self.agency} ({self.name})" if self.agency and self.name else self.agency or self.name
        office = " ".join(filter(None, (self.on_behalf, self.office)))
        return ", ".join(filter(None, (self.name, office, self.agency))) or None


def signer_of(signature: SignatureReport, record: SignatureRecord | None, shows: Disclosure) -> Signer:
    """The signer of one signature; the office comes from the register where the certificate is the recorded one."""
    certificate = signature.signer
    signed_as = record.intent.signed_as if record and _is_recorded(signature, record) else _NO_OFFICE
    sealed = signature.is_seal
    body = certificate.organisation if certificate else None
    agency = body if sealed else signed_as.agency or body
    if not shows.signer:
        return Signer(
            name=None,
            on_behalf=None,
            office=None,
            agency=agency if shows.agency else None,
            issuer=None,
            standing=None,
            sealed=sealed,
        )
    anchored = signature.anchor is not None
    return Signer(
        name=certificate.subject if certificate else None,
        on_behalf=None if sealed else signed_as.on_behalf,
        office=None if sealed else signed_as.office,
        agency=None if sealed and certificate is not None and certificate.subject == body else agency,
        issuer=certificate.issuer if certificate and anchored else None,
        standing=_standing(signature) if anchored else None,
        sealed=sealed,
    )


def _standing(signature: SignatureReport) -> Text:
    return CERTIFIED if signature.certified else NOT_CERTIFIED


def _is_recorded(signature: SignatureReport, record: SignatureRecord) -> bool:
    """The record speaks for one signature only: the one made with the certificate that it names."""
    return signature.signer is not None and int(signature.signer.serial, 16) == record.intent.certificate_serial
