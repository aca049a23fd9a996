"""The rows of the ledger (decisions.md 6): each part's rows add up to it; caps, clamps and rounding are rows of their own."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.translation import gettext as _

from leads.sheet import Row
from scoring.engine import EventRule, Rule
from scoring.wording import worded

FINE = Decimal("0.0001")


def _fine(value: Decimal) -> Decimal:
    return value.quantize(FINE, rounding=ROUND_HALF_UP)


def _closing(part: str, whole: Decimal, rows: Sequence[Row], low: Decimal | None = None) -> list[Row]:
    """The row that closes the sum to the rounded part; absent when the rows already add up."""
    rest = whole - sum((row.points for row in rows), Decimal(0))
    rest_low = None if low is None else low - sum((row.points_low or Decimal(0) for row in rows), Decimal(0))
    if not rest and not rest_low:
        return []
    return [Row(part, _("Rounding"), "", rest, rest_low)]


def fit_rows(
    fit: Decimal | None,
    icp: Sequence[tuple[Rule, bool]],
    persona: Sequence[tuple[Rule, bool]],
    values: Mapping[str, Any],
    names: Mapping[str, str],
) -> list[Row]:
    """The rules that hold, against all points that the profile and the best persona could give."""
    rules = [*icp, *persona]
    possible = sum(rule.points for rule, _held in rules)
    if fit is None or not possible:
        return []
    rows = [
        Row(
            "fit",
            rule.text,
            ", ".join(f"{names[fact]}: {values.get(fact)}" for fact in dict.fromkeys(c.fact for c in rule.when)),
            _fine(Decimal(100) * rule.points / possible),
        )
        for rule, held in rules
        if held
    ]
    return rows + _closing("fit", fit, rows)


def engagement_rows(engagement: Decimal, rules: Sequence[EventRule], fading: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Each kind's faded sum; its cap and the clamp to 0..100 as rows of their own."""
    texts = {rule.kind: rule.text for rule in rules}
    rows: list[Row] = []
    for kind in fading:
        raw = Decimal(kind["points"]) * Decimal(kind["units"])
        cap = Decimal(kind["cap"])
        held = min(cap, raw)
        count = round(float(kind["units"]), 2)
        evidence = _("worth %(count)s fresh ones, %(points)s points each") % {
            "count": count,
            "points": int(kind["points"]),
        }
        at = datetime.fromisoformat(kind["latest"])
        rows.append(Row("engagement", _(texts[kind["kind"]]), evidence, _fine(raw), at=at))
        if held != raw:
            limit = _("Limit of %(cap)s for: %(rule)s") % {"cap": int(cap), "rule": _(texts[kind["kind"]])}
            rows.append(Row("engagement", limit, "", _fine(held) - _fine(raw)))
    total = sum((row.points for row in rows), Decimal(0))
    clamped = max(Decimal(0), min(Decimal(100), total))
    if clamped != total:
        rows.append(Row("engagement", _("Limited to 0 to 100"), "", clamped - total))
    return rows + _closing("engagement", engagement, rows)


def qualification_rows(score: Decimal | None, low: Decimal, questions: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Each valued answer: its share of the score among what is answered, and of low among all that is asked."""
    total = sum(question["weight"] for question in questions)
    valued = [question for question in questions if question["value"] is not None]
    answered = sum(question["weight"] for question in valued)
    if score is None or not answered:
        return []
    rows = []
    for question in valued:
        earned = Decimal(question["weight"]) * Decimal(question["value"])
        evidence = worded(question["label"], question["label_wording"])
        if question["by"]:
            evidence = _("%(answer)s (%(person)s)") % {"answer": evidence, "person": question["by"]}
        if question["passed"]:
            evidence = _("%(evidence)s. The date has passed: it counts 0 until it has happened") % {
                "evidence": evidence
            }
        at = datetime.fromisoformat(question["at"]) if question["at"] else None
        rows.append(
            Row(
                "qualification",
                worded(question["text"], question["wording"], "text"),
                evidence,
                _fine(earned / answered),
                _fine(earned / total),
                at,
            )
        )
    return rows + _closing("qualification", score, rows, low)
