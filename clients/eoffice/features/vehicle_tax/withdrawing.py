"""A payment that was taken back: its receipt is withdrawn, and its public page says so from then on."""

import teken
from teken.types import WithdrawalReason

from eoffice.compose import Office
from eoffice.errors import NotYours, Refused
from eoffice.features.vehicle_tax.model import NAME, RECEIPT, ReceiptState
from eoffice.model import Person, Record, Role
from eoffice.refusals import said

_LATER = (teken.Unavailable, teken.RateLimited, teken.Unauthorised, teken.AnswerUnreadable)


def ask_to_withdraw(office: Office, person: Person, receipt: Record, *, note: str, version: int) -> Record:
    """Mark it; Teken is told as soon as it answers. Raises `NotYours`, `Outdated`, `Refused`."""
    if Role.LEADER not in person.roles or person.agency_id != receipt.agency_id:
        raise NotYours("Hanya pimpinan instansi ini. · A leader of this agency does this.", field="role")
    if receipt.state != ReceiptState.SEALED:
        raise Refused("Bukti ini tidak sedang berlaku. · This receipt is not in force.", field="receipt")
    data = {**receipt.data, "note": note, "withdrawn_by": person.id, "problem": None}
    state = ReceiptState.WITHDRAWING.value
    return office.records.change(receipt.id, version=version, state=state, data=data, at=office.now())


def withdraw_all(office: Office) -> None:
    """What was marked, under keys that let it happen once. Raises what `teken` raises while it is away; what it
    refuses stands as before, with the reason."""
    for receipt in office.records.listed(NAME, RECEIPT, state=ReceiptState.WITHDRAWING.value, limit=100):
        state, data = ReceiptState.WITHDRAWN, dict(receipt.data)
        try:
            key = f"{receipt.id}-withdraw"
            office.teken.letters.withdraw(data["code"], WithdrawalReason.CANCELLED, data["note"], key=key)
        except teken.Refused as error:
            if isinstance(error, _LATER):
                raise
            state, data["problem"] = ReceiptState.SEALED, said(error)
        office.records.change(receipt.id, version=receipt.version, state=state.value, data=data, at=office.now())
