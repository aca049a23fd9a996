"""The lead's page: who it is, how it is judged and why, what happened, and what can be done now."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leads.explaining import explain
from leads.forms.verbs import LogForm
from leads.lifecycle import BY_HAND, FOLLOWS_GATES, Stage
from leads.models import Checklist, Handoff, Lead, Override
from leads.models.score import Route
from leads.rights import (
    may_archive,
    may_assign,
    may_convert,
    may_decide,
    may_edit_fields,
    may_offer,
    may_override,
    may_work,
    who_may_work,
)
from leads.sheet import Sheet
from leads.timeline import Place, timeline
from leads.views.case import find_lead, marks, missing_sentence, path_of
from users.attributes import in_words
from users.facts import database_now
from users.formats import number
from users.models import Attribute, SalesContext, User
from users.moments import past_moment
from users.pages import SignedIn

SHOWN = 20  # things of the timeline at once; older ones are a press away
KNOWN_PARAMETERS = {"as_of", "before"}


def _exactly(points: Decimal | None) -> str:
    """Points with as many decimals as they have, and at least one, so that a column can be added up by hand."""
    if points is None:
        return number(None)
    exponent = points.normalize().as_tuple().exponent
    return number(points, max(1, -int(exponent)))


def _ledger(sheet: Sheet) -> list[dict[str, Any]]:
    """The rows of each part with the sum that they add up to (decisions.md 6)."""
    labels = {"fit": _("Fit"), "engagement": _("Engagement"), "qualification": _("Qualification")}
    values = {"fit": sheet.fit, "engagement": sheet.engagement, "qualification": sheet.qualification}
    return [
        {
            "code": code,
            "label": label,
            "rows": [
                {
                    "rule": row.rule,
                    "evidence": row.evidence,
                    "at": row.at,
                    "points": row.points,
                    "shown": _exactly(row.points),
                    "shown_low": _exactly(row.points_low),
                }
                for row in sheet.ledger
                if row.part == code
            ],
            "total": values[code],
            "low": sheet.low if code == "qualification" else None,
        }
        for code, label in labels.items()
    ]


def _may(user: User, lead: Lead, handoff: Handoff | None) -> dict[str, bool]:
    """What this person may do to the lead as it stands."""
    stage = Stage(lead.stage)
    here = lead.archived_at is None
    works = may_work(user, lead) and here
    return {
        "work": works,
        "edit": may_edit_fields(user, lead) and here,
        "assign": may_assign(user, lead) and here,
        "archive": may_archive(user, lead),
        "override": may_override(user, lead) and stage in FOLLOWS_GATES and here,
        "nurture": works and handoff is None and stage in BY_HAND[Stage.NURTURE],
        "disqualify": works and handoff is None and stage in BY_HAND[Stage.DISQUALIFIED],
        "reopen": works and stage in BY_HAND[Stage.LEAD],
        "decide": handoff is not None and handoff.state == Handoff.State.OFFERED and may_decide(user, handoff),
        "offer": stage is Stage.MQL and handoff is None and may_offer(user, lead) and here,
        "convert": stage in {Stage.SQL, Stage.SAL, Stage.OPPORTUNITY} and may_convert(user, lead) and here,
        "switch": works and stage in FOLLOWS_GATES | {Stage.DISQUALIFIED},
    }


def show(request: SignedIn, lead: Lead, *, status: int = 200, **more: Any) -> HttpResponse:
    """The page; `more` replaces parts of it, such as a form with errors."""
    zone = timezone.get_current_timezone()  # the workspace's: leadqual/middleware.py
    asked = request.GET.get("as_of", "").strip()
    at, wrong = None, ""
    try:
        at = past_moment(asked) if asked else None
    except ValidationError as refused:
        wrong, status = str(refused.message), 400
    checklist = Checklist.objects.filter(lead=lead, context=lead.context_id).first()
    sheet = explain(checklist, at=at) if checklist else None
    handoff = (
        Handoff.objects.undecided().select_related("team").filter(lead=lead).first()
        if lead.stage == Stage.MQL
        else None
    )
    may = _may(request.user, lead, handoff)
    context = {
        "section": "leads",
        "lead": lead,
        "sheet": sheet,
        "criteria": marks(sheet) if sheet else [],
        "missing": missing_sentence(sheet) if sheet else "",
        "ledger": _ledger(sheet) if sheet else [],
        "route": Route(sheet.route).label if sheet and sheet.route else "",
        "persona": lead.persona or (sheet.best_persona_name if sheet else ""),
        "steps": path_of(lead, sheet if at is None else None),
        "as_of": at,
        "as_of_asked": asked or timezone.localtime().strftime("%Y-%m-%dT%H:%M"),
        "as_of_wrong": wrong,
        "zone": str(zone),
        "overrides": _overrides(checklist, sheet, at),
        "handoff": handoff,
        "may": may,
        "who_may": "" if may["work"] else who_may_work(lead),
        "contexts": SalesContext.objects.exclude(pk=lead.context_id) if may["switch"] else (),
        "timeline": timeline(lead, before=Place.read(request.GET.get("before", "")), limit=SHOWN),
        "attributes": in_words(Attribute.Of.LEAD, lead.attributes),
        "log_form": LogForm(),
        "error_in_title": bool(wrong),
        **more,
    }
    return render(request, "leads/page.html", context, status=status)


def _overrides(checklist: Checklist | None, sheet: Sheet | None, at: datetime | None) -> list[Override]:
    """Those in effect now; the sheet of now says whether there is any."""
    if checklist is None or (at is None and sheet is not None and sheet.override is None):
        return []
    now = database_now()
    in_effect = Override.objects.filter(checklist=checklist).in_effect(now, timezone.localtime(now).date())
    return list(in_effect.select_related("by"))


@require_safe
def lead(request: SignedIn, pk: int) -> HttpResponse:
    """/leads/<id>/, also as known at a past moment (?as_of=) and further back in time (?before=)."""
    found = find_lead(request.user, pk)
    unknown = sorted(set(request.GET) - KNOWN_PARAMETERS)
    bad_place = request.GET.get("before") and Place.read(request.GET["before"]) is None
    if unknown or bad_place:
        sentence = (
            _("A lead's page knows nothing of “%(name)s”.") % {"name": unknown[0][:60]}
            if unknown
            else _("This part of the timeline does not exist. Open the lead's page again.")
        )
        return render(request, "leads/refused.html", {"sentences": [sentence], "section": "leads"}, status=400)
    if request.htmx and "before" in request.GET:
        items = timeline(found, before=Place.read(request.GET["before"]), limit=SHOWN)
        return render(request, "leads/_timeline.html", {"lead": found, "timeline": items})
    return show(request, found)
