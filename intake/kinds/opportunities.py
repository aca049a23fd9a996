"""Opportunities, with the stages they went through; and, where a row names the lead it came from, that lead's conversion and win."""

from django.utils.translation import gettext as _
from psycopg2 import sql

from intake.columns import Column, Reads
from intake.kind import Key, Kind, amount, text_columns
from intake.mapping import MappingRefused, NewPipeline
from intake.rescoring import rescore_deals
from intake.staging import Staging, comma
from intake.writing import amounts_with_currency, write_records
from leads.history_import import append_moves
from opportunities.history_import import append_conversions, append_stages, assign, give_checklists
from opportunities.models import Opportunity, Pipeline, PipelineStage
from scoring.models import QuestionSet
from users.models import SalesContext, Workspace

COLUMNS = (
    Column("external_id", aliases=("opportunity id", "deal id", "id"), limit=120),
    *text_columns(Opportunity, {"name": ("opportunity name", "deal name")}),
    Column("account", aliases=("account name",), limit=255, refers="account"),
    Column("contact", limit=120, refers="contact"),
    Column("lead", aliases=("lead id",), limit=120, refers="lead"),
    Column("stage", aliases=("deal stage", "stage name"), limit=100, refers="stage"),
    Column("stage_since", Reads.MOMENT, filled=False),
    Column("cycle_started_at", Reads.MOMENT, filled=False),
    Column("owner", aliases=("opportunity owner", "deal owner", "sales agent"), limit=120, refers="user"),
    Column("team", limit=120, refers="team"),
    Column("product", limit=80, refers="product"),
    Column("source", aliases=("lead source",), limit=80, refers="source"),
    Column("campaign", limit=120, refers="campaign"),
    amount(Opportunity, "amount"),
    amount(Opportunity, "won_amount"),
    Column("currency", Reads.CODE),
    Column("expected_close", Reads.DATE, ("expected close date",)),
    Column("created_at", Reads.MOMENT, ("created date", "create date", "created")),
    Column("converted_at", Reads.MOMENT, filled=False),
    Column("closed_at", Reads.MOMENT, ("close date",), filled=False),
    Column("loss_reason", limit=100, refers="loss_reason"),
    Column("competitor", limit=255, refers="account"),
)
FACTS = frozenset({"owner", "team", "stage", "loss_reason", "lead", "account"})


def find_pipeline(staging: Staging) -> None:
    """The pipeline that the mapping names, made if the mapping describes its stages; the first one otherwise. Raises MappingRefused."""
    wish = staging.mapping.pipeline
    pipeline = (Pipeline.objects.filter(code=wish.code) if wish else Pipeline.objects.all()).first()
    if pipeline is None and wish and wish.stages:
        pipeline = make_pipeline(staging, wish)
    if pipeline is None:
        have = ", ".join(Pipeline.objects.values_list("code", flat=True)) or _("none yet")
        code = wish.code if wish else ""
        raise MappingRefused(
            _(
                "There is no pipeline %(code)s; there are: %(have)s. Name one in `pipeline` of the mapping, or describe its stages there."
            )
            % {"code": code, "have": have}
        )
    stages = list(PipelineStage.objects.filter(pipeline=pipeline).order_by("position"))
    if not stages:
        raise MappingRefused(_("The pipeline %(code)s has no stages.") % {"code": pipeline.code})
    context = pipeline.context or find_context(staging)
    if not QuestionSet.objects.filter(context=context).exists():
        raise MappingRefused(
            _("The sales context %(code)s has no question set; run manage.py setup first.") % {"code": context.code}
        )
    starts = next((stage for stage in stages if stage.starts_cycle), stages[0])
    staging.facts |= {
        "pipeline": pipeline.pk,
        "context": context.pk,
        "entry": stages[0].pk,
        "starts": starts.pk,
        "currency": Workspace.get().currency,
    }


def find_context(staging: Staging) -> SalesContext:
    code = (staging.mapping.pipeline.context if staging.mapping.pipeline else "") or staging.mapping.context
    context = (SalesContext.objects.filter(code=code) if code else SalesContext.objects.all()).first()
    if context is None:
        raise MappingRefused(_("There is no sales context %(code)s; run manage.py setup first.") % {"code": code})
    return context


