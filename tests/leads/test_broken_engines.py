"""The differential test of tests/leads/test_sql_equals_python.py can fail: three engines broken on purpose are noticed."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from psycopg2 import sql

from leads import judging, judging_parts, judging_sql, scores
from scoring import sql as scoring_sql
from scoring.engine import Definition, Op
from tests.leads.test_sql_equals_python import run
from users.models import User


def thresholds_are_not_reached_by_equality(patch: pytest.MonkeyPatch) -> None:
    """A rule "at least 50" that 50 does not meet."""
    right = scoring_sql.condition

    def wrong(tested: Any, facts: Any) -> sql.Composable:
        if tested.op is not Op.AT_LEAST:
            return right(tested, facts)
        return sql.SQL("coalesce({} > {}, false)").format(facts[tested.fact].expression, sql.Literal(tested.operand))

    patch.setattr(scoring_sql, "condition", wrong)


def the_margin_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    """A gate that held falls as soon as its threshold is missed."""
    right = judging_parts.gates

    def wrong(definition: Definition) -> dict[str, sql.Composable]:
        return right(replace(definition, gates=replace(definition.gates, margin=0)))

    patch.setattr(judging_parts, "gates", wrong)


def caps_are_forgotten(patch: pytest.MonkeyPatch) -> None:
    """Somebody who reads the same page for hours becomes the hottest lead."""
    assert "least(cap, points * units)" in judging_sql.JUDGED
    patch.setattr(judging, "JUDGED", judging_sql.JUDGED.replace("least(cap, points * units)", "(points * units)"))


@pytest.mark.parametrize(
    "mutation", [thresholds_are_not_reached_by_equality, the_margin_is_forgotten, caps_are_forgotten]
)
def test_a_broken_engine_is_noticed(
    mutation: Callable[[pytest.MonkeyPatch], None],
    alice: User,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    mutation(monkeypatch)
    with pytest.raises(AssertionError) as noticed:
        run(60)
    with capsys.disabled():
        print(f"\n{mutation.__name__}: {str(noticed.value).splitlines()[0][:160]}")
    for cached in (scores._kept_judge, scores._writing_statement):
        cached.cache_clear()
