"""Digital-marketing agency: a marketing budget, power to hire, and a wish for more presence or leads now."""

from typing import Any

from django.utils.translation import gettext_noop as _

from scoring.frameworks import BANT
from scoring.packs import engagement
from scoring.packs.policies import DISQUALIFIERS, GATES, HAS_A_SAY
from scoring.packs.ruling import persona, rule, when

NAME = _("Digital-marketing agency")
ABOUT = _("A marketing budget, power to hire an agency, and a wish for more presence online or more leads now.")

PERSONAS = (
    (
        "marketing_lead",
        _("Marketing lead"),
        _("Has a budget and a target that is too high for the team. Wants leads that sales accepts."),
    ),
    (
        "business_owner",
        _("Owner of a small business"),
        _("Does the marketing beside everything else. Wants to be found, and to see what each euro brings."),
    ),
)

HINTS = {
    "budget": _("What do they spend on marketing a month, and on what?"),
    "decision_maker": _("Who may hire an agency, and who worked with the last one?"),
    "pain": _("Do they miss visitors, or do visitors not become leads?"),
    "decision_date": _("When do the leads have to be there: a season, a launch, a fair?"),
}

POLICY: dict[str, Any] = {
    "framework": BANT.code,
    "criteria": BANT.criteria_json(),
    "fit": [
        rule("size", _("5 to 500 employees"), 25, when("employees", "at_least", 5), when("employees", "below", 501)),
        rule("company", _("We know the company"), 15, when("company", "known")),
        rule("seniority", _("May hire: manager or above"), 30, when("seniority", "in", [*HAS_A_SAY, "Founder"])),
    ],
    "personas": [
        persona(
            "marketing_lead",
            rule(
                "department",
                _("Works in marketing"),
                20,
                when("department", "in", ["Marketing", "Communication", "Sales"]),
            ),
            rule("level", _("Leads people"), 10, when("seniority", "in", HAS_A_SAY)),
        ),
        persona(
            "business_owner", rule("level", _("Runs the business"), 30, when("seniority", "in", ["Owner", "Founder"]))
        ),
    ],
    "disqualifiers": DISQUALIFIERS,
    "engagement": [*engagement.ONLINE, *engagement.OFFLINE],
    "hand_raises": list(engagement.HAND_RAISES),
    "hand_raise_days": 30,
    "gates": GATES,
    "warm_engagement": 40,
}
