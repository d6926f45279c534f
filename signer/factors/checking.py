"""Is it right? Counted before it is tried, remembered the moment that it is found right, and never told why not."""

import hashlib
import re
from collections.abc import Callable
from datetime import datetime
from typing import Final

from signer.factors import passkey as passkeys
from signer.factors import totp
from signer.factors.model import (
    Authenticator,
    Evidence,
    FactorKind,
    Passkey,
    PasskeyProof,
    Proof,
    RecoveryProof,
    TotpProof,
)
from signer.factors.passkey import RelyingParty
from signer.factors.ports import FactorStore, SeedVault
from signer.model import Secret

_SEED_BYTES: Final = 20
_NOBODY: Final = "nobody"


class SecondFactors:
    """Second factors of signatories. `now` gives aware UTC; `drift`: 30-second steps before and after that count."""

    def __init__(
        self,
        *,
        store: FactorStore,
        seeds: SeedVault,
        party: RelyingParty,
        now: Callable[[], datetime],
        drift: int = 0,
    ) -> None:
        self._store = store
        self._seeds = seeds
        self._party = party
        self._now = now
        self._drift = drift

    def check(
        self, signatory_id: str, proof: Proof, *, challenge: bytes, as_kind: FactorKind | None = None
    ) -> Evidence | None:
        """What was proven, or `None`: wrong, used before, waiting, locked, or not there; which of them is not told.

        1. The attempt is counted.                              else `None`, nothing is tried
        2. Code or assertion is verified.
        3. Its step or counter is remembered: good once.
        4. The count of this kind starts anew.

        `challenge`: what an assertion has to be over, used by nothing else. `as_kind`: the counter to use instead of
        the proof's own.
        """
        kind = as_kind or kind_of(proof)
        if not self._store.begin_attempt(signatory_id, kind, at=self._now()):
            if kind is FactorKind.SIGN_IN:
                self.spend_time()
            return None
        evidence = self._verified(signatory_id, proof, challenge)
        if evidence is not None:
            self._store.clear_attempts(signatory_id, kind, at=self._now())
        return evidence

    def recognise(self, known: Passkey, assertion: str, *, challenge: bytes) -> bool:
        """Whether an assertion is this passkey's, as a login; good once, as the challenge is.

        It is not counted, because it cannot be guessed: who tries codes in somebody's name keeps no passkey out.
        """
        return self._assertion(known.signatory_id, assertion, challenge) is not None

    def spend_time(self) -> None:
        """As much work of the HSM as a code costs that is tried: who may not try one, or is nobody, waits as long."""
        self._seeds.seal(bytes(_SEED_BYTES), owner=_NOBODY)

    def _verified(self, signatory_id: str, proof: Proof, challenge: bytes) -> Evidence | None:
        match proof:
            case TotpProof(code=code):
                return self._code(signatory_id, code)
            case PasskeyProof(assertion=assertion):
                return self._assertion(signatory_id, assertion, challenge)
            case RecoveryProof(code=code):
                return self._recovery(signatory_id, code)

    def _code(self, signatory_id: str, code: Secret) -> Evidence | None:
        authenticator = self._store.held(signatory_id).authenticator
        if authenticator is None:
            self.spend_time()
            return None
        at = self._now()
        step = totp.matching_step(self._seed(authenticator), code, at=at, drift=self._drift)
        if step is None or not self._store.accept_step(authenticator.id, step, at=at):
            return None
        return Evidence(kind=FactorKind.TOTP, factor_id=authenticator.id)

    def _seed(self, authenticator: Authenticator) -> bytes:
        """Opened; under an older pepper it moves to the newest on the way."""
        owner, sealed = authenticator.signatory_id, authenticator.seed
        seed = self._seeds.open(sealed, owner=owner)
        if self._seeds.is_outdated(sealed):
            self._store.move_seed(authenticator.id, old=sealed, new=self._seeds.seal(seed, owner=owner))
        return seed

    def _assertion(self, signatory_id: str, assertion: str, challenge: bytes) -> Evidence | None:
        asserted = passkeys.credential_id_of(assertion)
        known = self._store.passkey(asserted) if asserted is not None else None
        if known is None or known.signatory_id != signatory_id:
            return None
        verified = passkeys.verified_assertion(assertion, known, self._party, challenge=challenge)
        if verified is None:
            return None
        evidence, count = verified
        return evidence if self._store.accept_count(known.id, count, at=self._now()) else None

    def _recovery(self, signatory_id: str, code: Secret) -> Evidence | None:
        hashed = recovery_hash(code)
        whose = self._store.use_code(hashed, of=signatory_id, at=self._now())
        return Evidence(kind=FactorKind.RECOVERY, factor_id=hashed[:16]) if whose == signatory_id else None


def kind_of(proof: Proof) -> FactorKind:
    """Which counter an attempt with `proof` belongs to."""
    match proof:
        case TotpProof():
            return FactorKind.TOTP
        case PasskeyProof():
            return FactorKind.PASSKEY
        case RecoveryProof():
            return FactorKind.RECOVERY


def recovery_hash(code: Secret) -> str:
    """How a recovery code is known to the store: it has 120 random bits, so a plain hash is enough (ASVS 6.5.2)."""
    plain = re.sub(r"[^A-Z2-7]", "", code.reveal()[:200].upper())
    return hashlib.sha256(plain.encode()).hexdigest()
