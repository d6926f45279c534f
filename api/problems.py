"""The one table in which an error meets a status code; `api/answers.py` writes the answer (RFC 9457)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from litestar.exceptions import HTTPException

import ca.errors as ca_errors
import hsm_config.errors as hsm_errors
import signer.errors as signer_errors
import verifier.errors as verifier_errors
from api.audit.reading import NotAnAuditor
from api.office.job_errors import JobRefused, JobUnknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One kind of error as the outside sees it."""

    status: int
    slug: str
    """Stable word; the last part of the problem's `type`."""
    title: str
    next_step: str
    """What to do now, where the error itself does not say it."""

    @property
    def type(self) -> str:
        """URI reference of the kind (RFC 9457, 3.1.1); it can be opened."""
        return f"/problems/{self.slug}"


class RequestRefused(HTTPException):
    """A face refuses a request before it asks any service. `detail` is safe to show."""

    def __init__(
        self,
        problem: Problem,
        detail: str,
        *,
        field: str | None = None,
        reason: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail=detail, status_code=problem.status, headers=dict(headers or {}))
        self.problem = problem
        self.field = field
        self.reason = reason


def _problem(status: int, slug: str, title: str, next_step: str) -> Problem:
    return Problem(status=status, slug=slug, title=title, next_step=next_step)


_WAIT: Final = "Try again in a moment; the request was not carried out."
_TELL: Final = "Tell the operator the request id."

UNEXPECTED: Final = _problem(500, "unexpected", "Something went wrong on our side", _TELL)
INVALID_REQUEST: Final = _problem(400, "invalid-request", "The request cannot be read", "Correct the field named here.")
DOCUMENT_MISSING: Final = _problem(400, "document-missing", "No document arrived", "Send one PDF as `document`.")
UNAUTHENTICATED: Final = _problem(
    401, "unauthenticated", "A valid access token is needed", "Ask /oauth2/token for a new token."
)
SCOPE_MISSING: Final = _problem(
    403, "scope-missing", "The access token does not allow this", "Ask for a token with the scope named here."
)
NOT_FOUND: Final = _problem(404, "not-found", "There is nothing here", "Check the address.")
METHOD_NOT_ALLOWED: Final = _problem(405, "method-not-allowed", "Not with this method", "See the header Allow.")
TOO_SLOW: Final = _problem(408, "too-slow", "The body took too long to arrive", "Send it again over a faster line.")
BODY_TOO_LARGE: Final = _problem(413, "body-too-large", "The body is too large", "Send a smaller document.")
ENDED: Final = _problem(410, "ended", "This call has ended", "Use the call that is named here.")
URI_TOO_LONG: Final = _problem(414, "uri-too-long", "The address is too long", "Send the request with POST.")
UNSUPPORTED_MEDIA_TYPE: Final = _problem(
    415, "unsupported-media-type", "Not in this format", "Send one of the content types named here."
)
CHANGED_MEANWHILE: Final = _problem(
    412, "changed-meanwhile", "Somebody changed it meanwhile", "Read it again, and change what it is now."
)
RANGE_NOT_SATISFIABLE: Final = _problem(
    416, "range-not-satisfiable", "The document ends before that", "Ask for a range within it, or for the whole."
)
KEY_IN_USE: Final = _problem(
    409, "key-in-use", "A request with this key is being carried out", "Send it again after Retry-After."
)
ALREADY_TOLD: Final = _problem(
    409, "already-told", "This was done, and its answer is told once", "Look at what it made; ask for another secret."
)
KEY_REUSED: Final = _problem(
    422, "key-reused", "This key belongs to another request", "Use a new key for another request."
)
RATE_EXCEEDED: Final = _problem(429, "rate-exceeded", "Too many requests", "Wait as long as Retry-After says.")
OFFICE_CLOSED: Final = _problem(
    503, "office-closed", "Registration is not served here", "Ask the address of the registration service."
)
BATCHES_CLOSED: Final = _problem(503, "batches-closed", "Batches are not served here", "Ask the address of signing.")
CONSENT_CLOSED: Final = _problem(
    503, "consent-closed", "Consent is not served here", "Ask the address of the signing service."
)
PASSPHRASE_NOT_HERE: Final = _problem(
    403,
    "passphrase-not-here",
    "Passphrases are not taken through the API",
    "Ask for consent at /v1/activations; the signatory proves it on the service's own page.",
)
UPLOADS_FULL: Final = _problem(503, "uploads-full", "Too many uploads at once", _WAIT)

_SIGNING_DOWN: Final = _problem(503, "signing-unavailable", "The signing keys do not answer", _WAIT)
_VERIFYING_DOWN: Final = _problem(503, "verification-unavailable", "Verification is not possible now", _WAIT)
_DOWN: Final = _problem(503, "unavailable", "The service is not available now", _WAIT)
_CERTIFICATES_DOWN: Final = _problem(503, "certificates-unavailable", "The certificate service does not answer", _WAIT)

