"""What was measured, what was asked for, and how both are shown."""

import json
import statistics
import time
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

GOALS: dict[str, dict[str, Any]] = tomllib.loads((Path(__file__).parent / "goals.toml").read_text())


@dataclass(frozen=True, slots=True)
class Result:
    """One figure. `value` is compared with `floor`; p50 and p95 are of single requests, in `unit`."""

    name: str
    unit: str
    value: float
    floor: float | None = None
    p50: float | None = None
    p95: float | None = None
    floor_said: str = ""  # the floor's request or SQL
    more: str = ""

    @property
    def ratio(self) -> float | None:
        return self.value / self.floor if self.floor else None

    @property
    def goal(self) -> str:
        asked = GOALS.get(self.name, {})
        words = {"ratio_at_most": "ratio <= {:g}", "ratio_at_least": "ratio >= {:g}", "at_least": ">= {:g}"}
        return ", ".join(words[key].format(asked[key]) for key in words if key in asked)

    @property
    def met(self) -> bool | None:
        """None: no goal was set for it."""
        asked = GOALS.get(self.name)
        if asked is None:
            return None
        ratio = self.ratio
        return all(
            (
                "ratio_at_most" not in asked or (ratio is not None and ratio <= asked["ratio_at_most"]),
                "ratio_at_least" not in asked or (ratio is not None and ratio >= asked["ratio_at_least"]),
                "at_least" not in asked or self.value >= asked["at_least"],
            )
        )

    def in_short(self) -> str:
        """For somebody who waits: the figure, and how it compares with its floor."""
        compared = f" ({self.ratio:.2f} x floor)" if self.ratio is not None else ""
        return f"{self.name} {self.value:,.1f} {self.unit}{compared}"

    def as_json(self) -> dict[str, Any]:
        names = ("name", "unit", "value", "p50", "p95", "floor", "ratio", "goal", "met")
        found = {name: getattr(self, name) for name in names}
        return {key: round(value, 3) if isinstance(value, float) else value for key, value in found.items()}


def percentile(values: Sequence[float], share: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[share - 1] if len(values) > 1 else values[0]


def of_requests(name: str, ours: Sequence[float], floor: Sequence[float], said: str, more: str = "") -> Result:
    """The 95th percentiles against each other, in milliseconds."""
    spread = f"n {len(ours)} each; floor p50 {percentile(floor, 50):.2f} ms" + (f"; {more}" if more else "")
    p50, p95 = percentile(ours, 50), percentile(ours, 95)
    return Result(name, "ms", p95, percentile(floor, 95), p50, p95, said, spread)


def of_runs(
    name: str, ours: Sequence[float], floor: Sequence[float], said: str, more: str = "", unit: str = "s"
) -> Result:
    """The medians against each other."""
    value, below = statistics.median(ours), statistics.median(floor)
    spread = f"{len(ours)} runs each" + (f"; {more}" if more else "")
    return Result(name, unit, value, below, value, max(ours), said, spread)


def alternate(
    ours: Callable[[], float], floor: Callable[[], float], times: int, warm_up: int = 0
) -> tuple[list[float], list[float]]:
    """Run both in turn, so that whatever else the machine does meets both alike. Each returns what it took."""
    for _ in range(warm_up):
        ours()
        floor()
    mine: list[float] = []
    plain: list[float] = []
    for turn in range(times):
        for work, kept in ((ours, mine), (floor, plain)) if turn % 2 else ((floor, plain), (ours, mine)):
            kept.append(work())
    return mine, plain


def seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def show(results: Sequence[Result]) -> None:
    print(f"\n{'':24}{'unit':>8}{'value':>12}{'p50':>10}{'p95':>10}{'floor':>12}{'ratio':>8}  goal")
    for each in results:
        ratio = f"{each.ratio:.2f}" if each.ratio is not None else ""
        verdict = {None: "", True: f"{each.goal}: met", False: f"{each.goal}: MISSED"}[each.met]
        cells = (each.value, each.p50, each.p95, each.floor)
        value, p50, p95, floor = ("" if cell is None else f"{cell:,.2f}" for cell in cells)
        print(f"{each.name:24}{each.unit:>8}{value:>12}{p50:>10}{p95:>10}{floor:>12}{ratio:>8}  {verdict}")
    print("\nFloors, in the same run, in turn with ours:")
    for each in results:
        if each.floor_said or each.more:
            print(f"  {each.name}: {each.more}")
            for line in each.floor_said.strip().splitlines():
                print(f"      {line}")


def keep(results: Sequence[Result], path: Path) -> None:
    """Write the results; figures of other runs with other names (ONLY=...) stay."""
    path.parent.mkdir(exist_ok=True)
    fresh = [each.as_json() for each in results]
    path.write_text(json.dumps(fresh, indent=1) + "\n")
