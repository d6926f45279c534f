"""A receipt that was refused for good: its row is mended, and it goes to Teken again under the same reference."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from eoffice.compose import Office
from eoffice.errors import NotYours, Outdated, Refused
from eoffice.features.vehicle_tax.model import NAME, RECEIPT, Bundle, Phase, ReceiptState
from eoffice.features.vehicle_tax.payments import Payment, payment_of
from eoffice.model import Person, Record, RecordChange, Role

MOST_MENDS: Final = 20
"""Of one receipt."""
_AT_ONCE: Final = 1_000


def mend(office: Office, person: Person, receipt: Record, sent: Mapping[str, Any], *, version: int) -> Record:
    """The receipt with the payment as it is typed now, waiting for the next turn of its bundle; a form that is sent
    twice mends once. What it said before, why it was refused, and who mended it stay in its record.

    Raises `NotYours`, `Outdated`, `Refused`, which names the column.
    """
    if Role.STAFF not in person.roles or person.agency_id != receipt.agency_id:
        raise NotYours("Hanya petugas instansi ini. · Only staff of this agency does this.", field="role")
    payment = payment_of({**sent, "reference": receipt.data["payment"]["reference"]}, today=office.today())
    if receipt.state != ReceiptState.REFUSED:
        if receipt.version > version and Payment.of_data(receipt.data["payment"]) == payment:
            return receipt
        raise Refused("Bukti ini tidak sedang ditolak. · This receipt is not refused now.", field="receipt")
    mends = receipt.data.get("mends", [])
    if len(mends) >= MOST_MENDS:
        raise Refused(f"Sudah {MOST_MENDS} kali diperbaiki. · Mended {MOST_MENDS} times already.", field="receipt")
    mended = {
        "at": office.now().isoformat(),
        "by": person.id,
        "problem": receipt.data["problem"],
        "payment": receipt.data["payment"],
    }
    data = {**receipt.data, "payment": payment.as_data(), "problem": None, "mends": [*mends, mended]}
    return office.records.change(
        receipt.id, version=version, state=ReceiptState.MENDED.value, data=data, at=office.now()
    )


def begin_again(office: Office) -> None:
    """Bundles that were done with have another turn, for those of their receipts that were mended since: a batch of its
    own, under keys that were never used. One that is still under way has it once it is done with.

    A bundle and its receipts change in one transaction, so that none waits in a bundle that is over.
    """
    of_bundles: dict[str, list[Record]] = {}
    for receipt in office.records.listed(NAME, RECEIPT, state=ReceiptState.MENDED.value, limit=_AT_ONCE):
        of_bundles.setdefault(receipt.data["bundle"], []).append(receipt)
    for bundle_id, mended in of_bundles.items():
        record = office.records.get(bundle_id)
        if record.state != Phase.DONE:
            continue
        bundle = Bundle.of(record)
        turn = bundle.round + 1
        refused = sum(office.records.get(each).state == ReceiptState.REFUSED for each in bundle.receipts)
        anew = replace(bundle, batch=None, round=turn, attempts=0, refused=refused)
        changes = [
            RecordChange(id=each.id, version=each.version, state=ReceiptState.WAITING, data={**each.data, "turn": turn})
            for each in mended
        ]
        again = RecordChange(id=record.id, version=record.version, state=Phase.WAITING, data=anew.as_data())
        try:
            office.records.change_all([again, *changes], at=office.now())
        except Outdated:  # another worker was quicker
            continue


def versions_of(receipt: Record) -> list[Payment]:
    """What the receipt has said, the latest last."""
    return [Payment.of_data(each["payment"]) for each in (*receipt.data.get("mends", []), receipt.data)]
