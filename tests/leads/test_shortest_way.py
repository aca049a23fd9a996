"""The shortest way to the SQL gate is one, and there is no shorter: held against trying every set of answers."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import chain, combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from leads.judging import NO_POLICY
from leads.shortest_way import Asked, shortest_way
from scoring.engine import Criterion, Definition
from scoring.gates import NEVER, GateForm, Gates


def points(questions: Sequence[Asked], best: Iterable[Asked]) -> Decimal | None:
    """The certain mean in tenths with some answered at their best; None where nothing is asked."""
    weight = sum(question.weight for question in questions)
    if not weight:
        return None
    earned = sum(
        question.weight * (100 if question in best else Fraction(question.value or 0)) for question in questions
    )
    exact = Fraction(earned) / weight
    return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


def opens(definition: Definition, questions: Sequence[Asked], best: Sequence[Asked]) -> bool:
    """The SQL gate by the words of its forms (scoring/gates.py)."""
    gates = definition.gates
    whole = points(questions, best)
    if whole is None or whole < gates.sql_low:
        return False
    met, unmet_required = 0, 0
    for n, criterion in enumerate(definition.criteria):
        low = points([question for question in questions if question.criterion == n], best)
        reached = low is not None and low >= definition.minimum(criterion)
        met += reached
        unmet_required += low is not None and criterion.required and not reached
    if gates.sql_form is GateForm.WEIGHTED:
        return True
    return not unmet_required and (gates.sql_form is GateForm.MINIMUMS or met >= gates.sql_k)


def shortest_by_trying(definition: Definition, questions: Sequence[Asked]) -> int | None:
    open_ones = [question for question in questions if not question.refused]
    every = chain.from_iterable(combinations(open_ones, n) for n in range(len(open_ones) + 1))
    return next((len(best) for best in every if opens(definition, questions, best)), None)


CRITERIA = st.lists(
    st.builds(
        lambda required, minimum: Criterion("", "", 1, required, frozenset(), minimum),
        st.booleans(),
        st.none() | st.integers(0, 100),
    ),
    min_size=1,
    max_size=3,
)
QUESTIONS = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.integers(1, 3),
        st.sampled_from([None, None, 0, 25, 50, 100]),
        st.sampled_from([False] * 5 + [True]),
    ),
    min_size=1,
    max_size=7,
)


@settings(max_examples=400, deadline=None, derandomize=True, database=None)
@given(
    criteria=CRITERIA,
    rows=QUESTIONS,
    low=st.integers(0, 100),
    criterion=st.integers(0, 100),
    form=st.sampled_from([GateForm.MINIMUMS, GateForm.WEIGHTED, GateForm.K_OF_N]),
    k=st.integers(1, 3),
)
def test_there_is_no_shorter_way(
    criteria: list[Criterion],
    rows: list[tuple[int, int, int | None, bool]],
    low: int,
    criterion: int,
    form: GateForm,
    k: int,
) -> None:
    gates = replace(NEVER, sql_low=low, sql_criterion=criterion, sql_form=form, sql_k=min(k, len(criteria)))
    definition = replace(NO_POLICY, criteria=tuple(criteria), gates=gates)
    questions = [
        Asked(f"q{place}", "", n % len(criteria), weight, None if value is None else Decimal(value), refused)
        for place, (n, weight, value, refused) in enumerate(rows)
    ]
    found = shortest_way(definition, questions)
    shortest = shortest_by_trying(definition, questions)
    assert (None if found is None else len(found)) == shortest
    assert found is None or opens(definition, questions, found)


def test_what_they_would_not_say_is_not_on_the_way() -> None:
    definition = replace(NO_POLICY, criteria=(Criterion("need", "Need", 1, True, frozenset()),), gates=with_low(50))
    refused = Asked("pain", "What hurts?", 0, 2, refused=True)
    assert shortest_way(definition, [refused]) is None
    assert shortest_way(definition, [refused, Asked("tried", "What was tried?", 0, 2)]) == [
        Asked("tried", "What was tried?", 0, 2)
    ]


def test_an_open_question_is_rather_asked_than_an_answer_taken_back() -> None:
    definition = replace(NO_POLICY, criteria=(Criterion("need", "Need", 1, True, frozenset()),), gates=with_low(50))
    said_no, open_one = Asked("pain", "What hurts?", 0, 1, Decimal(0)), Asked("tried", "What was tried?", 0, 1)
    assert shortest_way(definition, [said_no, open_one]) == [open_one]


def test_without_criteria_nothing_is_missing() -> None:
    assert shortest_way(replace(NO_POLICY, criteria=()), []) == []


def with_low(low: int) -> Gates:
    return replace(NEVER, sql_low=low, sql_criterion=low)
