"""What a report says, in one sentence: read from its figures, and silent where they are too few to say anything."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from reports.catalogue import REPORTS
from reports.rendering import Payload
from users import formats

Row = Mapping[str, Any]
FUNNEL_STEPS = (
    ("lead_to_mql", "mql"),
    ("mql_to_sal", "sal"),
    ("sal_to_sql", "sql"),
    ("sql_to_opportunity", "opportunity"),
    ("opportunity_to_won", "won"),
)


def finding(payload: Payload) -> str:
    """One sentence, or two; empty where there is nothing to say."""
    return FINDINGS[payload["name"]](payload)


def number(value: float | None) -> str:
    return formats.number(value)


def percent(cell: Row) -> str:
    return formats.rate(cell["rate"])


def extremes(payload: Payload, code: str) -> str:
    """Which group has the highest and which the lowest rate, among those with enough cases."""
    rows = [
        row
        for row in payload["rows"]
        if "key" in row and row[code]["rate"] is not None and row[code]["denominator"] >= formats.FEW
    ]
    if not payload["by"] or len(rows) < 2:
        return ""
    best, worst = max(rows, key=lambda row: row[code]["rate"]), min(rows, key=lambda row: row[code]["rate"])
    if best[code]["rate"] == worst[code]["rate"]:
        return ""
    return " " + _("Highest: %(best)s with %(high)s; lowest: %(worst)s with %(low)s.") % {
        "best": best[payload["by"]],
        "high": percent(best[code]),
        "worst": worst[payload["by"]],
        "low": percent(worst[code]),
    }


def of_rate(payload: Payload, code: str, sentence: str, nothing: str) -> str:
    cell = payload["totals"][code]
    if cell["rate"] is None:
        return nothing
    base = {"part": number(cell["numerator"]), "whole": number(cell["denominator"]), "rate": percent(cell)}
    return sentence % base + extremes(payload, code)


def win_rate(payload: Payload) -> str:
    return of_rate(
        payload,
        "win_rate",
        _("%(part)s of %(whole)s decided deals went our way: %(rate)s."),
        _("No deal was decided in this period, so there is no win rate."),
    )


def lead_conversion(payload: Payload) -> str:
    return of_rate(
        payload,
        "lead_conversion",
        _("%(part)s of %(whole)s leads became prospects: %(rate)s."),
        _("No lead came in this period."),
    )


def handoff(payload: Payload) -> str:
    return of_rate(
        payload,
        "acceptance",
        _("Sales accepted %(part)s of the %(whole)s hand-offs it decided: %(rate)s."),
        _("Sales decided no hand-off in this period."),
    )


def lead_funnel(payload: Payload) -> str:
    """How many leads became customers, and at which step most are lost."""
    totals = payload["totals"]
    if not totals["leads"]:
        return _("No lead came in this period.")
    said = _("%(won)s of %(leads)s leads became customers: %(rate)s.") % {
        "leads": number(totals["leads"]),
        "won": number(totals["won"]),
        "rate": percent(totals["lead_to_won"]),
    }
    steps = [(totals[code], target) for code, target in FUNNEL_STEPS if totals[code]["denominator"] >= formats.FEW]
    if not steps:
        return said
    cell, target = min(steps, key=lambda step: step[0]["rate"])
    labels = {column.code: column.label for column in REPORTS["lead-funnel"].columns}
    return f"{said} " + _("The narrowest step leads to %(stage)s: %(rate)s get through.") % {
        "stage": labels[target],
        "rate": percent(cell),
    }


def leads_by_source(payload: Payload) -> str:
    """Which source brings most, and between which the way to a customer differs most."""
    totals = payload["totals"]
    if not totals["leads"]:
        return _("No lead came in this period.")
    if not payload["by"]:
        return _("%(leads)s leads came, %(won)s of them are customers.") % {
            "leads": number(totals["leads"]),
            "won": number(totals["won"]),
        }
    most = max(payload["rows"], key=lambda row: row["leads"])
    return _("%(name)s brings most: %(leads)s of %(all)s leads, %(share)s.") % {
        "name": most[payload["by"]],
        "leads": number(most["leads"]),
        "all": number(totals["leads"]),
        "share": percent(most["share"]),
    } + extremes(payload, "lead_to_won")


def cohorts(payload: Payload) -> str:
    totals = payload["totals"]
    if not totals["leads"]:
        return _("No lead came in this period.")
    return _("%(won)s of %(leads)s leads are customers, %(soon)s of them within 30 days.") % {
        "won": number(totals["won"]),
        "leads": number(totals["leads"]),
        "soon": number(totals["won_within_30"]),
    } + extremes(payload, "lead_to_won")


def sales_cycle(payload: Payload) -> str:
    won = payload["totals"]["won"]
    if not won["n"]:
        return _("No deal with known dates was won in this period.")
    return _("Half of the won deals took at most %(median)s days, nine in ten at most %(p90)s.") % {
        "median": formats.number(won["median"], 1),
        "p90": formats.number(won["p90"], 1),
    }


def stage_conversion(payload: Payload) -> str:
    steps = [
        row
        for row in payload["totals"]["rows"]
        if row["step"] not in ("closed", "won") and row["from_previous"]["denominator"] >= formats.FEW
    ]
    if not steps:
        return _("Too few deals to say where they stop.")
    worst = min(steps, key=lambda row: row["from_previous"]["rate"])
    return _("Fewest get to %(stage)s: %(rate)s of those at the stage before.") % {
        "stage": worst["step_name"],
        "rate": percent(worst["from_previous"]),
    }


def pipeline(payload: Payload) -> str:
    totals = payload["totals"]
    if not totals["deals"]:
        return _("No deal is open.")
    amount, weighted = totals["amount"], totals["weighted"]
    if "mixed" in amount:
        return _("%(deals)s deals are open, in %(currencies)s: divide by currency to see what they are worth.") % {
            "deals": number(totals["deals"]),
            "currencies": ", ".join(amount["mixed"]),
        }
    return _("%(deals)s deals are open, worth %(amount)s, or %(weighted)s weighted by their stages.") % {
        "deals": number(totals["deals"]),
        "amount": formats.money(amount["amount"], amount["currency"] or ""),
        "weighted": formats.money(weighted["amount"], weighted["currency"] or ""),
    }


def data_quality(payload: Payload) -> str:
    failing = [row for row in payload["totals"]["rows"] if row["records"]]
    if not failing:
        return _("Every check passes.")
    most = max(failing, key=lambda row: row["records"])
    return _("%(failing)s of %(all)s checks find something; most often: %(what)s (%(records)s).") % {
        "failing": len(failing),
        "all": len(payload["totals"]["rows"]),
        "what": most["what"],
        "records": number(most["records"]),
    }


FINDINGS: Mapping[str, Callable[[Payload], str]] = {
    "lead-funnel": lead_funnel,
    "lead-conversion": lead_conversion,
    "leads-by-source": leads_by_source,
    "cohorts": cohorts,
    "handoff": handoff,
    "stage-conversion": stage_conversion,
    "win-rate": win_rate,
    "sales-cycle": sales_cycle,
    "pipeline": pipeline,
    "data-quality": data_quality,
}
