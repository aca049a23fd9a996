"""The shipped policies: fit rules, personas, disqualifiers, engagement and the default gates (decisions.md 7).

They are published as "shipped, unsigned": a start to be argued over by marketing and sales, not a truth.
Within fit every rule can hold at the same time as all others, so that a perfect lead reaches 100.
"""

from typing import Any

from django.utils.translation import gettext_noop as _

from scoring.frameworks import BANT
from scoring.packs import engagement
from scoring.packs.ruling import disqualifier, persona, rule, when

GATES: dict[str, Any] = {
    "mql": {"fit": 50, "engagement": 30, "low": 40},
    "sql": {"low": 70, "criterion": 50},
    "margin": 5,
}

HAS_A_SAY = ["Manager", "Head", "Director", "VP", "C-level", "Owner"]


# An editable flag of leads (decisions.md 27), registered by intake/setting_up.py.
COMPETITOR_ATTRIBUTE = "competitor"

DISQUALIFIERS = [
    disqualifier("competitor", _("Works for a competitor"), when(f"attribute:{COMPETITOR_ATTRIBUTE}", "is", True)),
    disqualifier("not_a_buyer", _("Student or applicant"), when("seniority", "in", ["Student", "Applicant"])),
]
TECHNOLOGY = ["IT", "Engineering", "Quality", "Research"]

DIRECT: dict[str, Any] = {
    "framework": BANT.code,
    "criteria": BANT.criteria_json(),
    "fit": [
        rule(
            "industry",
            _("An industry that we know"),
            25,
            when("industry", "in", ["Manufacturing", "Logistics", "Healthcare", "Retail", "Technology", "Energy"]),
        ),
        rule(
            "size",
            _("50 to 5,000 employees"),
            25,
            when("employees", "at_least", 50),
            when("employees", "below", 5001),
        ),
        rule("revenue", _("Revenue of 5 million or more"), 15, when("revenue", "at_least", 5_000_000)),
        rule("seniority", _("Has a say: manager or above"), 15, when("seniority", "in", HAS_A_SAY)),
    ],
    "personas": [
        persona(
            "operations_lead",
            rule(
                "department",
                _("Works in operations"),
                12,
                when("department", "in", ["Operations", "Production", "Maintenance", "Logistics"]),
            ),
            rule("level", _("Leads people"), 8, when("seniority", "in", HAS_A_SAY)),
        ),
        persona(
            "finance_lead",
            rule(
                "department",
                _("Works in finance"),
                12,
                when("department", "in", ["Finance", "Controlling", "Procurement"]),
            ),
            rule("level", _("Leads people"), 8, when("seniority", "in", HAS_A_SAY)),
        ),
        persona(
            "technical_evaluator",
            rule("department", _("Works in technology"), 12, when("department", "in", TECHNOLOGY)),
            # A company alone says nothing about what somebody does there.
            rule(
                "company",
                _("In technology at a company that we know"),
                8,
                when("department", "in", TECHNOLOGY),
                when("company", "known"),
            ),
        ),
        persona(
            "general_manager",
            rule("department", _("Runs the firm"), 12, when("department", "in", ["Management", "General management"])),
            rule("level", _("Has the last word"), 8, when("seniority", "in", ["C-level", "Owner"])),
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
        rule(
            "industry",
            _("A trade that sells what we make"),
            30,
            when("industry", "in", ["Distribution", "Wholesale", "Agency", "Reseller", "Technology"]),
        ),
        rule("size", _("5 to 1,000 employees"), 20, when("employees", "at_least", 5), when("employees", "below", 1001)),
        rule("country", _("We know where they sell"), 15, when("country", "known")),
        rule("seniority", _("Has a say: manager or above"), 15, when("seniority", "in", HAS_A_SAY)),
    ],
    "personas": [
        persona(
            "portfolio_manager",
            rule(
                "department",
                _("Works in product or purchasing"),
                12,
                when("department", "in", ["Product", "Purchasing", "Procurement", "Sales"]),
            ),
            rule("level", _("Leads people"), 8, when("seniority", "in", HAS_A_SAY)),
        ),
        persona(
            "partner_owner",
            rule("department", _("Runs the firm"), 8, when("department", "in", ["Management", "General management"])),
            rule("level", _("Signs for the firm"), 12, when("seniority", "in", ["C-level", "Owner"])),
        ),
    ],
    "disqualifiers": DISQUALIFIERS,
    "engagement": [*engagement.ONLINE, *engagement.OFFLINE, *engagement.CHANNEL_ONLY],
    "hand_raises": list(engagement.HAND_RAISES),
    "hand_raise_days": 30,
    "gates": GATES,
    "warm_engagement": 50,
}
