"""What a cell of a report can be besides a count: a rate, a spread of days, a sum of money.

Each knows when there is nothing to say: an empty denominator is no data, never 0 %, and amounts of two currencies
are never added up.
"""

from dataclasses import dataclass
from decimal import Decimal
from math import sqrt

# The two-sided 95 % point of the normal distribution.
Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Rate:
    """`numerator` of `denominator`: counts, or sums of money."""

    numerator: float
    denominator: float
    counts: bool = True  # of counts; a rate of sums has no interval

    @property
    def rate(self) -> float | None:
        """From 0 to 1; None where there is nothing to divide by."""
        return self.numerator / self.denominator if self.denominator else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's score interval at 95 % (Wilson 1927): stays within 0 and 1 and holds for small numbers too.

        None for a ratio that is no share of its base, such as the moves to a stage against those to the one before in
        the same month: more may arrive than set out.
        """
        if not self.counts or not self.denominator or self.numerator > self.denominator:
            return None
        n = self.denominator
        share = self.numerator / n
        middle = share + Z95**2 / (2 * n)
        half = Z95 * sqrt(share * (1 - share) / n + Z95**2 / (4 * n**2))
        scale = 1 + Z95**2 / n
        return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


@dataclass(frozen=True, slots=True)
class Spread:
    """How durations are spread, in days (or hours, where the column says so). Empty: n is 0, the rest None."""

    n: int
    mean: float | None = None
    median: float | None = None
    p90: float | None = None
    low: float | None = None
    high: float | None = None
    deviation: float | None = None  # of the sample: n - 1 in the denominator


@dataclass(frozen=True, slots=True)
class Money:
    """A sum in one currency. Amounts in several are not added up: `amount` is then None and `mixed` names them."""

    amount: Decimal | None
    currency: str = ""
    mixed: tuple[str, ...] = ()


Cell = int | float | str | Rate | Spread | Money | None
