"""Who may do what with accounts and contacts (decisions.md 30). Everybody who signs in sees all of them."""

from django.utils.translation import gettext as _

from accounts.models import Account, Contact
from users.models import Role, User
from users.rights import is_one_of, manages


def may_create_account(user: User) -> bool:
    return is_one_of(user, Role.REPRESENTATIVE, Role.MANAGER)


def may_edit_account(user: User, account: Account) -> bool:
    """A representative edits own accounts, a manager those of the teams below and those that nobody manages."""
    if not user.is_active:
        return False
    if user.role == Role.ADMINISTRATOR or (
        account.manager_id == user.pk and user.role in (Role.REPRESENTATIVE, Role.MANAGER)
    ):
        return True
    return manages(user, account.manager.team_id if account.manager is not None else None)


def may_give_account(user: User, account: Account, manager: User | None) -> bool:
    """Make `manager` the account's manager: a manager within the teams below, an administrator anybody."""
    if not may_edit_account(user, account):
        return False
    if user.role == Role.MANAGER:
        return manager is None or manager == user or manages(user, manager.team_id)
    return user.role == Role.ADMINISTRATOR or manager == user


def may_create_contact(user: User, account: Account | None) -> bool:
    """At own accounts; a person whose account is not known yet may be noted by everybody who sells."""
    return may_create_account(user) if account is None else may_edit_account(user, account)


def may_edit_contact(user: User, contact: Contact) -> bool:
    return may_create_contact(user, contact.account)


def who_may_create_account() -> str:
    return _("Accounts and contacts are created by representatives, managers and administrators. Ask one of them.")


def who_may_edit_account(account: Account | None) -> str:
    """A sentence naming who may edit the account and its contacts."""
    if account is None:
        return who_may_create_account()
    if account.manager is not None:
        return _("Only %(manager)s, a manager above their team and administrators may edit %(account)s.") % {
            "manager": account.manager,
            "account": account,
        }
    return _("Nobody manages %(account)s: only managers and administrators may edit it.") % {"account": account}


def who_may_give_account() -> str:
    return _(
        "An account is given to somebody else by a manager, within the teams below, or by an administrator. Ask one of them."
    )
