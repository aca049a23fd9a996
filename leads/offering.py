"""Opens and withdraws hand-offs (decisions.md 13 to 15). What sales then decides stands in leads/handoff.py.

A hand-off freezes the score at the moment of the offer, so that the score can be judged later by what came of it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby, islice

from django.db.models import F
from django.utils.translation import gettext as _

from leads.clocks import ACCEPT_WITHIN_HOURS, FIRST_TOUCH_WITHIN_HOURS, add_working_hours
from leads.explaining import explain_all
from leads.models import BehaviourEvent, Checklist, Handoff, HandoffChange, Lead
from leads.models.lifecycle import Gate
from leads.scores import judge_in_force
from leads.sheet import Sheet
from scoring.engine import Definition
from scoring.gates import GateForm
from users.models import Team, User, Workspace

LONGEST_SENTENCE = 300
AT_ONCE = 100  # leads a statement


def offer(lead_ids: Sequence[int], *, at: datetime, by: User | None = None) -> list[Handoff]:
    """Open a hand-off for each of these leads that has none open; lock the leads first.

    It starts in review if the policy says so, else offered, with its clocks running. `by` is who offers by hand.
    """
    taken = set(Handoff.objects.undecided().filter(lead__in=lead_ids).values_list("lead_id", flat=True))
    leads = Lead.objects.filter(pk__in=set(lead_ids) - taken).select_related("team").order_by("context", "pk")
    opened: list[Handoff] = []
    for context_id, of_context in groupby(leads, key=lambda lead: lead.context_id):
        while some := list(islice(of_context, AT_ONCE)):
            opened += _offer_some(context_id, some, at, by)
    return opened


def _offer_some(context_id: int, leads: Sequence[Lead], at: datetime, by: User | None) -> list[Handoff]:
    """Offer leads of one sales context: the same few statements however many they are."""
    checklists = {each.lead_id: each for each in Checklist.objects.filter(lead__in=leads, context=context_id)}
    sheets = explain_all(list(checklists.values()))
    definition = judge_in_force(context_id, at)[0].definition
    raised = newest_hand_raises(leads, definition, at)
    workspace = Workspace.get()
    handoffs = []
    for lead in leads:
        sheet = sheets[checklists[lead.pk].pk]
        handoff = Handoff(
            lead=lead,
            checklist=checklists[lead.pk],
            team=lead.team,
            # Marketing looks first where the policy says so; the clocks start when it lets sales see the lead.
            state=Handoff.State.REVIEW if definition.review else Handoff.State.OFFERED,
            because=why(sheet, definition, raised.get(lead.pk), by)[:LONGEST_SENTENCE],
            offered_at=at,
            policy=sheet.policy,
            fit=sheet.fit,
            engagement=sheet.engagement,
            qualification_low=sheet.low,
            frozen=sheet.as_json(),
        )
        if not definition.review:
            start_clocks(handoff, at, workspace)
        handoffs.append(handoff)
    Handoff.objects.bulk_create(handoffs)
    HandoffChange.objects.bulk_create(change_of(handoff, "", at=at, by=by) for handoff in handoffs)
    return handoffs


def withdraw(lead_ids: Sequence[int], *, at: datetime) -> int:
    """Take the open hand-offs of these leads back, because the gate was lost; lock the leads first. Returns how many."""
    open_ones = list(Handoff.objects.undecided().filter(lead__in=lead_ids).select_for_update().order_by("pk"))
    if not open_ones:
        return 0
    Handoff.objects.filter(pk__in=[handoff.pk for handoff in open_ones]).update(
        state=Handoff.State.WITHDRAWN, decided_at=at, version=F("version") + 1
    )
    changes = []
    for handoff in open_ones:
        before, handoff.state = handoff.state, Handoff.State.WITHDRAWN
        changes.append(change_of(handoff, before, at=at))
    HandoffChange.objects.bulk_create(changes)
    return len(open_ones)


def give_to_team(lead: Lead, team: Team | None, *, by: User | None, at: datetime) -> None:
    """The lead's open hand-off, if any, goes along to its new team. The clocks run on."""
    for handoff in Handoff.objects.undecided().filter(lead=lead).select_for_update():
        if handoff.team_id != (team.pk if team else None):
            handoff.team = team
            handoff.version += 1
            handoff.save(update_fields=["team", "version"])
            append_change(handoff, handoff.state, at=at, by=by)


