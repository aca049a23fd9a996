"""Who may do what with a deal (decisions.md 30). Asked only about deals that the user sees."""

from django.utils.translation import gettext as _

from leads.models import Checklist
from opportunities.models import Opportunity
from users.models import Role, User
from users.rights import is_one_of, manages


def may_open_deal(user: User) -> bool:
    return is_one_of(user, Role.REPRESENTATIVE, Role.MANAGER)


def may_move(user: User, opportunity: Opportunity) -> bool:
    """Move, edit, close and reopen: a representative own deals, a manager those of the teams below."""
    if not user.is_active:
        return False
    if user.role == Role.ADMINISTRATOR:
        return True
    own = opportunity.owner_id == user.pk and user.role in (Role.REPRESENTATIVE, Role.MANAGER)
    return own or manages(user, opportunity.team_id)


def may_review(user: User, opportunity: Opportunity) -> bool:
    return manages(user, opportunity.team_id) or is_one_of(user)


def may_assign(user: User, opportunity: Opportunity) -> bool:
    """Give the deal to somebody else."""
    return may_review(user, opportunity)


def who_may_open_deal() -> str:
    return _("Deals are opened by representatives, managers and administrators. Ask one of them.")


def who_may_move(opportunity: Opportunity) -> str:
    """A sentence naming who may move the deal."""
    if opportunity.owner is not None:
        return _("Only %(owner)s, a manager above their team and administrators may change this deal.") % {
            "owner": opportunity.owner
        }
    return _(
        "Nobody owns this deal: only managers of its team and administrators may change it. Ask one of them to assign it."
    )


def who_may_assign() -> str:
    return _("Deals are given to somebody else by the manager of the team or an administrator. Ask one of them.")


def refusal_to_answer(user: User, checklist: Checklist) -> str | None:
    """Who may answer the checklist of a deal without a lead; None where the user may (leads/rights.py asks)."""
    deal = Opportunity.objects.filter(checklist=checklist).select_related("owner", "team").first()
    if deal is None:
        return _("This checklist belongs to nothing any more: open the deal or lead that you mean.")
    return None if may_move(user, deal) else who_may_move(deal)
