"""A feed comes in: read, compared with what is known, and kept with its receipts in one transaction."""

from dataclasses import asdict
from datetime import datetime

from eoffice.compose import Office
from eoffice.errors import Refused
from eoffice.features.vehicle_tax.mending import versions_of
from eoffice.features.vehicle_tax.model import (
    BUNDLE,
    FEED,
    IN_A_BUNDLE,
    NAME,
    RECEIPT,
    Bundle,
    Phase,
    Progress,
    ReceiptState,
    bundle_id,
    feed_id,
    progress_of,
    receipt_id,
    receipt_key,
)
from eoffice.features.vehicle_tax.payments import Payment, Wrong, read_feed
from eoffice.model import Record

TAKEN = "taken"
"""The only state of a feed: how far it is, its bundles say."""


def take_in(office: Office, content: bytes, *, agency_id: str, owner_id: str | None) -> Record:
    """Keep a feed; the same file again is the same feed. Its record tells `rows`, `new`, `known` and `wrong`.

    A payment whose receipt is there already is passed over; one that says something else under the same reference is
    wrong, and the receipt stays as it is. Raises `Refused` for a file that cannot be read and an agency without a seal.
    """
    at = office.now()
    feed = feed_id(agency_id, content)
    taken = office.records.by_key(NAME, FEED, feed)
    if taken is not None:
        return taken
    if office.service.directory().agencies[agency_id].seal is None:
        raise Refused("Instansi ini belum mempunyai segel. · This agency has no seal.", field="agency")
    read = read_feed(content, today=office.today())
    fresh, known, contradicting = _compared(office, agency_id, read.payments)
    wrong = [*read.wrong, *(_contradiction(read.rows[each.reference], kept) for each, kept in contradicting)]
    said = {
        "rows": len(read.payments) + len(read.wrong),
        "new": len(fresh),
        "known": known,
        "wrong": [asdict(each) for each in sorted(wrong, key=lambda each: each.row)],
        "bundles": -(-len(fresh) // IN_A_BUNDLE),
    }
    first = Record(
        id=feed,
        feature=NAME,
        kind=FEED,
        key=feed,
        agency_id=agency_id,
        owner_id=owner_id,
        state=TAKEN,
        data=said,
        day=office.today(),
        created_at=at,
        changed_at=at,
    )
    office.records.add_many([first, *_bundled(feed, agency_id, fresh, at)])
    return office.records.get(feed)


def bundles_of(office: Office, feed: Record) -> dict[str, Bundle]:
    """The bundles of a feed, by id, in order."""
    ids = [bundle_id(feed.id, number) for number in range(feed.data["bundles"])]
    return {each: Bundle.of(office.records.get(each)) for each in ids}


def how_far(office: Office, feed: Record) -> Progress:
    """How many of its receipts are sealed, wait, or were refused."""
    return progress_of(bundles_of(office, feed))


def _compared(
    office: Office, agency_id: str, payments: tuple[Payment, ...]
) -> tuple[list[Payment], int, list[tuple[Payment, Record]]]:
    """What is new, how many are known, and those that say what the receipt of their reference never said."""
    fresh: list[Payment] = []
    contradicting: list[tuple[Payment, Record]] = []
    for payment in payments:
        receipt = office.records.by_key(NAME, RECEIPT, receipt_key(agency_id, payment.reference))
        if receipt is None:
            fresh.append(payment)
        elif payment not in versions_of(receipt):
            contradicting.append((payment, receipt))
    return fresh, len(payments) - len(fresh) - len(contradicting), contradicting


def _contradiction(row: int, receipt: Record) -> Wrong:
    refused = receipt.state == ReceiptState.REFUSED
    reason = (
        "Bukti nomor ini ditolak; perbaiki di halaman bukti itu. · The receipt of this reference was refused; mend it "
        "on its own page."
        if refused
        else "Nomor ini sudah berbukti dengan isi lain; cabut bukti itu dahulu. · This reference has a receipt that "
        "says something else."
    )
    return Wrong(row=row, field="reference", reason=reason)


def _bundled(feed: str, agency_id: str, payments: list[Payment], at: datetime) -> list[Record]:
    """The receipts, and the bundles in which they go to Teken: each names its bundle, and is sealed in no other."""
    made: list[Record] = []
    for number in range(-(-len(payments) // IN_A_BUNDLE)):
        portion = payments[number * IN_A_BUNDLE : (number + 1) * IN_A_BUNDLE]
        bundle = bundle_id(feed, number)
        receipts = [_receipt(each, bundle, agency_id, at) for each in portion]
        data = Bundle(feed=feed, receipts=tuple(each.id for each in receipts)).as_data()
        made.append(
            Record(
                id=bundle,
                feature=NAME,
                kind=BUNDLE,
                key=bundle,
                agency_id=agency_id,
                state=Phase.WAITING.value,
                data=data,
                created_at=at,
                changed_at=at,
            )
        )
        made.extend(receipts)
    return made


def _receipt(payment: Payment, bundle: str, agency_id: str, at: datetime) -> Record:
    return Record(
        id=receipt_id(agency_id, payment.reference),
        feature=NAME,
        kind=RECEIPT,
        key=receipt_key(agency_id, payment.reference),
        agency_id=agency_id,
        state=ReceiptState.WAITING.value,
        data={"payment": payment.as_data(), "bundle": bundle, "problem": None, "code": None, "sha256": None},
        day=payment.paid_on,
        created_at=at,
        changed_at=at,
    )
