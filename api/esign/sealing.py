"""Sealing for an application: a code used up, then every document sealed once, however often the call is repeated."""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Protocol

from api.esign.sign_once import PATIENCE
from signer.api_credentials import ApiCredential
from signer.document import Document
from signer.errors import ActivationRefused
from signer.gateway import Answered, GatewayCalls, Signed, likeness_of
from signer.model import OpenKey, Secret, SigningTask
from signer.opening import usable_credential
from signer.ports import CredentialStore
from signer.seal_codes import MadeCode, SealAsker, SealCodes, SealUse
from signer.seals import SealService
from store.audit import Origin, acting

_CONTEXT: Final = b"teken/gateway/seal/1"


class SignOpened(Protocol):
    """`signer.service.SigningService.sign_opened`."""

    def __call__(self, task: SigningTask, key: OpenKey, redeem: Callable[[str], None], /) -> Signed: ...


class GatewaySeals:
    """What an application asks of a seal. Every audit entry names it. `now` gives aware UTC."""

    def __init__(
        self,
        codes: SealCodes,
        *,
        calls: GatewayCalls,
        seals: SealService,
        credentials: CredentialStore,
        sign: SignOpened,
        count: Callable[[str, str, int], None],
        within: timedelta,
        now: Callable[[], datetime],
    ) -> None:
        """`count` counts so many signings of client and credential in their quotas; `within`: how long a call is the
        same as one before it."""
        self._codes = codes
        self._calls = calls
        self._seals = seals
        self._credentials = credentials
        self._sign = sign
        self._count = count
        self._within = within
        self._now = now
        self.credential_of = codes.credential_of
        """The credential of today of a seal by its id; raises `CredentialUnknown`."""

    def activate(self, who: ApiCredential, address: str, subscriber: str) -> None:
        """As `SealCodes.activate`."""
        with _as(who):
            self._codes.activate(self._asker(who, address, subscriber))

    def refresh(self, who: ApiCredential, address: str, subscriber: str, code: Secret) -> MadeCode:
        """As `SealCodes.refresh`."""
        with _as(who):
            return self._codes.refresh(self._asker(who, address, subscriber), code)

    def revoke(self, who: ApiCredential, subscriber: str, code: Secret) -> None:
        """As `SealCodes.revoke`."""
        with _as(who):
            self._codes.revoke(who.user_name, self.credential_of(subscriber), code)

    def sealing_code(self, who: ApiCredential, address: str, subscriber: str, code: Secret, files: int) -> MadeCode:
        """As `SealCodes.sealing_code`."""
        with _as(who):
            return self._codes.sealing_code(self._asker(who, address, subscriber), code, files)

    def seal(self, who: ApiCredential, address: str, tasks: Sequence[SigningTask], code: Secret) -> list[Answered]:
        """Every one of `tasks`, which are of one seal and were examined already, in order.

        1. The code is used up and the files are counted, or this is the same call again.
                                                    else CodeRefused, ActivationRefused, CredentialUnusable
        2. The key is opened; each document is sealed once.
        """
        credential_id = tasks[0].credential_id
        likenesses = [
            likeness_of(who.user_name, credential_id, task, key=str(place)) for place, task in enumerate(tasks)
        ]
        use = SealUse(
            user_name=who.user_name,
            client_id=who.client_id,
            credential_id=credential_id,
            address=address,
            files=len(tasks),
            call=hashlib.sha256(b"\n".join((_CONTEXT, *map(str.encode, likenesses)))).hexdigest(),
            repeated_since=self._now() - self._within,
        )
        self._count(who.client_id, credential_id, len(tasks))  # a full quota costs nobody a code
        with _as(who):
            code_id = self._codes.redeem(use, code)  # 1
            credential = usable_credential(self._credentials, credential_id, at=self._now())
            key = OpenKey(credential=credential, key=self._seals.open(credential))  # 2
            return [
                self._sealed(who, task, f"{code_id}:{likeness}", key)
                for task, likeness in zip(tasks, likenesses, strict=True)
            ]

    def _asker(self, who: ApiCredential, address: str, subscriber: str) -> SealAsker:
        return SealAsker(
            user_name=who.user_name,
            client_id=who.client_id,
            credential_id=self.credential_of(subscriber),
            address=address,
        )

    def _sealed(self, who: ApiCredential, task: SigningTask, name: str, key: OpenKey) -> Answered:
        return self._calls.carry_out(
            who.user_name,
            hashlib.sha256(name.encode()).hexdigest(),
            within=self._within,
            patience=PATIENCE,
            sign=lambda request_key: self._sign(
                replace(task, request_key=request_key), key, partial(_require_same, Document.of(task.document).sha256)
            ),
            prove=lambda: None,  # the code was proven before
        )


def _require_same(redeemed: str, digest: str) -> None:
    """The code was used up for exactly these documents."""
    if digest != redeemed:
        raise ActivationRefused("Another document than the code was used for.", field="file", reason="other-digest")


def _as(who: ApiCredential) -> AbstractContextManager[None]:
    return acting(Origin(actor=who.client_id, role="client"))