def start_clocks(handoff: Handoff, at: datetime, workspace: Workspace) -> None:
    """Set when the hand-off is to be accepted and the lead first touched, in the team's working hours."""
    zone = workspace.zone_of(handoff.team)
    handoff.accept_due = add_working_hours(at, ACCEPT_WITHIN_HOURS, zone)
    handoff.touch_due = add_working_hours(handoff.accept_due, FIRST_TOUCH_WITHIN_HOURS, zone)


def append_change(
    handoff: Handoff, before: str, *, at: datetime, by: User | None = None, note: str = ""
) -> HandoffChange:
    """Append the fact of what just happened to the hand-off."""
    change = change_of(handoff, before, at=at, by=by, note=note)
    change.save(force_insert=True)
    return change


def change_of(handoff: Handoff, before: str, *, at: datetime, by: User | None = None, note: str = "") -> HandoffChange:
    return HandoffChange(
        handoff=handoff,
        from_state=before,
        to_state=handoff.state,
        team_id=handoff.team_id,
        reason_id=handoff.reason_id,
        note=note,
        by=by,
        occurred_at=at,
    )


def why(sheet: Sheet, definition: Definition, raised: str | None, by: User | None = None) -> str:
    """One sentence: why this lead is offered. `raised` is what it asked for, `by` who offers it by hand."""
    if by is not None:
        return _("Offered by %(person)s.") % {"person": by}
    override = sheet.override
    if override is not None and override["gate"] == Gate.MQL and override["direction"] == "up":
        return _("%(person)s says it is qualified: %(reason)s") % {
            "person": override["by"] or _("Somebody"),
            "reason": override["reason"],
        }
    if raised is not None:
        return _("Raised a hand: %(what)s.") % {"what": raised}
    if sheet.sql:
        return _("What they told us qualifies already: %(low)s points at least.") % {"low": sheet.low}
    return _because_of_gate(sheet, definition)


def _because_of_gate(sheet: Sheet, definition: Definition) -> str:
    fit = sheet.fit if sheet.fit is not None else Decimal(0)
    if definition.gates.mql_form is not GateForm.FIT_AND_INTEREST:
        return _("Fit %(fit)s, engagement %(engagement)s and what they told us (%(low)s) are enough together.") % {
            "fit": fit,
            "engagement": sheet.engagement,
            "low": sheet.low,
        }
    shows_interest = sheet.engagement >= definition.gates.mql_engagement
    told_enough = sheet.low >= definition.gates.mql_low
    if shows_interest and told_enough:
        return _("Fits (%(fit)s), shows interest (%(engagement)s) and has told us enough (%(low)s).") % {
            "fit": fit,
            "engagement": sheet.engagement,
            "low": sheet.low,
        }
    if told_enough:
        return _("Fits (%(fit)s) and has told us enough (%(low)s).") % {"fit": fit, "low": sheet.low}
    return _("Fits (%(fit)s) and shows interest (%(engagement)s).") % {"fit": fit, "engagement": sheet.engagement}


def newest_hand_raises(leads: Sequence[Lead], definition: Definition, at: datetime) -> dict[int, str]:
    """By lead, the words of its newest request for contact, quote or demonstration that still counts."""
    since = at - timedelta(days=definition.hand_raise_days)
    texts = {rule.kind: _(rule.text) for rule in definition.engagement}
    newest = (
        BehaviourEvent.objects.filter(
            lead__in=leads, kind__in=definition.hand_raises, occurred_at__gt=since, occurred_at__lte=at
        )
        .order_by("lead", "-occurred_at")
        .distinct("lead")
        .values_list("lead_id", "kind")
    )
    return {lead_id: texts.get(kind, kind) for lead_id, kind in newest}
