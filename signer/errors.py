"""What can go wrong when a document is signed.

SignerError
    Refused                      the caller can act; the text is safe to show, `field` names what to change
        DocumentRefused          not a PDF, encrypted, locked by DocMDP, too big, no page, broken
        TextRefused              a text for the PDF holds control characters
        StampRefused             the page does not exist, or the box lies outside of it
        CredentialUnknown        no such credential for this caller
        CredentialUnusable       suspended, retired, revoked, expired or without a certificate
        PassphraseWrong          this many attempts are left before the next wait
        PassphraseLocked         too many wrong passphrases; says until when, or that an officer must unlock
        PassphraseTooWeak        too short or on the list of common ones
        ActivationRefused        other digest, other client, expired or already used
        CursorUnknown            no event of this client to go on from, or none any more
        WebhookUnknown           no such webhook of this client, or no such delivery of it
        WebhookRefused           an address that nothing is sent to, too many webhooks, or one that does not work now
        QuotaExceeded            a client or a credential has signed as much as it may in this minute or day
        FlowRefused              a step that is not its turn, another official's, signed already, or makes no sense
        RequestBegun             the same request is carried out already, or was
        LetterRefused            a letter that is withdrawn or replaced already, or not this client's
            ActivationUnknown    no such request of this client, or no such document of it
        KindRefused              a kind of letter that stays outside of electronic signing; names the list
        FactorRefused            a factor that is wrong, waits, is locked or not there; which of them is not told
        AppointmentMissing       signing as acting (Plt., Plh. ...) without an appointment in force
        ImportRefused            a file of officials that cannot be read at all, or an import that does not exist
        ForeignRefused           the answer of another CA breaks a rule; nothing was installed
        BatchUnknown             no such batch, or another client's; no such document in it
        BatchRefused             a batch that is closed, full, or where this cannot be done now
        NotPermitted             the role of this member of staff does not allow it
        ClientRefused            the registration of an application cannot be so
        ClientUnknown            no such application, or one that is disabled
        StaffRefused             unknown or disabled account, or a person who has another role already
        ApprovalRefused          unknown, decided already, expired, spent, or for something else
        RegistrationRefused      names, numbers or state of a registration do not allow it
        FakeReportRefused        a report that says nothing or too much, one too many, or one that does not wait
        LinkRefused              a one-time link that is unknown, expired or used
        CodeRefused              a one-time code that is wrong, used, over, or for less than this
        TooSoon                  a code was sent a moment ago
        CodeSessionRefused       a session for codes that cannot be opened so, or that is over
        ApiCredentialUnknown     no such API credential
        ApiCredentialRefused     its name is taken, its application is none, or its terms make no sense
    TemplateRefused              the operator can act: a stamp template is broken; named with its reason at start
    Unavailable                  our side; the text goes to the log and no further
        KeyUnavailable           the token does not answer, or no longer opens a sealed key
        TimestampUnavailable     no time-stamping authority answered
        StatusUnavailable        no fresh revocation status for the chain
        ResultUnsound            what came out does not verify with the public key; nothing is released
"""

from datetime import datetime

__all__ = [
    "ActivationRefused",
    "ActivationUnknown",
    "ApiCredentialRefused",
    "ApiCredentialUnknown",
    "AppointmentMissing",
    "ApprovalRefused",
    "BatchRefused",
    "BatchUnknown",
    "ClientRefused",
    "ClientUnknown",
    "CodeRefused",
    "CodeSessionRefused",
    "CredentialUnknown",
    "CredentialUnusable",
    "CursorUnknown",
    "DocumentRefused",
    "FactorRefused",
    "FakeReportRefused",
    "FlowRefused",
    "ForeignRefused",
    "ImportRefused",
    "KeyUnavailable",
    "KindRefused",
    "LetterRefused",
    "LinkRefused",
    "NotPermitted",
    "PassphraseLocked",
    "PassphraseTooWeak",
    "PassphraseWrong",
    "QuotaExceeded",
    "Refused",
    "RegistrationRefused",
    "RequestBegun",
    "ResultUnsound",
    "SignerError",
    "StaffRefused",
    "StampRefused",
    "StatusUnavailable",
    "TemplateRefused",
    "TextRefused",
    "TimestampUnavailable",
    "TooSoon",
    "Unavailable",
    "WebhookRefused",
    "WebhookUnknown",
]


class SignerError(Exception):
    """Base of everything that this package raises on purpose."""


class Refused(SignerError):
    """The caller can act. `str(error)` is safe to show and says what to do next."""

    def __init__(self, message: str, *, field: str, reason: str) -> None:
        super().__init__(message)
        self.field = field
        """The part of the request to change, by its wire name (`document`, `passphrase`, `stamp.page` ...)."""
        self.reason = reason
        """A stable word for machines, in kebab-case (`encrypted`, `not-a-pdf` ...)."""


class DocumentRefused(Refused):
    """This PDF may not or cannot be signed."""


class TextRefused(Refused):
    """A text that would go into the PDF holds control characters."""