def make_pipeline(staging: Staging, wish: NewPipeline) -> Pipeline:
    """The pipeline that the mapping describes, with its stages in order."""
    pipeline = Pipeline.objects.create(
        code=wish.code, name=wish.name, context=find_context(staging), position=Pipeline.objects.count() + 1
    )
    PipelineStage.objects.bulk_create(
        PipelineStage(
            pipeline=pipeline,
            code=stage.code,
            name=stage.name,
            position=place,
            probability=stage.probability,
            outcome=stage.outcome,
            starts_cycle=stage.starts_cycle,
        )
        for place, stage in enumerate(wish.stages, start=1)
    )
    return pipeline


def resolve(staging: Staging) -> None:
    """A lead becomes an opportunity with an account (decisions.md 17); a win and a loss have their stage."""
    if staging.has("lead"):
        lost = "s.account_id IS NULL AND " if staging.has("account") else ""
        staging.refuse_where(
            "lead",
            f"{lost}s.lead_id IS NOT NULL",
            _("is a lead, and its conversion needs an account; fill the account"),
            "resolved",
        )
    if staging.has("closed_at") and staging.has("stage"):
        open_stage = "s.closed_at IS NOT NULL AND EXISTS (SELECT FROM opportunities_pipelinestage p WHERE p.id = s.stage_id AND p.outcome = 'open')"
        staging.refuse_where(
            "closed_at",
            open_stage,
            _("is a closing date, but the stage is neither won nor lost. Correct one of the two"),
            "resolved",
        )
    staging.drop_refused()


def write(staging: Staging) -> None:
    """Write the deals; stages and owners are appended as facts."""
    find_moves(staging)
    owner = sql.SQL("r.owner_id" if staging.has("owner") else "NULL::bigint")
    team = sql.SQL("(SELECT u.team_id FROM users_user u WHERE u.id = {})").format(owner)
    if staging.has("team"):
        team = sql.SQL("coalesce(r.team_id, {})").format(team)
    write_records(staging, given=values_of_new(staging, team), apart=FACTS | {"won_amount"})
    moves = sql.SQL("SELECT opportunity_id, position, to_stage_id, occurred_at, loss_reason_id FROM moves")
    append_stages(staging.cursor, moves, **staging.stamp)
    staging.touch("SELECT opportunity_id FROM moves")
    update_won_amount(staging)
    if staging.has("owner") or staging.has("team"):
        find_new_owners(staging, owner, team)
        owners = sql.SQL("SELECT opportunity_id, owner_id, team_id, occurred_at FROM new_owners")
        assign(staging.cursor, owners, **staging.stamp)
    lead = sql.SQL("r.lead_id" if staging.has("lead") else "NULL::bigint")
    deals = sql.SQL("SELECT r.id AS opportunity_id, {} AS lead_id FROM resolved r WHERE r.is_new").format(lead)
    give_checklists(staging.cursor, deals, context_id=staging.facts["context"])
    if staging.has("lead"):
        convert_leads(staging)


