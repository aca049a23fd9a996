"""Accounts and contacts are made, edited and archived here; both values are kept when two people edit at once."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Account, AccountType, Contact
from accounts.rights import (
    may_create_account,
    may_create_contact,
    may_edit_account,
    may_edit_contact,
    may_give_account,
    who_may_create_account,
    who_may_edit_account,
    who_may_give_account,
)
from accounts.tree import check_parent
from users.attributes import checked
from users.conflicts import clean, edit
from users.currencies import check_currency
from users.facts import database_now
from users.locking import hold
from users.models import Attribute, Role, User, Workspace
from users.rights import demand

ACCOUNT_FIELDS = (
    "name",
    "type",
    "parent",
    "manager",
    "industry",
    "employees",
    "revenue",
    "currency",
    "country",
    "city",
    "domain",
    "phone",
    "attributes",
)
CONTACT_FIELDS = ("account", "name", "title", "department", "email", "phone", "sells_on")


def create_account(fields: Mapping[str, Any], *, by: User | None) -> Account:
    """A new account; a prospect by default, managed by whoever makes it unless somebody is named.

    Prospects and customers have exactly one manager, other types none. Raises Forbidden, ValidationError.
    """
    values = _tidy(fields, (*ACCOUNT_FIELDS, "external_id"))
    if by is not None:
        demand(may_create_account(by), who_may_create_account())
    account = Account(**values | {"type": values.get("type") or default_type(AccountType.Kind.PROSPECT)})
    if account.type.kind not in AccountType.MANAGED:
        account.manager = None
    elif account.manager is None and by is not None and by.role in (Role.REPRESENTATIVE, Role.MANAGER):
        account.manager = by
    if by is not None and account.manager is not None and account.manager != by:
        demand(may_give_account(by, Account(manager=by), account.manager), who_may_give_account())
    with transaction.atomic():
        _check_account(account, ACCOUNT_FIELDS)
        clean(account)
        account.save(force_insert=True)
    return Account.objects.get(pk=account.pk)


def edit_account(account: Account, changes: Mapping[str, Any], *, version: int | None, by: User | None) -> Account:
    """Write changed fields. Raises Forbidden, StaleVersion, ValidationError."""
    values = _tidy(changes, ACCOUNT_FIELDS)
    with transaction.atomic():
        locked = lock_account(account)
        if by is not None:
            demand(may_edit_account(by, locked), who_may_edit_account(locked))
            if "manager" in values and values["manager"] != locked.manager:
                demand(may_give_account(by, locked, values["manager"]), who_may_give_account())
        if "type" in values and values["type"] is not None and values["type"].kind not in AccountType.MANAGED:
            values["manager"] = None
        proposed = Account(**{name: values.get(name, getattr(locked, name)) for name in ACCOUNT_FIELDS})
        proposed.pk = locked.pk
        _check_account(proposed, tuple(values))
        if "attributes" in values:
            values["attributes"] = proposed.attributes
        if proposed.currency != locked.currency:
            values["currency"] = proposed.currency
        edit(locked, values, version=version, editable=ACCOUNT_FIELDS)
    return Account.objects.get(pk=account.pk)


def archive_account(account: Account, *, by: User | None) -> Account:
    """Hide the account from lists; its deals and past reports keep it. Raises Forbidden."""
    with transaction.atomic():
        locked = lock_account(account)
        if by is not None:
            demand(may_edit_account(by, locked), who_may_edit_account(locked))
        _set_archived(locked, archived=True)
    return Account.objects.get(pk=account.pk)


def restore_account(account: Account, *, by: User | None) -> Account:
    """Bring an archived account back into the lists. Raises Forbidden."""
    with transaction.atomic():
        locked = lock_account(account)
        if by is not None:
            demand(may_edit_account(by, locked), who_may_edit_account(locked))
        _set_archived(locked, archived=False)
    return Account.objects.get(pk=account.pk)


def create_contact(fields: Mapping[str, Any], *, by: User | None) -> Contact:
    """A new contact, of an account or of none yet. Raises Forbidden, ValidationError."""
    values = _tidy(fields, (*CONTACT_FIELDS, "external_id"))
    if by is not None:
        account = values.get("account")
        demand(may_create_contact(by, account), who_may_edit_account(account))
    contact = Contact(**values)
    _check_contact(contact)
    clean(contact)
    contact.save(force_insert=True)
    return Contact.objects.get(pk=contact.pk)


def edit_contact(contact: Contact, changes: Mapping[str, Any], *, version: int | None, by: User | None) -> Contact:
    """Write changed fields. Raises Forbidden, StaleVersion, ValidationError."""
    values = _tidy(changes, CONTACT_FIELDS)
    with transaction.atomic():
        locked = _lock_contact(contact)
        if by is not None:
            demand(may_edit_contact(by, locked), who_may_edit_account(locked.account))
            if "account" in values:
                demand(may_create_contact(by, values["account"]), who_may_edit_account(values["account"]))
        _check_contact(Contact(name=values.get("name", locked.name), email=values.get("email", locked.email)))
        edit(locked, values, version=version, editable=CONTACT_FIELDS)
    return Contact.objects.get(pk=contact.pk)


def archive_contact(contact: Contact, *, by: User | None) -> Contact:
    """Hide the contact from lists; what names them keeps them. Raises Forbidden."""
    with transaction.atomic():
        locked = _lock_contact(contact)
        if by is not None:
            demand(may_edit_contact(by, locked), who_may_edit_account(locked.account))
        _set_archived(locked, archived=True)
    return Contact.objects.get(pk=contact.pk)


def restore_contact(contact: Contact, *, by: User | None) -> Contact:
    """Bring an archived contact back into the lists. Raises Forbidden."""
    with transaction.atomic():
        locked = _lock_contact(contact)
        if by is not None:
            demand(may_edit_contact(by, locked), who_may_edit_account(locked.account))
        _set_archived(locked, archived=False)
    return Contact.objects.get(pk=contact.pk)


def _lock_contact(contact: Contact) -> Contact:
    return hold(Contact.objects.select_related("account__manager"), contact.pk)


def _set_archived(locked: Account | Contact, *, archived: bool) -> None:
    if (locked.archived_at is not None) != archived:
        locked.archived_at = database_now() if archived else None
        locked.version += 1
        locked.save(update_fields=["archived_at", "version"])


def lock_account(account: Account) -> Account:
    """The account as it stands now, held until the transaction ends. Leads and deals are locked before accounts."""
    return hold(Account.objects.select_related("type", "manager", "parent"), account.pk)


def default_type(kind: AccountType.Kind) -> AccountType:
    """The first type of the kind. Raises ValidationError when the list has none."""
    found = AccountType.objects.filter(kind=kind).order_by("position", "pk").first()
    if found is None:
        raise ValidationError(
            {"type": _("There is no account type for %(kind)s: add one in the settings.") % {"kind": kind.label}}
        )
    return found


def _tidy(fields: Mapping[str, Any], allowed: tuple[str, ...]) -> dict[str, Any]:
    unknown = sorted(set(fields) - set(allowed))
    if unknown:
        raise ValidationError({name: _("There is no such field to write here.") for name in unknown})
    return {name: value.strip() if isinstance(value, str) else value for name, value in fields.items()}


def _check_account(account: Account, given: tuple[str, ...]) -> None:
    """What its columns cannot say. Runs inside the writing transaction, for the tree's sake."""
    if not account.name:
        raise ValidationError({"name": _("Give the account a name.")})
    if account.type.kind in AccountType.MANAGED and account.manager is None:
        raise ValidationError(
            {"manager": _("A %(type)s has an account manager: choose one.") % {"type": account.type.name.lower()}}
        )
    if account.manager is not None and not account.manager.is_active and "manager" in given:
        raise ValidationError(
            {
                "manager": _("%(person)s does not work here any more: choose somebody else.")
                % {"person": account.manager}
            }
        )
    if "parent" in given:
        check_parent(account, account.parent)
    if "attributes" in given:
        account.attributes = checked(Attribute.Of.ACCOUNT, account.attributes or {})
    if account.revenue is not None:
        if account.revenue < 0:
            raise ValidationError({"revenue": _("Revenue cannot be negative.")})
        account.currency = account.currency or Workspace.get().currency
    if account.currency:
        check_currency(account.currency)


def _check_contact(contact: Contact) -> None:
    if not contact.name:
        raise ValidationError({"name": _("Give the contact a name.")})
    if contact.email:
        try:
            validate_email(contact.email)
        except ValidationError as wrong:
            raise ValidationError(
                {
                    "email": _("%(email)s is no e-mail address: write it as name@company.com.")
                    % {"email": contact.email[:80]}
                }
            ) from wrong
