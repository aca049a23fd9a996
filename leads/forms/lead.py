"""The fields of a lead, as they are created and edited."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.datastructures import MultiValueDict
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leads.forms.answers import AmountField, DayField
from leads.models import Campaign, Lead, LeadSource
from scoring.models import Persona
from users.choices import offer_rows
from users.models import Attribute, SalesContext

ATTRIBUTE = "attribute-"
UNKNOWN_OR_NOT = [("", gettext_lazy("Not known")), ("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))]


def _text(label: Any, length: int, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=length, required=False, **options)


class LeadForm(forms.Form):
    """Who somebody is. Each field sends along what it held when the page was opened, so that only changes are written."""

    name = _text(gettext_lazy("Name"), 200)
    company = _text(gettext_lazy("Company"), 255)
    email = _text(gettext_lazy("E-mail"), 254, widget=forms.EmailInput)
    phone = _text(gettext_lazy("Phone"), 50, widget=forms.TextInput(attrs={"type": "tel"}))
    title = _text(gettext_lazy("Title"), 150)
    seniority = _text(
        gettext_lazy("Seniority"), 60, help_text=gettext_lazy("Such as Manager, Head, Director, C-level, Owner.")
    )
    department = _text(gettext_lazy("Department"), 100)
    industry = _text(gettext_lazy("Industry"), 100)
    employees = forms.IntegerField(
        label=gettext_lazy("Employees"), min_value=0, max_value=2_147_483_647, required=False
    )
    revenue = AmountField(label=gettext_lazy("Revenue a year"), required=False)
    country = _text(gettext_lazy("Country"), 100)
    city = _text(gettext_lazy("City"), 100)
    website = _text(gettext_lazy("Website"), 253)
    preferred_channel = _text(gettext_lazy("Prefers to be reached by"), 60)
    source = forms.ModelChoiceField(LeadSource.objects.none(), label=gettext_lazy("Source"), required=False)
    campaign = forms.ModelChoiceField(Campaign.objects.none(), label=gettext_lazy("Campaign"), required=False)
    persona = forms.ModelChoiceField(Persona.objects.none(), label=gettext_lazy("Persona"), required=False)

    def __init__(self, data: Mapping[str, Any] | None = None, *, lead: Lead | None = None) -> None:
        super().__init__(data, initial=_initial(lead))
        self.lead = lead
        for name, rows in (("source", LeadSource), ("campaign", Campaign), ("persona", Persona)):
            # What the lead has already stays choosable, even when the list no longer offers it.
            kept = Q(archived_at__isnull=True) | Q(pk=getattr(lead, f"{name}_id", None))
            offer_rows(self, name, rows.objects.filter(kept))
        self.registered = list(Attribute.objects.filter(of=Attribute.Of.LEAD))
        for attribute in self.registered:
            self.fields[ATTRIBUTE + attribute.code] = _field_of(attribute)
        for field in self.fields.values():
            field.show_hidden_initial = lead is not None

    def hidden_initials(self) -> Sequence[SafeString]:
        """What each field held when the page was opened, for the next post."""
        return [bound.as_hidden(only_initial=True) for bound in self if bound.field.show_hidden_initial]

    def changes(self) -> dict[str, Any]:
        """The fields that the person changed, as the case file takes them."""
        return self._as_values(self.changed_data)

    def values(self) -> dict[str, Any]:
        """All fields, for a lead that is being opened."""
        return self._as_values(list(self.fields))

    def seen(self, name: str) -> Any:
        """What the field held when the person opened the page."""
        field = self.fields[name]
        return field.to_python(
            field.hidden_widget().value_from_datadict(self.data, MultiValueDict(), self.add_initial_prefix(name))
        )

    def _as_values(self, names: Sequence[str]) -> dict[str, Any]:
        values = {name: self.cleaned_data[name] for name in names if not name.startswith(ATTRIBUTE)}
        given = {
            attribute.code: _stored(attribute, self.cleaned_data[ATTRIBUTE + attribute.code])
            for attribute in self.registered
            if ATTRIBUTE + attribute.code in names
        }
        if given:
            values["attributes"] = (self.lead.attributes if self.lead else {}) | given
        return values


class NewLeadForm(LeadForm):
    context = forms.ModelChoiceField(
        SalesContext.objects.all(),
        label=gettext_lazy("Sales context"),
        empty_label=None,
        help_text=gettext_lazy("It decides which questions are asked."),
    )

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        self.fields["context"].initial = SalesContext.objects.first()


def _initial(lead: Lead | None) -> dict[str, Any]:
    if lead is None:
        return {}
    plain = {name: getattr(lead, name) for name in LeadForm.base_fields}
    plain["revenue"] = "" if lead.revenue is None else f"{lead.revenue:f}".removesuffix(".00")
    return plain | {ATTRIBUTE + code: _as_typed(value) for code, value in lead.attributes.items()}


def _as_typed(value: Any) -> Any:
    """The value of a registered field as its form field holds it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, list) else value


def _field_of(attribute: Attribute) -> forms.Field:
    label = attribute.label
    match attribute.kind:
        case Attribute.Kind.NUMBER:
            return forms.FloatField(label=label, required=False)
        case Attribute.Kind.DATE:
            return DayField(label=label)
        case Attribute.Kind.FLAG:
            return forms.ChoiceField(label=label, choices=UNKNOWN_OR_NOT, required=False)
    return _text(label, 500)


def _stored(attribute: Attribute, value: Any) -> Any:
    if attribute.kind == Attribute.Kind.FLAG:
        return {"yes": True, "no": False}.get(value)
    return value


def choice_label(value: Any) -> str:
    """A value as the conflict page shows it."""
    if value in (None, "", {}):
        return _("empty")
    if isinstance(value, dict):
        return ", ".join(f"{key}: {inner}" for key, inner in sorted(value.items()))
    return str(value)
