"""What the hand-off queue shows: clocks in working hours, and what sales did and why. Decides nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import formats as django_formats
from django.utils.translation import gettext as _

from leads.clocks import ACCEPT_WITHIN_HOURS, CLOSES, OPENS, working_hours_between
from leads.models import Activity, Handoff, HandoffChange
from leads.rights import may_comment, may_decide, may_reassign, may_recycle, may_review
from users.formats import length_of
from users.models import Role, User, Workspace

# From here on a clock that still runs asks for attention.
SOON_HOURS = 0.5
# How far back "what sales did" looks.
LATELY = timedelta(days=30)
NEWEST_DECISIONS = 5


@dataclass(frozen=True, slots=True)
class Clock:
    """A deadline as people read it: state fine, soon or over; `share` is how much of the time is used, 0 to 100."""

    state: str
    text: str
    share: int
    due: datetime
    due_text: str


@dataclass(frozen=True, slots=True)
class Row:
    """One hand-off of the list with its clock and the verbs that the viewer has."""

    handoff: Handoff
    clock: Clock | None
    may_decide: bool
    may_recycle: bool
    may_review: bool
    may_comment: bool
    may_reassign: bool


@dataclass(frozen=True, slots=True)
class Share:
    """A figure of the rail: `step` is its part of the largest one, 0 to 100."""

    label: str
    query: str
    count: int
    step: int


@dataclass(frozen=True, slots=True)
class WhatSalesDid:
    """Decisions of the last 30 days, as far as the viewer sees them."""

    outcomes: list[Share]
    reasons: list[Share]
    decided: int
    accepted: int
    newest: list[Handoff]


def may_see_queue(user: User) -> bool:
    return user.is_active and user.role != Role.CUSTOMER_SUCCESS


def who_may_see_queue() -> str:
    return _("The hand-off queue is for sales, marketing and administrators. Ask one of them what became of a lead.")


def for_list(handoffs: QuerySet[Handoff]) -> QuerySet[Handoff]:
    """Everything a row shows, in one query."""
    comments = HandoffChange.objects.filter(handoff=OuterRef("pk"), from_state=F("to_state")).exclude(note="")
    touched = Activity.objects.filter(checklist=OuterRef("checklist"), occurred_at__gte=OuterRef("decided_at"))
    return handoffs.select_related(
        "lead", "lead__owner", "lead__source", "lead__campaign", "team", "reason", "decided_by"
    ).annotate(
        comments=Coalesce(Subquery(comments.order_by().values("handoff").annotate(n=Count("pk")).values("n")), 0),
        touched=Exists(touched),
    )


def rows_of(handoffs: Iterable[Handoff], user: User, now: datetime, workspace: Workspace) -> list[Row]:
    return [row_of(handoff, user, now, workspace) for handoff in handoffs]


def row_of(handoff: Handoff, user: User, now: datetime, workspace: Workspace) -> Row:
    zone = workspace.zone_of(handoff.team)
    open_now = handoff.state == Handoff.State.OFFERED
    undecided = handoff.state in Handoff.UNDECIDED
    return Row(
        handoff,
        _clock_of(handoff, now, zone),
        may_decide=open_now and may_decide(user, handoff),
        may_recycle=open_now and may_recycle(user, handoff),
        may_review=handoff.state == Handoff.State.REVIEW and may_review(user, handoff),
        may_comment=may_comment(user, handoff),
        may_reassign=undecided and may_reassign(user, handoff),
    )


def calendar_name(workspace: Workspace) -> str:
    """The working hours that the clocks count, in words."""
    return _("Clocks count Monday to Friday, %(opens)s to %(closes)s, in the zone of the team, else %(zone)s") % {
        "opens": f"{OPENS:%H:%M}",
        "closes": f"{CLOSES:%H:%M}",
        "zone": workspace.zone,
    }


def clock(due: datetime, now: datetime, zone: ZoneInfo, allowed_hours: float = ACCEPT_WITHIN_HOURS) -> Clock:
    """How a deadline stands at `now`: working hours left of `allowed_hours`, or late by how many."""
    left = working_hours_between(now, due, zone)
    late = now > due
    length = length_of(timedelta(hours=left))
    return Clock(
        "over" if late else "soon" if left <= SOON_HOURS else "fine",
        (_("%(length)s late") if late else _("%(length)s left")) % {"length": length},
        100 if late else max(0, min(100, round(100 * (1 - left / allowed_hours)))),
        due,
        _due_text(due.astimezone(zone), now.astimezone(zone)),
    )


def _clock_of(handoff: Handoff, now: datetime, zone: ZoneInfo) -> Clock | None:
    """The clock that runs: until the acceptance, then until somebody touched the lead."""
    if handoff.state == Handoff.State.OFFERED and handoff.accept_due is not None:
        return clock(handoff.accept_due, now, zone)
    untouched = not getattr(handoff, "touched", True)
    if handoff.state == Handoff.State.ACCEPTED and handoff.touch_due is not None and untouched:
        return clock(handoff.touch_due, now, zone)
    return None


def _due_text(due: datetime, now: datetime) -> str:
    """The deadline on the clock of its zone, with the day unless it is today."""
    if due.date() == now.date():
        return f"{due:%H:%M}"
    day = f"{django_formats.date_format(due, 'D')} {due.day} {django_formats.date_format(due, 'M')}"
    return f"{day} {due:%H:%M}" if due.year == now.year else f"{day} {due.year} {due:%H:%M}"


def counts(visible: QuerySet[Handoff], now: datetime) -> dict[str, int]:
    """How many wait, how many of them are late, and how many are in review."""
    return visible.undecided().aggregate(  # type: ignore[attr-defined,no-any-return]
        waiting=Count("pk", filter=Q(state=Handoff.State.OFFERED)),
        late=Count("pk", filter=Q(state=Handoff.State.OFFERED, accept_due__lt=now)),
        review=Count("pk", filter=Q(state=Handoff.State.REVIEW)),
    )


def what_sales_did(visible: QuerySet[Handoff], now: datetime) -> WhatSalesDid:
    """Decisions of the last 30 days by outcome and by reason, and the newest of them with their words."""
    lately = visible.filter(decided_at__gte=now - LATELY)
    sales = [Handoff.State.ACCEPTED, Handoff.State.REJECTED, Handoff.State.RECYCLED]
    by_state = dict(lately.filter(state__in=sales).order_by().values_list("state").annotate(n=Count("pk")))
    by_reason = (
        lately.filter(state=Handoff.State.REJECTED)
        .order_by()
        .values_list("reason__code", "reason__label")
        .annotate(n=Count("pk"))
        .order_by("-n", "reason__label")
    )
    newest = lately.filter(state__in=Handoff.DECIDED).select_related("lead", "reason", "decided_by")
    return WhatSalesDid(
        _shares([(str(state.label), f"state={state.value}", by_state.get(state, 0)) for state in sales]),
        _shares([(label, f"state=rejected&reason={code}", n) for code, label, n in by_reason]),
        sum(by_state.values()),
        by_state.get(Handoff.State.ACCEPTED, 0),
        list(newest.defer("frozen").order_by("-decided_at", "-pk")[:NEWEST_DECISIONS]),
    )


def _shares(figures: list[tuple[str, str, int]]) -> list[Share]:
    largest = max((count for _label, _query, count in figures), default=0) or 1
    return [Share(label, query, count, round(100 * count / largest)) for label, query, count in figures]
