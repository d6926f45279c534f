"""What the citizen's pages must be told about the house they stand in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicSettings:
    """Names, limits and anchors; all of them configuration, nothing is read from the environment here."""

    office: str
    """Who runs the service, as the header and the sentences name it: `Pemerintah Provinsi Bali`."""
    domain: str
    """The host name that readers shall find in their browser: `teken.baliprov.go.id`."""
    max_document_size: int
    """Most bytes of an uploaded document."""
    service: str = "Teken"
    utc_offset_hours: int = 8
    """7 (WIB), 8 (WITA) or 9 (WIT)."""
    own_issuers: frozenset[str] = frozenset()
    """Common names of our issuing CAs: a stranger's certificate that borrows one is "not one of ours"."""
    test_anchors: frozenset[str] = frozenset()
    """Names of trust anchors whose signatures are samples only (the demonstration hierarchy)."""
    report_url: str | None = None
    """Where a reader reports a suspicious letter (`https:` or `mailto:`); no button where `None`."""
