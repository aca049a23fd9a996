"""Reports about deals: won and lost, how long they take, where they stop, and what is open."""

from django.utils.translation import gettext_lazy as _

from reports.definitions import BOTH, Column, Record, Report, Unit, percent
from reports.queries import stages, wins
from reports.queries.dimensions import OF_DEALS

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
