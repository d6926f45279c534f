"""How much of our time, memory and patience one file may take. Every limit is counted, and its number has a reason."""

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a stranger's file may cost. The first four are enforced by the worker's process, the rest by `validate`."""

    document_bytes: int = 64 * MIB
    """A scanned decree of a hundred pages stays well below."""
    wall_seconds: float = 8.0
    """A reader waits no longer; the largest real letter takes a tenth of it."""
    cpu_seconds: int = 8
    address_space: int = 1536 * MIB
    """Bytes of virtual memory of the worker, its libraries (about 250 MiB) included."""
    signatures: int = 64
    """An official letter bears a handful; each costs a path search, so more is an attack on our time."""
    revisions: int = 256
    objects: int = 500_000
    pages: int = 5_000
    cms_bytes: int = 4 * MIB
    """One signature container; those with embedded revocation lists are the large ones."""
    certificates: int = 64
    """Certificates taken from one file; a path search is exponential in the worst case."""
    status_items: int = 128
    """CRLs and OCSP responses taken from one file."""
    status_bytes: int = 16 * MIB
    preview_width: int = 2_000
    """Pixels."""
    preview_pixels: int = 8_000_000
    """Of one preview image, whatever shape the page has."""
