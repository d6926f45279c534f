"""One signing call of the gateway, carried out once however often it is repeated."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final, Protocol

from signer.gateway import Answered, GatewayCalls, Signed, likeness_of
from signer.model import Secret, SigningTask, SignRequest, TagPlace

PATIENCE: Final = timedelta(seconds=6)
"""How long a repeated call waits for the first one."""


class Prove(Protocol):
    """Checks a signer's passphrase, counted as everywhere; raises as signing would."""

    def __call__(self, client_id: str, credential_id: str, passphrase: Secret, /) -> object: ...


class SignOnce:
    """Safe in several threads."""

    def __init__(
        self,
        calls: GatewayCalls,
        *,
        prove: Prove,
        placed: Callable[[SigningTask], TagPlace | None],
        within: timedelta,
        under_key: timedelta,
    ) -> None:
        """`placed`: where a task's tag is; `within`: how long a call is the same as one before it; `under_key`: as long
        as that under an `Idempotency-Key`."""
        self._calls = calls
        self._prove = prove
        self._placed = placed
        self._within = within
        self._under_key = under_key

    def __call__(
        self,
        user_name: str,
        wanted: SignRequest,
        key: str | None,
        sign: Callable[[SignRequest], Signed],
        *,
        place: int = 0,
    ) -> Answered:
        """What `sign` makes of `wanted`, or the first answer again, told only to who knows the passphrase. `place`: in
        its call; two equal files of one call are two documents."""
        return self._calls.carry_out(
            user_name,
            likeness_of(user_name, wanted.credential_id, wanted, key=f"{key or ''}#{place}" if place else key),
            within=self._within if key is None else self._under_key,
            patience=PATIENCE,
            sign=lambda request_key: sign(replace(wanted, request_key=request_key)),
            prove=lambda: self._prove(wanted.client_id, wanted.credential_id, wanted.passphrase),
            placed=lambda: self._placed(wanted),
        )
