"""Factors are added and removed by whoever shows the ones they have; the very first ones behind a one-time link."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, Protocol

from signer.errors import CredentialUnusable, LinkRefused, PassphraseLocked, PassphraseWrong
from signer.factors.checking import SecondFactors
from signer.factors.links import FactorLinks
from signer.factors.model import Proof, Session, SignedInBy
from signer.factors.own import Holder, OwnFactors, not_proven, whose
from signer.factors.passkey import RelyingParty
from signer.factors.ports import FactorStore, SeedVault, SessionStore
from signer.factors.signing_in import NewSession, SignIn
from signer.model import Secret
from signer.people import Official

CONFIRMED: Final = timedelta(minutes=10)


class Prover(Protocol):
    """`signer.credentials.CredentialService`."""

    def prove(self, credential_id: str, passphrase: Secret, /) -> object: ...


class FactorDesk(OwnFactors):
    """What a person changes about their own factors. `official(signatory_id)`; `now` gives aware UTC."""

    def __init__(
        self,
        *,
        store: FactorStore,
        links: FactorLinks,
        sessions: SessionStore,
        sign_in: SignIn,
        factors: SecondFactors,
        seeds: SeedVault,
        credentials: Prover,
        official: Callable[[str], Official | None],
        party: RelyingParty,
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
    ) -> None:
        super().__init__(
            store=store,
            sessions=sessions,
            factors=factors,
            seeds=seeds,
            holder=self._named,
            party=party,
            now=now,
            random_bytes=random_bytes,
        )
        self._links = links
        self._sign_in = sign_in
        self._credentials = credentials
        self._official = official

    # the way in

    def behind(self, link: str) -> Official:
        """Whom a link is for; raises `LinkRefused` for every one that is not good, all alike."""
        found = self._links.behind(link)
        official = self._official(found) if found is not None else None
        if official is None:
            raise _dead_link()
        return official

    def claim(self, link: str, passphrase: Secret) -> NewSession:
        """The link and the passphrase log in, and may add the first factors at once.

        Raises `LinkRefused`, and `FactorRefused` for the passphrase: the link stays good then.
        """
        official = self.behind(link)
        if not self._proves(official, passphrase):
            raise not_proven()
        signatory_id = self._links.claim(link)
        if signatory_id is None:
            raise _dead_link()
        return self._sign_in.begin(signatory_id, SignedInBy.LINK, confirmed_until=self._now() + CONFIRMED)

    def confirm(self, session: Session, passphrase: Secret, proof: Proof | None) -> None:
        """Passphrase and a second factor again: factors may be changed for ten minutes. Both are tried, whatever the
        first one was. A login by recovery code has shown its second factor. Raises `FactorRefused`."""
        signatory_id = whose(session)
        if proof is not None:
            second = self.shows(session, proof)
        else:
            fresh = self._now() - session.began_at < CONFIRMED
            second = session.by is SignedInBy.RECOVERY and fresh
        official = self._official(signatory_id)
        first = official is not None and self._proves(official, passphrase)
        if not (first and second):
            raise not_proven()
        self._sessions.confirm(session.id, until=self._now() + CONFIRMED, at=self._now())

    def _named(self, signatory_id: str) -> Holder | None:
        official = self._official(signatory_id)
        return Holder(subject=signatory_id, name=official.signatory.name) if official is not None else None

    def _proves(self, official: Official, passphrase: Secret) -> bool:
        """Whether it opens the person's key; counted with the credential."""
        if official.credential_id is None:
            return False
        try:
            self._credentials.prove(official.credential_id, passphrase)
        except (PassphraseWrong, PassphraseLocked, CredentialUnusable):
            return False
        return True


def _dead_link() -> LinkRefused:
    message = "This link is not good, or is good no more. Ask the registration office for a new one."
    return LinkRefused(message, field="link", reason="not-good")
