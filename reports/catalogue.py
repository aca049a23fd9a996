"""Every report with its name, the reason to look at it, and the definition of each of its numbers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from reports.asked import Asked, View
from reports.queries import handoffs, leads, quality, stages, wins
from reports.queries.dimensions import OF_DEALS, OF_LEADS, Dimension
from reports.queries.statement import Statement

Text = str | Promise


class Unit(StrEnum):
    LEADS = "leads"
    DEALS = "deals"
    RATE = "rate"
    MONEY = "money"
    DAYS = "days"
    HOURS = "hours"
    HANDOFFS = "hand-offs"
    RECORDS = "records"
    TEXT = "text"


class Record(StrEnum):
    """What a number of the report opens."""

    LEAD = "lead"
    DEAL = "deal"
    HANDOFF = "handoff"
    ACCOUNT = "account"


class Row(Protocol):
    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Any: ...


@dataclass(frozen=True, slots=True)
class Column:
    code: str
    label: Text
    unit: Unit
    definition: Text
    # The column whose records a press on this one opens: a rate opens its base. Empty: its own.
    opens: str = ""
    on_page: bool = True  # a code that machines read stands in JSON and CSV only


@dataclass(frozen=True, slots=True)
class Report:
    name: str
    title: Text
    reason: Text  # why look at this
    statement: Callable[[Asked], Statement]
    row: type[Row]
    columns: Sequence[Column]
    record: Record
    dimensions: Mapping[str, Dimension]
    measure: str  # the column under discussion: rows are ordered by it, and the chart draws it
    views: tuple[View, ...] = (View.COHORT,)
    default_by: str | None = None
    page_by: str = ""  # what the page divides by when nobody said; the command then gives one row
    owner_at: Text = ""  # which owner, team, manager and region a number belongs to
    period_of: Text = ""  # which date the period is about
    split: tuple[str, ...] = ()  # what every group is divided by as well: columns of the row
    # Adds what depends on neighbouring rows to what the statement found.
    complete: Callable[[Iterable[dict[str, Any]]], Iterable[dict[str, Any]]] = iter
    for_success: bool = False  # customer success reads it too
    split_keys: Mapping[str, str] = field(default_factory=dict)  # their names in the statement, where those differ

    def record_of(self, split: Mapping[str, str]) -> Record:
        """What the numbers of this part of the report open."""
        return Record(quality.BY_CODE[split["check"]].record) if split.get("check") in quality.BY_CODE else self.record


def percent(code: str, label: Text, definition: Text, opens: str) -> Column:
    return Column(code, label, Unit.RATE, definition, opens)


LEADS_PERIOD = _("Leads created in the period; in the period view, the moves within it.")
OWNER_AT_CREATION = _(
    "Owner, team, manager and region are those at the lead's creation; in the period view, those at the move."
)
BOTH = (View.COHORT, View.PERIOD)

LEADS_COLUMN = Column("leads", _("Leads"), Unit.LEADS, _("Leads created. In the period view: created in the period."))
WON_COLUMN = Column(
    "won", _("Won"), Unit.LEADS, _("Leads that are customers as of the moment: a deal of theirs was won.")
)
LEAD_TO_WON = percent("lead_to_won", _("Lead to won"), _("Won / leads."), "leads")
PROSPECTS = Column(
    "prospects",
    _("Prospects"),
    Unit.LEADS,
    _("Leads that reached SQL: with an SQL transition, or converted without it."),
)

FUNNEL = Report(
    name="lead-funnel",
    title=_("Lead funnel"),
    reason=_("Where leads stop on their way to a customer, and which of them get there."),
    statement=leads.lead_funnel,
    row=leads.LeadFunnel,
    record=Record.LEAD,
    dimensions=OF_LEADS,
    page_by="source",
    measure="lead_to_won",
    views=BOTH,
    owner_at=OWNER_AT_CREATION,
    period_of=LEADS_PERIOD,
    columns=[
        LEADS_COLUMN,
        Column(
            "mql",
            _("MQL"),
            Unit.LEADS,
            _("Leads that reached MQL. Reaching a stage counts as having reached every stage before it."),
        ),
        Column(
            "mql_by_override",
            _("MQL by override"),
            Unit.LEADS,
            _("Of the leads that reached MQL, those that an override brought there."),
        ),
        Column("sal", _("SAL"), Unit.LEADS, _("Leads that sales accepted, or that got further.")),
        Column("sql", _("SQL"), Unit.LEADS, _("Leads that sales qualified, or that got further.")),
        Column(
            "sql_by_override",
            _("SQL by override"),
            Unit.LEADS,
            _("Of these by override, diagnostic conversions included."),
        ),
        Column("opportunity", _("Opportunity"), Unit.LEADS, _("Leads that have a deal, or are won, as of the moment.")),
        Column(
            "opportunity_by_override",
            _("Opportunity by override"),
            Unit.LEADS,
            _("Of these, those converted by a diagnostic override."),
        ),
        WON_COLUMN,
        percent("lead_to_mql", _("Lead to MQL"), _("MQL / leads."), "leads"),
        percent("mql_to_sal", _("MQL to SAL"), _("SAL / MQL."), "mql"),
        percent("sal_to_sql", _("SAL to SQL"), _("SQL / SAL."), "sal"),
        percent("sql_to_opportunity", _("SQL to opportunity"), _("Opportunity / SQL."), "sql"),
        percent("opportunity_to_won", _("Opportunity to won"), _("Won / opportunity."), "opportunity"),
        LEAD_TO_WON,
        Column(
            "days_to_won",
            _("Days to won"),
            Unit.DAYS,
            _(
                "From creation to won, by the time of day. Leads with an unknown date are left out; negative where the win is dated first."
            ),
        ),
        Column(
            "calendar_days_to_won",
            _("Calendar days to won"),
            Unit.DAYS,
            _("Date of the win minus date of creation, in the workspace's zone."),
        ),
    ],
)
LEAD_CONVERSION = Report(
    name="lead-conversion",
    title=_("Lead conversion"),
    reason=_("What share of leads sales finds worth an account and an account manager."),
    statement=leads.lead_conversion,
    row=leads.LeadConversion,
    record=Record.LEAD,
    dimensions=OF_LEADS,
    page_by="month",
    measure="lead_conversion",
    owner_at=_("Owner, team, manager and region are those at the lead's creation."),
    period_of=_("Leads created in the period, whenever they were qualified."),
    columns=[
        LEADS_COLUMN,
        PROSPECTS,
        Column(
            "prospects_by_override",
            _("Of these by override"),
            Unit.LEADS,
            _("Prospects by an override of the SQL gate, diagnostic conversions included."),
        ),
        percent("lead_conversion", _("Lead conversion"), _("Prospects / leads created."), "leads"),
    ],
)
BY_SOURCE = Report(
    name="leads-by-source",
    title=_("Leads by source"),
    reason=_("Which sources bring leads, and which bring customers."),
    statement=leads.leads_by_source,
    row=leads.LeadsBySource,
    complete=leads.with_all_leads,
    record=Record.LEAD,
    dimensions=OF_LEADS,
    measure="leads",
    default_by="source",
    owner_at=_("Owner, team, manager and region are those at the lead's creation."),
    period_of=_("Leads created in the period."),
    columns=[
        LEADS_COLUMN,
        percent("share", _("Share"), _("Leads of the group / all leads of the report."), "leads"),
        PROSPECTS,
        WON_COLUMN,
        LEAD_TO_WON,
    ],
)
COHORTS = Report(
    name="cohorts",
    title=_("Cohorts"),
    reason=_("Whether newer leads turn into customers faster than older ones did."),
    statement=leads.cohorts,
    row=leads.Cohort,
    record=Record.LEAD,
    dimensions=OF_LEADS,
    measure="lead_to_won",
    default_by="month",
    owner_at=_("Owner, team, manager and region are those at the lead's creation."),
    period_of=_("Leads created in the period."),
    columns=[
        LEADS_COLUMN,
        WON_COLUMN,
        LEAD_TO_WON,
        *(
            Column(
                f"won_within_{days}",
                _("Within %(days)s days") % {"days": days},
                Unit.LEADS,
                _("Won at most %(days)s calendar days after creation.") % {"days": days},
            )
            for days in leads.WITHIN
        ),
        Column(
            "won_before_contact",
            _("Won before contact"),
            Unit.LEADS,
            _("The win is dated before the creation: kept, and listed in data quality."),
        ),
    ],
)
CLOSED_PERIOD = _("Deals closed in the period, by close date. Open deals are shown apart, as of the moment.")
OWNER_AT_CLOSE = _("Owner, team, manager and region are those at the close; of open deals, those as of the moment.")
WIN_RATE = Report(
    name="win-rate",
    title=_("Win rate"),
    reason=_("What share of the deals that were decided went our way."),
    statement=wins.win_rate,
    row=wins.WinRate,
    record=Record.DEAL,
    dimensions=OF_DEALS,
    page_by="month",
    measure="win_rate",
    owner_at=OWNER_AT_CLOSE,
    period_of=CLOSED_PERIOD,
    columns=[
        percent("win_rate", _("Win rate"), _("Won / (won + lost), of deals closed in the period."), "win_rate"),
        Column("won", _("Won"), Unit.DEALS, _("Deals that stand as won.")),
        Column("lost", _("Lost"), Unit.DEALS, _("Deals that stand as lost.")),
        Column(
            "open",
            _("Open"),
            Unit.DEALS,
            _("Deals that are open as of the moment, whatever the period; never counted as lost."),
        ),
        Column("deals", _("All"), Unit.DEALS, _("Won, lost and open.")),
        Column("won_amount", _("Won amount"), Unit.MONEY, _("Sum of the amounts at which deals were won."), "won"),
        Column("mean_won", _("Mean won"), Unit.MONEY, _("Won amount / won deals that have one."), "won"),
        Column("median_won", _("Median won"), Unit.MONEY, _("Half of the won deals closed above this amount."), "won"),
        percent(
            "win_rate_by_amount",
            _("Win rate by amount"),
            _("Won amount / (won amount + expected amount of lost deals), of the deals that have one."),
            "win_rate",
        ),
    ],
)
SALES_CYCLE = Report(
    name="sales-cycle",
    title=_("Sales cycle"),
    reason=_("How long deals take from the pipeline's start stage to close."),
    statement=wins.sales_cycle,
    row=wins.SalesCycle,
    record=Record.DEAL,
    dimensions=OF_DEALS,
    page_by="owner",
    measure="won",
    owner_at=_("Owner, team, manager and region are those at the close."),
    period_of=_("Deals closed in the period, by close date."),
    columns=[
        Column(f"{outcome}{suffix}", label, Unit.DAYS, definition)
        for suffix, exactly in (("", _("by the time of day")), ("_calendar", _("as the difference of the two dates")))
        for outcome, label, definition in (
            (
                "won",
                _("Won") if not suffix else _("Won, calendar days"),
                _("Days from the start stage to the win, %(exactly)s.") % {"exactly": exactly},
            ),
            (
                "lost",
                _("Lost") if not suffix else _("Lost, calendar days"),
                _("Days from the start stage to the loss, %(exactly)s.") % {"exactly": exactly},
            ),
            (
                "closed",
                _("Closed") if not suffix else _("Closed, calendar days"),
                _("Won and lost together, %(exactly)s.") % {"exactly": exactly},
            ),
        )
    ],
)
STAGE_CONVERSION = Report(
    name="stage-conversion",
    title=_("Stage conversion"),
    reason=_("At which stage deals are lost or stuck."),
    statement=stages.stage_conversion,
    row=stages.StageConversion,
    record=Record.DEAL,
    dimensions=OF_DEALS,
    measure="from_previous",
    views=BOTH,
    split=("pipeline", "step"),
    split_keys={"pipeline": "pipeline_code"},
    complete=stages.with_the_steps_before,
    owner_at=_(
        "Owner, team, manager and region are those at the deal's creation; in the period view, those at the move."
    ),
    period_of=_("Deals created in the period, whenever they moved; in the period view, the moves within it."),
    columns=[
        Column("pipeline", _("Pipeline"), Unit.TEXT, _("Code of the pipeline.")),
        Column("step", _("Step"), Unit.TEXT, _("Code of the stage; `closed` is won or lost."), on_page=False),
        Column("step_name", _("Stage"), Unit.TEXT, _("Name of the stage.")),
        Column(
            "reached",
            _("Reached"),
            Unit.DEALS,
            _("Deals that reached the step. Reaching a stage counts as having reached every stage before it."),
        ),
        percent(
            "from_previous",
            _("From the step before"),
            _("Deals that reached this step and the one before / deals that reached the one before."),
            "",
        ),
        percent("from_first", _("From the first"), _("Reached / deals that reached the first stage."), ""),
        percent("to_won", _("To won"), _("Of the deals that reached the step, those that are won."), "reached"),
        Column("still_here", _("Still here"), Unit.DEALS, _("Open deals that stand at this stage as of the moment.")),
    ],
)
PIPELINE = Report(
    name="pipeline",
    title=_("Pipeline"),
    reason=_("What is on the way, where it stands, and what it may be worth."),
    statement=stages.pipeline,
    row=stages.Pipeline,
    record=Record.DEAL,
    dimensions=stages.OF_PIPELINE,
    measure="amount",
    default_by="stage",
    owner_at=_("Owner, team, manager and region are those as of the moment."),
    period_of=_("Deals that are expected to close in the period; months and quarters are those of the expected close."),
    columns=[
        Column("deals", _("Open deals"), Unit.DEALS, _("Deals that are open as of the moment.")),
        Column("amount", _("Amount"), Unit.MONEY, _("Sum of the expected amounts."), "deals"),
        Column(
            "weighted",
            _("Weighted"),
            Unit.MONEY,
            _("Sum of expected amount x the stated probability of the stage."),
            "deals",
        ),
        Column("without_amount", _("Without an amount"), Unit.DEALS, _("Open deals whose amount nobody has entered.")),
    ],
)

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
    owner_at=_("The team is the one the lead was offered to; the owner is the lead's at the offer."),
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
DATA_QUALITY = Report(
    name="data-quality",
    title=_("Data quality"),
    reason=_("What is missing or contradicts itself, and so weakens every other figure."),
    statement=quality.data_quality,
    row=quality.Quality,
    record=Record.LEAD,
    dimensions={},
    measure="records",
    split=("check",),
    for_success=True,
    columns=[
        Column("check", _("Check"), Unit.TEXT, _("Code of the check."), on_page=False),
        Column("what", _("What"), Unit.TEXT, _("What is missing or contradicts itself.")),
        Column(
            "records", _("Records"), Unit.RECORDS, _("Leads, deals or accounts that fail the check, as of the moment.")
        ),
    ],
)

REPORTS: Mapping[str, Report] = {
    report.name: report
    for report in (
        FUNNEL,
        LEAD_CONVERSION,
        BY_SOURCE,
        COHORTS,
        HANDOFF,
        STAGE_CONVERSION,
        WIN_RATE,
        SALES_CYCLE,
        PIPELINE,
        DATA_QUALITY,
    )
}
