"""Judging in public, and what the citizen's pages say about this house."""

from api.faces.public.settings import PublicSettings
from api.hierarchy import PublishedHierarchy, common_name
from api.public_verification import Judges, RegisteredVerification
from api.settings import Settings
from api.stores import Stores
from api.verification import Verification
from api.verification_counts import Note
from store.letters import SqlLetters


def public_settings(settings: Settings, hierarchy: PublishedHierarchy) -> PublicSettings:
    """What the citizen's pages say about this house."""
    root = common_name(hierarchy.root)
    return PublicSettings(
        office=settings.pki.organisation,
        domain=settings.server.public_url.split("//", 1)[1].split("/", 1)[0],
        max_document_size=settings.verification.max_document_bytes,
        own_issuers=frozenset(map(common_name, hierarchy.authorities)),
        test_anchors=frozenset({root} if settings.demonstration else ()),
        report_url=settings.server.report_url,
    )


def public_verification(
    stores: Stores, verification: Verification, note: Note = lambda _: None
) -> RegisteredVerification:
    """Judging with the register's word beside it; `note` is told how each check ended."""
    judges = Judges(
        by_upload=verification.service.by_upload,
        registered=lambda pdf, since: verification.service.registered(pdf, known_since=since),
        page_image=lambda pdf, page: verification.pool.preview(pdf, page=page),
        compare=lambda pdf, revision: verification.pool.compare(pdf, end=revision.end, first=revision.pages),
    )
    return RegisteredVerification(
        judges=judges,
        log=stores.signatures,
        vault=stores.vault,
        versions=stores.archive.versions,
        standing=SqlLetters(stores.database).standing,
        code_of=lambda sha256: stores.register.relation(sha256=sha256, prefix_sha256s=())[1],
        note=note,
    )
