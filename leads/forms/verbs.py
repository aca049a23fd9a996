"""The few things that a verb asks before it is done."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leads.forms.answers import DayField, TextField
from leads.lifecycle import LONGEST_REASON
from leads.models import Activity, Lead, Override
from leads.models.lifecycle import Gate
from users.choices import offer_choices
from users.models import Role, Team, User
from users.rights import is_one_of
from users.visibility import team_ids_seen

USUAL_NURTURE = timedelta(days=90)


class ReasonForm(forms.Form):
    """Why, in a few words."""

    reason = TextField(
        label=gettext_lazy("Why"), limit=LONGEST_REASON, help_text=gettext_lazy("It is shown in the timeline.")
    )

    def __init__(self, data: Any = None, *, lead: Lead, user: User, today: date) -> None:
        super().__init__(data)
        self.lead, self.user, self.today = lead, user, today
        self.fields["reason"].required = True
        self.fields["reason"].error_messages["required"] = _("Give the reason in a few words.")


class NurtureForm(ReasonForm):
    until = DayField(
        label=gettext_lazy("Until"),
        help_text=gettext_lazy("The lead wakes on this day, or earlier if it asks for contact."),
    )
    field_order = ["until", "reason"]

    def __init__(self, data: Any = None, **about: Any) -> None:
        super().__init__(data, **about)
        self.fields["until"].required = True
        self.fields["until"].initial = self.today + USUAL_NURTURE


class OverrideForm(ReasonForm):
    """A gate holds, or does not, whatever the policy says."""

    gate = forms.ChoiceField(label=gettext_lazy("Gate"), choices=Gate.choices)
    direction = forms.ChoiceField(label=gettext_lazy("It"), choices=Override.Direction.choices)
    until = DayField(label=gettext_lazy("Until"), help_text=gettext_lazy("Empty: until it is revoked."))
    diagnostic = forms.BooleanField(
        label=gettext_lazy("Diagnostic: may be converted without the SQL gate; the gate itself stays open"),
        required=False,
    )
    field_order = ["gate", "direction", "reason", "until", "diagnostic"]


class AssignForm(forms.Form):
    """To whom the lead is given; the choice holds only whom the user may give it to."""

    owner = forms.ChoiceField(label=gettext_lazy("Owner"), required=False)

    def __init__(self, data: Any = None, *, lead: Lead, user: User, today: date) -> None:
        super().__init__(data)
        self.people = {str(person.pk): person for person in _assignable(user)}
        nobody = ("", _("Nobody"))
        offer_choices(self, "owner", [nobody, *((pk, _described(person)) for pk, person in self.people.items())])
        self.fields["owner"].initial = str(lead.owner_id or "")

    @property
    def owner_chosen(self) -> User | None:
        return self.people.get(self.cleaned_data["owner"])


class LogForm(forms.Form):
    """A call, mail, meeting or note: one press."""

    kind = forms.ChoiceField(choices=Activity.Kind.choices)
    direction = forms.ChoiceField(
        label=gettext_lazy("Who began it"), choices=Activity.Direction.choices, required=False
    )
    two_way = forms.BooleanField(label=gettext_lazy("They answered, spoke or came"), required=False)
    note = TextField(label=gettext_lazy("Note"))


def _assignable(user: User) -> list[User]:
    people = User.objects.filter(is_active=True, role__in=[Role.REPRESENTATIVE, Role.MANAGER]).select_related("team")
    if is_one_of(user, Role.MARKETING):
        return list(people)
    if user.role == Role.MANAGER:
        return list(people.filter(team__in=Team.objects.filter(pk__in=team_ids_seen(user))))
    return list(people.filter(pk=user.pk))


def _described(person: User) -> str:
    return f"{person}, {person.team}" if person.team else str(person)
