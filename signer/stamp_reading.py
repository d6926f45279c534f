"""Stamp templates as data: a folder of TOML, a drawing in typst, a logo, fonts; refused with name and reason.

A template is the operator's, not a stranger's, and still gets no more than it needs: its drawing is one source without
`import`, `include`, `eval` and `plugin`, so that it can load no package and no code; typst keeps its files inside its
folder; `stamp_trial.py` draws it within limits before the service starts.
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from signer.errors import TemplateRefused
from signer.stamp_template import StampKind, StampTemplate

HOUSE: Final = Path(__file__).parent / "stamps"
"""The templates that come with the service; they have the form of an operator's."""

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_VERSION: Final = re.compile(r"[0-9A-Za-z.-]{1,20}")
_COLOUR: Final = re.compile(r"#[0-9a-f]{6}")
_PLACEHOLDER: Final = re.compile(r"\{[^{}]*\}")
_MAX_FILES: Final = 32
_MAX_BYTES: Final = 4 * 1024 * 1024  # of a whole folder; a logo as SVG has some 20 kB, a font some 100 kB
_SUFFIXES: Final = frozenset({".toml", ".typ", ".svg", ".png", ".jpg", ".ttf", ".otf", ".txt", ".md"})
_LOGOS: Final = frozenset({".svg", ".png", ".jpg"})
_CONTRAST: Final = 4.5  # of text on its ground (WCAG 2.2, 1.4.3); a photocopy is worse than a screen
_NO_CODE: Final = re.compile(r"\b(import|include|eval|plugin|std|read)\b|@")
_TABLES: Final = ("size", "place", "fonts", "colours", "sizes", "words", "logo")
_OTHERS: Final = ("version", "kind", "like", "agencies")
_CARD_WORDS: Final = frozenset({"heading", "certified", "uncertified", "check", "nip"})
_WORDS: Final = {
    StampKind.SIGNATURE: _CARD_WORDS,
    StampKind.PARAF: frozenset({"heading", "check"}),
    StampKind.FOOTER: frozenset({"certified", "uncertified", "basis", "check"}),
}
_CARD_SIZES: Final = frozenset({"heading", "title", "name", "rank", "time", "code", "notice"})
_SIZES: Final = {
    StampKind.SIGNATURE: _CARD_SIZES,
    StampKind.PARAF: frozenset({"heading", "title", "name", "time"}),
    StampKind.FOOTER: frozenset({"code", "notice"}),
}
_MUST_SHOW: Final = {
    StampKind.SIGNATURE: ("data.name", "data.certificate", "qr(", "code(", "paper"),
    StampKind.PARAF: ("data.name", "data.words.heading", "qr(", "paper"),
    StampKind.FOOTER: ("#let footer(sheet)", "data.certificate", "sheet.check", "qr(", "code("),
}
_NO_PLACE: Final = {"side": 0.0, "bottom": 0.0}
PLACEHOLDERS: Final = frozenset({"{penerbit}", "{instansi}", "{alamat}", "{kode}", "{nip}", "{halaman}", "{jumlah}"})


def read_template(folder: Path) -> StampTemplate:
    """The template in `folder`, whose name is the folder's. Raises `TemplateRefused`."""
    reader = _Reader(folder)
    reader.require(_NAME.fullmatch(folder.name) is not None, "the name has other characters than a-z, 0-9 and hyphens")
    reader.look_around()
    return reader.read()


