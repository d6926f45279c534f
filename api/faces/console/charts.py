"""Charts as figures on paper: where each bar stands. Drawn as SVG by the templates: they print, without a script."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, log10
from typing import Final

WIDTH: Final = 480
HEIGHT: Final = 210
_LEFT: Final = 62
"""For the numbers of the scale."""
_TOP: Final = 12
_BOTTOM: Final = 30
"""For the words beneath."""
_STEPS: Final = 4
_LABELS: Final = 7
"""Words beneath a chart at most; there is no room for more on a phone."""
_FILLED: Final = 0.72
"""Of the room of a bar, what is drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One value."""

    said: str
    """What it stands for, in full."""
    value: int
    x: float
    y: float
    width: float
    height: float
    middle: float
    label: str
    """Beneath it; empty where there is no room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """One line of the scale."""

    y: float
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnChart:
    """Values beside each other, in the order of time."""

    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    floor: float = HEIGHT - _BOTTOM

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(each.value for each in self.bars)


def column_chart(values: Sequence[tuple[str, str, int]]) -> ColumnChart:
    """From words in full, short words and a number that is not negative, for each bar."""
    top = _round_above(max((value for _, _, value in values), default=0))
    floor, room = HEIGHT - _BOTTOM, (WIDTH - _LEFT) / max(1, len(values))
    every = ceil(len(values) / _LABELS)
    bars = []
    for number, (said, short, value) in enumerate(values):
        height = round((floor - _TOP) * value / top, 2)
        x = _LEFT + room * number
        bars.append(
            Bar(
                said=said,
                value=value,
                x=round(x + room * (1 - _FILLED) / 2, 2),
                y=round(floor - height, 2),
                width=round(room * _FILLED, 2),
                height=height,
                middle=round(x + room / 2, 2),
                label="" if number % every else short,
            )
        )
    steps = min(_STEPS, top)
    ticks = tuple(
        Tick(y=round(floor - (floor - _TOP) * step / steps, 2), value=top * step // steps) for step in range(steps + 1)
    )
    return ColumnChart(bars=tuple(bars), ticks=ticks)


def share(value: int, most: int) -> float:
    """How long the bar of a value is beside that of the largest one, in hundredths; what is there can be seen."""
    return 0 if not value else max(1.5, round(100 * value / most, 2))


def _round_above(value: int) -> int:
    """A number not below, that divides into four whole steps where it is larger than they are."""
    if value <= _STEPS:
        return max(1, value)
    unit = int(10 ** int(log10(value)))
    for factor in (1, 2, 4, 5, 8, 10):
        scaled = unit * factor
        if scaled >= value and scaled % _STEPS == 0:
            return scaled
    return ceil(value / _STEPS) * _STEPS
