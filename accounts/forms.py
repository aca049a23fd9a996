"""What is typed into accounts and contacts. The rules stand in accounts/editing.py; here only the form of it is checked."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.choosing import AccountField
from accounts.models import AccountType
from users.choices import offer_rows
from users.edit_page import EditForm
from users.models import Attribute, Role, User

YES_NO = (("", "–"), ("yes", _("Yes")), ("no", _("No")))
ATTRIBUTE = "attribute_"


class AccountForm(EditForm):
    """The fields of an account, with the workspace's own attributes behind them."""

    name = forms.CharField(label=_("Name"), max_length=255)
    type = forms.ModelChoiceField(AccountType.objects.all(), label=_("Type"), empty_label=None)
    manager = forms.ModelChoiceField(
        User.objects.none(),
        label=_("Account manager"),
        required=False,
        help_text=_("Prospects and customers have exactly one; partners and competitors none."),
    )
    parent = AccountField(label=_("Belongs to"), required=False, help_text=_("The account above it in its group."))
    industry = forms.CharField(label=_("Industry"), max_length=100, required=False)
    employees = forms.IntegerField(label=_("Employees"), min_value=0, max_value=2**31 - 1, required=False)
    revenue = forms.DecimalField(
        label=_("Revenue a year"), max_digits=16, decimal_places=2, min_value=0, required=False
    )
    currency = forms.CharField(label=_("Currency"), max_length=3, required=False)
    country = forms.CharField(label=_("Country"), max_length=100, required=False)
    city = forms.CharField(label=_("City"), max_length=100, required=False)
    domain = forms.CharField(label=_("Web domain"), max_length=253, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=50, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        offer_rows(self, "manager", sellers())
        self.registered = list(Attribute.objects.filter(of=Attribute.Of.ACCOUNT))
        kept = (self.initial or {}).get("attributes") or {}
        for attribute in self.registered:
            name = f"{ATTRIBUTE}{attribute.code}"
            self.fields[name] = field_of(attribute)
            self.initial.setdefault(name, shown(attribute, kept.get(attribute.code)))

    def changes(self) -> dict[str, Any]:
        """The cleaned values by the account's fields; those of registered attributes together."""
        values = {name: value for name, value in super().changes().items() if not name.startswith(ATTRIBUTE)}
        if self.registered:
            values["attributes"] = {
                attribute.code: stored(attribute, self.cleaned_data.get(f"{ATTRIBUTE}{attribute.code}"))
                for attribute in self.registered
            }
        return values


class ContactForm(EditForm):
    """The fields of a contact."""

    name = forms.CharField(label=_("Name"), max_length=200)
    account = AccountField(label=_("Account"), required=False, help_text=_("Empty while it is not known yet."))
    title = forms.CharField(label=_("Title"), max_length=150, required=False)
    department = forms.CharField(label=_("Department"), max_length=150, required=False)
    email = forms.EmailField(label=_("E-mail"), max_length=254, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=50, required=False)
    sells_on = forms.BooleanField(label=_("Sells on to users"), required=False)


def sellers() -> Any:
    """Everybody who may manage an account or own a deal."""
    return User.objects.filter(is_active=True, role__in=[Role.REPRESENTATIVE, Role.MANAGER, Role.ADMINISTRATOR])


def field_of(attribute: Attribute) -> forms.Field:
    match attribute.kind:
        case Attribute.Kind.NUMBER:
            return forms.FloatField(label=attribute.label, required=False)
        case Attribute.Kind.DATE:
            widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
            return forms.DateField(label=attribute.label, required=False, widget=widget)
        case Attribute.Kind.FLAG:
            return forms.ChoiceField(label=attribute.label, required=False, choices=YES_NO)
        case _:
            return forms.CharField(label=attribute.label, required=False, max_length=500)


def shown(attribute: Attribute, value: Any) -> Any:
    if attribute.kind == Attribute.Kind.FLAG and value is not None:
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, list) else value


def stored(attribute: Attribute, value: Any) -> Any:
    if attribute.kind == Attribute.Kind.FLAG:
        return {"yes": True, "no": False}.get(value)
    return value
