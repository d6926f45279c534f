"""What a visible signature costs beside an invisible one, in process, in one run.

    python -m benchmarks.stamp --rounds 15

The same letter is signed at B-B with the same software key: without a stamp, with each of the house's templates, over
a tag, and with a footer. Counted is processor time; kinds are alternated, so that a noisy machine disturbs all alike.
The pages are read for the tag in this process here, in the service by one of the verifier's.
"""

import argparse
import statistics
import time

from signer.model import SignatureLevel, SignedAs, SignRequest, StampPlacement
from tests.support.letters import letter
from tests.support.signing import Desk, request
from tests.support.tagged_letters import PagesHere

SIGNED_AS = SignedAs(office="SEKRETARIS DAERAH", on_behalf="a.n. GUBERNUR CONTOH", rank="Pembina Utama (IV/e)")


def kinds() -> dict[str, SignRequest]:
    """Requests by name."""

    def asked(stamp: StampPlacement | None, footer: str | None = None) -> SignRequest:
        return request(document=letter(), stamp=stamp, footer=footer, signed_as=SIGNED_AS, level=SignatureLevel.B_B)

    return {
        "invisible": asked(None),
        "official": asked(StampPlacement()),
        "surat": asked(StampPlacement(template="surat")),
        "over a tag": asked(StampPlacement(tag="Dengan hormat")),
        "footer": asked(None, "footer"),
        "official, footer": asked(StampPlacement(), "footer"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15, help="measurements of each kind (default: 15)")
    rounds = parser.parse_args().rounds
    desk = Desk(texts=PagesHere())
    spent: dict[str, list[float]] = {name: [] for name in kinds()}
    for turn in range(rounds + 1):
        for name, wanted in kinds().items():
            start = time.process_time_ns()
            desk.service.sign(wanted)
            if turn:  # fonts, caches and imports are warm in a service
                spent[name].append((time.process_time_ns() - start) / 1e6)
    least = statistics.median(spent["invisible"])
    print(f"{'kind':<20}{'CPU ms':>8}{'more':>8}")
    for name, times in spent.items():
        print(f"{name:<20}{statistics.median(times):>8.2f}{statistics.median(times) - least:>8.2f}")


if __name__ == "__main__":
    main()
