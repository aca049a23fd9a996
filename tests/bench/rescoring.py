"""A full rescore beside the plainest statements that reach the same scores on the same tables."""

import os
import time

from django.db import connection
from psycopg2 import sql

from launch import product
from launch.places import BIN
from leads.scores import judge_in_force
from leads.sweeping import mark_everything, rescore_now
from leads.tasks import sweep
from scoring import sql as scoring_sql
from tests.bench.filling import Size
from tests.bench.results import Result, alternate, of_runs, seconds
from tests.bench.web import peak_megabytes, running
from tests.database import as_owner
from users.facts import database_now
from users.models import Dirty, SalesContext

TIMES = 1 if os.environ.get("QUICK") else 5

# What somebody would write who knew the policy by heart: no history, no margin, no evidence, one UPDATE a context.
PLAIN = """
WITH given AS (
    SELECT DISTINCT ON (checklist_id, question_id) checklist_id, question_id, choice_id
    FROM leads_answer ORDER BY checklist_id, question_id, id DESC
),
answered AS (
    SELECT given.checklist_id, sum(weight) AS weight, sum(weight * choice.value)::numeric AS points,
           {required_sums}
    FROM given JOIN scoring_choice choice ON choice.id = given.choice_id
    JOIN (VALUES {weights}) weighed (question_id, criterion, weight) ON weighed.question_id = given.question_id
    WHERE choice.value IS NOT NULL GROUP BY given.checklist_id
),
engaged AS (
    {engaged}
),
rated AS (
    SELECT checklist.id AS checklist_id, subject.id AS lead_id, {fit_points}
    FROM leads_checklist checklist JOIN leads_lead subject ON subject.id = checklist.lead_id
    WHERE checklist.context_id = {context}
),
scored AS (
    SELECT rated.checklist_id, round({fit}, 1) AS fit,
           round(least(100, greatest(0, coalesce(engaged.points, 0)))::numeric, 1) AS engagement,
           round(answered.points / nullif(answered.weight, 0), 1) AS qualification,
           round(coalesce(answered.points, 0) / {total}, 1) AS low,
           round((coalesce(answered.points, 0) + 100 * ({total} - coalesce(answered.weight, 0))) / {total}, 1) AS high,
           engaged.raised, {required_hold} AS required_hold
    FROM rated LEFT JOIN answered USING (checklist_id) LEFT JOIN engaged USING (lead_id)
),
gated AS (SELECT scored.*, low >= {sql_low} AND required_hold AS sql FROM scored),
judged AS (
    SELECT gated.*, sql OR coalesce(raised, false) OR fit >= {mql_fit} AND (engagement >= {mql_engagement} OR low >= {mql_low}) AS mql FROM gated
)
UPDATE leads_score score
SET fit = judged.fit, engagement = judged.engagement, qualification = judged.qualification, low = judged.low, high = judged.high,
    mql = judged.mql, sql = judged.sql, scored_at = %(moment)s
FROM judged
WHERE score.checklist_id = judged.checklist_id
  AND (score.fit, score.engagement, score.qualification, score.low, score.high, score.mql, score.sql)
      IS DISTINCT FROM (judged.fit, judged.engagement, judged.qualification, judged.low, judged.high, judged.mql, judged.sql)
"""

FROM_SUMS = """SELECT kept.lead_id, sum(least(cap,
               points * kept.units * power(2, -extract(epoch FROM %(moment)s - kept.anchor)::float8 / 86400 / half_life))) AS points,
           max(kept.anchor) FILTER (WHERE hand_raise) > %(moment)s - make_interval(days => {days}) AS raised
    FROM leads_engagementsum kept JOIN (VALUES {kinds}) rule (kind, points, half_life, cap, hand_raise)
      ON rule.kind = kept.kind AND rule.half_life = kept.half_life_days
    GROUP BY kept.lead_id"""

FROM_EVENTS = """SELECT lead_id, sum(least(cap, points * units)) AS points,
           max(latest) FILTER (WHERE hand_raise) > %(moment)s - make_interval(days => {days}) AS raised
    FROM (SELECT event.lead_id, rule.*, max(event.occurred_at) AS latest,
                 sum(power(2, -extract(epoch FROM %(moment)s - event.occurred_at)::float8 / 86400 / half_life)) AS units
          FROM leads_behaviourevent event JOIN (VALUES {kinds}) rule (kind, points, half_life, cap, hand_raise) ON rule.kind = event.kind
          GROUP BY event.lead_id, rule.kind, rule.points, rule.half_life, rule.cap, rule.hand_raise) faded
    GROUP BY lead_id"""

# Every row is made a little wrong where both sides look, so that both must write every row again.
DISTURB = "UPDATE leads_score SET low = CASE WHEN low >= 50 THEN low - 0.1 ELSE low + 0.1 END"


