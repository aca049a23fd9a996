"""How a policy's draft is tried on leads (scoring/trials.py): on one of them, and on all."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leads.explaining import explain, explain_draft
from leads.impact import counts_of, judge_of_draft
from leads.models import Checklist, Impact, Lead, Score
from leads.models.score import Route, Temperature
from leads.sheet import Sheet
from scoring import trials
from scoring.models import PolicyDraft
from scoring.trials import Compared, Preview, Subject
from users.formats import DASH, number
from users.models import SalesContext, User

OFFERED = 20  # leads to choose from: the hottest, or those that were looked for


def preview(
    context: SalesContext, definition: Mapping[str, Any], user: User, lead_id: int | None, find: str
) -> Preview:
    """One lead as it is judged now and as the draft would judge it; any that the user may see.

    `definition` is valid. A lead that is not theirs to see is not found, like one that does not exist.
    """
    scores = Score.objects.visible_to(user).listed().filter(context=context).select_related("lead").hottest_first()
    if find:
        scores = scores.filter(Q(lead__search__contains=find.lower()))
    found = [Subject(score.lead.pk, str(score.lead)) for score in scores[:OFFERED] if score.lead]
    wanted = Lead.objects.visible_to(user).filter(pk=lead_id, context=context).first() if lead_id and not find else None
    if wanted is not None and wanted.pk not in {each.pk for each in found}:
        found.insert(0, Subject(wanted.pk, str(wanted)))
    subject = next((each for each in found if each.pk == lead_id), found[0] if found else None)
    if subject is None:
        return Preview(None, [])
    checklist = Checklist.objects.get(lead_id=subject.pk, context=context)
    before, after = explain(checklist), explain_draft(checklist, judge_of_draft(context.pk, definition))
    return Preview(subject, found, reverse("leads:page", args=[subject.pk]), tuple(_compared(before, after)))


def _compared(before: Sheet, after: Sheet) -> list[Compared]:
    holds = {True: _("holds"), False: _("does not hold")}
    routes, heat = dict(Route.choices), dict(Temperature.choices)
    rows = [
        (_("Fit"), _points(before.fit), _points(after.fit)),
        (_("Engagement"), _points(before.engagement), _points(after.engagement)),
        (_("Certain answers"), _points(before.low), _points(after.low)),
        (_("Possible answers"), _points(before.high), _points(after.high)),
    ]
    old, new = ({each.code: each for each in sheet.criteria} for sheet in (before, after))
    for code in dict.fromkeys([*old, *new]):
        named = new.get(code) or old[code]
        low_before, low_after = (_points(each[code].low) if code in each else DASH for each in (old, new))
        rows.append((named.name, low_before, low_after))
    rows += [
        (_("MQL gate"), holds[before.mql], holds[after.mql]),
        (_("SQL gate"), holds[before.sql], holds[after.sql]),
        (_("Temperature"), str(heat[before.temperature]), str(heat[after.temperature])),
        (_("What to do"), str(routes.get(before.route, DASH)), str(routes.get(after.route, DASH))),
    ]
    return [Compared(*row) for row in rows]


def _points(value: Decimal | None) -> str:
    return DASH if value is None else number(value, 1)


def impact(draft: PolicyDraft, user: User) -> trials.Impact:
    """What is known of the draft's effect on the leads that the user may see."""
    url = reverse("leads:impact", args=[draft.pk])
    kept = Impact.objects.filter(draft=draft, digest=draft.digest, state=Impact.State.READY).first()
    if kept is None:
        return trials.Impact(url)
    return trials.Impact(url, tuple(sentences(kept, user)), kept.as_of)


def sentences(kept: Impact, user: User) -> list[str]:
    """3 leads would become MQL, 1 would stop being one. One sentence for each verdict."""
    counts = counts_of(kept, user)
    names = {"mql": _("MQL"), "sql": _("SQL"), "hot": _("hot")}
    says = []
    for verdict, name in names.items():
        gained, lost = counts[verdict, True], counts[verdict, False]
        becomes = ngettext(
            "%(count)s lead would become %(verdict)s", "%(count)s leads would become %(verdict)s", gained
        ) % {"count": number(gained), "verdict": name}
        ceases = ngettext("%(count)s would stop being it", "%(count)s would stop being it", lost) % {
            "count": number(lost)
        }
        says.append(f"{becomes}, {ceases}.")
    return says


TRIALS = trials.Trials(preview, impact)
