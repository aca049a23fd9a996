"""Who may do what (decisions.md 30), as far as it does not depend on whose record it is.

The rights on leads stand in leads/rights.py, on accounts in accounts/rights.py, on deals in opportunities/rights.py.
What a user may not see does not exist for them: visibility is asked first, and these only about what is visible.
"""

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from users.models import Role, User
from users.visibility import team_ids_seen


class Forbidden(PermissionDenied):
    """Visible but not allowed. The message names who may."""

    def __init__(self, who_may: str) -> None:
        self.who_may = who_may
        super().__init__(who_may)


def demand(allowed: bool, who_may: str) -> None:
    """Raise Forbidden, naming who may, unless it is allowed."""
    if not allowed:
        raise Forbidden(who_may)


def is_one_of(user: User, *roles: Role) -> bool:
    """An active user with one of the roles; an administrator counts as each of them."""
    return user.is_active and (user.role == Role.ADMINISTRATOR or user.role in roles)


def manages(user: User, team_id: int | None) -> bool:
    """The user is a manager of the team or of one above it. A record without a team is every manager's."""
    if not user.is_active or user.role != Role.MANAGER:
        return False
    return team_id is None or team_id in team_ids_seen(user)


def may_edit_campaigns(user: User, _campaign: object = None) -> bool:
    """Campaigns, sources and web forms."""
    return is_one_of(user, Role.MARKETING)


def may_draft_policies(user: User, _policy: object = None) -> bool:
    """Question sets and policies."""
    return is_one_of(user, Role.MANAGER, Role.MARKETING)


def may_sign_for_sales(user: User, _policy: object = None) -> bool:
    return is_one_of(user, Role.MANAGER)


def may_sign_for_marketing(user: User, _policy: object = None) -> bool:
    return is_one_of(user, Role.MARKETING)


def may_sign_for_success(user: User, _policy: object = None) -> bool:
    return is_one_of(user, Role.CUSTOMER_SUCCESS)


def may_move_member(user: User, member: User) -> bool:
    """A manager moves representatives of the teams below, and those who have no team yet."""
    if user.is_active and user.role == Role.ADMINISTRATOR:
        return True
    return member.role == Role.REPRESENTATIVE and manages(user, member.team_id)


def may_administer(user: User, _what: object = None) -> bool:
    """Users, teams, keys, attributes, settings."""
    return is_one_of(user)


def may_import(user: User, kind: str) -> bool:
    """Marketing imports leads and campaigns; everything else is an administrator's."""
    return is_one_of(user, Role.MARKETING) if kind in {"leads", "campaigns"} else is_one_of(user)


def who_may_edit_campaigns() -> str:
    return _("Campaigns, sources and forms are edited by marketing and administrators. Ask one of them.")


def who_may_draft_policies() -> str:
    return _("Question sets and policies are drafted by managers, marketing and administrators. Ask one of them.")


def who_may_publish_policies() -> str:
    return _("A policy that both sides signed is published by managers, marketing and administrators. Ask one of them.")


def who_may_sign_policies() -> str:
    return _("Policies are signed by marketing, sales managers and administrators. Ask one of them.")


def who_may_sign_for_sales() -> str:
    return _("Sales managers and administrators sign for sales. Ask one of them.")


def who_may_sign_for_marketing() -> str:
    return _("Marketing and administrators sign for marketing. Ask one of them.")


def who_may_administer() -> str:
    return _("Only an administrator may do this. Ask one of them.")


def who_may_import() -> str:
    return _("Marketing may import leads and campaigns; everything else is imported by an administrator.")


def who_may_move_member() -> str:
    return _("Only the manager of the team and administrators may change who is in it. Ask one of them.")


def who_may_look_after_people() -> str:
    return _("People and teams are looked after by managers and administrators. Ask one of them.")
