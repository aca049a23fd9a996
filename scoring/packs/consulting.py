"""Consulting firm: money set aside for planning, authority to engage, challenges of the market, urgent need of advice."""

from typing import Any

from django.utils.translation import gettext_noop as _

from scoring.frameworks import BANT
from scoring.packs import engagement
from scoring.packs.policies import DISQUALIFIERS, GATES
from scoring.packs.ruling import persona, rule, when

NAME = _("Consulting firm")
ABOUT = _(
    "Money set aside for strategic planning, authority to engage, challenges of the market, and urgent need of advice."
)

PERSONAS = (
    (
        "executive_sponsor",
        _("Executive sponsor"),
        _("Answers for a result that the market has put in question. Engages people whom they trust."),
    ),
    (
        "strategy_lead",
        _("Strategy lead"),
        _("Prepares the decision and compares firms. Wants a method, references and a first finding."),
    ),
)

HINTS = {
    "budget": _("Is there money for strategic planning this year, and what is left of it?"),
    "decision_maker": _("Who may engage a firm, and from which amount does the board have to agree?"),
    "pain": _("What changed in their market, and what happens if they answer it alone?"),
    "decision_date": _("By when do they need the advice: which meeting or deadline is it for?"),
}

DECIDES = ["Director", "VP", "C-level", "Owner", "Partner"]

POLICY: dict[str, Any] = {
    "framework": BANT.code,
    # Advice is bought when it is urgent: need and time weigh double.
    "criteria": [
        {**criterion, "weight": 2 if criterion["code"] in {"need", "timeline"} else 1}
        for criterion in BANT.criteria_json()
    ],
    "fit": [
        rule("size", _("200 employees or more"), 25, when("employees", "at_least", 200)),
        rule("revenue", _("Revenue of 20 million or more"), 25, when("revenue", "at_least", 20_000_000)),
        rule("seniority", _("May engage a firm: director or above"), 30, when("seniority", "in", DECIDES)),
    ],
    "personas": [
        persona(
            "executive_sponsor",
            rule("level", _("Answers for the result"), 20, when("seniority", "in", ["C-level", "Owner"])),
        ),
        persona(
            "strategy_lead",
            rule(
                "department",
                _("Works in strategy or development"),
                20,
                when("department", "in", ["Strategy", "Business development", "Management", "Finance"]),
            ),
        ),
    ],
    "disqualifiers": DISQUALIFIERS,
    "engagement": [*engagement.ONLINE, *engagement.OFFLINE],
    "hand_raises": list(engagement.HAND_RAISES),
    "hand_raise_days": 45,
    "gates": {**GATES, "mql": {**GATES["mql"], "engagement": 20}},
    "warm_engagement": 40,
}
