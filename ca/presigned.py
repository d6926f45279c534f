"""OCSP answers signed before they are asked for (RFC 5019, 2.2).

Two for each certificate, one a CertID hash. They are replaced when its status changes, when half of their life is over,
and made where they are missing: at the first question, or by the job. *Unknown* is never kept, so nobody ever reads it
about a certificate that was issued meanwhile.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from ca.model import KeptAnswer, StatusPeriods
from ca.ocsp import OcspAnswer, OcspResponder
from ca.ports import OcspAnswerStore

_log = logging.getLogger(__name__)

_LOOK_EVERY: Final = timedelta(minutes=1)


class PresignedAnswers:
    """The responder's door: what is kept where the question is plain, the live responder for everything else."""

    def __init__(
        self,
        *,
        issuer_id: str,
        responder: Callable[[], OcspResponder],
        store: OcspAnswerStore,
        periods: StatusPeriods,
        now: Callable[[], datetime],
    ) -> None:
        """`responder` gives the one in use at that moment."""
        self._issuer_id = issuer_id
        self._responder = responder
        self._store = store
        self._periods = periods
        self._now = now
        self._overdue: tuple[datetime, bool] | None = None

    def respond(self, request_der: bytes, /) -> OcspAnswer:
        """The answer to an OCSPRequest (DER); cacheable exactly where it is a kept one. Never raises."""
        responder = self._responder()
        plain = responder.asked_plainly(request_der)
        if plain is not None:
            try:
                if (kept := self._kept(*plain)) is not None:
                    return OcspAnswer(
                        der=kept.der, cacheable=True, this_update=kept.this_update, next_update=kept.next_update
                    )
            except Exception:
                _log.exception("OCSP: no kept answer can be given, the responder is asked")
        return OcspAnswer(der=responder.respond(request_der).der, cacheable=False)

    def is_asked(self, request_der: bytes) -> bool:
        """Whether the question is about certificates of this issuer."""
        return self._responder().is_asked(request_der)

    def renew(self, issuer_id: str, serial: int) -> None:
        """Sign the answers on one certificate anew and keep them; nothing for another issuer's, or without status.

        Raises `CaUnavailable` or what log and store raise; a question is then answered live.
        """
        if issuer_id == self._issuer_id:
            self._store.keep(self._responder().presigned(serial))

    def renew_due(self, limit: int) -> int:
        """Sign anew, for at most `limit` certificates, what is missing or has half of its life behind it; how many.

        Raises as `renew`.
        """
        at = self._now()
        due = self._store.due(issuer_id=self._issuer_id, before=at - self._periods.ocsp_valid / 2, at=at, limit=limit)
        responder = self._responder()
        self._store.keep([answer for serial in due for answer in responder.presigned(serial)])
        return len(due)

    def overdue(self) -> bool:
        """Whether an answer is missing or has three quarters of its life behind it: the job does not keep up.

        Looked up at most once a minute, because the look goes over every certificate.
        """
        at = self._now()
        if self._overdue is None or abs(at - self._overdue[0]) >= _LOOK_EVERY:
            before = at - self._periods.ocsp_valid * 0.75
            self._overdue = at, bool(self._store.due(issuer_id=self._issuer_id, before=before, at=at, limit=1))
        return self._overdue[1]

    def _kept(self, serial: int, hash_name: str) -> KeptAnswer | None:
        """The answer in the store, made where it is missing or over; `None` where there is no status."""
        kept = self._store.find(issuer_id=self._issuer_id, serial=serial, hash_name=hash_name)
        if kept is not None and self._now() < kept.next_update:
            return kept
        made = self._responder().presigned(serial)
        if self._store.keep(made) != len(made):
            return None  # the status changed in this moment: the live answer knows
        return next((each.answer for each in made if each.hash_name == hash_name), None)
