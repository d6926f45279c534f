"""Spending accountability (*surat pertanggungjawaban*, SPJ): vouchers, three signatures in order, one print."""

from eoffice.feature import Feature, Link
from eoffice.features.accountability.bundles import FEATURE as NAME
from eoffice.features.accountability.bundles import on_paper
from eoffice.features.accountability.desk import BundlesController
from eoffice.features.accountability.kinds import KIND
from eoffice.text import Text

FEATURE = Feature(
    name=NAME,
    title=Text("SPJ", "Spending accountability"),
    says=Text(
        "Bukti dikumpulkan, ditandatangani berurutan, dicetak sekali.", "Vouchers, signed in order, printed once."
    ),
    icon="receipt",
    kinds=(KIND,),
    pages=(BundlesController,),
    links=(Link(path="/accountability", title=Text("Kumpulan bukti", "Vouchers")),),
    on_paper=on_paper,
)