class _Reader:
    """Reads one folder; every refusal names it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def require(self, holds: bool, reason: str) -> None:
        if not holds:
            raise TemplateRefused(f"stamp template {self._folder.name!r}: {reason}")

    def look_around(self) -> None:
        """Nothing lies here that is no part of a template, and nothing leads elsewhere."""
        files = list(self._folder.rglob("*"))
        self.require(len(files) <= _MAX_FILES, f"it has more than {_MAX_FILES} files")
        for path in files:
            self.require(not path.is_symlink(), f"{path.name} is a link; put the file itself there")
            known = path.is_dir() or path.suffix.lower() in _SUFFIXES
            self.require(known, f"{path.name} is none of {', '.join(sorted(_SUFFIXES))}")
        total = sum(path.stat().st_size for path in files)
        self.require(total <= _MAX_BYTES, f"its files have more than {_MAX_BYTES} bytes together")

    def read(self) -> StampTemplate:
        table, drawing = self._table_and_drawing()
        self._known("", table, {*_TABLES, *_OTHERS})
        version, agencies = table.get("version"), table.get("agencies", [])
        self.require(isinstance(version, str) and bool(_VERSION.fullmatch(version)), "version is missing, or no text")
        self.require(table.get("kind") in [kind.value for kind in StampKind], "kind is signature, paraf or footer")
        self.require(_are_texts(agencies), "agencies is a list of texts")
        kind = StampKind(table["kind"])
        self._require_honest(kind, table, drawing)
        size = self._numbers("size", table, frozenset({"width", "height", "least_width", "least_height"}), 10, 1200)
        self.require(
            size["least_width"] <= size["width"] and size["least_height"] <= size["height"],
            "size: the least is more than the size itself",
        )
        footer = kind is StampKind.FOOTER
        self.require(footer or "place" not in table, "[place] is a footer's")
        place = self._numbers("place", table, frozenset({"side", "bottom"}), 0, 200) if footer else _NO_PLACE
        logo, logo_alt = self._logo(table.get("logo"))
        return StampTemplate(
            name=self._folder.name,
            version=str(version),
            kind=kind,
            agencies=frozenset(each.casefold() for each in agencies),
            **size,
            **place,
            fonts=self._fonts(table),
            colours=self._colours(table),
            sizes=self._numbers("sizes", table, _SIZES[kind], 3, 40),
            words=self._words(table, _WORDS[kind]),
            logo=logo,
            logo_alt=logo_alt,
            drawing=drawing,
            folder=self._folder,
        )

    def _table_and_drawing(self) -> tuple[dict[str, Any], str]:
        """Its own drawing, or that of the house's template that it is `like`, whose settings it then changes."""
        table = self._toml(self._folder)
        like = table.get("like")
        if like is None:
            source = self._folder / "stamp.typ"
            self.require(source.is_file(), "stamp.typ is missing; draw one, or say which template it is like")
            return table, source.read_text(encoding="utf-8")
        house = sorted(path.name for path in HOUSE.iterdir() if path.is_dir())
        self.require(like in house, f"like is one of {', '.join(house)}")
        self.require(not (self._folder / "stamp.typ").exists(), "it has a stamp.typ of its own and is like another one")
        drawing = (HOUSE / str(like) / "stamp.typ").read_text(encoding="utf-8")
        return _over(self._toml(HOUSE / str(like)), table), drawing

    def _toml(self, folder: Path) -> dict[str, Any]:
        try:
            return tomllib.loads((folder / "template.toml").read_text(encoding="utf-8"))
        except OSError as error:
            raise TemplateRefused(f"stamp template {folder.name!r}: template.toml: {error.strerror}") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise TemplateRefused(f"stamp template {folder.name!r}: template.toml is not TOML: {error}") from None

    def _require_honest(self, kind: StampKind, table: Mapping[str, Any], drawing: str) -> None:
        """No foreign code, no issuer's name and no class of certificate as fixed text: the chain alone decides both."""
        found = _NO_CODE.search(drawing)
        self.require(found is None, f"stamp.typ: {found and found[0]!r} is not allowed in a drawing")
        for text in _MUST_SHOW[kind]:
            self.require(text in drawing, f"stamp.typ: {text} is never used, so the mark would not show it")
        said = f"{table} {drawing}".casefold()
        self.require("bsre" not in said, '"BSrE" as fixed text; write {penerbit}, which the certificate fills')
        claims = f"{ {**table, 'words': _without(table.get('words'), 'certified', 'uncertified')} } {drawing}"
        self.require("tersertifikasi" not in claims.casefold(), '"tersertifikasi" outside of certified and uncertified')
        if kind is StampKind.PARAF:
            signs = re.search(r"tanda\s*tangan", said)
            self.require(signs is None, "initials are never called a signature")

    def _known(self, where: str, table: Mapping[str, Any], keys: set[str] | frozenset[str]) -> None:
        unknown = sorted(table.keys() - keys)
        self.require(not unknown, f"{where}{', '.join(unknown)}: no such setting; known: {', '.join(sorted(keys))}")

    def _part(self, name: str, table: Mapping[str, Any], keys: frozenset[str]) -> Mapping[str, Any]:
        part = table.get(name)
        if not isinstance(part, dict):
            raise TemplateRefused(f"stamp template {self._folder.name!r}: [{name}] is missing")
        self._known(f"{name}.", part, keys)
        missing = sorted(keys - part.keys())
        self.require(not missing, f"{name}.{', '.join(missing)}: is missing")
        return part

    def _numbers(
        self, name: str, table: Mapping[str, Any], keys: frozenset[str], low: float, high: float
    ) -> dict[str, float]:
        part = self._part(name, table, keys)
        for key, value in part.items():
            number = isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high
            self.require(number, f"{name}.{key}: a number of points from {low:g} to {high:g}")
        return {key: float(value) for key, value in part.items()}

    def _words(self, table: Mapping[str, Any], keys: frozenset[str]) -> Mapping[str, str]:
        words = self._part("words", table, keys)
        for key, value in words.items():
            self.require(
                isinstance(value, str) and 0 < len(value) <= 300, f"words.{key}: a text of up to 300 characters"
            )
            unknown = sorted(set(_PLACEHOLDER.findall(value)) - PLACEHOLDERS)
            self.require(not unknown, f"words.{key}: {', '.join(unknown)} is filled by nobody")
        for key in keys & {"certified", "uncertified"}:
            self.require("{penerbit}" in words[key], f"words.{key}: {{penerbit}} is missing")
        uncertified = words.get("uncertified", "tidak tersertifikasi")
        self.require("tidak tersertifikasi" in uncertified, 'words.uncertified: say "tidak tersertifikasi"')
        return words

    def _colours(self, table: Mapping[str, Any]) -> Mapping[str, str]:
        colours = self._part("colours", table, frozenset({"ink", "soft", "line", "paper"}))
        for key, value in colours.items():
            self.require(
                isinstance(value, str) and bool(_COLOUR.fullmatch(value)), f"colours.{key}: #rrggbb in small letters"
            )
        for key in ("ink", "soft"):
            ratio = _contrast(colours[key], colours["paper"])
            self.require(
                ratio >= _CONTRAST, f"colours.{key}: contrast to paper is {ratio:.1f}, less than {_CONTRAST:g}"
            )
        return colours

    def _fonts(self, table: Mapping[str, Any]) -> tuple[str, ...]:
        families = self._part("fonts", table, frozenset({"families"}))["families"]
        self.require(_are_texts(families) and bool(families), "fonts.families: a list of font families")
        return tuple(families)

    def _logo(self, part: Any) -> tuple[str | None, str | None]:
        if part is None:
            return None, None
        table = self._part("logo", {"logo": part}, frozenset({"file", "alt"}))
        file, alt = table["file"], table["alt"]
        fits = isinstance(file, str) and "/" not in file and (self._folder / file).suffix.lower() in _LOGOS
        self.require(fits and (self._folder / str(file)).is_file(), "logo.file: an SVG, PNG or JPEG of this folder")
        self.require(isinstance(alt, str) and bool(alt.strip()), "logo.alt: what people hear who do not see it")
        return str(file), str(alt)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) and each for each in value)


def _over(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """`base` with `changes` laid over it, tables key by key."""
    merged = dict(base)
    for key, value in changes.items():
        below = merged.get(key)
        merged[key] = {**below, **value} if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


def _without(table: Any, *keys: str) -> Any:
    return {key: value for key, value in table.items() if key not in keys} if isinstance(table, dict) else table


def _contrast(first: str, second: str) -> float:
    """Contrast ratio of two colours (WCAG 2.2, "contrast ratio")."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
