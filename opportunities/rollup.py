"""The figures of an account with everything below it in the tree, as far as the viewer may see them (decisions.md 30).

Sums stand per currency: amounts of two currencies are never added.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum

from accounts.models import Account, Contact
from accounts.tree import ids_below, in_order
from leads.models import Lead
from opportunities.models import Opportunity, PipelineStage
from users.models import User
from users.visibility import sees_all_leads

Outcome = PipelineStage.Outcome


@dataclass(slots=True)
class Money:
    """Sums in one currency."""

    currency: str
    open: Decimal = Decimal(0)
    weighted: Decimal = Decimal(0)  # open amounts x the stage's stated probability
    won: Decimal = Decimal(0)

    def add(self, other: "Money") -> None:
        self.open += other.open
        self.weighted += other.weighted
        self.won += other.won


@dataclass(slots=True)
class Figures:
    """Counts and sums of one account, or of several added up."""

    contacts: int = 0
    leads: int = 0
    open_deals: int = 0
    won_deals: int = 0
    lost_deals: int = 0
    money: dict[str, Money] = field(default_factory=dict)

    def add(self, other: "Figures") -> None:
        self.contacts += other.contacts
        self.leads += other.leads
        self.open_deals += other.open_deals
        self.won_deals += other.won_deals
        self.lost_deals += other.lost_deals
        for currency, sums in other.money.items():
            self.money.setdefault(currency, Money(currency)).add(sums)

    @property
    def by_currency(self) -> list[Money]:
        return [self.money[currency] for currency in sorted(self.money)]


@dataclass(frozen=True, slots=True)
class Group:
    """An account and those below it, from the top down, each with its own figures, and all of them together."""

    accounts: list[tuple[Account, Figures]]
    total: Figures
    only_what_you_see: bool  # the viewer does not see every lead and deal: the page says so


def group_figures(account: Account, *, viewer: User) -> Group:
    """Roll up the tree below the account. Four queries, whatever the size of the group."""
    ids = ids_below(account.pk)
    own: defaultdict[int, Figures] = defaultdict(Figures)
    for account_id, number in _counted(Contact.objects.visible_to(viewer).active().filter(account__in=ids)):
        own[account_id].contacts = number
    for account_id, number in _counted(Lead.objects.visible_to(viewer).active().filter(account__in=ids)):
        own[account_id].leads = number
    for row in _deals(ids, viewer):
        figures = own[row["account"]]
        figures.open_deals += row["open"]
        figures.won_deals += row["won"]
        figures.lost_deals += row["lost"]
        if row["worth_currency"]:
            money = Money(
                row["worth_currency"],
                row["open_sum"] or Decimal(0),
                row["weighted"] or Decimal(0),
                row["won_sum"] or Decimal(0),
            )
            figures.money[money.currency] = money
    rows = [(each, own[each.pk]) for each in in_order(ids) if each.archived_at is None or each.pk == account.pk]
    total = Figures()
    for _account, figures in rows:
        total.add(figures)
    return Group(rows, total, only_what_you_see=not sees_all_leads(viewer))


def _counted(rows: QuerySet) -> Iterable[tuple[int, int]]:
    return [(row["account"], row["number"]) for row in rows.order_by().values("account").annotate(number=Count("pk"))]


def _deals(account_ids: list[int], viewer: User) -> Iterable[dict[str, Any]]:
    is_open, is_won = Q(stage__outcome=Outcome.OPEN), Q(stage__outcome=Outcome.WON)
    worth: QuerySet[Any] = (
        Opportunity.objects.visible_to(viewer).active().filter(account__in=account_ids).order_by().with_worth()
    )
    rows = worth.values("account", "worth_currency").annotate(
        open=Count("pk", filter=is_open),
        won=Count("pk", filter=is_won),
        lost=Count("pk", filter=Q(stage__outcome=Outcome.LOST)),
        open_sum=Sum("amount", filter=is_open),
        weighted=Sum(F("amount") * F("stage__probability") / Decimal(100), filter=is_open),
        won_sum=Sum("won_amount", filter=is_won),
    )
    return [dict(row) for row in rows]
