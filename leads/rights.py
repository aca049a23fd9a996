"""Who may do what with a lead, its checklist and its hand-off (decisions.md 30).

Asked only about what the user sees: `visible_to` comes first, and what it hides is not found.
"""

from collections.abc import Callable

from django.utils.translation import gettext as _

from leads.models import Checklist, Handoff, Lead
from users.models import Role, User
from users.rights import Forbidden, is_one_of, manages


def may_create_lead(user: User) -> bool:
    return is_one_of(user, Role.REPRESENTATIVE, Role.MANAGER, Role.MARKETING)


def may_work(user: User, lead: Lead) -> bool:
    """Answer, log activities, nurture, disqualify, reopen, convert.

    A representative works own leads and those of the team that nobody owns, a manager those of the teams below.
    """
    if not user.is_active:
        return False
    if user.role == Role.ADMINISTRATOR:
        return True
    if user.role == Role.REPRESENTATIVE:
        return lead.owner_id == user.pk or (
            lead.owner_id is None and lead.team_id is not None and lead.team_id == user.team_id
        )
    return user.role == Role.MANAGER and (lead.owner_id == user.pk or manages(user, lead.team_id))


def may_call(user: User) -> bool:
    """Is one of those who work leads at all, of whichever lead."""
    return is_one_of(user, Role.REPRESENTATIVE, Role.MANAGER)


def may_answer(user: User, lead: Lead) -> bool:
    """Checklists are for those who work the lead; marketing edits fields, but gives no answers."""
    return may_work(user, lead)


# A deal without a lead has a checklist of its own: who may answer it is the deal's to say, and leads do not know deals.
Refusal = Callable[[User, Checklist], str | None]
_of_others: list[Refusal] = []


def register_refusal(refusal: Refusal) -> None:
    """`refusal` says who may answer a checklist without a lead, or None where the user may."""
    if refusal not in _of_others:
        _of_others.append(refusal)


def demand_answer(user: User, checklist: Checklist, lead: Lead | None) -> None:
    """Raise Forbidden unless the user may answer the checklist and log on it. `lead` is the checklist's, as locked."""
    if lead is not None:
        # The sentence costs queries: it is made for those who are refused.
        if not may_answer(user, lead):
            raise Forbidden(who_may_work(lead))
        return
    for refusal in _of_others:
        who_may = refusal(user, checklist)
        if who_may is not None:
            raise Forbidden(who_may)


def may_edit_fields(user: User, lead: Lead) -> bool:
    return may_work(user, lead) or is_one_of(user, Role.MARKETING)


def may_archive(user: User, lead: Lead) -> bool:
    return may_edit_fields(user, lead)


def may_assign(user: User, lead: Lead) -> bool:
    """Give the lead to somebody. A representative may only take what nobody owns, or let go of what is theirs."""
    return may_edit_fields(user, lead)


def may_give_to(user: User, lead: Lead, owner: User | None, team_id: int | None) -> bool:
    """Whether the lead may go to this owner and team.

    Marketing and administrators give to anybody, managers to the teams below, a representative takes or lets go.
    """
    if not may_assign(user, lead):
        return False
    if is_one_of(user, Role.MARKETING):
        return True
    if user.role == Role.MANAGER:
        return manages(user, team_id)
    return owner in (None, user) and team_id == user.team_id


def may_decide(user: User, handoff: Handoff) -> bool:
    """Accept or reject: representatives of the lead's team and the managers above it."""
    if not user.is_active:
        return False
    if user.role == Role.ADMINISTRATOR:
        return True
    if user.role == Role.REPRESENTATIVE:
        return handoff.team_id is not None and handoff.team_id == user.team_id
    return manages(user, handoff.team_id)


def may_recycle(user: User, handoff: Handoff) -> bool:
    return may_decide(user, handoff) or is_one_of(user, Role.MARKETING)


def may_comment(user: User, handoff: Handoff) -> bool:
    return may_decide(user, handoff) or is_one_of(user, Role.MARKETING)


def may_reassign(user: User, handoff: Handoff) -> bool:
    return manages(user, handoff.team_id) or is_one_of(user, Role.MARKETING)


def may_review(user: User, _handoff: Handoff) -> bool:
    """Release to sales, or return with a reason, before sales sees it."""
    return is_one_of(user, Role.MARKETING)


def may_offer(user: User, lead: Lead) -> bool:
    """Offer by hand a lead that is an MQL without a hand-off (decisions.md 13)."""
    return may_work(user, lead) or is_one_of(user, Role.MARKETING)


def may_override(user: User, lead: Lead) -> bool:
    """A representative overrides the gates of own leads, a manager those of the teams below."""
    if user.role == Role.REPRESENTATIVE:
        return user.is_active and lead.owner_id == user.pk
    return may_work(user, lead)


def may_convert(user: User, lead: Lead) -> bool:
    return may_work(user, lead)


def who_may_create() -> str:
    return _("Leads are created by sales and marketing. Ask one of them.")


def who_may_work(lead: Lead) -> str:
    """A sentence naming who may work the lead."""
    if lead.owner is not None:
        return _("Only %(owner)s, a manager above their team and administrators may work on this lead.") % {
            "owner": lead.owner
        }
    if lead.team is not None:
        return _("Only team %(team)s, a manager above it and administrators may work on this lead.") % {
            "team": lead.team
        }
    return _("This lead has no team: only managers and administrators may work on it. Ask one of them to assign it.")


def who_may_edit(lead: Lead) -> str:
    return who_may_work(lead) + " " + _("Marketing may edit its fields.")


def who_may_assign() -> str:
    return _(
        "A representative takes leads that nobody owns, a manager gives leads to the teams below, marketing and administrators to anybody."
    )


def who_may_decide(handoff: Handoff) -> str:
    """A sentence naming who may accept or reject the hand-off."""
    if handoff.team is not None:
        return _(
            "Only representatives of team %(team)s, the managers above it and administrators may decide this hand-off."
        ) % {"team": handoff.team}
    return _("This hand-off has no team: only managers and administrators may decide it. Ask one of them to assign it.")


def who_may_recycle(handoff: Handoff) -> str:
    return who_may_decide(handoff) + " " + _("Marketing may recycle it.")


def who_may_reassign() -> str:
    return _("Hand-offs are reassigned by managers, marketing and administrators. Ask one of them.")


def who_may_review() -> str:
    return _("Hand-offs in review are released or returned by marketing and administrators. Ask one of them.")


def who_may_override(lead: Lead) -> str:
    """A sentence naming who may override the lead's gates."""
    if lead.owner is None:
        return _(
            "Nobody owns this lead yet: its gates are overridden by its owner, a manager or an administrator. Take the lead first."
        )
    return _("Only %(owner)s, a manager above their team and administrators may override the gates of this lead.") % {
        "owner": lead.owner
    }
