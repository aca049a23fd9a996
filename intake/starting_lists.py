"""The editable lists as they stand at first start: types, reasons, sources, pipelines (domain.md 2, 5, 6)."""

from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

from accounts.models import AccountType
from leads.models import RejectionReason
from opportunities.models import PipelineStage

CONTEXTS = (("direct", _("Direct sale")), ("channel", _("Channel partner")))

ACCOUNT_TYPES = (
    ("prospect", _("Prospect"), AccountType.Kind.PROSPECT),
    ("customer", _("Customer"), AccountType.Kind.CUSTOMER),
    ("distributor", _("Distributor"), AccountType.Kind.PARTNER),
    ("agent", _("Agent"), AccountType.Kind.PARTNER),
    ("reseller", _("Reseller"), AccountType.Kind.PARTNER),
    ("competitor", _("Competitor"), AccountType.Kind.COMPETITOR),
)

# Six, so that the digits 1 to 6 choose one: code, label, where the lead goes, days of nurture suggested.
REJECTION_REASONS: tuple[tuple[str, str, RejectionReason.Target, int | None], ...] = (
    ("no_budget", _("No money this year"), RejectionReason.Target.NURTURE, 180),
    ("not_now", _("Not the right time"), RejectionReason.Target.NURTURE, 90),
    ("not_reached", _("Could not be reached"), RejectionReason.Target.NURTURE, 30),
    ("wrong_person", _("Wrong person, nobody else named"), RejectionReason.Target.LEAD, None),
    ("no_fit", _("Does not fit what we sell"), RejectionReason.Target.DISQUALIFIED, None),
    ("not_real", _("Not a real lead: duplicate, competitor, spam"), RejectionReason.Target.DISQUALIFIED, None),
)

LOSS_REASONS = (
    ("price", _("Price")),
    ("competitor", _("Chose a competitor")),
    ("no_decision", _("Decided to do nothing")),
    ("no_budget", _("The money went elsewhere")),
    ("timing", _("Put off")),
    ("missing_feature", _("Something was missing")),
    ("lost_contact", _("Lost contact")),
)

LEAD_SOURCES = (
    ("website", _("Website")),
    ("search_ads", _("Search advertising")),
    ("email", _("E-mail campaign")),
    ("fair", _("Fair or event")),
    ("webinar", _("Webinar")),
    ("referral", _("Referral")),
    ("partner", _("Partner")),
    ("outreach", _("Our own outreach")),
)


@dataclass(frozen=True, slots=True)
class StageData:
    """`probability` in percent is what people state; reports show the measured rate beside it."""

    code: str
    name: str
    probability: int
    usual_days: int | None = None
    outcome: PipelineStage.Outcome = PipelineStage.Outcome.OPEN


CLOSING = (
    StageData("won", _("Won"), 100, outcome=PipelineStage.Outcome.WON),
    StageData("lost", _("Lost"), 0, outcome=PipelineStage.Outcome.LOST),
)

# By context; the sales cycle starts at the first stage.
PIPELINES: dict[str, tuple[StageData, ...]] = {
    "direct": (
        StageData("diagnosis", _("Diagnosis"), 10, 14),
        StageData("pain_intervention", _("Pain intervention"), 20, 14),
        StageData("market_insight", _("Market insight"), 35, 14),
        StageData("solution", _("Solution"), 50, 21),
        StageData("proposal", _("Proposal"), 65, 21),
        StageData("negotiation", _("Negotiation"), 80, 14),
        *CLOSING,
    ),
    "channel": (
        StageData("contact", _("Contact"), 10, 14),
        StageData("portfolio_gap", _("Portfolio gap"), 20, 21),
        StageData("briefing", _("Briefing"), 30, 21),
        StageData("training", _("Training"), 45, 30),
        StageData("test_machine", _("Test machine"), 60, 45),
        StageData("agreement", _("Agreement"), 75, 30),
        StageData("first_order", _("First order"), 90, 30),
        *CLOSING,
    ),
}