def plain_statements(source: str) -> list[str]:
    """One statement for each context, with the policy's rules written into it."""
    texts = []
    for context_id in SalesContext.objects.order_by("pk").values_list("pk", flat=True):
        judge, _zone = judge_in_force(context_id, database_now())
        definition = judge.definition
        literal = sql.Literal
        weights = sql.SQL(", ").join(
            sql.SQL("({}, {}, {})").format(literal(w.question_id), literal(w.criterion), literal(w.weight))
            for w in judge.weighings
        )
        kinds = sql.SQL(", ").join(
            sql.SQL("({}, {}::float8, {}::float8, {}::float8, {})").format(
                *map(
                    literal,
                    (rule.kind, rule.points, rule.half_life_days, rule.cap, rule.kind in definition.hand_raises),
                )
            )
            for rule in definition.engagement
        )
        required = [(n, c) for n, c in enumerate(definition.criteria, 1) if c.required]
        total = sum(w.weight for w in judge.weighings)
        wholes = {n: sum(w.weight for w in judge.weighings if w.criterion == n) for n, _c in required}
        fit, _persona = scoring_sql.fit(definition.fit, definition.personas)
        text = sql.SQL(PLAIN).format(
            required_sums=sql.SQL(", ").join(
                sql.SQL("sum(weight * choice.value) FILTER (WHERE criterion = {}) AS {}").format(
                    literal(n), sql.Identifier(f"points_{n}")
                )
                for n, _criterion in required
            ),
            weights=weights,
            engaged=sql.SQL(source).format(kinds=kinds, days=literal(definition.hand_raise_days)),
            fit_points=scoring_sql.fit_points(definition.fit, definition.personas, judge.facts),
            fit=fit,
            context=literal(context_id),
            total=literal(total),
            required_hold=sql.SQL(" AND ").join(
                sql.SQL("coalesce({}, 0) / {}.0 >= {}").format(
                    sql.Identifier(f"points_{n}"), literal(wholes[n]), literal(definition.minimum(criterion))
                )
                for n, criterion in required
            ),
            sql_low=literal(definition.gates.sql_low),
            mql_fit=literal(definition.gates.mql_fit),
            mql_engagement=literal(definition.gates.mql_engagement),
            mql_low=literal(definition.gates.mql_low),
        )
        connection.ensure_connection()
        texts.append(text.as_string(connection.connection))
    return texts


def plain(statements: list[str]) -> float:
    """Seconds that the plain statements take."""
    with connection.cursor() as cursor:
        moment = database_now()
        return seconds(lambda: [cursor.execute(text, {"moment": moment}) for text in statements])


def as_owner_do(*statements: str) -> None:
    with as_owner(str(connection.settings_dict["NAME"])), connection.cursor() as cursor:
        for text in statements:
            cursor.execute(text)


def ready(disturb: bool) -> None:
    """The same beginning for both sides: no dead rows, and every score a little wrong or none."""
    as_owner_do(*([DISTURB] if disturb else []), "VACUUM leads_score")


def rescores(size: Size) -> list[Result]:
    sums, events = plain_statements(FROM_SUMS), plain_statements(FROM_EVENTS)

    def ours(disturb: bool) -> float:
        ready(disturb)
        return rescore_now()[1]

    def floor(statements: list[str], disturb: bool) -> float:
        ready(disturb)
        return plain(statements)

    rescore_now()  # whatever has come due since the data was made
    alike = verdicts_alike(sums)
    said = sums[0][:1800] + (" ..." if len(sums[0]) > 1800 else "")
    found = [
        of_runs(
            "rescore-all-differ",
            *alternate(lambda: ours(True), lambda: floor(sums, True), TIMES),
            said,
            f"every row written; engagement from the kept sums on both sides; {alike}",
        ),
        of_runs(
            "rescore-none-differ",
            *alternate(lambda: ours(False), lambda: floor(sums, False), TIMES),
            "as above",
            "nothing to write",
        ),
        of_runs(
            "rescore-from-events",
            *alternate(lambda: ours(True), lambda: floor(events, True), TIMES),
            FROM_EVENTS,
            "for information: the floor reads all events, ours the kept sums",
        ),
    ]
    found.append(Result("rescore-speed", "leads/s", size.leads / found[0].value))
    return found


def verdicts_alike(statements: list[str]) -> str:
    """How far the two agree: right after ours, the plain statements write only where they differ from it."""
    with connection.cursor() as cursor:
        rows = 0
        moment = database_now()
        for text in statements:
            cursor.execute(text, {"moment": moment})
            rows += cursor.rowcount
        cursor.execute("SELECT count(*) FROM leads_score")
        (total,) = cursor.fetchone()
    rescore_now()
    return f"the plain statements differ from ours in {rows:,} of {total:,} rows (margin, evidence, seconds of fading)"


def worker_memory(size: Size) -> list[Result]:
    """A Celery worker as in production takes on a full rescore."""
    as_owner_do(DISTURB)
    marked = mark_everything()
    program, *arguments = product.worker()
    with running("worker", [str(BIN / program), *arguments]) as process:
        begun = time.monotonic()
        sweep.apply_async(expires=600)
        while Dirty.objects.filter(kind__in=[Dirty.Kind.BLOCK, Dirty.Kind.ADVANCE]).exists():
            if time.monotonic() - begun > 900 or process.poll() is not None:
                raise RuntimeError("The worker did not finish the rescore; see .local/bench-worker.log")
            time.sleep(0.2)
        took = time.monotonic() - begun
        memory = peak_megabytes(process.pid)
    more = f"main process and {product.WORKER_PROCESSES} children after a full rescore of {marked} blocks, {took:.1f} s with its start"
    return [Result("worker-memory", "MB", memory, more=more)] if memory is not None else []
