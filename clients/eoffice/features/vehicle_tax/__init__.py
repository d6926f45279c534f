"""Vehicle tax (*pajak kendaraan bermotor*): a receipt for each payment, sealed in bulk by the agency, signed by nobody.

Payments come as feeds, pushed by the payment system or sent from somebody's desk. Receipts are records, not papers: no
one drafts them, and their number is the payment's reference.
"""

from datetime import timedelta

from eoffice.feature import Duty, Feature, Link
from eoffice.features.vehicle_tax.desk import FeedController
from eoffice.features.vehicle_tax.door import DoorController
from eoffice.features.vehicle_tax.model import NAME
from eoffice.features.vehicle_tax.sealing import seal
from eoffice.model import Role
from eoffice.text import Text

FEATURE = Feature(
    name=NAME,
    title=Text("Pajak kendaraan", "Vehicle tax"),
    says=Text("Bukti pelunasan, disegel massal.", "Receipts, sealed in bulk."),
    icon="receipt",
    pages=(FeedController, DoorController),
    links=(
        Link(path=f"/{NAME}", title=Text("Setoran dan bukti", "Payments and receipts")),
        Link(
            path=f"/{NAME}/senders",
            title=Text("Sistem pengirim", "Systems that send"),
            roles=frozenset({Role.LEADER}),
        ),
    ),
    duties=(Duty(name="seal", every=timedelta(0), do=seal, lease=timedelta(minutes=1)),),
)
