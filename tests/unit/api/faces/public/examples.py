"""Invented letters and reports, one for each thing a citizen may meet; all names and numbers are made up."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from api.faces.public.ports import CodeResult, DigestResult, UploadResult
from api.faces.public.settings import PublicSettings
from signer.after import NOTHING_KNOWN, Progress, Standing, Withdrawal, WithdrawalReason
from signer.model import (
    LetterMetadata,
    Secrecy,
    SignatureLevel,
    SignatureRecord,
    SignedAs,
    SigningIntent,
    SigningOutcome,
    SigningState,
    VerificationCode,
)
from verifier.model import (
    CertificateSummary,
    ChangeKind,
    Indication,
    Modification,
    Relation,
    SignatureFacts,
    SignatureKind,
    SignatureReport,
    SubIndication,
    TimestampReport,
    ValidationReport,
)

NOON = datetime(2026, 11, 21, 2, 15, 0, tzinfo=UTC)
SIGNED_AT = datetime(2026, 11, 20, 1, 2, 3, tzinfo=UTC)
CODE = VerificationCode(token="0V1T9KQ3M5XNB7E2RWGH4JZC6D", short="K7MPQ2XW9R")
SERIAL = 0x5C0FFEE0ABCDEF
SETTINGS = PublicSettings(
    office="Pemerintah Provinsi Contoh",
    domain="teken.contoh.go.id",
    max_document_size=25_000_000,
    own_issuers=frozenset({"CA Penerbit Contoh"}),
    test_anchors=frozenset({"Akar Uji Coba"}),
    report_url="mailto:aduan@contoh.go.id",
)

CERTIFICATE = CertificateSummary(
    subject="Ni Luh Contoh Lestari, S.Kom.",
    organisation="Pemerintah Provinsi Contoh",
    issuer="CA Penerbit Contoh",
    serial=f"{SERIAL:x}",
    not_before=NOON - timedelta(days=200),
    not_after=NOON + timedelta(days=530),
)
VALIDATION_DATA = Modification(
    revision=2, kind=ChangeKind.VALIDATION_DATA, allowed=True, page=None, detail="DSS dictionary added"
)
SECOND_SIGNATURE = Modification(
    revision=3, kind=ChangeKind.SIGNATURE, allowed=True, page=None, detail="signature field Signature2 filled"
)
PAGE_CHANGED = Modification(revision=2, kind=ChangeKind.OTHER, allowed=False, page=2, detail="object 7 was overwritten")
PASSED = SignatureReport(
    field_name="Signature1",
    kind=SignatureKind.SIGNATURE,
    revision=1,
    covers_whole_file=False,
    indication=Indication.TOTAL_PASSED,
    reason=None,
    detail="every check passed",
    level="PAdES-B-LT",
    intact=True,
    signer=CERTIFICATE,
    chain=(CERTIFICATE.subject, CERTIFICATE.issuer, "Akar Contoh"),
    anchor="Akar Contoh",
    claimed_at=SIGNED_AT,
    proven_at=SIGNED_AT + timedelta(seconds=2),
    timestamp=TimestampReport(
        time=SIGNED_AT + timedelta(seconds=2), authority="TSA Contoh", trusted=True, detail="token is good"
    ),
    revocation="ocsp",
    modifications=(VALIDATION_DATA,),
)
RECORD = SignatureRecord(
    intent=SigningIntent(
        code=CODE,
        credential_id="credential-1",
        client_id="eoffice",
        signatory_name=CERTIFICATE.subject,
        certificate_serial=SERIAL,
        input_sha256="ab" * 32,
        level=SignatureLevel.B_LT,
        signed_as=SignedAs(office="Kepala Dinas Contoh", agency="Dinas Contoh", on_behalf=None),
        letter=LetterMetadata(
            kind="Surat tugas",
            number="000.1.2/123/CONTOH/2026",
            subject="Pendampingan pemasangan sistem persuratan elektronik",
        ),
        reserved_at=SIGNED_AT,
    ),
    outcome=SigningOutcome(
        state=SigningState.SIGNED, at=SIGNED_AT, document_sha256="cd" * 32, document_size=84_213, page_count=3
    ),
)


def report(*signatures: SignatureReport, **changes: object) -> ValidationReport:
    """A report over `signatures`, as bad as the worst of them."""
    order = (Indication.TOTAL_FAILED, Indication.INDETERMINATE, Indication.TOTAL_PASSED)
    worst = min(signatures, key=lambda each: order.index(each.indication), default=None)
    whole = ValidationReport(
        indication=worst.indication if worst else Indication.NO_SIGNATURE,
        reason=worst.reason if worst else None,
        detail=worst.detail if worst else "no signature field",
        policy="teken-etsi 1",
        validated_at=NOON,
        document_sha256="cd" * 32,
        document_size=84_213,
        page_count=3,
        revisions=2,
        signatures=signatures,
    )
    return replace(whole, **changes)  # type: ignore[arg-type]  # fields by name


def failing(reason: SubIndication, **changes: object) -> SignatureReport:
    """The example signature, not passed for `reason`."""
    failed = replace(PASSED, indication=reason.indication, reason=reason, detail=f"{reason.name} in an example")
    return replace(failed, **changes)  # type: ignore[arg-type]  # fields by name


def record(secrecy: Secrecy = Secrecy.BIASA, **letter: object) -> SignatureRecord:
    """The example record with another letter."""
    changed = replace(RECORD.intent.letter, secrecy=secrecy, **letter)  # type: ignore[arg-type]  # fields by name
    return replace(RECORD, intent=replace(RECORD.intent, letter=changed))


def upload(*signatures: SignatureReport, registered: bool = False, **changes: object) -> UploadResult:
    """An uploaded file with these signatures."""
    return UploadResult(
        report=report(*signatures, **changes),
        relation=Relation.SAME_BYTES if registered else Relation.NOT_REGISTERED,
        record=RECORD if registered else None,
    )


def kept(signature: SignatureReport = PASSED, *, of: SignatureRecord = RECORD, pages: int = 3) -> CodeResult:
    """A registered document as its code finds it."""
    return CodeResult(record=of, report=report(signature), pages=pages)


FOREIGN = replace(
    CERTIFICATE, subject="I Wayan Contoh", organisation="Instansi Lain", issuer="CA Tak Dikenal", serial="77"
)
SAMPLE = replace(PASSED, anchor="Akar Uji Coba", chain=(*PASSED.chain[:2], "Akar Uji Coba"))
FIRST_REVISION = SignatureFacts(subfilter="ETSI.CAdES.detached", byte_range=(0, 4, 6, 4), container_sha256="ef" * 32)
"""Its signed revision ends after ten bytes."""
COSIGNED = replace(PASSED, modifications=(VALIDATION_DATA, SECOND_SIGNATURE), facts=FIRST_REVISION)
COSIGNER = replace(
    PASSED,
    field_name="Signature2",
    revision=3,
    covers_whole_file=True,
    modifications=(),
    signer=replace(CERTIFICATE, subject="I Made Contoh Wirawan", serial="9f"),
)
UNKNOWN_ISSUER = failing(
    SubIndication.NO_CERTIFICATE_CHAIN_FOUND, anchor=None, chain=(), signer=FOREIGN, revocation=None
)

WITHDRAWN = Standing(
    withdrawn=Withdrawal(reason=WithdrawalReason.ORDERED, note="Putusan 00/CONTOH", actor="e-office", at=NOON)
)
REPLACED = Standing(replaced_by=record(number="B.00/2"))
OVER = Standing(valid_until=date(2026, 11, 20))
TWO_OF_THREE = Standing(unfinished=Progress(signed=2, of=3, stopped=False))
STOPPED = Standing(unfinished=Progress(signed=1, of=3, stopped=True))

UPLOADS = {
    "changed": upload(failing(SubIndication.HASH_FAILURE, intact=False)),
    "changed-later": upload(
        failing(SubIndication.DOCUMENT_CHANGED, facts=FIRST_REVISION, modifications=(PAGE_CHANGED,)), registered=True
    ),
    "borrowed-name": upload(replace(UNKNOWN_ISSUER, signer=replace(FOREIGN, issuer="CA Penerbit Contoh"))),
    "sample": upload(SAMPLE, registered=True),
    "revoked": upload(failing(SubIndication.REVOKED)),
    "expired": upload(failing(SubIndication.EXPIRED)),
    "unknown-issuer": upload(UNKNOWN_ISSUER),
    "issuer-ended": upload(failing(SubIndication.OUT_OF_BOUNDS_NO_POE)),
    "ended-since": upload(replace(PASSED, signer=replace(CERTIFICATE, not_after=NOON - timedelta(days=3)))),
    "genuine": upload(PASSED, registered=True),
    "certified": upload(replace(PASSED, anchor="Akar PSrE Contoh", certified=True)),
    "additions": upload(COSIGNED, COSIGNER, registered=True),
    "no-signature": upload(),
    "unreadable": upload(indication=Indication.UNREADABLE, page_count=None, revisions=None),
    "try-later": upload(failing(SubIndication.TRY_LATER)),
}
"""What an upload may meet, by a short name."""

CODES = {
    "genuine": kept(),
    "sample": kept(SAMPLE),
    "additions": kept(COSIGNED),
    "no-preview": kept(of=record(preview=False)),
    "terbatas": kept(of=record(Secrecy.TERBATAS)),
    "rahasia": kept(of=record(Secrecy.RAHASIA)),
    "sangat-rahasia": kept(of=record(Secrecy.SANGAT_RAHASIA)),
    "try-later": kept(failing(SubIndication.TRY_LATER)),
    "withdrawn": replace(kept(), standing=WITHDRAWN),
    "replaced": replace(kept(), standing=REPLACED),
    "over": replace(kept(), standing=OVER),
    "being-signed": replace(kept(), standing=TWO_OF_THREE),
    "stopped": replace(kept(), standing=STOPPED),
}
"""What a code may meet."""

DIGESTS = {
    "genuine": DigestResult(record=RECORD, report=report(PASSED), standing=NOTHING_KNOWN, newest=True),
    "additions": DigestResult(record=RECORD, report=report(PASSED), standing=NOTHING_KNOWN, newest=False),
    "secret": DigestResult(
        record=record(Secrecy.SANGAT_RAHASIA), report=report(PASSED), standing=NOTHING_KNOWN, newest=True
    ),
}
"""What a digest may meet; any other is not on record."""