class StampRefused(Refused):
    """The stamp does not fit where it should go."""


class CursorUnknown(Refused):
    """The client has no such event, or it was forgotten: some of what followed it may be forgotten too."""


class WebhookUnknown(Refused):
    """No such webhook of this client, or no such delivery of it; another client's look the same."""


class WebhookRefused(Refused):
    """An address that nothing is sent to, one webhook too many, or one that does not work now."""


class CredentialUnknown(Refused):
    """No such credential; says the same for one that exists but is not the caller's."""


class CredentialUnusable(Refused):
    """The credential exists, and its state or its certificate forbids signing."""


class PassphraseWrong(Refused):
    """The passphrase did not open the key. The attempt is already counted."""


class PassphraseLocked(Refused):
    """Too many wrong passphrases; nothing was tried."""

    def __init__(self, message: str, *, field: str, reason: str, until: datetime | None) -> None:
        super().__init__(message, field=field, reason=reason)
        self.until = until
        """When the next attempt is allowed (aware, UTC); `None`: an officer has to unlock the credential."""


class PassphraseTooWeak(Refused):
    """A new passphrase that is too short or too common."""


class ActivationRefused(Refused):
    """The signatory's consent does not cover this: other digest, other client, expired or used."""


class ActivationUnknown(ActivationRefused):
    """No such request, or it is another client's; which of them is not told."""


class FactorRefused(Refused):
    """A factor did not prove what it should, or cannot be changed so."""


class NotPermitted(Refused):
    """The role of who asks does not allow this, whatever else is right."""


class ClientRefused(Refused):
    """An application cannot be registered so."""


class ClientUnknown(Refused):
    """No such application, or one that is disabled."""


class StaffRefused(Refused):
    """No such account, a disabled one, or a second one of the same person."""


class ApprovalRefused(Refused):
    """The approval is unknown, decided already, expired, spent, or was given for something else."""


class RegistrationRefused(Refused):
    """The registration cannot be made, or cannot go on, as it stands."""


class FakeReportRefused(Refused):
    """The report says nothing or too much, too many came in today, or no such report waits."""


class LinkRefused(Refused):
    """The one-time link is unknown, expired or used; which of them is not told."""


class AppointmentMissing(Refused):
    """Signing as acting for an office needs an appointment to it that is in force."""


class QuotaExceeded(Refused):
    """As much as is allowed was signed in this minute or day; nothing was tried."""

    def __init__(self, message: str, *, field: str, reason: str, policy: str, until: datetime) -> None:
        super().__init__(message, field=field, reason=reason)
        self.policy = policy
        """The quota as the header `RateLimit-Policy` writes it."""
        self.until = until
        """When the next minute or day begins (aware, UTC)."""


class FlowRefused(Refused):
    """A document of several signatories does not allow this now."""


class RequestBegun(Refused):
    """A request of this name is being carried out, or was; it signs nothing a second time."""


class LetterRefused(Refused):
    """What became of this letter does not allow it."""


class KindRefused(Refused):
    """This kind of letter is not signed electronically. Nothing was tried or counted."""

    def __init__(
        self, message: str, *, field: str, reason: str, kind: str | None = None, lists: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message, field=field, reason=reason)
        self.kind = kind
        """The list's own word for it; `None` where no kind was stated."""
        self.lists = lists
        """Names of the lists that it is on."""


class ImportRefused(Refused):
    """A file that cannot be read as a table of officials; `field` is `file`, a column, or `import`."""


class BatchUnknown(Refused):
    """No such batch or document; says the same for one that is another client's."""


class BatchRefused(Refused):
    """The state of the batch, or what it holds already, does not allow this."""


class ForeignRefused(Refused):
    """What another CA sent is not taken in; `reason` names the rule."""


class CodeRefused(Refused):
    """A one-time code is not good for this."""


class CodeSessionRefused(Refused):
    """A session for codes cannot be opened so, or is over."""


class TooSoon(Refused):
    """A code was sent a moment ago; nothing was sent now."""

    def __init__(self, message: str, *, field: str, reason: str, until: datetime) -> None:
        super().__init__(message, field=field, reason=reason)
        self.until = until
        """When another one may be asked for (aware, UTC)."""


class ApiCredentialUnknown(Refused):
    """There is no API credential of that user name."""


class ApiCredentialRefused(Refused):
    """An API credential cannot be so."""


class TemplateRefused(SignerError):
    """A stamp template cannot be used. `str(error)` names it and says why; the service does not start."""


class Unavailable(SignerError):
    """Our side failed. The text is for the log only."""


class KeyUnavailable(Unavailable):
    """The HSM does not answer, or the sealed key does not open although the passphrase is right."""


class TimestampUnavailable(Unavailable):
    """No time-stamping authority gave a good token in time."""


class StatusUnavailable(Unavailable):
    """No fresh revocation status for a certificate of the chain."""


class ResultUnsound(Unavailable):
    """The finished document does not verify; it is not released."""
