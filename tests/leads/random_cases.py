"""Random policies, leads, answers and events, for the tests that judge each of them in more than one way."""

import copy
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from scoring.packs.policies import DIRECT

CODES = ("budget", "budget_spent", "evaluator", "decision_maker", "pain", "tried", "decision_date", "order_date")
KINDS = ("pricing_viewed", "mail_clicked", "demo_requested", "unsubscribed", "webinar_attended")
PRICE = 1000


@dataclass(frozen=True)
class Given:
    """One answer: which of the question's ratings, from best to worst; an amount; days from today to a date."""

    code: str
    place: int
    amount: int | None
    days: int | None
    happened: bool


@dataclass(frozen=True)
class Case:
    gates: dict[str, Any]
    weights: tuple[int, ...]
    required: tuple[bool, ...]
    fit_points: tuple[int, ...]
    warm: int
    fields: tuple[dict[str, Any], dict[str, Any]]
    answers: tuple[tuple[Given, ...], tuple[Given, ...]]
    events: tuple[tuple[tuple[str, int], ...], tuple[tuple[str, int], ...]]


def answers(places: list[int]) -> st.SearchStrategy[Given]:
    return st.builds(
        Given,
        code=st.sampled_from(CODES),
        place=st.sampled_from(places),
        amount=st.sampled_from([None, None, None, None, 0, 125, 999, 5000]),
        days=st.none() | st.none() | st.none() | st.integers(-40, 40),
        happened=st.booleans(),
    )


# Good at first, then a little worse: gates open, and some are held open by their margin.
AT_FIRST = st.lists(answers([0, 0, 0, 0, 1, 2, 4]), min_size=7, max_size=8, unique_by=lambda each: each.code).map(tuple)
LATER = st.lists(answers([0, 1, 1, 2, 2, 5]), min_size=1, max_size=4).map(tuple)
FIELDS = st.fixed_dictionaries(
    {
        "industry": st.sampled_from(["", "Technology", "RETAIL", "Fishing"]),
        "employees": st.none() | st.sampled_from([0, 49, 50, 51, 5000, 5001]),
        "revenue": st.none() | st.sampled_from([Decimal("4999999.99"), Decimal(5_000_000), Decimal(9_000_000)]),
        "seniority": st.sampled_from(["", "Director", "manager", "Intern"]),
        "department": st.sampled_from(["", "Finance", "IT", "operations"]),
        "company": st.sampled_from(["", "Acme"]),
        "attributes": st.sampled_from([{}, {}, {}, {}, {}, {"competitor": False}, {"competitor": True}]),
    }
)
EVENTS = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 24 * 90)), max_size=6).map(tuple)
CASES = st.builds(
    Case,
    gates=st.fixed_dictionaries(
        {
            "mql": st.fixed_dictionaries(
                {"fit": st.integers(0, 60), "engagement": st.integers(1, 60), "low": st.integers(5, 45)}
            ),
            "sql": st.fixed_dictionaries({"low": st.integers(5, 70), "criterion": st.integers(0, 50)}),
            "margin": st.sampled_from([0, 5, 15, 30, 30, 45]),
        }
    ),
    weights=st.tuples(*[st.integers(1, 5)] * 4),
    required=st.tuples(*[st.sampled_from([True, *[False] * 7])] * 4),
    fit_points=st.tuples(*[st.integers(1, 40)] * len(DIRECT["fit"])),
    warm=st.integers(0, 100),
    fields=st.tuples(FIELDS, FIELDS),
    answers=st.tuples(AT_FIRST, LATER),
    events=st.tuples(EVENTS, EVENTS),
)


def definition_of(case: Case) -> dict[str, Any]:
    made = copy.deepcopy(DIRECT)
    made["gates"], made["warm_engagement"] = copy.deepcopy(case.gates), case.warm
    # A policy whose SQL gate asks for less than its MQL gate is refused.
    made["gates"]["sql"]["low"] = max(case.gates["sql"]["low"], case.gates["mql"]["low"])
    for criterion, weight, required in zip(made["criteria"], case.weights, case.required, strict=True):
        criterion |= {"weight": weight, "required": required}
    for rule, points in zip(made["fit"], case.fit_points, strict=True):
        rule["points"] = points
    return made
