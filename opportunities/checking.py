"""What the columns of a deal cannot say by themselves. Raises ValidationError with a message per field."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import Account, AccountType
from opportunities.models import Opportunity
from users.currencies import check_currency
from users.moments import check_day


def check_deal(deal: Opportunity) -> None:
    """Name, account, contact, stage, amounts and dates of a deal as it would be stored."""
    if not deal.name:
        raise ValidationError({"name": _("Give the deal a name.")})
    if deal.account is None:
        raise ValidationError({"account": _("Choose the account that the deal is with.")})
    if deal.account.type.kind == AccountType.Kind.COMPETITOR:
        raise ValidationError(
            {"account": _("%(account)s is a competitor: change the account's type first.") % {"account": deal.account}}
        )
    if deal.contact is not None and deal.contact.account_id not in (None, deal.account.pk):
        raise ValidationError({"contact": _("%(contact)s belongs to another account.") % {"contact": deal.contact}})
    if deal.stage.pipeline_id != deal.pipeline_id:
        raise ValidationError({"stage": _("%(stage)s is a stage of another pipeline.") % {"stage": deal.stage}})
    check_day("expected_close", deal.expected_close)
    check_amounts(deal)


def check_competitor(account: Account) -> None:
    """Whom a deal is lost to: an account that is a competitor, which the deal's own can never be."""
    if account.archived_at is not None or account.type.kind != AccountType.Kind.COMPETITOR:
        raise ValidationError(
            {
                "competitor": _("%(account)s is not one of your competitors: choose one, or leave this empty.")
                % {"account": account}
            }
        )


def check_amounts(deal: Opportunity) -> None:
    """An amount is not negative and has a currency; both amounts are asked for beside a field named `currency`."""
    for name, currency in (("amount", deal.currency), ("won_amount", deal.won_currency)):
        value = getattr(deal, name)
        if value is not None and value < 0:
            raise ValidationError({name: _("An amount cannot be negative.")})
        if value is not None:
            check_currency(currency)
