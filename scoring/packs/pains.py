"""Pains and goals, the editable list's first entries: (kind, code, label)."""

from django.utils.translation import gettext_noop as _

from scoring.models import Pain

PAINS: tuple[tuple[Pain.Kind, str, str], ...] = (
    (Pain.Kind.PAIN, "downtime", _("Machines or systems stand still")),
    (Pain.Kind.PAIN, "errors", _("Too many errors and returns")),
    (Pain.Kind.PAIN, "manual_work", _("Too much work by hand")),
    (Pain.Kind.PAIN, "slow_delivery", _("Delivery takes too long")),
    (Pain.Kind.PAIN, "high_cost", _("Running costs are too high")),
    (Pain.Kind.PAIN, "no_overview", _("No overview, figures come late")),
    (Pain.Kind.PAIN, "weak_support", _("The supplier does not help when it matters")),
    (Pain.Kind.PAIN, "staff_shortage", _("People are hard to find")),
    (Pain.Kind.PAIN, "compliance", _("Rules and audits are hard to meet")),
    (Pain.Kind.PAIN, "lost_customers", _("Customers leave")),
    (Pain.Kind.GOAL, "grow", _("Grow in a new market")),
    (Pain.Kind.GOAL, "more_leads", _("More leads of better quality")),
    (Pain.Kind.GOAL, "save_cost", _("Lower the cost per piece")),
    (Pain.Kind.GOAL, "better_quality", _("Better quality than the competition")),
    (Pain.Kind.GOAL, "faster", _("Be faster from order to delivery")),
    (Pain.Kind.GOAL, "fuller_portfolio", _("Close a gap in the portfolio")),
)
