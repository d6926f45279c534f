"""Reports (*laporan*): due in every period, signed or sealed, and on one list for whoever reads them."""

from datetime import timedelta

from eoffice.feature import Duty, Feature, Link
from eoffice.features.reports.delivery import catch_up, check_all, on_paper
from eoffice.features.reports.desk import ReportsController
from eoffice.features.reports.kinds import KINDS
from eoffice.features.reports.obligations import FEATURE as NAME
from eoffice.features.reports.reminders import remind, waits
from eoffice.model import Role
from eoffice.text import Text

FEATURE = Feature(
    name=NAME,
    title=Text("Laporan", "Reports"),
    says=Text("Berkala, dengan tenggat, dalam satu daftar bagi pembacanya.", "Periodic, with due dates, on one list."),
    icon="report",
    kinds=KINDS,
    pages=(ReportsController,),
    links=(
        Link(path="/reports", title=Text("Laporan masuk", "Reports to you"), roles=frozenset({Role.LEADER})),
        Link(path="/reports/due", title=Text("Tenggat laporan", "What you owe")),
        Link(
            path="/reports/asked", title=Text("Kewajiban lapor", "Who owes what"), roles=frozenset({Role.ADMINISTRATOR})
        ),
    ),
    on_paper=on_paper,
    duties=(
        Duty(name="check", every=timedelta(days=1), do=check_all),
        Duty(name="catch-up", every=timedelta(minutes=10), do=catch_up),
        Duty(name="remind", every=timedelta(hours=1), do=remind),
    ),
    waits=waits,
)
