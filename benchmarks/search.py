"""How fast officials are found: 50,000 of them, in SQLite or PostgreSQL.

    python -m benchmarks.search                   SQLite
    python -m benchmarks.search --postgresql      a server of its own, for the time of the run

Prints the median and the 95th percentile of each kind of search in milliseconds, the page of 50 included.
"""

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, text

from signer.people import OfficialQuery, StatusWord
from store.database import Database, open_database
from store.officials import SqlOfficialStore, cursor_of, folded
from store.people_tables import CredentialCertificateRow, OfficialRow
from store.tables import CredentialRow
from tests.support.postgres import running

OFFICIALS = 50_000
ROUNDS = 40
FIRST = ("I Wayan", "I Made", "Ni Luh", "Ni Made", "I Ketut", "I Nyoman", "Ida Ayu", "Dewa", "Putu", "Kadek")
WORDS = ("Contoh", "Sampel", "Uji", "Misal", "Andai", "Rekaan", "Fiktif", "Khayal", "Umpama", "Teladan", "Peraga")
BODY = {"organisation": "Pemerintah Provinsi Contoh", "organisation_identifier": "NTRID-1", "surname": None}
KEY = {
    "guessed_out": False,
    "failed_attempts": 0,
    "chain": b"x" * 2500,
    "public_key": b"p" * 91,
    "sealed": b"s" * 96,
    "nonce": b"n" * 12,
    "salt": b"t" * 16,
    "argon2_memory_kib": 65536,
    "argon2_passes": 3,
    "argon2_lanes": 1,
    "layer_version": 1,
    "pepper_label": "pepper-1",
    "kek_label": "kek-1",
    "wrap_mechanism": 0x210A,
}


def fill(database: Database, now: datetime) -> None:
    """Invented officials: a tenth revoked, one in a thousand suspended, some expired."""
    luck = random.Random(7)  # noqa: S311 - invented names
    for start in range(0, OFFICIALS, 1000):
        officials, credentials, certificates = [], [], []
        for number in range(start, start + 1000):
            name = f"{luck.choice(FIRST)} {luck.choice(WORDS)} {luck.choice(WORDS)} {number:05}"
            who = {"signatory_id": f"S{number:06}", "unit": f"Dinas {luck.choice(WORDS)} {number % 60}", **BODY}
            state = "revoked" if number % 10 == 0 else "suspended" if number % 1000 == 1 else "active"
            officials.append(
                who
                | {"name": name, "folded_name": folded(name), "folded_unit": folded(who["unit"] or "")}
                | {"folded_organisation": folded(who["organisation"] or ""), "registration_state": "completed"}
                | {"credential_id": f"c{number:06}", "created_at": now}
            )
            credentials.append(
                who
                | KEY
                | {"id": f"c{number:06}", "key_id": f"k{number}", "version": 1, "state": state}
                | {"signatory_name": name, "created_at": now}
            )
            until = now + timedelta(days=luck.randint(-5, 700))
            certificates.append(
                {"serial": number + 1 << 100, "credential_id": f"c{number:06}", "signatory_id": who["signatory_id"]}
                | {"not_after": until}
            )
        with database.transaction() as session:
            session.execute(insert(CredentialRow), credentials)
            session.execute(insert(OfficialRow), officials)
            session.execute(insert(CredentialCertificateRow), certificates)
    with database.transaction() as session:
        session.execute(text("ANALYZE"))


def measure(store: SqlOfficialStore, now: datetime) -> None:
    """One row a kind of search."""
    [*_, last] = store.search(OfficialQuery(name="wayan", limit=50), at=now)
    kinds: dict[str, Callable[[int], OfficialQuery]] = {
        "a common word": lambda _: OfficialQuery(name="contoh"),
        "two words": lambda _: OfficialQuery(name="wayan fiktif"),
        "one person": lambda n: OfficialQuery(name=f"{n * 997 % OFFICIALS:05}"),
        "nobody": lambda n: OfficialQuery(name=f"zzz{n}"),
        "a unit": lambda n: OfficialQuery(unit=f"uji {n % 60}"),
        "unit and name": lambda n: OfficialQuery(unit=f"uji {n % 60}", name="luh"),
        "serial number": lambda n: OfficialQuery(serial=(n * 997 % OFFICIALS) + 1 << 100),
        "the next page": lambda _: OfficialQuery(after=cursor_of(last)),
        **{word.value: lambda _, word=word: OfficialQuery(status=word) for word in StatusWord},
    }
    for kind, query_of in kinds.items():
        taken = []
        for number in range(ROUNDS):
            start = time.perf_counter()
            store.search(query_of(number), at=now)
            taken.append((time.perf_counter() - start) * 1000)
        p95 = sorted(taken)[int(ROUNDS * 0.95)]
        print(f"{kind:26} median {statistics.median(taken):6.1f} ms   p95 {p95:6.1f} ms")


def run(url: str) -> None:
    """Fill an empty database and measure."""
    now = datetime.now(UTC)
    with open_database(url, 2) as database:
        database.upgrade()
        fill(database, now)
        measure(SqlOfficialStore(database), now)


def main() -> None:
    """One database, one table of figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--postgresql", action="store_true", help="a PostgreSQL server of its own instead of SQLite")
    if parser.parse_args().postgresql:
        with running() as server:
            run(server.url(server.create()))
        return
    with tempfile.TemporaryDirectory() as folder:
        run(f"sqlite+pysqlite:///{folder}/search.db")


if __name__ == "__main__":
    main()
