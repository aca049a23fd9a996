"""What people type into the settings. The forms check the form of it; the acts (people.py, organising.py, keys.py) the rest."""

from collections.abc import Mapping
from datetime import date, datetime, time
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.db.models import Model
from django.forms import modelform_factory
from django.utils.translation import gettext_lazy as _

from users.choices import offer_choices, offer_rows
from users.editable_lists import EditableList
from users.keys import MOST_DAYS
from users.models import ApiKey, Role, Team, User, Workspace
from users.organising import tree


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class TeamChoice(forms.ModelChoiceField):
    """Teams as a tree: a dash for each level."""

    def __init__(self, **options: Any) -> None:
        super().__init__(queryset=Team.objects.none(), required=False, **options)

    def offer(self, teams: Any) -> None:
        self.queryset = teams
        self.choices = [
            ("", self.empty_label),
            *((team.pk, f"{'– ' * depth}{team.name}") for depth, team in tree(teams)),
        ]


class PersonForm(forms.Form):
    username = forms.CharField(label=_("User name"), max_length=150, help_text=_("Typed to sign in."))
    name = forms.CharField(label=_("Name"), max_length=150, help_text=_("Shown to everybody."))
    email = forms.EmailField(label=_("E-mail"), required=False)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)


class NewPersonForm(PersonForm):
    team = TeamChoice(label=_("Team"), empty_label=_("No team"))

    def __init__(self, *args: Any, teams: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["team"].offer(teams)  # type: ignore[attr-defined]


class EditPersonForm(PersonForm):
    is_active = forms.BooleanField(
        label=_("Can sign in"),
        required=False,
        help_text=_("Switched off, they are signed out at once and their API keys are deleted."),
    )


class Since(forms.Form):
    """A day from which on something holds; empty is now."""

    since = forms.DateField(
        label=_("Since"),
        required=False,
        widget=DateInput(),
        help_text=_("Empty: from now on. An earlier day changes reports since."),
    )

    def moment(self) -> datetime | None:
        """The beginning of the day in the workspace's zone; None: now."""
        day: date | None = self.cleaned_data.get("since")
        return datetime.combine(day, time.min, ZoneInfo(Workspace.get().zone)) if day else None


class MoveForm(Since):
    team = TeamChoice(label=_("Team"), empty_label=_("No team"))
    field_order = ["team", "since"]

    def __init__(self, *args: Any, teams: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["team"].offer(teams)  # type: ignore[attr-defined]


class TeamForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=150)
    parent = TeamChoice(label=_("Below"), empty_label=_("No other team: a region"))
    zone = forms.ChoiceField(label=_("Time zone"), required=False, help_text=_("Working hours of the hand-off clocks."))

    def __init__(self, *args: Any, teams: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["parent"].offer(teams)  # type: ignore[attr-defined]
        offer_choices(self, "zone", [("", _("The workspace's")), *zones()])


class ManagerForm(Since):
    manager = forms.ModelChoiceField(
        label=_("Manager"), queryset=User.objects.none(), required=False, empty_label=_("Nobody")
    )
    field_order = ["manager", "since"]

    def __init__(self, *args: Any, managers: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        offer_rows(self, "manager", managers)


class ProfileForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=150, help_text=_("Shown to everybody."))
    email = forms.EmailField(label=_("E-mail"), required=False)
    single_keys = forms.BooleanField(
        label=_("Single-letter keys"),
        required=False,
        help_text=_("Off: only keys with Ctrl work. For speech input, and for hands that touch keys by chance."),
    )


class WorkspaceForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=200)
    zone = forms.ChoiceField(label=_("Time zone"), help_text=_("Of days, months and quarters, and of working hours."))
    currency = forms.CharField(
        label=_("Currency"),
        max_length=3,
        help_text=_("Three letters, such as EUR. Amounts that are there keep theirs."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        offer_choices(self, "zone", zones())


class KeyForm(forms.Form):
    user = forms.ModelChoiceField(
        label=_("Acts as"), queryset=User.objects.none(), help_text=_("It sees and may do what this person does.")
    )
    name = forms.CharField(label=_("What it is for"), max_length=100)
    scope = forms.ChoiceField(
        label=_("It may"), choices=ApiKey.Scope.choices, initial=ApiKey.Scope.READ, widget=forms.RadioSelect
    )
    days = forms.IntegerField(label=_("Days until it expires"), min_value=1, max_value=MOST_DAYS, initial=365)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        offer_rows(self, "user", User.objects.filter(is_active=True))


def form_of_list(editable: EditableList, *, new: bool) -> type[forms.ModelForm]:
    """The form of one row of an editable list; what is given once is asked for a new row only."""
    names = [name for name in editable.fields if new or name not in editable.given_once]
    labels: Mapping[str, Any] = {name: editable.fields[name] for name in names}

    class RowForm(forms.ModelForm):
        def clean(self) -> dict[str, Any]:
            cleaned: dict[str, Any] = super().clean() or {}
            row: Model = self.instance
            for name, value in cleaned.items():
                setattr(row, name, value)
            if not self.errors:
                for field, sentence in editable.problems(row).items():
                    self.add_error(field if field in self.fields else None, sentence)
            return cleaned

    form: type[forms.ModelForm] = modelform_factory(editable.model, form=RowForm, fields=names, labels=dict(labels))
    return form


@cache
def zones() -> list[tuple[str, str]]:
    return [(zone, zone.replace("_", " ")) for zone in sorted(available_timezones())]
