"""The shortest way to the SQL gate: the fewest answers that would open it, were they the best there are. Pure.

What it predicts comes true when exactly these questions are answered so, without a typed value that would limit them
(a date that has passed, an amount below the price), and nothing else changes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import combinations

from scoring.engine import Definition
from scoring.gates import GateForm

BEST = 100
# Points are kept rounded half up to 0.1, and gates compare what is kept.
HALF_A_TENTH = Fraction(1, 20)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that counts, as it stands: `value` from 0 to 100, None where it has none; `refused`: they would not
    say, so it is not asked again."""

    code: str
    text: str
    criterion: int  # index into Definition.criteria
    weight: int
    value: Decimal | None = None
    refused: bool = False

    @property
    def gain(self) -> Fraction:
        """What the best answer would add, in weight x points."""
        return self.weight * (BEST - Fraction(self.value or 0))


def shortest_way(definition: Definition, questions: Sequence[Asked]) -> list[Asked] | None:
    """The fewest questions whose best answers open the SQL gate, in the order of the set.

    None if no answers can; empty if nothing is missing. Of several ways of one length, the one that leaves the score
    highest. Disqualifiers are the caller's: no answer speaks against one.
    """
    if not definition.criteria:
        return []
    ways = [
        way for needed in _choices(definition, questions) if (way := _way(definition, questions, needed)) is not None
    ]
    if not ways:
        return None
    best = min(ways, key=lambda way: (len(way), -sum(question.gain for question in way)))
    return [question for question in questions if question in best]


def _choices(definition: Definition, questions: Sequence[Asked]) -> Iterator[set[int]]:
    """The sets of criteria of which all must reach their minimum; one of the sets is enough."""
    gates = definition.gates
    asked = {question.criterion for question in questions}
    required = {n for n in asked if definition.criteria[n].required and gates.sql_form is not GateForm.WEIGHTED}
    if gates.sql_form is not GateForm.K_OF_N:
        yield required
        return
    more = max(0, gates.sql_k - len(required))
    for chosen in combinations(sorted(asked - required), more):
        yield required | set(chosen)


def _way(definition: Definition, questions: Sequence[Asked], needed: set[int]) -> list[Asked] | None:
    """The fewest answers that bring the needed criteria to their minimums and the whole to its threshold.

    Always the largest gains first, within a criterion and then among all: with every criterion's gains in falling
    order no other choice of the same length reaches further.
    """
    whole = sum(question.weight for question in questions)
    points = sum((question.weight * Fraction(question.value or 0) for question in questions), Fraction(0))
    open_ones = sorted(
        (question for question in questions if question.gain > 0 and not question.refused),
        key=lambda question: (-question.gain, question.value is not None),
    )
    way: list[Asked] = []
    for n in needed:
        own = [question for question in questions if question.criterion == n]
        own_points = sum((question.weight * Fraction(question.value or 0) for question in own), Fraction(0))
        candidates = [question for question in open_ones if question.criterion == n]
        while not _reaches(own_points, sum(q.weight for q in own), definition.minimum(definition.criteria[n])):
            if not candidates:
                return None
            way.append(candidates.pop(0))
            own_points += way[-1].gain
    rest = [question for question in open_ones if question not in way]
    points += sum(question.gain for question in way)
    while not _reaches(points, whole, definition.gates.sql_low):
        if not rest:
            return None
        way.append(rest.pop(0))
        points += way[-1].gain
    return way


def _reaches(points: Fraction, weight: int, threshold: int) -> bool:
    """Whether the mean, as it is kept, is at or above the threshold."""
    return bool(weight) and points / weight >= threshold - HALF_A_TENTH