def values_of_new(staging: Staging, team: sql.Composable) -> dict[str, sql.Composable]:
    """What a new deal gets besides what the columns say: where it stands, and what it has from its lead."""
    began = created(staging)
    last = "(SELECT m.{} FROM moves m WHERE m.opportunity_id = r.id ORDER BY m.position DESC LIMIT 1)"
    outcome, since = (sql.SQL(last).format(sql.Identifier(name)) for name in ("outcome", "occurred_at"))
    won = sql.SQL("r.won_amount" if staging.has("won_amount") else "NULL::numeric")
    currency = amounts_with_currency(staging, "amount", "won_amount")
    first = sql.SQL("(SELECT min(m.occurred_at) FROM moves m WHERE m.opportunity_id = r.id)")
    named = [
        sql.SQL("r.{}").format(sql.Identifier(name)) for name in ("name", "account", "external_id") if staging.has(name)
    ]
    given = {
        # The row's own name, else the account's, else the external id.
        "name": sql.SQL("left(coalesce({}), 255)").format(comma([*named, sql.SQL("'#' || r.id")])),
        "pipeline_id": sql.SQL("%(pipeline)s"),
        "stage_id": sql.SQL(last).format(sql.Identifier("to_stage_id")),
        "stage_since": since,
        "closed_at": sql.SQL("CASE WHEN {} <> 'open' THEN {} END").format(outcome, since),
        "won_amount": sql.SQL("CASE WHEN {} = 'won' THEN {} END").format(outcome, won),
        "currency": currency,
        "won_currency": sql.SQL("CASE WHEN {} = 'won' AND {} IS NOT NULL THEN {} ELSE '' END").format(
            outcome, won, currency
        ),
        "team_id": team,
        "created_at": began,
        "known_at": sql.SQL("CASE WHEN %(history)s THEN coalesce({}, {}, %(at)s) ELSE %(at)s END").format(began, first),
    }
    for name in ("source", "campaign"):
        if staging.has("lead") and not staging.has(name):
            of_lead = sql.SQL("(SELECT l.{} FROM leads_lead l WHERE l.id = r.lead_id)")
            given[f"{name}_id"] = of_lead.format(sql.Identifier(f"{name}_id"))
    return given


def created(staging: Staging) -> sql.Composable:
    """When the deal began: in a history without the column nobody knows."""
    if staging.has("created_at"):
        return sql.SQL("r.created_at")
    return sql.SQL("NULL::timestamptz" if staging.mapping.history else "%(at)s")


def first_of(staging: Staging, *names: str) -> sql.Composable:
    """The first of these moments that the row has."""
    moments = [sql.SQL("r.{}").format(sql.Identifier(name)) for name in names if staging.has(name)]
    return sql.SQL("coalesce({})").format(comma([*moments, sql.SQL("NULL::timestamptz")]))


def find_moves(staging: Staging) -> None:
    """The stages that the rows tell of and that the deals have not reached yet, in the order of the pipeline.

    A deal enters at the first stage when it is created. Between it and the stage the row says lie only those with a
    date of their own.
    """
    steps = [sql.SQL("(0, %(entry)s::bigint, true, {})").format(created(staging))]
    there = sql.SQL("r.stage_id = %(entry)s")
    if staging.has("cycle_started_at"):
        started = (
            "(1, %(starts)s::bigint, r.cycle_started_at IS NOT NULL AND %(starts)s <> %(entry)s, r.cycle_started_at)"
        )
        steps.append(sql.SQL(started))
        there = sql.SQL("({} OR (r.stage_id = %(starts)s AND r.cycle_started_at IS NOT NULL))").format(there)
    if staging.has("stage"):
        since = first_of(staging, "closed_at", "stage_since")
        steps.append(sql.SQL("(2, r.stage_id, r.stage_id IS NOT NULL AND NOT {}, {})").format(there, since))
    staging.run(
        """
        CREATE TEMP TABLE moves ON COMMIT DROP AS
        SELECT r.id AS opportunity_id, m.position, m.to_stage_id, m.occurred_at, stage.outcome,
            CASE WHEN stage.outcome = 'lost' THEN {reason} END AS loss_reason_id
        FROM resolved r CROSS JOIN LATERAL (VALUES {steps}) m (position, to_stage_id, told, occurred_at)
        JOIN opportunities_pipelinestage stage ON stage.id = m.to_stage_id
        WHERE m.told AND (r.is_new OR NOT EXISTS (
            SELECT FROM opportunities_stagechange s WHERE s.opportunity_id = r.id AND s.to_stage_id = m.to_stage_id))
        """,
        {
            "steps": comma(steps),
            "reason": sql.SQL("r.loss_reason_id" if staging.has("loss_reason") else "NULL::bigint"),
        },
    )
    staging.run("CREATE INDEX ON moves (opportunity_id, position)")
    staging.run("ANALYZE moves")


