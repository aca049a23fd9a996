"""B2C: the buyer decides alone, and budget is inferred from what can be asked politely, such as the city.

Age bands are off: in many places law forbids to judge by age. A house that may register an attribute for it and add a
rule of its own.
"""

from typing import Any

from django.utils.translation import gettext_noop as _

from scoring.frameworks import BANT
from scoring.packs import engagement
from scoring.packs.policies import GATES
from scoring.packs.ruling import disqualifier, persona, rule, when

NAME = _("Private customers (B2C)")
ABOUT = _(
    "The buyer decides alone. What they can spend is not asked but inferred, from the city for one; age is not looked "
    "at, since law may forbid it."
)

PERSONAS = (
    (
        "private_buyer",
        _("Private buyer"),
        _("Decides alone, often on the same day. Wants to know the price, the date, and that it can be returned."),
    ),
)

HINTS = {
    "budget": _("Do not ask what they earn. The town, what they own today and what they looked at tell enough."),
    "decision_date": _("Is there a day that it is for: a move, a holiday, a birthday?"),
}

POLICY: dict[str, Any] = {
    "framework": BANT.code,
    # Nobody else has to agree, so authority is no criterion; the budget helps and is never required.
    "criteria": [
        {**criterion, "required": criterion["code"] != "budget", "weight": 1 if criterion["code"] == "budget" else 2}
        for criterion in BANT.criteria_json()
        if criterion["code"] != "authority"
    ],
    "fit": [
        rule("city", _("We know the town, and so roughly what can be spent"), 30, when("city", "known")),
        rule("country", _("A country that we deliver to"), 30, when("country", "known")),
        rule("channel", _("Said how they want to be reached"), 20, when("preferred_channel", "known")),
    ],
    "personas": [
        persona(
            "private_buyer", rule("mail", _("Left an address that we can write to"), 20, when("email_domain", "known"))
        )
    ],
    "disqualifiers": [
        disqualifier("not_a_buyer", _("Student or applicant"), when("seniority", "in", ["Student", "Applicant"]))
    ],
    "engagement": [*engagement.ONLINE],
    "hand_raises": list(engagement.HAND_RAISES),
    "hand_raise_days": 7,
    "gates": {**GATES, "mql": {**GATES["mql"], "engagement": 20}},
    "warm_engagement": 30,
}
