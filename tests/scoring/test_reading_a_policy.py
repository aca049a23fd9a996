"""A definition is read field by field: whoever writes one is told every field that is wrong, and what to put there."""

import copy
from typing import Any

import pytest

from scoring.engine import FactKind, InvalidPolicy, parse
from scoring.gates import GateForm
from scoring.packs.policies import DIRECT

FACTS = {
    "industry": FactKind.CHOICE,
    "employees": FactKind.NUMBER,
    "revenue": FactKind.NUMBER,
    "seniority": FactKind.CHOICE,
    "department": FactKind.CHOICE,
    "company": FactKind.CHOICE,
    "attribute:competitor": FactKind.FLAG,
    "pains": FactKind.SET,
}


def changed(path: str, value: Any) -> dict[str, Any]:
    """The shipped policy with one field put otherwise, such as "gates.mql.fit"."""
    definition = copy.deepcopy(DIRECT)
    at: Any = definition
    *way, last = path.split(".")
    for step in way:
        at = at[int(step)] if isinstance(at, list) else at[step]
    at[int(last) if isinstance(at, list) else last] = value
    return definition


def problems(definition: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(InvalidPolicy) as refused:
        parse(definition, FACTS)
    return refused.value.problems


WRONG = [
    ("fit.0.when.0.fact", "moon", "fit.0.when.0.fact", "Choose one of the registered facts"),
    ("fit.0.when.0.op", "at_least", "fit.0.when.0.op", "does not fit a fact of kind choice"),
    ("fit.1.when.0.operand", "NaN", "fit.1.when.0.operand", "Give a number"),
    ("fit.0.when", [], "fit.0.when", "at least one condition"),
    ("fit.0.points", 0, "fit.0.points", "from 1 to 1000"),
    ("fit.0.txet", "Misspelt", "fit.0.txet", "There is no such field"),
    ("criteria.0.weight", 0, "criteria.0.weight", "from 1 to 100"),
    ("criteria.0.concepts", [], "criteria.0.concepts", "Name at least one concept"),
    ("engagement.0.half_life_days", 0, "engagement.0.half_life_days", "above 0"),
    ("engagement.0.once", "yes", "engagement.0.once", "true or false"),
    ("hand_raises", ["moonrise"], "hand_raises", "no engagement rule: moonrise"),
    ("gates.sql.low", 30, "gates.sql.low", "at least as high as the MQL gate"),
    ("gates.sql.form", "magic", "gates.sql.form", "minimums, weighted, k_of_n"),
    ("gates.sql", {"low": 0, "criterion": 50, "form": "k_of_n", "k": 5}, "gates.sql.k", "from 1 to 4"),
    ("gates.mql", {"fit": 0, "engagement": 0, "low": 0, "form": "minimums"}, "gates.mql.fit", "every lead would pass"),
    (
        "gates.mql",
        {"fit": 1, "engagement": 1, "low": 1, "form": "weighted", "total": 9, "weights": {"fit": 0, "engagement": 0, "low": 0}},
        "gates.mql.weights",
        "add to nothing",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "field", "said"), WRONG)
def test_what_is_wrong_is_named_by_its_field(path: str, value: Any, field: str, said: str) -> None:
    assert said in problems(changed(path, value))[field]


def test_a_policy_without_any_rule_is_refused() -> None:
    empty = {**DIRECT, "criteria": [], "fit": [], "personas": [], "engagement": [], "hand_raises": []}
    assert "no rules" in problems(empty)["fit"]


def test_all_that_is_wrong_is_said_at_once() -> None:
    wrong = changed("fit.0.points", -1) | {"warm_engagement": 101, "hand_raise_days": 0}
    assert {"fit.0.points", "warm_engagement", "hand_raise_days"} <= set(problems(wrong))


def test_a_gate_without_a_form_has_the_one_from_before_there_were_several() -> None:
    gates = parse(DIRECT, FACTS).gates
    assert (gates.mql_form, gates.sql_form) == (GateForm.FIT_AND_INTEREST, GateForm.MINIMUMS)


def test_a_kind_counts_every_time_unless_it_says_once() -> None:
    assert not any(rule.once for rule in parse(DIRECT, FACTS).engagement)
    assert parse(changed("engagement.3.once", True), FACTS).engagement[3].once
