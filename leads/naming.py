"""Naming people in an answer: contacts that the lead's checklists know already, and new ones on the fly."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from accounts.models import Contact
from leads.models import Lead


def contacts_known_to(lead: Lead) -> QuerySet[Contact]:
    """Contacts that an answer of this lead has named, and those of its account."""
    known = Q(named_in__answer__checklist__lead=lead)
    if lead.contact_id is not None:
        known |= Q(pk=lead.contact_id)
    if lead.account_id is not None:
        known |= Q(account=lead.account_id)
    ids = Contact.objects.active().filter(known).values("pk")
    return Contact.objects.filter(pk__in=ids).order_by("sort_key", "id")


def name_contact(
    lead: Lead, name: str, *, title: str = "", department: str = "", known: Sequence[Contact] = ()
) -> Contact:
    """The contact of that name known to the lead, or a new one. Call it in the transaction of the answer."""
    tidy = " ".join(name.split())
    for contact in known:
        if contact.name.casefold() == tidy.casefold():
            return contact
    return Contact.objects.create(name=tidy, title=title.strip(), department=department.strip(), account=lead.account)
