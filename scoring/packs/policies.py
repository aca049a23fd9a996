"""The shipped policies: fit rules, personas, disqualifiers, engagement and the default gates (decisions.md 7).

They are published as "shipped, unsigned": a start to be argued over by marketing and sales, not a truth.
Within fit every rule can hold at the same time as all others, so that a perfect lead reaches 100.
"""

from typing import Any

from django.utils.translation import gettext_noop as _

from scoring.frameworks import BANT
from scoring.packs import engagement

GATES: dict[str, Any] = {
    "mql": {"fit": 50, "engagement": 30, "low": 40},
    "sql": {"low": 70, "criterion": 50},
    "margin": 5,
}

HAS_A_SAY = ["Manager", "Head", "Director", "VP", "C-level", "Owner"]


def _when(fact: str, op: str, operand: Any = None) -> dict[str, Any]:
    return {"fact": fact, "op": op, "operand": operand}


def _rule(code: str, text: str, points: int, *when: dict[str, Any]) -> dict[str, Any]:
    return {"code": code, "text": text, "points": points, "when": list(when)}


def _disqualifier(code: str, text: str, *when: dict[str, Any]) -> dict[str, Any]:
    return {"code": code, "text": text, "when": list(when)}


def _persona(code: str, *rules: dict[str, Any]) -> dict[str, Any]:
    return {"code": code, "rules": list(rules)}


# An editable flag of leads (decisions.md 27), registered by intake/setting_up.py.
COMPETITOR_ATTRIBUTE = "competitor"

DISQUALIFIERS = [
    _disqualifier("competitor", _("Works for a competitor"), _when(f"attribute:{COMPETITOR_ATTRIBUTE}", "is", True)),
    _disqualifier("not_a_buyer", _("Student or applicant"), _when("seniority", "in", ["Student", "Applicant"])),
]

DIRECT: dict[str, Any] = {
    "framework": BANT.code,
    "criteria": BANT.criteria_json(),
    "fit": [
        _rule(
            "industry",
            _("An industry that we know"),
            25,
            _when("industry", "in", ["Manufacturing", "Logistics", "Healthcare", "Retail", "Technology", "Energy"]),
        ),
        _rule(
            "size",
            _("50 to 5,000 employees"),
            25,
            _when("employees", "at_least", 50),
            _when("employees", "below", 5001),
        ),
        _rule("revenue", _("Revenue of 5 million or more"), 15, _when("revenue", "at_least", 5_000_000)),
        _rule("seniority", _("Has a say: manager or above"), 15, _when("seniority", "in", HAS_A_SAY)),
    ],
    "personas": [
        _persona(
            "operations_lead",
            _rule(
                "department",
                _("Works in operations"),
                12,
                _when("department", "in", ["Operations", "Production", "Maintenance", "Logistics"]),
            ),
            _rule("level", _("Leads people"), 8, _when("seniority", "in", HAS_A_SAY)),
        ),
        _persona(
            "finance_lead",
            _rule(
                "department",
                _("Works in finance"),
                12,
                _when("department", "in", ["Finance", "Controlling", "Procurement"]),
            ),
            _rule("level", _("Leads people"), 8, _when("seniority", "in", HAS_A_SAY)),
        ),
        _persona(
            "technical_evaluator",
            _rule(
                "department",
                _("Works in technology"),
                12,
                _when("department", "in", ["IT", "Engineering", "Quality", "Research"]),
            ),
            _rule("company", _("We know the company"), 8, _when("company", "known")),
        ),
        _persona(
            "general_manager",
            _rule(
                "department", _("Runs the firm"), 12, _when("department", "in", ["Management", "General management"])
            ),
            _rule("level", _("Has the last word"), 8, _when("seniority", "in", ["C-level", "Owner"])),
        ),
    ],
    "disqualifiers": DISQUALIFIERS,
    "engagement": [*engagement.ONLINE, *engagement.OFFLINE],
    "hand_raises": list(engagement.HAND_RAISES),
    "hand_raise_days": 30,
    "gates": GATES,
    "warm_engagement": 50,
}

CHANNEL: dict[str, Any] = {
    "framework": BANT.code,
    "criteria": BANT.criteria_json(),
    "fit": [
        _rule(
            "industry",
            _("A trade that sells what we make"),
            30,
            _when("industry", "in", ["Distribution", "Wholesale", "Agency", "Reseller", "Technology"]),
        ),
        _rule(
            "size", _("5 to 1,000 employees"), 20, _when("employees", "at_least", 5), _when("employees", "below", 1001)
        ),
        _rule("country", _("We know where they sell"), 15, _when("country", "known")),
        _rule("seniority", _("Has a say: manager or above"), 15, _when("seniority", "in", HAS_A_SAY)),
    ],
    "personas": [
        _persona(
            "portfolio_manager",
            _rule(
                "department",
                _("Works in product or purchasing"),
                12,
                _when("department", "in", ["Product", "Purchasing", "Procurement", "Sales"]),
            ),
            _rule("level", _("Leads people"), 8, _when("seniority", "in", HAS_A_SAY)),
        ),
        _persona(
            "partner_owner",
            _rule("department", _("Runs the firm"), 8, _when("department", "in", ["Management", "General management"])),
            _rule("level", _("Signs for the firm"), 12, _when("seniority", "in", ["C-level", "Owner"])),
        ),
    ],
    "disqualifiers": DISQUALIFIERS,
    "engagement": [*engagement.ONLINE, *engagement.OFFLINE, *engagement.CHANNEL_ONLY],
    "hand_raises": list(engagement.HAND_RAISES),
    "hand_raise_days": 30,
    "gates": GATES,
    "warm_engagement": 50,
}
