"""Saved places for stamps: named boxes as data, for everybody, for an agency, for a kind of letter.

They stand in `boxes.toml` of the operator's folder of templates. Of several with one name the closest one is taken:
for agency and kind, for the agency, for the kind, for everybody.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from signer.errors import StampRefused, TemplateRefused
from signer.model import StampPlacement

_TEXTS: Final = frozenset({"name", "agency", "kind", "template"})
_NUMBERS: Final = frozenset({"x", "y", "width", "height"})
_MOST: Final = 2_000
_FARTHEST: Final = 14_400.0  # points; the largest page that readers show (ISO 32000-1, Annex C.2)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Box:
    agency: str | None
    kind: str | None
    template: str | None
    page: int
    x: float
    y: float
    width: float
    height: float


class StampBoxes:
    """Boxes by name."""

    def __init__(self, boxes: Mapping[str, tuple[_Box, ...]]) -> None:
        self._boxes = boxes

    def fill_in(self, asked: StampPlacement, *, agency: str | None, kind: str | None) -> StampPlacement:
        """`asked` with place and template of the box that it names; unchanged where it names none.

        Raises `StampRefused` where there is no such box for this agency and kind.
        """
        if asked.box is None:
            return asked
        fitting = self._fitting(asked.box, agency, kind)
        if not fitting:
            raise StampRefused(
                "There is no saved box of this name for this agency and kind of letter.",
                field="stamp.box",
                reason="no-such-box",
            )
        box = max(fitting, key=lambda each: (each.agency is not None, each.kind is not None))
        return replace(
            asked,
            box=None,
            page=asked.page if asked.page is not None else box.page,
            x=box.x,
            y=box.y,
            width=box.width,
            height=box.height,
            template=asked.template or box.template,
        )

    def names(self, *, agency: str | None, kind: str | None) -> tuple[str, ...]:
        """Of the boxes that there are for this agency and kind, in alphabetical order."""
        return tuple(sorted(name for name in self._boxes if self._fitting(name, agency, kind)))

    def _fitting(self, name: str, agency: str | None, kind: str | None) -> list[_Box]:
        ours = (_plain(agency), _plain(kind))
        return [
            box
            for box in self._boxes.get(name, ())
            if all(own is None or own == other for own, other in zip((box.agency, box.kind), ours, strict=True))
        ]

    def templates(self) -> frozenset[str]:
        """Every template that a box names."""
        return frozenset(box.template for boxes in self._boxes.values() for box in boxes if box.template is not None)


def read_boxes(folder: Path | None) -> StampBoxes:
    """The boxes of `boxes.toml` in `folder`; none where there is no such file. Raises `TemplateRefused`."""
    path = folder / "boxes.toml" if folder is not None else None
    if path is None or not path.exists():
        return StampBoxes({})
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TemplateRefused(f"{path}: {error}") from None
    rows = table.get("box", [])
    _require(table.keys() <= {"version", "box"} and isinstance(table.get("version"), str), "version and [[box]] only")
    _require(isinstance(rows, list) and len(rows) <= _MOST, f"at most {_MOST} [[box]]")
    boxes: dict[str, tuple[_Box, ...]] = {}
    for row in rows:
        name, box = _box(row)
        for other in boxes.get(name, ()):
            twice = (other.agency, other.kind) == (box.agency, box.kind)
            _require(not twice, f"box {name!r} stands there twice for one agency and kind")
        boxes[name] = (*boxes.get(name, ()), box)
    return StampBoxes(boxes)


def _box(row: Any) -> tuple[str, _Box]:
    _require(isinstance(row, dict), "[[box]] is a table")
    name = row.get("name")
    _require(isinstance(name, str) and bool(name), "a box without a name")
    unknown = sorted(row.keys() - _TEXTS - _NUMBERS - {"page"})
    _require(not unknown, f"box {name!r}: {', '.join(unknown)}: no such setting")
    for key in _TEXTS & row.keys():
        _require(isinstance(row[key], str) and 0 < len(row[key]) <= 200, f"box {name!r}: {key} is a text")
    for key in _NUMBERS:
        value = row.get(key)
        number = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _FARTHEST
        _require(number, f"box {name!r}: {key} is a number of points, 0 or more")
    page = row.get("page", -1)
    _require(type(page) is int and page != 0, f"box {name!r}: page counts from 1, or from -1 backwards")
    numbers = {key: float(row[key]) for key in _NUMBERS}
    agency, kind = _plain(row.get("agency")), _plain(row.get("kind"))
    return name, _Box(agency=agency, kind=kind, template=row.get("template"), page=page, **numbers)


def _plain(text: str | None) -> str | None:
    return " ".join(text.split()).casefold() if text else None


def _require(holds: bool, reason: str) -> None:
    if not holds:
        raise TemplateRefused(f"boxes.toml: {reason}")
