"""What must never be shown, and what secrecy hides."""

import pytest

from api.faces.public.privacy import disclosure
from api.pages.scrub import BLANK, LONGEST, scrub
from signer.model import Secrecy
from tests.unit.api.faces.public.examples import record

NIK = "51710112" + "34567890"
NIP = "19870101" + "201001" + "1" + "002"


@pytest.mark.parametrize(
    "number",
    [
        NIK,
        NIP,
        f"{NIP[:8]} {NIP[8:14]} {NIP[14]} {NIP[15:]}",
        ".".join((NIK[:4], NIK[4:8], NIK[8:12], NIK[12:])),
        "\u00a0".join((NIP[:8], NIP[8:14], NIP[14:])),
        "\u200b".join(NIK),
        "-".join((NIK[:6], NIK[6:12], NIK[12:])),
        "".join(chr(0xFF10 + int(digit)) for digit in NIK),
    ],
    ids=[
        "nik",
        "nip",
        "nip-spaced",
        "nik-dotted",
        "nip-hard-spaces",
        "nik-zero-width",
        "nik-hyphens",
        "nik-full-width",
    ],
)
def test_numbers_of_persons_are_blanked_however_they_are_grouped(number: str) -> None:
    assert scrub(f"NIP {number}, Denpasar") == f"NIP {BLANK}, Denpasar"


@pytest.mark.parametrize(
    "harmless",
    ["000.1.2/123/CONTOH/2026", "21 November 2026 10.15.00 WITA", "Rp 1.250.000.000", "Ni Luh Contoh, S.Kom."],
)
def test_letter_numbers_times_and_names_stay(harmless: str) -> None:
    assert scrub(harmless) == harmless


def test_an_e_mail_address_is_blanked() -> None:
    assert scrub("hubungi staf.contoh@dinas.contoh.go.id segera") == f"hubungi {BLANK} segera"


def test_characters_that_turn_the_reading_direction_vanish() -> None:
    assert "\u202e" not in scrub("Ni Luh\u202ehalas\u202c")


def test_an_endless_text_is_cut() -> None:
    assert len(scrub("a" * (LONGEST + 500))) == LONGEST + 1


@pytest.mark.parametrize(
    ("secrecy", "agency", "signer", "letter", "pages"),
    [
        (Secrecy.BIASA, True, True, True, True),
        (Secrecy.TERBATAS, True, True, False, False),
        (Secrecy.RAHASIA, True, False, False, False),
        (Secrecy.SANGAT_RAHASIA, False, False, False, False),
    ],
)
def test_each_secrecy_shows_what_the_table_says(
    secrecy: Secrecy, agency: bool, signer: bool, letter: bool, pages: bool
) -> None:
    shown = disclosure(record(secrecy))
    assert (shown.agency, shown.signer, shown.letter, shown.pages) == (agency, signer, letter, pages)


def test_a_client_may_forbid_the_preview_of_an_ordinary_letter() -> None:
    assert not disclosure(record(preview=False)).pages


def test_wishing_for_a_preview_does_not_open_a_secret_letter() -> None:
    assert not disclosure(record(Secrecy.RAHASIA, preview=True)).pages
