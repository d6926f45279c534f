"""The generations of the issuing CA at work: the newest issues, and each tells the status of what it issued.

An older generation keeps its CRL and its responder, which it renews, until its last CRL or its certificate's end.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from api.current import Current
from api.hierarchy import Generation
from api.own_keys import ResponderKeys
from ca.crl import CrlPublisher, is_final
from ca.issuance import IssuanceService
from ca.ocsp import OcspAnswer, OcspResponder
from ca.ports import CrlStore
from ca.presigned import PresignedAnswers


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationAtWork:
    """One generation with its keys."""

    published: Generation
    issuance: IssuanceService | None
    """`None` where its certificate ends too soon to issue anything but its last responders."""
    publisher: CrlPublisher
    keys: ResponderKeys
    responder: Current[OcspResponder]
    answers: PresignedAnswers
    crls: CrlStore
    now: Callable[[], datetime]

    @property
    def id(self) -> str:
        """`ca-1-g<number>`."""
        return self.published.id

    def serves(self) -> bool:
        """Whether anybody may still ask about what it issued: before its last CRL and its certificate's end."""
        return self.now() < self.published.certificate.not_valid_after_utc and not self.has_ended()

    def has_ended(self) -> bool:
        """Whether its last CRL was published."""
        return is_final(self.crls.current(self.id))


class AnswersOfAll:
    """The OCSP door of every generation: each question goes to the one that it names as the issuer."""

    def __init__(self, generations: Sequence[PresignedAnswers]) -> None:
        """`generations`: the oldest first; the newest answers what is about none of them."""
        self._newest_first = tuple(reversed(generations))

    def respond(self, request_der: bytes, /) -> OcspAnswer:
        """As `PresignedAnswers.respond`. Never raises."""
        newest, *older = self._newest_first
        asked = next((each for each in older if each.is_asked(request_der)), newest)
        return asked.respond(request_der)

    def renew(self, issuer_id: str, serial: int) -> None:
        """As `PresignedAnswers.renew`, by the generation whose certificate it is."""
        for each in self._newest_first:
            each.renew(issuer_id, serial)

    def renew_due(self, limit: int) -> int:
        """As `PresignedAnswers.renew_due`, with one limit for all together."""
        done = 0
        for each in self._newest_first:
            done += each.renew_due(limit - done) if done < limit else 0
        return done

    def overdue(self) -> bool:
        """As `PresignedAnswers.overdue`: whether it is so for one of them."""
        return any(each.overdue() for each in self._newest_first)


def responders_by_issuer(
    generations: Sequence[GenerationAtWork],
) -> dict[x509.Name, tuple[str, Callable[[], OcspResponder]]]:
    """Who tells the status of whose certificates: id and responder by the issuer's name."""
    return {each.published.certificate.subject: (each.id, each.responder.current) for each in generations}


def renew_responders(generations: Sequence[GenerationAtWork]) -> int:
    """Renew each responder that is due; how many changed."""
    return sum(each.responder.renew() for each in generations)


def next_to_end(generations: Sequence[GenerationAtWork]) -> GenerationAtWork:
    """Whose last CRL is next: the oldest that has not published it, else the newest, which then refuses."""
    return next((each for each in generations if not each.has_ended()), generations[-1])


def publish_all(publishers: Iterable[CrlPublisher]) -> int:
    """Publish each CRL that is due; returns how many were."""
    return sum(publisher.publish_if_due() is not None for publisher in publishers)
