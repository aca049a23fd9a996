"""The geometry of the charts. Pure: numbers in, coordinates out; templates draw them as SVG beside their table."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

HEAT_STEPS = 8
# A quarter of each is a round number again: the scale has four lines.
TOPS = (1, 2, 4, 6, 8, 10)

Value = float | None


@dataclass(frozen=True, slots=True)
class Tick:
    at: float  # pixels from the left (x) or the top (y)
    value: float


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    number: int  # 1 to 4: its colour and its dash
    paths: list[str]  # one SVG path per unbroken stretch; a gap in the data is a gap in the line
    end: tuple[float, float] | None  # the last point, where the name stands
    label_y: float = 0.0


@dataclass(frozen=True, slots=True)
class LineChart:
    width: float
    height: float
    left: float
    right: float
    bottom: float
    y_ticks: list[Tick]
    x_ticks: list[tuple[float, str]]
    lines: list[Line] = field(default_factory=list)


def top_of_scale(largest: float) -> float:
    """Return the round number at or above the largest value that ends the scale; 1 for a chart without values."""
    if largest <= 0:
        return 1.0
    power = float(10 ** math.floor(math.log10(largest)))
    return next(power * step for step in TOPS if power * step >= largest * (1 - 1e-12))


def share(value: Value, of: float) -> float:
    """Return a value as per cent of the longest bar, 0 to 100; 0 where there is none."""
    return 0.0 if value is None or of <= 0 else max(0.0, min(100.0, 100.0 * float(value) / of))


def heat(value: Value, of: float) -> int:
    """Return the heat step 0 to 8 of a cell: its share of the largest cell, in equal steps; only zero is step 0."""
    if value is None or value <= 0 or of <= 0:
        return 0
    return max(1, min(HEAT_STEPS, math.ceil(HEAT_STEPS * float(value) / of - 1e-9)))


def sparkline(values: Sequence[Value], low: float, high: float, width: float = 100, height: float = 30) -> str:
    """Return the points of a small line without axes, scaled between low and high; values that are missing are left out."""
    last = max(1, len(values) - 1)
    spread = (high - low) or 1
    at = (
        (index * width / last, height - 2 - (float(value) - low) * (height - 4) / spread)
        for index, value in enumerate(values)
        if value is not None
    )
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in at)


def line_chart(
    series: Sequence[tuple[str, Sequence[Value]]],
    labels: Sequence[str],
    *,
    width: float = 720,
    height: float = 260,
    margin: float = 150,
) -> LineChart:
    """Lay out up to four lines over common labels, the scale beginning at 0.

    `margin` is the room to the right, in pixels, for the names of the lines; names that would touch are moved apart.
    Raises ValueError for more than four series: a fifth could not be told apart.
    """
    if len(series) > 4:
        raise ValueError("A line chart shows at most four series.")
    left, top, bottom, right = 48.0, 12.0, height - 28, width - margin
    scale = top_of_scale(
        max((float(value) for _name, values in series for value in values if value is not None), default=0)
    )
    last = max(1, len(labels) - 1)

    def point(index: int, value: float) -> tuple[float, float]:
        return left + index * (right - left) / last, bottom - float(value) * (bottom - top) / scale

    lines = []
    for number, (name, values) in enumerate(series, start=1):
        paths, stretch, end = [], list[str](), None
        for index, value in enumerate([*values, None]):
            if value is None:
                if stretch:
                    paths.append("M" + "L".join(stretch))
                stretch = []
            else:
                end = point(index, value)
                stretch.append(f"{end[0]:.1f} {end[1]:.1f}")
        lines.append(Line(name, number, paths, end))

    y_ticks = [Tick(bottom - part * (bottom - top) / 4, scale * part / 4) for part in range(5)]
    every = max(1, math.ceil(len(labels) / 8))
    x_ticks = [(point(index, 0)[0], label) for index, label in enumerate(labels) if index % every == 0]
    return LineChart(width, height, left, right, bottom, y_ticks, x_ticks, _apart(lines))


def _apart(lines: list[Line], gap: float = 16) -> list[Line]:
    """Give each line a place for its name beside its end, at least `gap` pixels from the next."""
    placed: dict[int, float] = {}
    floor = -math.inf
    for line in sorted((line for line in lines if line.end), key=lambda line: line.end[1] if line.end else 0):
        floor = max(line.end[1] if line.end else 0, floor + gap)
        placed[line.number] = floor
    return [Line(line.name, line.number, line.paths, line.end, placed.get(line.number, 0)) for line in lines]
