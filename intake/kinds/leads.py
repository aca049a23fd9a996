"""Leads, with the owner, the stages and the dates that the file knows of."""

from django.utils.translation import gettext as _
from psycopg2 import sql

from intake.columns import Column, Reads
from intake.kind import Key, Kind, amount, field_limit, text_columns
from intake.mapping import MappingRefused
from intake.rescoring import rescore_leads
from intake.staging import Staging
from intake.writing import amounts_with_currency, find_currency, write_records
from leads.history_import import append_moves, append_notes, assign, open_checklists, redate_nurture
from leads.lifecycle import FUNNEL, Stage
from leads.models import Lead
from scoring.models import QuestionSet
from users.models import SalesContext

# What other programs call the stages.
STAGE_NAMES = {
    "marketing qualified lead": Stage.MQL,
    "sales accepted lead": Stage.SAL,
    "sales qualified lead": Stage.SQL,
    "subscriber": Stage.LEAD,
}
REACHED = tuple(f"{stage}_at" for stage in FUNNEL[1:])
CONTACT_COLUMNS = {
    "name": ("full name", "lead name"),
    "company": ("company name", "company / account", "account name", "organisation", "organization"),
    "phone": ("phone number", "telephone"),
    "title": ("job title",),
    "seniority": (),
    "department": (),
    "industry": ("sector",),
    "country": (),
    "city": (),
    "website": ("website url",),
    "preferred_channel": (),
}

COLUMNS = (
    Column("external_id", aliases=("record id", "lead id", "id"), limit=120),
    *text_columns(Lead, CONTACT_COLUMNS),
    Column("first_name", limit=100, filled=False),
    Column("last_name", limit=100, filled=False),
    Column("email", Reads.EMAIL, ("e-mail", "email address"), limit=field_limit(Lead, "email")),
    Column("employees", Reads.WHOLE, ("no. of employees", "number of employees")),
    amount(Lead, "revenue", "annual revenue"),
    Column("currency", Reads.CODE),
    Column("context", aliases=("sales context",), limit=50, refers="context"),
    Column("source", aliases=("lead source", "original source"), limit=80, refers="source"),
    Column("campaign", limit=120, refers="campaign"),
    Column("persona", limit=60, refers="persona"),
    Column("owner", aliases=("lead owner", "contact owner"), limit=120, refers="user"),
    Column("team", limit=120, refers="team"),
    Column("owner_since", Reads.MOMENT, filled=False),
    Column("account", limit=120, refers="account"),
    Column("created_at", Reads.MOMENT, ("created date", "create date", "created")),
    Column("stage", aliases=("lifecycle stage",), limit=40, filled=False),
    Column("stage_since", Reads.MOMENT, filled=False),
    Column("mql_at", Reads.MOMENT, ("became a marketing qualified lead date",), filled=False),
    Column("sal_at", Reads.MOMENT, filled=False),
    Column("sql_at", Reads.MOMENT, ("became a sales qualified lead date",), filled=False),
    Column("opportunity_at", Reads.MOMENT, ("became an opportunity date",), filled=False),
    Column("customer_at", Reads.MOMENT, ("became a customer date",), filled=False),
    Column("nurture_until", Reads.DATE),
    Column("note", aliases=("notes", "description", "comment"), limit=100_000, filled=False),
)
IS_SOMEBODY = ("name", "company", "email", "phone", "external_id")
FACTS = frozenset({"context", "owner", "team"})


def find_context(staging: Staging) -> None:
    """The sales context of rows that name none, and the currency of revenues that say none. Raises MappingRefused."""
    find_currency(staging)
    code = staging.mapping.context
    context = (SalesContext.objects.filter(code=code) if code else SalesContext.objects.all()).first()
    if context is None:
        have = ", ".join(SalesContext.objects.values_list("code", flat=True)) or _(
            "none yet: run manage.py setup first"
        )
        raise MappingRefused(
            _("There is no sales context %(code)s; there are: %(have)s.") % {"code": code, "have": have}
        )
    if not QuestionSet.objects.filter(context=context).exists():
        raise MappingRefused(
            _("The sales context %(code)s has no question set; run manage.py setup first.") % {"code": context.code}
        )
    staging.facts["context"] = context.pk


