"""What a verification answers: the whole validation report, its verdict in two languages, and the register's word."""

from datetime import date, datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from api.services import BothLanguages, Explanation, VerifiedDigest, VerifiedUpload
from signer.after import Standing, StandingWord
from signer.model import Secrecy, SigningAct
from verifier.model import (
    CertificateSummary,
    ChangeKind,
    Indication,
    Modification,
    Relation,
    SignatureKind,
    SignatureReport,
    SubIndication,
    TimestampReport,
)
from verifier.words import NEXT_STEPS, REASONS, told
from verifier.words import Text as Words

SubIndicationName = Annotated[
    str | None,
    Meta(description="Sub-indication (EN 319 102-1, table 6); null exactly when passed.", examples=["HASH_FAILURE"]),
]


class SentenceBody(msgspec.Struct, frozen=True, kw_only=True):
    """One sentence for people."""

    id: Annotated[str, Meta(description="Bahasa Indonesia.")]
    en: Annotated[str, Meta(description="English.")]

    @classmethod
    def of(cls, sentence: BothLanguages | Words) -> "SentenceBody":
        return cls(id=sentence.id, en=sentence.en)


class VerdictBody(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict in words, the same as on the public page."""

    state: Annotated[str, Meta(description="Stable word of the headline.", examples=["genuine"])]
    headline: SentenceBody
    sentence: SentenceBody

    @classmethod
    def of(cls, explanation: Explanation) -> "VerdictBody":
        return cls(
            state=explanation.state,
            headline=SentenceBody.of(explanation.headline),
            sentence=SentenceBody.of(explanation.sentence),
        )


class ReportCertificateBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What is told of the signer's certificate."""

    subject: str
    organisation: str | None
    issuer: str
    serial: Annotated[str, Meta(description="Hexadecimal.")]
    not_before: datetime
    not_after: datetime

    @classmethod
    def of(cls, summary: CertificateSummary) -> "ReportCertificateBody":
        return cls(**{name: getattr(summary, name) for name in cls.__struct_fields__})


class TimestampBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A timestamp over the signature."""

    time: datetime
    authority: str
    trusted: bool
    detail: str

    @classmethod
    def of(cls, report: TimestampReport) -> "TimestampBody":
        return cls(**{name: getattr(report, name) for name in cls.__struct_fields__})


class ModificationBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What one later revision changed."""

    revision: int
    kind: ChangeKind
    allowed: bool
    page: int | None
    field: Annotated[str | None, Meta(description="The form field, as the file has it: escape it.")]
    sentence: Annotated[SentenceBody, Meta(description="For people; names the field, so escape it.")]
    detail: Annotated[str, Meta(description="May quote the file: escape it before you show it.")]

    @classmethod
    def of(cls, modification: Modification) -> "ModificationBody":
        plain = {name: getattr(modification, name) for name in cls.__struct_fields__ if name != "sentence"}
        return cls(**plain, sentence=SentenceBody.of(told(modification)))


class ReasonBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Why a signature did not pass, and what to do next."""

    sentence: SentenceBody
    next_step: SentenceBody

    @classmethod
    def of(cls, reason: SubIndication) -> "ReasonBody":
        return cls(sentence=SentenceBody.of(REASONS[reason]), next_step=SentenceBody.of(NEXT_STEPS[reason]))


class SignatureBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What the policy makes of one signature."""

    field_name: Annotated[str, Meta(description="As the file has it: a stranger's text, escape it.")]
    kind: SignatureKind
    is_seal: Annotated[
        bool,
        Meta(description="Whether it is the electronic seal (segel elektronik) of a body, and nobody's signature."),
    ]
    act: Annotated[
        SigningAct | None, Meta(description="As our register has it; null for a file that it does not know.")
    ]
    revision: int
    covers_whole_file: bool
    indication: Indication
    reason: SubIndicationName
    explanation: Annotated[ReasonBody | None, Meta(description="The reason in words; null exactly when passed.")]
    detail: str
    level: Annotated[str | None, Meta(examples=["PAdES-B-LT"])]
    intact: Annotated[bool, Meta(description="Digest and signature value hold for the signed bytes.")]
    signer: ReportCertificateBody | None
    chain: Annotated[tuple[str, ...], Meta(description="Subjects up to the anchor, leaf first.")]
    anchor: str | None
    claimed_at: Annotated[datetime | None, Meta(description="What the signer's computer said; proves nothing.")]
    proven_at: Annotated[datetime | None, Meta(description="Earliest time at which the signature provably existed.")]
    timestamp: TimestampBody | None
    revocation: Annotated[str | None, Meta(description="Where the status came from: crl, ocsp, or null.")]
    modifications: tuple[ModificationBody, ...]

    @classmethod
    def of(cls, report: SignatureReport, act: SigningAct | None) -> "SignatureBody":
        plain: dict[str, Any] = {
            name: getattr(report, name) for name in cls.__struct_fields__ if name not in ("act", "explanation")
        }
        plain |= {
            "act": act,
            "reason": report.reason.name if report.reason else None,
            "explanation": ReasonBody.of(report.reason) if report.reason else None,
            "signer": ReportCertificateBody.of(report.signer) if report.signer else None,
            "timestamp": TimestampBody.of(report.timestamp) if report.timestamp else None,
            "modifications": tuple(ModificationBody.of(each) for each in report.modifications),
        }
        return cls(**plain)


class ReportDocumentBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The file that was judged."""

    sha256: str
    size: int
    page_count: int | None
    revisions: int | None


class LetterStandingBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What became of the letter, as far as its secrecy lets it be told."""

    state: Annotated[StandingWord, Meta(description="withdrawn, replaced, expired or stands.")]
    withdrawn_at: datetime | None
    replaced_by: Annotated[str | None, Meta(description="Number of the letter that took its place.")]
    valid_until: date | None

    @classmethod
    def of(cls, standing: Standing, at: datetime) -> "LetterStandingBody":
        other = standing.replaced_by
        return cls(
            state=standing.word(at),
            withdrawn_at=standing.withdrawn.at if standing.withdrawn else None,
            replaced_by=other.intent.letter.number if other and other.intent.letter.secrecy is Secrecy.BIASA else None,
            valid_until=standing.valid_until,
        )


class RegisterBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What our register says of the file; it never makes a signature better."""

    relation: Relation
    code: Annotated[str | None, Meta(description="Verification code of the registered document.")]
    page: Annotated[str | None, Meta(description="Its public page.")]
    standing: Annotated[
        LetterStandingBody | None, Meta(description="Whether the letter still holds; null where it is not registered.")
    ]


class ReportBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What one policy makes of one file, as of one time."""

    indication: Indication
    reason: SubIndicationName
    detail: Annotated[str, Meta(description="One technical sentence.")]
    verdict: VerdictBody
    policy: Annotated[str, Meta(description="Name and version of the validation policy.")]
    validated_at: datetime
    document: ReportDocumentBody
    register: RegisterBody
    signatures: tuple[SignatureBody, ...]

    @classmethod
    def of(cls, upload: VerifiedUpload, explanation: Explanation, *, public_url: str) -> "ReportBody":
        """The report in the words of this contract."""
        report = upload.report
        code = None if upload.record is None else upload.record.intent.code.token
        return cls(
            indication=report.indication,
            reason=report.reason.name if report.reason else None,
            detail=report.detail,
            verdict=VerdictBody.of(explanation),
            policy=report.policy,
            validated_at=report.validated_at,
            document=ReportDocumentBody(
                sha256=report.document_sha256,
                size=report.document_size,
                page_count=report.page_count,
                revisions=report.revisions,
            ),
            register=RegisterBody(
                relation=upload.relation,
                code=code,
                page=code and f"{public_url}/v/{code}",
                standing=None if code is None else LetterStandingBody.of(upload.standing, report.validated_at),
            ),
            signatures=tuple(SignatureBody.of(each, _act_of(each, upload)) for each in report.signatures),
        )


class DigestRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which bytes are meant."""

    sha256: Annotated[
        str,
        Meta(pattern="^[0-9a-f]{64}$", description="Of the file, lower-case hexadecimal.", examples=["ab" * 32]),
    ]


class DigestBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What is known of a file by its digest. The kept bytes were judged now; nobody saw the caller's."""

    sha256: str
    register: RegisterBody
    newest: Annotated[
        bool | None, Meta(description="Whether no later version is kept; null where the digest is not registered.")
    ]
    verdict: VerdictBody
    indication: Annotated[Indication | None, Meta(description="Of the kept bytes; null where there are none.")]
    reason: SubIndicationName
    policy: str | None
    validated_at: datetime | None

    @classmethod
    def unknown(cls, sha256: str, explanation: Explanation) -> "DigestBody":
        """Nobody registered such bytes."""
        return cls(
            sha256=sha256,
            register=RegisterBody(relation=Relation.NOT_REGISTERED, code=None, page=None, standing=None),
            newest=None,
            verdict=VerdictBody.of(explanation),
            indication=None,
            reason=None,
            policy=None,
            validated_at=None,
        )

    @classmethod
    def of(cls, found: VerifiedDigest, explanation: Explanation, *, public_url: str) -> "DigestBody":
        """The standing of the registered bytes; their signatures are told on the page, as far as secrecy allows."""
        whole = ReportBody.of(found, explanation, public_url=public_url)
        return cls(
            sha256=whole.document.sha256,
            register=whole.register,
            newest=found.newest,
            verdict=whole.verdict,
            indication=whole.indication,
            reason=whole.reason,
            policy=whole.policy,
            validated_at=whole.validated_at,
        )


def _act_of(signature: SignatureReport, upload: VerifiedUpload) -> SigningAct | None:
    if upload.record is None or signature.kind is not SignatureKind.SIGNATURE:
        return None
    return SigningAct.INITIALS if signature.field_name in upload.standing.initials else SigningAct.SIGNATURE
