"""Factors are added and removed by whoever shows the ones they have; the very first ones behind a one-time link."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from signer.errors import CredentialUnusable, FactorRefused, LinkRefused, PassphraseLocked, PassphraseWrong
from signer.factors import passkey as passkeys
from signer.factors import totp
from signer.factors.checking import SecondFactors
from signer.factors.links import FactorLinks
from signer.factors.model import Authenticator, FactorKind, Held, Passkey, Proof, Session, SignedInBy
from signer.factors.passkey import RelyingParty
from signer.factors.ports import FactorStore, SeedVault, SessionStore
from signer.factors.recovery import new_codes
from signer.factors.signing_in import NewSession, SignIn
from signer.model import Secret
from signer.people import Official

CONFIRMED: Final = timedelta(minutes=10)
MOST_PASSKEYS: Final = 5
LONGEST_LABEL: Final = 60
_ID_BYTES: Final = 16


class Prover(Protocol):
    """`signer.credentials.CredentialService`."""

    def prove(self, credential_id: str, passphrase: Secret, /) -> object: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAuthenticator:
    """A seed on its way to the person's authenticator; shown once."""

    uri: str
    spelled: str

    def __repr__(self) -> str:
        return "NewAuthenticator(***)"


class FactorDesk:
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
        self._store = store
        self._links = links
        self._sessions = sessions
        self._sign_in = sign_in
        self._factors = factors
        self._seeds = seeds
        self._credentials = credentials
        self._official = official
        self._party = party
        self._now = now
        self._random_bytes = random_bytes

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
            raise _not_proven()
        signatory_id = self._links.claim(link)
        if signatory_id is None:
            raise _dead_link()
        return self._sign_in.begin(signatory_id, SignedInBy.LINK, confirmed_until=self._now() + CONFIRMED)

    def confirm_options(self, session: Session) -> str | None:
        """JSON for the browser, where the person has a passkey that is not locked."""
        held = self.held(session)
        if FactorKind.PASSKEY not in held.usable:
            return None
        challenge = self._random_bytes(32)
        self._sessions.challenge(session.id, challenge)
        return passkeys.request_options(self._party, challenge=challenge, allowed=held.passkeys)

    def confirm(self, session: Session, passphrase: Secret, proof: Proof | None) -> None:
        """Passphrase and a second factor again: factors may be changed for ten minutes. Both are tried, whatever the
        first one was. A login by recovery code has shown its second factor. Raises `FactorRefused`."""
        signatory_id = _whose(session)
        if proof is not None:
            challenge = self._sessions.take_challenge(session.id) or self._random_bytes(32)
            second = self._factors.check(signatory_id, proof, challenge=challenge) is not None
        else:
            fresh = self._now() - session.began_at < CONFIRMED
            second = session.by is SignedInBy.RECOVERY and fresh
        official = self._official(signatory_id)
        first = official is not None and self._proves(official, passphrase)
        if not (first and second):
            raise _not_proven()
        self._sessions.confirm(session.id, until=self._now() + CONFIRMED, at=self._now())

    # what is there, and what changes

    def held(self, session: Session) -> Held:
        """The person's own factors."""
        return self._store.held(_whose(session))

    def start_authenticator(self, session: Session) -> NewAuthenticator:
        """A new seed; nothing changes until it has shown a code."""
        official = self._confirmed(session)
        owner = official.signatory.id
        seed = self._random_bytes(totp.SEED_BYTES)
        proposal = Authenticator(
            id=self._random_bytes(_ID_BYTES).hex(),
            signatory_id=owner,
            label="",
            seed=self._seeds.seal(seed, owner=owner),
            last_step=0,
            added_at=self._now(),
        )
        self._store.propose(proposal, at=self._now())
        uri = totp.provisioning_uri(seed, account=official.signatory.name, issuer=self._party.name)
        return NewAuthenticator(uri=uri, spelled=totp.spelled(seed))

    def finish_authenticator(self, session: Session, code: Secret) -> None:
        """Its first code; raises `FactorRefused`."""
        owner = self._confirmed(session).signatory.id
        proposal = self._store.proposed(owner)
        if proposal is None or not self._store.begin_attempt(owner, FactorKind.SIGN_IN, at=self._now()):
            raise _not_proven()
        at = self._now()
        step = totp.matching_step(self._seeds.open(proposal.seed, owner=owner), code, at=at, drift=totp.MOST_DRIFT)
        if step is None or not self._store.confirm(proposal, step, at=at):
            raise _not_proven()
        self._store.clear_attempts(owner, FactorKind.SIGN_IN, at=at)

    def start_passkey(self, session: Session) -> str:
        """JSON for the browser; the challenge waits in the session, good once."""
        official = self._confirmed(session)
        held = self.held(session)
        if len(held.passkeys) >= MOST_PASSKEYS:
            raise FactorRefused(f"At most {MOST_PASSKEYS} passkeys. Remove one.", field="passkey", reason="count")
        challenge = self._random_bytes(32)
        self._sessions.challenge(session.id, challenge)
        return passkeys.creation_options(
            self._party,
            signatory_id=official.signatory.id,
            name=official.signatory.name,
            challenge=challenge,
            known=held.passkeys,
        )

    def finish_passkey(self, session: Session, answer: str, label: str) -> None:
        """What the device made; raises `FactorRefused`."""
        owner = self._confirmed(session).signatory.id
        challenge = self._sessions.take_challenge(session.id)
        made = passkeys.verified_registration(answer, self._party, challenge=challenge) if challenge else None
        if made is None:
            raise FactorRefused("The passkey could not be registered.", field="passkey", reason="not-proven")
        passkey = Passkey(
            id=self._random_bytes(_ID_BYTES).hex(),
            signatory_id=owner,
            label=_label(label),
            credential_id=made.credential_id,
            public_key=made.public_key,
            sign_count=made.sign_count,
            added_at=self._now(),
        )
        self._store.add_passkey(passkey, at=self._now())

    def remove(self, session: Session, factor_id: str) -> None:
        """One factor goes, never the last one; raises `FactorRefused`."""
        self._store.remove(self._confirmed(session).signatory.id, factor_id, at=self._now())

    def unlock(self, session: Session, kind: FactorKind) -> None:
        """A locked kind is good again: whoever confirmed has shown another one."""
        owner = self._confirmed(session).signatory.id
        self._store.unlock(owner, kind, actor="signatory", at=self._now())

    def new_codes(self, session: Session) -> tuple[str, ...]:
        """Ten recovery codes in place of all earlier ones; the only moment at which their texts exist here."""
        owner = self._confirmed(session).signatory.id
        codes, hashes = new_codes(self._random_bytes)
        self._store.replace_codes(owner, hashes, at=self._now())
        return codes

    def _confirmed(self, session: Session) -> Official:
        official = self._official(_whose(session)) if session.confirmed(self._now()) else None
        if official is None:
            raise FactorRefused("Show your present factors first.", field="factors", reason="not-confirmed")
        return official

    def _proves(self, official: Official, passphrase: Secret) -> bool:
        """Whether it opens the person's key; counted with the credential."""
        if official.credential_id is None:
            return False
        try:
            self._credentials.prove(official.credential_id, passphrase)
        except (PassphraseWrong, PassphraseLocked, CredentialUnusable):
            return False
        return True


def _whose(session: Session) -> str:
    if session.signatory_id is None:
        raise FactorRefused("Log in first.", field="session", reason="not-signed-in")
    return session.signatory_id


def _label(text: str) -> str:
    """A name that the person gave to a device, as one line that can be shown."""
    shown = "".join(each if unicodedata.category(each)[0] != "C" else " " for each in text)
    return " ".join(shown.split())[:LONGEST_LABEL]


def _not_proven() -> FactorRefused:
    return FactorRefused("That is not right, or has to wait.", field="factors", reason="not-proven")


def _dead_link() -> LinkRefused:
    message = "This link is not good, or is good no more. Ask the registration office for a new one."
    return LinkRefused(message, field="link", reason="not-good")
