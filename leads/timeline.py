"""What happened with a lead, newest first: answers, behaviour, activities, moves, hand-offs, edits and owners.

Each kind of fact is read in its own way, all in one statement, and only as many rows as a page shows.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any, Self

from django.apps import apps
from django.db import connection
from django.db.models import QuerySet
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leads.labels import STAGES
from leads.lifecycle import Cause, Stage
from leads.models import Activity, Handoff, Lead, Override
from leads.models.lifecycle import Gate
from scoring.packs.engagement import LABELS as EVENT_LABELS
from scoring.wording import worded
from users.formats import DASH, day, exact, money
from users.prepared import execute_prepared

PAGE = 30
KINDS = ("activity", "answer", "edit", "event", "handoff", "move", "override", "owner")
Body = Mapping[str, Any]

# Fields of an edit as they are shown. Owner, team and stage have facts of their own.
EDITED = {
    "name": "name",
    "company": "company",
    "email": "email",
    "phone": "phone",
    "title": "title",
    "seniority": "seniority",
    "department": "department",
    "industry": "industry",
    "employees": "employees",
    "revenue": "revenue",
    "currency": "currency",
    "country": "country",
    "city": "city",
    "website": "website",
    "preferred_channel": "preferred_channel",
    "attributes": "attributes",
    "source": "source__name",
    "campaign": "campaign__name",
    "persona": "persona__name",
    "context": "context__name",
    "external_id": "external_id",
    "archived_at": "archived_at",
}


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that happened. `at` is when it did, or when it was taken in where nobody knows."""

    at: datetime
    kind: str
    pk: int
    who: str
    title: str
    detail: str = ""
    quote: str = ""  # in somebody's words

    @property
    def big(self) -> bool:
        return self.kind in {"move", "handoff", "override"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of the timeline begins: after this thing, in the order that it is sorted by."""

    at: datetime
    kind: str
    pk: int

    @classmethod
    def read(cls, text: str) -> Self | None:
        """The place in an address; None if it is none."""
        moment, _sep, rest = text.partition("~")
        kind, _sep, pk = rest.partition("~")
        try:
            at = parse_datetime(moment)
            if at is None or at.tzinfo is None or kind not in KINDS or not pk.isdecimal() or int(pk) >= 2**63:
                return None
            return cls(at.astimezone(UTC), kind, int(pk))
        except (ValueError, OverflowError):
            return None

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.kind}~{self.pk}"


@dataclass(frozen=True, slots=True)
class Timeline:
    items: list[Happened]
    older: str  # the place where the next page begins; empty at the end


# Every source gives: when, which kind, its id, who, and what it says as JSON. An event whose date nobody knows is left
# out; everything else without a date stands where it was taken in. `older` is true for what the page before showed.
HAPPENED = """
WITH place AS (SELECT %(at)s::timestamptz AS at, %(kind)s::text AS kind, %(pk)s::bigint AS pk),
lists AS (SELECT id FROM leads_checklist WHERE lead_id = %(lead)s),
happened AS (
    (SELECT coalesce(a.occurred_at, a.recorded_at) AS at, 'answer' AS kind, a.id AS pk, a.by_id,
            jsonb_build_object(
                'question', question.text, 'question_wording', question.wording,
                'choice', choice.label, 'choice_wording', choice.wording,
                'before', old.label, 'before_wording', old.wording, 'confirms', a.confirms_id,
                'amount', a.amount, 'currency', a.currency, 'date', a.date, 'cause', a.cause, 'words', a.words,
                'note', a.note,
                'named', (SELECT jsonb_agg(contact.name ORDER BY named.id) FROM leads_answercontact named
                          JOIN accounts_contact contact ON contact.id = named.contact_id WHERE named.answer_id = a.id),
                'pains', (SELECT jsonb_agg(pain.label ORDER BY named.id) FROM leads_answerpain named
                          JOIN scoring_pain pain ON pain.id = named.pain_id WHERE named.answer_id = a.id)) AS body
     FROM leads_answer a
     JOIN scoring_question question ON question.id = a.question_id
     JOIN scoring_choice choice ON choice.id = a.choice_id
     LEFT JOIN leads_answer replaced ON replaced.id = a.replaces_id
     LEFT JOIN scoring_choice old ON old.id = replaced.choice_id
     CROSS JOIN place
     WHERE a.checklist_id IN (SELECT id FROM lists) AND NOT a.carried
       AND (place.at IS NULL OR (coalesce(a.occurred_at, a.recorded_at), 'answer', a.id) < (place.at, place.kind, place.pk))
     ORDER BY 1 DESC, 3 DESC LIMIT %(limit)s)
    UNION ALL
    (SELECT event.occurred_at, 'event', event.id, NULL,
            jsonb_build_object('kind', event.kind, 'odd', event.odd_time)
     FROM leads_behaviourevent event CROSS JOIN place
     WHERE event.lead_id = %(lead)s AND event.occurred_at IS NOT NULL
       AND (place.at IS NULL OR (event.occurred_at, 'event', event.id) < (place.at, place.kind, place.pk))
     ORDER BY event.occurred_at DESC, event.id DESC LIMIT %(limit)s)
    UNION ALL
    (SELECT coalesce(act.occurred_at, act.recorded_at), 'activity', act.id, act.by_id,
            jsonb_build_object('kind', act.kind, 'direction', act.direction, 'two_way', act.two_way, 'note', act.note)
     FROM leads_activity act CROSS JOIN place
     WHERE act.checklist_id IN (SELECT id FROM lists)
       AND (place.at IS NULL OR (coalesce(act.occurred_at, act.recorded_at), 'activity', act.id) < (place.at, place.kind, place.pk))
     ORDER BY 1 DESC, 3 DESC LIMIT %(limit)s)
    UNION ALL
    (SELECT coalesce(move.occurred_at, move.recorded_at), 'move', move.id, move.by_id,
            jsonb_build_object('before', move.from_stage, 'after', move.to_stage, 'cause', move.cause,
                               'reason', move.reason, 'policy', policy.version, 'diagnostic', move.diagnostic)
     FROM leads_lifecyclechange move LEFT JOIN scoring_policy policy ON policy.id = move.policy_id CROSS JOIN place
     WHERE move.lead_id = %(lead)s
       AND (place.at IS NULL OR (coalesce(move.occurred_at, move.recorded_at), 'move', move.id) < (place.at, place.kind, place.pk))
     ORDER BY 1 DESC, 3 DESC LIMIT %(limit)s)
    UNION ALL
    (SELECT coalesce(change.occurred_at, change.recorded_at), 'handoff', change.id, change.by_id,
            jsonb_build_object('before', change.from_state, 'after', change.to_state, 'team', team.name,
                               'reason', reason.label, 'note', change.note, 'because', handoff.because)
     FROM leads_handoffchange change
     JOIN leads_handoff handoff ON handoff.id = change.handoff_id
     LEFT JOIN users_team team ON team.id = change.team_id
     LEFT JOIN leads_rejectionreason reason ON reason.id = change.reason_id
     CROSS JOIN place
     WHERE handoff.lead_id = %(lead)s
       AND (place.at IS NULL OR (coalesce(change.occurred_at, change.recorded_at), 'handoff', change.id) < (place.at, place.kind, place.pk))
     ORDER BY 1 DESC, 3 DESC LIMIT %(limit)s)
    UNION ALL
    (SELECT coalesce(over.occurred_at, over.recorded_at), 'override', over.id, over.by_id,
            jsonb_build_object('gate', over.gate, 'direction', over.direction, 'reason', over.reason,
                               'until', over.until, 'revokes', over.revokes_id)
     FROM leads_override over CROSS JOIN place
     WHERE over.checklist_id IN (SELECT id FROM lists)
       AND (place.at IS NULL OR (coalesce(over.occurred_at, over.recorded_at), 'override', over.id) < (place.at, place.kind, place.pk))
     ORDER BY 1 DESC, 3 DESC LIMIT %(limit)s)
    UNION ALL
    (SELECT coalesce(own.occurred_at, own.recorded_at), 'owner', own.id, own.by_id,
            jsonb_build_object('owner', person.name, 'team', team.name)
     FROM leads_ownerchange own
     LEFT JOIN users_user person ON person.id = own.owner_id
     LEFT JOIN users_team team ON team.id = own.team_id
     CROSS JOIN place
     WHERE own.lead_id = %(lead)s
       AND (place.at IS NULL OR (coalesce(own.occurred_at, own.recorded_at), 'owner', own.id) < (place.at, place.kind, place.pk))
     ORDER BY 1 DESC, 3 DESC LIMIT %(limit)s)
    UNION ALL
    (SELECT history.pgh_created_at, 'edit', history.pgh_id, (context.metadata ->> 'user')::bigint, '{}'::jsonb
     FROM leads_leadhistory history LEFT JOIN pghistory_context context ON context.id = history.pgh_context_id CROSS JOIN place
     WHERE history.pgh_obj_id = %(lead)s
       AND (place.at IS NULL OR (history.pgh_created_at, 'edit', history.pgh_id) < (place.at, place.kind, place.pk))
     ORDER BY 1 DESC, 3 DESC LIMIT %(limit)s)
)
SELECT happened.at, happened.kind, happened.pk, coalesce(person.name, ''), happened.body::text
FROM happened LEFT JOIN users_user person ON person.id = happened.by_id
ORDER BY happened.at DESC, happened.kind DESC, happened.pk DESC LIMIT %(limit)s
"""

# Planning eight kinds of facts takes longer than reading them.
PARAMETERS = {"lead": "bigint", "at": "timestamptz", "kind": "text", "pk": "bigint", "limit": "bigint"}


def timeline(lead: Lead, *, before: Place | None = None, limit: int = PAGE) -> Timeline:
    """A page of what happened, newest first. One query, and two more if fields were edited."""
    place: dict[str, Any] = {"at": None, "kind": None, "pk": None}
    if before is not None:
        place = {"at": before.at, "kind": before.kind, "pk": before.pk}
    with connection.cursor() as cursor:
        execute_prepared(cursor, HAPPENED, PARAMETERS, {"lead": lead.pk, "limit": limit + 1, **place})
        found = cursor.fetchall()
    more = len(found) > limit
    found = found[:limit]
    edits = _edits(lead, [pk for _at, kind, pk, _who, _body in found if kind == "edit"])
    items = []
    for at, kind, pk, who, body in found:
        told = edits.get(pk) if kind == "edit" else TOLD[kind](json.loads(body))
        if told is not None:
            items.append(Happened(at, kind, pk, who, *told))
    older = str(Place(found[-1][0], found[-1][1], found[-1][2])) if more else ""
    return Timeline(items, older)


def _history() -> QuerySet[Any]:
    rows: QuerySet[Any] = apps.get_model("leads", "LeadHistory").objects.all()
    return rows


# --- How it is told: title, detail, and words of a person ---------------------------------------------------------


def _tell_answer(body: Body) -> Sequence[str]:
    title = _("%(question)s %(answer)s") % {
        "question": worded(body["question"], body["question_wording"], "text"),
        "answer": worded(body["choice"], body["choice_wording"]),
    }
    about = [
        money(Decimal(str(body["amount"])), body["currency"]) if body["amount"] is not None else "",
        _date(body["date"]),
        body["cause"],
        *(_(label) for label in body["pains"] or []),
        *(body["named"] or []),
        _("was: %(answer)s") % {"answer": worded(body["before"], body["before_wording"])} if body["before"] else "",
        _("confirmed from the other set") if body["confirms"] else "",
    ]
    return title, ", ".join(filter(None, about)), "\n".join(filter(None, [body["words"], body["note"]]))


def _tell_event(body: Body) -> Sequence[str]:
    label = EVENT_LABELS.get(body["kind"])
    return _(label) if label else body["kind"], _("its time is odd: much too late or in the future") if body[
        "odd"
    ] else ""


def _tell_activity(body: Body) -> Sequence[str]:
    kind = str(Activity.Kind(body["kind"]).label)
    direction = "" if body["kind"] == Activity.Kind.NOTE else str(Activity.Direction(body["direction"]).label).lower()
    about = [direction, _("they answered") if body["two_way"] else ""]
    return kind, ", ".join(filter(None, about)), body["note"]


# A person stands beside the move anyway.
MOVED_BY = {
    Cause.POLICY: gettext_lazy("by the policy"),
    Cause.OVERRIDE: gettext_lazy("by an override"),
    Cause.CONVERSION: gettext_lazy("by a conversion"),
    Cause.IMPORT: gettext_lazy("by an import"),
}


def _tell_move(body: Body) -> Sequence[str]:
    after = STAGES[Stage(body["after"])]
    title = (
        _("%(before)s to %(after)s") % {"before": STAGES[Stage(body["before"])], "after": after}
        if body["before"]
        else _("Came in as %(after)s") % {"after": after}
    )
    cause = str(MOVED_BY.get(Cause(body["cause"]), ""))
    if body["cause"] == Cause.POLICY and body["policy"]:
        cause = _("by the policy, version %(version)s") % {"version": body["policy"]}
    about = [cause, _("diagnostic") if body["diagnostic"] else ""]
    return title, ", ".join(filter(None, about)), body["reason"] or ""


def _tell_handoff(body: Body) -> Sequence[str]:
    state = str(Handoff.State(body["after"]).label)
    same = body["before"] == body["after"]
    title = _("Hand-off: comment") if same else _("Hand-off: %(state)s") % {"state": state.lower()}
    opened = not body["before"]
    about = [
        body["because"].rstrip(".") if opened else "",
        body["reason"] or "",
        _("team %(team)s") % {"team": body["team"]} if opened and body["team"] else "",
    ]
    return title, ", ".join(filter(None, about)), body["note"] or ""


def _tell_override(body: Body) -> Sequence[str]:
    gate = Gate(body["gate"]).name
    if body["revokes"]:
        return _("Override of the %(gate)s gate revoked") % {"gate": gate}, ""
    direction = str(Override.Direction(body["direction"]).label).lower()
    until = _("until %(date)s") % {"date": _date(body["until"])} if body["until"] else ""
    return _("%(gate)s gate overridden: %(direction)s") % {"gate": gate, "direction": direction}, until, body["reason"]


def _tell_owner(body: Body) -> Sequence[str]:
    team = _("team %(team)s") % {"team": body["team"]} if body["team"] else ""
    return (_("Owner: %(owner)s") % {"owner": body["owner"]} if body["owner"] else _("No owner")), team


TOLD: dict[str, Callable[[Body], Sequence[str]]] = {
    "answer": _tell_answer,
    "event": _tell_event,
    "activity": _tell_activity,
    "move": _tell_move,
    "handoff": _tell_handoff,
    "override": _tell_override,
    "owner": _tell_owner,
}


def _date(text: str | None) -> str:
    value = parse_date(text) if text else None
    return day(value, value) if value else ""


# --- Edits: a history row holds the values before, so each is read against its successor --------------------------


def _edits(lead: Lead, ids: Sequence[int]) -> dict[int, Sequence[str]]:
    """What each edit changed, by history id; one that changed nothing shown here is left out."""
    if not ids:
        return {}
    columns = list(EDITED.values())
    rows = list(_history().filter(pgh_obj=lead.pk, pgh_id__gte=min(ids)).order_by("pgh_id").values("pgh_id", *columns))
    rows += list(Lead.objects.filter(pk=lead.pk).values(*columns))
    told: dict[int, Sequence[str]] = {}
    for before, after in pairwise(rows):
        changes = [
            f"{_label(name)}: {_value(before[column])} → {_value(after[column])}"
            for name, column in EDITED.items()
            if before[column] != after[column]
        ]
        if changes:
            told[before["pgh_id"]] = (_("Edited"), "; ".join(changes))
    return told


def _label(name: str) -> str:
    return str(getattr(Lead._meta.get_field(name), "verbose_name", name))


def _value(value: Any) -> str:
    if value in (None, "", {}):
        return DASH
    if isinstance(value, dict):
        return ", ".join(f"{key}={inner}" for key, inner in sorted(value.items()))
    if isinstance(value, datetime):
        return exact(value)
    return day(value, value) if isinstance(value, date) else str(value)
