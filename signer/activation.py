"""The signatory's consent: granted where the passphrase was right, bound to one client and exactly these digests."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from signer.model import Activation

LIFETIME: Final = timedelta(minutes=2)  # granted and redeemed inside one request; anything longer is a replay
_ID_BYTES: Final = 16


def consent(
    *,
    credential_id: str,
    client_id: str,
    digests: frozenset[str],
    at: datetime,
    random_bytes: Callable[[int], bytes],
) -> Activation:
    """A new consent, given at `at` (aware) with the passphrase, for documents of these SHA-256 digests (hex)."""
    return Activation(
        id=random_bytes(_ID_BYTES).hex(),
        credential_id=credential_id,
        client_id=client_id,
        digests=digests,
        factors=("passphrase",),
        granted_at=at,
        expires_at=at + LIFETIME,
    )
