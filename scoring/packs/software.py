"""Software start-up: money for technology, somebody with authority, and an active wish to streamline."""

from typing import Any

from django.utils.translation import gettext_noop as _

from scoring.frameworks import ANUM
from scoring.packs import engagement
from scoring.packs.policies import DISQUALIFIERS, GATES, HAS_A_SAY
from scoring.packs.ruling import persona, rule, when

NAME = _("Software start-up")
ABOUT = _("Money for technology, authority to buy it, and an active wish to streamline. Authority and need come first.")

PERSONAS = (
    (
        "technology_lead",
        _("Technology lead"),
        _("Answers for what the company runs on. Wants less to maintain, asks about connections and security."),
    ),
    (
        "founder",
        _("Founder"),
        _("Signs alone and soon. Wants to know how fast it pays and how little work it makes."),
    ),
)

HINTS = {
    "budget": _("Ask what they spend on tools today: money for technology is often there under another name."),
    "pain": _("Which steps do they do by hand that they are trying to get rid of right now?"),
    "tried": _("Which tools have they tried or written themselves? Somebody who looks around is streamlining."),
}

POLICY: dict[str, Any] = {
    "framework": ANUM.code,
    "criteria": ANUM.criteria_json(),
    "fit": [
        rule(
            "industry",
            _("A trade that runs on software"),
            25,
            when("industry", "in", ["Technology", "Software", "Finance", "Retail", "Media", "Services"]),
        ),
        rule(
            "size", _("10 to 1,000 employees"), 25, when("employees", "at_least", 10), when("employees", "below", 1001)
        ),
        rule("seniority", _("Has a say: manager or above"), 20, when("seniority", "in", [*HAS_A_SAY, "Founder"])),
    ],
    "personas": [
        persona(
            "technology_lead",
            rule(
                "department",
                _("Works in technology"),
                15,
                when("department", "in", ["IT", "Engineering", "Product", "Operations"]),
            ),
            rule("level", _("Leads people"), 10, when("seniority", "in", HAS_A_SAY)),
        ),
        persona(
            "founder",
            rule("level", _("Has the last word"), 20, when("seniority", "in", ["Founder", "C-level", "Owner"])),
        ),
    ],
    "disqualifiers": DISQUALIFIERS,
    "engagement": [*engagement.ONLINE, *engagement.OFFLINE],
    "hand_raises": list(engagement.HAND_RAISES),
    "hand_raise_days": 14,
    "gates": GATES,
    "warm_engagement": 40,
}
