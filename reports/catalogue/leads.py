"""Reports about leads: how far they come, from which sources, and how soon."""

from django.utils.translation import gettext_lazy as _

from reports.definitions import BOTH, Column, Record, Report, Unit, percent
from reports.queries import leads
from reports.queries.dimensions import OF_LEADS

LEADS_PERIOD = _("Leads created in the period; in the period view, the moves within it.")
OWNER_AT_CREATION = _(
    "Owner, team, manager and region are those at the lead's creation; in the period view, those at the move."
)

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
