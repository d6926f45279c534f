"""How far a round is that was approved: read from its requests, so it survives the tab, the login and the process."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from signer.activation import LIFETIME, ActivationKind, ActivationRequest, ActivationState, extra_time
from signer.consented_batch import BatchProgress
from signer.round_model import Round, RoundMember
from signer.waiting import WaitingKey, WaitingKind


class MemberState(Enum):
    """Where one thing of a round stands."""

    SIGNED = auto()
    UNDER_WAY = auto()
    FAILED = auto()
    """Or a part of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberStanding:
    """One thing of a round that was approved."""

    member: RoundMember
    state: MemberState
    documents: int
    signed: int
    word: str | None = None
    """Why it failed: a stable word."""
    codes: tuple[tuple[str, str], ...] = ()
    """Name and verification code of each document that was signed by itself."""
    again: str | None = None
    """The key by which it can be asked for again; `None` where its application has to ask."""
    request_id: str | None = None


class RoundProgress:
    """`behind`: a request by its id; `batch`: how far a batch is; `now` gives aware UTC."""

    def __init__(
        self,
        *,
        behind: Callable[[str], ActivationRequest | None],
        batch: Callable[[ActivationRequest], BatchProgress],
        now: Callable[[], datetime],
    ) -> None:
        self._behind = behind
        self._batch = batch
        self._now = now

    def of(self, found: Round) -> tuple[MemberStanding, ...]:
        """Everything that was approved, in order."""
        members = [(each, self._behind(each.request_id or "")) for each in found.members if not each.left_out]
        documents = sum(len(request.chosen) for _, request in members if request is not None)
        since = found.granted_at
        stale = since is not None and self._now() > since + LIFETIME + extra_time(documents + 1)
        return tuple(self._standing(member, request, stale=stale) for member, request in members)

    def _standing(self, member: RoundMember, request: ActivationRequest | None, *, stale: bool) -> MemberStanding:
        if request is None or member.request_id is None:
            word, again = member.refused or "not-open", member.key if member.refused else None
            return MemberStanding(
                member=member, state=MemberState.FAILED, documents=1, signed=0, word=word, again=again
            )
        if request.state is ActivationState.GRANTED and request.kind is ActivationKind.BATCH:
            return _of_batch(member, request, self._batch(request), stale=stale)
        if request.state is ActivationState.GRANTED:
            return _of_documents(member, request, stale=stale)
        return self._not_granted(member, request, stale=stale)

    def _not_granted(self, member: RoundMember, request: ActivationRequest, *, stale: bool) -> MemberStanding:
        """Its turn has not come, or something spoke against it."""
        is_open = request.is_open(self._now())
        word = member.refused or ("interrupted" if stale else None if is_open else "not-open")
        return MemberStanding(
            member=member,
            state=MemberState.UNDER_WAY if word is None else MemberState.FAILED,
            documents=len(request.chosen),
            signed=0,
            word=word,
            again=WaitingKey(kind=WaitingKind.REQUEST, id=request.id).text if is_open else _key_of(request),
            request_id=request.id,
        )


def _of_documents(member: RoundMember, request: ActivationRequest, *, stale: bool) -> MemberStanding:
    codes = tuple((each.name, each.code) for each in request.chosen if each.code is not None)
    failures = [each.failure for each in request.chosen if each.failure is not None]
    done = len(codes) + len(failures) == len(request.chosen)
    word = failures[0] if failures else "interrupted" if stale and not done else None
    return MemberStanding(
        member=member,
        state=MemberState.FAILED if word else MemberState.SIGNED if done else MemberState.UNDER_WAY,
        documents=len(request.chosen),
        signed=len(codes),
        word=word,
        codes=codes,
        again=_key_of(request) if word else None,
        request_id=request.id,
    )


def _of_batch(
    member: RoundMember, request: ActivationRequest, progress: BatchProgress, *, stale: bool
) -> MemberStanding:
    """Its own page says which documents failed, and asks again for them."""
    working = progress.under_way > 0 or (progress.unsigned > 0 and not stale)
    word = None
    if not working and progress.failed:
        word = progress.failed[0][1]
    elif not working and progress.unsigned:
        word = "interrupted"
    return MemberStanding(
        member=member,
        state=MemberState.FAILED if word else MemberState.UNDER_WAY if working else MemberState.SIGNED,
        documents=progress.documents,
        signed=progress.finished,
        word=word,
        again=_key_of(request) if word and progress.askable else None,
        request_id=request.id,
    )


def _key_of(request: ActivationRequest) -> str | None:
    """By which it stands in the inbox again, where it does."""
    if request.batch_id is not None:
        return WaitingKey(kind=WaitingKind.BATCH, id=request.batch_id).text
    if request.flow is not None:
        return WaitingKey(kind=WaitingKind.STEP, id=request.flow.flow_id, number=request.flow.number).text
    return None
