"""Staff log in with a passkey, or a password and a second factor; both again before what cannot be undone."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from signer.errors import FactorRefused
from signer.factors.checking import SecondFactors
from signer.factors.model import FactorKind, PasskeyProof, Proof, RecoveryProof, Session, SignedInBy, TotpProof
from signer.factors.own import OwnFactors, not_proven, whose
from signer.factors.ports import FactorStore, PasswordHashing, PasswordStore, SessionStore
from signer.factors.signing_in import NewSession, SignIn
from signer.factors.subjects import staff_id_of, staff_subject
from signer.model import Secret
from signer.passphrase import require_strong

LONGEST: Final = timedelta(hours=8)
IDLE: Final = timedelta(minutes=15)
CONFIRMED: Final = timedelta(minutes=5)
FIRST_FACTORS: Final = timedelta(minutes=15)
"""How long after the one-time link the first factors may be added."""
SHORTEST: Final = 15
"""Characters of a password (ASVS 5.0, 6.2.9)."""


class StaffEntrance:
    """Who gets in, and who has shown it again. `now` gives aware UTC.

    `sign_in` lets in accounts of staff alone. Wrong passwords are counted as logins, so that they only ever make
    somebody wait and a passkey goes on working; wrong codes are counted only behind the right password.
    """

    def __init__(
        self,
        *,
        sign_in: SignIn,
        own: OwnFactors,
        factors: SecondFactors,
        store: FactorStore,
        sessions: SessionStore,
        passwords: PasswordStore,
        hashing: PasswordHashing,
        now: Callable[[], datetime],
    ) -> None:
        self.begin = sign_in.begin
        self.find = sign_in.find
        self.end = sign_in.end
        self.passkey_options = sign_in.passkey_options
        self.with_passkey = sign_in.with_passkey
        self._own = own
        self._factors = factors
        self._store = store
        self._sessions = sessions
        self._passwords = passwords
        self._hashing = hashing
        self._now = now

    def with_password(self, staff_id: str, password: Secret, proof: TotpProof | RecoveryProof) -> NewSession:
        """Name, password and a second factor; raises `FactorRefused`, as late for a name that nobody has.

        1. The attempt is counted.                                   else nothing is compared with, at the same cost
        2. The password fits.
        3. The second factor is right, counted on its own.           else as much work of the HSM
        4. The count starts anew.
        """
        subject = staff_subject(staff_id)
        if not self._knows(staff_id, password):
            self._factors.spend_time()
            raise not_proven()
        if self._factors.check(subject, proof, challenge=b"") is None:
            raise not_proven()
        self._store.clear_attempts(subject, FactorKind.SIGN_IN, at=self._now())
        by = SignedInBy.RECOVERY if isinstance(proof, RecoveryProof) else SignedInBy.TOTP
        return self.begin(subject, by)

    def enter(self, staff_id: str) -> NewSession:
        """Behind a one-time link that was just used up: in, with leave to add the first factors."""
        return self.begin(staff_subject(staff_id), SignedInBy.LINK, confirmed_until=self._now() + FIRST_FACTORS)

    def complete(self, session: Session) -> bool:
        """Whether more than a link stands behind this login: without a second factor nothing else is shown."""
        return session.by is not SignedInBy.LINK or self._own.held(session).second

    def confirm(self, session: Session, password: Secret, proof: Proof) -> None:
        """A passkey, or the password with a second factor, again: good for five minutes. Raises `FactorRefused`."""
        if not isinstance(proof, PasskeyProof) and not self._knows(staff_id_of(whose(session)), password):
            self._factors.spend_time()
            raise not_proven()
        if not self._own.shows(session, proof):
            raise not_proven()
        if not isinstance(proof, PasskeyProof):
            self._store.clear_attempts(whose(session), FactorKind.SIGN_IN, at=self._now())
        self._sessions.confirm(session.id, until=self._now() + CONFIRMED, at=self._now())

    def change_password(self, session: Session, password: Secret, *, own_words: tuple[str, ...]) -> None:
        """Another password; every other login of this account ends. Raises `FactorRefused` unless confirmed, and
        `PassphraseTooWeak`."""
        if not session.confirmed(self._now()):
            raise FactorRefused("Show your present factors first.", field="factors", reason="not-confirmed")
        hashed = self.hashed(password, own_words=own_words)
        staff_id = staff_id_of(whose(session))
        self._passwords.replace_password(staff_id, hashed, keeping=session.id, at=self._now())

    def hashed(self, password: Secret, *, own_words: tuple[str, ...]) -> str:
        """A new password as it is kept. Raises `PassphraseTooWeak`, of the field `password`."""
        require_strong(password, own_words=own_words, field="password", shortest=SHORTEST)
        return self._hashing.hashed(password)

    def _knows(self, staff_id: str, password: Secret) -> bool:
        """Whether it is the password; counted. What nobody has is not counted: the table would be everybody's."""
        kept = self._passwords.password(staff_id)
        subject = staff_subject(staff_id)
        counted = kept is not None and self._store.begin_attempt(subject, FactorKind.SIGN_IN, at=self._now())
        return self._hashing.fits(kept if counted else None, password) and counted
