"""Qualification frameworks as data: which criteria count, in which order, and which are required.

A criterion names concepts, and a question carries concepts, so the same answer serves every framework: what BANT calls
budget is ANUM's and AM's money, BANT's timeline is ANUM's urgency.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_noop as _

# What a question can be about: the four neutral criteria, then the finer ones that the built-in sets tell apart.
CRITERIA: Mapping[str, str] = {
    "budget": _("Budget"),
    "authority": _("Authority"),
    "need": _("Need"),
    "timeline": _("Timeline"),
}
CONCEPTS: Mapping[str, str] = {
    **CRITERIA,
    "spending_process": _("How money is spent"),
    "budget_cycle": _("How the budget is drawn up"),
    "budget_author": _("Who draws up the budget"),
    "expected_sales": _("Expected sales"),
    "target_path": _("The way to the sales target"),
    "target_counting": _("What counts toward the target"),
    "influence": _("Who sways the decision"),
    "purchase": _("Who carries the purchase out"),
    "final_decision": _("Who decides in the end"),
    "sells_on": _("Who sells on to users"),
    "pain": _("Pain"),
    "portfolio_gap": _("Gap in the portfolio"),
    "pain_owner": _("Who feels the pain"),
    "alternatives": _("What was tried"),
    "decision": _("Date of the decision"),
    "order": _("Date of the order"),
    "go_live": _("Date of first use"),
    "acceptance": _("Date of acceptance"),
    "enablement": _("Briefing and training"),
    # Asked for by finer frameworks; an edited set may have questions of these.
    "metrics": _("What success is measured by"),
    "criteria": _("What they decide by"),
    "process": _("How they decide"),
    "champion": _("Who argues for us"),
    "competition": _("Who else is considered"),
}


@dataclass(frozen=True, slots=True)
class FrameworkCriterion:
    """One thing that the framework asks about. `weight` counts against those of the other criteria."""

    code: str
    name: str
    concepts: tuple[str, ...]
    weight: int = 1
    required: bool = True

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "name": self.name,
            "weight": self.weight,
            "required": self.required,
            "concepts": list(self.concepts),
        }


@dataclass(frozen=True, slots=True)
class Framework:
    code: str
    name: str
    criteria: tuple[FrameworkCriterion, ...]

    def criteria_json(self) -> list[dict[str, Any]]:
        """The criteria as a policy's definition holds them: a copy, so that a published policy needs no framework."""
        return [criterion.as_json() for criterion in self.criteria]


BANT = Framework(
    "bant",
    "BANT",
    (
        FrameworkCriterion("budget", _("Budget"), ("budget",)),
        FrameworkCriterion("authority", _("Authority"), ("authority",)),
        FrameworkCriterion("need", _("Need"), ("need",)),
        FrameworkCriterion("timeline", _("Timeline"), ("timeline",)),
    ),
)
ANUM = Framework(
    "anum",
    "ANUM",
    (
        FrameworkCriterion("authority", _("Authority"), ("authority",)),
        FrameworkCriterion("need", _("Need"), ("need",)),
        FrameworkCriterion("urgency", _("Urgency"), ("timeline",), required=False),
        FrameworkCriterion("money", _("Money"), ("budget",), required=False),
    ),
)
AM = Framework(
    "am",
    "AM",
    (
        FrameworkCriterion("authority", _("Authority"), ("authority",)),
        FrameworkCriterion("money", _("Money"), ("budget",)),
    ),
)

CHAMP = Framework(
    "champ",
    "CHAMP",
    (
        FrameworkCriterion("challenges", _("Challenges"), ("need",)),
        FrameworkCriterion("authority", _("Authority"), ("authority",)),
        FrameworkCriterion("money", _("Money"), ("budget",)),
        FrameworkCriterion("prioritization", _("Prioritization"), ("timeline",), required=False),
    ),
)
# Where a set asks nothing closer, the built-in questions serve: who decides is the economic buyer, how money is spent
# is part of how they decide, and what hurts is the pain.
MEDDIC = Framework(
    "meddic",
    "MEDDIC",
    (
        FrameworkCriterion("metrics", _("Metrics"), ("metrics", "expected_sales"), required=False),
        FrameworkCriterion("economic_buyer", _("Economic buyer"), ("final_decision", "budget_author")),
        FrameworkCriterion("criteria", _("Decision criteria"), ("criteria", "influence"), required=False),
        FrameworkCriterion(
            "process", _("Decision process"), ("process", "spending_process", "decision"), required=False
        ),
        FrameworkCriterion("pain", _("Identified pain"), ("pain", "portfolio_gap", "pain_owner")),
        FrameworkCriterion("champion", _("Champion"), ("champion",), required=False),
    ),
)
# Who they are and what they do, whatever they say: no criterion, so the qualification has no value (decisions.md 4).
ICP_ONLY = Framework("icp", _("ICP only"), ())

FRAMEWORKS: Mapping[str, Framework] = {
    framework.code: framework for framework in (BANT, ANUM, AM, CHAMP, MEDDIC, ICP_ONLY)
}
