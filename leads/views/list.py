"""The lead list: one narrow table in the order of the score, page by page by key."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Self

from django.db.models import BooleanField, Func, QuerySet, Value
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from leads.forms.filters import LeadFilters
from leads.labels import STAGES
from leads.lifecycle import Stage
from leads.models import Score
from leads.models.lead import parts_of_own_teams
from leads.models.score import Route
from leads.rights import may_call, may_create_lead
from leads.views.marks import badge_of_stage, badge_of_temperature, hallmark_of
from users.formats import day, number
from users.models import Role, User
from users.pages import SignedIn
from users.visibility import sees_all_leads

PAGE = 50
# What is still to be worked: the list opens with these.
OPEN = (Stage.LEAD.value, Stage.MQL.value, Stage.SAL.value, Stage.SQL.value)
# Who sees more teams than this sees a good part of all leads: walking the list fills a page soon.
MOST_PARTS = 12
# Beyond this many nobody reads the number, and counting would cost more than the page.
COUNTED = 1000

COLUMNS = (
    "temperature",
    "low",
    "engagement",
    "lead_id",
    "stage",
    "route",
    "sql",
    "interest_shown",
    "policy_id",
    "criteria_low",
    "criteria_high",
    "lead__name",
    "lead__company",
    "lead__email",
    "lead__nurture_until",
    "source__name",
    "owner__name",
)


class BadPosition(ValueError):
    """The address names a place in the list that is none."""


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the list: the four columns that it is sorted by, of one row."""

    temperature: int
    low: Decimal
    engagement: Decimal
    lead_id: int

    @classmethod
    def read(cls, text: str) -> Self:
        parts = text.split("_")
        try:
            temperature, low, engagement, lead_id = parts
            place = cls(int(temperature), Decimal(low), Decimal(engagement), int(lead_id))
        except (ValueError, InvalidOperation) as error:
            raise BadPosition(text) from error
        if not (
            0 <= place.temperature <= 2
            and place.low.is_finite()
            and place.engagement.is_finite()
            and 0 <= place.low <= 100
            and 0 <= place.engagement <= 100
            and 0 < place.lead_id < 2**63
        ):
            raise BadPosition(text)
        return place

    def __str__(self) -> str:
        return f"{self.temperature}_{self.low}_{self.engagement}_{self.lead_id}"

    def compared(self, sign: str) -> Func:
        """The row's columns against this place as one comparison, which the list's index answers."""
        columns = Func("temperature", "low", "engagement", "lead_id", function="ROW", output_field=BooleanField())
        place = Func(
            # As subqueries: where the planner sees that nothing is colder than cold, it expects no row and sorts them all.
            *(
                Func(Value(value), template="(SELECT %(expressions)s)")
                for value in (self.temperature, self.low, self.engagement, self.lead_id)
            ),
            function="ROW",
            output_field=BooleanField(),
        )
        return Func(columns, place, template="(%(expressions)s)", arg_joiner=f" {sign} ", output_field=BooleanField())


def below(scores: QuerySet[Score], place: Position) -> QuerySet[Score]:
    """What follows the place, nearest first."""
    return scores.filter(place.compared("<")).order_by(*Score.LIST_ORDER)


def above(scores: QuerySet[Score], place: Position) -> QuerySet[Score]:
    """What comes before the place, nearest first."""
    return scores.filter(place.compared(">")).order_by(*(column.removeprefix("-") for column in Score.LIST_ORDER))


