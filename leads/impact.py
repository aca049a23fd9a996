"""Who would become or stop being MQL, SQL or hot if a draft were published: the judging statement over all leads, without
writing a score.

The one writer of Impact. A draft is another policy than the one in force, so it is judged without the gates' margin
(decisions.md 7). One block of checklists is a transaction; when there is only one, whoever asks has the answer at once.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import Count, Q
from psycopg2 import sql

from leads.behaviour import kinds_kept
from leads.judging import RANGE, Judge, ready_judge
from leads.models import Impact, Turn
from leads.models.impact import TurnQuerySet
from leads.models.score import Temperature
from leads.scores import BLOCK, blocks
from scoring import engine
from scoring.models import Policy, PolicyDraft
from users.dirty import MOST_ATTEMPTS, mark, work_through
from users.facts import database_now
from users.models import Dirty, User, Workspace

COMPARE = """
, compared AS (
    SELECT judged.lead_id, score.mql AS mql_before, judged.mql AS mql_after, score.sql AS sql_before,
           judged.sql AS sql_after, score.temperature = {hot} AS hot_before, judged.temperature = {hot} AS hot_after
    FROM judged JOIN leads_score score ON score.checklist_id = judged.checklist_id AND score.listed
    WHERE judged.listed
),
turned AS (
    INSERT INTO leads_turn (impact_id, lead_id, mql_before, mql_after, sql_before, sql_after, hot_before, hot_after)
    SELECT %(impact)s, compared.* FROM compared
    WHERE (mql_before, sql_before, hot_before) IS DISTINCT FROM (mql_after, sql_after, hot_after)
)
SELECT count(*) FROM compared
"""


def judge_of_draft(context_id: int, definition: Mapping[str, Any]) -> Judge:
    """A draft's text made ready to judge. It reads the events where it counts what no sum is kept of.

    Raises engine.InvalidPolicy.
    """
    judge = ready_judge(Policy(definition=definition), context_id, summed=False)
    if Dirty.objects.filter(kind=Dirty.Kind.SUMS).exists():
        return judge
    kept = kinds_kept(database_now())
    return replace(judge, summed=all((r.kind, r.half_life_days) in kept for r in judge.definition.engagement))


def ask(draft: PolicyDraft, *, by: User) -> Impact:
    """Compare the draft as it stands with what is in force: at once if it takes one block, else in the background."""
    with transaction.atomic():
        now = database_now()
        every = blocks()
        first, last = (every[0], every[-1]) if every else (0, -1)
        Impact.objects.filter(draft=draft).delete()
        impact = Impact.objects.create(
            draft=draft,
            digest=draft.digest,
            policy=Policy.objects.in_force(draft.context, now),
            next_block=first,
            first_block=first,
            last_block=last,
            as_of=now,
            asked_by=by,
            state=Impact.State.WAITING if every else Impact.State.READY,
        )
        if len(every) == 1:
            _compare_next_block(impact)
        elif every:
            mark(Dirty.Kind.IMPACT, [impact.pk])
    return impact


def compare_asked() -> int:
    """Compare one block of an impact that was asked for; returns how many were taken (0: nothing is left)."""

    def compare(ids: list[int]) -> None:
        for impact in Impact.objects.filter(pk__in=ids, state=Impact.State.WAITING).select_related("draft"):
            if impact.draft.digest != impact.digest or not impact.draft.open:
                impact.delete()  # it was edited or published meanwhile: nobody asks about that text any more
                continue
            try:
                with transaction.atomic():
                    _compare_next_block(impact)
            except (OperationalError, engine.InvalidPolicy):
                # The statement took too long, or a fact that the draft names is gone: trying again changes nothing.
                Impact.objects.filter(pk=impact.pk).update(state=Impact.State.FAILED)
                continue
            if impact.state == Impact.State.WAITING:
                mark(Dirty.Kind.IMPACT, [impact.pk])

    return work_through(Dirty.Kind.IMPACT, compare, limit=1)


def _compare_next_block(impact: Impact) -> None:
    judge = judge_of_draft(impact.draft.context_id, impact.draft.definition)
    tail = sql.SQL(COMPARE).format(hot=sql.Literal(Temperature.HOT.value))
    with connection.cursor() as cursor:
        cursor.execute(
            (judge.statement(selection=RANGE, past=False) + tail).as_string(connection.connection),
            {
                "first": impact.next_block * BLOCK,
                "last": (impact.next_block + 1) * BLOCK - 1,
                "moment": impact.as_of,
                "zone": Workspace.get().zone,
                "with_margin": False,
                "impact": impact.pk,
            },
        )
        (compared,) = cursor.fetchone()
    impact.leads += compared
    impact.next_block += 1
    if impact.next_block > impact.last_block:
        impact.state = Impact.State.READY
    impact.save(update_fields=["leads", "next_block", "state"])


def give_up_what_nobody_does(impact: Impact) -> None:
    """An impact that waits with no work left to do has failed on every attempt: say so, rather than wait for ever."""
    work = Dirty.objects.filter(kind=Dirty.Kind.IMPACT, key=impact.pk).first()
    if work is None or work.attempts >= MOST_ATTEMPTS:
        impact.refresh_from_db()
        if impact.state == Impact.State.WAITING:
            impact.state = Impact.State.FAILED
            impact.save(update_fields=["state"])


# What is counted and listed: the verdict, and what it would be.
VERDICTS = ("mql", "sql", "hot")


def turns_of(impact: Impact, user: User, verdict: str = "", to: bool | None = None) -> TurnQuerySet:
    """The turns that the user may see; of one verdict, and of those that would hold (`to` true) or cease to."""
    turns = Turn.objects.visible_to(user).filter(impact=impact)
    if verdict and to is not None:
        turns = turns.filter(**{f"{verdict}_before": not to, f"{verdict}_after": to})
    return turns


def counts_of(impact: Impact, user: User) -> dict[tuple[str, bool], int]:
    """How many of the leads that the user may see would gain (True) or lose (False) each verdict. One query."""
    pairs = [(verdict, to) for verdict in VERDICTS for to in (True, False)]
    counted = {
        f"{verdict}_{to}": Count("pk", filter=Q(**{f"{verdict}_before": not to, f"{verdict}_after": to}))
        for verdict, to in pairs
    }
    found = turns_of(impact, user).aggregate(**counted)
    return {(verdict, to): found[f"{verdict}_{to}"] for verdict, to in pairs}