def update_won_amount(staging: Staging) -> None:
    """What a deal was won at, where the file says another amount or currency than is known here."""
    if staging.has("won_amount"):
        said = sql.SQL("r.currency" if staging.has("currency") else "NULL")
        staging.run(
            """
            WITH changed AS (
                UPDATE opportunities_opportunity o
                SET won_amount = told.amount, won_currency = told.currency, version = version + 1
                FROM (
                    SELECT o.id, r.won_amount AS amount,
                        coalesce({currency}, NULLIF(o.won_currency, ''), NULLIF(o.currency, ''), %(currency)s) AS currency
                    FROM resolved r JOIN opportunities_opportunity o ON o.id = r.id
                    JOIN opportunities_pipelinestage p ON p.id = o.stage_id
                    WHERE NOT r.is_new AND p.outcome = 'won' AND r.won_amount IS NOT NULL
                ) told
                WHERE o.id = told.id
                    AND (o.won_amount, o.won_currency) IS DISTINCT FROM (told.amount, told.currency)
                RETURNING o.id
            )
            INSERT INTO touched SELECT id FROM changed ON CONFLICT DO NOTHING
            """,
            {"currency": said},
        )


def find_new_owners(staging: Staging, owner: sql.Composable, team: sql.Composable) -> None:
    """Whose the deals are now: of new ones from their creation on, of old ones where the file says another owner or team."""
    test = "(r.{column} IS NOT NULL AND o.{column} IS DISTINCT FROM r.{column})"
    changed = [
        sql.SQL(test).format(column=sql.Identifier(f"{name}_id")) for name in ("owner", "team") if staging.has(name)
    ]
    staging.run(
        """
        CREATE TEMP TABLE new_owners ON COMMIT DROP AS
        SELECT r.id AS opportunity_id, coalesce({owner}, o.owner_id) AS owner_id, coalesce({team}, o.team_id) AS team_id,
            CASE WHEN r.is_new THEN {began} ELSE %(at)s END AS occurred_at
        FROM resolved r JOIN opportunities_opportunity o ON o.id = r.id
        WHERE (r.is_new AND ({owner} IS NOT NULL OR {team} IS NOT NULL)) OR (NOT r.is_new AND ({changed}))
        """,
        {"owner": owner, "team": team, "began": created(staging), "changed": sql.SQL(" OR ").join(changed)},
    )
    staging.touch("SELECT opportunity_id FROM new_owners")


def convert_leads(staging: Staging) -> None:
    """The leads of the deals became opportunities and, where the deal is won, customers, at the deal's own dates."""
    converted = first_of(staging, "converted_at", "created_at")
    staging.run(
        """
        CREATE TEMP TABLE lead_moves ON COMMIT DROP AS
        SELECT DISTINCT ON (r.lead_id, m.to_stage) r.lead_id, m.position, m.to_stage, m.occurred_at
        FROM resolved r JOIN opportunities_opportunity o ON o.id = r.id
        JOIN opportunities_pipelinestage p ON p.id = o.stage_id
        CROSS JOIN LATERAL (
            VALUES (5, 'opportunity', true, {converted}), (6, 'customer', p.outcome = 'won', o.closed_at)
        ) m (position, to_stage, told, occurred_at)
        WHERE r.lead_id IS NOT NULL AND m.told
            AND NOT EXISTS (SELECT FROM leads_lifecyclechange l WHERE l.lead_id = r.lead_id AND l.to_stage = m.to_stage)
        ORDER BY r.lead_id, m.to_stage, m.occurred_at, r.line
        """,
        {"converted": converted},
    )
    append_moves(
        staging.cursor, sql.SQL("SELECT lead_id, position, to_stage, occurred_at FROM lead_moves"), **staging.stamp
    )
    conversions = """
        SELECT r.lead_id, o.account_id, o.contact_id, o.id AS opportunity_id, {converted} AS occurred_at
        FROM resolved r JOIN opportunities_opportunity o ON o.id = r.id
        WHERE r.lead_id IS NOT NULL AND o.account_id IS NOT NULL AND r.is_new
    """
    query = sql.SQL(conversions).format(converted=converted)
    append_conversions(staging.cursor, query, at=staging.at, history=staging.mapping.history)


OPPORTUNITIES = Kind(
    "opportunities",
    Opportunity,
    COLUMNS,
    (Key(("external_id",), exact=True), Key(("name",))),
    prepare=find_pipeline,
    resolve=resolve,
    write=write,
    follow_up=rescore_deals,
)
