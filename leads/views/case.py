"""The lead that a page is about: found among what the user sees, with what every page of it shows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from leads.labels import STAGES
from leads.lifecycle import FUNNEL, Stage
from leads.models import Checklist, Lead, LifecycleChange
from leads.sheet import Sheet
from scoring.models import QuestionSet
from users.formats import month, number
from users.models import SalesContext, User

# What few leads have is read where they have it: a persona that somebody chose, account and contact of the converted.
BESIDE_THE_LEAD = ("owner", "team", "source", "campaign", "context")


def find_lead(user: User, pk: int, *, beside: Sequence[str] = BESIDE_THE_LEAD) -> Lead:
    """The lead, if the user may see it, with the rows `beside` it in the same query. Raises Http404."""
    return get_object_or_404(Lead.objects.visible_to(user).select_related(*beside), pk=pk)


@dataclass(frozen=True, slots=True)
class Set:
    """One sales context of the lead: its checklist, if there is one yet."""

    context: SalesContext
    checklist: Checklist | None
    current: bool  # the context that the lead is worked in
    shown: bool


def sets_of(lead: Lead, shown: str) -> list[Set]:
    """All sales contexts with the lead's checklists; `shown` is the code of the one on the page. Raises Http404."""
    kept = {checklist.context_id: checklist for checklist in lead.checklists.all()}
    # What has no published set yet cannot be asked.
    contexts = list(SalesContext.objects.filter(Exists(QuestionSet.objects.filter(context=OuterRef("pk")))))
    wanted = shown or lead.context.code
    if wanted not in {context.code for context in contexts}:
        raise Http404
    return [
        Set(context, kept.get(context.pk), context.pk == lead.context_id, context.code == wanted)
        for context in contexts
    ]


def shown_set(lead: Lead, code: str) -> Set:
    """The set on the page: of the sales context with this code, else of the lead's own. Raises Http404."""
    if code in ("", lead.context.code) and (own := lead.checklists.filter(context=lead.context_id).first()):
        return Set(lead.context, own, current=True, shown=True)
    return next(each for each in sets_of(lead, code) if each.shown)


def short_day(value: date) -> str:
    """22 Nov: a step of the path has no room for the weekday."""
    return f"{value.day} {month(value)}"


def path_of(lead: Lead, sheet: Sheet | None) -> list[dict[str, str]]:
    """The way of the lead: when it reached each stage, and what the next one still needs by the sheet of now."""
    moves: Iterable[tuple[str, datetime | None]] = (
        LifecycleChange.objects.filter(lead=lead).order_by("id").values_list("to_stage", "occurred_at")
        if sheet is None
        else sheet.moves
    )
    reached = dict(moves)
    stage = Stage(lead.stage)
    aside = stage not in FUNNEL
    at = FUNNEL.index(stage) if not aside else max((FUNNEL.index(s) for s in FUNNEL if s in reached), default=0)
    steps = []
    for index, step in enumerate(FUNNEL):
        moment = reached.get(step)
        reached_on = short_day(timezone.localdate(moment)) if moment and index <= at else ""
        state = "now" if index == at and not aside else "done" if index <= at else "todo"
        note = reached_on
        if step is Stage.SQL and state == "todo" and sheet is not None and sheet.missing_for_sql:
            note = _("%(count)s open") % {"count": number(len(sheet.missing_for_sql))}
        steps.append({"label": str(STAGES[step]), "state": state, "note": note})
    if aside:
        label = str(STAGES[stage])
        note = _("until %(date)s") % {"date": short_day(lead.nurture_until)} if lead.nurture_until else ""
        steps.append({"label": label, "state": "now", "note": note})
    return steps


def missing_sentence(sheet: Sheet) -> str:
    """What stands between the lead and SQL, in one sentence; empty when the gate holds."""
    if not sheet.missing_for_sql:
        return ""
    return _("Missing for SQL: %(what)s.") % {"what": ", ".join(sheet.missing_for_sql)}


def marks(sheet: Sheet) -> list[dict[str, Any]]:
    """The criteria for the hallmark: hollow until something is known."""
    return [
        {
            "code": each.code,
            "label": each.name,
            "letter": each.letter,
            "low": each.low,
            "high": each.high,
            "met": each.met,
            "asked": each.asked and each.completeness > 0,
            "minimum": each.minimum,
        }
        for each in sheet.criteria
    ]