PROBLEMS: Final[Mapping[type[Exception], Problem]] = {
    NotAnAuditor: SCOPE_MISSING,
    signer_errors.DocumentRefused: _problem(
        422, "document-refused", "This document is not accepted", "Send a document without the fault named here."
    ),
    signer_errors.StampRefused: _problem(
        422, "stamp-refused", "The stamp cannot be drawn so", "Correct the field named here."
    ),
    signer_errors.CredentialUnknown: _problem(
        422, "credential-unknown", "No such credential", "Check the credential's identifier."
    ),
    signer_errors.CredentialUnusable: _problem(
        409, "credential-unusable", "The credential cannot sign now", "Ask the registration officer."
    ),
    signer_errors.PassphraseWrong: _problem(
        403, "passphrase-wrong", "The passphrase is wrong", "Ask the signatory to type it again."
    ),
    signer_errors.PassphraseLocked: _problem(
        423, "passphrase-locked", "Too many wrong passphrases", "Wait as long as Retry-After says, or ask an officer."
    ),
    signer_errors.PassphraseTooWeak: _problem(
        422, "passphrase-too-weak", "The passphrase is too weak", "Choose a longer, less common one."
    ),
    signer_errors.ActivationRefused: _problem(
        403, "activation-refused", "The signatory's consent does not cover this", "Ask the signatory for a new consent."
    ),
    signer_errors.ActivationUnknown: _problem(
        404, "activation-unknown", "No such request for consent", "Check the address that the request answered with."
    ),
    signer_errors.FactorRefused: _problem(
        403, "factor-refused", "The factors do not prove it", "Ask the signatory to try again."
    ),
    signer_errors.NotPermitted: _problem(
        403, "not-permitted", "Your role may not do this", "Ask somebody who has the role named here."
    ),
    signer_errors.ClientRefused: _problem(
        422, "client-refused", "The application cannot be registered so", "Correct the field named here."
    ),
    signer_errors.ClientUnknown: _problem(
        404, "client-unknown", "No such application", "Check the identifier of the application."
    ),
    signer_errors.StaffRefused: _problem(
        403, "staff-refused", "This needs an active account of staff", "Ask an administrator."
    ),
    signer_errors.ApprovalRefused: _problem(
        409, "approval-refused", "The approval does not allow this now", "Look at the approval, or propose it anew."
    ),
    signer_errors.RegistrationRefused: _problem(
        422, "registration-refused", "The registration cannot go on so", "Correct the field named here."
    ),
    signer_errors.FakeReportRefused: _problem(
        422, "fake-report-refused", "The report cannot be taken in or closed so", "Look at the field named here."
    ),
    signer_errors.LinkRefused: _problem(
        404, "link-refused", "This link is not good", "Ask the registration office for a new one."
    ),
    signer_errors.BatchUnknown: _problem(404, "batch-unknown", "There is no such batch", "Check its identifier."),
    signer_errors.BatchRefused: _problem(
        409, "batch-refused", "The batch does not allow this now", "Read the batch and go on from its state."
    ),
    signer_errors.CursorUnknown: _problem(
        410, "cursor-unknown", "There is no such place in the list any more", "Begin again without it."
    ),
    signer_errors.WebhookUnknown: _problem(404, "webhook-unknown", "There is no such webhook", "Check its identifier."),
    signer_errors.WebhookRefused: _problem(
        422, "webhook-refused", "The webhook cannot be so", "Correct the field named here."
    ),
    signer_errors.TextRefused: _problem(
        422, "text-refused", "A text cannot be written into the document", "Correct the field named here."
    ),
    signer_errors.AppointmentMissing: _problem(
        409, "appointment-missing", "No appointment to this office is in force", "Ask the registration office."
    ),
    signer_errors.QuotaExceeded: _problem(
        429, "quota-exceeded", "The quota is used up", "Wait as long as Retry-After says, or ask the operator."
    ),
    signer_errors.FlowRefused: _problem(
        409, "flow-refused", "The document's steps do not allow this now", "Look at the document: whose turn is it?"
    ),
    signer_errors.RequestBegun: _problem(
        409, "request-begun", "This request is being carried out already", "Ask again with the same key in a moment."
    ),
    signer_errors.LetterRefused: _problem(
        409, "letter-refused", "What became of the letter does not allow this", "Look at the letter's standing."
    ),
    signer_errors.KindRefused: _problem(
        403, "kind-refused", "This kind of letter is not signed electronically", "Use a wet signature."
    ),
    signer_errors.ImportRefused: _problem(
        422, "import-refused", "The file cannot be imported", "Correct the rows named here and send it again."
    ),
    signer_errors.ForeignRefused: _problem(
        422, "foreign-certificate-refused", "The other CA's answer is not taken in", "Ask that CA for another answer."
    ),
    signer_errors.CodeRefused: _problem(422, "code-refused", "The one-time code is not good", "Ask for another code."),
    signer_errors.CodeSessionRefused: _problem(
        422, "code-session-refused", "The session for codes cannot be so", "Look at the page of your sessions."
    ),
    signer_errors.TooSoon: _problem(429, "too-soon", "A code was sent a moment ago", "Wait a minute, then ask again."),
    signer_errors.ApiCredentialUnknown: _problem(
        404, "api-credential-unknown", "There is no such API credential", "Check its user name."
    ),
    signer_errors.ApiCredentialRefused: _problem(
        422, "api-credential-refused", "The API credential cannot be so", "Correct the field named here."
    ),
    JobUnknown: _problem(404, "job-unknown", "There is no such job", "Look at the list of jobs."),
    JobRefused: _problem(409, "job-refused", "The job does not allow this now", "Look at the state of the job."),
    signer_errors.Refused: _problem(422, "refused", "The request cannot be granted", "Correct the field named here."),
    signer_errors.KeyUnavailable: _SIGNING_DOWN,
    signer_errors.TimestampUnavailable: _problem(
        503, "timestamp-unavailable", "No time-stamping authority answered", _WAIT
    ),
    signer_errors.StatusUnavailable: _problem(
        503, "status-unavailable", "The revocation status is not available", _WAIT
    ),
    signer_errors.ResultUnsound: UNEXPECTED,
    signer_errors.TemplateRefused: UNEXPECTED,
    signer_errors.Unavailable: _DOWN,
    ca_errors.RequestRefused: _problem(
        422, "certificate-request-refused", "The certificate request cannot be granted", "Correct the field named here."
    ),
    ca_errors.LintObjected: _problem(
        422, "certificate-objected", "A rule for certificates speaks against it", "Correct the field named here."
    ),
    ca_errors.RevocationRefused: _problem(
        409, "revocation-refused", "The certificate cannot be revoked so", "Check the serial number and the reason."
    ),
    ca_errors.CaRefused: _problem(422, "refused", "The request cannot be granted", "Correct the field named here."),
    ca_errors.TokenOfAnotherIssuer: UNEXPECTED,
    ca_errors.TokenAlreadyRedeemed: UNEXPECTED,
    ca_errors.IssuedOtherThanPrepared: UNEXPECTED,
    ca_errors.LogRefused: UNEXPECTED,
    ca_errors.SigningKeyUnavailable: _CERTIFICATES_DOWN,
    ca_errors.ClockNotProven: _DOWN,
    ca_errors.Misconfigured: UNEXPECTED,
    ca_errors.CaUnavailable: _DOWN,
    verifier_errors.TooLarge: BODY_TOO_LARGE,
    verifier_errors.CannotDraw: _problem(
        422, "no-picture", "This page cannot be shown", "Open the document in a PDF reader."
    ),
    verifier_errors.VerificationRefused: _problem(
        422, "refused", "The request cannot be granted", "Correct the field named here."
    ),
    verifier_errors.WorkerBusy: _problem(503, "verification-busy", "All verifiers are busy", _WAIT),
    verifier_errors.WorkerFailed: _VERIFYING_DOWN,
    verifier_errors.VerificationUnavailable: _VERIFYING_DOWN,
    verifier_errors.PolicyRefused: UNEXPECTED,
    verifier_errors.AnchorRefused: UNEXPECTED,
    verifier_errors.ConfigurationRefused: UNEXPECTED,
    hsm_errors.HsmUnavailable: _SIGNING_DOWN,
    hsm_errors.PinRejected: UNEXPECTED,
    hsm_errors.HsmMisconfigured: UNEXPECTED,
    hsm_errors.SealNotOpened: UNEXPECTED,
    hsm_errors.WrappedKeyRefused: UNEXPECTED,
    hsm_errors.TransportRefused: UNEXPECTED,
}
"""Bases have a row as well: a port may raise the base, and it must not end as 500."""


def problem_of(error: Exception) -> Problem:
    """The row of an error, or that of its nearest base; `UNEXPECTED` where there is none."""
    return next((PROBLEMS[kind] for kind in type(error).__mro__ if kind in PROBLEMS), UNEXPECTED)


def every_problem() -> dict[str, Problem]:
    """Every kind of problem by its slug, so that the address in `type` can be opened."""
    raised_by_faces = [each for each in globals().values() if isinstance(each, Problem)]
    return {each.slug: each for each in (*raised_by_faces, *PROBLEMS.values())}
