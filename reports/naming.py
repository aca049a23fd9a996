"""What a filter's value means: people type names and codes, the statement compares keys."""

import re
from collections.abc import Callable
from typing import Any

from django.db.models import Model, Q, QuerySet

from accounts.models import Account, Product
from leads.models import Campaign, LeadSource, RejectionReason
from opportunities.models import Pipeline, PipelineStage
from scoring.models import Persona
from users.models import SalesContext, Team, User


def key_of(code: str, value: str) -> str | None:
    """The key of the group of dimension `code` that `value` names; '' for the empty group, None if it names none or several."""
    if value in ("", "(none)"):
        return ""
    if "\x00" in value:
        return None  # no text of the database has it
    return READERS[code](value)


def by_number(queryset: QuerySet[Model], *names: str) -> Callable[[str], str | None]:
    """Reader of a dimension whose key is the row's id, or of a value that is an exact name."""

    def read(value: str) -> str | None:
        if value.isascii() and value.isdigit() and len(value) < 19 and queryset.filter(pk=int(value)).exists():
            return value
        named = Q()
        for name in names:
            named |= Q(**{name: value})
        found = queryset.filter(named).values_list("pk", flat=True)[:2]
        return str(found[0]) if len(found) == 1 else None

    return read


def by_code(queryset: QuerySet[Model]) -> Callable[[str], str | None]:
    """Reader of a dimension whose key is the row's code; its name will do as well."""

    def read(value: str) -> str | None:
        codes = list(queryset.filter(Q(code=value) | Q(name=value)).values_list("code", flat=True))
        return value if value in codes else codes[0] if len(codes) == 1 else None

    return read


def by_label(queryset: QuerySet[Model]) -> Callable[[str], str | None]:
    """As by_code, for lists whose names are called labels."""

    def read(value: str) -> str | None:
        codes = list(queryset.filter(Q(code=value) | Q(label=value)).values_list("code", flat=True))
        return value if value in codes else codes[0] if len(codes) == 1 else None

    return read


def month(value: str) -> str | None:
    return value if re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", value) else None


def quarter(value: str) -> str | None:
    return value if re.fullmatch(r"\d{4}Q[1-4]", value) else None


def stage(value: str) -> str | None:
    """`pipeline/stage`, or a stage's code alone where one pipeline only has it."""
    pipeline, slash, code = value.rpartition("/")
    found = PipelineStage.objects.filter(code=code)
    if slash:
        found = found.filter(pipeline__code=pipeline)
    keys = [f"{one.pipeline.code}/{one.code}" for one in found.select_related("pipeline")]
    return keys[0] if len(keys) == 1 else None


def as_it_is(value: str) -> str | None:
    """Free text, such as an industry: a value that no record has gives an empty report."""
    return value


person = by_number(User.objects.all(), "external_id", "username", "name")
team = by_number(Team.objects.all(), "external_id", "name")
READERS: dict[str, Callable[[str], str | None]] = {
    "owner": person,
    "manager": person,
    "team": team,
    "region": by_number(Team.objects.filter(parent__isnull=True), "external_id", "name"),
    "account": by_number(Account.objects.all(), "external_id", "name"),
    "source": by_code(LeadSource.objects.all()),
    "campaign": by_code(Campaign.objects.all()),
    "persona": by_code(Persona.objects.all()),
    "context": by_code(SalesContext.objects.all()),
    "pipeline": by_code(Pipeline.objects.all()),
    "product": by_code(Product.objects.all()),
    "stage": stage,
    "reason": by_label(RejectionReason.objects.all()),
    "decider": person,
    "month": month,
    "quarter": quarter,
    "series": as_it_is,
    "sector": as_it_is,
    "country": as_it_is,
    "currency": as_it_is,
}


def label_of_key(code: str, key: str) -> str:
    """What people call the group with this key; the key itself where it has no other name."""
    model = NAMED.get(code)
    if model is None or (code in BY_ID and not (key.isascii() and key.isdigit() and len(key) < 19)):
        return key
    if code == "stage":
        pipeline, _slash, stage_code = key.rpartition("/")
        found = model.objects.filter(code=stage_code, pipeline__code=pipeline).first()
    else:
        found = model.objects.filter(**{"pk" if code in BY_ID else "code": key}).first()
    return str(found) if found is not None else key


BY_ID = {"owner", "manager", "decider", "team", "region", "account"}
NAMED: dict[str, Any] = {
    "owner": User,
    "manager": User,
    "decider": User,
    "team": Team,
    "region": Team,
    "account": Account,
    "source": LeadSource,
    "campaign": Campaign,
    "persona": Persona,
    "context": SalesContext,
    "pipeline": Pipeline,
    "product": Product,
    "reason": RejectionReason,
    "stage": PipelineStage,
}
