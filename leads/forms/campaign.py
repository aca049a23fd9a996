"""What is typed into campaigns. The rules stand in leads/campaigns.py."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from leads.models import Campaign, LeadSource
from users.edit_page import EditForm
from users.forms import DateInput


class CampaignForm(EditForm):
    """The fields of a campaign that may change."""

    name = forms.CharField(label=_("Name"), max_length=200)
    source = forms.ModelChoiceField(LeadSource.objects.none(), label=_("Source"), required=False, empty_label="–")
    starts_on = forms.DateField(label=_("Starts on"), required=False, widget=DateInput())
    ends_on = forms.DateField(label=_("Ends on"), required=False, widget=DateInput())
    cost = forms.DecimalField(label=_("Cost"), max_digits=14, decimal_places=2, min_value=0, required=False)
    currency = forms.CharField(
        label=_("Currency"), max_length=3, required=False, help_text=_("Empty: that of the workspace.")
    )

    def __init__(self, *args: Any, campaign: Campaign | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        # An archived source can no longer be chosen, but whoever has it keeps it.
        kept = Q(archived_at__isnull=True) | Q(pk=campaign.source_id if campaign else None)
        self.fields["source"].queryset = LeadSource.objects.filter(kept)  # type: ignore[attr-defined]


class NewCampaignForm(CampaignForm):
    code = forms.CharField(
        label=_("Code"),
        max_length=120,
        required=False,
        help_text=_("Imports and filters use it, and it stays. Empty: made from the name."),
    )
    field_order = ["name", "code"]
