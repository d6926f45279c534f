"""The trust anchors of others, as the operator put them into a folder."""

from api.settings import Settings
from verifier.model import TrustAnchorEntry
from verifier.trust import load_anchors


def known_anchors(settings: Settings) -> tuple[TrustAnchorEntry, ...]:
    """Those of `pki.anchors`; none where no folder is named. Raises as `load_anchors`."""
    folder = settings.pki.anchors
    return () if folder is None else load_anchors(folder)
