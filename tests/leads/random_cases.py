"""Random policies, leads, answers and events, for the tests that judge each of them in more than one way."""

import copy
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from scoring.frameworks import FRAMEWORKS
from scoring.packs.policies import DIRECT

CODES = ("budget", "budget_spent", "evaluator", "decision_maker", "pain", "tried", "decision_date", "order_date")
KINDS = ("pricing_viewed", "mail_clicked", "demo_requested", "unsubscribed", "webinar_attended")
PRICE = 1000
PAINS = ("downtime", "errors", "grow")
# Asked for by a framework, and by no question of the direct set.
UNASKED = {"metrics", "champion"}
MORE_RULES = (
    ("hurts", {"fact": "pains", "op": "has_any", "operand": ["Downtime", "errors"]}),
    ("tools", {"fact": "attribute:tools", "op": "has_any", "operand": ["erp"]}),
    ("looked", {"fact": "did:pricing_viewed", "op": "is", "operand": True}),
    ("money", {"fact": "answer:budget", "op": "in", "operand": ["set_aside", "can_be_found"]}),
)


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
    framework: str
    gates: dict[str, Any]
    once: tuple[bool, ...]
    weights: tuple[int, ...]
    required: tuple[bool, ...]
    fit_points: tuple[int, ...]
    warm: int
    fields: tuple[dict[str, Any], dict[str, Any]]
    pains: tuple[tuple[str, ...], tuple[str, ...]]
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
        "attributes": st.sampled_from(
            [
                {},
                {},
                {},
                {},
                {"competitor": False},
                {"competitor": True},
                {"tools": ["ERP", "Excel"]},
                {"tools": ["MES"]},
            ]
        ),
    }
)
EVENTS = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 24 * 90)), max_size=6).map(tuple)
CASES = st.builds(
    Case,
    framework=st.sampled_from(["bant", "bant", "anum", "am", "champ", "meddic", "icp"]),
    once=st.tuples(*[st.booleans()] * len(KINDS)),
    pains=st.tuples(*[st.lists(st.sampled_from(PAINS), max_size=2, unique=True).map(tuple)] * 2),
    gates=st.fixed_dictionaries(
        {
            "mql": st.fixed_dictionaries(
                {"fit": st.integers(0, 60), "engagement": st.integers(1, 60), "low": st.integers(5, 45)},
                optional={
                    "form": st.sampled_from(["fit_and_interest", "weighted", "weighted", "k_of_n", "minimums"]),
                    "weights": st.fixed_dictionaries(
                        {name: st.integers(0, 3) for name in ("fit", "engagement", "low")}
                    ),
                    "total": st.integers(5, 50),
                    "k": st.integers(1, 3),
                },
            ),
            "sql": st.fixed_dictionaries(
                {"low": st.integers(5, 70), "criterion": st.integers(0, 50)},
                optional={"form": st.sampled_from(["minimums", "weighted", "k_of_n"]), "k": st.integers(1, 4)},
            ),
            "margin": st.sampled_from([0, 15, 30, 30, 45, 45]),
        }
    ),
    weights=st.tuples(*[st.integers(1, 5)] * 6),
    required=st.tuples(*[st.sampled_from([True, *[False] * 7])] * 6),
    fit_points=st.tuples(*[st.integers(1, 40)] * (len(DIRECT["fit"]) + len(MORE_RULES))),
    warm=st.integers(0, 100),
    fields=st.tuples(FIELDS, FIELDS),
    answers=st.tuples(AT_FIRST, LATER),
    events=st.tuples(EVENTS, EVENTS),
)


def definition_of(case: Case) -> dict[str, Any]:
    made = copy.deepcopy(DIRECT)
    made |= {"framework": case.framework, "criteria": FRAMEWORKS[case.framework].criteria_json()}
    made["fit"] += [{"code": code, "text": code, "points": 1, "when": [when]} for code, when in MORE_RULES]
    for criterion, weight, required in zip(made["criteria"], case.weights, case.required, strict=False):
        criterion |= {"weight": weight, "required": required and criterion["code"] not in UNASKED}
    for rule, points in zip(made["fit"], case.fit_points, strict=True):
        rule["points"] = points
    for kind, once in zip(KINDS, case.once, strict=True):
        next(rule for rule in made["engagement"] if rule["kind"] == kind)["once"] = once
    asked = sum(criterion["code"] not in UNASKED for criterion in made["criteria"])
    made["gates"], made["warm_engagement"] = valid(copy.deepcopy(case.gates), asked), case.warm
    return made


def valid(gates: dict[str, Any], asked: int) -> dict[str, Any]:
    """The gates without what publishing would refuse."""
    mql, sql = gates["mql"], gates["sql"]
    if mql.get("form") == "weighted":
        mql.setdefault("total", 20)
        mql.setdefault("weights", {"fit": 1, "engagement": 1, "low": 1})
        mql["weights"]["low"] += not sum(mql["weights"].values())
    elif mql.get("form") == "k_of_n":
        mql.setdefault("k", 2)
    if sql.get("form") == "k_of_n" and not asked:
        sql["form"] = "minimums"
    if sql.get("form") == "k_of_n":
        sql["k"] = min(sql.get("k", 2), asked)
    else:
        # An SQL gate that asks for less than the MQL gate is refused.
        sql["low"] = max(sql["low"], mql["low"])
    return gates