def foremost(scores: QuerySet[Score], user: User, count: int) -> QuerySet[Score]:
    """The first so many of these scores, which the user sees, in the order that they have.

    For who sees a few teams, the first of each part are read from its index and then merged: one condition over all
    of them would walk the list past everybody else's leads until the page is full.
    """
    parts = [] if sees_all_leads(user) or user.role == Role.CUSTOMER_SUCCESS else parts_of_own_teams(user)
    if not 0 < len(parts) <= MOST_PARTS:
        return scores[:count]
    first, *others = (scores.filter(part).values("pk")[:count] for part in parts)
    return Score.objects.filter(pk__in=first.union(*others)).order_by(*scores.query.order_by)[:count]


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the list, ready to be written."""

    lead_id: int
    title: str
    who: str
    stage: SafeString
    temperature: SafeString
    low: str
    step: int
    marks: SafeString
    engagement: str
    source: str
    owner: str
    next_step: str


def _next_step(stage: str, route: str, until: date | None, today: date) -> str:
    if stage == Stage.MQL:
        return _("Accept or reject")
    if stage == Stage.SQL:
        return _("Convert")
    if stage == Stage.NURTURE:
        return _("Nurture until %(date)s") % {"date": day(until, today)} if until else str(STAGES[Stage.NURTURE])
    if stage in {Stage.LEAD, Stage.SAL} and route:
        return str(Route(route).label)
    return ""


def _line(row: tuple[Any, ...], today: date) -> Line:
    (
        temperature,
        low,
        engagement,
        lead_id,
        stage,
        route,
        sql,
        shown,
        policy_id,
        lows,
        highs,
        name,
        company,
        email,
        until,
        source,
        owner,
    ) = row
    title = company or name or email or f"#{lead_id}"
    return Line(
        lead_id,
        title,
        name if company else "",
        badge_of_stage(stage),
        badge_of_temperature(temperature, sql and not shown),
        number(low),
        round(low),
        hallmark_of(policy_id, lows, highs),
        number(engagement),
        source or "",
        owner or "",
        _next_step(stage, route, until, today),
    )


@dataclass(frozen=True, slots=True)
class Leaf:
    """One page of the list; the addresses of its neighbours are empty where there is none."""

    lines: list[Line]
    previous: str
    next: str


def _leaf(scores: QuerySet[Score], filters: LeadFilters, *, after: str, before: str) -> Leaf:
    """Read one page. Raises BadPosition."""
    if after and before:
        raise BadPosition(f"{after} {before}")
    place = Position.read(after or before) if after or before else None
    narrowed = filters.narrow(scores)
    asked = narrowed.order_by(*Score.LIST_ORDER)
    if place is not None:
        asked = below(narrowed, place) if after else above(narrowed, place)
    rows = list(foremost(asked, filters.user, PAGE + 1).values_list(*COLUMNS))
    more = len(rows) > PAGE
    rows = rows[:PAGE]
    if before:
        rows.reverse()
    today = timezone.localdate()
    address = reverse("leads:list")
    first, last = (Position(*rows[0][:4]), Position(*rows[-1][:4])) if rows else (None, None)
    return Leaf(
        [_line(row, today) for row in rows],
        f"{address}?{filters.query(before=first)}" if first and (more if before else after) else "",
        f"{address}?{filters.query(after=last)}" if last and (more if not before else True) else "",
    )


def _counted(scores: QuerySet[Score], filters: LeadFilters, leaf: Leaf) -> str:
    """How many leads there are, up to a cap; without counting where this page holds them all."""
    count = len(leaf.lines)
    if leaf.next or leaf.previous:
        count = len(filters.narrow(scores).order_by().values_list("pk", flat=True)[: COUNTED + 1])
    if count > COUNTED:
        return _("More than %(count)s leads") % {"count": number(COUNTED)}
    return ngettext("%(count)s lead", "%(count)s leads", count) % {"count": number(count)}


def _tabs(filters: LeadFilters) -> list[dict[str, Any]]:
    """Views of the list that people ask for daily; one is current if the address says exactly that."""
    working = list(OPEN)
    views: list[tuple[str, dict[str, Any]]] = [
        (_("Open leads"), {"stage": working}),
        (_("My open leads"), {"mine": "1", "stage": working}),
        (_("Hot"), {"temperature": ["hot"], "stage": working}),
        (_("Without an owner"), {"unowned": "1", "stage": working}),
        (_("Ready to convert"), {"stage": [Stage.SQL.value]}),
        (_("Nurture"), {"stage": [Stage.NURTURE.value]}),
        (_("All leads"), {}),
    ]
    if filters.user.role == Role.CUSTOMER_SUCCESS:
        views = [
            (_("Customers"), {"stage": [Stage.CUSTOMER.value]}),
            (_("In a deal"), {"stage": [Stage.OPPORTUNITY.value]}),
            (_("All leads"), {}),
        ]
    nothing = dict.fromkeys(filters.fields)
    present = {name: filters.asked.getlist(name) for name in filters.in_force}
    return [
        {
            "label": label,
            "url": f"{reverse('leads:list')}?{filters.query(**{**nothing, **wanted})}",
            "current": present
            == {name: value if isinstance(value, list) else [value] for name, value in wanted.items()},
        }
        for label, wanted in views
    ]


def _refused(request: SignedIn, filters: LeadFilters | None, sentence: str = "") -> HttpResponse:
    """The address asks for what cannot be: say what, and lead back."""
    sentences = [sentence] if sentence else []
    for name, errors in filters.errors.items() if filters else ():
        label = f"{filters.fields[name].label}: " if filters and name in filters.fields else ""
        sentences += [f"{label}{error}" for error in errors]
    # What somebody typed is told apart from an address that was made by hand.
    typed = filters is not None and set(filters.errors) == {"search"}
    context = {"sentences": sentences, "typed": typed, "section": "leads", "error_in_title": True}
    return render(request, "leads/refused.html", context, status=400)


def _asked(request: SignedIn) -> QueryDict:
    """What the address asks for. One that asks for nothing means the leads still to be worked.

    Customer success sees only what was converted: their list opens with the customers.
    """
    anything = any(any(values) for name, values in request.GET.lists() if name not in {"after", "before"})
    if anything:
        return request.GET
    asked = request.GET.copy()
    asked.setlist("stage", [Stage.CUSTOMER.value] if request.user.role == Role.CUSTOMER_SUCCESS else list(OPEN))
    return asked


@require_safe
def leads(request: SignedIn) -> HttpResponse:
    """/leads/: what the user may see, narrowed by the address, hottest first."""
    asked = _asked(request)
    filters = LeadFilters(asked, user=request.user)
    if not filters.is_valid():
        return _refused(request, filters)
    scores = Score.objects.visible_to(request.user).listed()
    try:
        leaf = _leaf(scores, filters, after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    except BadPosition:
        return _refused(request, None, _("This page of the list does not exist. Begin at its first page."))
    address = reverse("leads:list")
    context = {
        "section": "leads",
        "leaf": leaf,
        "filters": filters,
        "address": address,
        "about": urlencode({"from": filters.query()}),
        "shown": _("%(count)s on this page") % {"count": number(len(leaf.lines))},
        "count": _counted(scores, filters, leaf),
        "tabs": _tabs(filters),
        "chips": list(filters.chips(address)),
        "filter_url": f"{reverse('leads:filter')}?{filters.query()}",
        "opening": asked is not request.GET,
        "may_call": may_call(request.user),
        "may_create": may_create_lead(request.user),
    }
    return render(request, "leads/list.html", context)


@require_safe
def choose_filters(request: SignedIn) -> HttpResponse:
    """/leads/filter/: the form that makes an address of the list; a dialog where script runs."""
    filters = LeadFilters(request.GET, user=request.user)
    if not filters.is_valid():
        return _refused(request, filters)
    name = "leads/_filter_dialog.html" if request.htmx else "leads/filter.html"
    return render(request, name, {"section": "leads", "filters": filters})
