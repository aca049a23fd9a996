"""Naming people in an answer: contacts that the checklists of the case know already, and new ones on the fly."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from accounts.models import Account, Contact
from leads.models import Lead


def contacts_known_to(lead: Lead) -> QuerySet[Contact]:
    """Contacts that an answer of this lead has named, and those of its account."""
    named = Q(named_in__answer__checklist__lead=lead)
    return contacts_known(named, account_id=lead.account_id, contact_id=lead.contact_id)


def contacts_known(named: Q, *, account_id: int | None, contact_id: int | None) -> QuerySet[Contact]:
    """Contacts that answers have `named` (a condition on Contact), this one, and those of the account."""
    known = named
    if contact_id is not None:
        known |= Q(pk=contact_id)
    if account_id is not None:
        known |= Q(account=account_id)
    ids = Contact.objects.active().filter(known).values("pk")
    return Contact.objects.filter(pk__in=ids).order_by("sort_key", "id")


def name_contact(
    account: Account | None, name: str, *, title: str = "", department: str = "", known: Sequence[Contact] = ()
) -> Contact:
    """The contact of that name among the known, or a new one of the account. Call it in the transaction of the answer."""
    tidy = " ".join(name.split())
    for contact in known:
        if contact.name.casefold() == tidy.casefold():
            return contact
    return Contact.objects.create(name=tidy, title=title.strip(), department=department.strip(), account=account)