def check(staging: Staging) -> None:
    """Refuse rows that are nobody, and stages that are not there."""
    empty = " AND ".join(f"s.{name} IS NULL" for name in IS_SOMEBODY if staging.has(name)) or "true"
    staging.refuse_where(
        "",
        empty,
        _("A lead needs a name, a company, an e-mail address, a phone number or an external id; fill one of them"),
    )
    if staging.has("stage"):
        staging.run("UPDATE staged SET stage = lower(stage) WHERE stage <> lower(stage)")
        for name, stage in STAGE_NAMES.items():
            staging.run("UPDATE staged SET stage = %(stage)s WHERE stage = %(name)s", stage=stage.value, name=name)
        known = ", ".join(stage.value for stage in Stage)
        staging.refuse_where(
            "stage",
            "NOT s.stage = ANY(%(stages)s)",
            _("is not a stage; there are %(known)s") % {"known": known},
            stages=[stage.value for stage in Stage],
        )


def write(staging: Staging) -> None:
    """Write the leads with their checklists; stages and owners are appended as facts."""
    find_moves(staging)
    owner = sql.SQL("r.owner_id") if staging.has("owner") else sql.SQL("NULL::bigint")
    owners_team = sql.SQL("(SELECT u.team_id FROM users_user u WHERE u.id = {})").format(owner)
    team = sql.SQL("coalesce(r.team_id, {})").format(owners_team) if staging.has("team") else owners_team
    context = sql.SQL("coalesce(r.context_id, %(context)s)") if staging.has("context") else sql.SQL("%(context)s")
    began = when_created(staging)
    write_records(
        staging,
        given={
            "context_id": context,
            "currency": amounts_with_currency(staging, "revenue"),
            "team_id": team,
            "stage": sql.SQL(
                "(SELECT m.to_stage FROM moves m WHERE m.lead_id = r.id ORDER BY m.position DESC LIMIT 1)"
            ),
            "stage_since": sql.SQL(
                "(SELECT m.occurred_at FROM moves m WHERE m.lead_id = r.id ORDER BY m.position DESC LIMIT 1)"
            ),
            "created_at": began,
            "known_at": sql.SQL("CASE WHEN %(history)s THEN coalesce({}, %(at)s) ELSE %(at)s END").format(began),
        },
        apart=FACTS,
    )
    open_checklists(
        staging.cursor,
        sql.SQL("SELECT l.id AS lead_id, l.context_id FROM resolved r JOIN leads_lead l USING (id) WHERE r.is_new"),
    )
    append_moves(staging.cursor, sql.SQL("SELECT lead_id, position, to_stage, occurred_at FROM moves"), **staging.stamp)
    staging.touch("SELECT lead_id FROM moves")
    if staging.has("nurture_until"):
        redate_nurture(staging.cursor, sql.SQL("SELECT id FROM resolved"), **staging.stamp)
    if staging.has("note"):
        write_notes(staging, began)
    since = (
        sql.SQL("r.owner_since")
        if staging.has("owner_since")
        else sql.SQL("NULL::timestamptz" if staging.mapping.history else "%(at)s")
    )
    if staging.has("owner") or staging.has("team"):
        find_new_owners(staging, owner, team, since, began)
        assign(
            staging.cursor, sql.SQL("SELECT lead_id, owner_id, team_id, occurred_at FROM new_owners"), **staging.stamp
        )


def write_notes(staging: Staging, began: sql.Composable) -> None:
    """What the file notes of the leads, unless the same was noted before."""
    staging.run(
        """
        CREATE TEMP TABLE notes ON COMMIT DROP AS
        SELECT r.id AS lead_id, c.id AS checklist_id, r.note, {began} AS occurred_at
        FROM resolved r JOIN leads_lead l ON l.id = r.id JOIN leads_checklist c ON c.lead_id = l.id AND c.context_id = l.context_id
        WHERE r.note IS NOT NULL AND (r.is_new OR NOT EXISTS (
            SELECT FROM leads_activity a WHERE a.checklist_id = c.id AND a.kind = 'note' AND a.note = r.note))
        """,
        {"began": began},
    )
    append_notes(staging.cursor, sql.SQL("SELECT checklist_id, note, occurred_at FROM notes"), **staging.stamp)
    staging.touch("SELECT lead_id FROM notes")


def when_created(staging: Staging) -> sql.Composable:
    """When the lead began: in a history without the column nobody knows."""
    if staging.has("created_at"):
        return sql.SQL("r.created_at")
    return sql.SQL("NULL::timestamptz" if staging.mapping.history else "%(at)s")


