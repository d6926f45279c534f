"""Whether an authorisation covers a call, and the values of its key are good: checks that change nothing."""

import hashlib
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from signer.authorisation import Authorisation, AuthorisationState, AuthorisedDigest, Purpose
from signer.errors import ActivationRefused, ResultUnsound
from signer.model import Secret, SigningTask
from signer.remote_model import Caller, RemoteCredential, RemoteRefusal

_PREHASHED: Final = ec.ECDSA(Prehashed(hashes.SHA256()))
_TOLD: Final = {
    RemoteRefusal.SAD: "The authorisation is not good for this.",
    RemoteRefusal.SAD_EXPIRED: "The authorisation has expired.",
    RemoteRefusal.DIGEST: "The authorisation does not cover this digest.",
    RemoteRefusal.ASSIGNED: "The seal is not lent to where this call comes from.",
}


@dataclass(slots=True, kw_only=True)
class RemoteCall:
    """One call that passed everything that uses nothing up."""

    id: str
    seen: RemoteCredential
    authorisation: Authorisation
    uses: tuple[AuthorisedDigest, ...]
    caller: Caller
    sad: Secret
    consumed: bool = False


def is_for(authorisation: Authorisation, caller: Caller, credential_id: str) -> bool:
    """Whether it is the caller's own, for this credential, and not over."""
    if caller.authorisation is not None and caller.authorisation.id != authorisation.id:
        return False
    return (
        authorisation.client_id == caller.client_id
        and authorisation.credential_id == credential_id
        and authorisation.user_id == caller.user_id
        and authorisation.state is AuthorisationState.ACTIVE
    )


def require_covered(call: RemoteCall) -> None:
    """Step 3: all, each once, each for its purpose, or none."""
    authorisation, uses = call.authorisation, call.uses
    if len({each.value for each in uses}) != len(uses) or authorisation.used + len(uses) > authorisation.total:
        raise refused(RemoteRefusal.DIGEST)
    known = {each.value: each for each in authorisation.digests}
    for each in uses:
        found = known.get(each.value)
        if found is None and not authorisation.bound:
            continue
        if found is None or found.spent or found.purpose not in (None, each.purpose):
            raise refused(RemoteRefusal.DIGEST)


def use_of(task: SigningTask, authorisation: Authorisation) -> AuthorisedDigest:
    """The digest by which a document was authorised: with whichever algorithm it was."""
    content = task.document if isinstance(task.document, bytes) else bytes(task.document[:])
    wanted = {each.value for each in authorisation.digests}
    names = dict.fromkeys((*(each.algorithm for each in authorisation.digests), "sha256"))
    digests = [hashlib.new(name, content).hexdigest() for name in names]
    value = next((each for each in digests if each in wanted), digests[-1])
    return AuthorisedDigest(value=value, purpose=Purpose.SDR)


def require_good(certificate: x509.Certificate, digest: bytes, value: bytes) -> None:
    """A value that the certificate's key did not make is never released."""
    public = certificate.public_key()
    if not isinstance(public, ec.EllipticCurvePublicKey):
        raise ResultUnsound("the certificate's key is no EC key")
    try:
        public.verify(value, digest, _PREHASHED)
    except InvalidSignature as error:
        raise ResultUnsound("the signature value does not verify with the certificate") from error


def refused(why: RemoteRefusal) -> ActivationRefused:
    """In words for whoever calls, with the field that is wrong."""
    field = "SAD" if why in (RemoteRefusal.SAD, RemoteRefusal.SAD_EXPIRED) else "hash"
    return ActivationRefused(_TOLD[why], field=field, reason=why.value)
