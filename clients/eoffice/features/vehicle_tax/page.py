"""One receipt as a page. The room for the seal is in one place on all of them: a batch has one stamp."""

from datetime import date
from typing import Any, Final

from eoffice import words
from eoffice.compose import Office
from eoffice.features.vehicle_tax.payments import Payment
from eoffice.model import Place, Record
from eoffice.rendering import Printed
from eoffice.rupiah import grouped, in_words

TEMPLATE: Final = "vehicle_tax_receipt.typ"
KIND: Final = "bukti pelunasan pajak"
"""What Teken is told as the kind."""
SUBJECT: Final = "Bukti pelunasan pajak kendaraan bermotor"
"""What the public reads: neither plate nor owner."""
_AMOUNTS: Final = (
    ("principal", "Pokok PKB"),
    ("surcharge", "Opsen PKB"),
    ("insurance", "SWDKLLJ"),
    ("fines", "Denda"),
)
_SHORT: Final = Payment(
    reference="-",
    paid_on=date(2000, 1, 1),
    plate="-",
    owner="-",
    vehicle="-",
    until=date(2000, 1, 1),
    principal=1,
    surcharge=0,
    insurance=0,
    fines=0,
    channel="-",
)
"""A receipt that fits."""


def content_of(payment: Payment) -> dict[str, Any]:
    """What the template prints, beside agency, number and date."""
    return {
        "particulars": [
            ["Nomor polisi", payment.plate],
            ["Pemilik", payment.owner],
            ["Kendaraan", payment.vehicle],
        ],
        "amounts": [[title, grouped(getattr(payment, name))] for name, title in _AMOUNTS if getattr(payment, name)],
        "total": grouped(payment.total),
        "words": in_words(payment.total),
        "paid": words.on_day(payment.paid_on),
        "channel": payment.channel,
        "until": words.on_day(payment.until),
    }


def drawn(office: Office, receipt: Record) -> Printed:
    """Its page. Raises `Refused` where it cannot be drawn."""
    return _drawn(office, receipt.agency_id, Payment.of_data(receipt.data["payment"]))


def place_of_the_seal(office: Office, agency_id: str) -> Place:
    """Where it goes on every receipt of this agency that fits on its page."""
    return _drawn(office, agency_id, _SHORT).places[0]


def _drawn(office: Office, agency_id: str, payment: Payment) -> Printed:
    return office.service.draw(
        TEMPLATE,
        content_of(payment),
        agency_id=agency_id,
        subject=SUBJECT,
        number=payment.reference,
        dated=payment.paid_on,
    )
