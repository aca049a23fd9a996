"""What happened with a lead, newest first: answers, behaviour, activities, moves, hand-offs, edits and owners.

Each kind of fact is read in its own way, all in one statement, and only as many rows as a page shows.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any, Self

from django.apps import apps
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BigIntegerField, CharField, F, JSONField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, JSONObject
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from leads.labels import CAUSES, STAGES
from leads.lifecycle import Cause, Stage
from leads.models import (
    Activity,
    Answer,
    AnswerContact,
    AnswerPain,
    BehaviourEvent,
    Handoff,
    HandoffChange,
    Lead,
    LifecycleChange,
    Override,
    OwnerChange,
)
from leads.models.lifecycle import Gate
from scoring.packs.engagement import LABELS as EVENT_LABELS
from users.formats import DASH, day, exact, money
from users.models import User

PAGE = 30
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
        except ValueError:
            return None
        if at is None or at.tzinfo is None or kind not in SOURCES or not pk.isdecimal() or int(pk) >= 2**63:
            return None
        return cls(at, kind, int(pk))

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.kind}~{self.pk}"

    def older(self, kind: str) -> Q:
        """Rows of the kind that come after this place."""
        if kind < self.kind:
            return Q(at__lte=self.at)
        if kind > self.kind:
            return Q(at__lt=self.at)
        return Q(at__lt=self.at) | Q(at=self.at, pk__lt=self.pk)


@dataclass(frozen=True, slots=True)
class Timeline:
    items: list[Happened]
    older: str  # the place where the next page begins; empty at the end


def timeline(lead: Lead, *, before: Place | None = None, limit: int = PAGE) -> Timeline:
    """A page of what happened, newest first. One query, and two more if fields were edited."""
    parts = []
    for kind, source in SOURCES.items():
        rows = source(lead).annotate(fact_kind=Value(kind, output_field=CharField()))
        if before is not None:
            rows = rows.filter(before.older(kind))
        parts.append(rows.values_list("at", "fact_kind", "pk", "said_by", "body").order_by("-at", "-pk")[: limit + 1])
    found = list(parts[0].union(*parts[1:], all=True).order_by("-at", "-fact_kind", "-pk")[: limit + 1])
    more = len(found) > limit
    found = found[:limit]
    edits = _edits(lead, [pk for _at, kind, pk, _who, _body in found if kind == "edit"])
    items = []
    for at, kind, pk, who, body in found:
        told = edits.get(pk) if kind == "edit" else TOLD[kind](body)
        if told is not None:
            items.append(Happened(at, kind, pk, who or "", *told))
    older = str(Place(found[-1][0], found[-1][1], found[-1][2])) if more else ""
    return Timeline(items, older)


# --- Where it is read from: every source has at, said_by and body ------------------------------------------------


def _dated(rows: QuerySet[Any], **body: Any) -> QuerySet[Any]:
    dated: QuerySet[Any] = rows.annotate(
        at=Coalesce("occurred_at", "recorded_at"),
        said_by=_name("by__name") if "by" in {field.name for field in rows.model._meta.fields} else _nobody(),
        body=JSONObject(**body),
    )
    return dated


def _name(path: str) -> Coalesce:
    return Coalesce(F(path), Value(""), output_field=CharField())


def _nobody() -> Value:
    return Value("", output_field=CharField())


def _answers(lead: Lead) -> QuerySet[Any]:
    named = AnswerContact.objects.filter(answer=OuterRef("pk")).order_by("id").values("contact__name")
    pains = AnswerPain.objects.filter(answer=OuterRef("pk")).order_by("id").values("pain__label")
    return _dated(
        Answer.objects.filter(checklist__lead=lead),
        question=F("question__text"),
        choice=F("choice__label"),
        before=F("replaces__choice__label"),
        confirms=F("confirms"),
        amount=F("amount"),
        currency=F("currency"),
        date=F("date"),
        cause=F("cause"),
        words=F("words"),
        note=F("note"),
        named=ArraySubquery(named),
        pains=ArraySubquery(pains),
    )


def _events(lead: Lead) -> QuerySet[Any]:
    # Ordered by the column itself, so that the index of one lead's events is read from its end.
    rows = BehaviourEvent.objects.filter(lead=lead, occurred_at__isnull=False)
    return rows.annotate(at=F("occurred_at"), said_by=_nobody(), body=JSONObject(kind=F("kind"), odd=F("odd_time")))


def _activities(lead: Lead) -> QuerySet[Any]:
    rows = Activity.objects.filter(checklist__lead=lead)
    return _dated(rows, kind=F("kind"), direction=F("direction"), two_way=F("two_way"), note=F("note"))


def _moves(lead: Lead) -> QuerySet[Any]:
    return _dated(
        LifecycleChange.objects.filter(lead=lead),
        before=F("from_stage"),
        after=F("to_stage"),
        cause=F("cause"),
        reason=F("reason"),
        policy=F("policy__version"),
        diagnostic=F("diagnostic"),
    )


def _handoffs(lead: Lead) -> QuerySet[Any]:
    return _dated(
        HandoffChange.objects.filter(handoff__lead=lead),
        before=F("from_state"),
        after=F("to_state"),
        team=F("team__name"),
        reason=F("reason__label"),
        note=F("note"),
        because=F("handoff__because"),
    )


def _overrides(lead: Lead) -> QuerySet[Any]:
    rows = Override.objects.filter(checklist__lead=lead)
    return _dated(
        rows, gate=F("gate"), direction=F("direction"), reason=F("reason"), until=F("until"), revokes=F("revokes")
    )


def _owners(lead: Lead) -> QuerySet[Any]:
    return _dated(OwnerChange.objects.filter(lead=lead), owner=F("owner__name"), team=F("team__name"))


def _edited(lead: Lead) -> QuerySet[Any]:
    by = Cast(KeyTextTransform("user", OuterRef("pgh_context__metadata")), BigIntegerField())
    who = Subquery(User.objects.filter(pk=by).values("name")[:1])
    rows: QuerySet[Any] = _history().filter(pgh_obj=lead.pk)
    edited: QuerySet[Any] = rows.annotate(
        at=F("pgh_created_at"),
        said_by=Coalesce(who, Value(""), output_field=CharField()),
        body=JSONObject(nothing=Value(None, output_field=JSONField())),
    )
    return edited


def _history() -> QuerySet[Any]:
    rows: QuerySet[Any] = apps.get_model("leads", "LeadHistory").objects.all()
    return rows


SOURCES: dict[str, Callable[[Lead], QuerySet[Any]]] = {
    "answer": _answers,
    "event": _events,
    "activity": _activities,
    "move": _moves,
    "handoff": _handoffs,
    "override": _overrides,
    "owner": _owners,
    "edit": _edited,
}


# --- How it is told: title, detail, and words of a person ---------------------------------------------------------


def _tell_answer(body: Body) -> Sequence[str]:
    title = _("%(question)s %(answer)s") % {"question": _(body["question"]), "answer": _(body["choice"])}
    about = [
        money(Decimal(str(body["amount"])), body["currency"]) if body["amount"] is not None else "",
        _date(body["date"]),
        body["cause"],
        *(_(label) for label in body["pains"] or []),
        *(body["named"] or []),
        _("was: %(answer)s") % {"answer": _(body["before"])} if body["before"] else "",
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


def _tell_move(body: Body) -> Sequence[str]:
    after = STAGES[Stage(body["after"])]
    title = (
        _("%(before)s to %(after)s") % {"before": STAGES[Stage(body["before"])], "after": after}
        if body["before"]
        else _("Came in as: %(after)s") % {"after": str(after).lower()}
    )
    cause = str(CAUSES[Cause(body["cause"])]).lower()
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
        body["because"] if opened else "",
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
