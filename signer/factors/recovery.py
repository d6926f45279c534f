"""When a device is lost, or there never was one: ten codes on paper, or the registration office with a second person.

A code logs in and, with the passphrase, changes factors; it signs nothing. Each is good once.
"""

import base64
from collections.abc import Callable
from datetime import datetime
from typing import Final

from signer.approvals import ApprovalService
from signer.errors import FactorRefused, NotPermitted
from signer.factors.checking import recovery_hash
from signer.factors.links import FactorLinks
from signer.factors.model import FactorKind, Held
from signer.factors.ports import FactorStore
from signer.model import Secret
from signer.people import Approval, ApprovalKind, Role, StaffMember

CODES: Final = 10
_CODE_BYTES: Final = 15  # 120 bits: a plain hash of it cannot be guessed back
_GROUP: Final = 4


def new_codes(random_bytes: Callable[[int], bytes]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Ten codes for paper, and how the store knows them."""
    texts = [base64.b32encode(random_bytes(_CODE_BYTES)).decode() for _ in range(CODES)]
    codes = tuple("-".join(text[start : start + _GROUP] for start in range(0, len(text), _GROUP)) for text in texts)
    return codes, tuple(recovery_hash(Secret(code)) for code in codes)


class FactorOffice:
    """What the registration office does about somebody's factors. `now` gives aware UTC."""

    def __init__(
        self,
        *,
        store: FactorStore,
        links: FactorLinks,
        approvals: ApprovalService,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._links = links
        self._approvals = approvals
        self._now = now

    def held(self, signatory_id: str) -> Held:
        """Everything that this person has."""
        return self._store.held(signatory_id)

    def unlock(self, signatory_id: str, actor: StaffMember) -> None:
        """Every locked kind of this person is good again; the office has seen them. Raises `NotPermitted`."""
        _require_registrar(actor)
        for kind in FactorKind:
            self._store.unlock(signatory_id, kind, actor=actor.id, at=self._now())

    def propose_reset(self, signatory_id: str, summary: str, actor: StaffMember) -> Approval:
        """Ask a second person. Raises `NotPermitted`."""
        return self._approvals.propose(ApprovalKind.FACTOR_RESET, _object(signatory_id), summary, actor)

    def reset(self, signatory_id: str, approval_id: str, actor: StaffMember) -> str:
        """Every second factor of this person goes, and the one-time link for new ones is made; with it the passphrase
        is asked. Raises `ApprovalRefused` unless exactly that was approved."""
        _require_registrar(actor)
        self._approvals.use(approval_id, ApprovalKind.FACTOR_RESET, _object(signatory_id), actor)
        self._store.reset(signatory_id, actor=actor.id, at=self._now())
        return self._links.invite(signatory_id, actor=actor.id)

    def propose_first(self, signatory_id: str, summary: str, actor: StaffMember) -> Approval:
        """Ask a second person whether somebody without any second factor gets a first one. Raises `FactorRefused`
        where there is one, `NotPermitted`."""
        self._require_none(signatory_id)
        return self._approvals.propose(ApprovalKind.FACTOR_RESET, _first(signatory_id), summary, actor)

    def first(self, signatory_id: str, approval_id: str, actor: StaffMember) -> str:
        """The one-time link for a first factor; with it the passphrase is asked. Takes nothing away: raises
        `FactorRefused` where there is a factor meanwhile, and `ApprovalRefused` unless exactly that was approved."""
        _require_registrar(actor)
        self._require_none(signatory_id)
        self._approvals.use(approval_id, ApprovalKind.FACTOR_RESET, _first(signatory_id), actor)
        return self._links.invite(signatory_id, actor=actor.id)

    def _require_none(self, signatory_id: str) -> None:
        if self._store.held(signatory_id).second:
            raise FactorRefused(
                "This official has a second factor. Only a reset ends it.", field="factors", reason="has-one"
            )


def _object(signatory_id: str) -> str:
    return f"factors:{signatory_id}"


def _first(signatory_id: str) -> str:
    return f"first-factor:{signatory_id}"


def _require_registrar(actor: StaffMember) -> None:
    if not actor.active or actor.role is not Role.REGISTRAR:
        raise NotPermitted("Only a registrar does this.", field="factors", reason="role")
