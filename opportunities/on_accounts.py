"""What the deals show on the pages of accounts and contacts (accounts/panels.py)."""

from typing import Any

from accounts.models import Account, Contact
from accounts.panels import Panel
from leads.models import Lead
from opportunities.models import Opportunity
from opportunities.rights import may_open_deal
from opportunities.rollup import group_figures
from users.models import User

MOST_SHOWN = 50


def group(account: Account, viewer: User) -> dict[str, Any]:
    """The account and everything below it with its figures, rolled up over what the viewer may see."""
    rolled_up = group_figures(account, viewer=viewer)
    parents = {each.pk: each.parent_id for each, _figures in rolled_up.accounts}
    rows = [
        {"account": each, "figures": figures, "depth": min(3, _depth(each.pk, account.pk, parents))}
        for each, figures in _as_tree(rolled_up.accounts, account.pk)
    ]
    return {
        "rows": rows,
        "total": rolled_up.total,
        "only_what_you_see": rolled_up.only_what_you_see,
        "is_group": len(rows) > 1,
    }


def _as_tree(accounts: list[Any], top: int) -> list[Any]:
    """Children follow their parent; a circle that an import closed is walked once."""
    children: dict[int | None, list[Any]] = {}
    for pair in accounts:
        children.setdefault(pair[0].parent_id if pair[0].pk != top else None, []).append(pair)
    ordered: list[Any] = []
    waiting = [pair for pair in accounts if pair[0].pk == top]
    seen: set[int] = set()
    while waiting:
        pair = waiting.pop(0)
        if pair[0].pk in seen:
            continue
        seen.add(pair[0].pk)
        ordered.append(pair)
        waiting = sorted(children.get(pair[0].pk, []), key=lambda each: each[0].sort_key) + waiting
    return ordered + [pair for pair in accounts if pair[0].pk not in seen]


def _depth(pk: int, top: int, parents: dict[int, int | None]) -> int:
    depth = 0
    at: int | None = pk
    while at is not None and at != top and depth < len(parents):
        at = parents.get(at)
        depth += 1
    return depth


def deals_of_account(account: Account, viewer: User) -> dict[str, Any]:
    rows = Opportunity.objects.visible_to(viewer).active().filter(account=account)
    return {"deals": _shown(rows), "new_deal_for": account if may_open_deal(viewer) else None}


def deals_of_contact(contact: Contact, viewer: User) -> dict[str, Any]:
    rows = Opportunity.objects.visible_to(viewer).active().filter(contact=contact)
    return {"deals": _shown(rows), "new_deal_for": None}


def _shown(rows: Any) -> list[Opportunity]:
    return list(rows.select_related("stage", "owner", "pipeline").order_by("-stage_since", "-id")[:MOST_SHOWN])


def leads_of_account(account: Account, viewer: User) -> dict[str, Any]:
    return _leads(Lead.objects.visible_to(viewer).filter(account=account))


def leads_of_contact(contact: Contact, viewer: User) -> dict[str, Any]:
    return _leads(Lead.objects.visible_to(viewer).filter(contact=contact))


def _leads(rows: Any) -> dict[str, Any]:
    return {"leads": list(rows.active().select_related("owner", "source").order_by("-id")[:MOST_SHOWN])}


OF_ACCOUNTS = (
    Panel("group", "accounts/_group.html", group, 10),
    Panel("deals", "accounts/_deals.html", deals_of_account, 20),
    Panel("leads", "accounts/_leads.html", leads_of_account, 30),
)
OF_CONTACTS = (
    Panel("deals", "accounts/_deals.html", deals_of_contact, 20),
    Panel("leads", "accounts/_leads.html", leads_of_contact, 30),
)
