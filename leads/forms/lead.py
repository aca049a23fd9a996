"""The fields of a lead, as they are created and edited."""

from collections.abc import Mapping, Sequence
from datetime import date
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
from users.models import Attribute, SalesContext, Workspace

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
    currency = _text(gettext_lazy("Currency of the revenue"), 3)
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
        self.attributes = {ATTRIBUTE + each.code: each for each in Attribute.objects.filter(of=Attribute.Of.LEAD)}
        for name, attribute in self.attributes.items():
            self.fields[name] = _field_of(attribute)
        for field in self.fields.values():
            field.show_hidden_initial = lead is not None

    def hidden_initials(self) -> Sequence[SafeString]:
        """What each field held when the page was opened, for the next post."""
        return [bound.as_hidden(only_initial=True) for bound in self if bound.field.show_hidden_initial]

    def changes(self) -> dict[str, Any]:
        """The fields that the person changed, by their names in the form."""
        return {name: self._stored(name, self.cleaned_data[name]) for name in self.changed_data}

    def values(self) -> dict[str, Any]:
        """All fields, for a lead that is being opened."""
        return as_fields({name: self._stored(name, self.cleaned_data[name]) for name in self.fields}, {})

    def seen(self, name: str) -> Any:
        """What the field held when the person opened the page."""
        field = self.fields[name]
        held = field.hidden_widget().value_from_datadict(self.data, MultiValueDict(), self.add_initial_prefix(name))
        return self._stored(name, field.to_python(held))

    def _stored(self, name: str, value: Any) -> Any:
        """As the lead keeps it; an attribute as JSON, and null where nothing is known."""
        attribute = self.attributes.get(name)
        if attribute is None:
            return value
        if attribute.kind == Attribute.Kind.FLAG:
            return {"yes": True, "no": False}.get(value)
        return value.isoformat() if isinstance(value, date) else value if value != "" else None


def as_fields(values: Mapping[str, Any], attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Values by their names in the form as the case file takes them, with what else stands in `attributes`."""
    plain = {name: value for name, value in values.items() if not name.startswith(ATTRIBUTE)}
    given = {name.removeprefix(ATTRIBUTE): value for name, value in values.items() if name.startswith(ATTRIBUTE)}
    return plain | ({"attributes": {**attributes, **given}} if given else {})


def stored_in(lead: Lead, name: str) -> Any:
    """What the lead holds under a name of the form."""
    return lead.attributes.get(name.removeprefix(ATTRIBUTE)) if name.startswith(ATTRIBUTE) else getattr(lead, name)


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
        self.fields["currency"].initial = Workspace.get().currency


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


def choice_label(value: Any) -> str:
    """A value as the conflict page shows it."""
    if value in (None, ""):
        return _("empty")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)
