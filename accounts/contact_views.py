"""Contacts: list, page, new, edit. They follow the rights of their account."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.editing import CONTACT_FIELDS, archive_contact, create_contact, edit_contact, restore_contact
from accounts.forms import ContactForm
from accounts.models import Account, Contact
from accounts.panels import panels_of
from accounts.rights import may_create_contact, may_edit_contact, who_may_edit_account
from accounts.views import LONGEST_SEARCH
from users.changes import changes_of
from users.edit_page import edit_page
from users.keyset import page_of
from users.models import User
from users.once import once
from users.pages import SignedIn, refuse, sent, status_of
from users.rights import demand


@require_safe
def contacts(request: SignedIn) -> HttpResponse:
    """`?q=` finds by name or e-mail address, `?archived=1` shows those that lists leave out; pages go by key."""
    archived = request.GET.get("archived") == "1"
    rows = Contact.objects.visible_to(request.user).filter(archived_at__isnull=not archived).select_related("account")
    text = " ".join(request.GET.get("q", "")[:LONGEST_SEARCH].replace("\x00", "").split()).lower()
    if text:
        rows = rows.filter(email__iexact=text) if "@" in text else rows.filter(sort_key__contains=text)
    context = {
        "section": "accounts",
        "page": page_of(rows, ("sort_key", "id"), request.GET),
        "q": request.GET.get("q", ""),
        "archived": archived,
        "may_create": may_create_contact(request.user, None),
    }
    return render(request, "accounts/contacts.html", context)


@require_safe
def page(request: SignedIn, pk: int) -> HttpResponse:
    contact = contact_of(request.user, pk)
    context = {
        "section": "accounts",
        "contact": contact,
        "panels": panels_of(contact, request.user),
        "changes": changes_of(contact),
        "may_edit": may_edit_contact(request.user, contact),
    }
    return render(request, "accounts/contact.html", context)


def contact_of(user: User, pk: int) -> Contact:
    return get_object_or_404(Contact.objects.visible_to(user).select_related("account__manager"), pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SignedIn) -> HttpResponse:
    """`?account=` says whose contact it will be."""
    asked = request.GET.get("account", "")
    account = (
        get_object_or_404(Account.objects.visible_to(request.user).active(), pk=int(asked))
        if asked.isdecimal() and len(asked) < 19
        else None
    )
    demand(may_create_contact(request.user, account), who_may_edit_account(account))
    form = ContactForm(sent(request), initial={"account": account})

    def make() -> str:
        contact = create_contact(form.changes(), by=request.user)
        messages.success(request, _("%(contact)s is created.") % {"contact": contact})
        return reverse("accounts:contact", args=[contact.pk])

    if request.method == "POST" and form.is_valid():
        try:
            return once(request, make)
        except ValidationError as refused:
            refuse(form, refused)
    context = {"section": "accounts", "form": form, "makes": True, "error_in_title": bool(form.errors)}
    return render(request, "accounts/edit_contact.html", context, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SignedIn, pk: int) -> HttpResponse:
    contact = contact_of(request.user, pk)
    demand(may_edit_contact(request.user, contact), who_may_edit_account(contact.account))
    first = {name: getattr(contact, name) for name in CONTACT_FIELDS} | {"version": contact.version}
    return edit_page(
        request,
        "accounts/edit_contact.html",
        {"section": "accounts", "contact": contact},
        ContactForm(sent(request), initial=first),
        lambda changes, version: edit_contact(contact, changes, version=version, by=request.user),
        then=reverse("accounts:contact", args=[contact.pk]),
    )


@require_POST
def archive(request: SignedIn, pk: int) -> HttpResponse:
    """Archive, or bring back who is archived."""
    contact = contact_of(request.user, pk)
    if contact.archived_at is None:
        archive_contact(contact, by=request.user)
        messages.success(request, _("%(contact)s is archived: lists no longer show them.") % {"contact": contact})
        return redirect("accounts:contacts")
    restore_contact(contact, by=request.user)
    messages.success(request, _("%(contact)s is back in the lists.") % {"contact": contact})
    return redirect("accounts:contact", pk=contact.pk)
