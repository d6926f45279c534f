"""What a person has and changes about it, after they have shown it: the same for signatories and for staff."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from signer.errors import FactorRefused
from signer.factors import passkey as passkeys
from signer.factors import totp
from signer.factors.checking import SecondFactors
from signer.factors.model import Authenticator, FactorKind, Held, Passkey, Proof, Session
from signer.factors.passkey import RelyingParty
from signer.factors.ports import FactorStore, SeedVault, SessionStore
from signer.factors.recovery import new_codes
from signer.factors.subjects import acting_as
from signer.model import Secret

MOST_PASSKEYS: Final = 5
LONGEST_LABEL: Final = 60
_ID_BYTES: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAuthenticator:
    """A seed on its way to the person's authenticator; shown once."""

    uri: str
    spelled: str

    def __repr__(self) -> str:
        return "NewAuthenticator(***)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Whose factors they are, and the name that the person's devices show."""

    subject: str
    name: str


class OwnFactors:
    """A person's own second factors. `holder(subject)`: `None` for who may hold none; `now` gives aware UTC."""

    def __init__(
        self,
        *,
        store: FactorStore,
        sessions: SessionStore,
        factors: SecondFactors,
        seeds: SeedVault,
        holder: Callable[[str], Holder | None],
        party: RelyingParty,
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
    ) -> None:
        self._store = store
        self._sessions = sessions
        self._factors = factors
        self._seeds = seeds
        self._holder = holder
        self._party = party
        self._now = now
        self._random_bytes = random_bytes

    # what is shown again before anything changes

    def confirm_options(self, session: Session) -> str | None:
        """JSON for the browser, where the person has a passkey that is not locked."""
        held = self.held(session)
        if FactorKind.PASSKEY not in held.usable:
            return None
        challenge = self._random_bytes(32)
        self._sessions.challenge(session.id, challenge)
        return passkeys.request_options(self._party, challenge=challenge, allowed=held.passkeys)

    def shows(self, session: Session, proof: Proof) -> bool:
        """Whether `proof` is right, over the challenge that this session waits with; counted."""
        challenge = self._sessions.take_challenge(session.id) or self._random_bytes(32)
        return self._factors.check(whose(session), proof, challenge=challenge) is not None

    # what is there, and what changes

    def held(self, session: Session) -> Held:
        """The person's own factors."""
        return self._store.held(whose(session))

    def start_authenticator(self, session: Session) -> NewAuthenticator:
        """A new seed; nothing changes until it has shown a code."""
        who = self._confirmed(session)
        owner = who.subject
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
        uri = totp.provisioning_uri(seed, account=who.name, issuer=self._party.name)
        return NewAuthenticator(uri=uri, spelled=totp.spelled(seed))

    def finish_authenticator(self, session: Session, code: Secret) -> None:
        """Its first code; raises `FactorRefused`."""
        owner = self._confirmed(session).subject
        proposal = self._store.proposed(owner)
        if proposal is None or not self._store.begin_attempt(owner, FactorKind.SIGN_IN, at=self._now()):
            raise not_proven()
        at = self._now()
        step = totp.matching_step(self._seeds.open(proposal.seed, owner=owner), code, at=at, drift=totp.MOST_DRIFT)
        if step is None or not self._store.confirm(proposal, step, at=at):
            raise not_proven()
        self._store.clear_attempts(owner, FactorKind.SIGN_IN, at=at)

    def start_passkey(self, session: Session) -> str:
        """JSON for the browser; the challenge waits in the session, good once."""
        who = self._confirmed(session)
        held = self.held(session)
        if len(held.passkeys) >= MOST_PASSKEYS:
            raise FactorRefused(f"At most {MOST_PASSKEYS} passkeys. Remove one.", field="passkey", reason="count")
        challenge = self._random_bytes(32)
        self._sessions.challenge(session.id, challenge)
        return passkeys.creation_options(
            self._party,
            signatory_id=who.subject,
            name=who.name,
            challenge=challenge,
            known=held.passkeys,
        )

    def finish_passkey(self, session: Session, answer: str, label: str) -> None:
        """What the device made; raises `FactorRefused`."""
        owner = self._confirmed(session).subject
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
        self._store.remove(self._confirmed(session).subject, factor_id, at=self._now())

    def unlock(self, session: Session, kind: FactorKind) -> None:
        """A locked kind is good again: whoever confirmed has shown another one."""
        owner = self._confirmed(session).subject
        self._store.unlock(owner, kind, actor=acting_as(owner), at=self._now())

    def new_codes(self, session: Session) -> tuple[str, ...]:
        """Ten recovery codes in place of all earlier ones; the only moment at which their texts exist here."""
        owner = self._confirmed(session).subject
        codes, hashes = new_codes(self._random_bytes)
        self._store.replace_codes(owner, hashes, at=self._now())
        return codes

    def _confirmed(self, session: Session) -> Holder:
        holder = self._holder(whose(session)) if session.confirmed(self._now()) else None
        if holder is None:
            raise FactorRefused("Show your present factors first.", field="factors", reason="not-confirmed")
        return holder


def whose(session: Session) -> str:
    """Who is logged in; raises `FactorRefused` where nobody is."""
    if session.signatory_id is None:
        raise FactorRefused("Log in first.", field="session", reason="not-signed-in")
    return session.signatory_id


def not_proven() -> FactorRefused:
    """The one refusal for everything that was not right."""
    return FactorRefused("That is not right, or has to wait.", field="factors", reason="not-proven")


def _label(text: str) -> str:
    """A name that the person gave to a device, as one line that can be shown."""
    shown = "".join(each if unicodedata.category(each)[0] != "C" else " " for each in text)
    return " ".join(shown.split())[:LONGEST_LABEL]
