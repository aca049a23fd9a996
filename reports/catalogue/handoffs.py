"""The report about hand-offs: what marketing offered and what sales made of it."""

from django.utils.translation import gettext_lazy as _

from reports.definitions import BOTH, Column, Record, Report, Unit, percent
from reports.queries import handoffs

HANDOFF = Report(
    name="handoff",
    title=_("Hand-offs"),
    reason=_("Whether sales wants what marketing hands over, and how fast it answers."),
    statement=handoffs.handoff,
    row=handoffs.Handoffs,
    record=Record.HANDOFF,
    dimensions=handoffs.OF_HANDOFFS,
    page_by="month",
    measure="acceptance",
    views=BOTH,
    owner_at=_(
        "The team is the one in whose queue it stood, and the owner the lead's, at the offer; for decisions of a period, at the decision."
    ),
    period_of=_("Hand-offs offered in the period; in the period view, offers and decisions each by their own date."),
    columns=[
        Column(
            "offered",
            _("Offered"),
            Unit.HANDOFFS,
            _("Leads offered to sales; those in review or returned by it are not."),
        ),
        Column("accepted", _("Accepted"), Unit.HANDOFFS, _("Sales took the lead.")),
        Column(
            "rejected",
            _("Rejected"),
            Unit.HANDOFFS,
            _("Sales sent the lead back with a reason; divide by reason to see which."),
        ),
        Column("recycled", _("Recycled"), Unit.HANDOFFS, _("Kept warm until a date.")),
        Column(
            "withdrawn",
            _("Withdrawn"),
            Unit.HANDOFFS,
            _("The gate was lost before anybody decided; neither accepted nor rejected."),
        ),
        Column("waiting", _("Waiting"), Unit.HANDOFFS, _("Offered and not yet decided, as of the moment.")),
        percent(
            "acceptance",
            _("Acceptance"),
            _("Accepted / decided; decided is accepted, rejected or recycled."),
            "decided",
        ),
        percent(
            "sla_kept",
            _("On time"),
            _("Decided within the time to accept / decided, or overdue and undecided."),
            "timed",
        ),
        Column(
            "hours_to_decision",
            _("Hours to decision"),
            Unit.HOURS,
            _("From offer to decision, by the clock on the wall, nights included."),
            "decided",
        ),
        Column("in_review", _("In review"), Unit.HANDOFFS, _("Marketing looks first; sales does not see them.")),
        Column("returned", _("Returned"), Unit.HANDOFFS, _("Sent back by marketing's review; in no rate.")),
    ],
)
