"""Each report over the whole workspace, beside the straight statement that somebody would write for its main figures.

The straight statements read present rows: no as-of, no rights, no ownership at the moment of the move.
"""

import os

from django.db import connection

from reports.catalogue import REPORTS
from reports.computing import compute
from reports.parameters import Wish
from reports.scope import Scope
from tests.bench.filling import Size
from tests.bench.results import Result, alternate, of_runs, seconds

TIMES = 3 if os.environ.get("QUICK") else 15

STEPS = """count(*) FILTER (WHERE far >= 2) AS mql, count(*) FILTER (WHERE far >= 3) AS sal,
       count(*) FILTER (WHERE far >= 4) AS sql, count(*) FILTER (WHERE far >= 6) AS won"""
FAR = """SELECT lead_id,
       max(CASE to_stage WHEN 'customer' THEN 6 WHEN 'opportunity' THEN 5 WHEN 'sql' THEN 4 WHEN 'sal' THEN 3 WHEN 'mql' THEN 2 ELSE 1 END) AS far,
       min(occurred_at) FILTER (WHERE to_stage = 'sql') AS sql_at, min(occurred_at) FILTER (WHERE to_stage = 'customer') AS won_at
FROM leads_lifecyclechange GROUP BY lead_id"""
REACHED = f"FROM leads_lead lead JOIN ({FAR}) reached ON reached.lead_id = lead.id"
FUNNEL = f"""SELECT count(*), {STEPS}, percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY extract(epoch FROM won_at - lead.created_at)) {REACHED}"""
DEALS = "FROM opportunities_opportunity deal JOIN opportunities_pipelinestage stage ON stage.id = deal.stage_id"

STRAIGHT = {
    "lead-funnel": FUNNEL,
    "lead-conversion": f"SELECT count(*), count(*) FILTER (WHERE far >= 4) {REACHED}",
    "leads-by-source": f"SELECT source_id, count(*), {STEPS} {REACHED} GROUP BY source_id",
    "cohorts": f"""SELECT date_trunc('month', created_at), floor(extract(epoch FROM sql_at - created_at) / 2592000), count(*)
{REACHED} GROUP BY 1, 2""",
    "win-rate": f"""SELECT count(*) FILTER (WHERE outcome = 'won'), count(*) FILTER (WHERE outcome = 'lost'),
       sum(won_amount), avg(won_amount) {DEALS}""",
    "stage-conversion": """SELECT to_stage_id, count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY days) FROM (
    SELECT to_stage_id, extract(epoch FROM lead(occurred_at) OVER (PARTITION BY opportunity_id ORDER BY id) - occurred_at) / 86400 AS days
    FROM opportunities_stagechange) stay GROUP BY to_stage_id""",
    "sales-cycle": f"""SELECT outcome, count(*), avg(days), percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY days)
FROM (SELECT outcome, extract(epoch FROM closed_at - created_at) / 86400 AS days {DEALS}
      WHERE closed_at IS NOT NULL) cycle GROUP BY outcome""",
    "pipeline": f"SELECT stage.id, count(*), sum(amount), sum(amount * probability / 100) {DEALS} WHERE outcome = 'open' GROUP BY stage.id",
    "handoff": "SELECT state, count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY decided_at - offered_at) FROM leads_handoff GROUP BY state",
}


def reports(size: Size) -> list[Result]:
    """As the command and the pages compute them, from the question to the last cell. No goal was set in figures."""
    found = []
    for name in REPORTS:

        def ours(name: str = name) -> float:
            return 1000 * seconds(lambda: compute(Wish(name), Scope.all()))

        straight = STRAIGHT.get(name)
        if straight is None:
            taken = sorted(ours() for _ in range(TIMES))
            found.append(
                Result(
                    f"report-{name}", "ms", taken[TIMES // 2], more=f"{TIMES} runs; no plain statement says the same"
                )
            )
            continue

        def floor(statement: str = straight) -> float:
            return 1000 * seconds(lambda: run(statement))

        found.append(of_runs(f"report-{name}", *alternate(ours, floor, TIMES, warm_up=1), straight, unit="ms"))
    return found


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        cursor.fetchall()
