"""What a won deal makes of its account: a customer, or in a channel pipeline a partner (domain.md, glossary)."""

from typing import Any

from django.apps import apps

from accounts.editing import default_type, lock_account
from accounts.models import Account, AccountType
from opportunities.models import Opportunity, PipelineStage, StageChange

Outcome = PipelineStage.Outcome
# A partnership agreement makes a partner of the account, any other deal a customer.
CHANNEL = "channel"


def won_deals(*, apart_from: Opportunity | None = None, **whose: Any) -> bool:
    won = Opportunity.objects.active().filter(stage__outcome=Outcome.WON, **whose)
    return won.exclude(pk=apart_from.pk if apart_from else 0).exists()


def account_has_bought(deal: Opportunity) -> None:
    """The first won deal makes a customer of a prospect, or a partner, who has no account manager."""
    if deal.account is None:
        return
    account = lock_account(deal.account)
    if account.type.kind != AccountType.Kind.PROSPECT:
        return
    partner = deal.pipeline.context is not None and deal.pipeline.context.code == CHANNEL
    account.type = default_type(AccountType.Kind.PARTNER if partner else AccountType.Kind.CUSTOMER)
    if partner:
        account.manager = None
    account.version += 1
    account.save(update_fields=["type", "manager", "version"])


def account_has_not_bought(deal: Opportunity) -> None:
    """What the win made of the account is taken back, unless another deal was won, or it was nothing before."""
    if deal.account is None or won_deals(account=deal.account):
        return
    account = lock_account(deal.account)
    before = before_it_bought(account)
    if before is None:
        return
    account.type_id, account.manager_id = before
    account.version += 1
    account.save(update_fields=["type", "manager", "version"])


def before_it_bought(account: Account) -> tuple[int, int | None] | None:
    """Type and manager that the account gets back when its only win is taken back.

    None where no win made it what it is: it is a prospect, or was a customer before the first win that we know of.
    """
    first_win = (
        StageChange.objects.filter(opportunity__account=account, to_stage__outcome=Outcome.WON).order_by("id").first()
    )
    if first_win is None or account.type.kind not in (AccountType.Kind.CUSTOMER, AccountType.Kind.PARTNER):
        return None
    AccountHistory = apps.get_model("accounts", "AccountHistory")  # made by the decorator of Account
    before = (
        AccountHistory.objects.filter(
            pgh_obj=account, type__kind=AccountType.Kind.PROSPECT, pgh_created_at__gte=first_win.recorded_at
        )
        .order_by("-pgh_id")
        .first()
    )
    return (before.type_id, account.manager_id or before.manager_id) if before is not None else None