def find_moves(staging: Staging) -> None:
    """The moves that the rows tell of and that the leads have not made yet, in the order of the funnel."""
    began = when_created(staging)
    steps = [sql.SQL("(0, 'lead', true, {})").format(began)]
    for position, stage in enumerate(FUNNEL[1:], start=1):
        name = f"{stage}_at"
        if staging.has(name):
            column = sql.SQL("r.{}").format(sql.Identifier(name))
            steps.append(
                sql.SQL("({}, {}, {} IS NOT NULL, {})").format(
                    sql.Literal(position), sql.Literal(stage.value), column, column
                )
            )
    if staging.has("stage"):
        # The stage in which the file sees the lead comes last, unless a date says already when it was reached.
        dated = [
            sql.SQL("({} AND r.stage = {})").format(
                sql.SQL("r.{} IS NOT NULL").format(sql.Identifier(f"{s}_at")), sql.Literal(s.value)
            )
            for s in FUNNEL[1:]
            if staging.has(f"{s}_at")
        ]
        is_last = sql.SQL(" OR ").join([sql.SQL("(r.stage = 'lead' AND {})").format(none_reached(staging)), *dated])
        since = sql.SQL("r.stage_since") if staging.has("stage_since") else sql.SQL("NULL::timestamptz")
        steps.append(sql.SQL("(9, r.stage, r.stage IS NOT NULL AND NOT ({}), {})").format(is_last, since))
    staging.run("DROP TABLE IF EXISTS pg_temp.moves")
    staging.run(
        """
        CREATE TEMP TABLE moves ON COMMIT DROP AS
        SELECT r.id AS lead_id, m.position, m.to_stage::text, m.occurred_at FROM resolved r
        CROSS JOIN LATERAL (VALUES {steps}) m (position, to_stage, told, occurred_at)
        WHERE m.told AND (r.is_new OR NOT EXISTS (SELECT FROM leads_lifecyclechange l WHERE l.lead_id = r.id AND l.to_stage = m.to_stage))
        """,
        {"steps": sql.SQL(", ").join(steps)},
    )
    staging.run("CREATE INDEX ON moves (lead_id, position)")
    staging.run("ANALYZE moves")


def none_reached(staging: Staging) -> sql.Composable:
    present = [name for name in REACHED if staging.has(name)]
    return (
        sql.SQL(" AND ").join(sql.SQL("r.{} IS NULL").format(sql.Identifier(name)) for name in present)
        if present
        else sql.SQL("true")
    )


def find_new_owners(
    staging: Staging, owner: sql.Composable, team: sql.Composable, since: sql.Composable, began: sql.Composable
) -> None:
    """Whose the leads are now: of new leads from their creation on, of old ones where the file says another owner or team."""
    staging.run("DROP TABLE IF EXISTS pg_temp.new_owners")
    changed = []
    if staging.has("owner"):
        changed.append(sql.SQL("(r.owner_id IS NOT NULL AND l.owner_id IS DISTINCT FROM r.owner_id)"))
    if staging.has("team"):
        changed.append(sql.SQL("(r.team_id IS NOT NULL AND l.team_id IS DISTINCT FROM r.team_id)"))
    owned = sql.SQL("(({owner}) IS NOT NULL OR ({team}) IS NOT NULL)").format(owner=owner, team=team)
    staging.run(
        """
        CREATE TEMP TABLE new_owners ON COMMIT DROP AS
        SELECT r.id AS lead_id, coalesce({owner}, l.owner_id) AS owner_id, coalesce({team}, l.team_id) AS team_id,
            CASE WHEN r.is_new AND NOT {dated} THEN {began} ELSE {since} END AS occurred_at
        FROM resolved r JOIN leads_lead l ON l.id = r.id
        WHERE (r.is_new AND {owned}) OR (NOT r.is_new AND ({changed}))
        """,
        {
            "owner": owner, "team": team, "since": since, "began": began, "owned": owned,
            "changed": sql.SQL(" OR ").join(changed), "dated": sql.Literal(staging.has("owner_since")),
        },
    )  # fmt: skip
    staging.touch("SELECT lead_id FROM new_owners")


LEADS = Kind(
    "leads",
    Lead,
    COLUMNS,
    (
        Key(("external_id",), exact=True),
        Key(("email",)),
        Key(("name", "company", "phone")),
        Key(("company", "phone")),
        Key(("phone",)),
    ),
    attributes_of="lead",
    joined={"name": ("first_name", "last_name")},
    prepare=find_context,
    check=check,
    write=write,
    follow_up=rescore_leads,
)
