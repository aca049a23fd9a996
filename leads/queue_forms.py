"""What is filled in at the queue: reason and note of a rejection, date of a recycling, comment, team, reason of a return."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from leads.handoff import LONGEST_NOTE
from leads.models import RejectionReason
from users.models import Team

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# What is proposed when somebody recycles without a reason that suggests a date.
USUAL_NURTURE = timedelta(days=90)


class VersionForm(forms.Form):
    """Carries the version that the person saw; without one the decision is made on what stands now."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self, **options: Any) -> None:
        super().__init__(format="%Y-%m-%d", **options)


def note_field(label: "StrOrPromise", *, required: bool = False, missing: "StrOrPromise" = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": missing} if missing else None,
    )


class RejectForm(VersionForm):
    reason = forms.ModelChoiceField(
        RejectionReason.objects.filter(archived_at__isnull=True),
        label=_("Reason"),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": _("Choose a reason: press its digit.")},
    )
    note = note_field(_("Note to marketing"))
    until = forms.DateField(label=_("Wake on"), required=False, widget=DateInput())


class RecycleForm(VersionForm):
    until = forms.DateField(
        label=_("Wake on"),
        widget=DateInput(),
        error_messages={"required": _("Choose the day on which the lead wakes.")},
    )
    note = note_field(_("Note to marketing"))


class CommentForm(forms.Form):
    note = note_field(_("Comment"), required=True, missing=_("Write something first."))


class ReturnForm(VersionForm):
    note = note_field(_("Why it is not offered"), required=True, missing=_("Say in a few words why it is not offered."))


class ReassignForm(forms.Form):
    """Only teams that somebody belongs to: of another one nobody would decide."""

    team = forms.ModelChoiceField(Team.objects.with_members(), label=_("Team"), empty_label=None)


def suggested_date(reason: RejectionReason | None, today: date) -> date | None:
    """When a lead rejected for this reason wakes, unless somebody says otherwise; None: it is not nurtured."""
    if reason is None or reason.target != RejectionReason.Target.NURTURE:
        return None
    return today + timedelta(days=reason.nurture_days or 0)
