"""Kinds that stay outside: whatever way they are written, and before anything is tried or counted."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from signer.errors import KindRefused, Unavailable
from signer.kinds import KindDefault, KindListUnusable, KindRules, list_from_toml, load_lists
from signer.model import LetterMetadata, Secret, SignatureLevel
from tests.support.signing import CREDENTIAL, SIGNATORY, Desk, request

LISTS = load_lists()
GOOD = b"""
name = "contoh"
version = 3
author = "Kantor Contoh"
date = 2026-01-31
says = "Contoh."
kinds = [{name = "nota rahasia"}]
"""


@dataclass
class Decided:
    """`KindAssignments` in memory."""

    lists: dict[str, frozenset[str]] = field(default_factory=dict)
    defaults: dict[str, KindDefault] = field(default_factory=dict)

    def lists_of(self, client_id: str) -> frozenset[str] | None:
        return self.lists.get(client_id)

    def default_of(self, signatory_id: str) -> KindDefault:
        return self.defaults.get(signatory_id, KindDefault())


def refusal(kind: str | None, decided: Decided | None = None, *, client: str = "e-office") -> KindRefused | None:
    try:
        KindRules(LISTS, decided or Decided()).require_allowed(kind, client_id=client, signatory_id="official")
    except KindRefused as refused:
        return refused
    return None


@pytest.mark.parametrize(
    ("written", "kind", "name"),
    [
        ("surat keputusan", "surat keputusan", "dikecualikan-2021"),
        ("SURAT  KEPUTUSAN", "surat keputusan", "dikecualikan-2021"),
        ("surat-keputusan", "surat keputusan", "dikecualikan-2021"),
        ("Surat_Keputusan.", "surat keputusan", "dikecualikan-2021"),
        ("SuratKeputusan", "surat keputusan", "dikecualikan-2021"),
        ("SK", "surat keputusan", "dikecualikan-2021"),
        ("S.K.", "surat keputusan", "dikecualikan-2021"),
        ("ＳＫ", "surat keputusan", "dikecualikan-2021"),
        ("S\u200bK", "surat keputusan", "dikecualikan-2021"),
        ("SK Kepala Dinas Contoh", "surat keputusan", "dikecualikan-2021"),
        ("Keputusan Gubernur", "surat keputusan", "dikecualikan-2021"),
        ("Pergub", "peraturan gubernur", "dikecualikan-2020"),
        ("Peraturan Gubernur Contoh", "peraturan gubernur", "dikecualikan-2020"),
        ("perda", "peraturan daerah", "dikecualikan-2020"),
        ("nphd", "NPHD", "dikecualikan-2020"),
        ("Laporan Keuangan Semester I", "laporan keuangan", "dikecualikan-2020"),
    ],
)
def test_an_excluded_kind_is_refused_however_it_is_written(written: str, kind: str, name: str) -> None:
    refused = refusal(written)
    assert refused is not None
    assert (refused.field, refused.reason, refused.kind) == ("letter.kind", "kind-excluded", kind)
    assert refused.lists == (name,)
    assert f'Jenis naskah "{kind}" termasuk daftar {name} dan belum dapat' in str(refused)
    assert "Gunakan tanda tangan basah." in str(refused)


@pytest.mark.parametrize(
    "written",
    ["Surat Dinas", "Laporan", "Laporan Kinerja", "Skema", "Skenario Rapat", "Keputusannya", "Surat Tugas", "", None],
)
def test_every_other_kind_is_signed(written: str | None) -> None:
    assert refusal(written) is None


def test_a_list_holds_only_for_whom_it_is_assigned() -> None:
    decided = Decided(lists={"permits": frozenset({"dikecualikan-2021"}), "archive": frozenset()})
    assert refusal("Perda", decided, client="permits") is None
    assert refusal("SK", decided, client="permits") is not None
    assert refusal("SK", decided, client="archive") is None
    assert refusal("Perda", decided, client="anybody else") is not None


def test_a_list_that_is_gone_stops_signing_instead_of_guessing() -> None:
    with pytest.raises(Unavailable):
        refusal("Surat Dinas", Decided(lists={"e-office": frozenset({"dikecualikan-1999"})}))


def test_where_no_kind_is_stated_the_officials_own_one_holds() -> None:
    decided = Decided(defaults={"official": KindDefault(kind="SK")})
    assert refusal(None, decided) is not None
    assert refusal("  ", decided) is not None
    assert refusal("Surat Dinas", decided) is None
    strict = Decided(defaults={"official": KindDefault(unstated_allowed=False)})
    refused = refusal(None, strict)
    assert refused is not None
    assert refused.reason == "kind-unstated"
    assert refusal("Surat Dinas", strict) is None


def test_a_refused_kind_costs_no_attempt_and_leaves_nothing() -> None:
    desk = Desk(kinds=KindRules(LISTS, Decided()))
    letter = LetterMetadata(kind="surat keputusan")
    with pytest.raises(KindRefused):
        desk.service.sign(request(letter=letter, passphrase=Secret("wrong")))
    assert desk.credentials.get(CREDENTIAL).failed_attempts == 0  # type: ignore[union-attr]  # it exists
    assert (desk.software.opened, desk.log.records, desk.vault.contents) == (0, {}, {})


def test_the_officials_default_is_asked_by_the_person_and_not_by_the_credential() -> None:
    desk = Desk(kinds=KindRules(LISTS, Decided(defaults={SIGNATORY.id: KindDefault(kind="SK")})))
    with pytest.raises(KindRefused):
        desk.service.sign(request())
    signed = desk.service.sign(request(letter=LetterMetadata(kind="Surat Tugas"), level=SignatureLevel.B_B))
    assert signed.record.intent.letter.kind == "Surat Tugas"


def test_the_house_has_both_lists_with_author_and_date() -> None:
    assert [each.name for each in LISTS] == ["dikecualikan-2020", "dikecualikan-2021"]
    assert all(each.version >= 1 and each.author and each.date.year == 2026 for each in LISTS)


def test_an_operator_adds_lists_and_replaces_ours(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_bytes(GOOD)
    newer = GOOD.replace(b'"contoh"', b'"dikecualikan-2021"')
    (tmp_path / "newer.toml").write_bytes(newer)
    lists = {each.name: each for each in load_lists(tmp_path)}
    assert set(lists) == {"contoh", "dikecualikan-2020", "dikecualikan-2021"}
    assert lists["dikecualikan-2021"].version == 3
    (tmp_path / "twice.toml").write_bytes(GOOD)
    with pytest.raises(KindListUnusable, match="twice"):
        load_lists(tmp_path)
    with pytest.raises(KindListUnusable, match="no folder"):
        load_lists(tmp_path / "gone")


@pytest.mark.parametrize(
    "bad",
    [
        b"\xff",
        b"name = ",
        GOOD.replace(b"version = 3", b""),
        GOOD.replace(b"version = 3", b'version = "3"'),
        GOOD.replace(b"version = 3", b"version = true"),
        GOOD.replace(b"2026-01-31", b'"January"'),
        GOOD.replace(b'"Kantor Contoh"', b'""'),
        GOOD.replace(b'"contoh"', b'"Contoh/../.."'),
        GOOD.replace(b'{name = "nota rahasia"}', b'{name = "..."}'),
        GOOD.replace(b'{name = "nota rahasia"}', b'{name = "x", spellings = [" *"]}'),
        GOOD.replace(b'{name = "nota rahasia"}', b'{name = "x", also = 1}'),
        GOOD.replace(b'{name = "nota rahasia"}', b'"x"'),
        GOOD + b"more = 1",
    ],
)
def test_what_is_no_list_is_refused_by_the_name_of_its_file(bad: bytes) -> None:
    with pytest.raises(KindListUnusable, match=r"^own\.toml: "):
        list_from_toml(bad, "own.toml")
