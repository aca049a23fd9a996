"""What the lead list can be narrowed by. The address carries it, so a list can be kept, sent and linked to."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from leads.dates import with_a_passed_date
from leads.labels import STAGES
from leads.models import Campaign, LeadSource, Score
from leads.models.score import Route, Temperature
from scoring.models import Persona
from users.choices import offer_rows
from users.facts import database_now
from users.models import SalesContext, Team, User, Workspace
from users.visibility import sees_all_leads, team_ids_seen

# A trigram index finds parts of three characters; names in Chinese characters are often shorter.
SEARCH_FROM = 3
SEARCH_FROM_IDEOGRAPHS = 2
FIRST_IDEOGRAPH = "\u2e80"

# The value that asks for leads without one: ?source=none.
NONE = "none"
TEMPERATURES = {"cold": Temperature.COLD, "warm": Temperature.WARM, "hot": Temperature.HOT}


class CodeField(forms.ModelChoiceField):
    """One record by its code, or `none` for leads that have none."""

    def to_python(self, value: Any) -> Any:
        return NONE if value == NONE else super().to_python(value)


@dataclass(frozen=True, slots=True)
class Chip:
    label: str
    value: str
    remove_url: str


class LeadFilters(forms.Form):
    """The filters in an address. A parameter that is unknown, or a value that cannot be, is an error."""

    search = forms.CharField(label=gettext_lazy("Name, company or e-mail"), required=False, max_length=200)
    mine = forms.ChoiceField(
        label=gettext_lazy("Mine only"), choices=[("", ""), ("1", gettext_lazy("Yes"))], required=False
    )
    unowned = forms.ChoiceField(
        label=gettext_lazy("Without an owner"), choices=[("", ""), ("1", gettext_lazy("Yes"))], required=False
    )
    passed = forms.ChoiceField(
        label=gettext_lazy("A date has passed"), choices=[("", ""), ("1", gettext_lazy("Yes"))], required=False
    )
    owner = CodeField(
        User.objects.filter(is_active=True),
        to_field_name="username",
        label=gettext_lazy("Owner"),
        required=False,
        empty_label="",
    )
    team = CodeField(Team.objects.all(), label=gettext_lazy("Team"), required=False, empty_label="")
    temperature = forms.MultipleChoiceField(
        label=gettext_lazy("Temperature"),
        choices=[(code, t.label) for code, t in TEMPERATURES.items()],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    stage = forms.MultipleChoiceField(
        label=gettext_lazy("Stage"),
        choices=[(s.value, label) for s, label in STAGES.items()],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    route = forms.ChoiceField(label=gettext_lazy("What to do"), choices=[("", ""), *Route.choices], required=False)
    context = CodeField(
        SalesContext.objects.all(),
        to_field_name="code",
        label=gettext_lazy("Sales context"),
        required=False,
        empty_label="",
    )
    source = CodeField(
        LeadSource.objects.all(), to_field_name="code", label=gettext_lazy("Source"), required=False, empty_label=""
    )
    campaign = CodeField(
        Campaign.objects.all(), to_field_name="code", label=gettext_lazy("Campaign"), required=False, empty_label=""
    )
    persona = CodeField(
        Persona.objects.all(), to_field_name="code", label=gettext_lazy("Persona"), required=False, empty_label=""
    )

    # Parameters of the page that are no filters; `all` says that nothing is narrowed on purpose.
    BESIDE = ("after", "before", "all")

    def __init__(self, data: QueryDict, *, user: User) -> None:
        super().__init__(data=data, auto_id="filter-%s")
        self.user = user
        self.asked = data
        if not sees_all_leads(user):
            teams = Team.objects.filter(pk__in=team_ids_seen(user))
            offer_rows(self, "team", teams)

    def clean_search(self) -> str:
        text = " ".join(str(self.cleaned_data["search"]).split())
        if "\x00" in text:
            raise forms.ValidationError(_("Remove the invisible character (NUL) from the search."))
        enough = SEARCH_FROM_IDEOGRAPHS if any(c >= FIRST_IDEOGRAPH for c in text) else SEARCH_FROM
        if text and len(text) < enough:
            raise forms.ValidationError(
                ngettext(
                    "Type at least %(count)d character to search.",
                    "Type at least %(count)d characters to search.",
                    enough,
                )
                % {"count": enough}
            )
        return text

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in self.asked:
            if name not in self.fields and name not in self.BESIDE:
                raise forms.ValidationError(
                    _("The list cannot be narrowed by “%(name)s”. It knows: %(known)s.")
                    % {"name": name[:60], "known": ", ".join(self.fields)}
                )
        return cleaned

    def narrow(self, scores: QuerySet[Score]) -> QuerySet[Score]:
        """The scores that every filter lets through."""
        given = self.cleaned_data
        if given["search"]:
            scores = scores.filter(lead__search__contains=given["search"].lower())
        if given["mine"]:
            scores = scores.filter(owner=self.user)
        if given["unowned"]:
            scores = scores.filter(owner__isnull=True)
        if given["passed"]:
            scores = with_a_passed_date(scores, Workspace.get().day_of(database_now()))
        if given["temperature"]:
            scores = scores.filter(temperature__in=[TEMPERATURES[code] for code in given["temperature"]])
        if given["stage"]:
            scores = scores.filter(stage__in=given["stage"])
        if given["route"]:
            scores = scores.filter(route=given["route"])
        for name in ("owner", "team", "context", "source", "campaign", "persona"):
            if given[name] == NONE:
                scores = scores.filter(**{f"{name}__isnull": True})
            elif given[name]:
                scores = scores.filter(Q(**{name: given[name]}))
        return scores

    @property
    def in_force(self) -> dict[str, Any]:
        """The filters that narrow, by name."""
        return {name: value for name, value in self.cleaned_data.items() if value}

    def query(self, **changes: Any) -> str:
        """The filters as a query string, with changes: None leaves one out, a list repeats it.

        It is never empty: an address without any filter shows the open leads, so none at all is `all=1`.
        """
        data = QueryDict(mutable=True)
        for name in self.fields:
            values = [value for value in self.asked.getlist(name) if value]
            if values:
                data.setlist(name, values)
        for name, value in changes.items():
            data.setlist(name, value if isinstance(value, list) else [] if value is None else [str(value)])
            if not data.getlist(name):
                data.pop(name, None)
        if not any(name in data for name in self.fields):
            data["all"] = "1"
        return data.urlencode()

    def chips(self, address: str) -> Iterator[Chip]:
        for name, value in self.in_force.items():
            said = [self._said(name, one) for one in (value if isinstance(value, list) else [value])]
            words = " ".join([", ".join(said[:-1]), _("or"), said[-1]]) if len(said) > 1 else said[0]
            yield Chip(str(self.fields[name].label), words, f"{address}?{self.query(**{name: None})}")

    def _said(self, name: str, value: Any) -> str:
        if value == NONE:
            return _("none")
        choices: dict[str, Any] = {
            **dict(STAGES.items()),
            **dict(Route.choices),
            **{code: t.label for code, t in TEMPERATURES.items()},
            "1": _("yes"),
        }
        plain = name in {"stage", "route", "temperature", "mine", "unowned", "passed"}
        return str(choices[value]) if plain else f"“{value}”" if name == "search" else str(value)
