"""What is typed into deals and conversions. The rules stand in pipeline.py, editing.py and conversion.py."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.choosing import AccountField, ContactField
from accounts.forms import sellers
from accounts.matching import surest
from accounts.models import Account, AccountType, Product
from leads.lifecycle import LONGEST_REASON
from leads.models import Campaign, LeadSource
from opportunities.models import LossReason, Opportunity, Pipeline
from opportunities.pipeline import LONGEST_NOTE
from opportunities.previewing import Preview
from users.choices import offer_choices, offer_rows
from users.edit_page import EditForm
from users.models import User


def day_input() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


def amount_field(label: Any, **options: Any) -> forms.DecimalField:
    """Money; what is wrong is said as what to do."""
    words = {
        "min_value": _("An amount cannot be negative."),
        "invalid": _("Write the amount in figures, such as 12500."),
    }
    return forms.DecimalField(
        label=label, max_digits=14, decimal_places=2, min_value=0, error_messages=words, **options
    )


def product_field() -> forms.ModelChoiceField:
    return forms.ModelChoiceField(
        Product.objects.filter(archived_at__isnull=True), label=_("Product"), required=False, empty_label="–"
    )


class DealForm(EditForm):
    """The fields of a deal that people edit."""

    name = forms.CharField(label=_("Name"), max_length=255)
    account = AccountField(label=_("Account"))
    contact = ContactField(label=_("Contact"), required=False)
    product = product_field()
    amount = amount_field(_("Expected amount"), required=False)
    currency = forms.CharField(label=_("Currency"), max_length=3, required=False)
    expected_close = forms.DateField(label=_("Expected close"), required=False, widget=day_input())
    source = forms.ModelChoiceField(LeadSource.objects.all(), label=_("Source"), required=False, empty_label="–")
    campaign = forms.ModelChoiceField(Campaign.objects.all(), label=_("Campaign"), required=False, empty_label="–")


class NewDealForm(DealForm):
    """A deal without a lead, or a further one of a converted lead, whose account is the lead's."""

    pipeline = forms.ModelChoiceField(Pipeline.objects.all(), label=_("Pipeline"), empty_label=None)
    owner = forms.ModelChoiceField(User.objects.none(), label=_("Owner"))
    field_order = ["name", "account", "contact", "pipeline", "owner", "product", "amount", "currency", "expected_close"]

    def __init__(self, *args: Any, of_lead: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        offer_rows(self, "owner", sellers())
        if of_lead:
            for name in ("account", "owner", "source", "campaign", "contact"):
                del self.fields[name]
            self.fields["name"].required = False


class WonForm(forms.Form):
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    won_amount = amount_field(_("Amount that it was won with"))
    currency = forms.CharField(label=_("Currency"), max_length=3)
    note = forms.CharField(label=_("Note"), required=False, max_length=LONGEST_NOTE)


class ByDigit(forms.RadioSelect):
    """Radios of which the first nine are chosen by their digits, as everywhere."""

    def create_option(self, *args: Any, **options: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(*args, **options)
        digit = int(option["index"]) + 1
        if digit < 10:
            option["attrs"]["data-key"] = str(digit)
            option["label"] = format_html("<kbd>{}</kbd> {}", digit, option["label"])
        return option


class LostForm(forms.Form):
    """Why a deal was lost, and to whom."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    loss_reason = forms.ModelChoiceField(
        LossReason.objects.filter(archived_at__isnull=True),
        label=_("Why was it lost?"),
        widget=ByDigit,
        empty_label=None,
        error_messages={"required": _("Choose a reason.")},
    )
    competitor = forms.ModelChoiceField(
        Account.objects.active().filter(type__kind=AccountType.Kind.COMPETITOR).order_by("sort_key"),
        label=_("Competitor"),
        required=False,
        empty_label="–",
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=LONGEST_NOTE)


class AssignForm(forms.Form):
    owner = forms.ModelChoiceField(
        User.objects.none(),
        label=_("Owner"),
        empty_label=_("Nobody"),
        required=False,
        error_messages={"invalid_choice": _("Choose somebody who sells.")},
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        offer_rows(self, "owner", sellers())


NEW, NONE = "new", "none"


class ConvertForm(forms.Form):
    """What a conversion finds or makes; the choices are those of its preview."""

    account = forms.ChoiceField(label=_("Account"), widget=forms.RadioSelect)
    other_account = AccountField(
        label=_("Another account"), required=False, help_text=_("Counts before the choice above when it is filled in.")
    )
    account_name = forms.CharField(label=_("Name of the new account"), max_length=255, required=False)
    account_manager = forms.ModelChoiceField(
        User.objects.none(),
        label=_("Account manager"),
        help_text=_("An account that has one keeps them."),
        error_messages={"required": _("Choose the account manager: a prospect has exactly one.")},
    )
    contact = forms.ChoiceField(label=_("Contact"), widget=forms.RadioSelect)
    open_deal = forms.BooleanField(
        label=_("Open a deal"),
        required=False,
        help_text=_("Without one, account and contact are made and the lead stays where it is until its first deal."),
    )
    deal_name = forms.CharField(label=_("Name of the deal"), max_length=255, required=False)
    pipeline = forms.ModelChoiceField(Pipeline.objects.none(), label=_("Pipeline"), empty_label=None, required=False)
    product = product_field()
    amount = amount_field(_("Expected amount"), required=False)
    currency = forms.CharField(label=_("Currency"), max_length=3, required=False)
    expected_close = forms.DateField(label=_("Expected close"), required=False, widget=day_input())
    diagnostic_reason = forms.CharField(
        label=_("Why the diagnosis begins before the SQL gate holds"),
        required=False,
        max_length=LONGEST_REASON,
        help_text=_("The lead is a SAL: the conversion is recorded as an override with this reason."),
    )

    def __init__(self, preview: Preview, data: QueryDict | None = None, *, currency: str) -> None:
        sure = surest(preview.accounts)
        same = next((str(match.contact.pk) for match in preview.contacts if match.certain), NEW)
        first = {
            "account": str(sure.pk) if sure is not None else NEW,
            "contact": same if preview.contact_name else NONE,
            "account_name": preview.account_name,
            "account_manager": preview.account_manager,
            "open_deal": True,
            "deal_name": preview.deal_name,
            "pipeline": preview.pipelines[0] if preview.pipelines else None,
            "currency": currency,
        }
        super().__init__(data, initial=first)
        self.preview = preview
        accounts = [(str(match.account.pk), match.account.name) for match in preview.accounts]
        kept = preview.lead.account_id is not None
        offer_choices(self, "account", accounts if kept else [*accounts, (NEW, _("A new account"))])
        contacts = [(str(match.contact.pk), match.contact.name) for match in preview.contacts]
        mine = [(NEW, _("A new contact: %(name)s") % {"name": preview.contact_name})] if preview.contact_name else []
        offer_choices(self, "contact", [*contacts, *mine, (NONE, _("No contact"))])
        offer_rows(self, "account_manager", sellers())
        offer_rows(self, "pipeline", Pipeline.objects.filter(pk__in=[each.pk for each in preview.pipelines]))
        if kept:
            del self.fields["other_account"]
        if not preview.needs_diagnostic:
            del self.fields["diagnostic_reason"]
        # The name of an account that there is already, once its maker was told: the next press makes a second one.
        self.told_of = ""

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if self.chosen_account() is None and not self.errors:
            name = " ".join((given["account_name"] or self.preview.account_name).split()).lower()
            namesake = Account.objects.active().filter(sort_key=name).first()
            self.told_of = name if namesake is not None else ""
            if namesake is not None and self.data.get("told_of") != name:
                self.add_error(
                    "account_name",
                    _("There is an account %(name)s already: choose it above, or press Convert again to make another.")
                    % {"name": namesake.name},
                )
        return given

    def chosen_account(self) -> Account | None:
        other: Account | None = self.cleaned_data.get("other_account")
        by_pk = {str(match.account.pk): match.account for match in self.preview.accounts}
        return other or by_pk.get(self.cleaned_data.get("account", ""))


def deal_fields(deal: Opportunity) -> dict[str, Any]:
    """What the edit form of a deal begins with."""
    names = ("name", "account", "contact", "product", "amount", "currency", "expected_close", "source", "campaign")
    return {name: getattr(deal, name) for name in names} | {"version": deal.version}
