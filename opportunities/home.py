"""What each role begins the day with, in figures of their own records. Decides nothing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F

from accounts.models import Account, AccountType
from leads import queue
from leads.dates import passed_of
from leads.lifecycle import Stage
from leads.models import Handoff, Lead, Score
from leads.views.marks import hallmark_of
from opportunities.board import Outcome, board_of, for_cards
from opportunities.models import Conversion, Opportunity, Pipeline
from users.models import Role, User, Workspace
from users.settings_pages import sections_of

SHOWN = 6
LATELY = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class HotLead:
    score: Score
    hallmark: str


def home_of(user: User, now: datetime) -> dict[str, Any]:
    """The parts of the role's first page, by the names that templates/home.html knows."""
    match user.role:
        case Role.REPRESENTATIVE:
            return {
                "waiting": waiting(user, now),
                "passed": passed(user, now),
                "hottest": hottest(user),
                "deals": own_deals(user),
            }
        case Role.MANAGER:
            return {"waiting": waiting(user, now), "boards": boards(user, now), "did": did(user, now)}
        case Role.MARKETING:
            return {"waiting": waiting(user, now), "did": did(user, now)}
        case Role.CUSTOMER_SUCCESS:
            return {"won": won_lately(user), "converted": converted(user), "customers": customers(user)}
        case _:
            return {"waiting": waiting(user, now), "boards": boards(user, now), "sections": sections_of(user)}


def waiting(user: User, now: datetime) -> dict[str, Any]:
    """Hand-offs that wait for a decision, the nearest deadline first, with how many there are in all."""
    visible = Handoff.objects.visible_to(user)
    rows = queue.for_list(visible.offered().most_urgent_first())[:SHOWN]
    return {"rows": queue.rows_of(rows, user, now, Workspace.get()), "counts": queue.counts(visible, now)}


def did(user: User, now: datetime) -> queue.WhatSalesDid:
    return queue.what_sales_did(Handoff.objects.visible_to(user), now)


def hottest(user: User) -> list[HotLead]:
    """The user's own leads that are still being worked, in the order of the lead list."""
    closed = [Stage.OPPORTUNITY, Stage.CUSTOMER, Stage.DISQUALIFIED, Stage.NURTURE]
    scores = Score.objects.visible_to(user).listed().filter(owner=user).exclude(stage__in=closed)
    rows = scores.select_related("lead").hottest_first()[:SHOWN]
    return [HotLead(score, hallmark_of(score.policy_id, score.criteria_low, score.criteria_high)) for score in rows]


def passed(user: User, now: datetime) -> dict[str, Any]:
    """Days that were told for the user's own leads and have passed without happening: longest ago first, and how many."""
    rows = passed_of(user, Workspace.get().day_of(now))
    return {"rows": list(rows[:SHOWN]), "count": rows.count()}


def own_deals(user: User) -> dict[str, Any]:
    """The user's open deals: those that stand longest in their stage, and how many there are."""
    mine = Opportunity.objects.visible_to(user).open().filter(owner=user)
    return {"rows": list(for_cards(mine).order_by("stage_since", "id")[:SHOWN]), "count": mine.count()}


def boards(user: User, now: datetime) -> list[Any]:
    """Each pipeline by stage, of the deals that the user sees."""
    deals = Opportunity.objects.visible_to(user)
    return [board_of(pipeline, deals, user, now) for pipeline in Pipeline.objects.all()]


def won_lately(user: User) -> list[Opportunity]:
    won = Opportunity.objects.visible_to(user).active().filter(stage__outcome=Outcome.WON)
    return list(for_cards(won).order_by("-closed_at", "-id")[:SHOWN])


def converted(user: User) -> list[Conversion]:
    """The newest conversions that stand, of leads that the user sees."""
    rows = Conversion.objects.filter(
        lead__in=Lead.objects.visible_to(user), undoes__isnull=True, undone_by__isnull=True
    )
    return list(
        rows.select_related("lead", "account", "by").order_by(F("occurred_at").desc(nulls_last=True), "-id")[:SHOWN]
    )


def customers(user: User) -> int:
    return Account.objects.visible_to(user).active().filter(type__kind=AccountType.Kind.CUSTOMER).count()
