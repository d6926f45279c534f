"""What features of the demonstration keep beside papers: who owes reports, vouchers, a draft regulation, payments."""

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from io import StringIO
from typing import Final

import typst

from eoffice.compose import Office
from eoffice.features.accountability import bundles
from eoffice.features.accountability.vouchers import Voucher
from eoffice.features.attendance.book import Book
from eoffice.features.attendance.places import Places
from eoffice.features.attendance.rules import Place
from eoffice.features.legal_products import drafts
from eoffice.features.licensing.model import PERMIT
from eoffice.features.licensing.services import offer
from eoffice.features.reports import obligations
from eoffice.features.vehicle_tax.intake import how_far, take_in
from eoffice.features.vehicle_tax.payments import COLUMNS
from eoffice.features.vehicle_tax.sealing import seal
from eoffice.model import Paper, Record

_OWED: Final = (
    ("bapenda", "laporan pendapatan", "month", 10),
    ("bapenda", "laporan harian penerimaan", "day", 1),
    ("inspektorat", "laporan hasil pemeriksaan", "month", 15),
    ("pbj", "laporan kemajuan pengadaan", "month", 10),
)
_VOUCHERS: Final = (
    ("Sewa ruang pelatihan", "Balai Pelatihan Contoh", 4_500_000),
    ("Konsumsi 40 peserta", "Katering Umpama", 2_800_000),
    ("Penggandaan bahan", "Toko Misal", 640_000),
)
_DRAFT: Final = """
#set document(title: "Rancangan peraturan bupati")
#set page("a4", margin: 2.5cm)
#set text(lang: "id")
#align(center)[*RANCANGAN PERATURAN BUPATI UMPAMA \\ TENTANG \\ PENGELOLAAN SAMPAH DESA*]

Pasal 1. Dalam peraturan ini yang dimaksud dengan sampah adalah sisa kegiatan sehari-hari.

Pasal 2. Setiap desa menyediakan tempat pemilahan.
"""
HALL: Final = (-8.3405, 115.0920)
"""Latitude and longitude of an office that is none: a lake lies there."""
PAYMENTS: Final = 24
_PATIENCE: Final = 200
"""Turns of the duty that seals receipts."""


def ask_for_reports(office: Office) -> None:
    """What each agency owes to the regional secretary, from last month on."""
    at, today = office.now(), office.today()
    since = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    for agency, kind, every, days in _OWED:
        first = today if every == "day" else since
        asked = {"reader": "setda", "agency": agency, "kind": kind, "every": every}
        sent = {**asked, "days": str(days), "since": first.isoformat()}
        office.records.add_once(
            Record(
                id=office.new_id(),
                feature=obligations.FEATURE,
                kind=obligations.OBLIGATION,
                key=f"setda:{agency}:{kind}",
                agency_id="setda",
                owner_id="wayan",
                state=obligations.ASKED,
                data=obligations.read_obligation(
                    {name: [value] for name, value in sent.items()}, office.service.directory()
                ),
                created_at=at,
                changed_at=at,
            )
        )


def places(office: Office) -> None:
    """Where people of the secretariat are present."""
    office_hall = Place(name="Kantor Contoh", latitude=HALL[0], longitude=HALL[1], radius=150)
    Places(Book(office)).add(office.people.people()["wayan"], "setda", office_hall)


def offer_permits(office: Office) -> None:
    """What citizens may apply for."""
    needs = "Identitas pemohon dan denah lokasi"
    said = {"title": "Pemakaian ruang publik", "needs": needs, "kind": PERMIT, "months": "12"}
    offer(office, office.people.people()["kadis-dpmptsp"], said)


def spending(office: Office) -> Iterator[Paper]:
    """One file of vouchers, sent to its three signers."""
    person, day = office.people.people()["gede"], office.today()
    about = {"activity": ["Pelatihan operator layanan"], "account": ["5.1.02.02.01"], "year": [str(day.year)]}
    bundle = bundles.begin(office, person, about)
    for purpose, payee, amount in _VOUCHERS:
        bundles.add(office, person, bundle.id, Voucher(day=day, purpose=purpose, payee=payee, amount=amount), b"")
    signers = {"treasurer": ["bendahara"], "officer": ["pptk"], "budget_user": ["kadis-kominfo"]}
    yield bundles.send(office, person, bundle.id, signers)


def regulation(office: Office) -> Iterator[Paper]:
    """A regency's draft, reviewed: the result sheet and the letter, released one after the other."""
    people = office.people.people()
    about = {"bureau": ["hukum"], "product": ["ranperkada"], "title": ["Pengelolaan sampah desa"]}
    file = ("ranperbup-sampah.pdf", typst.compile(_DRAFT.encode(), format="pdf"))
    draft = drafts.hand_in(office, people["kabag-kab"], about, file)
    said = {"partner": ["kabag-kab"], "signatory": ["karo-hukum"], "opinion": ["changes"]}
    drafts.facilitate(office, people["dewi"], draft.id, said)
    for paper in drafts.parts_of(office, draft).values():
        yield office.service.release(people["dewi"], paper.id, version=paper.version)


def receipts(office: Office) -> None:
    """Payments of a morning, and their receipts under the agency's seal."""
    feed = take_in(office, payments_of(office.today()), agency_id="bapenda", owner_id="sinta")
    for _ in range(_PATIENCE):
        seal(office)
        if how_far(office, feed).waiting == 0:
            return
        office.wake.wait(0.5)
        office.wake.clear()


def payments_of(day: date) -> bytes:
    """A feed, as the payment system sends it."""
    out = StringIO()
    rows = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    rows.writeheader()
    for number in range(1, PAYMENTS + 1):
        rows.writerow(
            {
                "reference": f"CONTOH-{number:04}",
                "paid_on": day.isoformat(),
                "plate": f"DK {1000 + number} XX",
                "owner": f"Wajib Pajak Contoh {number}",
                "vehicle": "Sepeda motor contoh 125",
                "until": day.replace(year=day.year + 1, day=min(day.day, 28)).isoformat(),
                "principal": 240_000 + number * 1_000,
                "surcharge": 158_000,
                "insurance": 35_000,
                "fines": 0,
                "channel": "Layanan keliling",
            }
        )
    return out.getvalue().encode()
